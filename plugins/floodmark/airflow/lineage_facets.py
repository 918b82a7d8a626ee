"""Flows as OpenLineage's own objects. Imported only where its provider asks: it imports OpenLineage's client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.providers.openlineage.extractors import OperatorLineage
from attrs import Factory, define
from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    RunFacet,
    column_lineage_dataset,
    output_statistics_output_dataset,
    schema_dataset,
)

from floodmark.pipeline.lineage import Field, Flow

SEAL = "floodmark_seal"


@define
class SealRunFacet(RunFacet):
    """How far each table that the task loaded is sealed, and on what that rests."""

    tables: list[dict[str, Any]] = Factory(list)


def operator_lineage(flows: Sequence[Flow]) -> Any:
    """All tables of a task in one event; a table that several read is named once."""
    inputs = dict.fromkeys(one for flow in flows for one in flow.inputs)
    return OperatorLineage(
        inputs=[InputDataset(namespace=one.namespace, name=one.name) for one in inputs],
        outputs=[_output(flow) for flow in flows],
        run_facets={SEAL: SealRunFacet(tables=[dict(flow.seal) for flow in flows])},
    )


def _output(flow: Flow) -> OutputDataset:
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=flow.rows, size=flow.bytes
    )
    facets: dict[str, Any] = {}
    if flow.fields:
        facets["schema"] = schema_dataset.SchemaDatasetFacet(
            fields=[schema_dataset.SchemaDatasetFacetFields(name=one.name, type=one.type) for one in flow.fields]
        )
    if flow.fields and flow.copies:
        facets["columnLineage"] = column_lineage_dataset.ColumnLineageDatasetFacet(
            fields={one.name: _origin(flow, one) for one in flow.fields}
        )
    return OutputDataset(
        namespace=flow.output.namespace,
        name=flow.output.name,
        facets=facets,
        outputFacets={"outputStatistics": statistics},
    )


def _origin(flow: Flow, field: Field) -> Any:
    """A masked value is made of the source's, and isn't it."""
    kind = column_lineage_dataset.Transformation(
        type="DIRECT", subtype="TRANSFORMATION" if field.masked else "IDENTITY", masking=field.masked
    )
    (table,) = flow.inputs
    origin = column_lineage_dataset.InputField(
        namespace=table.namespace, name=table.name, field=field.source, transformations=[kind]
    )
    return column_lineage_dataset.Fields(inputFields=[origin])

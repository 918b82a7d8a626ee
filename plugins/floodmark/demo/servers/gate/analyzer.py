"""Google's own analyzer, asked whether a statement is valid against tables as they stand.

PyPI's ``zetasql`` is Google's C++ compiled to WebAssembly; ``wasm.py`` loads it, ``features.py`` says which language.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zetasql.core.exceptions import ServerError
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2
from zetasql.wasi._pb2.zetasql.proto import options_pb2
from zetasql.wasi._pb2.zetasql.public import options_pb2 as public_options_pb2
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_node_kind_pb2

from floodmark.demo.servers.gate.catalog import Field, catalog, set_type
from floodmark.demo.servers.gate.features import FEATURES, STATEMENTS
from floodmark.demo.servers.gate.wasm import Client

Tables = tuple[tuple[str, str, tuple[Field, ...]], ...]
"""``(dataset, table, columns)``; columns in the form of BigQuery's ``TableFieldSchema``."""

_KEPT_CATALOGS = 64
_CODE = re.compile(r"^\[?\w+\]?:? ")
_POSITION = re.compile(r" \[at (\d+:\d+)\]$")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the analyzer said: ``refusal`` in BigQuery's words, or ``resolved``, the statement as it understood it."""

    refusal: str = ""
    resolved: Any = None


class Analyzer:
    """One copy of the analyzer; it answers one question at a time."""

    def __init__(self, *, time_zone: str = "UTC") -> None:
        """Raises whatever the package raises where it can't be loaded."""
        self._client = Client()
        self._lock = threading.Lock()
        self._language = _language()
        self._time_zone = time_zone
        self._catalogs: OrderedDict[str, int] = OrderedDict()

    def analyze(self, sql: str, tables: Tables = (), parameters: Mapping[str, Field] | None = None) -> Answer:
        """Whether BigQuery would take this one statement, were ``tables`` all that there is."""
        request = local_service_pb2.AnalyzeRequest(sql_statement=sql)
        request.options.CopyFrom(self._options(parameters or {}))
        with self._lock:
            request.registered_catalog_id = self._registered(tables)
            try:
                answer = self._call("Analyze", request, local_service_pb2.AnalyzeResponse)
            except ServerError as error:
                return Answer(refusal=spoken(str(error)))
        return Answer(resolved=answer.resolved_statement)

    def evaluate(self, sql: str, tables: Tables, contents: Mapping[str, Any]) -> Any:
        """The rows of a query, by Google's reference evaluator, over ``contents``: a ``TableContent`` by table."""
        request = local_service_pb2.EvaluateQueryRequest(sql=sql)
        request.options.CopyFrom(self._options({}))
        request.simple_catalog.CopyFrom(self._catalog(tables))
        for name, content in contents.items():
            request.table_content[name].CopyFrom(content)
        with self._lock:
            return self._call("EvaluateQuery", request, local_service_pb2.EvaluateQueryResponse).content

    def _options(self, parameters: Mapping[str, Field]) -> Any:
        options = options_pb2.AnalyzerOptionsProto(
            language_options=self._language,
            error_message_mode=public_options_pb2.ERROR_MESSAGE_ONE_LINE,
            default_timezone=self._time_zone,
            prune_unused_columns=True,
        )
        for name, field in parameters.items():
            set_type(options.query_parameters.add(name=name).type, field)
        return options

    def _catalog(self, tables: Iterable[tuple[str, str, Iterable[Field]]]) -> Any:
        made = catalog(tables)
        made.builtin_function_options.language_options.CopyFrom(self._language)
        return made

    def _registered(self, tables: Tables) -> int:
        """The number of a catalog with these tables: to make one takes ten times as long as to analyze a statement."""
        key = repr(tables)
        if key not in self._catalogs:
            request = local_service_pb2.RegisterCatalogRequest(simple_catalog=self._catalog(tables))
            answer = self._call("RegisterCatalog", request, local_service_pb2.RegisterResponse)
            self._catalogs[key] = answer.registered_id
            if len(self._catalogs) > _KEPT_CATALOGS:
                _, oldest = self._catalogs.popitem(last=False)
                self._client.call_grpc_func(
                    "ZetaSqlLocalService_UnregisterCatalog", local_service_pb2.UnregisterRequest(registered_id=oldest)
                )
        self._catalogs.move_to_end(key)
        return self._catalogs[key]

    def _call(self, name: str, request: Any, response: Any) -> Any:
        return self._client.call_grpc_func("ZetaSqlLocalService_" + name, request, response)


def spoken(error: str) -> str:
    """The analyzer's error as BigQuery writes it: without a code, the position as ``[1:34]``."""
    return _POSITION.sub(r" at [\1]", _CODE.sub("", error.strip(), count=1))


def _language() -> Any:
    language = options_pb2.LanguageOptionsProto(
        product_mode=public_options_pb2.PRODUCT_EXTERNAL,
        name_resolution_mode=public_options_pb2.NAME_RESOLUTION_DEFAULT,
        reserved_keywords=["QUALIFY"],
    )
    for name in FEATURES:
        language.enabled_language_features.append(public_options_pb2.LanguageFeature.Value("FEATURE_" + name))
    for name in STATEMENTS:
        language.supported_statement_kinds.append(resolved_node_kind_pb2.ResolvedNodeKind.Value(name))
    return language

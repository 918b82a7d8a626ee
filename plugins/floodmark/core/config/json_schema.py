"""The JSON Schema of a source's file, for editors; ``dags/sources/source.schema.json`` is its text."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from floodmark.core.config.source import SourceEntry
from floodmark.core.config.values import written

_VARIABLE = {"type": "string", "pattern": r"\$\{"}


class _Generator(GenerateJsonSchema):
    """Writes defaults as a person would: 7d, not P7D."""

    def encode_default(self, dft: Any) -> Any:
        return super().encode_default(written(dft))


def schema() -> dict[str, Any]:
    """The schema, generated from the model. Words only for a human stay looser here than in the parser."""
    document = SourceEntry.model_json_schema(by_alias=True, schema_generator=_Generator)
    document.pop("title", None)
    definitions = document["$defs"]
    for definition in definitions.values():
        _tidy(definition)
    _tidy(document)
    # How soft deletes are told from the other is Floodmark's own word.
    deletes = definitions["Deletes"]["anyOf"]
    deletes[0] = {"enum": ["ignore", "reconcile"]}
    deletes[1]["properties"].pop("how")
    deletes[1]["required"] = ["soft"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Floodmark source",
        **document,
    }


def text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _tidy(definition: dict[str, Any]) -> None:
    """Drop generated titles and defaults that no one would write; let a key stand without a value."""
    definition.pop("title", None)
    for inner in definition.get("anyOf", ()):
        _tidy(inner)
    required = definition.get("required", ())
    for name, key in definition.get("properties", {}).items():
        key.pop("title", None)
        if key.get("default", 0) in (None, [], {}) or isinstance(key.get("default"), dict):
            key.pop("default")
        if name not in required and {"type": "null"} not in key.get("anyOf", ()):
            outside = {word: key.pop(word) for word in ("description", "default") if word in key}
            definition["properties"][name] = {"anyOf": [key, {"type": "null"}], **outside}
        # Where a variable may stand, an editor can't know its value.
        _let_variables(definition["properties"][name])


def _let_variables(key: dict[str, Any]) -> None:
    outside: dict[str, Any] = {word: key.pop(word) for word in ("description", "default") if word in key}
    shapes = [flat for shape in key.pop("anyOf", None) or [dict(key)] for flat in shape.get("anyOf", [shape])]
    if any(word in shape for shape in shapes for word in ("enum", "const", "pattern")):
        shapes.append(dict(_VARIABLE))
    key.clear()
    key.update({"anyOf": shapes} if len(shapes) > 1 else shapes[0])
    key.update(outside)


if __name__ == "__main__":
    print(text(), end="")

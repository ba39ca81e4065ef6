"""Prints the JSON Schema of `config/repos.yaml`, for editors: `python -m syncbot.config.schema`.

In: the models of `syncbot.config.document`. Out: JSON on stdout. Never writes a file.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from syncbot.config.document import Document


class _Editors(GenerateJsonSchema):
    """Without nulls, which stand for 'absent' in Python only, and without titles that repeat the key."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        generated = super().default_schema(schema)
        if generated.get("default", ...) is None:
            del generated["default"]
        return generated


def schema_text() -> str:
    """The JSON Schema (draft 2020-12) as indented JSON with a final newline."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Document.model_json_schema(schema_generator=_Editors),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")

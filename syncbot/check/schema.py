"""Published JSON schemas: a YAML document in, findings at the place of each mistake out.

The schemas are those that check-jsonschema ships. Without it nothing is checked, and `schema_missing` says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module, resources
from importlib.util import find_spec
from typing import Any

from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.yaml import Reading

COMPOSE = "compose-spec.json"
WORKFLOW = "github-workflows.json"
_PACKAGES = ("check_jsonschema", "jsonschema")
_SHOWN = 160


def schema_missing() -> bool:
    """Whether a package is missing without which no schema can be looked at."""
    return not all(map(find_spec, _PACKAGES))


def schema_findings(path: str, document: Reading, name: str) -> Iterator[Diagnostic]:
    """Where the document breaks the schema `name`; nothing where the packages are missing."""
    if schema_missing():
        return
    for error in _validator(name).iter_errors(document.value):
        told = _telling(error)
        at = tuple(told.absolute_path)
        where = ".".join(map(str, at)) or "the file"
        yield Diagnostic(
            path=path,
            place=document.place(*at),
            code="schema",
            message=f"{where}: {_short(told.message)}",
            tool="schema",
        )


@cache
def _validator(name: str) -> Any:
    schema = json.loads((resources.files("check_jsonschema.builtin_schemas.vendor") / name).read_text("utf-8"))
    return import_module("jsonschema").validators.validator_for(schema)(schema)


def _telling(error: Any) -> Any:
    """The error inside an `anyOf` that says most: the one that got furthest into the document."""
    while error.context:
        error = max(error.context, key=lambda inner: (len(inner.absolute_path), inner.validator != "type"))
    return error


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

"""The codes of what is wrong in postgresql.conf, parameter groups and JSON: stable for scripts, each with its row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncbot.formats.diagnostics import Severity
from syncbot.tables import total


class Code(StrEnum):
    """One kind of finding."""

    JSON = "json"
    TERRAFORM = "terraform"
    PARAMETER_GROUP = "parameter-group"
    POSTGRES = "postgres"
    SETTINGS_SYNTAX = "settings-syntax"
    SETTINGS_UNIT = "settings-unit"
    SETTINGS_TWICE = "settings-twice"
    SETTINGS_LISTEN = "settings-listen"
    SETTINGS_DIFFER = "settings-differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeText:
    """What a code means, in Markdown, and the severities that it comes with."""

    severities: tuple[Severity, ...] = (Severity.ERROR,)
    meaning: str


CODES = total(
    Code,
    {
        Code.JSON: CodeText(meaning="not valid JSON"),
        Code.TERRAFORM: CodeText(meaning="not what Terraform's JSON syntax has at that place"),
        Code.PARAMETER_GROUP: CodeText(meaning="not what an RDS parameter group takes"),
        Code.POSTGRES: CodeText(
            severities=(Severity.ERROR, Severity.WARNING),
            meaning=(
                "the service's Postgres major, or RDS, refuses or ignores a parameter; see [postgres.md](postgres.md)"
            ),
        ),
        Code.SETTINGS_SYNTAX: CodeText(meaning="a line at which Postgres would not start"),
        Code.SETTINGS_UNIT: CodeText(meaning="a unit that Postgres does not have"),
        Code.SETTINGS_TWICE: CodeText(meaning="a parameter is set twice"),
        Code.SETTINGS_LISTEN: CodeText(meaning="other containers could not reach the server"),
        Code.SETTINGS_DIFFER: CodeText(
            severities=(Severity.WARNING,), meaning="set in postgresql.conf or in the parameter group alone"
        ),
    },
)
"""A row for each, in the order of docs/check.md."""

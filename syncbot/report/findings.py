"""What `syncbot check` found, as text, Markdown and JSON. Values in, strings and renderables out, nothing printed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from syncbot.formats.diagnostics import Severity
from syncbot.report.layout import grid
from syncbot.report.safe import cell, code
from syncbot.report.wording import count, named, one_line
from syncbot.tables import total

VERSION = 1
_STYLES = total(Severity, {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding and the repos it was found in."""

    path: str
    line: int
    column: int
    code: str
    severity: Severity
    message: str
    tool: str
    repos: tuple[str, ...]

    @property
    def place(self) -> str:
        """`Dockerfile:3:1`, or `answers` where no file is meant."""
        return ":".join([self.path or "answers", *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The findings, worst first, the repos that could not be rendered with the reason, and how much was looked at.

    `owners` is how many different ones GitHub was asked for, None where it was not.
    """

    rows: tuple[FindingRow, ...]
    failed: tuple[tuple[str, str], ...]
    repos: int
    files: int
    distinct: int
    owners: int | None = None

    @property
    def errors(self) -> int:
        return sum(row.severity is Severity.ERROR for row in self.rows)


def check_json(report: CheckReport) -> str:
    """The document that `docs/check.md` describes, one finding a line."""
    severities = Counter(row.severity for row in report.rows)
    head = {
        "version": VERSION,
        "summary": {
            "repos": report.repos,
            "files": report.files,
            "distinct_files": report.distinct,
            "errors": severities[Severity.ERROR],
            "warnings": severities[Severity.WARNING],
            "notes": severities[Severity.NOTE],
            "failed": len(report.failed),
            "owners": report.owners,
        },
    }
    members = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    members.append(_lines("findings", map(_row, report.rows)))
    members.append(_lines("failed", ({"repo": repo, "reason": reason} for repo, reason in report.failed)))
    return "{" + ",\n ".join(members) + "}"


def check_text(report: CheckReport) -> RenderableType:
    """A row a finding, repos that could not be rendered, and the count."""
    parts: list[RenderableType] = []
    if report.rows:
        table = grid(("", "Where", "Code", "What", "Repos"), elastic=3)
        for row in report.rows:
            cells = (row.place, row.code, row.message, named(row.repos))
            table.add_row(Text(row.severity, style=_STYLES[row.severity]), *(Text(one_line(cell)) for cell in cells))
        parts += [table, Text()]
    parts += [Text(f"{repo}: cannot be rendered: {one_line(reason)}", style="red") for repo, reason in report.failed]
    return Group(*parts, Text(summary(report), style="bold"), Text(looked_up(report), style="dim"))


def check_markdown(report: CheckReport) -> str:
    """The same for a job summary."""
    parts = [f"## syncbot check\n\n{summary(report)}\n\n{looked_up(report)}"]
    if report.rows:
        rows = (
            " | ".join((row.severity, cell(row.place), cell(row.code), cell(row.message), cell(named(row.repos))))
            for row in report.rows
        )
        parts.append(
            "\n".join(("| | Where | Code | What | Repos |", "|---|---|---|---|---|", *(f"| {r} |" for r in rows)))
        )
    if report.failed:
        parts.append("\n".join(f"- {code(repo)} cannot be rendered: {code(reason)}" for repo, reason in report.failed))
    return "\n\n".join(parts) + "\n"


def summary(report: CheckReport) -> str:
    """`12 repos, 60 files (24 distinct): 1 error, 2 warnings, 0 notes`."""
    severities = Counter(row.severity for row in report.rows)
    counts = ", ".join(count(severities[name], name) for name in Severity)
    failed = f"; {count(len(report.failed), 'repo')} cannot be rendered" if report.failed else ""
    seen = f"{count(report.repos, 'repo')}, {count(report.files, 'file')} ({report.distinct} distinct)"
    return f"{seen}: {counts}{failed}"


def looked_up(report: CheckReport) -> str:
    """Whether anybody asked GitHub for the owners, and how to."""
    if report.owners is None:
        return "Whether the owners in CODEOWNERS exist was not looked up; --online asks GitHub."
    return f"{count(report.owners, 'owner')} of CODEOWNERS looked up on GitHub."


def _lines(key: str, items: Iterable[dict[str, Any]]) -> str:
    return f"{json.dumps(key)}: [{','.join(chr(10) + '  ' + json.dumps(item) for item in items)}]"


def _row(row: FindingRow) -> dict[str, Any]:
    return {
        "path": row.path,
        "line": row.line,
        "column": row.column,
        "code": row.code,
        "severity": row.severity,
        "message": row.message,
        "tool": row.tool,
        "repos": list(row.repos),
    }

"""What `syncbot check` found, as text, Markdown and JSON. Values in, strings and renderables out, nothing printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from syncbot.formats.diagnostics import Found, Severity
from syncbot.report.json_report import json_lines
from syncbot.report.layout import grid
from syncbot.report.markdown_escape import cell, code
from syncbot.report.wording import count, named, one_line
from syncbot.tables import total

VERSION = 1
_STYLES = total(Severity, {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The findings, worst first, the repos that could not be rendered with the reason, and how much was looked at.

    `owners` is how many different ones GitHub was asked for, None where it was not.
    """

    rows: tuple[Found, ...]
    failed: tuple[tuple[str, str], ...]
    repos: int
    files: int
    distinct: int
    owners: int | None = None

    @property
    def errors(self) -> int:
        return sum(row.finding.is_error for row in self.rows)


def check_json(report: CheckReport) -> str:
    """The document that `docs/check.md` describes, one finding a line."""
    severities = Counter(row.finding.severity for row in report.rows)
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
    failed = ({"repo": repo, "reason": reason} for repo, reason in report.failed)
    return json_lines(head, findings=map(_row, report.rows), failed=failed)


def check_text(report: CheckReport) -> RenderableType:
    """A row a finding, repos that could not be rendered, and the count."""
    parts: list[RenderableType] = []
    if report.rows:
        table = grid(("", "Where", "Code", "What", "Repos"), elastic=3)
        for row in report.rows:
            severity = row.finding.severity
            table.add_row(Text(severity, style=_STYLES[severity]), *(Text(one_line(text)) for text in _cells(row)))
        parts += [table, Text()]
    parts += [Text(f"{repo}: cannot be rendered: {one_line(reason)}", style="red") for repo, reason in report.failed]
    return Group(*parts, Text(summary(report), style="bold"), Text(looked_up(report), style="dim"))


def check_markdown(report: CheckReport) -> str:
    """The same for a job summary."""
    parts = [f"## syncbot check\n\n{summary(report)}\n\n{looked_up(report)}"]
    if report.rows:
        rows = (" | ".join((row.finding.severity, *map(cell, _cells(row)))) for row in report.rows)
        parts.append(
            "\n".join(("| | Where | Code | What | Repos |", "|---|---|---|---|---|", *(f"| {r} |" for r in rows)))
        )
    if report.failed:
        parts.append("\n".join(f"- {code(repo)} cannot be rendered: {code(reason)}" for repo, reason in report.failed))
    return "\n\n".join(parts) + "\n"


def summary(report: CheckReport) -> str:
    """`12 repos, 60 files (24 distinct): 1 error, 2 warnings, 0 notes`."""
    severities = Counter(row.finding.severity for row in report.rows)
    counts = ", ".join(count(severities[name], name) for name in Severity)
    failed = f"; {count(len(report.failed), 'repo')} cannot be rendered" if report.failed else ""
    seen = f"{count(report.repos, 'repo')}, {count(report.files, 'file')} ({report.distinct} distinct)"
    return f"{seen}: {counts}{failed}"


def looked_up(report: CheckReport) -> str:
    """Whether anybody asked GitHub for the owners, and how to."""
    if report.owners is None:
        return "Whether the owners in CODEOWNERS exist was not looked up; --online asks GitHub."
    return f"{count(report.owners, 'owner')} of CODEOWNERS looked up on GitHub."


def _cells(row: Found) -> tuple[str, str, str, str]:
    """Where (`Dockerfile:3:1`, or `answers` where no file is meant), which, what, and in which repos."""
    finding = row.finding
    place = ":".join((finding.path or "answers", *(str(n) for n in (finding.line, finding.column) if n)))
    return place, finding.code, finding.message, named(row.repos)


def _row(row: Found) -> dict[str, Any]:
    finding = row.finding
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "tool": finding.tool,
        "repos": list(row.repos),
    }

"""What `syncbot postgres` found: findings, upgrades and parity as text, Markdown and JSON. Values in, strings and
renderables out, nothing printed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.text import Text

from syncbot.formats.diagnostics import Diagnostic
from syncbot.postgres.comparison import Row, State, differing
from syncbot.postgres.service import ServiceFinding
from syncbot.postgres.upgrade import Upgrade
from syncbot.postgres.upgrade_text import upgrade_text
from syncbot.report.layout import grid
from syncbot.report.markdown_escape import cell, code
from syncbot.report.wording import count, one_line
from syncbot.tables import total

VERSION = 1
STYLES = total(
    State,
    {
        State.DIFFERS: "bold red",
        State.PENDING: "yellow",
        State.ONLY_HERE: "yellow",
        State.EQUAL: "dim",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoFindings:
    """One repo: what is wrong, or why nothing can be said; `servers` are real ones that its files started."""

    repo: str
    findings: tuple[ServiceFinding, ...] = ()
    failure: str = ""
    servers: tuple[str, ...] = ()

    @property
    def errors(self) -> int:
        return sum(finding.wrong.is_error for finding in self.findings) + bool(self.failure)


class MoveState(StrEnum):
    """How a repo stands before a move to another major."""

    READY = "ready"
    BLOCKED = "blocked"
    REFUSED = "refused"
    THERE = "there"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveText:
    """The state in words, and whether somebody has to do something before the move can be made."""

    words: str
    stops: bool


MOVE_STATES = total(
    MoveState,
    {
        MoveState.READY: MoveText(words="ready", stops=False),
        MoveState.BLOCKED: MoveText(words="blocked", stops=True),
        MoveState.REFUSED: MoveText(words="refused", stops=True),
        MoveState.THERE: MoveText(words="there already", stops=False),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoMove:
    """One repo's way to another major: `move` where there is one, else `reason` says why not."""

    repo: str
    from_major: int
    state: MoveState
    reason: str = ""
    move: Upgrade | None = None

    @property
    def stops(self) -> bool:
        """Whether the move cannot be made as it is."""
        return MOVE_STATES[self.state].stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One target: what it is called, what it is, and its rows."""

    target: str
    kind: Literal["server", "container", "rds-group"]
    rows: tuple[Row, ...]


# ---------------------------------------------------------------- findings


def findings_text(repos: Sequence[RepoFindings]) -> RenderableType:
    """A row a finding, and the count."""
    table = grid(("", "Repo", "Parameter", "What", "Where"), elastic=3)
    for row in _finding_rows(repos):
        style = "bold red" if row["severity"] == "error" else "yellow"
        cells = (row["repo"], row["parameter"], row["reason"], ", ".join(row["where"]))
        table.add_row(Text(row["severity"], style=style), *(Text(one_line(text)) for text in cells))
    parts: list[RenderableType] = [table, Text()] if table.row_count else []
    return Group(*parts, Text(_findings_summary(repos), style="bold"))


def findings_markdown(repos: Sequence[RepoFindings]) -> str:
    """The same for a job summary."""
    rows = [
        f"| {row['severity']} | {' | '.join(cell(row[key]) for key in ('repo', 'parameter', 'reason'))} |"
        for row in _finding_rows(repos)
    ]
    table = "\n".join(("| | Repo | Parameter | What |", "|---|---|---|---|", *rows)) + "\n" if rows else ""
    return f"## syncbot postgres check\n\n{_findings_summary(repos)}\n\n{table}".rstrip() + "\n"


def findings_json(repos: Sequence[RepoFindings]) -> str:
    """The document that docs/postgres.md describes."""
    summary = {
        "repos": len(repos),
        "errors": sum(repo.errors for repo in repos),
        "warnings": sum(not finding.wrong.is_error for repo in repos for finding in repo.findings),
        "servers": len({server for repo in repos for server in repo.servers}),
    }
    return _document({"summary": summary, "findings": list(_finding_rows(repos))})


def _finding_rows(repos: Iterable[RepoFindings]) -> Iterable[dict[str, Any]]:
    for repo in repos:
        if repo.failure:
            yield _finding_row(repo.repo, ServiceFinding(wrong=Diagnostic(message=repo.failure)))
        yield from (_finding_row(repo.repo, finding) for finding in repo.findings)


def _finding_row(repo: str, finding: ServiceFinding) -> dict[str, Any]:
    return {
        "repo": repo,
        "parameter": finding.wrong.subject,
        "severity": finding.wrong.severity.value,
        "reason": finding.wrong.message,
        "suggestion": finding.wrong.suggestion or None,
        "where": list(finding.where),
    }


def _findings_summary(repos: Sequence[RepoFindings]) -> str:
    servers = {server for repo in repos for server in repo.servers}
    warnings = sum(not finding.wrong.is_error for repo in repos for finding in repo.findings)
    started = f"; started {', '.join(sorted(servers))}" if servers else ""
    errors = count(sum(repo.errors for repo in repos), "error")
    return f"{count(len(repos), 'repo')} with Postgres: {errors}, {count(warnings, 'warning')}{started}"


# ---------------------------------------------------------------- upgrades


def moves_text(repos: Sequence[RepoMove]) -> RenderableType:
    """Everything for one repo, a row each for several."""
    if len(repos) == 1 and repos[0].move:
        return Text(f"{repos[0].repo}\n\n{upgrade_text(repos[0].move)}{_moves_summary(repos)}")
    table = grid(("", "Repo", "From", "What"), elastic=3)
    for repo in repos:
        style = "bold red" if repo.stops else ""
        told = repo.reason or (_in_short(repo.move) if repo.move else "")
        table.add_row(Text(repo.state, style=style), repo.repo, str(repo.from_major), Text(one_line(told)))
    hint = Text("--format markdown tells everything, commands for developers included", style="dim")
    return Group(table, Text(), Text(_moves_summary(repos), style="bold"), hint)


def moves_markdown(repos: Sequence[RepoMove]) -> str:
    """A heading a repo, with the text that a pull request would carry."""
    told = ((repo.repo, upgrade_text(repo.move) if repo.move else f"{cell(repo.reason)}\n") for repo in repos)
    return "\n".join((f"{_moves_summary(repos)}\n", *(f"## {code(repo)}\n\n{text}" for repo, text in told)))


def moves_json(repos: Sequence[RepoMove], to: int) -> str:
    """The document that docs/postgres.md describes."""
    states = Counter(repo.state for repo in repos)
    summary = {state.value: states[state] for state in MoveState}
    return _document({"to": to, "summary": summary, "services": [_move(repo) for repo in repos]})


def _move(repo: RepoMove) -> dict[str, Any]:
    made = asdict(repo.move) | {"blocking": [_blocking(each) for each in repo.move.blocking]} if repo.move else {}
    for key in ("from_major", "to_major"):
        made.pop(key, None)
    head = {"repo": repo.repo, "from": repo.from_major, "state": repo.state, "reason": repo.reason}
    return head | made | {"text": upgrade_text(repo.move) if repo.move else ""}


def _blocking(finding: Diagnostic) -> dict[str, Any]:
    return {"name": finding.subject, "reason": finding.message, "blocks": finding.is_error}


def _in_short(move: Upgrade) -> str:
    """`fsync is refused; 2 are gone; 8 defaults change`."""
    told = [str(finding) for finding in move.blocking]
    told += [f"{gone.name} is gone" for gone in move.removed]
    told += [f"{renamed.name} is now {renamed.new_name}" for renamed in move.renamed]
    defaults = len(move.changed_defaults)
    return "; ".join([*told, f"{count(defaults, 'default')} {'changes' if defaults == 1 else 'change'}"])


def _moves_summary(repos: Sequence[RepoMove]) -> str:
    states = Counter(repo.state for repo in repos)
    told = [f"{states[state]} {text.words}" for state, text in MOVE_STATES.items() if states[state]]
    return f"{count(len(repos), 'repo')} with Postgres: {', '.join(told) or 'none to move'}"


# ---------------------------------------------------------------- parity


def parity_text(repo: str, comparisons: Sequence[Comparison]) -> RenderableType:
    """A table a target, what differs first."""
    parts: list[RenderableType] = []
    for each in comparisons:
        table = grid(("", "Parameter", "Wanted", "Here", ""), elastic=4)
        for row in sorted(each.rows, key=lambda row: row.state is State.EQUAL):
            cells = (row.name, _shown(row.wanted), _shown(row.here), row.remark)
            table.add_row(Text(row.state, style=STYLES[row.state]), *(Text(one_line(text)) for text in cells))
        parts += [Text(f"{repo} and {each.target}", style="bold"), table, Text(_parity_summary(each)), Text()]
    return Group(*parts[:-1])


def parity_markdown(repo: str, comparisons: Sequence[Comparison]) -> str:
    """The same for a job summary."""
    parts = []
    for each in comparisons:
        rows = (
            f"| {row.state} | {' | '.join(cell(text) for text in (row.name, _shown(row.wanted), _shown(row.here)))} |"
            for row in sorted(each.rows, key=lambda row: row.state is State.EQUAL)
        )
        head = ("| | Parameter | Wanted | Here |", "|---|---|---|---|")
        title = f"## {code(repo)} and {code(each.target)}"
        parts.append("\n\n".join((title, _parity_summary(each), "\n".join((*head, *rows)))))
    return "\n\n".join(parts) + "\n"


def parity_json(repo: str, comparisons: Sequence[Comparison]) -> str:
    """The document that docs/postgres.md describes."""
    targets = [
        {
            "target": each.target,
            "kind": each.kind,
            "equal": not differing(each.rows),
            "parameters": [asdict(row) for row in each.rows],
        }
        for each in comparisons
    ]
    return _document({"repo": repo, "targets": targets})


def _shown(value: str | None) -> str:
    return "not set" if value is None else value or "empty"


def _parity_summary(comparison: Comparison) -> str:
    states = Counter(row.state for row in comparison.rows)
    return ", ".join(f"{states[state]} {state}" for state in State if states[state])


def _document(members: Mapping[str, object]) -> str:
    return json.dumps({"version": VERSION, **members}, indent=1, default=str)

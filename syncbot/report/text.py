"""The plan, its diffs and the outcome of an apply, for people at a terminal or reading a CI log.

Values in, rich renderables out; no line depends on colour to be understood, and none is printed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from syncbot.plan.file_status import FileStatus
from syncbot.plan.repo_plan import RepoPlan, RepoState
from syncbot.plan.why import LimitReached
from syncbot.report.causes import cause_lines
from syncbot.report.diffs import file_diff
from syncbot.report.layout import Items, grid, section
from syncbot.report.status import failures, status_parts, stopped_parts
from syncbot.report.values import Outcome, OutcomeAction, PlanReport
from syncbot.report.why import why_words
from syncbot.report.wording import (
    LEGEND,
    action_words,
    count,
    notes,
    one_line,
    outcome_line,
    remark,
    short_names,
    sign,
    source_lines,
    summary_line,
    version_line,
)
from syncbot.tables import total

_SIGN_STYLES = {"+": "green", "~": "yellow", "-": "red", "!": "bold magenta", "=": "dim"}
_STATE_STYLES = total(RepoState, {RepoState.IN_SYNC: "green", RepoState.DRIFTED: "yellow", RepoState.FAILED: "red"})
_OUTCOME_STYLES = total(
    OutcomeAction,
    {
        OutcomeAction.OPENED: "green",
        OutcomeAction.UPDATED: "yellow",
        OutcomeAction.CLOSED: "magenta",
        OutcomeAction.UNCHANGED: "dim",
    },
)


def plan_text(report: PlanReport, *, diffs: bool = False, verbose: bool = False) -> RenderableType:
    """The fleet, one repo a row where the width allows; repos in sync are one line together unless `verbose`."""
    names = short_names([plan.repo for plan in report.plans])
    shown = [plan for plan in report.plans if not plan.failure and (verbose or _is_worth_a_row(plan))]
    parts = _all_diffs(report.plans) if diffs else []
    if shown:
        parts += [_table(shown, names), Text()]
        parts += [Text(f"{code}: {one_line(reason)}", style="dim") for code, reason in notes(shown)]
        parts += [Text(f"why: {line}", style="dim") for line in cause_lines(shown)]
        parts += [Text(LEGEND, style="dim")]
    hidden = [] if verbose else [names[p.repo] for p in report.plans if not p.failure and not _is_worth_a_row(p)]
    if hidden:
        line = f"= {count(len(hidden), 'repo')} in sync: {', '.join(hidden)}"
        parts += [*([Text()] if parts else []), Text(line, style="dim", no_wrap=True, overflow="ellipsis")]
    return Group(*parts, *failures(report.plans, names), *_warnings(report), Text(), _bold(summary_line(report)))


def apply_text(report: PlanReport, outcomes: Sequence[Outcome], *, diffs: bool = False) -> RenderableType:
    """What was done, one pull request a line, what waits for a later run, and repos that failed."""
    names = short_names([plan.repo for plan in report.plans])
    parts = _all_diffs(report.plans) if diffs else []
    parts += [_outcome(outcome) for outcome in outcomes]
    waiting = [
        (names[plan.repo], changeset.name, why_words(changeset.why))
        for plan in report.plans
        for changeset in plan.changesets
        if isinstance(changeset.why, LimitReached)
    ]
    parts += section("Waiting", waiting, ("Repo", "Changeset", "Why"))
    parts += [Text(line, style="yellow") for line in source_lines(report.source)]
    parts += [*stopped_parts(report.plans, names), *failures(report.plans, names)]
    return Group(*parts, Text(), _bold(outcome_line(report, outcomes)))


def status_text(report: PlanReport, now: datetime, *, diffs: bool = False) -> RenderableType:
    """Open pull requests with their ages at `now`, files left alone with the reason, and repos that failed."""
    parts = _all_diffs(report.plans) if diffs else []
    return Group(*parts, *status_parts(report.plans, now), *_warnings(report), Text(), _bold(summary_line(report)))


def _all_diffs(plans: Iterable[RepoPlan]) -> list[RenderableType]:
    proposed = ((plan.repo, status) for plan in plans for status in plan.files if status.proposal)
    return [line for repo, status in proposed for line in _diff(repo, status)]


def _warnings(report: PlanReport) -> list[RenderableType]:
    """What a person should know before anything is applied."""
    lines = [f"apply will stop: {one_line(brake)}" for brake in report.brakes]
    lines += [one_line(line) for line in (*report.notices, *map(version_line, report.warnings))]
    return [Text(), *(Text(line, style="yellow") for line in lines)] if lines else []


def _bold(line: str) -> Text:
    return Text(line, style="bold")


def _is_worth_a_row(plan: RepoPlan) -> bool:
    return plan.state is not RepoState.IN_SYNC or bool(plan.changesets)


def _table(plans: Sequence[RepoPlan], names: dict[str, str]) -> Table:
    table = grid(("Repo", "State", "Pull request", "Files"), elastic=3)
    for plan in plans:
        repo, state = Text(names[plan.repo]), Text(plan.state, style=_STATE_STYLES[plan.state])
        for files, action in _rows(plan):
            table.add_row(repo, state, action, files)
            repo, state = Text(), Text()
    return table


def _rows(plan: RepoPlan) -> list[tuple[RenderableType, Text]]:
    """What stands beside the repo's name: a row a changeset, then one with the files that are in none."""
    rows: list[tuple[RenderableType, Text]]
    rows = [(_files(changeset.files), Text(action_words(changeset))) for changeset in plan.changesets]
    carried = {status.path for changeset in plan.changesets for status in changeset.files}
    rest = [status for status in plan.files if status.path not in carried]
    telling = [status for status in rest if not status.treatment.as_desired]
    if telling or not rows:
        rows.append((_files(telling or rest), Text()))
    return rows


def _files(statuses: Iterable[FileStatus]) -> Items:
    return Items(items=tuple(_file(status) for status in statuses))


def _file(status: FileStatus) -> Text:
    word = remark(status)
    mark = sign(status)
    text = f"{mark} {one_line(status.path)}" + (f" ({word})" if word else "")
    return Text(text, style=_SIGN_STYLES[mark], no_wrap=True)


def _diff(repo: str, status: FileStatus) -> Iterator[Text]:
    mark = sign(status)
    yield Text(f"{repo}  {mark} {one_line(status.path)}  {_about(status)}", style="bold")
    for line in file_diff(status).splitlines():
        yield Text(f"  {line}", style=_diff_style(line))
    yield Text()


def _about(status: FileStatus) -> str:
    words = [status.state.value]
    if status.quiet:
        words.append(status.quiet.value)
    if status.proposal and status.proposal.merged:
        words.append("the repo's own edits are merged in")
    if status.proposal and status.proposal.overwrites_edits:
        words.append("lines that syncbot did not deliver would go")
    return f"({'; '.join(words)})"


def _diff_style(line: str) -> str:
    if line.startswith(("---", "+++", "old mode", "new mode")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan", "\\": "dim"}.get(line[:1], "")


def _outcome(outcome: Outcome) -> Text:
    return Text.assemble(
        (f"{outcome.action:<9}", _OUTCOME_STYLES[outcome.action]),
        f" {outcome.repo}#{outcome.number} {outcome.changeset}  ",
        (one_line(outcome.url), "underline"),
    )

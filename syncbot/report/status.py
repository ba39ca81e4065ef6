"""The state of the bot's work in the fleet: open pull requests, and whatever it leaves alone or cannot do.

Values in, rich renderables out; ages are counted from the `now` that the caller gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.style import Style
from rich.text import Text

from syncbot.model.pull_request import Checks, Mergeable, PullRequest
from syncbot.plan.actions import (
    ClosePullRequest,
    LabelPullRequest,
    NoOp,
    OpenPullRequest,
    RetitlePullRequest,
    UpdatePullRequest,
)
from syncbot.plan.file_status import FileStatus
from syncbot.plan.reasons import Quiet
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.states import Heading
from syncbot.plan.why import CheckFailed
from syncbot.report.causes import cause_lines
from syncbot.report.layout import grid, section
from syncbot.report.reasons import QUIET, REASONS
from syncbot.report.why import file_why_words, who, why_words
from syncbot.report.wording import one_line, short_names
from syncbot.tables import total

NOT_PROPOSED = "Not proposed"

_CHECK_STYLES = total(
    Checks,
    {
        Checks.SUCCESS: "green",
        Checks.FAILURE: "red",
        Checks.ERROR: "red",
        Checks.PENDING: "yellow",
        Checks.EXPECTED: "yellow",
        Checks.UNKNOWN: "",
    },
)


QUIET_HEADINGS = total(
    Quiet,
    {
        Quiet.DECLINED: Heading.LEFT_ALONE,
        Quiet.REVERTED: Heading.LEFT_ALONE,
        Quiet.KEPT_EDIT: Heading.LEFT_ALONE,
        Quiet.OVERRIDDEN: Heading.OVERRIDDEN,
        Quiet.UNVERIFIED: Heading.LEFT_ALONE,
    },
)
"""Under which heading a file stands that is not proposed since people answered for it."""


def status_parts(plans: Sequence[RepoPlan], now: datetime) -> list[RenderableType]:
    """Open pull requests, oldest first; then quiet, blocked and exempt files, and repos that failed."""
    names = short_names([plan.repo for plan in plans])
    parts = _pull_requests(open_pull_requests(plans), names, now)
    reasons = [Text(f"{code}: {one_line(reason)}", style="dim") for code, reason in standstills(plans)]
    reasons += [Text(f"why: {line}", style="dim") for line in cause_lines(plans)]
    parts += [Text(), *reasons] if reasons else []
    for heading, rows in standing(plans).items():
        parts += section(heading, ((names[repo], path, why) for repo, path, why in rows), ("Repo", "File", "Why"))
    return parts + stopped_parts(plans, names) + failures(plans, names)


def failures(plans: Iterable[RepoPlan], names: Mapping[str, str]) -> list[RenderableType]:
    """The repos that failed, each with its reason; nothing where none did."""
    rows = ((names[plan.repo], plan.failure.code, plan.failure.reason) for plan in plans if plan.failure)
    return [*section("Failed", rows, ("Repo", "Code", "Why"), "red")]


def stopped(plans: Iterable[RepoPlan]) -> list[tuple[str, str, str]]:
    """What is not proposed or updated since it holds an error: (repo, changeset, why)."""
    return [
        (plan.repo, changeset.name, why_words(changeset.why))
        for plan in plans
        for changeset in plan.changesets
        if isinstance(changeset.why, CheckFailed)
    ]


def stopped_parts(plans: Iterable[RepoPlan], names: Mapping[str, str]) -> list[RenderableType]:
    """The same as a table; nothing where nothing is stopped."""
    rows = ((names[repo], name, why) for repo, name, why in stopped(plans))
    return [*section(NOT_PROPOSED, rows, ("Repo", "Changeset", "Why"), "red")]


def standing(plans: Iterable[RepoPlan]) -> dict[str, list[tuple[str, str, str]]]:
    """Files that differ and are not proposed, as (repo, path, why) under the headings that people look for."""
    found: dict[Heading, list[tuple[str, str, str]]] = {heading: [] for heading in Heading}
    for plan in plans:
        for status in plan.files:
            heading, why = _standing(status)
            if heading:
                found[heading].append((plan.repo, status.path, why))
    return {heading.value: rows for heading, rows in found.items() if rows}


def open_pull_requests(plans: Sequence[RepoPlan]) -> list[tuple[str, PullRequest, str]]:
    """The open pull requests with their repos and what is to be known of each in a few words, oldest first."""
    found = {
        (plan.repo, changeset.pull_request.number): (changeset.pull_request, _particulars(changeset))
        for plan in plans
        for changeset in plan.changesets
        if changeset.pull_request
    }
    return sorted(((repo, pr, words) for (repo, _), (pr, words) in found.items()), key=lambda row: row[1].created_at)


def standstills(plans: Iterable[RepoPlan]) -> tuple[tuple[str, str], ...]:
    """The code and the reason of each open pull request that does not simply wait to be merged, each once."""
    found = {
        (changeset.reason_code.value, why_words(changeset.why)): None
        for plan in plans
        for changeset in plan.changesets
        if changeset.pull_request and _is_out_of_the_ordinary(changeset)
    }
    return tuple(found)


def age(pull_request: PullRequest, now: datetime) -> str:
    """How long it has been open: `12 min`, `5 h`, `3 d`."""
    minutes = max(0, int((now - pull_request.created_at).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def in_words(value: str | None) -> str:
    """`changes-requested` as `changes requested`; `-` for nothing."""
    return value.replace("-", " ") if value else "-"


def _standing(status: FileStatus) -> tuple[Heading | None, str]:
    if declined := status.declined:
        why = f": {declined.reason}" if declined.reason else ""
        told = f"declined until {declined.until} by @{declined.author} (#{declined.pull_request}){why}"
        return Heading.LEFT_ALONE, told
    if status.quiet:
        return QUIET_HEADINGS[status.quiet], f"{status.quiet.value.replace('-', ' ')}: {QUIET[status.quiet]}"
    return (None, "") if status.proposal else (status.treatment.heading, file_why_words(status.why))


def _pull_requests(
    opened: Sequence[tuple[str, PullRequest, str]], names: Mapping[str, str], now: datetime
) -> list[RenderableType]:
    if not opened:
        return [Text("No pull request is open.")]
    table = grid(("Open", "Changeset", "Age", "Checks", "Review", ""), elastic=5)
    for repo, pull_request, words in opened:
        table.add_row(
            Text(f"{names[repo]}#{pull_request.number}", style=Style(link=one_line(pull_request.url))),
            Text(one_line(pull_request.changeset)),
            Text(age(pull_request, now)),
            Text(
                in_words(pull_request.checks), style=_CHECK_STYLES[pull_request.checks] if pull_request.checks else ""
            ),
            Text(in_words(pull_request.review_decision)),
            Text(words, style="dim"),
        )
    return [table]


def _particulars(changeset: Changeset) -> str:
    """What else bears on a pull request: conflicts, commits of people, a queue; and why it stands still."""
    pull_request = changeset.pull_request
    assert pull_request is not None
    found = (
        ("conflicts", pull_request.mergeable is Mergeable.CONFLICTING),
        (f"{who(pull_request.other_bots)} committed", pull_request.people_committed),
        ("auto-merge", pull_request.auto_merge),
        ("queued", pull_request.queued),
        (_next(changeset), _is_out_of_the_ordinary(changeset)),
    )
    return ", ".join(word for word, holds in found if holds)


def _next(changeset: Changeset) -> str:
    match changeset.action:
        case ClosePullRequest():
            return f"to close ({changeset.reason_code})"
        case OpenPullRequest():
            return f"to replace ({changeset.reason_code})"
    return changeset.reason_code


def _is_out_of_the_ordinary(changeset: Changeset) -> bool:
    """Whether it is neither just open nor about to be updated, and the other columns do not say it either."""
    match changeset.action:
        case UpdatePullRequest() | LabelPullRequest() | RetitlePullRequest():
            return False
        case NoOp():
            return not REASONS[changeset.reason_code].is_ordinary
    return True

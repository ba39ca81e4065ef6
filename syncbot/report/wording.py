"""The words and signs that every report shares: values in, short phrases out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import assert_never

from syncbot.model.fleet import Source
from syncbot.plan.actions import (
    Action,
    ClosePullRequest,
    CommentOnce,
    LabelPullRequest,
    NoOp,
    OpenPullRequest,
    RetitlePullRequest,
    UpdatePullRequest,
)
from syncbot.plan.file_status import FileStatus
from syncbot.plan.reasons import Reason
from syncbot.plan.repo_plan import Changeset, RepoPlan, RepoState
from syncbot.plan.why import CheckFailed, LimitReached
from syncbot.report.reasons import REASONS
from syncbot.report.values import ActionName, Outcome, OutcomeAction, PlanReport, VersionWarning
from syncbot.report.why import why_words

LEGEND = "+ create  ~ update  - remove  ! hand edits would go, or blocked  = left alone"
_NAMED = 3
_UNMANAGED = "not managed here before; read the diff before you merge"


def action_name(action: Action) -> ActionName:
    """The action as scripts know it."""
    match action:
        case OpenPullRequest():
            return ActionName.OPEN
        case UpdatePullRequest() | LabelPullRequest() | RetitlePullRequest() | CommentOnce():
            return ActionName.UPDATE
        case ClosePullRequest():
            return ActionName.CLOSE
        case NoOp():
            return ActionName.NONE
    assert_never(action)


def action_words(changeset: Changeset) -> str:
    """What is to be done about a changeset, in two or three words: `open sync`, `#3 approved`."""
    match changeset.action:
        case OpenPullRequest(replaces=int(number)):
            return f"replace #{number}"
        case OpenPullRequest():
            return f"open {changeset.name}"
        case UpdatePullRequest(number=number):
            return f"update #{number}"
        case LabelPullRequest(number=number) | RetitlePullRequest(number=number) as action:
            return f"{'label' if isinstance(action, LabelPullRequest) else 'retitle'} #{number}"
        case CommentOnce(number=number):
            return f"comment #{number}"
        case ClosePullRequest(number=number):
            return f"close #{number}"
        case NoOp():
            return _left_alone(changeset)
    assert_never(changeset.action)


def _left_alone(changeset: Changeset) -> str:
    if opened := changeset.pull_request:
        is_open = changeset.reason_code is Reason.UP_TO_DATE
        return f"#{opened.number} {'open' if is_open else changeset.reason_code}"
    match changeset.why:
        case LimitReached():
            return "waits (limit)"
        case CheckFailed():
            return "not proposed"
    return "quiet"


def sign(status: FileStatus) -> str:
    """The legend's sign for one file."""
    proposal = status.proposal
    if status.treatment.unknown or (proposal and proposal.overwrites_edits and not status.quiet):
        return "!"
    if proposal is None or status.quiet:
        return "="
    if proposal.content is None:
        return "-"
    return "+" if proposal.before is None else "~"


def remark(status: FileStatus) -> str:
    """What the sign leaves open, in a word; empty where it says enough."""
    if status.quiet:
        return status.quiet.value
    if status.proposal and status.proposal.merged:
        return "merged"
    return "" if status.treatment.told_by_sign else status.state.value


def notes(plans: Iterable[RepoPlan]) -> tuple[tuple[str, str], ...]:
    """Each reason that stands behind a code, once: `(approved, it is approved; a push could …)`."""
    found = {
        (changeset.reason_code.value, _note(changeset)): None
        for plan in plans
        for changeset in plan.changesets
        if not REASONS[changeset.reason_code].is_plain
    }
    return tuple(found)


def _note(changeset: Changeset) -> str:
    return _UNMANAGED if changeset.reason_code is Reason.UNMANAGED else why_words(changeset.why)


def summary_line(report: PlanReport) -> str:
    """`12 repos: 7 in sync, 4 drifted, 1 failed · 3 pull requests to open, 1 to update · 1 GraphQL request`."""
    todo = Counter(action_name(changeset.action) for plan in report.plans for changeset in plan.changesets)
    parts = [(todo[name], f"to {name}") for name in ActionName if name is not ActionName.NONE]
    return " · ".join((_states(report.plans), _pull_requests(parts, "no pull request to open"), _requests(report)))


def todo_words(plans: Sequence[RepoPlan]) -> str:
    """`Open 10 pull requests, update 2, close 1 in 12 repos?`; empty where there is nothing to do."""
    acting = [
        (plan.repo, action_name(changeset.action))
        for plan in plans
        if not plan.failure
        for changeset in plan.changesets
        if not isinstance(changeset.action, NoOp)
    ]
    numbers = Counter[ActionName](name for _, name in acting)
    parts = [f"{name} {numbers[name]}" for name in ActionName if numbers[name]]
    if not parts:
        return ""
    head, *others = parts
    noun = "pull request" if head.endswith(" 1") else "pull requests"
    where = count(len({repo for repo, _ in acting}), "repo")
    return f"{', '.join((f'{head} {noun}', *others)).capitalize()} in {where}?"


def outcome_line(report: PlanReport, outcomes: Iterable[Outcome]) -> str:
    """`12 repos: 7 in sync, 4 drifted, 1 failed · 3 pull requests opened · 1 GraphQL request, 12 writes`."""
    done = Counter(outcome.action for outcome in outcomes)
    parts = [(done[name], name.value) for name in OutcomeAction if name is not OutcomeAction.UNCHANGED]
    return " · ".join((_states(report.plans), _pull_requests(parts, "no pull request touched"), _requests(report)))


def renamed(plans: Iterable[RepoPlan]) -> list[str]:
    """A sentence for each repo that GitHub knows by another name than the config, for only the config's is taken."""
    return [
        f"{plan.listed_as} is {plan.repo} on GitHub now: until the config names it so, syncbot takes the old name only"
        for plan in plans
        if plan.listed_as and plan.listed_as.lower() != plan.repo.lower()
    ]


def source_lines(source: Source) -> list[str]:
    """What is to be known of where the desired state comes from; nothing where it is a commit as it should be."""
    if not source.dirty:
        return []
    return ["templates or config have uncommitted changes here: they are part of this, though no commit has them"]


def count(number: int, noun: str) -> str:
    """`1 repo`, `2 repos`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def short_names(names: Sequence[str]) -> dict[str, str]:
    """By repo, the name to show: without its owner where all have the same."""
    owners = {name.partition("/")[0] for name in names}
    return {name: name.rpartition("/")[2] if len(owners) == 1 else name for name in names}


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def named(repos: Sequence[str]) -> str:
    """`a, b, c and 97 more`."""
    shown = [repo.rpartition("/")[2] for repo in repos[:_NAMED]]
    more = len(repos) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def version_line(warning: VersionWarning) -> str:
    """`Node 20 has had no fixes since 2026-04-30: 118 repos (a, b, c and 115 more)`."""
    return f"{warning.message}: {count(len(warning.repos), 'repo')} ({named(warning.repos)})"


def printable(text: str) -> str:
    """The text with everything that steers a terminal or reorders letters made visible; tabs and line ends stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def one_line(text: str) -> str:
    """The text on one line, printable: line ends and tabs become spaces."""
    return printable(" ".join(text.split()))


def _states(plans: Iterable[RepoPlan]) -> str:
    states = Counter(plan.state for plan in plans)
    others = (state for state in RepoState if state is not RepoState.IN_SYNC and states[state])
    parts = [f"{states[RepoState.IN_SYNC]} in sync", *(f"{states[state]} {state}" for state in others)]
    return f"{count(states.total(), 'repo')}: {', '.join(parts)}"


def _pull_requests(parts: Iterable[tuple[int, str]], without: str) -> str:
    counted = [(number, words) for number, words in parts if number]
    if not counted:
        return without
    first, *rest = counted
    return ", ".join((f"{count(first[0], 'pull request')} {first[1]}", *(f"{n} {words}" for n, words in rest)))


def _requests(report: PlanReport) -> str:
    rest = [count(report.rest, "REST request")] if report.rest else []
    writes = [count(report.writes, "write")] if report.writes else []
    return ", ".join([count(report.graphql, "GraphQL request"), *rest, *writes])

"""What is reported: the plans of a run with what they cost, and what was done to each pull request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncbot.model.fleet import Source
from syncbot.plan.repo_plan import RepoPlan


class ActionName(StrEnum):
    """What is to be done about a changeset, as scripts know it."""

    OPEN = "open"
    UPDATE = "update"
    CLOSE = "close"
    NONE = "none"


class OutcomeAction(StrEnum):
    """What was done to a pull request."""

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionWarning:
    """A version that its product supports no longer, or not for long, and the repos (`owner/name`) that use it.

    `answer` is the question that it answers; `code` is one of those in docs/check.md.
    """

    code: str
    message: str
    answer: str
    repos: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """The plans of one run, in the fleet's order, and the requests and writes sent so far.

    `notices` are exemptions that end soon or have ended, `brakes` what stops `apply` unless it is allowed,
    `warnings` versions to move away from.
    """

    plans: tuple[RepoPlan, ...]
    graphql: int
    rest: int
    writes: int
    source: Source
    notices: tuple[str, ...] = ()
    brakes: tuple[str, ...] = ()
    warnings: tuple[VersionWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one pull request; `head` is the commit (40 hex digits) that its branch points at now."""

    repo: str
    changeset: str
    number: int
    url: str
    action: OutcomeAction
    head: str

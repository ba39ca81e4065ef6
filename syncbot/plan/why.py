"""Why something is or is not done about a changeset: the code, and the values that its words need. Pure.

`syncbot.report.why` words them; nothing is decided by words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, assert_never

from syncbot.formats.diagnostics import Diagnostic
from syncbot.plan.file_reasons import FileWhy
from syncbot.plan.reasons import BaseMerge, Limit, Quiet, Reason
from syncbot.plan.states import FileState, Gone


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """A file as a reason names it."""

    path: str
    state: FileState
    why: FileWhy | None = None


PlainReason = Literal[
    Reason.UP_TO_DATE,
    Reason.UNLABELLED,
    Reason.TITLE_PREFIX,
    Reason.QUEUED,
    Reason.AUTO_MERGE,
    Reason.APPROVED,
    Reason.REWRITTEN,
    Reason.NEEDS_MOVE,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """The code says it all."""

    reason: PlainReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """These files differ, or what is desired of them changed, or is not on the branch, or cannot be proposed now."""

    reason: Literal[
        Reason.DRIFT,
        Reason.UNMANAGED,
        Reason.POSTGRES_MAJOR,
        Reason.MOVE,
        Reason.DESIRED_CHANGED,
        Reason.REPLACED,
        Reason.NOT_NOW,
    ]
    files: tuple[FileRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBrought:
    """Merging it would not bring what is desired in these paths: people committed another version of them.

    Here as below, `by` are the logins of those who committed where they are other bots alone.
    """

    paths: tuple[str, ...]
    by: tuple[str, ...] = ()
    reason: ClassVar[Reason] = Reason.NOT_BROUGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """Somebody said `/syncbot decline until`, and the day is not over."""

    author: str
    until: date
    reason: ClassVar[Reason] = Reason.DECLINED


@dataclass(frozen=True, slots=True, kw_only=True)
class StaysQuiet:
    """People answered for all the files; one answer of each kind, the first gives the code."""

    answers: tuple[Quiet | Declined, ...]

    @property
    def reason(self) -> Reason:
        return self.answers[0].reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Downgrade:
    """The answers ask for a lower version than the repo has, of something that has no way back."""

    label: str = "Postgres"
    answer: str = "postgres_version"
    before: str
    after: str
    reason: ClassVar[Reason] = Reason.POSTGRES_DOWNGRADE


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """These files belong to the move to that version and cannot be proposed."""

    label: str = "Postgres"
    after: str
    files: tuple[FileRef, ...]
    reason: ClassVar[Reason] = Reason.POSTGRES_HELD_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Somebody said `/syncbot hold`, through the day `until` or without one.

    `beside` is the number of another one that is open for the same files.
    """

    author: str
    until: date | None = None
    beside: int | None = None
    reason: ClassVar[Reason] = Reason.HELD


class CommandFlaw(StrEnum):
    """Why a command cannot be followed."""

    UNREADABLE = "unreadable"
    PAST = "past"
    TOO_FAR = "too-far"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRefused:
    """Somebody asked to hold it in this `line`, which cannot be followed."""

    author: str
    line: str
    flaw: CommandFlaw
    reason: ClassVar[Reason] = Reason.HOLD_REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedCommand:
    """Somebody gave a command of whom it is not known whether they may; `beside` as in `Held`."""

    author: str
    beside: int | None = None
    reason: ClassVar[Reason] = Reason.UNVERIFIED_COMMAND


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAnew:
    """Somebody said `/syncbot recreate`; `is_empty` says that nothing is to be proposed now."""

    author: str
    is_empty: bool
    reason: ClassVar[Reason] = Reason.RECREATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Retargeted:
    """A person pointed it at this branch."""

    base: str
    reason: ClassVar[Reason] = Reason.RETARGETED


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseSwitched:
    """`default` is the default branch now, and it points at `base`; `is_wanted`: people want it there."""

    base: str
    default: str
    is_wanted: bool
    reason: ClassVar[Reason] = Reason.BASE_SWITCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """A person reopened it, though nothing is left to change, or (`left_fleet`) the repo is not in the config."""

    left_fleet: bool = False
    reason: ClassVar[Reason] = Reason.REOPENED


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftGone:
    """Nothing is left to change; without any of these the template does not own the files now."""

    gone: tuple[Gone, ...]
    reason: ClassVar[Reason] = Reason.DRIFT_GONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Nothing makes this move now, which a pull request is named by."""

    move: str
    reason: ClassVar[Reason] = Reason.POSTGRES_WITHDRAWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedElsewhere:
    """Other pull requests of the bot propose these paths now."""

    paths: tuple[str, ...]
    reason: ClassVar[Reason] = Reason.PROPOSED_ELSEWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftFleet:
    """The repo is no longer in the config."""

    reason: ClassVar[Reason] = Reason.LEFT_FLEET


ClosingReason = DriftGone | Withdrawn | ProposedElsewhere | Downgrade | LeftFleet
"""Why an open pull request should propose nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaysOpen:
    """It should end, but people committed to it."""

    ending: ClosingReason
    by: tuple[str, ...] = ()

    @property
    def reason(self) -> Reason:
        return self.ending.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts:
    """It conflicts with its base."""

    outcome: BaseMerge
    by: tuple[str, ...] = ()
    reason: ClassVar[Reason] = Reason.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseMoved:
    """The desired content changed, and the default branch changed these paths since it was opened."""

    paths: tuple[str, ...]
    outcome: BaseMerge
    by: tuple[str, ...] = ()

    @property
    def reason(self) -> Reason:
        match self.outcome:
            case BaseMerge.MERGED | BaseMerge.REBASE_ONLY | BaseMerge.LINEAR:
                return Reason.DESIRED_CHANGED
            case BaseMerge.REBASE_ONLY_SHARED | BaseMerge.LINEAR_SHARED | BaseMerge.UNLISTED:
                return Reason.NOT_NOW
        assert_never(self.outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamConflict:
    """It conflicts with its base in these paths, which are the team's to resolve."""

    paths: tuple[str, ...]
    reason: ClassVar[Reason] = Reason.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class LosesUnseen:
    """It conflicts, and what these paths got on the base would be lost: nobody would look, since `accepted`."""

    paths: tuple[str, ...]
    accepted: Plain
    reason: ClassVar[Reason] = Reason.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The default branch moved while it was read, so that these paths are not known there."""

    paths: tuple[str, ...]
    reason: ClassVar[Reason] = Reason.NOT_NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchBlocked:
    """This branch stands in the way of all whose names begin with its own and a slash."""

    branch: str
    reason: ClassVar[Reason] = Reason.BRANCH_BLOCKED


@dataclass(frozen=True, slots=True, kw_only=True)
class BotLoop:
    """So many bot commits in a row that bring back what was on the branch before."""

    commits: int
    reason: ClassVar[Reason] = Reason.BOT_LOOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """The pull request `of` is open for the same files; `is_theirs`: people worked on this one too."""

    of: int
    is_theirs: bool
    by: tuple[str, ...] = ()
    reason: ClassVar[Reason] = Reason.DUPLICATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """It was to be replaced, `because`; the pull request `by`, open for the same files, goes on instead."""

    because: Why
    by: int
    reason: ClassVar[Reason] = Reason.DUPLICATE


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached:
    """It waits for a later run."""

    limit: Limit
    reason: ClassVar[Reason] = Reason.LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailed:
    """What it would bring holds these errors, by the checks of `syncbot check`."""

    errors: tuple[Diagnostic, ...]
    reason: ClassVar[Reason] = Reason.CHECK_FAILED


Why = (
    Plain
    | Files
    | NotBrought
    | Declined
    | StaysQuiet
    | Downgrade
    | HeldBack
    | Held
    | HoldRefused
    | UnverifiedCommand
    | AskedAnew
    | Retargeted
    | BaseSwitched
    | Reopened
    | DriftGone
    | Withdrawn
    | ProposedElsewhere
    | LeftFleet
    | StaysOpen
    | Conflicts
    | BaseMoved
    | TeamConflict
    | LosesUnseen
    | Unread
    | BranchBlocked
    | BotLoop
    | Duplicate
    | Superseded
    | LimitReached
    | CheckFailed
)

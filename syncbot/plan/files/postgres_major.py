"""A move to another Postgres major: which files of one repo it takes along, so that no other changeset carries it.

Read from what a proposal would replace, by `major_step`. The server's own file goes along, for it is written for the
new major. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from syncbot.plan.file_reasons import HeldWithMajor, UnknownMajor
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.major_step import MajorStep, families, major_step
from syncbot.plan.states import FileState
from syncbot.plan.why import Downgrade, HeldBack

PREFIX = "postgres-"
_SETTINGS = "postgresql.conf"
# What a move concerns by its name, where there is no proposal to read it from.
_COMPANION = re.compile(r"(?:.*/)?(?:(?:docker-)?compose\.ya?ml|postgresql\.conf|.*rds-parameter-group.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class MajorMove:
    """From which major to which, and the files that belong to it. `back` says that a file would go to a lower one."""

    from_major: int
    to_major: int
    back: bool
    paths: frozenset[str]

    @property
    def changeset(self) -> str:
        return f"{PREFIX}{self.to_major}"

    @property
    def refusal(self) -> Downgrade:
        return Downgrade(before=str(self.from_major), after=str(self.to_major))

    def whole(self, candidates: Sequence[FileStatus], statuses: Sequence[FileStatus]) -> tuple[FileStatus, ...]:
        """All of them or none: half a move would not start. A no until a certain day holds for all."""
        asked = any(not status.quiet for status in candidates) and not any(status.declined for status in candidates)
        return tuple(candidates) if asked and not self.held_back(statuses) else ()

    def held_back(self, statuses: Sequence[FileStatus]) -> HeldBack | None:
        """The files for which the move cannot be proposed whole: they belong to it and are exempt or blocked."""
        missing = tuple(
            status.ref
            for status in statuses
            if status.treatment.holds_back and status.live != status.desired and _is_companion(status)
        )
        return HeldBack(after=str(self.to_major), files=missing) if missing else None


def major_move(statuses: Sequence[FileStatus]) -> MajorMove | None:
    """The move that these proposals make together, None where the major stays."""
    steps = {status.path: step for status in statuses if (step := _step(status))}
    if not steps:
        return None
    back = [step for step in steps.values() if step.is_back]
    farthest = max(back or steps.values(), key=lambda step: step.to_major)
    companions = {status.path for status in statuses if status.proposal and _belongs(status)}
    return MajorMove(
        from_major=farthest.from_major,
        to_major=farthest.to_major,
        back=bool(back),
        paths=frozenset(steps.keys() | companions),
    )


def with_known_major(statuses: Sequence[FileStatus]) -> tuple[FileStatus, ...]:
    """The statuses, blocked where a proposal may bring a lower major and nobody can say: unknown never means write.

    All that belongs to the database is held back with it, as where the major is known to be lower.
    """
    unknown = {status.path: step for status in statuses if isinstance(step := _judged(status), UnknownMajor)}
    return tuple(_known(status, unknown) for status in statuses) if unknown else tuple(statuses)


def _known(status: FileStatus, unknown: Mapping[str, UnknownMajor]) -> FileStatus:
    if status.path in unknown:
        return replace(status, state=FileState.BLOCKED, why=unknown[status.path], proposal=None)
    if status.proposal and _belongs(status):
        return replace(status, state=FileState.BLOCKED, why=HeldWithMajor(path=min(unknown)), proposal=None)
    return status


def _step(status: FileStatus) -> MajorStep | None:
    step = _judged(status)
    return step if isinstance(step, MajorStep) else None


def _judged(status: FileStatus) -> MajorStep | UnknownMajor | None:
    proposal = status.proposal
    return major_step(status.path, proposal.before, proposal.content) if proposal else None


def _is_companion(status: FileStatus) -> bool:
    return isinstance(status.why, UnknownMajor | HeldWithMajor) or bool(_COMPANION.fullmatch(status.path))


def _belongs(status: FileStatus) -> bool:
    content = status.proposal.content if status.proposal else None
    return status.path.rpartition("/")[2] == _SETTINGS or bool(content and families(content))

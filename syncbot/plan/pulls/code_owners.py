"""Code owners: which owned paths the block in CODEOWNERS names. Pure.

A path is claimed that was delivered here and is there, and what the same pull request delivers. Whoever said no to a
file, or has it exempt, still owns it, and must be able to change it without the platform team's review. The paths that
are not claimed are an answer to the template, and the lock records it. A difference in them alone opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncbot.formats.codeowners import LOCATIONS, read_codeowners
from syncbot.model.blobs import text_of
from syncbot.model.files import FILE_MODES
from syncbot.model.observation import Observation
from syncbot.model.pull_request import PullRequestState
from syncbot.model.templates import UNCLAIMED
from syncbot.ownership import MalformedBlock, owned_part
from syncbot.plan.file_status import Desired, FileStatus
from syncbot.plan.files.lock import Lock
from syncbot.plan.files.points import Point, Values
from syncbot.plan.pulls.known import Known, Renderings
from syncbot.plan.pulls.partition import Carried, Partition


def code_owners(desired: Iterable[Desired]) -> Desired | None:
    """The CODEOWNERS that is wanted in this repo, None where there is none."""
    return next((wanted for wanted in desired if wanted.path in LOCATIONS and wanted.part is not None), None)


def unclaimed(desired: Collection[Desired], observation: Observation, lock: Lock) -> tuple[str, ...]:
    """The paths, the template's own, that the live block does not claim and need not: as it is, no more is wanted.

    These are the paths that its delivery left out, by the lock, and those neither delivered nor named there.
    """
    owners = code_owners(desired)
    if owners is None:
        return ()
    recorded, named = recorded_unclaimed(lock), _named(owners, observation)
    return tuple(
        sorted(
            _listed(wanted)
            for wanted in desired
            if _is_claimable(wanted, owners)
            and (
                _listed(wanted) in recorded
                or not (_is_delivered(wanted.path, observation, lock) or f"/{wanted.path}" in named)
            )
        )
    )


def recorded_unclaimed(lock: Lock) -> frozenset[str]:
    """The paths that CODEOWNERS did not claim when it was delivered; none by a lock that says nothing of it."""
    stanza = next((lock[path] for path in LOCATIONS if path in lock), None)
    return _paths((stanza.answers or {}).get(UNCLAIMED)) if stanza else frozenset()


def with_code_owners(
    separated: Partition, known: Known, renderings: Renderings | None, name_of: Callable[[FileStatus], str | None]
) -> Partition:
    """The changesets, with CODEOWNERS claiming in each what that delivers, and what was delivered before.

    It comes along where a changeset delivers a path that is not claimed yet: with one at a time, so that no two write
    the same lines.
    """
    owners = code_owners(known.desired)
    status = next((status for status in separated.statuses if owners and status.path == owners.path), None)
    if renderings is None or owners is None or status is None or status.treatment.holds_back:
        return separated
    work = _Claims(separated=separated, known=known, renderings=renderings, owners=owners)
    carriers = separated.carriers(name_of)
    carried: dict[str, Carried] = {}
    follows = status.treatment.as_desired
    for name in sorted(carriers, key=lambda name: (not _is_open_with(name, owners.path, known.observation), name)):
        own = next((each for each in carriers[name] if each.path == owners.path), None)
        if own is None and follows and work.delivers_more(carriers[name]):
            carried[name] = work.carried(name, carriers[name], status)
            follows = False
        elif own and not own.quiet and work.is_wrong_in(own, carriers[name]):
            carried[name] = work.carried(name, carriers[name], None)
    return replace(separated, carried=carried)


def _is_open_with(name: str, path: str, observation: Observation) -> bool:
    return any(
        pull.state is PullRequestState.OPEN and pull.changeset == name and path in pull.proposed
        for pull in observation.pull_requests
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claims:
    separated: Partition
    known: Known
    renderings: Renderings
    owners: Desired
    listed: Mapping[str, str] = field(init=False)
    """The template's path of each path that can be claimed."""

    def __post_init__(self) -> None:
        listed = {each.path: _listed(each) for each in self.known.desired if _is_claimable(each, self.owners)}
        object.__setattr__(self, "listed", listed)

    def delivers_more(self, statuses: Iterable[FileStatus]) -> bool:
        """Whether one of them is delivered that CODEOWNERS does not claim as it is wanted now."""
        now = _unclaimed_at(self.renderings.target)
        return any(self.listed.get(path) in now for path in _delivered(statuses))

    def is_wrong_in(self, own: FileStatus, statuses: Iterable[FileStatus]) -> bool:
        """Whether the CODEOWNERS of this changeset claims other paths than it should."""
        content = own.proposal.content if own.proposal else None
        named = _patterns(owned_part(self.owners.ownership, content or b""))
        left = self._left(statuses)
        return any((f"/{path}" in named) is (listed in left) for path, listed in self.listed.items())

    def carried(self, name: str, statuses: Sequence[FileStatus], in_sync: FileStatus | None) -> Carried:
        """CODEOWNERS as this changeset has it; quiet where people said no to it with or without what they refused."""
        left = self._left(statuses)
        carried = self._carried(name, left, in_sync)
        if carried.status.quiet or not any(status.quiet for status in statuses):
            return carried
        asked = self._carried(name, self._left(replace(status, quiet=None) for status in statuses), in_sync)
        if asked.status.quiet is None:
            return carried
        return replace(
            carried, status=replace(carried.status, quiet=asked.status.quiet, declined=asked.status.declined)
        )

    def _left(self, statuses: Iterable[FileStatus]) -> frozenset[str]:
        """What is not claimed once these are merged."""
        delivered = _delivered(statuses)
        return frozenset(
            listed
            for path, listed in self.listed.items()
            if path not in delivered and not _is_delivered(path, self.known.observation, self.known.lock)
        )

    def _carried(self, name: str, left: frozenset[str], in_sync: FileStatus | None) -> Carried:
        values = self._values(name)
        target = self.renderings.target
        answers = {answer: value for answer, value in target.answers.items() if answer != UNCLAIMED}
        answers |= {UNCLAIMED: sorted(left)} if left else {}
        point = replace(target, answers=answers | dict(values))
        rendering = self.renderings.render(point, values)
        wanted = rendering.files.get(self.owners.path) if rendering else None
        lock = dict(self.separated.lock if self.separated.lock is not None else self.known.lock)
        if in_sync and in_sync.live and self.owners.path in lock:
            # However it came to be as desired, it is no edit.
            lock[self.owners.path] = replace(lock[self.owners.path], file=in_sync.live)
        (status,) = self.known.quiet(self.known.statuses((wanted or self.owners,), lock, self.separated.earlier))
        return Carried(status=status, point=point)

    def _values(self, name: str) -> Values:
        """The moves as they have landed, and those of this changeset."""
        moved = next((changes.moves for changes in self.separated.moves if changes.name == name), ())
        return {**self.separated.landed, **{each.spec.answer: each.after for each in moved}}


def _delivered(statuses: Iterable[FileStatus]) -> frozenset[str]:
    return frozenset(
        status.path for status in statuses if status.proposal and status.proposal.content and not status.quiet
    )


def _is_delivered(path: str, observation: Observation, lock: Lock) -> bool:
    """Whether the lock records it, and it is there."""
    entry = observation.files.get(path)
    return path in lock and entry is not None and entry.mode in FILE_MODES


def _is_claimable(wanted: Desired, owners: Desired) -> bool:
    """CODEOWNERS names itself in any case: it is written only where it is delivered."""
    return wanted.part is not None and wanted.path != owners.path


def _listed(wanted: Desired) -> str:
    return wanted.listed_as or wanted.path


def _named(owners: Desired, observation: Observation) -> frozenset[str]:
    """The patterns of the live block."""
    entry = observation.files.get(owners.path)
    content = text_of(observation.blobs, entry) if entry else None
    try:
        return _patterns(owned_part(owners.ownership, content or b""))
    except MalformedBlock:
        return frozenset()


def _patterns(part: bytes | None) -> frozenset[str]:
    return frozenset(rule.pattern for rule in read_codeowners(part or b"").rules)


def _unclaimed_at(point: Point) -> frozenset[str]:
    return _paths(point.answers.get(UNCLAIMED))


def _paths(value: object) -> frozenset[str]:
    """Of what a lock says, which anybody can write: a list of texts, or nothing."""
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()

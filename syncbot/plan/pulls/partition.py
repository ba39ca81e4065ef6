"""Partition: one repo's changes into changesets that can be merged in any order, each with its own files. Pure.

Ties what was delivered, what moves and what people answered together; `changesets` says what is done about each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from syncbot.model.blobs import known_text, text_of
from syncbot.model.files import FileId, Ownership, blob_id
from syncbot.model.observation import Observation
from syncbot.model.pull_request import PullRequest, PullRequestState
from syncbot.ownership import MalformedBlock, owned_part
from syncbot.plan.file_reasons import ByHand, Needs
from syncbot.plan.file_status import Desired, FileStatus
from syncbot.plan.files.compare import EarlierRenderings
from syncbot.plan.files.delivered import Delivered, delivered, wanted_with
from syncbot.plan.files.lock import Lock, Stanza
from syncbot.plan.files.points import Point, Recorded, Situation, Values
from syncbot.plan.pulls.known import Known, Renderings, is_teams
from syncbot.plan.pulls.moves import Part, Withheld, parts
from syncbot.plan.pulls.suppression import Reply, last_about, refusal_in, reply_to, reply_to_adoption, suppress
from syncbot.plan.reasons import Quiet, Reason
from syncbot.plan.repo_plan import Moved
from syncbot.plan.states import ADOPT, SYNC, FileState
from syncbot.plan.why import Downgrade, HeldBack, Plain, Why

Earlier = dict[str, dict[FileId, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveChanges:
    """The changeset of one or more moves: its files as they are rendered for it.

    `recorded` are the points of those that the lock comes to record. `withheld` is why none of it is proposed.
    """

    name: str
    moves: tuple[Moved, ...]
    statuses: tuple[FileStatus, ...]
    recorded: Mapping[str, Point]
    withheld: Why | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A file that one changeset has otherwise than the others, and the point at which it is rendered for it."""

    status: FileStatus
    point: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Every file of a repo against all that is wanted (`statuses`), and what of that goes into which changeset.

    `is_adopted`: something was delivered here, or the team took it. Before that all of it is one question.
    `rest` are the files as they are without the moves: what `sync`, `adopt` and `takeover` are about. `recorded` says
    at which point the files of `sync` are rendered, `proved` which files the lock records truly. `delivered` are the
    owned parts as they were rendered for what has landed, where that is known; `lock` is the lock as it would be if it
    recorded that, and `landed` are the values of moves that have not landed. `carried` is, by changeset, a file that it
    has in a form of its own, beside or in place of another.
    """

    statuses: tuple[FileStatus, ...]
    rest: tuple[FileStatus, ...]
    is_adopted: bool = True
    moves: tuple[MoveChanges, ...] = ()
    recorded: Mapping[str, Point] = field(default_factory=dict)
    proved: frozenset[str] = frozenset()
    delivered: Mapping[str, bytes | None] = field(default_factory=dict)
    earlier: EarlierRenderings = field(default_factory=dict)
    lock: Lock | None = None
    landed: Values = field(default_factory=dict)
    carried: Mapping[str, Carried] = field(default_factory=dict)

    def carriers(self, name_of: Callable[[FileStatus], str | None]) -> dict[str, tuple[FileStatus, ...]]:
        """The files of each changeset that is not withheld, those that people said no to among them.

        `name_of` tells the changeset of a file that no move carries.
        """
        found = {
            changes.name: tuple(status for status in changes.statuses if status.proposal)
            for changes in self.moves
            if not changes.withheld
        }
        for status in self.rest:
            if status.proposal and (name := name_of(status)):
                found[name] = (*found.get(name, ()), status)
        return found


def partition(known: Known, renderings: Renderings | None) -> Partition:
    """What is proposed apart from what; all of it together where the template declares no moves."""
    if not known.is_adopted:
        return _first_contact(known, renderings)
    situation = _situation(known, renderings) if renderings and known.differing else None
    found = delivered(situation) if situation else None
    if situation is None or found is None:
        statuses = known.quiet(known.statuses(known.desired, known.lock, known.earlier))
        recorded = dict.fromkeys((wanted.path for wanted in known.desired), renderings.target) if renderings else {}
        return Partition(statuses=statuses, rest=statuses, recorded=recorded, earlier=known.earlier)
    lock, earlier = _as_landed(known, found)
    statuses = tuple(_by_hand(status, situation, found) for status in known.statuses(known.desired, lock, earlier))
    left = frozenset(s.path for s in statuses if s.treatment.unknown or s.treatment.holds_back or is_teams(s))
    replies: dict[str, Reply] = {}

    def refuses(moved: Moved) -> bool:
        answer = reply_to(moved, known.observation, known.identities, known.today)
        if answer is None:
            answer = _reply_before(moved, known, found, situation)
        if answer:
            replies[moved.spec.answer] = answer
        return answer is not None

    separated = parts(situation, found, left, refuses, together=_together(known, situation))
    *moving, sync = (*(p for p in separated if p.moves), *(p for p in separated if not p.moves))
    if not moving:
        quiet = _refused(known.quiet(statuses), known, found, situation)
        target = found.target.files
        return Partition(
            statuses=quiet,
            rest=quiet,
            recorded=dict.fromkeys((*target, *(w.path for w in known.desired)), situation.target),
            proved=found.proved,
            delivered=found.bases,
            earlier=earlier,
            lock=lock,
        )
    changes = tuple(_changes(part, known, lock, earlier, replies) for part in moving)
    own = {wanted.path: wanted.ownership for wanted in known.desired}
    synced = known.statuses((_owned_as(w, own) for w in sync.files.values()), lock, earlier)
    carried = {path for part in moving for path in part.files} | sync.files.keys()
    rest = known.quiet((*synced, *(status for status in statuses if status.path not in carried)))
    rest = _refused(rest, known, found, situation)
    return Partition(
        statuses=_overall(statuses, (*(s for each in changes for s in each.statuses), *rest)),
        rest=tuple(sorted(rest, key=lambda status: status.path)),
        moves=changes,
        recorded={**dict.fromkeys((s.path for s in rest), situation.target), **sync.recorded},
        proved=found.proved,
        delivered=found.bases,
        earlier=earlier,
        lock=lock,
        landed={moved.spec.answer: moved.before for part in moving for moved in part.moves},
    )


def _first_contact(known: Known, renderings: Renderings | None) -> Partition:
    """All in one, which people answer for all of it."""
    statuses = known.statuses(known.desired, known.lock, known.earlier)
    # A no to `adopt` is about all of it; what else was answered, an older syncbot asked apart.
    others = tuple(pull for pull in known.observation.pull_requests if pull.changeset != ADOPT)
    asked_apart = replace(known.observation, pull_requests=others)
    statuses = suppress(statuses, asked_apart, known.identities, known.today)
    answer = reply_to_adoption(known.observation, known.repo, known.identities, known.today)
    if answer:
        statuses = tuple(_with_reply(status, answer) for status in statuses)
    recorded = dict.fromkeys((wanted.path for wanted in known.desired), renderings.target) if renderings else {}
    return Partition(statuses=statuses, rest=statuses, is_adopted=False, recorded=recorded, earlier=known.earlier)


def _with_reply(status: FileStatus, answer: Reply) -> FileStatus:
    if status.proposal is None:
        return status
    is_taken_back = answer.quiet is Quiet.REVERTED and status.treatment.live_as_delivered
    state = FileState.REVERTED if is_taken_back else status.state
    return replace(status, state=state, quiet=answer.quiet, declined=answer.declined)


def _situation(known: Known, renderings: Renderings) -> Situation:
    differing = {wanted.path for wanted in known.differing}
    return Situation(
        moves=renderings.moves,
        target=renderings.target,
        render=renderings.render,
        reads=renderings.reads,
        live={
            wanted.path: _live(wanted, known.observation) if wanted.path in differing else wanted.part
            for wanted in known.desired
        },
        lock={
            path: Recorded(file=stanza.file, points=renderings.recorded.get(path, ()))
            for path, stanza in known.lock.items()
        },
        known=renderings.known,
        texts={
            stanza.file.id: text
            for path, stanza in known.lock.items()
            if (text := _recorded_text(known, path, stanza)) is not None
        },
        places=renderings.places,
        merged=merged_values(known.observation),
    )


def merged_values(observation: Observation) -> Mapping[str, frozenset[str]]:
    """The values of moves, by answer, that merged pull requests led from and to."""
    values: dict[str, frozenset[str]] = {}
    for pull in observation.pull_requests:
        if pull.state is PullRequestState.MERGED and pull.base == observation.default_branch:
            for answer, both in pull.moves.items():
                values[answer] = values.get(answer, frozenset()).union(both)
    return values


def _live(wanted: Desired, observation: Observation) -> bytes | None:
    """The owned part as it is live, None where there is none, or where it cannot be told."""
    entry = observation.files.get(wanted.path)
    if entry is None or entry.id not in observation.blobs:
        return None
    content = text_of(observation.blobs, entry)
    try:
        return None if content is None else owned_part(wanted.ownership, content)
    except MalformedBlock:
        return None


def _recorded_text(known: Known, path: str, stanza: Stanza) -> bytes | None:
    found = known.earlier.get(path, {}).get(stanza.file)
    return known_text(known.observation.blobs, stanza.file.id) if found is None else found


def _as_landed(known: Known, found: Delivered) -> tuple[Lock, EarlierRenderings]:
    """The lock as it would be if it recorded the moves that have landed, and the texts that go with it."""
    lock = dict(known.lock)
    earlier: Earlier = {path: dict(texts) for path, texts in known.earlier.items()}
    for wanted in known.differing:
        base, path = found.bases.get(wanted.path), wanted.path
        if base is None:
            continue
        stanza = lock.get(path)
        file = FileId(id=blob_id(base), mode=stanza.file.mode if stanza else wanted.mode)
        point = found.points.get(path)
        config = point.config if point and point.config else stanza.config if stanza else None
        lock[path] = Stanza(file=file, template=known.repo.template, config=config)
        earlier.setdefault(path, {})[file] = base
    return lock, earlier


def _by_hand(status: FileStatus, situation: Situation, found: Delivered) -> FileStatus:
    """A file that shows a version which nothing here ever rendered is left alone."""
    if status.path not in found.by_hand or status.proposal is None or is_teams(status):
        return status
    text = situation.live.get(status.path)
    shown = next(
        (
            ByHand(label=move.label, value=value)
            for move in situation.moves
            if situation.place(move) == status.path
            and text is not None
            and (value := situation.reads(move, text) or "") not in (str(found.values.get(move.answer)), "")
        ),
        ByHand(),
    )
    return replace(status, state=FileState.BY_HAND, why=shown, proposal=None)


def _refused(
    statuses: tuple[FileStatus, ...], known: Known, found: Delivered, situation: Situation
) -> tuple[FileStatus, ...]:
    """The statuses, those quiet whose change was refused in `sync` when other moves had landed: it is the same one."""
    newest: dict[str, PullRequest] = {}
    for pull in sorted(known.observation.pull_requests, key=lambda pull: pull.number):
        if pull.changeset == SYNC and pull.state is not PullRequestState.OPEN:
            newest |= dict.fromkeys(pull.offered, pull)
    return tuple(
        _with_reply(status, answer)
        if status.proposal
        and not status.quiet
        and (asked := newest.get(status.path))
        and asked.state is PullRequestState.CLOSED
        and (answer := refusal_in(asked, known.identities, known.today))
        and asked.offered[status.path] in wanted_with(status.path, situation, found)
        else status
        for status in statuses
    )


def _reply_before(moved: Moved, known: Known, found: Delivered, situation: Situation) -> Reply | None:
    """The no to a move that an older syncbot proposed: its trailers tell no moves, but what it offered tells this one.

    That is the file that shows it, as delivered but for this move, or for all that are wanted now.
    """
    answer, path = moved.spec.answer, situation.place(moved.spec)
    pulls = tuple(pull for pull in known.observation.pull_requests if not pull.moves)
    targets = {
        move.answer: found.target.values[move.answer] for move in situation.moves if move.answer in found.target.values
    }
    for values in ({answer: moved.after}, targets):
        rendering = situation.render(found.points[path], values) if path in found.points else None
        wanted = rendering.files.get(path) if rendering else None
        asked = last_about(path, wanted.file_id, pulls) if wanted else None
        if asked and wanted and asked.state is PullRequestState.CLOSED and asked.offered[path] == wanted.file_id:
            return refusal_in(asked, known.identities, known.today)
    return None


def _together(known: Known, situation: Situation) -> frozenset[str]:
    """Moves that an open `sync` carries, as it did when all went into one: they go on there."""
    wanted = {each.path: each.file_id for each in known.desired}
    opened = [
        pull
        for pull in known.observation.pull_requests
        if pull.state is PullRequestState.OPEN and pull.changeset == SYNC and not pull.moves
    ]
    return frozenset(
        move.answer
        for move in situation.moves
        if (path := situation.place(move)) in wanted
        and any(path in pull.offered and pull.offered[path] == wanted[path] for pull in opened)
    )


def _changes(
    part: Part, known: Known, lock: Lock, earlier: EarlierRenderings, replies: Mapping[str, Reply]
) -> MoveChanges:
    own = {wanted.path: wanted.ownership for wanted in known.desired}
    statuses = known.statuses((_owned_as(wanted, own) for wanted in part.files.values()), lock, earlier)
    answer = next((replies[moved.spec.answer] for moved in part.moves if moved.spec.answer in replies), None)
    if part.withheld is Withheld.REFUSED and answer:
        statuses = tuple(_with_reply(status, answer) for status in statuses)
    return MoveChanges(
        name=part.name,
        moves=part.moves,
        statuses=statuses if part.withheld is Withheld.REFUSED else known.quiet(statuses),
        recorded=part.recorded,
        withheld=_why_withheld(part, statuses),
    )


def _why_withheld(part: Part, statuses: tuple[FileStatus, ...]) -> Why | None:
    first = part.moves[0]
    match part.withheld:
        case None | Withheld.REFUSED:
            return None
        case Withheld.NO_WAY_BACK:
            return Downgrade(
                label=first.spec.label, answer=first.spec.answer, before=str(first.before), after=str(first.after)
            )
        case Withheld.HELD:
            files = tuple(status.ref for status in statuses if status.path in part.at)
            return HeldBack(label=first.spec.label, after=str(first.after), files=files)
        case Withheld.NEEDS_MOVE:
            return Plain(reason=Reason.NEEDS_MOVE)
    assert_never(part.withheld)


def _owned_as(wanted: Desired, own: Mapping[str, Ownership]) -> Desired:
    """A removal knows nothing of how much of the file is owned."""
    return replace(wanted, ownership=own.get(wanted.path, wanted.ownership)) if wanted.part is None else wanted


def _overall(statuses: tuple[FileStatus, ...], carried: tuple[FileStatus, ...]) -> tuple[FileStatus, ...]:
    """The statuses, those quiet about whose every change people have answered."""
    by_path: dict[str, list[FileStatus]] = {}
    for status in carried:
        by_path.setdefault(status.path, []).append(status)
    return tuple(_answered(status, by_path.get(status.path, [])) for status in statuses)


def with_carried(separated: Partition) -> Partition:
    """The statuses of all that is wanted, as those of the changesets that carry the files have become."""
    carried = (*(status for changes in separated.moves for status in changes.statuses), *separated.rest)
    return replace(separated, statuses=_overall(separated.statuses, carried))


def _answered(status: FileStatus, carriers: list[FileStatus]) -> FileStatus:
    if status.proposal and carriers and all(isinstance(carrier.why, Needs) for carrier in carriers):
        # None of its changes can go: it is what keeps them.
        return replace(status, state=carriers[0].state, why=carriers[0].why, proposal=None)
    if status.proposal is None or not carriers or not all(carrier.quiet for carrier in carriers):
        return status
    is_taken_back = all(carrier.state is FileState.REVERTED for carrier in carriers)
    state = FileState.REVERTED if is_taken_back else status.state
    return replace(status, state=state, quiet=carriers[0].quiet, declined=carriers[0].declined)

"""Moves: what is proposed apart from what. Each pending move with all that it alters, and `sync` with the rest. Pure.

A move's files are the rendering at what was delivered, plus the move; those of `sync` the target's, with the moves as
they have landed. Where the two would touch the same lines they are one, decided before either is proposed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations

from syncbot.model.templates import MoveSpec, event
from syncbot.plan.causes import AnswerCause, Cause
from syncbot.plan.file_status import Desired, FileStatus
from syncbot.plan.files.delivered import Delivered
from syncbot.plan.files.line_changes import composed, touch
from syncbot.plan.files.points import Point, Rendering, Situation, Values, removal
from syncbot.plan.pulls.pending import Pending, is_back, pending_moves
from syncbot.plan.repo_plan import Changeset, Moved
from syncbot.plan.states import ADOPT, SYNC


class Withheld(StrEnum):
    """Why a move is not proposed, though it is pending."""

    REFUSED = "refused"
    NO_WAY_BACK = "no-way-back"
    NEEDS_MOVE = "needs-move"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one changeset proposes: `files` by path, as they are rendered for it.

    `moves` is empty for `sync`. `recorded` are the points of the files that it takes from the target, which the lock
    comes to record; a move alone is read from live and recorded nowhere. `withheld` says why it is not proposed, and
    `at` the files for which.
    """

    moves: tuple[Moved, ...] = ()
    files: Mapping[str, Desired] = field(default_factory=dict)
    recorded: Mapping[str, Point] = field(default_factory=dict)
    withheld: Withheld | None = None
    at: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The changeset's name: its moves, never their targets."""
        return "+".join(sorted(slug(moved.spec.label) for moved in self.moves)) or SYNC


def slug(label: str) -> str:
    """A label as a part of a branch's name: `rds-postgres` of `RDS Postgres`."""
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


Refuses = Callable[[Moved], bool]
"""Whether people have answered this move already."""


def parts(
    situation: Situation,
    delivered: Delivered,
    left: frozenset[str] = frozenset(),
    refuses: Refuses = lambda moved: False,
    refused_files: Callable[[str, Desired | None], bool] = lambda path, wanted: False,
    together: frozenset[str] = frozenset(),
) -> tuple[Part, ...]:
    """One part a changeset, `sync` last.

    `left` are paths at which nothing is proposed: exempt, blocked, the team's own. `refused_files` says whether `sync`
    is refused for such content. `together` are answers whose moves ride in `sync`, since an open one carries them.
    """
    held: dict[frozenset[str], tuple[Withheld, tuple[str, ...]]] = {}
    pending = pending_moves(situation, delivered, together)
    skipped = left | delivered.by_hand
    for group in pending.groups:
        moved = pending.moved(group)
        if any(refuses(each) for each in moved if not each.follows):
            held[group] = (Withheld.REFUSED, ())
        elif any(is_back(each) for each in moved):
            held[group] = (Withheld.NO_WAY_BACK, ())
    while True:
        work = _Work(situation, delivered, pending, skipped, refused_files, frozenset(held))
        work.settle()
        found = work.incomplete()
        if not found:
            return (*work.parts(), *_withheld(situation, pending, skipped, held | work.needing))
        for group, paths in found.items():
            # Joined ones are held each by itself: what is not joined with it then may go.
            for single in pending.groups:
                if single <= group:
                    held[single] = (Withheld.HELD, paths)


def _withheld(
    situation: Situation,
    pending: Pending,
    skipped: frozenset[str],
    held: Mapping[frozenset[str], tuple[Withheld, tuple[str, ...]]],
) -> Iterator[Part]:
    """What is not proposed, with the files that it would alter."""
    for group, (why, paths) in held.items():
        now = situation.render(situation.target, pending.values(group))
        before = situation.render(situation.target, pending.landed)
        files = {
            path: wanted
            for path, wanted in (now.files.items() if now else ())
            if path not in skipped and wanted.part != (before.part(path) if before else None)
        }
        yield Part(moves=pending.moved(group), files=files, withheld=why, at=paths)


class _Work:
    """The texts of each part, joined until no two of them touch the same lines."""

    def __init__(
        self,
        situation: Situation,
        delivered: Delivered,
        pending: Pending,
        skipped: frozenset[str],
        refused_files: Callable[[str, Desired | None], bool],
        withheld: frozenset[frozenset[str]],
    ) -> None:
        self._situation, self._delivered, self._pending = situation, delivered, pending
        self._refused_files = refused_files
        self._paths = tuple(path for path in situation.live if path not in skipped)
        self._groups = [group for group in pending.groups if group not in withheld]
        # Files that a group renders at the target, and those of them that it takes from `sync`, moved or not.
        self._rides: dict[frozenset[str], frozenset[str]] = dict.fromkeys(self._groups, frozenset[str]())
        self._takes: dict[frozenset[str], frozenset[str]] = dict.fromkeys(self._groups, frozenset[str]())
        self.needing: dict[frozenset[str], tuple[Withheld, tuple[str, ...]]] = {}
        self._texts: dict[frozenset[str], dict[str, Desired]] = {}
        self._sync: dict[str, Desired] = {}

    def settle(self) -> None:
        """Bring the texts to where nothing more is to be joined. Ends, for each step joins or moves something over."""
        while self._render_groups() or self._render_sync() or self._join_groups() or self._join_sync():
            pass

    def parts(self) -> Iterator[Part]:
        """What is proposed, `sync` last."""
        for group in self._groups:
            moves = self._pending.moved(group)
            carried = {path for path in self._texts[group] if self._is_carried(group, path)}
            yield Part(
                moves=moves, files=self._texts[group], recorded=self._points(carried, self._pending.values(group))
            )
        yield Part(files=self._sync, recorded=self._points(self._sync, self._pending.landed))

    def incomplete(self) -> dict[frozenset[str], tuple[str, ...]]:
        """Groups of which a file is missing without which it is no move: the one it is read in, or any if whole."""
        found = {}
        for group in self._groups:
            missing: set[str] = set()
            specs = [move for move in self._situation.moves if move.answer in group]
            for move in specs:
                path = self._situation.place(move)
                is_there = self._situation.live.get(path) is not None
                if is_there and path not in self._texts[group] and self._alters(group, group, path):
                    missing.add(path)
            if whole := frozenset(move.answer for move in specs if move.whole):
                skipped = self._situation.live.keys() - set(self._paths)
                missing |= {path for path in skipped if self._alters(group, whole, path)}
            if missing:
                found[group] = tuple(sorted(missing))
        return found

    def _alters(self, group: frozenset[str], moves: frozenset[str], path: str) -> bool:
        """Whether these moves of the group would change, add or remove the file, if it were not left alone."""
        now, before = (self._at(self._situation.target, self._pending.values(each)) for each in (group, group - moves))
        was = before.part(path) if before else None
        return now is not None and now.part(path) not in (self._situation.live.get(path), was)

    def _at(self, point: Point, values: Values) -> Rendering | None:
        return self._situation.render(point, values)

    def _is_carried(self, group: frozenset[str], path: str) -> bool:
        """Whether the group takes this file from the target, with all that changed in it."""
        return path in self._rides[group] or path not in self._delivered.proved

    def _points(self, paths: Mapping[str, object] | set[str], values: Values) -> dict[str, Point]:
        target = self._situation.target
        point = replace(target, answers={**target.answers, **_shown(self._situation, values)})
        return dict.fromkeys(paths, point)

    def _render_groups(self) -> bool:
        """The texts of each group; True where one takes files over from `sync`, since it does not render without."""
        for group in list(self._groups):
            texts = self._texts_of(group)
            if texts is None:
                values = self._pending.values(group)
                now, before = (
                    self._at(self._situation.target, values),
                    self._at(self._situation.target, self._pending.landed),
                )
                needed = frozenset(
                    path
                    for path in self._paths
                    if before is None
                    or (now and now.part(path) != before.part(path))
                    or not self._renders(path, values)
                )
                if now is None or needed <= self._rides[group]:
                    self.needing[group] = (Withheld.NEEDS_MOVE, ())
                    self._drop(group)
                else:
                    self._rides[group] |= needed
                return True
            self._texts[group] = texts
        return False

    def _drop(self, group: frozenset[str]) -> None:
        self._groups.remove(group)
        self._texts.pop(group, None)

    def _renders(self, path: str, values: Values) -> bool:
        point = self._delivered.points.get(path)
        return point is not None and self._at(point, values) is not None

    def _texts_of(self, group: frozenset[str]) -> dict[str, Desired] | None:
        """What the group alters, by path; None where a point of it does not render."""
        values, texts = self._pending.values(group), dict[str, Desired]()
        for path in self._paths:
            carried = self._is_carried(group, path)
            point = self._situation.target if carried else self._delivered.points[path]
            now = self._at(point, values)
            if now is None and path in self._rides[group]:
                now = self._at(self._situation.target, values)
            if now is None:
                return None
            before = self._at(point, self._pending.landed)
            was = before.part(path) if before else self._delivered.bases.get(path)
            part, base = now.part(path), self._delivered.bases.get(path)
            if (part != was or path in self._takes[group]) and part != base:
                texts[path] = now.files.get(path) or removal(path)
        return texts

    def _render_sync(self) -> bool:
        """The texts of `sync`; True where the target renders only with a move, which then takes all."""
        riding = {path for group in self._groups for path in self._texts[group] if self._is_carried(group, path)}
        now = self._at(self._situation.target, self._pending.landed)
        if now is None:
            self._sync = {}
            for group in self._groups:
                everything = frozenset(self._paths)
                if self._at(self._situation.target, self._pending.values(group)) and self._takes[group] != everything:
                    self._rides[group] = self._takes[group] = everything
                    return True
                if self._takes[group] == everything:
                    return False
            return False
        moving = {path for group in self._groups for path in self._texts[group]}
        self._sync = {
            path: wanted
            for path in self._paths
            if path not in riding
            and (wanted := now.files.get(path) or removal(path)) is not None
            and not self._refused_files(path, wanted)
            and (
                wanted.part != self._delivered.bases.get(path)
                # An edit is put back once no move is under way there.
                or (path not in moving and wanted.part != self._situation.live[path])
            )
        }
        return False

    def _join_groups(self) -> bool:
        for one, other in combinations(self._groups, 2):
            for path in self._texts[one].keys() & self._texts[other].keys():
                both = self._is_carried(one, path) and self._is_carried(other, path)
                base = self._delivered.bases.get(path)
                if both or touch(base, self._texts[one][path].part, self._texts[other][path].part):
                    joined = one | other
                    self._rides[joined] = self._rides.pop(one) | self._rides.pop(other)
                    self._takes[joined] = self._takes.pop(one) | self._takes.pop(other)
                    self._groups = [group for group in self._groups if group not in (one, other)] + [joined]
                    self._texts.pop(one), self._texts.pop(other)
                    return True
        return False

    def _join_sync(self) -> bool:
        """True where a file goes over to a group, since both would change the same lines of it, or make another."""
        for group in self._groups:
            for path in self._texts[group].keys() & self._sync.keys():
                base = self._delivered.bases.get(path)
                ours, synced = self._texts[group][path].part, self._sync[path].part
                both = self._at(self._situation.target, self._pending.values(group))
                wanted = both.part(path) if both else None
                if touch(base, ours, synced) or composed(base, ours, synced) != wanted:
                    self._rides[group] |= {path}
                    self._takes[group] |= {path}
                    return True
        return False


def _shown(situation: Situation, values: Values) -> dict[str, object]:
    """Values of moves that a point's answers come to hold."""
    return {move.answer: values[move.answer] for move in situation.moves if move.answer in values}


def of_changeset(
    changeset: Changeset, files: tuple[FileStatus, ...], declared: Iterable[MoveSpec]
) -> tuple[FileStatus, ...]:
    """The files with the causes that are this changeset's: a move's own answers, or all that no move is about."""
    own = {moved.spec.answer for moved in changeset.moves}
    specs = {spec.answer: spec for spec in declared}

    def is_own(cause: Cause) -> bool:
        if not isinstance(cause, AnswerCause):
            return not own
        spec = specs.get(cause.answer)
        is_event = spec is not None and event(spec, str(cause.before)) != event(spec, str(cause.after))
        return cause.answer in own if own else changeset.name == ADOPT or not is_event

    return tuple(replace(file, causes=tuple(filter(is_own, file.causes))) for file in files)

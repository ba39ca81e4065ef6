"""What is proposed where: an executable specification, apart from the planner and in the simplest form that holds.

`plan` is a function of one moment: the config, the repo's live files, and what people have refused. Every text that it
proposes is a rendering at one point, merged by git with what people made of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, islice, product
from typing import Any

from tests.oracle import lock as locks
from tests.oracle.git import Conflict
from tests.oracle.lock import Lock, Stanzas, delivered_at
from tests.oracle.template import (
    CODEOWNERS,
    LOCK,
    MOVES,
    NODE_VERSION,
    OWNABLE,
    POSTGRES,
    READ_IN,
    WHOLE,
    Answers,
    Files,
    NoRenderError,
    Point,
    Renderer,
    blob_id,
    moves_in,
    resolved,
    shown,
    values_at,
)

Group = frozenset[str]
Texts = dict[str, str | None]
Merge = Callable[[str | None, str | None, str | None], str | Conflict | None]
_ALL = frozenset(OWNABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """All that a plan depends on. `known` are earlier points of this repo in the config, oldest first."""

    renderer: Renderer
    merge: Merge
    target: Point
    known: tuple[Point, ...]
    live: Files
    exempt: frozenset[str]
    refused_moves: frozenset[tuple[str, Any]]
    refused_sync: frozenset[tuple[str, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changeset:
    """What one pull request brings. A refusal is bound to `digests` and `moves`; without `lock` the lock stays."""

    writes: Texts
    moves: Answers
    digests: frozenset[tuple[str, str | None]]
    lock: str | None

    @property
    def sync(self) -> bool:
        """Whether it brings what no move is about."""
        return bool(self.digests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`status` says, by path or by changeset, why nothing is proposed there. `delivered` are the moves as landed."""

    target: Point
    wanted: Answers = field(default_factory=dict)
    delivered: Answers = field(default_factory=dict)
    by_hand: frozenset[str] = frozenset()
    proved: frozenset[str] = frozenset()
    changesets: dict[str, Changeset] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)


def name_of(moves: Group) -> str:
    """The name of a changeset: what moves, or `sync`."""
    return "+".join(sorted(moves)) or "sync"


def leading_of(moves: Iterable[str], target: Point) -> frozenset[str]:
    """The moves of a changeset that bring others along: a refusal is about these."""
    given = frozenset(move for move in moves if target.answers[move] is not None)
    return given or frozenset(moves)


def plan(moment: Moment) -> Plan:
    """What is proposed. A move of which too little can be written is held, and all is planned again without it."""
    try:
        wanted = moves_in(resolved(moment.target.tree, moment.target.answers))
    except NoRenderError:
        return Plan(target=moment.target, status={"*": "config does not render"})
    held: dict[str, str] = {}
    while True:
        work = _Work(moment, _Delivery(moment, wanted), held)
        work.settle()
        changesets, found = _Writing(work).changesets()
        if not found:
            break
        for name, why in found.items():
            alone = [group for group in work.grouped if group <= set(name.split("+"))]
            held |= {name_of(group): why for group in alone}
    past = work.past
    return Plan(
        target=moment.target,
        wanted=wanted,
        delivered=work.values,
        by_hand=frozenset(past.by_hand),
        proved=frozenset(past.points),
        changesets=changesets,
        status=work.status,
    )


class _Delivery:
    """What was delivered: the point and the base of each file, the landed value of each move. Believes no record."""

    def __init__(self, moment: Moment, wanted: Answers) -> None:
        self.moment, self.wanted, self.lock = moment, wanted, locks.read(moment.live.get(LOCK))
        self.points: dict[str, Point] = {}
        for path in OWNABLE:
            self._prove(path)
        self.by_hand, self.values = set[str](), dict[str, Any]()
        for move in MOVES:
            self._land(move)
        among = [*map(values_at, moment.known), wanted, self.values]
        self._seen = {move: {values[move] for values in among} for move in MOVES}
        self.base: Texts = {}
        for path in OWNABLE:
            self._find_base(path)
        live, base = moment.live, self.base
        self.own = {path for path in OWNABLE if live.get(path) is not None and base.get(path) is None}

    def _prove(self, path: str) -> None:
        """A stanza counts where its point gives the id that it records; an old one names only the config commit."""
        stanza, known = self.lock.stanzas.get(path) if self.lock else None, self.moment.known
        if stanza is None:
            return
        tried = [stanza.point] if stanza.point else [*(p for p in known if p.config == stanza.config), *known]
        for point in tried:
            text = (self.moment.renderer.maybe(point, values_at(point)) or {}).get(path)
            if text is not None and blob_id(text) == stanza.id:
                self.points[path] = point
                return

    def _land(self, move: str) -> None:
        """What has landed of a move is the value that live shows, if it was ever one of ours."""
        path, value = READ_IN[move], shown(move, self.moment.live)
        recorded = values_at(self.points[path])[move] if path in self.points else None
        ours = {*(values_at(point)[move] for point in self.moment.known), self.wanted[move], recorded}
        if value is not None and value in ours:
            self.values[move] = value
            return
        self.values[move] = self.wanted[move] if recorded is None else recorded
        if path in self.moment.live:
            self.by_hand.add(path)

    def _find_base(self, path: str) -> None:
        live, point, files = self.moment.live.get(path), self.points.get(path), self.moment.renderer
        now = files.maybe(point, self.values) if point else None
        if now is not None:
            self.base[path] = now.get(path)
        if live is None:
            self.base.setdefault(path, None)
        elif self.base.get(path) == live:
            return
        elif equal := self._equals(path, live):
            self.points[path], self.base[path] = equal, live
        elif point:
            self._near(path, live, point)
        else:
            stanza = self.lock.stanzas.get(path) if self.lock else None
            if stanza and stanza.id in files.texts:
                self.base[path] = files.texts[stanza.id]

    def _equals(self, path: str, live: str) -> Point | None:
        """The point that gives just the live text, whoever brought it."""
        own = [self.points[path]] if path in self.points else []
        for point in [*own, *reversed(self.moment.known), self.moment.target]:
            for values in [values_at(point), self.values, *self._combined(point, path)]:
                if (self.moment.renderer.maybe(point, values) or {}).get(path) == live:
                    return point.having(values)
        return None

    def _near(self, path: str, live: str, point: Point) -> None:
        """Half a merge: what was delivered with or without moves that this file does not show, nearer to live."""
        shows = [move for move in MOVES if READ_IN[move] == path]
        before = {**values_at(point), **{move: self.values[move] for move in shows}}
        texts = [
            files[path]
            for values in [before, *self._combined(point, path)]
            if all(values[move] == self.values[move] for move in shows)
            and (files := self.moment.renderer.maybe(point, values)) is not None
            and path in files
        ]
        now = self.base.get(path)
        if texts:
            among = texts if now is None else [now, *texts]
            self.base[path] = min(among, key=lambda text: _distance(text, live))

    def _combined(self, point: Point, path: str) -> Iterator[Answers]:
        """Values of the moves that may show in a file, each with each."""
        try:
            own = moves_in(resolved(point.tree, point.answers))
        except NoRenderError:
            return
        every = path in (CODEOWNERS, NODE_VERSION, POSTGRES)
        choices = [sorted(self._seen[m], key=str) if every or READ_IN[m] == path else [own[m]] for m in MOVES]
        for chosen in islice(product(*choices), 40):
            yield dict(zip(MOVES, chosen, strict=True))


def _distance(one: str, other: str) -> float:
    lines, others = one.split("\n"), other.split("\n")
    return len(set(lines) ^ set(others)) + abs(len(lines) - len(others)) * 0.01


class _Work:
    """The texts of every group of moves and of `sync`, joined until no two of them get in each other's way.

    `rides` are files that a group takes from the target, since what else changed there can't be told apart from it;
    `takes` those of them that it brings whether or not it alters them.
    """

    def __init__(self, moment: Moment, past: _Delivery, held: Mapping[str, str]) -> None:
        self.moment, self.past, self.wanted = moment, past, past.wanted
        self.status = dict.fromkeys(sorted(past.own), "team's own")
        self.left = moment.exempt | past.by_hand | past.own
        pending = self._pending()
        self.values = {move: past.values[move] if move in pending else self.wanted[move] for move in MOVES}
        self.grouped = [group for group in self._grouped(pending) if not self._is_withheld(group, held)]
        self.groups = self.grouped
        self.rides: dict[Group, frozenset[str]] = dict.fromkeys(self.groups, frozenset())
        self.takes: dict[Group, frozenset[str]] = dict.fromkeys(self.groups, frozenset())
        self.texts: dict[Group, Texts] = {}
        self.sync: Texts = {}

    def settle(self) -> None:
        """Join until nothing more is to be joined."""
        while self._group_rides() or self._group_makes_sync_render() or self._groups_join() or self._sync_rides():
            pass

    def values_with(self, group: Group) -> Answers:
        """The moves as delivered, and these moved."""
        return {**self.values, **{move: self.wanted[move] for move in group}}

    def carries(self, group: Group, path: str) -> bool:
        """Whether the group takes the file from the target."""
        return path in self.rides[group] or path not in self.past.points

    # The moves

    def _pending(self) -> set[str]:
        """The moves that have not landed, and to which some rendering reacts."""
        values = self.past.values
        points = [*self.past.points.values(), self.moment.target]
        return {
            move
            for move in MOVES
            if values[move] != self.wanted[move]
            and any(self._reacts(point, {**values, move: self.wanted[move]}) for point in points)
        }

    def _reacts(self, point: Point, moved: Answers) -> bool:
        before, after = (self.moment.renderer.maybe(point, values) for values in (self.past.values, moved))
        return before is None or after is None or before != after

    def _grouped(self, pending: set[str]) -> list[Group]:
        """A move that no config line gives, and that is undone when the others are, goes with what brings it."""
        given = self.moment.target.answers
        leads = {move for move in pending if given[move] is not None}
        follows = {move for move in pending - leads if self._is_undone(move, leads)}
        groups = [{move} for move in sorted(pending - follows)]
        for move in sorted(follows):
            next(g for g in groups if any(READ_IN[lead] == READ_IN[move] for lead in g & leads)).add(move)
        return [frozenset(group) for group in groups]

    def _is_undone(self, move: str, leads: set[str]) -> bool:
        target, values = self.moment.target, self.past.values
        try:
            undone = resolved(target.tree, {**target.answers, **{lead: values[lead] for lead in leads}})
        except NoRenderError:
            return bool(leads)
        return bool(leads) and undone[move] == values[move]

    def _is_withheld(self, group: Group, held: Mapping[str, str]) -> bool:
        name, there = name_of(group), shown("pg", self.moment.live)
        leading = leading_of(group, self.moment.target)
        if any((move, self.wanted[move]) in self.moment.refused_moves for move in leading):
            self.status[name] = "refused"
        elif name in held:
            self.status[name] = held[name]
        elif "pg" in group and self.wanted["pg"] and isinstance(there, int) and there > self.wanted["pg"]:
            self.status[name] = "no way back"
        else:
            return False
        return True

    # The texts, and what can't be told apart. Each of these is true if something was joined.

    def _group_rides(self) -> bool:
        for group in self.groups:
            try:
                self.texts[group] = self._texts_of(group)
            except NoRenderError:
                needed = self._needed(group)
                if needed is not None and not needed <= self.rides[group]:
                    self.rides[group] |= needed
                    return True
                self.texts[group] = {}
                self.status[name_of(group)] = "needs-move"
        return False

    def _texts_of(self, group: Group) -> Texts:
        """What a group alters: the rendering at what was delivered, with and without it."""
        values, texts = self.values_with(group), Texts()
        for path in OWNABLE:
            if path in self.left:
                continue
            point = self.moment.target if self.carries(group, path) else self.past.points[path]
            text = self.moment.renderer.files(point, values).get(path)
            before, base = self.moment.renderer.maybe(point, self.values), self.past.base.get(path)
            was = base if before is None else before.get(path)
            if (text != was or path in self.takes[group]) and text != base:
                texts[path] = text
        return texts

    def _needed(self, group: Group) -> frozenset[str] | None:
        """The files that a group has to take from the target, since it does not render without; None: nor there."""
        values, files = self.values_with(group), self.moment.renderer
        now, before = files.maybe(self.moment.target, values), files.maybe(self.moment.target, self.values)
        if now is None:
            return None
        renders = {path for path, point in self.past.points.items() if files.maybe(point, values) is not None}
        altered = {path for path in OWNABLE if before is None or now.get(path) != before.get(path)}
        return frozenset(altered | (_ALL - renders))

    def _group_makes_sync_render(self) -> bool:
        """`sync` with all that no group takes; where it does not render without a move, the first takes all."""
        riding = {path for group in self.groups for path in self.texts[group] if self.carries(group, path)}
        try:
            self.sync = self._texts_of_sync(riding)
        except NoRenderError:
            self.sync = {}
            if not self.groups:
                self.status["sync"] = "needs-move"
                return False
            first = self.groups[0]
            self.rides[first] = self.takes[first] = _ALL
            renders = self.moment.renderer.maybe(self.moment.target, self.values_with(first)) is not None
            self.texts[first] = self._texts_of(first) if renders else {}
        return False

    def _texts_of_sync(self, riding: set[str]) -> Texts:
        target, texts = self.moment.target, Texts()
        for path in OWNABLE:
            refused = self.moment.renderer.digest(target, path) in self.moment.refused_sync
            if path in self.left or path in riding or refused:
                continue
            text = self.moment.renderer.files(target, self.values).get(path)
            if text != self.past.base.get(path):
                texts[path] = text
        return texts

    def _groups_join(self) -> bool:
        for one, other in combinations(self.groups, 2):
            if any(self._overlap(one, other, path) for path in self.texts[one].keys() & self.texts[other].keys()):
                both = one | other
                self.rides[both] = self.rides.pop(one) | self.rides.pop(other)
                self.takes[both] = self.takes.pop(one) | self.takes.pop(other)
                self.groups = [group for group in self.groups if group not in (one, other)] + [both]
                return True
        return False

    def _overlap(self, one: Group, other: Group, path: str) -> bool:
        if path in self.rides[one] and path in self.rides[other]:
            return True
        return Conflict.CONFLICT in self._both_ways(path, self.texts[one][path], self.texts[other][path])

    def _both_ways(self, path: str, one: str | None, other: str | None) -> tuple[str | Conflict | None, ...]:
        base, merge = self.past.base.get(path), self.moment.merge
        return merge(base, one, other), merge(base, other, one)

    def _sync_rides(self) -> bool:
        """By file: where the two conflict, or do not make what the target is with the move."""
        joined = False
        for group in self.groups:
            for path in sorted(self.texts[group].keys() & self.sync.keys()):
                merged = self._both_ways(path, self.texts[group][path], self.sync[path])
                together = self.moment.renderer.files(self.moment.target, self.values_with(group)).get(path)
                if Conflict.CONFLICT in merged or merged[0] != together:
                    self.rides[group] |= {path}
                    self.takes[group] |= {path}
                    joined = True
        return joined


class _Writing:
    """From what is wanted to what is written: each text merged with the live one, and the lock with it."""

    def __init__(self, work: _Work) -> None:
        self._work, self._moment, self._past = work, work.moment, work.past

    def changesets(self) -> tuple[dict[str, Changeset], dict[str, str]]:
        """The changesets by name, and what is held of them with the reason."""
        made: dict[str, Changeset] = {}
        held: dict[str, str] = {}
        wanted = [*((group, self._work.texts[group]) for group in self._work.groups), (Group(), self._work.sync)]
        for group, texts in wanted:
            writes, conflicts = self._merged(texts)
            if why := self._held(group, texts, conflicts):
                held[name_of(group)] = why
            elif writes:
                made[name_of(group)] = self._changeset(group, writes)
        return made, held

    def _merged(self, texts: Texts) -> tuple[Texts, set[str]]:
        writes, conflicts = Texts(), set[str]()
        for path, text in texts.items():
            live, base = self._moment.live.get(path), self._past.base.get(path)
            merged = self._moment.merge(base, live, text)
            if text is None and live is not None and live != base:
                self._work.status[path] = "no longer owned, edited"
            elif live is None and base is not None:
                self._work.status[path] = "deleted by the team"
            elif isinstance(merged, Conflict):
                conflicts.add(path)
                self._work.status[path] = "conflict"
            elif merged != live:
                writes[path] = merged
        return writes, conflicts

    def _held(self, group: Group, texts: Texts, conflicts: set[str]) -> str | None:
        """Without the file that it is read in a move is none; a Postgres major has all its files or none."""
        own = {READ_IN[move] for move in group}
        if "pg" in group and (not conflicts.isdisjoint(WHOLE) or not self._work.left.isdisjoint(self._whole(group))):
            return "held whole"
        if conflicts & own:
            return "held: conflict in " + ", ".join(sorted(conflicts))
        if any(path not in texts and path in self._moment.live for path in own):
            return "held: its own file cannot be moved"
        return None

    def _whole(self, group: Group) -> set[str]:
        """The files without which a Postgres major is none: its own, and what else it alters."""
        with_, without = (self._work.values_with(moves) for moves in (group, group - {"pg"}))
        now, before = (self._moment.renderer.maybe(self._moment.target, values) or {} for values in (with_, without))
        return {*WHOLE, *(path for path in OWNABLE if now and now.get(path) != before.get(path))}

    def _changeset(self, group: Group, writes: Texts) -> Changeset:
        carried = {path for path in writes if not group or self._work.carries(group, path)}
        digests = frozenset(self._moment.renderer.digest(self._moment.target, path) for path in carried)
        moves = {move: self._work.wanted[move] for move in sorted(group)}
        return Changeset(writes=writes, moves=moves, digests=digests, lock=self._lock(group, carried))

    def _lock(self, group: Group, carried: set[str]) -> str | None:
        """Only what was carried from the target is recorded; a lost or an old lock is written anew by `sync` alone."""
        lock = self._past.lock
        if (lock is None or lock.old) and group:
            return None
        stanzas: Stanzas = {**dict.fromkeys(OWNABLE), **(lock.stanzas if lock else {})}
        if lock and lock.old:
            stanzas |= self._proved_again(lock)
        point = self._moment.target.having(self._work.values_with(group))
        stanzas |= {path: self._stanza(path, point) for path in carried}
        return None if lock and not lock.old and stanzas == lock.stanzas else locks.write(stanzas)

    def _proved_again(self, lock: Lock) -> Stanzas:
        """The stanzas of an old lock in today's form, where they are proved."""
        points = {path: self._past.points[path] for path in lock.stanzas if path in self._past.points}
        stanzas = {path: self._stanza(path, point) for path, point in points.items()}
        return {path: stanza for path, stanza in stanzas.items() if stanza}

    def _stanza(self, path: str, point: Point) -> locks.Stanza | None:
        text = self._moment.renderer.files(point).get(path)
        return None if text is None else delivered_at(point, text, blob_id(text))

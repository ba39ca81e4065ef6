"""Asks syncbot's planner about a moment of the model, and gives its answer as a plan of the model.

What the planner proposes is taken as it is. Around it stands what is not its to say: the merge with the live file, the
lock's stanzas, and that a move is held of which the reader's own file conflicts with what people wrote there.
"""

from __future__ import annotations

import json

from syncbot.formats.move_reader import MoveReader
from syncbot.model.files import FileId, Ownership, blob_id
from syncbot.model.templates import MoveSpec
from syncbot.plan.file_status import Desired
from syncbot.plan.files.delivered import Delivered, delivered
from syncbot.plan.files.points import Point, Recorded, Rendering, Situation, Values
from syncbot.plan.pulls.moves import Part, parts
from syncbot.plan.repo_plan import Moved
from tests.oracle import lock as locks
from tests.oracle import template
from tests.oracle.git import Conflict
from tests.oracle.lock import Lock, Stanzas
from tests.oracle.model import Changeset, Moment, Plan, Texts
from tests.oracle.template import LOCK, OWNABLE, READ_IN, WHOLE, Answers

MOVES = (
    MoveSpec(answer="debian", label="debian", path=READ_IN["debian"], reader=MoveReader.BASE_SUITE),
    MoveSpec(answer="node", label="node", path=READ_IN["node"], reader=MoveReader.BASE_VERSION, image="node"),
    MoveSpec(
        answer="pg",
        label="pg",
        path=READ_IN["pg"],
        reader=MoveReader.COMPOSE_POSTGRES,
        whole=True,
        back=False,
        absent="0",
    ),
)


def plan(moment: Moment) -> Plan:
    """What syncbot proposes, in the model's words."""
    situation = _situation(moment)
    found = delivered(situation)
    if found is None:
        return Plan(target=moment.target, status={"*": "config does not render"})
    held = dict[str, str]()
    while True:
        answer = _Answer(moment, situation, found, held)
        if not answer.held:
            return answer.plan()
        held |= answer.held


class _Answer:
    """The planner's answer, where the moves that are held (by answer, with the reason) are not to be proposed."""

    def __init__(self, moment: Moment, situation: Situation, found: Delivered, held: dict[str, str]) -> None:
        self._moment, self._found, self._without = moment, found, held
        own = {path for path in OWNABLE if path in moment.live and found.bases.get(path) is None}
        self._status = dict.fromkeys(sorted(own), "team's own")
        self._parts = parts(situation, found, moment.exempt | own, self._refuses, self._refuses_file)
        self.held: dict[str, str] = {}
        self._changesets: dict[str, Changeset] = {}
        for part in self._parts:
            self._take(part)

    def plan(self) -> Plan:
        """The answer as a plan."""
        found, wanted = self._found, dict(self._found.target.values)
        pending = {moved.spec.answer for part in self._parts for moved in part.moves}
        return Plan(
            target=self._moment.target,
            wanted=wanted,
            delivered={move: found.values[move] if move in pending else wanted[move] for move in wanted},
            by_hand=found.by_hand,
            proved=frozenset(found.points),
            changesets=self._changesets,
            status=self._status,
        )

    def _refuses(self, moved: Moved) -> bool:
        answer = moved.spec.answer
        return answer in self._without or (answer, moved.after) in self._moment.refused_moves

    def _refuses_file(self, path: str, _: Desired | None) -> bool:
        return self._moment.renderer.digest(self._moment.target, path) in self._moment.refused_sync

    def _take(self, part: Part) -> None:
        moves = {moved.spec.answer: moved.after for moved in part.moves}
        name = "+".join(sorted(moves)) or "sync"
        if part.withheld:
            self._status[name] = next((self._without[move] for move in moves if move in self._without), part.withheld)
            return
        writes, conflicts = self._merged(part)
        needed = {READ_IN[move] for move in moves} | set(WHOLE if "pg" in moves else ())
        if needed & conflicts:
            self.held |= dict.fromkeys(moves, "held: conflict in " + ", ".join(sorted(conflicts)))
        elif writes:
            carried = {
                path: _known_here(self._moment, point) for path, point in part.recorded.items() if path in writes
            }
            digests = frozenset(self._moment.renderer.digest(self._moment.target, path) for path in carried)
            lock = self._lock(carried, is_sync=not moves)
            self._changesets[name] = Changeset(writes=writes, moves=moves, digests=digests, lock=lock)

    def _merged(self, part: Part) -> tuple[Texts, set[str]]:
        writes, conflicts = Texts(), set[str]()
        for path, wanted in part.files.items():
            live, base, text = self._moment.live.get(path), _text(self._found.bases.get(path)), _text(wanted.part)
            merged = self._moment.merge(base, live, text)
            if text is None and live is not None and live != base:
                self._status[path] = "no longer owned, edited"
            elif live is None and base is not None:
                self._status[path] = "deleted by the team"
            elif isinstance(merged, Conflict):
                conflicts.add(path)
                self._status[path] = "conflict"
            elif merged != live:
                writes[path] = merged
        return writes, conflicts

    def _lock(self, carried: dict[str, template.Point], is_sync: bool) -> str | None:
        lock = locks.read(self._moment.live.get(LOCK))
        if (lock is None or lock.old) and not is_sync:
            return None
        stanzas: Stanzas = {**dict.fromkeys(OWNABLE), **(lock.stanzas if lock else {})}
        if lock and lock.old:
            stanzas |= self._proved(lock)
        stanzas |= {path: self._stanza(path, point) for path, point in carried.items()}
        return None if lock and not lock.old and stanzas == lock.stanzas else locks.write(stanzas)

    def _proved(self, lock: Lock) -> Stanzas:
        points = {path: self._found.points[path] for path in lock.stanzas if path in self._found.points}
        stanzas = {path: self._stanza(path, _known_here(self._moment, point)) for path, point in points.items()}
        return {path: stanza for path, stanza in stanzas.items() if stanza}

    def _stanza(self, path: str, point: template.Point) -> locks.Stanza | None:
        text = self._moment.renderer.files(point).get(path)
        return None if text is None else locks.delivered_at(point, text, blob_id(text.encode()))


def _situation(moment: Moment) -> Situation:
    lock, known = locks.read(moment.live.get(LOCK)), tuple(map(_point, moment.known))
    return Situation(
        moves=MOVES,
        target=_point(moment.target),
        render=lambda point, values: _render(moment, point, values),
        reads=_reads,
        live={path: moment.live[path].encode() if path in moment.live else None for path in OWNABLE},
        lock={
            path: Recorded(file=FileId(id=stanza.id, mode="100644"), points=_recorded(stanza, known))
            for path, stanza in (lock.stanzas if lock else {}).items()
            if stanza
        },
        known=known,
        texts={oid: text.encode() for oid, text in moment.renderer.texts.items()},
    )


def _recorded(stanza: locks.Stanza, known: tuple[Point, ...]) -> tuple[Point, ...]:
    if stanza.point:
        return (_point(stanza.point),)
    return (*(point for point in known if point.config == str(stanza.config)), *known)


def _render(moment: Moment, point: Point, values: Values) -> Rendering | None:
    here = _known_here(moment, point)
    files = moment.renderer.maybe(here, values)
    if files is None:
        return None
    resolved = template.resolved(here.tree, {**here.answers, **values})
    return Rendering(
        files={path: _desired(path, text.encode()) for path, text in files.items()},
        values=template.moves_in(resolved),
    )


def _desired(path: str, text: bytes) -> Desired:
    return Desired(path=path, ownership=Ownership.FILE, content=text, part=text)


def _reads(move: MoveSpec, text: bytes) -> str | None:
    value = template.shown(move.answer, {move.path: text.decode()})
    return None if value is None else str(value)


def _point(point: template.Point) -> Point:
    """To syncbot an answer that is not given has no value at all."""
    answers = {answer: value for answer, value in point.answers.items() if value is not None}
    return Point(tree=json.dumps(point.tree), answers=answers, config=str(point.config))


def _known_here(moment: Moment, point: Point) -> template.Point:
    tree = tuple((place, number) for place, number in json.loads(point.tree))
    answers: Answers = {"debian": None, **point.answers}
    return template.Point(tree=tree, answers=answers, tool=moment.renderer.tool, config=int(point.config or 0))


def _text(part: bytes | None) -> str | None:
    return None if part is None else part.decode()

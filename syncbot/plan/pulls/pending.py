"""Pending: the moves that have not landed in one repo, and which of them go together from the start. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from syncbot.model.templates import MoveSpec, event
from syncbot.plan.files.delivered import Delivered
from syncbot.plan.files.points import Point, Situation, Values
from syncbot.plan.repo_plan import Moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The moves that have not landed: `before` has their values as they have, `target` all those wanted.

    `follows` names of each that comes along by itself the one that brings it; what follows another goes with that.
    """

    specs: tuple[MoveSpec, ...]
    before: Values
    target: Values
    follows: Mapping[str, str]

    @property
    def landed(self) -> Values:
        """Every value as it is without any of these moves."""
        return {**self.target, **self.before}

    @property
    def groups(self) -> tuple[frozenset[str], ...]:
        """The moves that go together from the start."""
        leads = sorted(self.before.keys() - self.follows.keys())
        return tuple(frozenset({lead, *(a for a, other in self.follows.items() if other == lead)}) for lead in leads)

    def values(self, group: frozenset[str]) -> Values:
        """Every value with the moves of this group, and of no other."""
        return {**self.landed, **{answer: self.target[answer] for answer in group}}

    def moved(self, group: frozenset[str]) -> tuple[Moved, ...]:
        """The moves of a group, those first that bring others along."""
        specs = sorted(
            (move for move in self.specs if move.answer in group), key=lambda move: move.answer in self.follows
        )
        return tuple(
            Moved(
                spec=spec,
                before=self.before[spec.answer],
                after=self.target[spec.answer],
                follows=self.follows.get(spec.answer) in group,
            )
            for spec in specs
        )


def pending_moves(situation: Situation, delivered: Delivered, together: frozenset[str]) -> Pending:
    """The moves that have not landed and to which some rendering reacts."""
    target = delivered.target.values
    points = (*delivered.points.values(), situation.target)
    before: dict[str, object] = {}
    for move in situation.moves:
        if move.answer not in target or move.answer in together:
            continue
        now = delivered.values[move.answer]
        if event(move, str(now)) != event(move, str(target[move.answer])):
            before[move.answer] = now
    before = {
        answer: now
        for answer, now in before.items()
        if any(_reacts(situation, point, {**target, **before}, answer, target[answer]) for point in _distinct(points))
    }
    follows = _followers(situation, target, before)
    return Pending(specs=situation.moves, before=before, target=target, follows=follows)


def _distinct(points: tuple[Point, ...]) -> list[Point]:
    found: list[Point] = []
    for point in points:
        if point not in found:
            found.append(point)
    return found


def _reacts(situation: Situation, point: Point, values: Values, answer: str, target: object) -> bool:
    before, after = (situation.render(point, each) for each in (values, {**values, answer: target}))
    return before is None or after is None or before.files != after.files


def _followers(situation: Situation, target: Values, pending: Values) -> dict[str, str]:
    """What comes along by itself, by the move that brings it: no config line gives it, and undone it comes back."""
    given = situation.target.answers
    follows: dict[str, str] = {}
    for answer in pending.keys() - given.keys():
        for lead in sorted(pending.keys() & given.keys()):
            undone = situation.render(replace(situation.target, answers={**given, lead: pending[lead]}), {})
            if undone and undone.values.get(answer) == pending[answer] != target[answer]:
                follows.setdefault(answer, lead)
    return follows


def is_back(moved: Moved) -> bool:
    """Whether it leads below what stands in the live file, where there is no way back."""
    if moved.spec.back or moved.spec.absent in (str(moved.before), str(moved.after)):
        return False
    return _number(moved.after) < _number(moved.before)


def _number(value: object) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in str(value).split("."))

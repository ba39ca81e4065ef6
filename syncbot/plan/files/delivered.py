"""Delivered: which rendering each live file came from, and which value of each move has landed. Pure.

The lock is proved, never trusted: a stanza counts where its point renders the id that it records. What has landed of a
move is read from the live file, so that a move needs no record of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice, product

from syncbot.model.files import FileId
from syncbot.model.templates import MoveSpec
from syncbot.plan.files.points import Point, Rendering, Situation, Values

_MOST_COMBINATIONS = 40
"""So many values of moves are tried together, to find which rendering a live file equals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """`points` and `bases`, by path: what was rendered there, and from what. A path without a base is the team's own.

    `proved` are the paths whose point gives just what was delivered. `values` are the moves as they have landed,
    `by_hand` the paths whose live file shows a value that nothing here ever rendered; `seen` are all values known.
    """

    target: Rendering
    values: Values
    points: Mapping[str, Point]
    bases: Mapping[str, bytes | None]
    proved: frozenset[str]
    by_hand: frozenset[str]
    seen: Mapping[str, tuple[object, ...]]


def delivered(situation: Situation) -> Delivered | None:
    """What was delivered to this repo; None where the target itself does not render."""
    target = situation.render(situation.target, {})
    if target is None:
        return None
    points = _proved(situation)
    values, by_hand, seen = _landed(situation, target, points)
    work = _Bases(situation, target, dict(points), values, seen)
    for path in situation.live:
        work.find(path)
    return Delivered(
        target=target,
        values=values,
        points=work.points,
        bases=work.bases,
        proved=frozenset(work.points) - work.unproved,
        by_hand=by_hand,
        seen={answer: tuple(values.values()) for answer, values in seen.items()},
    )


def wanted_with(path: str, situation: Situation, found: Delivered) -> frozenset[FileId | None]:
    """What the target wants at a path, whichever of the moves had landed."""
    choices = product(*found.seen.values())
    points = ({}, *(dict(zip(found.seen, values, strict=True)) for values in islice(choices, _MOST_COMBINATIONS)))
    renderings = (situation.render(situation.target, values) for values in points)
    return frozenset(rendering.file_id(path) for rendering in renderings if rendering)


def value_at(situation: Situation, move: MoveSpec, rendering: Rendering | None, path: str) -> object | None:
    """The move's value at a rendering, where the rendered file shows it; else None: it has no say in this repo."""
    text = rendering.part(path) if rendering else None
    if rendering is None or move.answer not in rendering.values:
        return None
    value, shown = rendering.values[move.answer], situation.reads(move, text) if text is not None else None
    if text is None and move.absent is not None and str(value) == move.absent:
        return value
    return value if shown is not None and shown == str(value) else None


def _proved(situation: Situation) -> dict[str, Point]:
    """The point of each stanza that comes out as it says."""
    return {
        path: point
        for path, recorded in situation.lock.items()
        if (point := next((each for each in recorded.points if _gives(situation, each, path, recorded.file.id)), None))
    }


def _gives(situation: Situation, point: Point, path: str, oid: str) -> bool:
    rendering = situation.render(point, {})
    wanted = rendering.file_id(path) if rendering else None
    return wanted is not None and wanted.id == oid


def _landed(
    situation: Situation, target: Rendering, points: Mapping[str, Point]
) -> tuple[dict[str, object], frozenset[str], dict[str, dict[str, object]]]:
    """The value of each move as live shows it, the paths that show one that is not known, and all values known."""
    values, seen, by_hand = dict(target.values), dict[str, dict[str, object]](), set[str]()
    known = [rendering for point in situation.known if (rendering := situation.render(point, {}))]
    for move in situation.moves:
        path = situation.place(move)
        then = situation.render(points[path], {}) if path in points else None
        recorded = then.values.get(move.answer) if then else None
        among = [r.values[move.answer] for r in (*known, target) if move.answer in r.values]
        seen[move.answer] = {str(value): value for value in (*among, *(() if recorded is None else (recorded,)))}
        if move.answer not in target.values or not any(
            value_at(situation, move, rendering, path) is not None for rendering in (target, then, *known)
        ):
            continue  # no file of this repo shows it
        fallback = target.values[move.answer] if recorded is None else recorded
        text = situation.live.get(path)
        if text is None:
            values[move.answer] = fallback
            continue
        shown = situation.reads(move, text)
        if shown is not None and shown in situation.merged.get(move.answer, ()):
            seen[move.answer].setdefault(shown, _as_answered(shown, target.values[move.answer]))
        if shown in seen[move.answer]:
            values[move.answer] = seen[move.answer][shown]
        else:
            values[move.answer] = fallback
            by_hand.add(path)
    return values, frozenset(by_hand), seen


def _as_answered(text: str, like: object) -> object:
    """A value that was read in a file, as the type that the answer has."""
    match like:
        case int() if text.isdecimal():
            return int(text)
        case float():
            return float(text)
    return text


class _Bases:
    """The search for what each live file was rendered as; `points` grows by what is found."""

    def __init__(
        self,
        situation: Situation,
        target: Rendering,
        points: dict[str, Point],
        values: Values,
        seen: Mapping[str, Mapping[str, object]],
    ) -> None:
        self.points, self.bases = points, dict[str, bytes | None]()
        self.unproved = set[str]()
        self._situation, self._target, self._values, self._seen = situation, target, values, seen

    def find(self, path: str) -> None:
        """The base of one file, by the first of these that holds."""
        live, render = self._situation.live[path], self._situation.render
        point = self.points.get(path)
        now = render(point, self._values) if point else None
        if now and (path in now.files or live is None):
            self.bases[path] = now.part(path)
        if live is None:
            self.bases.setdefault(path, None)
            return
        if self.bases.get(path) == live:
            return
        if self._equals_rendering(path, live):
            return
        if point:
            self._nearest(path, live, point)
        elif recorded := self._situation.lock.get(path):
            text = self._situation.texts.get(recorded.file.id)
            if text is not None:
                self.bases[path] = text
                self.unproved.add(path)

    def _equals_rendering(self, path: str, live: bytes) -> bool:
        """Live is just what some point gives, whoever brought it."""
        for point in self._candidates(path):
            for values in self._combined(point):
                rendering = self._situation.render(point, values)
                if rendering and rendering.part(path) == live:
                    self.points[path] = replace(point, answers={**point.answers, **values})
                    self.bases[path] = live
                    return True
        return False

    def _candidates(self, path: str) -> Iterator[Point]:
        if path in self.points:
            yield self.points[path]
        yield self._situation.target
        yield from reversed(self._situation.known)

    def _combined(self, point: Point) -> Iterator[Values]:
        """Values of moves to try at a point: its own, as delivered, and each with each."""
        then = self._situation.render(point, {})
        if then is None:
            return
        own = {move.answer: then.values[move.answer] for move in self._situation.moves if move.answer in then.values}
        yield own
        yield self._values
        choices = [list(self._seen[answer].values()) for answer in own]
        for chosen in islice(product(*choices), _MOST_COMBINATIONS):
            yield dict(zip(own, chosen, strict=True))

    def _nearest(self, path: str, live: bytes, point: Point) -> None:
        """Half a merge: where the file does not show a move, what was delivered with or without it, nearer to live."""
        shown = {move.answer for move in self._situation.moves if self._situation.place(move) == path}
        texts = [
            text
            for values in self._combined(point)
            if all(values[answer] == self._values[answer] for answer in shown & values.keys())
            and (rendering := self._situation.render(point, values))
            and (text := rendering.part(path)) is not None
        ]
        base = self.bases.get(path)
        if texts:
            among = [base, *texts] if base is not None else texts
            self.bases[path] = min(among, key=lambda text: _distance(text, live))


def _distance(text: bytes, live: bytes) -> int:
    """How many lines lead from one to the other."""
    old, new = text.splitlines(), live.splitlines()
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return len(old) + len(new) - 2 * sum(block.size for block in blocks)

"""Points: what a rendering is made from, so that each state that a merge leaves can be rendered again. Pure.

Everything that is proposed is a rendering at one point. How one is rendered is given as a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from syncbot.model.files import FileId, Ownership
from syncbot.model.templates import MoveSpec
from syncbot.plan.file_status import Desired

Values = Mapping[str, object]
"""Values of moves, by the answer that moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A template by the git id of its tree, and the answers as they were given: defaults that follow stay following.

    `config` is the config commit that had both, where it is known. With `only` the answers suffice for that path alone.
    """

    tree: str
    answers: Mapping[str, object]
    config: str | None = None
    only: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The files at one point, by their path in the repo, and the value that each move comes to there."""

    files: Mapping[str, Desired]
    values: Values

    def part(self, path: str) -> bytes | None:
        """The owned part at a path, None where there is none."""
        wanted = self.files.get(path)
        return wanted.part if wanted else None

    def file_id(self, path: str) -> FileId | None:
        """The file that is wanted at a path, None where there is none."""
        wanted = self.files.get(path)
        return wanted.file_id if wanted else None


Render = Callable[[Point, Values], Rendering | None]
"""The rendering at a point, with these values of moves in place of its own; None where it does not render."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the lock says was delivered at a path: its id, and the points that may have rendered it, likeliest first."""

    file: FileId
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One repo, as far as it bears on what is proposed there.

    `live` has the owned part at each path that the template may own, None where there is no such file. `places` says
    where the repo keeps a file of the template, by the template's path. `known` are earlier points of this repo in the
    config, oldest first; `texts` what the repo itself holds, by blob id. `reads` reads a move's value in a text.
    `merged` are the values, by answer, from which and to which merged pull requests moved: no lock records them.
    """

    moves: tuple[MoveSpec, ...]
    target: Point
    render: Render
    reads: Callable[[MoveSpec, bytes], str | None]
    live: Mapping[str, bytes | None]
    lock: Mapping[str, Recorded] = field(default_factory=dict)
    known: tuple[Point, ...] = ()
    texts: Mapping[str, bytes] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def place(self, move: MoveSpec) -> str:
        """The path in this repo at which the move is read: the first that is there."""
        paths = [self.places.get(path, path) for path in move.paths]
        return next((path for path in paths if self.live.get(path) is not None), paths[0])


def removal(path: str, ownership: Ownership = Ownership.FILE) -> Desired:
    """That nothing is wanted at a path."""
    return Desired(path=path, ownership=ownership, part=None)

"""The config repo and the service repo of a history, as they stand at one moment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.oracle.git import Git
from tests.oracle.model import Changeset, Texts
from tests.oracle.template import (
    Answers,
    Files,
    Point,
    Renderer,
    Tree,
)

TEAM_FILE = "app.js"
PERSON = re.compile(r"# person \d+")
"""What people write: lines, each like no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A repo's exemption: of a path, or of a move that stays at a value; until a day."""

    until: int
    path: str | None = None
    move: str | None = None
    keep: int = 0


@dataclass
class World:
    """The config repo: each commit's template and answers, exemptions, a rollout that gives one answer beforehand."""

    configs: list[tuple[Tree, Answers]]
    renderer: Renderer = field(default_factory=Renderer)
    today: int = 0
    exemptions: list[Exemption] = field(default_factory=list)
    rollout: tuple[str, int] | None = None

    def point(self, config: int, exempt: bool = True, rollout: bool = True) -> Point:
        """The point of a config commit for this repo."""
        tree, given = self.configs[config]
        answers = dict(given)
        if rollout and self.rollout:
            answers[self.rollout[0]] = self.rollout[1]
        if exempt:
            answers |= {each.move: each.keep for each in self._exemptions() if each.move}
        return Point(tree=tree, answers=answers, tool=self.renderer.tool, config=config)

    def known(self) -> tuple[Point, ...]:
        """The points of the last ten config commits, with and without what depends on the day."""
        points: list[Point] = []
        for config in range(max(0, len(self.configs) - 10), len(self.configs)):
            for exempt, rollout in ((True, True), (False, True), (False, False), (True, False)):
                point = self.point(config, exempt, rollout)
                if point not in points:
                    points.append(point)
                    self.renderer.maybe(point)  # its texts are known
        return tuple(points)

    def exempt_paths(self) -> frozenset[str]:
        """The paths that are exempt today."""
        return frozenset(each.path for each in self._exemptions() if each.path)

    def change(self, tree: dict[str, int] | None = None, answers: Answers | None = None) -> None:
        """A config commit that changes these."""
        last_tree, last = self.configs[-1]
        places = {**dict(last_tree), **(tree or {})}
        self.configs.append((tuple(places.items()), {**last, **(answers or {})}))

    def _exemptions(self) -> Iterator[Exemption]:
        return (each for each in self.exemptions if each.until >= self.today)


class State(StrEnum):
    """The state of a pull request."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed by the bot"
    REFUSED = "closed by a person"


@dataclass
class Pull:
    """A pull request: `branch` and `base` are commits, `last` is what the bot wrote there, None what it removed."""

    name: str
    branch: str
    base: str
    changeset: Changeset
    last: Texts
    state: State = State.OPEN
    people: bool = False
    held: bool = False


@dataclass
class Repo:
    """The service repo: its default branch, its pull requests, the lines of people, the files that they changed."""

    git: Git
    main: str
    pulls: list[Pull] = field(default_factory=list)
    lines: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    _read: tuple[str, Files] = ("", {})

    def live(self) -> Files:
        """The files on the default branch."""
        if self._read[0] != self.main:
            self._read = self.main, self.git.files(self.main)
        return self._read[1]

    def write(self, files: Mapping[str, str | None]) -> None:
        """A commit on the default branch, with some files changed or gone."""
        self.main = self.git.commit(present({**self.live(), **files}), self.main)

    def open(self) -> list[Pull]:
        """The open pull requests."""
        return [pull for pull in self.pulls if pull.state is State.OPEN]

    def refused_moves(self) -> frozenset[tuple[str, Any]]:
        """Each move that people closed, with its value; one that was merged afterwards voids that."""
        refused: Answers = {}
        for pull in self.pulls:
            for move, value in pull.changeset.moves.items():
                if pull.state is State.REFUSED:
                    refused[move] = value
                elif pull.state is State.MERGED:
                    refused.pop(move, None)
        return frozenset(refused.items())

    def refused_sync(self) -> frozenset[tuple[str, str | None]]:
        """Each content that people closed."""
        closed = (pull.changeset.digests for pull in self.pulls if pull.state is State.REFUSED)
        return frozenset(digest for digests in closed for digest in digests)


def present(files: Mapping[str, str | None]) -> Files:
    """The files without those that are gone."""
    return {path: text for path, text in files.items() if text is not None}

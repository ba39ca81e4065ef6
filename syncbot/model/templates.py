"""What a template asks, owns and declares as moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from syncbot.formats.move_reader import MoveReader
from syncbot.model.files import Ownership

LOCATIONS = "locations"
"""The question that is answered from the repo's tree: where it keeps what the template renders at another path."""

UNCLAIMED = "unclaimed"
"""The question that is answered from what was delivered: the owned paths that CODEOWNERS does not name here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedFile:
    """An entry of `ownership.yaml`.

    `path` is where the template renders it. `locations`, where given, lists in order the paths at which the
    repo may already keep that file (CODEOWNERS has three); the first that exists is the one that is owned.
    `renamed_from` is the path under which it was owned earlier. `needs` are owned paths of the template that it may
    refer to, and that have to be there then.
    """

    path: str
    ownership: Ownership = Ownership.FILE
    locations: tuple[str, ...] = ()
    renamed_from: str | None = None
    needs: tuple[str, ...] = ()


FREE_TYPES = frozenset({"json", "yaml"})
"""Types of questions whose answers hold anything that JSON can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One Copier question, as far as a repo's answers are checked against it.

    `type` is Copier's: str, int, float, bool, json, yaml, path. `choices` are the values accepted when they do
    not depend on other answers, else None. `computed` questions (`when: false`) take no answer; the answer to a
    `secret` one stays out of the lock.
    """

    name: str
    type: str
    choices: tuple[object, ...] | None = None
    computed: bool = False
    secret: bool = False


class MoveBy(StrEnum):
    """Which part of a value is the event for the service team: all of it, `22` of 22.11.0, or `3.12` of 3.12.4."""

    VALUE = "value"
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSpec:
    """An answer whose change is an event for the service team, as `moves` of `ownership.yaml` declares it.

    `label` is what people call it. `reader` finds its value in a repo's file of the owned `path`, which is the
    template's; where the repo has none there, in the first of `other_paths` that it has. `image` is the last name of
    the base image, for BASE_VERSION alone. A change below `by` is no event. `whole`: all its files or none. `back`:
    there is a way back. `absent` is the answer that means that there is nothing to read; without one, a file that says
    so tells as little as one that cannot be read.
    """

    answer: str
    label: str
    path: str
    other_paths: tuple[str, ...] = ()
    reader: MoveReader
    image: str = ""
    by: MoveBy = MoveBy.VALUE
    whole: bool = False
    back: bool = True
    absent: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the value is read: the first that the repo has."""
        return (self.path, *self.other_paths)


def event(move: MoveSpec, value: str) -> str:
    """The part of a value that is the event; of what is no version, such as `trixie` or `none`, all of it."""
    match move.by:
        case MoveBy.VALUE:
            return value
        case MoveBy.MAJOR:
            return ".".join(value.split(".")[:1])
        case MoveBy.MINOR:
            return ".".join(value.split(".")[:2])
    assert_never(move.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSpec:
    """What a template asks and owns; every rendered path that is not owned is a starter file."""

    name: str
    questions: Mapping[str, Question]
    owned: tuple[OwnedFile, ...]
    retired: tuple[str, ...] = ()
    moves: tuple[MoveSpec, ...] = ()

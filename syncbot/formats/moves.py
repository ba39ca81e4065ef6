"""The value of a move in a live file: which Node, Debian or Postgres stands there. Text in, value out. Pure.

Never guesses: a value is what the file itself says in one way, and all else is an answer of its own.
Sources: the tags of Docker's official images (docker-library/official-images), Debian's releases
(debian.org/releases), and what `compose`, `dockerfile`, `images` and `parameter_group` name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, assert_never

from syncbot.formats.compose import postgres_servers_in
from syncbot.formats.images import Image
from syncbot.formats.move_reader import MoveReader
from syncbot.formats.parameter_group import read_groups
from syncbot.formats.used_images import base_images
from syncbot.formats.variables import UNSET


class Unread(StrEnum):
    """No value: ABSENT where the file says that there is none of it, UNKNOWN where it cannot be told."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


class Readable(Protocol):
    """What is to be read: `image` is the last part of the base image's name, for BASE_VERSION alone."""

    @property
    def reader(self) -> MoveReader: ...
    @property
    def image(self) -> str: ...


def read_move(move: Readable, content: bytes) -> str | Unread:
    """The value as an answer has it: `22.11.0`, `trixie`, `17`. Several that differ, or a malformed file: UNKNOWN."""
    reader = move.reader
    match reader:
        case MoveReader.BASE_VERSION:
            return _base_version(base_images(content), move.image)
        case MoveReader.BASE_SUITE:
            return _base_suite(base_images(content))
        case MoveReader.COMPOSE_POSTGRES:
            servers = postgres_servers_in(content)
            return _agreed(server.major for server in servers) if servers else Unread.ABSENT
        case MoveReader.PARAMETER_GROUP:
            return _family(content)
    assert_never(reader)


_UNRELEASED = r"(?:rc|alpha|beta|dev|pre|preview|nightly|canary)[0-9]*(?:[-.]|\Z)"
_VERSION = re.compile(rf"v?([0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{0,2}})(?:-(?![0-9]|{_UNRELEASED}).*)?", re.DOTALL)
"""`22`, `22.11`, `22.11.0`, each with or without a variant behind it.

`22-rc` comes before 22, and is no 22; `1-3.12` (a dev container's) has the image's own version in front of another.
"""


def _base_version(images: tuple[Image, ...], name: str) -> str | Unread:
    """By the image's last name, so that mirrors and registries count."""
    if not images or any(UNSET in image.name or not image.name for image in images):
        return Unread.UNKNOWN
    found = [_VERSION.fullmatch(image.tag) for image in images if image.name == name]
    return _agreed(version and version[1] for version in found) if found else Unread.ABSENT


_SUITES = ("jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "duke")
_NUMBERS = {str(number): suite for number, suite in enumerate(_SUITES, 8)}
_NUMBERED = re.compile(r"(?:^|-)debian-?([0-9]{1,2})(?=[-.]|\Z)")
"""`debian:12.5-slim`, `nodejs22-debian12`, `22.11.0-debian-12-r3`, with a dash between name and tag."""
_ON_NONE = frozenset({"alpine", "amazonlinux", "busybox", "fedora", "rockylinux", "scratch", "ubuntu"})
_TAG_ON_NONE = re.compile(
    r"(?:.*-)?(?:alpine|windowsservercore|nanoserver|bionic|focal|jammy|noble|resolute)[0-9.]*(?:-.*)?"
)
_ON_SOME = frozenset(
    {"buildpack-deps", "debian", "erlang", "gcc", "golang", "haskell", "httpd", "julia", "nginx", "node", "perl"}
    | {"php", "postgres", "pypy", "python", "redis", "ruby", "rust"}
)
"""Official images that rest on Debian: on what was current that day, where the tag says nothing of it."""


def _base_suite(images: tuple[Image, ...]) -> str | Unread:
    """The one release that is said. A stranger's image that says nothing leaves it open only where no other says it."""
    suites = {image: _suite(image) for image in images}
    told = {suite for suite in suites.values() if suite and not isinstance(suite, Unread)}
    telling = {image.name for image, suite in suites.items() if suite in told}
    is_open = any(suite is None and (not told or image.name in telling) for image, suite in suites.items())
    if not images or is_open or Unread.UNKNOWN in suites.values():
        return Unread.UNKNOWN
    return _agreed(told) if told else Unread.ABSENT


def _suite(image: Image) -> str | Unread | None:
    """The release that it rests on; ABSENT for none, UNKNOWN for one that is not said; None of a stranger's image."""
    numbered = _NUMBERED.search(f"{image.name}-{image.tag}")
    said: set[str | None] = {part for part in image.tag.split("-") if part in _SUITES}
    said |= {_NUMBERS.get(numbered[1])} if numbered else set()
    if said:
        return _agreed(said)
    if image.name in _ON_NONE or _TAG_ON_NONE.fullmatch(image.tag):
        return Unread.ABSENT
    is_unknown = image.name in _ON_SOME or not image.name or UNSET in image.name + image.tag
    return Unread.UNKNOWN if is_unknown else None


def _family(content: bytes) -> str | Unread:
    """The major of all groups of the file; one without a group tells nothing."""
    try:
        groups = read_groups(json.loads(content))
    except (ValueError, RecursionError):
        return Unread.UNKNOWN
    return _agreed(group.major for group in groups)


def _agreed(values: Iterable[object]) -> str | Unread:
    """The value that all of them are; UNKNOWN where they differ, where one is None, and without any."""
    found = set(values)
    value = found.pop() if len(found) == 1 else None
    return Unread.UNKNOWN if value is None else str(value)

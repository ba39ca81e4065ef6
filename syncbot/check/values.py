"""What is checked and what is found: one repo's rendering in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from syncbot.model import LOCK_PATH, File, OwnedFile

SYNCBOT = "syncbot"


class Severity(StrEnum):
    """How much it matters: an error must not be proposed, a warning should be mended, a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing found in one file.

    `line` and `column` count from 1, 0 where the file as a whole is meant; `code` is stable for scripts; `tool` is
    `hadolint`, `zizmor`, `schema` or `syncbot`. `path` is empty where no single file is meant.
    """

    path: str
    line: int = 0
    column: int = 0
    code: str
    severity: Severity = Severity.ERROR
    message: str
    tool: str = SYNCBOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """One repo's rendered files, starters included; `owned` are the template's entries, `owners` who owns them.

    `answers` are the repo's answers on the day `today`, defaults included; without a day nothing is said of versions.
    """

    repo: str
    files: Mapping[str, File]
    owned: tuple[OwnedFile, ...]
    owners: str
    answers: Mapping[str, object] = field(default_factory=dict)
    today: date | None = None

    @property
    def owned_paths(self) -> tuple[str, ...]:
        """The rendered paths that the platform team owns, the lock among them."""
        return (*(entry.path for entry in self.owned if entry.path in self.files), LOCK_PATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding and the repos it was found in, in the fleet's order; none where it concerns the run itself."""

    finding: Finding
    repos: tuple[str, ...]


class ContentCheck(Protocol):
    """A check that needs nothing but one file: it is run once for each distinct content."""

    def __call__(self, path: str, content: bytes, /) -> Iterable[Finding]: ...


RenderingCheck = Callable[[Rendering], Iterable[Finding]]
"""A check that looks at several files of one repo."""


def lines_of(content: bytes) -> list[str]:
    """The lines as text, without their ends; bytes that are not UTF-8 become U+FFFD."""
    return content.decode("utf-8", "replace").split("\n")

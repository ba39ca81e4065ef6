"""What is checked and what is found: one repo's rendering in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from syncbot.formats.diagnostics import Diagnostic, Place, Severity
from syncbot.model.files import LOCK_PATH, File
from syncbot.model.templates import OwnedFile


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


class ContentCheck(Protocol):
    """A check that needs nothing but one file: it is run once for each distinct content."""

    def __call__(self, path: str, content: bytes, /) -> Iterable[Diagnostic]: ...


RenderingCheck = Callable[[Rendering], Iterable[Diagnostic]]
"""A check that looks at several files of one repo."""


def finding(path: str, code: str, message: str, *, line: int = 0, severity: Severity = Severity.ERROR) -> Diagnostic:
    """What is wrong with a whole line, or with the file as a whole where the line is 0."""
    return Diagnostic(path=path, place=place_at(line), code=code, severity=severity, message=message)


def place_at(line: int, column: int = 0) -> Place | None:
    """The place, a whole line where the column is 0; None where the line is 0 as well, for the file as a whole."""
    return Place(line, column) if line else None

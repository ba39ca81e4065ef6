"""What is wrong somewhere, in one shape for every reader, rule and check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple

SYNCBOT = "syncbot"


class Severity(StrEnum):
    """How much it matters: an error must not be proposed, a warning should be mended, a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Place(NamedTuple):
    """Line and column, counted from 1, the column in characters, as editors count; column 0 is the whole line."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing that is wrong, or worth knowing, and where. Sorted by file, place, subject, code.

    `path` is the file, empty where no single file is meant; `place` is None where the file as a whole is meant.
    `subject` is what it is about: a key path (`repos[3].team`), a parameter, a permission. `code` is stable for
    scripts. `suggestion` is what to write instead, bare, for scripts: the message says it in words. `tool` is who
    found it.
    """

    path: str = ""
    place: Place | None = None
    subject: str = ""
    code: str = ""
    severity: Severity = Severity.ERROR
    message: str
    suggestion: str = ""
    tool: str = SYNCBOT

    def __str__(self) -> str:
        """`config/repos.yaml:3:7: repos[0].team: required, but missing`."""
        place = "".join(f":{number}" for number in self.place or () if number and self.path)
        return ": ".join(part for part in (f"{self.path}{place}", self.subject, self.message) if part)

    def __lt__(self, other: Diagnostic) -> bool:
        return self._rank() < other._rank()

    @property
    def line(self) -> int:
        """The line, from 1; 0 where the file as a whole is meant, as in JSON output."""
        return self.place.line if self.place else 0

    @property
    def column(self) -> int:
        """The column, from 1; 0 where the whole line, or the file, is meant, as in JSON output."""
        return self.place.column if self.place else 0

    @property
    def is_error(self) -> bool:
        """Whether what holds it must not be proposed."""
        return self.severity is Severity.ERROR

    def _rank(self) -> tuple[str, int, int, str, str, str, str, str]:
        place = (self.path, self.line, self.column, self.subject)
        return (*place, self.code, self.severity, self.message, self.tool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding and the repos it was found in, in the fleet's order; none where it concerns the run itself."""

    finding: Diagnostic
    repos: tuple[str, ...]


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """The known word that is most like this one, by at least that `likeness` (0 to 1); empty where none is."""
    return next(iter(get_close_matches(word, tuple(known), n=1, cutoff=likeness)), "")


def did_you_mean(near: str) -> str:
    """`; did you mean port?`, or nothing where nothing is near."""
    return f"; did you mean {near}?" if near else ""

"""The one exception root. A `SyncbotError` is shown to the user as it stands; anything else is a bug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class SyncbotError(Exception):
    """Something a person can act on: said in one line, without a traceback."""

    exit_code: ClassVar[int] = 2


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One mistake in a file that a user wrote, with the place to mend it.

    `line` and `column` count from 1, as editors do; 0 where the file as a whole is meant.
    """

    file: str
    line: int = 0
    column: int = 0
    key: str = ""
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigError(SyncbotError):
    """Everything wrong with configuration or templates, all of it at once, one `Problem` a line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class RenderError(SyncbotError):
    """One repo's answers cannot be rendered; the other repos are not concerned."""

    exit_code = 1


class ForgeError(SyncbotError):
    """GitHub cannot be reached, or refuses the identity: nothing can be done for any repo."""

    exit_code = 1


class RepoError(SyncbotError):
    """One repo failed; the others go on. `code` is stable for scripts, the text is for people."""

    exit_code = 1

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

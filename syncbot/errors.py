"""The one exception root. A `SyncbotError` is shown to the user as it stands; anything else is a bug."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal, NewType

from syncbot.formats.diagnostics import Diagnostic


class SyncbotError(Exception):
    """Something a person can act on: said in one line, without a traceback."""

    exit_code: ClassVar[int] = 2


class ConfigError(SyncbotError):
    """Everything wrong with configuration or templates, all of it at once, one `Diagnostic` a line."""

    def __init__(self, *problems: Diagnostic) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class RenderError(SyncbotError):
    """One repo's answers cannot be rendered; the other repos are not concerned."""

    exit_code = 1


class ForgeError(SyncbotError):
    """GitHub cannot be reached, or refuses the identity: nothing can be done for any repo."""

    exit_code = 1


class Refusal(StrEnum):
    """What a no of GitHub's means, or why an answer is none. Made in one place, `github.refusals`, and decided by."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    GONE = "gone"
    STALE = "stale"
    """What was read before is not what is there now: a branch that moved, an edit conflict."""
    ALREADY_EXISTS = "already-exists"
    SIGNATURE_REQUIRED = "signature-required"
    VALIDATION = "validation"
    PRIMARY_LIMIT = "primary-limit"
    SECONDARY_LIMIT = "secondary-limit"
    REDIRECTED = "redirected"
    OVERLOADED = "overloaded"
    """A server gave up or was out of breath: less may pass."""
    SERVER = "server"
    LOST = "lost"
    """No whole answer came back."""
    OTHER = "other"


class FailureCode(StrEnum):
    """Why nothing can be said or done for one repo. Stable for scripts; docs/json.md has the meanings."""

    ARCHIVED = "archived"
    DISABLED = "disabled"
    EMPTY = "empty"
    NO_DEFAULT_BRANCH = "no-default-branch"
    NOT_FOUND = "not-found"
    UNSIGNED = "unsigned"
    SIGN_OFF = "sign-off"
    NOT_PERMITTED = "not-permitted"
    UNREADABLE = "unreadable"
    LISTED_TWICE = "listed-twice"
    IDENTITY = "identity"
    RENDER = "render"
    PUSH = "push"
    POSTGRES = "postgres"
    BUG = "bug"
    ENVIRONMENT = "environment"
    LOST = "lost"


RefusedCode = NewType("RefusedCode", str)
"""`http-422`, `graphql-forbidden`: as GitHub says no, so that nobody decides by one. Made by `refused_code` alone."""


def refused_code(api: Literal["http", "graphql"], kind: int | str) -> RefusedCode:
    """The code of a request that GitHub refused: by the status, or by the type of a GraphQL error."""
    return RefusedCode(f"{api}-{kind}".lower().replace("_", "-"))


class RepoError(SyncbotError):
    """One repo failed; the others go on. The text is for people.

    `refusal` is for decisions: what GitHub said no to, None where it was not asked.
    """

    exit_code = 1

    def __init__(self, code: FailureCode | RefusedCode, message: str, refusal: Refusal | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.refusal = refusal

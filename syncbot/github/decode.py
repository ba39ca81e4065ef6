"""Decode: GitHub's JSON goes in, values of the type that was asked for come out, or `UnreadError` says which did not.

A value is *known*, *absent* or *unknown*. Absent is what GitHub says is not there: an error of type NOT_FOUND at a
file, or a null at one of the places of `Nullable`, where a healthy GitHub has one. All else that is not as asked for
is unknown, and raises: another type, a key that is missing, a null elsewhere. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from syncbot.errors import FailureCode, RepoError

Json = Mapping[str, Any]
Path = tuple[str | int, ...]
Word = TypeVar("Word", bound=StrEnum)


class UnreadError(RepoError):
    """GitHub did not tell, or not in a form that it is known to use, what was asked for."""

    def __init__(self, what: str) -> None:
        super().__init__(FailureCode.UNREADABLE, what)


class Nullable(StrEnum):
    """Where a null is an answer, and of what. Anywhere else it is none, whatever the schema allows."""

    NO_DEFAULT_BRANCH = "a repo has none until something is pushed"
    NO_SUCH_BRANCH = "no branch of that name"
    NOT_SHOWN = "settings and checks that this identity may not see; GitHub enforces them all the same"
    APP = "GitHub tells an App no permission of its own on a repo"
    NO_CHECKS = "nothing was ever run on the commit"
    NOT_MERGED = "only a merged pull request has a merge commit"
    NO_BRANCH = "the branch of a pull request that is not open may be deleted"
    NO_REVIEW_REQUIRED = "GitHub decides nothing where no review is required"
    NO_AUTO_MERGE = "nobody asked for it to merge by itself"
    DELETED_ACCOUNT = "what a deleted account said or did stays, without its name"
    NO_ACCOUNT = "an App is no user, and a stranger's address belongs to none"
    NO_OBJECT = "no object of that name in the repo, or a submodule's commit, which is elsewhere"
    NO_TEXT = "what is binary or too large has none"
    NO_ENCODING = "GitHub could not tell what it is"
    NOT_FOUND = "a login or a slug that is nobody's"


REFUSALS = ("FORBIDDEN", "INSUFFICIENT_SCOPES")
"""Types of errors by which GitHub says that the identity may not see something."""


def not_found_in(errors: Iterable[Json], *others: str) -> frozenset[Path]:
    """The paths at which GitHub says NOT_FOUND, or one of the `others`, of an answer's errors."""
    paths = (error.get("path") for error in errors if error.get("type") in ("NOT_FOUND", *others))
    return frozenset(tuple(path) for path in paths if isinstance(path, list))


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an answer, where it stands in it, and what the answer's errors say is not found, by path.

    `doubts` collects the places at which a null was taken for an answer that a lost value would look like as well.
    """

    raw: object
    path: Path = ()
    not_found: frozenset[Path] = frozenset()
    doubts: set[str] = field(default_factory=set)

    def __getitem__(self, key: str) -> Value:
        """The value of that key. Raises UnreadError where there is none."""
        if not isinstance(self.raw, dict) or key not in self.raw:
            raise self._other(f"an object with {key}")
        return self._below(self.raw[key], key)

    def has(self, key: str) -> bool:
        """Whether there is such a key, whatever its value."""
        return isinstance(self.raw, dict) and key in self.raw

    def __iter__(self) -> Iterator[Value]:
        """The items of a list. Raises UnreadError."""
        if not isinstance(self.raw, list):
            raise self._other("a list")
        return (self._below(item, index) for index, item in enumerate(self.raw))

    def maybe(self, key: str, why: Nullable, *, doubtful: bool = False) -> Value | None:
        """The value of that key, None where it is null. Raises UnreadError where the key is missing.

        `doubtful`: a null there is rare and changes what is done, so it is believed once it was said twice.
        """
        value = self[key]
        if value.raw is not None:
            return value
        if doubtful:
            self.doubts.add(f"{value} ({why})")
        return None

    def given(self, key: str) -> Value | None:
        """The value of that key, None where there is no such key: GitHub leaves some out that are optional."""
        return self[key] if self.has(key) else None

    def found(self, key: str) -> Value | None:
        """The value of that key, None only where GitHub says NOT_FOUND. Raises UnreadError."""
        value = self[key]
        if value.raw is None and value.path in self.not_found:
            return None
        return value

    @property
    def text(self) -> str:
        """Raises UnreadError."""
        if not isinstance(self.raw, str):
            raise self._other("a text")
        return self.raw

    @property
    def number(self) -> int:
        """Raises UnreadError."""
        if not isinstance(self.raw, int) or isinstance(self.raw, bool):
            raise self._other("a number")
        return self.raw

    @property
    def flag(self) -> bool:
        """Raises UnreadError."""
        if not isinstance(self.raw, bool):
            raise self._other("true or false")
        return self.raw

    @property
    def oid(self) -> str:
        """A git id: 40 hex digits, or 64. Raises UnreadError."""
        text = self.raw if isinstance(self.raw, str) else ""
        if len(text) not in (40, 64) or not set(text) <= set("0123456789abcdef"):
            raise self._other("a git id")
        return text

    @property
    def moment(self) -> datetime:
        """A time with its zone. Raises UnreadError."""
        try:
            moment = datetime.fromisoformat(self.text)
        except ValueError:
            raise self._other("a time") from None
        if moment.tzinfo is None:
            raise self._other("a time with its zone")
        return moment

    def word(self, words: type[Word], unknown: Word | None = None) -> Word:
        """One of GitHub's words for a state; for a new one `unknown`, else raises UnreadError."""
        try:
            return words(self.text.lower().replace("_", "-"))
        except ValueError:
            if unknown is not None:
                return unknown
            raise UnreadError(f"{self} is {self.text!r}, which is none of {', '.join(words)}") from None

    def __str__(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return "".join(steps).removeprefix(".") or "the answer"

    def _below(self, raw: object, step: str | int) -> Value:
        return Value(raw, (*self.path, step), self.not_found, self.doubts)

    def _other(self, wanted: str) -> UnreadError:
        if self.raw is None:
            return UnreadError(f"{self} is null")
        return UnreadError(f"{self} is {type(self.raw).__name__} instead of {wanted}")

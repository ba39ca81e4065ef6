"""Causes: why what is desired differs from what was delivered, as data. `plan.files.attribution` finds them, and
`syncbot.report.causes` has the words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum


class NoValue(Enum):
    """In the place of a value: the answer is not given, and the template's default holds; or nobody is to read it."""

    NOT_GIVEN = "not-given"
    SECRET = "secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigCommit:
    """A commit of the platform team's repo: 40 hex digits, and the first line of its message, as people wrote it."""

    id: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCause:
    """The answer changed; `key` where it is a mapping and one key of it did. `commit` set it, where that is known."""

    answer: str
    key: str | None = None
    before: object
    after: object
    commit: ConfigCommit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCause:
    """The commit changed what the file renders to for these answers; None: files that are not committed did."""

    commit: ConfigCommit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCause:
    """Another version of syncbot renders the same templates and answers to another text."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproved:
    """What was recorded is not what its commit renders: an older syncbot, or somebody edited the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralChanges:
    """The templates changed; in which commits is not known. `since` is the day of the delivery's commit, if known."""

    since: date | None


Cause = AnswerCause | TemplateCause | ToolCause | Unproved | SeveralChanges


def ranked(files: Iterable[Sequence[Cause]]) -> tuple[Cause, ...]:
    """The causes of these files, each once: that of most files first, among equals as they come."""
    found: dict[str, Cause] = {}
    counted: Counter[str] = Counter()
    for each in files:
        named = {repr(cause): cause for cause in each}
        found = {**found, **{name: cause for name, cause in named.items() if name not in found}}
        counted.update(list(named))
    return tuple(sorted(found.values(), key=lambda cause: -counted[repr(cause)]))

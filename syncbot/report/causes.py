"""Why a file differs from what was delivered, in words: causes in, one phrase each out, as text and as Markdown.

The subject of a commit is what people wrote for the platform team's repo. In a service's pull request it must close no
issue and call nobody, so it loses what refers to either, in code spans as well: merging may copy a body into a commit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import assert_never

from syncbot.plan.causes import (
    AnswerCause,
    Cause,
    ConfigCommit,
    NoValue,
    SeveralChanges,
    TemplateCause,
    ToolCause,
    Unproved,
    ranked,
)
from syncbot.plan.repo_plan import RepoPlan
from syncbot.report.markdown_escape import code, commit_link
from syncbot.report.wording import count, named, one_line

_LONGEST = 60
"""Characters of a value that are shown."""
_FEW = 3
"""Causes of a file that are said one by one."""
_LINES = 12
"""Causes that a report of the fleet lists."""
_KEYWORD = r"(?:\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b[\s:]*)?"
_REFERENCES = re.compile(
    rf"{_KEYWORD}[\[(]*(?:https?://\S*|(?:[\w.-]+/[\w.-]+)?#\d+|\bGH-\d+)[\])]*|[#@]|://|\bGH-(?=\d)", re.IGNORECASE
)
"""What GitHub reads as an issue or a person, with the keyword that would close it."""

Shown = Callable[[str], str]
"""How a value or a subject stands in the words: as it is, or as code."""


def cause_words(cause: Cause) -> str:
    """In one line: `port 8080 → 9090 (1a2b3c4)`, `Add a health check (1a2b3c4)`."""
    return _worded(cause, one_line, lambda commit: commit.id[:7])


def cause_markdown(cause: Cause, repository: str | None, shown: Shown = code) -> str:
    """As `cause_words`, values and subjects as code; a commit of `repository` (`owner/name`) is linked by GitHub."""
    return _worded(cause, shown, lambda commit: commit_link(repository, commit.id) or shown(commit.id[:7]))


def set_words(cause: AnswerCause) -> str:
    """For a title, in the imperative: `Set work_mem to 64MB`, `Unset work_mem`, `Change token` of a secret."""
    name = one_line(cause.answer if cause.key is None else cause.key)
    match cause.after:
        case NoValue.SECRET:
            return f"Change {name}"
        case NoValue.NOT_GIVEN:
            return f"Unset {name}"
        case value:
            return f"Set {name} to {_value(value, cause, one_line)}"


def first_causes(causes: Sequence[Cause], words: Callable[[Cause], str]) -> str:
    """The first few, and how many more there are; empty where there is none."""
    shown = "; ".join(map(words, causes[:_FEW]))
    return f"{shown}; and {len(causes) - _FEW} more" if len(causes) > _FEW else shown


def cause_lines(plans: Iterable[RepoPlan]) -> tuple[str, ...]:
    """`port 8080 → 9090: 2 repos (orders-api, payments-api)`: what changed in these repos, in most of them first.

    An answer that changed to another value in each repo is one line.
    """
    words: dict[str, dict[str, None]] = {}
    repos: dict[str, dict[str, None]] = {}
    for plan in plans:
        for cause in ranked(file.causes for file in plan.files):
            name = _about(cause)
            words.setdefault(name, {})[cause_words(cause)] = None
            repos.setdefault(name, {})[plan.repo] = None
    names = sorted(repos, key=lambda name: -len(repos[name]))
    shown = [f"{_one_or(words[name], name)}: {_repos(tuple(repos[name]))}" for name in names[:_LINES]]
    more = len(names) - len(shown)
    return (*shown, *([f"and {count(more, 'more cause')}"] if more else ()))


def _about(cause: Cause) -> str:
    """What changed: the answer, whatever its values, or the cause."""
    return (cause.key or cause.answer) if isinstance(cause, AnswerCause) else cause_words(cause)


def _one_or(words: Iterable[str], name: str) -> str:
    first, *others = words
    return f"{one_line(name)}, changed in {1 + len(others)} ways" if others else first


def _repos(repos: Sequence[str]) -> str:
    return f"{count(len(repos), 'repo')} ({named(repos)})"


def cause_json(cause: Cause) -> dict[str, object]:
    """The members that docs/json.md describes: all of them, null where they say nothing of this kind."""
    about: dict[str, object] = dict.fromkeys(("answer", "key", "before", "after", "commit", "subject", "since"))
    match cause:
        case AnswerCause(commit=commit):
            about |= {"kind": "answer", "answer": cause.answer, "key": cause.key, **_commit_json(commit)}
            about |= {"before": _value_json(cause.before), "after": _value_json(cause.after)}
        case TemplateCause(commit=commit):
            about |= {"kind": "template", **_commit_json(commit)}
        case ToolCause(before=before, after=after):
            about |= {"kind": "tool", "before": before, "after": after}
        case Unproved():
            about |= {"kind": "unproved"}
        case SeveralChanges(since=since):
            about |= {"kind": "several", "since": since and since.isoformat()}
        case _:
            assert_never(cause)
    return about | {"words": cause_words(cause)}


def subject_of(commit: ConfigCommit) -> str:
    """The subject in one line, without what refers to an issue or a person."""
    before, text = "", one_line(commit.subject)
    while text != before:  # What is taken out may have kept apart what must not stand together.
        before, text = text, " ".join(_REFERENCES.sub(" ", text).split())
    return text.strip(" :,;-") or "a commit"


def _worded(cause: Cause, shown: Shown, link: Callable[[ConfigCommit], str]) -> str:
    match cause:
        case AnswerCause(commit=commit):
            return f"{_answer(cause, shown)}{f' ({link(commit)})' if commit else ''}"
        case TemplateCause(commit=commit):
            return f"{shown(subject_of(commit))} ({link(commit)})" if commit else "changes that are not committed"
        case ToolCause(before=before, after=after):
            return f"syncbot {shown(before)} → {shown(after)}"
        case Unproved():
            return "what was recorded is not what its commit renders now"
        case SeveralChanges(since=since):
            return f"several changes since {since}" if since else "several changes"
    assert_never(cause)


def _answer(cause: AnswerCause, shown: Shown) -> str:
    name = shown(cause.answer if cause.key is None else cause.key)
    before, after = (_value(value, cause, shown) for value in (cause.before, cause.after))
    return f"{name} changed ({after})" if before == after else f"{name} {before} → {after}"


def _value(value: object, cause: AnswerCause, shown: Shown) -> str:
    if isinstance(value, NoValue):
        return _no_value(value, cause)
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, default=str)
    line = one_line(text)
    return shown(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…")


def _no_value(value: NoValue, cause: AnswerCause) -> str:
    match value:
        case NoValue.NOT_GIVEN:
            return "default" if cause.key is None else "not set"
        case NoValue.SECRET:
            return "it is a secret"
    assert_never(value)


def _value_json(value: object) -> object:
    return None if isinstance(value, NoValue) else value


def _commit_json(commit: ConfigCommit | None) -> Mapping[str, object]:
    return {"commit": commit.id, "subject": commit.subject} if commit else {}

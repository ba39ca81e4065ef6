"""Commands: what people tell the bot in comments on its pull requests, as values. Pure.

    /syncbot recreate
    /syncbot hold
    /syncbot decline until 2027-01-31 because the add-on has no Node 22 build

A command stands on a line of its own; of several by people who may give them, the last counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from syncbot.model import Comment

_LINE = re.compile(r"^/syncbot[ \t]+(?P<verb>[a-z]+)[ \t]*(?P<rest>.*?)[ \t]*$", re.MULTILINE)
_DECLINE = re.compile(r"until[ \t]+(?P<until>\d{4}-\d{2}-\d{2})(?:[ \t]+because[ \t]+(?P<reason>.+))?", re.IGNORECASE)
# A fence or a comment that is never closed reaches to the end, as in Markdown.
_FENCE = re.compile(r"^[ \t>*+-]*(```+|~~~+).*?(?:^[ \t>]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ADDRESSED = re.compile(r"^[ \t]*/syncbot\b.*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recreate:
    """Close this pull request and open a new one from scratch: what was committed on its branch stays behind there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Leave this pull request as it is until another command is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """Close it and keep quiet about these files up to and including the day `until`."""

    until: date
    reason: str


Command = Recreate | Hold | Decline


def parse_command(body: str) -> Command | None:
    """The last command in a comment, or None. What is quoted, fenced or malformed is no command."""
    found: Command | None = None
    for line in _LINE.finditer(_said(body)):
        found = _command(line["verb"], line["rest"]) or found
    return found


def addressed_line(body: str) -> str:
    """The last line of a comment that speaks to the bot, a command or not; empty where none does."""
    lines = [line[0].strip() for line in _ADDRESSED.finditer(_said(body))]
    return lines[-1] if lines else ""


def standing_command(comments: Iterable[Comment]) -> tuple[Command, str] | None:
    """The last command by somebody with write access, and who gave it; comments are oldest first."""
    standing = None
    for comment in comments:
        command = parse_command(comment.body) if comment.may_write and not comment.spent else None
        if command:
            standing = command, comment.author
    return standing


def _said(body: str) -> str:
    return _FENCE.sub("", _HIDDEN.sub("", body.replace("\r\n", "\n")))


def _command(verb: str, rest: str) -> Command | None:
    match verb, rest:
        case "recreate", "":
            return Recreate()
        case "hold", "":
            return Hold()
        case "decline", _:
            return _decline(rest)
    return None


def _decline(rest: str) -> Decline | None:
    found = _DECLINE.fullmatch(rest)
    if not found:
        return None
    try:
        until = date.fromisoformat(found["until"])
    except ValueError:
        return None
    return Decline(until=until, reason=found["reason"] or "")

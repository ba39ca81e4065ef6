"""Commands: what people tell the bot in comments on its pull requests, as values. Pure.

    /syncbot recreate
    /syncbot hold
    /syncbot hold until 2027-01-15
    /syncbot decline until 2027-01-31 because the add-on has no Node 22 build

A command stands on a line of its own, in text that GitHub shows as the person's own words: what stands in code, a
quote, a comment or a folded part is none. Of several by people who may give them, the last counts. A hold that cannot
be followed (no day, one that was past already, or one more than a year away) is no command, and is answered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from syncbot.model.pull_request import Authority, Command, Comment, Decline, Hold, Recreate
from syncbot.plan.why import CommandFlaw, Held, HoldRefused, UnverifiedCommand

_MOST = 65_536
"""Characters that GitHub takes in a comment."""
_COMMAND = re.compile(r"/syncbot[ \t]+(?P<verb>[a-z]+)[ \t]*(?P<rest>.*)")
_UNTIL = re.compile(r"until[ \t]+(?P<until>\d{4}-\d{2}-\d{2})(?:[ \t]+because[ \t]+(?P<reason>.+))?", re.IGNORECASE)
_HOLD_AT_MOST = timedelta(days=366)
_ADDRESSED = re.compile(r"[ \t]*/syncbot\b", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)", re.DOTALL | re.IGNORECASE)
# What stands in these is quoted, code, struck out or folded away.
_NOT_SAID = frozenset({"blockquote", "code", "del", "details", "kbd", "pre", "q", "s", "samp", "strike", "tt"})
# Marks where a line that speaks to the bot begins; no text that was normalized holds it.
_HERE = "\0"
# Only what decides whether a line is plain text. Nesting costs time for each line, and nothing deep is a command.
_BLOCKS = ("blockquote", "code", "fence", "heading", "hr", "html_block", "lheading", "list", "reference")
_INLINE = ("autolink", "backticks", "escape", "html_inline", "newline")
_MARKDOWN = MarkdownIt("zero", {"html": True, "maxNesting": 6}).enable([*_BLOCKS, *_INLINE]).disable("inline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """A command by somebody of whom it is not known whether they may give it."""

    command: Command


def parse_command(body: str) -> Command | None:
    """The last command in a comment, or None. What is quoted, code, hidden or malformed is no command."""
    found: Command | None = None
    for line in _lines_to_the_bot(body):
        if match := _COMMAND.fullmatch(line):
            found = _command(match["verb"], match["rest"]) or found
    return found


def addressed_line(body: str) -> str:
    """The last line of a comment that speaks to the bot, a command or not; empty where none does."""
    lines = _lines_to_the_bot(body)
    return lines[-1].strip() if lines else ""


def standing_command(comments: Iterable[Comment]) -> tuple[Command | Unverified, str] | None:
    """The last command by somebody with write access, and who gave it; comments are oldest first.

    One of whom that is unknown may have it: it stands until somebody who has gives another. A reopening takes back
    what was said before, but for a hold, which asked for just what a reopening asks for: that nothing is closed.
    """
    standing: tuple[Command | Unverified, str] | None = None
    for comment in comments:
        command = comment.command
        if command is None or comment.authority is Authority.OUTSIDER or hold_flaw(command, comment.said_on):
            continue
        is_verified = comment.authority is Authority.WRITER
        if not comment.revoked or isinstance(command, Hold):
            standing = (command if is_verified else Unverified(command=command)), comment.author
        elif is_verified:
            standing = None
    return standing


def on_hold(comments: Iterable[Comment], today: date, beside: int | None = None) -> Held | UnverifiedCommand | None:
    """Why a pull request is left as it is today, by what people said on it; `beside` as in `Held`."""
    match standing_command(comments):
        case (Hold() as hold, author) if hold.holds(today):
            return Held(author=author, until=hold.until, beside=beside)
        case (Unverified(command=Hold() as hold), _) if not hold.holds(today):
            return None
        case (Unverified(), author):
            return UnverifiedCommand(author=author, beside=beside)
    return None


def refused_hold(comments: Iterable[Comment]) -> HoldRefused | None:
    """The last word of somebody with write access, where that is a hold which cannot be followed."""
    last = None
    for comment in comments:
        if comment.addressed and comment.authority is Authority.WRITER and not comment.revoked:
            last = comment
    flaw = _flaw_of_line(last.addressed, last.said_on) if last else None
    return HoldRefused(author=last.author, line=last.addressed, flaw=flaw) if last and flaw else None


def _flaw_of_line(line: str, said_on: date) -> CommandFlaw | None:
    match = _COMMAND.fullmatch(line)
    if match is None or match["verb"] != "hold":
        return None
    command = _command(match["verb"], match["rest"])
    return CommandFlaw.UNREADABLE if command is None else hold_flaw(command, said_on)


def hold_flaw(command: Command, said_on: date) -> CommandFlaw | None:
    """Why a hold cannot be followed, by the day on which it was asked for: a day that came and went is none."""
    match command:
        case Hold(until=date() as until) if until < said_on:
            return CommandFlaw.PAST
        case Hold(until=date() as until) if until > said_on + _HOLD_AT_MOST:
            return CommandFlaw.TOO_FAR
    return None


@lru_cache(maxsize=4096)
def _lines_to_the_bot(body: str) -> tuple[str, ...]:
    """The lines of plain text that begin with `/syncbot`, without spaces at their end. Takes linear time."""
    if len(body) > _MOST or "/syncbot" not in body.lower():
        return ()
    text = body.replace("\r\n", "\n").replace("\r", "\n").replace(_HERE, "\ufffd")
    return tuple(line.rstrip(" \t") for line in _plain(text.split("\n"), _MARKDOWN.parse(text)))


def _plain(lines: list[str], blocks: Iterable[Token]) -> Iterator[str]:
    """Of the lines that speak to the bot, those that are plain text by the Markdown blocks they stand in."""
    quotes, inside = 0, Counter[str]()
    for block in blocks:
        if block.type in ("blockquote_open", "blockquote_close"):
            quotes += block.nesting
        elif block.type == "html_block":
            _enter(inside, block.content)
        elif block.type == "inline" and block.map and not quotes:
            yield from _plain_in(lines[slice(*block.map)], inside)


def _plain_in(lines: list[str], inside: Counter[str]) -> Iterator[str]:
    """As `_plain`, of one paragraph; `inside` counts the open HTML elements."""
    addressed = iter([line for line in lines if _ADDRESSED.match(line)])
    text = "\n".join(f"{_HERE}{line}" if _ADDRESSED.match(line) else line for line in lines)
    for part in _MARKDOWN.inline.parse(text, _MARKDOWN, {}, []):
        for line in (next(addressed) for _ in range(part.content.count(_HERE))):
            if part.type == "text" and not +inside:
                yield line
        if part.type == "html_inline":
            _enter(inside, part.content)


def _enter(inside: Counter[str], html: str) -> None:
    for tag in _TAG.finditer(html):
        name = (tag["name"] or "").lower()
        if name in _NOT_SAID:
            inside[name] = max(0, inside[name] + (-1 if tag["end"] else 1))


def _command(verb: str, rest: str) -> Command | None:
    match verb, rest:
        case "recreate", "":
            return Recreate()
        case "hold", "":
            return Hold()
        case "hold", _ if said := _until(rest):
            return Hold(until=said[0])
        case "decline", _ if said := _until(rest):
            return Decline(until=said[0], reason=said[1])
    return None


def _until(rest: str) -> tuple[date, str] | None:
    """The day and the reason of `until 2027-01-31 because …`."""
    found = _UNTIL.fullmatch(rest)
    if not found:
        return None
    try:
        return date.fromisoformat(found["until"]), found["reason"] or ""
    except ValueError:
        return None

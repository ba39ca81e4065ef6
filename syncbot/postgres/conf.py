"""postgresql.conf: values in, its text out, and back. Grammar and quoting are those of Postgres' guc-file.l."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_BARE = re.compile(r"-?[0-9]+(\.[0-9]+)?|-?[0-9]+(B|kB|MB|GB|TB|us|ms|s|min|h|d)|on|off|[a-z][a-z_]*", re.ASCII)
_ESCAPES = {"\\": "\\\\", "'": "''", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_LETTER = r"[A-Za-z_\x80-\U0010ffff]"
_WORD = rf"{_LETTER}[\w\x80-\U0010ffff]*"
_NAME = re.compile(rf"[ \t\r]*({_WORD}(?:\.{_WORD})?)[ \t\r]*=?[ \t\r]*", re.ASCII)
_VALUES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"[-+]?(?:0x[0-9A-Fa-f]+|[0-9]+)[A-Za-z]*",
        r"[-+]?[0-9]*\.[0-9]*(?:[Ee][-+]?[0-9]+)?",
        rf"{_LETTER}(?:[\w\x80-\U0010ffff]|[-._:/])*",
        r"'(?:[^'\\]|\\.|'')*'",
    )
)
_REST = re.compile(r"[ \t\r]*(?:#.*)?")
_QUOTED = re.compile(r"''|\\([0-7]{1,3}|.)")
_MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One setting of a file, unquoted; `line` counts from 1. The last entry of a name is the one that holds."""

    line: int
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A line that is no setting, as it stands, and why."""

    line: int
    text: str
    reason: str


def setting(name: str, text: str) -> str:
    """One line, without its end: `work_mem = 64MB`."""
    return f"{name} = {quoted(text)}"


def quoted(text: str) -> str:
    """The value as the file's reader takes it back letter by letter; plain numbers and words stand bare."""
    if _BARE.fullmatch(text):
        return text
    return "'" + "".join(_ESCAPES.get(letter, letter) for letter in text) + "'"


def settings(values: Iterable[tuple[str, str]]) -> str:
    """The lines of several, each with its end."""
    return "".join(f"{setting(name, text)}\n" for name, text in values)


def parse(text: str) -> tuple[tuple[Entry, ...], tuple[Unread, ...]]:
    """Every line that says something is in one of the two; comments and empty lines are in neither."""
    read = [_line(number, line) for number, line in enumerate(text.split("\n"), 1) if not _REST.fullmatch(line)]
    entries = tuple(each for each in read if isinstance(each, Entry))
    return entries, tuple(each for each in read if isinstance(each, Unread))


def _line(number: int, line: str) -> Entry | Unread:
    name = _NAME.match(line)
    found = [match for pattern in _VALUES if name and (match := pattern.match(line, name.end()))]
    value = max(found, key=lambda match: match.end(), default=None)
    if not name or not value or not _REST.fullmatch(line, value.end()):
        return Unread(line=number, text=line, reason="is no setting: expected a name, a value, and nothing else")
    if name[1].lower() in ("include", "include_dir", "include_if_exists"):
        return Unread(line=number, text=line, reason="names another file, which is not read here")
    return Entry(line=number, name=name[1], value=_unquoted(value[0]))


def _unquoted(value: str) -> str:
    return _QUOTED.sub(_letter, value[1:-1]) if value.startswith("'") else value


def _letter(escape: re.Match[str]) -> str:
    meant = escape[1]
    if meant is None:
        return "'"
    return chr(int(meant, 8) & 0xFF) if meant[0] in "01234567" else _MEANT.get(meant, meant)

"""postgresql.conf: bytes in, its lines out, and values back into text.

The tokens and the grammar are those of Postgres' own reader, src/backend/utils/misc/guc-file.l. What a name or a value
means is not known here.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A name and its value, unquoted. Of several with one `key`, the last holds."""

    line: int
    name: str
    value: str

    @property
    def key(self) -> str:
        """What Postgres compares names by: it folds the case of ASCII letters alone."""
        return self.name.translate(_FOLDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Include:
    """An `include`, `include_dir` or `include_if_exists`, as it stands. The file it names is not read."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A line at which a server stops with a syntax error, as it stands.

    So is a NUL in quotes, which Postgres lets pass, and cuts the value before it.
    """

    line: int
    text: str


ConfLine = Setting | Include | Broken


def read_conf(content: bytes) -> tuple[ConfLine, ...]:
    """Each line but comments and empty ones, in order, counted from 1. Bytes that are not UTF-8 become U+FFFD."""
    read = (_line(number, line) for number, line in enumerate(content.split(b"\n"), 1))
    return tuple(line for line in read if line)


def read_settings(content: bytes) -> tuple[Setting, ...]:
    """The settings alone."""
    return tuple(line for line in read_conf(content) if isinstance(line, Setting))


def meaning(content: bytes) -> tuple[object, ...] | None:
    """What the file says, in its order and without its layout, comments included; None where that cannot be told.

    Layout are spaces, the `=`, the case of a name, and quotes around a value that is the same without.
    """
    said: list[object] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        match _line(number, line):
            case Setting() as read:
                said.append((read.key, read.value))
            case Include(text=text) | Broken(text=text):
                said.append((text,))
        said += [_text(token.text).removeprefix("#").strip() for token in _tokens(line) if token.kind is _Kind.COMMENT]
    return None if "\ufffd" in repr(said) else tuple(said)


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


class _Kind(Enum):
    NAME = "name"
    QUALIFIED = "qualified name"
    QUOTED = "quoted"
    BARE = "bare"
    EQUALS = "equals"
    SPACE = "space"
    COMMENT = "comment"
    OTHER = "other"


class _Token(NamedTuple):
    kind: _Kind
    text: bytes


_LETTER = rb"[A-Za-z_\x80-\xff]"
_WORD = _LETTER + rb"[A-Za-z_0-9\x80-\xff]*"
# The longest match is taken, of equally long ones the first: `a.b` is a qualified name, and so never a value.
_TOKENS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (_Kind.SPACE, rb"[ \t\r]+"),
        (_Kind.COMMENT, rb"#.*"),
        (_Kind.NAME, _WORD),
        (_Kind.QUALIFIED, _WORD + rb"\." + _WORD),
        (_Kind.QUOTED, rb"'(?:[^'\\]|\\.|'')*'"),
        (_Kind.BARE, _LETTER + rb"(?:[A-Za-z_0-9\x80-\xff]|[-._:/])*"),
        (_Kind.BARE, rb"[-+]?(?:0x[0-9A-Fa-f]+|[0-9]+)[A-Za-z]*"),
        (_Kind.BARE, rb"[-+]?[0-9]*\.[0-9]*(?:[Ee][-+]?[0-9]+)?"),
        (_Kind.EQUALS, rb"="),
        (_Kind.OTHER, rb"."),
    )
)
_NAMES = (_Kind.NAME, _Kind.QUALIFIED)
_VALUES = (_Kind.NAME, _Kind.QUOTED, _Kind.BARE)
_FOLDED = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_INCLUDES = ("include", "include_dir", "include_if_exists")

_QUOTE = re.compile(rb"''|\\([0-7]{1,3}|.)", re.DOTALL)
_CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_BARE = re.compile(r"-?[0-9]+(\.[0-9]+)?|-?[0-9]+(B|kB|MB|GB|TB|us|ms|s|min|h|d)|on|off|[a-z][a-z_]*", re.ASCII)
_ESCAPES = {"\\": "\\\\", "'": "''", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _line(number: int, line: bytes) -> ConfLine | None:
    line = line.removesuffix(b"\r")
    match [token for token in _tokens(line) if token.kind is not _Kind.COMMENT]:
        case []:
            return None
        case [name, value] | [name, _Token(_Kind.EQUALS), value] if name.kind in _NAMES and value.kind in _VALUES:
            read = Setting(line=number, name=_text(name.text), value=_text(_value(value)))
            if b"\0" in value.text:
                return Broken(line=number, text=_text(line))
            return Include(line=number, text=_text(line)) if read.key in _INCLUDES else read
    return Broken(line=number, text=_text(line))


def _tokens(line: bytes) -> Iterator[_Token]:
    place = 0
    while place < len(line):
        found = ((kind, match[0]) for kind, pattern in _TOKENS if (match := pattern.match(line, place)))
        kind, text = max(found, key=lambda each: len(each[1]))
        if kind is not _Kind.SPACE:
            yield _Token(kind, text)
        place += len(text)


def _value(token: _Token) -> bytes:
    """Postgres keeps values as C strings: what is behind `\\000` is lost."""
    if token.kind is not _Kind.QUOTED:
        return token.text
    return _QUOTE.sub(_meant, token.text[1:-1]).partition(b"\0")[0]


def _meant(escape: re.Match[bytes]) -> bytes:
    letter = escape[1]
    if letter is None:
        return b"'"
    return bytes([int(letter, 8) & 0xFF]) if letter[0] in b"01234567" else _CONTROLS.get(letter, letter)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")

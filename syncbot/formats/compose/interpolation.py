"""Variables in Compose's texts: `$X`, `${X:-17}`, `${X:?…}`. A text in, the text with defaults put in out. Pure.

Source: the Compose specification, "Interpolation". Nothing is known here of the environment or of `.env`: a default
counts, since it is what the file itself says, and a variable without one is `UNSET`.
"""

from __future__ import annotations

import re

from syncbot.formats.images import UNSET

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")


def interpolate(text: str) -> str:
    """The text with each variable's default in its place, `UNSET` where it has none; `$$` is a dollar sign."""
    return _until(text, 0, end="")[0]


def _until(text: str, start: int, *, end: str) -> tuple[str, int]:
    """The text up to an `end` outside of any variable, and the place behind it."""
    found, place = "", start
    while place < len(text):
        if end and text[place] == end:
            return found, place + 1
        if text[place] != "$":
            part, place = text[place], place + 1
        else:
            part, place = _variable(text, place + 1)
        found += part
    return found, place


def _variable(text: str, place: int) -> tuple[str, int]:
    """What stands for the variable that follows a dollar sign at `place`."""
    if text.startswith("$", place):
        return "$", place + 1
    braced = text.startswith("{", place)
    name = _NAME.match(text, place + braced)
    if not name:
        return "$", place
    if not braced:
        return UNSET, name.end()
    operator = _OPERATOR.match(text, name.end())
    if not operator:
        return UNSET, _closing(text, name.end())
    word, after = _until(text, operator.end(), end="}")
    return (word if operator[0].endswith("-") else UNSET), after


def _closing(text: str, place: int) -> int:
    """Behind the brace that closes, or the end of the text."""
    found = text.find("}", place)
    return len(text) if found < 0 else found + 1

"""Variables in a text, as Compose and Dockerfiles write them: `$X`, `${X:-17}`, `${X:?…}`. Text in, text out. Pure.

Sources: the Compose specification, "Interpolation"; Docker's Dockerfile reference, "Environment replacement". Nothing
is known here of the environment, of `.env`, of build arguments: a default counts, since it is what the file itself
says, and a variable without one is `UNSET`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

UNSET = "\0"
"""Stands in a text for what only the reader's own computer knows: a variable without a default."""
MAX_DEPTH = 50
"""Variables in each other's defaults, beyond which nothing is known of the rest of the text."""
LONGEST = 65_536
"""Characters of a text with its values, beyond which it is not known: variables may hold each other many times over."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")


def substitute(text: str, values: Mapping[str, str] | None = None, *, escape: str = "$") -> str:
    """The text with each variable's value or default in its place, `UNSET` where it has neither.

    `values` are those that the file gives. `escape` is the sign that makes a dollar sign behind it an ordinary one.
    """
    return _Reader(text=text, escape=escape, values=values or {}).until("", 0)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    text: str
    escape: str
    values: Mapping[str, str] = field(default_factory=dict)

    def until(self, end: str, place: int, depth: int = 0) -> tuple[str, int]:
        """The text from `place` up to an `end` outside of any variable, and the place behind it."""
        found = ""
        while place < len(self.text):
            if len(found) > LONGEST:
                return UNSET, len(self.text)
            if end and self.text[place] == end:
                return found, place + 1
            if self.text.startswith(f"{self.escape}$", place):
                part, place = "$", place + 2
            elif self.text[place] == "$":
                part, place = self._variable(place + 1, depth)
            else:
                part, place = self.text[place], place + 1
            found += part
        return found, place

    def _variable(self, place: int, depth: int) -> tuple[str, int]:
        """What stands for the variable whose dollar sign is before `place`, and the place behind it."""
        braced = self.text.startswith("{", place)
        name = _NAME.match(self.text, place + braced)
        if not name:
            return "$", place
        value = self.values.get(name[0])
        if not braced:
            return UNSET if value is None else value, name.end()
        if depth == MAX_DEPTH:
            return UNSET, len(self.text)
        operator = _OPERATOR.match(self.text, name.end())
        if not operator:
            return UNSET if value is None else value, self.until("}", name.end(), depth + 1)[1]
        word, after = self.until("}", operator.end(), depth + 1)
        return self._chosen(operator[0], value, word), after

    @staticmethod
    def _chosen(operator: str, value: str | None, word: str) -> str:
        """By the operator: the value, else the word as default; or the word where there is a value."""
        is_set = value is not None and (bool(value) or not operator.startswith(":"))
        if operator.endswith("+"):
            return word if is_set else UNSET
        if is_set and value is not None:
            return value
        return word if operator.endswith("-") else UNSET

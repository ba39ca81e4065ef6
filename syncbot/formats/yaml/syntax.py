"""Text that is no YAML, in words: what ruamel.yaml's parser says goes in, one diagnostic with its place comes out."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from syncbot.formats.diagnostics import Diagnostic, Place

BOM = "\ufeff"
COLON_IN_FLOW = "found unexpected ':'"
_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def decoded(content: bytes, *, path: str = "") -> str | Diagnostic:
    """The text of UTF-8 bytes without a byte order mark, or where they are none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = Place(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        return Diagnostic(
            path=path, place=place, code="yaml", message=f"not UTF-8: the byte 0x{content[error.start]:02x}"
        )


def bad_character(text: str) -> tuple[Place, str] | None:
    """The first character that YAML does not allow, and what to say of it."""
    bad = _UNPRINTABLE.search(text)
    if bad is None:
        return None
    before = text[: bad.start()]
    place = Place(before.count("\n") + 1, bad.start() - before.rfind("\n"))
    return place, f"the character U+{ord(bad[0]):04X} is not allowed in YAML"


def syntax_error(text: str, error: YAMLError) -> tuple[Place, str]:
    """Where the parser stopped, and why, in words that help."""
    if isinstance(error, MarkedYAMLError) and (mark := error.problem_mark) is not None:
        return Place(mark.line + 1, mark.column + 1), _message(text, error, mark)
    return Place(1, 1), f"not valid YAML: {' '.join(str(error).split())}"


def _message(text: str, error: MarkedYAMLError, mark: Any) -> str:
    lines = text.split("\n")
    here = lines[mark.line][mark.column : mark.column + 1] if mark.line < len(lines) else ""
    problem = str(error.problem)
    if here == "\t" and "cannot start any token" in problem:
        return "not valid YAML: a tab cannot indent; use spaces"
    if "cannot start any token" in problem:
        return f"not valid YAML: a value cannot start with {here}; quote it"
    if problem == "mapping values are not allowed in this context":
        return "not valid YAML: a second ':' on one line; quote the value if the ':' belongs to it"
    if problem == COLON_IN_FLOW:
        return "not valid YAML: inside {} and [] a value with ':' must be quoted"
    start = error.context_mark
    since = f" (begun on line {start.line + 1})" if start is not None and start.line != mark.line else ""
    context = f"{error.context}{since}: " if error.context else ""
    return f"not valid YAML: {context}{problem}"

"""Messages at lines of a file: as GitHub Actions' workflow commands, or as plain text. Strings in, strings out."""

from __future__ import annotations

from syncbot.report.wording import one_line

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}
# Source: the escapes of actions/toolkit, packages/core/src/command.ts.


def annotation(path: str, line: int, end_line: int, message: str) -> str:
    """An error at the lines of a file; line 0 means the file as a whole."""
    places = {"file": path, **({"line": line, "endLine": max(line, end_line)} if line else {})}
    properties = ",".join(f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in places.items())
    return f"::error {properties},title=Owned by the platform team::{_escaped(message, _DATA)}"


def plain_line(path: str, line: int, end_line: int, message: str) -> str:
    """`Dockerfile:3-5: message` on one line."""
    lines = f":{line}" + (f"-{end_line}" if end_line > line else "") if line else ""
    return one_line(f"{path}{lines}: {message}")


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)

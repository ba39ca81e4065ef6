"""Values as YAML on one line: plain Python values in, text out that the reader takes back as the same.

Words stay bare where nobody could misread them; everything else is in double quotes. `is_json` quotes as JSON does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from syncbot.formats.yaml.scalars import resolve_with_dates

# No character that means something to YAML anywhere, and no space at either end.
_BARE = re.compile(r"[A-Za-z./](?:[A-Za-z0-9 ._/()'-]*[A-Za-z0-9._/)'-])?")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def flow(value: object, *, is_json: bool = False) -> str:
    """The value on one line."""
    match value:
        case Mapping():
            return flow_mapping(value, is_json=is_json)
        case str() | date():
            return scalar(value, is_json=is_json)
        case Sequence():
            return f"[{', '.join(flow(item, is_json=is_json) for item in value)}]"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return repr(value)


def flow_mapping(fields: Mapping[str, object], *, is_json: bool = False) -> str:
    """`{path: Dockerfile, until: 2027-01-31}`."""
    pairs = (f"{scalar(key, is_json=is_json)}: {flow(value, is_json=is_json)}" for key, value in fields.items())
    return f"{{{', '.join(pairs)}}}"


def scalar(value: str | date, *, is_json: bool = False) -> str:
    """A word or a day, quoted where it must be."""
    if isinstance(value, date):
        return quoted(value.isoformat()) if is_json else value.isoformat()
    is_bare = _BARE.fullmatch(value) and isinstance(resolve_with_dates(value), str)
    return value if is_bare and not is_json else quoted(value)


def quoted(text: str) -> str:
    """In double quotes, on one line, with everything that cannot be seen escaped."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

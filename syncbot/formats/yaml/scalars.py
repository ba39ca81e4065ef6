"""What an unquoted YAML word means.

In: the source text of a scalar. Out: a Python value by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/,
10.3.2). So `on`, `NO` and `12:30` are strings, `010` is ten, `0o10` is 8, and `18.10` is the number 18.1.
Never raises: what is neither number, truth value nor null is a string.
"""

from __future__ import annotations

import math
import re
from datetime import date

Value = str | int | float | bool | date | None

_WORDS: dict[str, bool | None] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_STARTS = frozenset("+-.0123456789")
# Longer ones are no numbers that anybody means, and Python refuses to write them.
_INT = re.compile(r"[-+]?[0-9]{1,100}")
_OTHER_BASE = re.compile(r"0o[0-7]{1,100}|0x[0-9a-fA-F]{1,100}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def resolve(text: str) -> Value:
    """The value of an unquoted scalar by the core schema alone."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    if endless := _ENDLESS.fullmatch(text):
        return math.nan if endless[3] else float(f"{endless[1]}inf")
    return text


def resolve_with_dates(text: str) -> Value:
    """The same, with days such as 2027-01-31 in addition."""
    value = resolve(text)
    return (as_date(value) or value) if isinstance(value, str) else value


def as_date(text: str) -> date | None:
    """The day that `2027-01-31` names; None for other forms and for days that no calendar has."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def kind(value: Value) -> str:
    """The word for a value's type, as it stands in messages."""
    match value:
        case None:
            return "no value"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case date():
            return "a date"
        case _:
            return "a string"

"""Numbers with units, read as the server reads them: text in, the number in the parameter's base unit out.

The rules are those of parse_int, parse_real and convert_to_base_unit in Postgres' src/backend/utils/misc/guc.c,
down to their roundings; C's strtol and strtod included.
"""

from __future__ import annotations

import math
import re

INT_MAX, INT_MIN = 2**31 - 1, -(2**31)
_LONG_MAX = 2**63 - 1
_SPACE = " \t\n\v\f\r"
_UNIT = re.compile(r"[^ \t\n\v\f\r]{1,3}")

_LONG = re.compile(r"[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")
_DOUBLE = re.compile(
    r"[ \t\n\v\f\r]*([+-]?(?:"
    r"(?P<hex>0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?)"
    r"|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|(?P<special>inf(?:inity)?|nan(?:\([0-9a-z_]*\))?)))",
    re.IGNORECASE | re.ASCII,
)

_SIZES = {"TB": 1024.0**4, "GB": 1024.0**3, "MB": 1024.0**2, "kB": 1024.0, "B": 1.0}
_TIMES = {"d": 86_400_000.0, "h": 3_600_000.0, "min": 60_000.0, "s": 1000.0, "ms": 1.0, "us": 1 / 1000}
_BASES = {"B": 1.0, "kB": 1024.0, "8kB": 8192.0, "MB": 1024.0**2, "ms": 1.0, "s": 1000.0, "min": 60_000.0}


class NumberError(ValueError):
    """Why the text is no number for this parameter, as a sentence part for people."""


def unit_names(base: str) -> tuple[str, ...]:
    """The units that a parameter with this base unit takes, smallest first; none without a base unit."""
    if not base:
        return ()
    return tuple(reversed(_SIZES if base.endswith("B") else _TIMES))


def parse_int(text: str, base: str) -> int:
    """The whole number of base units, rounded half to even; NumberError as the server would refuse."""
    whole, rest = _leading_integer(text)
    value = float(whole)
    if rest[:1] in (".", "e", "E") or abs(whole) > _LONG_MAX:
        value, rest = _leading_double(text)
    number = _with_unit(value, rest, base)
    if not INT_MIN - 0.5 <= number <= INT_MAX + 0.5 or not INT_MIN <= round(number) <= INT_MAX:
        raise NumberError("is larger than any integer that Postgres can hold")
    return round(number)


def parse_real(text: str, base: str) -> float:
    """The number of base units; NumberError as the server would refuse."""
    value, rest = _leading_double(text)
    return float(_with_unit(value, rest, base))


def _leading_integer(text: str) -> tuple[int, str]:
    """C's strtol(text, &rest, 0): 0x is hexadecimal, a leading 0 is octal."""
    found = _LONG.match(text)
    if not found:
        if text.startswith("."):
            return 0, text
        raise NumberError("is not a number")
    sign, digits = found.groups()
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10
    value = int(digits, base)
    return (-value if sign == "-" else value), text[found.end() :]


def _leading_double(text: str) -> tuple[float, str]:
    """C's strtod(text, &rest), out of range and NaN refused."""
    found = _DOUBLE.match(text)
    if not found:
        raise NumberError("is not a number")
    digits = found[1]
    if found["special"] and found["special"][0] in "nN":
        raise NumberError("is not a number")
    try:
        value = float.fromhex(digits) if found["hex"] else float(digits)
    except OverflowError:
        value = math.inf
    if not found["special"] and (math.isinf(value) or _underflows(value, digits)):
        raise NumberError("is out of range")
    return value, text[found.end() :]


def _underflows(value: float, digits: str) -> bool:
    """Whether C would set ERANGE: too small for a normal double though not zero."""
    significant = re.split("[pP]" if digits.lstrip("+-")[:2] in ("0x", "0X") else "[eE]", digits)[0]
    return abs(value) < 2.2250738585072014e-308 and any(digit in "123456789abcdefABCDEF" for digit in significant)


def _with_unit(value: float, rest: str, base: str) -> float:
    rest = rest.lstrip(_SPACE)
    if not rest:
        return value
    if not base:
        raise NumberError(f"takes no unit, and {rest.rstrip(_SPACE)!r} follows the number")
    unit = _UNIT.match(rest)
    name = unit[0] if unit else ""
    if name not in unit_names(base) or rest[len(name) :].strip(_SPACE):
        raise NumberError(f"has no unit that Postgres knows: {rest.rstrip(_SPACE)!r}; use {_listed(unit_names(base))}")
    return _to_base(value, name, base)


def _listed(units: tuple[str, ...]) -> str:
    return f"{', '.join(units[:-1])} or {units[-1]}"


def _to_base(value: float, unit: str, base: str) -> float:
    """Fractions are rounded to the next smaller unit, where there is one."""
    names = tuple(reversed(unit_names(base)))
    converted = value * _multiplier(unit, base)
    following = names.index(unit) + 1
    if following < len(names) and math.isfinite(converted):
        step = _multiplier(names[following], base)
        quotient = converted / step
        converted = (round(quotient) if math.isfinite(quotient) else quotient) * step
    return converted


def _multiplier(unit: str, base: str) -> float:
    table = _SIZES if base.endswith("B") else _TIMES
    if table is _TIMES and unit == "us":
        return 1.0 / (1000.0 * _BASES[base])
    return table[unit] / _BASES[base]

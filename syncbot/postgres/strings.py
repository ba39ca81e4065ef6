"""String parameters that Postgres checks: text in, the text that it shows out, or TextError with the reason.

The rules are those of the check hooks in Postgres' sources. Stricter than the server in two places: a time zone is a
name or an offset (POSIX rules that are no names are refused), and the names that a server would rewrite letter by
letter must be ASCII. Paths, commands, libraries and locales are the machine's to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from syncbot.postgres.catalogue import word_list

NOT_IN_THIS_BUILD = {"bonjour": "Bonjour is for macOS", "default_with_oids": "tables with OIDs are gone since 12"}
_NAME_LENGTH = 63
_ONCE_BOOL = ("on", "off", "true", "false", "yes", "no", "1", "0")
_ITEM = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^\s,"]+))\s*(,|\Z)')
_MASKED = ("heap2", "heap", "btree", "hash", "gin", "gist", "sequence", "spgist", "brin", "generic")


class TextError(ValueError):
    """Why the server refuses the text, as a sentence part for people."""


def check(name: str, text: str, major: int) -> str:
    """The text that pg_settings shows for this parameter; TextError where the server refuses it."""
    checker = _json_log_too if name == "log_destination" and major >= 15 else _CHECKERS.get(name)
    return checker(text) if checker else text


def ascii_lower(text: str) -> str:
    """Case folded as Postgres folds keywords: A to Z only."""
    return text.translate(_FOLD)


_FOLD = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}


def items(text: str) -> list[str]:
    """SplitIdentifierString: names between commas, quoted ones as they stand, the others in lower case."""
    names, place = [], 0
    if not text.strip():
        return []
    while True:
        found = _ITEM.match(text, place)
        if not found:
            raise TextError("is not a list of names with commas between")
        quoted, bare, end = found.groups()
        names.append(ascii_lower(bare) if quoted is None else quoted.replace('""', '"'))
        place = found.end()
        if end != ",":
            return names


def _name_list(text: str) -> str:
    items(text)
    return text


def _log_connections(text: str) -> str:
    """From 18 on: aspects of a connection, or, alone, the words that it took as long as it was a bool."""
    words = items(text)
    if len(words) == 1 and words[0] in _ONCE_BOOL:
        return text
    return _among("receipt", "authentication", "authorization", "setup_durations", "all")(text)


def _among(*allowed: str) -> Callable[[str], str]:
    def check_words(text: str) -> str:
        for item in items(text):
            if ascii_lower(item) not in allowed:
                raise TextError(f"has {item!r}, which is not one of {', '.join(allowed)}")
        return text

    return check_words


def _date_style(text: str) -> str:
    style, order = _date_parts(items(text))
    return f"{style or 'ISO'}, {order or ('DMY' if style == 'German' else 'MDY')}"


def _date_parts(words: list[str]) -> tuple[str, str]:
    styles: set[str] = set()
    orders: set[str] = set()
    for word in words:
        folded = ascii_lower(word)
        if folded == "default":
            continue
        style = {"iso": "ISO", "sql": "SQL", "german": "German"}.get(folded) or (
            "Postgres" if folded.startswith("postgres") else ""
        )
        if not style and not (order := _date_order(folded)):
            raise TextError(f"has {word!r}, which is no date style and no order of day, month and year")
        (styles if style else orders).add(style or order)
    if len(styles) > 1 or len(orders) > 1:
        raise TextError("asks for two date styles, or two orders, at once")
    return next(iter(styles), ""), next(iter(orders), "")


def _date_order(word: str) -> str:
    if word == "ymd":
        return "YMD"
    if word == "dmy" or word.startswith("euro"):
        return "DMY"
    return "MDY" if word in ("mdy", "us") or word.startswith("noneuro") else ""


def _time_zone(text: str) -> str:
    known = {ascii_lower(zone): zone for zone in word_list("timezones")}
    if zone := known.get(ascii_lower(text)):
        return zone
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text, re.ASCII) or abs(float(text)) > 168:
        raise TextError("is not the name of a time zone, nor an offset in hours")
    return _offset(float(text))


def _offset(hours: float) -> str:
    """The POSIX name that Postgres makes of an offset: east is negative there."""
    seconds = abs(int(hours * 3600))
    parts = [seconds // 3600, seconds // 60 % 60, seconds % 60]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    clock = ":".join(f"{part:02}" for part in parts)
    east, west = ("-", "+") if hours < 0 else ("+", "-")
    return f"<{east}{clock}>{west}{clock}"


def _encoding(text: str) -> str:
    key = re.sub(r"[^a-z0-9]", "", ascii_lower(text))
    aliases = {"unicode": "UNICODE", "latin1": "LATIN1"}
    known = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in word_list("encodings")}
    if key not in known and key not in aliases:
        raise TextError("is not an encoding that Postgres knows")
    return text if key == "unicode" else known[key]


def _plain(text: str) -> str:
    if not all(32 <= ord(letter) < 127 for letter in text):
        raise TextError("must be printable ASCII; Postgres would replace the other letters")
    return text


def _short_plain(text: str) -> str:
    return _plain(text)[:_NAME_LENGTH]


def _access_method(text: str) -> str:
    if not text:
        raise TextError("cannot be empty")
    return text[:_NAME_LENGTH]


def _matching(pattern: str, reason: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check_pattern(text: str) -> str:
        if not compiled.fullmatch(text):
            raise TextError(reason)
        return text

    return check_pattern


def _extra_checks(text: str) -> str:
    if ascii_lower(text) in ("all", "none"):
        return text
    return _among("shadowed_variables", "too_many_rows", "strict_multi_assignment")(text)


_json_log_too = _among("stderr", "csvlog", "jsonlog", "syslog")

_STANDBY = r"(?:\"(?:[^\"]|\"\")+\"|\*|[A-Za-z_\x80-\U0010ffff][\w$]*)"
_STANDBYS = rf"\s*{_STANDBY}\s*(?:,\s*{_STANDBY}\s*)*"
_SYNCHRONOUS = rf"\s*|{_STANDBYS}|\s*(?:(?i:any|first)\s+)?[0-9]+\s*\({_STANDBYS}\)\s*"
_MOMENT = r"|\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?: ?(?:[+-]\d\d(?::?\d\d)?|Z|UTC|GMT))?"

_CHECKERS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "log_destination": _among("stderr", "csvlog", "syslog"),
        "log_connections": _log_connections,
        "DateStyle": _date_style,
        "TimeZone": _time_zone,
        "log_timezone": _time_zone,
        "client_encoding": _encoding,
        "application_name": _short_plain,
        "cluster_name": _short_plain,
        "plpgsql.extra_errors": _extra_checks,
        "plpgsql.extra_warnings": _extra_checks,
        "postgres_fdw.application_name": _plain,
        "default_table_access_method": _access_method,
        "search_path": _name_list,
        "temp_tablespaces": _name_list,
        "synchronized_standby_slots": _name_list,
        "createrole_self_grant": _among("set", "inherit"),
        "restrict_nonsystem_relation_kind": _among("view", "foreign-table"),
        "debug_io_direct": _among("data", "wal", "wal_init"),
        "wal_consistency_checking": _among("all", *_MASKED),
        "backtrace_functions": _matching(r"[0-9A-Za-z_, \n\t]*", "is not a list of function names"),
        "timezone_abbreviations": _matching("Default|Australia|India", "is not Default, Australia or India"),
        "lc_messages": _matching(r"(?s).+", "cannot be empty"),
        "primary_slot_name": _matching("|[a-z0-9_]{1,63}", "may have a-z, 0-9 and _ only, at most 63 of them"),
        "synchronous_standby_names": _matching(_SYNCHRONOUS, "is not a list of standby names, as ANY 2 (a, b)"),
        "recovery_target": _matching("|immediate", "may only be immediate"),
        "recovery_target_lsn": _matching("|[0-9a-fA-F]{1,8}/[0-9a-fA-F]{1,8}", "is not a WAL position"),
        "recovery_target_name": _matching(r"(?s).{0,63}", "is longer than 63 characters"),
        "recovery_target_time": _matching(_MOMENT, "is not a moment such as 2027-01-31 12:00:00 UTC"),
    }
)

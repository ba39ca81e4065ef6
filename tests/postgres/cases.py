"""Texts to try for each settable parameter of a major: bounds, labels, unit spellings, and what is nearly a value."""

from __future__ import annotations

import random
from collections.abc import Iterator

from syncbot.postgres.catalogue import MAJORS, Parameter, load
from syncbot.postgres.check import CheckedSet
from syncbot.postgres.units import unit_names
from syncbot.postgres.values import NO_EFFECT

# What only a machine can judge: files that must exist, its stack limit, its locales; and, by name, what the test
# servers are built without.
MACHINE = ("config_file", "data_directory", "hba_file", "ident_file", "max_stack_depth")
BUILT_WITHOUT = {
    ("wal_compression", "lz4"),
    ("wal_compression", "zstd"),
    ("default_toast_compression", "lz4"),
    ("io_method", "io_uring"),
}
BOOLS = (
    *("on", "off", "true", "FALSE", "yes", "No", "1", "0", "t", "f", "y", "n", "o", "of", "tru", "ye"),
    *("", " on", "on ", "2", "enabled", "null", "oN", "offf", "trues", "00"),
)
NUMBERS = (
    *(
        "0",
        "1",
        "-1",
        "+1",
        "010",
        "08",
        "0x10",
        "0X1f",
        "1e3",
        "1E2",
        "1.5",
        "0.5",
        "2.5",
        "-0.5",
        ".5",
        "5.",
        "1_000",
    ),
    *("", " ", "x", " 7", "7 ", "\t7", "1e", "1e400", "1e-400", "inf", "-inf", "nan", "Infinity", "0x", "0x1.8p1"),
    *("2147483647", "2147483648", "-2147483648", "2147483647.5", "9223372036854775808", "1 2", "--1", "0b11", "1,5"),
    *("on", "4294967296", "010.5", "09.5", "1e3e", "99999999999999999999"),
)
UNIT_SPELLINGS = ("{n}{u}", "{n} {u}", "{n}{u} ", "{n}  {u}", "1.5{u}", "0.3{u}", "{n}{u}x", "{n}.{u}")
WRONG_UNITS = (
    "KB",
    "kb",
    "mb",
    "Mb",
    "gb",
    "tb",
    "b",
    "K",
    "M",
    "G",
    "MS",
    "S",
    "sec",
    "Min",
    "mins",
    "H",
    "D",
    "kBB",
    "us",
)
STRINGS = {
    "DateStyle": (
        *("ISO", "iso, mdy", "SQL,DMY", "german", "Postgres, YMD", "postgresql", "euro", "US", "noneuropean"),
        *("ISO, SQL", "ymd, dmy", "", "ISO MDY", '"ISO"', "default", "isoo", "German, MDY"),
    ),
    "TimeZone": (
        "UTC",
        "utc",
        "Europe/Berlin",
        "europe/BERLIN",
        "Mars/Base",
        "",
        "+3",
        "-3.5",
        "169",
        "EST5EDT",
        "Zulu",
    ),
    "log_timezone": ("UTC", "Etc/UTC", "America/New_York", "America/NewYork"),
    "client_encoding": ("UTF8", "utf-8", "latin1", "LATIN-9", "win1252", "utf16", "", "SQL_ASCII", "sjis"),
    "search_path": ('"$user", public', "a,,b", "A, b", '"a', "", "a b", '""', "a,", "pg_catalog"),
    "temp_tablespaces": ("", "a", "a,b", "a b", ",a"),
    "application_name": ("", "payments", "a" * 70),
    "plpgsql.extra_errors": ("", "all", "None", "too_many_rows, shadowed_variables", "all, too_many_rows", "x"),
    "cluster_name": ("", "payments", "a" * 70),
    "default_table_access_method": ("heap", "", "a" * 70),
    "log_destination": ("stderr", "csvlog, stderr", "jsonlog", "syslog", "", "file", "STDERR", "eventlog"),
    "log_connections": (
        *("on", "off", "1", "0", "yes", "true", "t", "all", "receipt, authentication", "setup_durations", "none", ""),
        *("on, receipt", "ALL", "receipt,,all"),
    ),
    "createrole_self_grant": ("", "set", "inherit, set", "admin", "SET"),
    "restrict_nonsystem_relation_kind": ("", "view", "foreign-table, view", "table"),
    "debug_io_direct": ("", "data", "wal, wal_init", "all"),
    "wal_consistency_checking": ("", "all", "heap, btree", "gin,gist,hash,brin,spgist,sequence,generic,heap2"),
    "backtrace_functions": ("", "a, b", "a-b", "a\n"),
    "timezone_abbreviations": ("Default", "default", "India", "Australia", "Mars", ""),
    "lc_messages": ("C", "POSIX", ""),
    "lc_monetary": ("C", ""),
    "lc_numeric": ("C", ""),
    "lc_time": ("C", ""),
    "primary_slot_name": ("", "a_1", "A", "a-b", "a" * 63, "a" * 64),
    "synchronous_standby_names": (
        *(
            "",
            "*",
            "a",
            "a, b",
            "FIRST 2 (a, b)",
            "any 1 (a)",
            "2 (a,b)",
            "2 (a",
            "FIRST (a)",
            "a b",
            '"a b"',
            "1a",
            "a,",
        ),
    ),
    "synchronized_standby_slots": ("", "a", "a, b", "a,,b"),
    "recovery_target": ("", "immediate", "now"),
    "recovery_target_lsn": ("", "0/0", "1A/FFFFFFFF", "x", "1"),
    "recovery_target_name": ("", "a", "a" * 63, "a" * 64),
    "recovery_target_time": ("", "2027-01-31", "2027-01-31 12:00:00", "2027-01-31 12:00:00+02", "now", "soon"),
    "recovery_target_timeline": ("latest", "current", "3", "x", ""),
    "recovery_target_xid": ("", "17", "x"),
}
FREE = ("", "anything", "with space", "it's", 'quote"d', "back\\slash", "100%")
Case = tuple[int, str, str]


def cases(major: int) -> Iterator[Case]:
    """Every case of one major: (major, parameter, text), for the server's own settable parameters."""
    for parameter in load(major).parameters.values():
        if parameter.context == "internal" or parameter.library or parameter.name in (*MACHINE, *NO_EFFECT):
            continue
        for text in dict.fromkeys(texts(parameter)):
            if (parameter.name, text.lower()) not in BUILT_WITHOUT:
                yield major, parameter.name, text


def texts(parameter: Parameter) -> Iterator[str]:
    """What to try for one parameter; numbers vary by its unit and bounds."""
    match parameter.type:
        case "bool":
            yield from BOOLS
        case "enum":
            for label in (*parameter.labels, *parameter.hidden):
                yield from (label, label.upper(), label + " ", label[:-1])
            yield from ("", "none_of_these", "0", "1", "true")
        case "string":
            yield from STRINGS.get(parameter.name, FREE)
        case _:
            yield from NUMBERS
            yield from near_bounds(parameter)
            yield from with_units(parameter)


def near_bounds(parameter: Parameter) -> Iterator[str]:
    for bound in (parameter.min, parameter.max):
        if bound is not None and abs(bound) < 1e300:
            yield from (f"{bound + step:.10g}" for step in (-1, -0.5, -0.25, 0, 0.25, 0.5, 1))
            yield from (f"{bound:.10g}{parameter.unit}", f"{bound / 1024:.10g}", f"{bound / 2:.10g}")


def with_units(parameter: Parameter) -> Iterator[str]:
    known = unit_names(parameter.unit)
    for unit in known:
        for number in ("1", "7", "100"):
            yield from (spelling.format(n=number, u=unit) for spelling in UNIT_SPELLINGS[:4])
        yield from (spelling.format(n="64", u=unit) for spelling in UNIT_SPELLINGS[4:])
        yield from (f"{number}{unit}" for number in ("-1", "0x10", "1e2", "2147483647", "2.5", "1023", "30.1", "1e308"))
    yield from (f"8{unit}" for unit in (*WRONG_UNITS, *(() if known else ("MB", "ms"))))


def sample(count: int) -> list[Case]:
    """A fixed choice among the cases of all majors."""
    every = [case for major in MAJORS for case in cases(major)]
    return random.Random(5).sample(every, count)


def blocks(found: CheckedSet) -> bool:
    """Whether anything that was found is an error."""
    return any(finding.is_error for finding in found.findings)

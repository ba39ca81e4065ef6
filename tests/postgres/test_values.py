"""Values without a server at hand: the readable part of the rules, and texts of any kind."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.formats import postgres_conf as conf
from syncbot.postgres.catalogue import MAJORS, load
from syncbot.postgres.units import NumberError, parse_int, parse_real, unit_names
from syncbot.postgres.values import Checked, Refused, as_bool, check_value


@pytest.mark.parametrize(
    ("text", "base", "value"),
    [
        ("64MB", "kB", 65536),
        ("256MB", "8kB", 32768),
        ("0x10", "", 16),
        ("010", "", 8),
        ("010.5", "", 10),
        ("1e3", "", 1000),
        ("2.5", "", 2),
        ("3.5", "", 4),
        (".5", "", 0),
        ("1.5 GB", "MB", 1536),
        ("30.1GB", "kB", 31561728),
        ("5min", "s", 300),
        ("1d", "min", 1440),
        ("1500us", "ms", 2),
        ("1B", "kB", 0),
        ("-1", "ms", -1),
    ],
)
def test_whole_numbers(text: str, base: str, value: int) -> None:
    """Hexadecimal, octal, fractions, units: as the server reads them."""
    assert parse_int(text, base) == value


@pytest.mark.parametrize("text", ["", "x", "08", "1 2", "64mb", "64 M B", "0b11", "1e400", "nan", "inf", "2147483648"])
def test_what_is_no_number(text: str) -> None:
    """Each refused, as the server refuses it."""
    with pytest.raises(NumberError):
        parse_int(text, "kB")


def test_real_numbers() -> None:
    """Reals take hexadecimal fractions and units as well."""
    assert parse_real("0x1.8p1", "") == 3.0
    assert parse_real("1s", "ms") == 1000.0
    assert parse_real("20us", "ms") == 0.02


def test_units_by_kind() -> None:
    """Sizes and times have their own, and a plain number has none."""
    assert unit_names("8kB") == ("B", "kB", "MB", "GB", "TB")
    assert unit_names("s") == ("us", "ms", "s", "min", "h", "d")
    assert unit_names("") == ()


@pytest.mark.parametrize(
    ("text", "value"), [("t", True), ("of", False), ("ON", True), ("0", False), ("o", None), ("", None)]
)
def test_bools(text: str, value: bool | None) -> None:
    """Unique prefixes count, ambiguous ones do not."""
    assert as_bool(text) is value


@pytest.mark.parametrize(
    ("name", "text", "value", "exact"),
    [
        ("work_mem", "64MB", "65536", "65536"),
        ("random_page_cost", "1.123456789", "1.12346", "1.123456789"),
        ("wal_level", "HOT_STANDBY", "replica", "replica"),
        ("wal_compression", "on", "pglz", "pglz"),
        ("wal_compression", "zstd", "zstd", "zstd"),
        ("log_file_mode", "0640", "0640", "0640"),
        ("TimeZone", "europe/berlin", "Europe/Berlin", "Europe/Berlin"),
        ("TimeZone", "-3.5", "<-03:30>+03:30", "<-03:30>+03:30"),
        ("DateStyle", "german", "German, DMY", "German, DMY"),
        ("autovacuum_work_mem", "64kB", "1024", "1024"),
        ("wal_buffers", "0", "4", "4"),
    ],
)
def test_what_pg_settings_shows(name: str, text: str, value: str, exact: str) -> None:
    """Base units, listed labels, silent corrections; reals are shown shorter than they are kept."""
    assert check_value(load(16).parameters[name], text) == Checked(value=value, exact=exact)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("work_mem", "64mb", "'64mb' has no unit that Postgres knows: 'mb'; use B, kB, MB, GB or TB"),
        ("work_mem", "10kB", "'10kB' is outside 64 to 2147483647 kB"),
        ("max_connections", "10MB", "'10MB' takes no unit, and 'MB' follows the number"),
        ("wal_level", "logicl", "'logicl' is not one of minimal, replica, logical; did you mean logical?"),
        ("jit", "enabled", "'enabled' is not on or off"),
        ("application_name", "Zoë", "'Zoë' must be printable ASCII; Postgres would replace the other letters"),
        ("TimeZone", "Mars/Base", "'Mars/Base' is not the name of a time zone, nor an offset in hours"),
        ("DateStyle", "ISO, SQL", "'ISO, SQL' asks for two date styles, or two orders, at once"),
        ("vacuum_buffer_usage_limit", "64kB", "'64kB' must be 0 or at least 128 kB"),
        ("application_name", "a\0b", "must be text without NUL"),
    ],
)
def test_reasons_for_people(name: str, text: str, reason: str) -> None:
    """A refusal says what would be right."""
    verdict = check_value(load(16).parameters[name], text)
    assert isinstance(verdict, Refused)
    assert verdict.reason == reason


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.sampled_from(MAJORS), st.data(), st.text(max_size=30))
def test_any_text_gets_a_verdict(major: int, data: st.DataObject, text: str) -> None:
    """No text makes the check fail, and what it accepts is accepted again in the form it shows."""
    parameter = load(major).parameters[data.draw(st.sampled_from(sorted(load(major).parameters)))]
    verdict = check_value(parameter, text)
    if isinstance(verdict, Checked):
        again = check_value(parameter, verdict.exact)
        assert isinstance(again, Checked)
        assert again.value == verdict.value


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=30))
def test_quoting_keeps_to_one_line(text: str) -> None:
    """A quoted value has no line end of its own, and its quotes are balanced."""
    quoted = conf.quoted(text)
    assert "\n" not in quoted and "\r" not in quoted
    assert quoted == text or (quoted[0] == quoted[-1] == "'" and quoted.count("'") % 2 == 0)

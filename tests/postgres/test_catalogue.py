"""The shipped catalogue is what the real servers say, and it is complete."""

from __future__ import annotations

import json

import pytest

from scripts import postgres_catalogue
from scripts.postgres_catalogue import Facts, history, read_major
from syncbot.postgres.catalogue import MAJORS, first_and_last, libraries, load, word_list

SHIPPED = json.loads(postgres_catalogue.TARGET.read_text())


def as_of(major: int) -> dict[str, Facts]:
    """The shipped facts of one major, without the labels that take long to find."""
    found = {}
    for name, steps in SHIPPED["parameters"].items():
        facts: Facts = {}
        for step in steps:
            if step["from"] <= major:
                facts = {} if "removed" in step else {**facts, **step}
        if facts:
            kept = {key: value for key, value in facts.items() if key not in ("from", "hidden") and value is not None}
            found[name] = kept
    return found


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("major", MAJORS)
def test_the_catalogue_is_the_servers(major: int) -> None:
    """Read anew from the real server, every fact of every parameter is as shipped."""
    real = read_major(major)
    assert {name: {k: v for k, v in facts.items() if k != "hidden"} for name, facts in real.items()} == as_of(major)


@pytest.mark.full
@pytest.mark.usefixtures("servers")
def test_regenerated_it_is_the_same_file() -> None:
    """The committed script gives the committed file, byte for byte: hidden labels, libraries and time zones too."""
    read = postgres_catalogue.read_all()
    assert postgres_catalogue.catalogue(read) == postgres_catalogue.TARGET.read_text()


def test_history_tells_what_changed() -> None:
    """The first major in full, then changes, a null for what went, and the end."""
    majors: dict[int, dict[str, Facts]] = {major: {} for major in MAJORS}
    majors[14]["x"] = {"type": "bool", "default": "on", "unit": "s"}
    majors[15]["x"] = {"type": "bool", "default": "off"}
    assert history("x", majors) == [
        {"from": 14, "default": "on", "type": "bool", "unit": "s"},
        {"from": 15, "default": "off", "unit": None},
        {"from": 16, "removed": True},
    ]


@pytest.mark.parametrize("major", MAJORS)
def test_every_parameter_is_whole(major: int) -> None:
    """Numbers have bounds, enums have labels, and the pieces that the rules rest on are there."""
    catalogue = load(major)
    assert int(catalogue.server.split(".")[0]) == major
    assert len(catalogue.parameters) > 360
    for parameter in catalogue.parameters.values():
        assert (parameter.type in ("integer", "real")) == (parameter.min is not None and parameter.max is not None)
        assert (parameter.type == "enum") == bool(parameter.labels)
        assert set(parameter.hidden.values()) <= {*parameter.labels, *parameter.hidden}
    assert {"pg_stat_statements", "auto_explain", "pg_prewarm"} <= libraries(major)


def test_names_are_found_in_any_case() -> None:
    """As the server finds them."""
    assert (found := load(16).find("timezone")) and found.name == "TimeZone"
    assert load(16).find("WORK_MEM") is load(16).parameters["work_mem"]
    assert load(16).find("nothing") is None


def test_first_and_last() -> None:
    """The majors between which a name is known."""
    assert first_and_last("work_mem") == (13, 18)
    assert first_and_last("force_parallel_mode") == (13, 15)
    assert first_and_last("io_method") == (18, 18)
    assert first_and_last("nothing") is None


def test_word_lists() -> None:
    """Time zones and encodings that all majors know."""
    assert {"UTC", "Europe/Berlin"} <= set(word_list("timezones"))
    assert {"UTF8", "LATIN1", "SQL_ASCII"} <= set(word_list("encodings"))


def test_any_other_major_is_unknown() -> None:
    """There is no guessing for majors without data."""
    with pytest.raises(KeyError):
        load(12)

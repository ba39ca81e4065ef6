"""Our verdict on a value is the real server's, and so is the value it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from scripts.postgres_servers import Cluster, ask
from scripts.postgres_wire import Connection, QueryError, literal
from syncbot.formats import postgres_conf as conf
from syncbot.postgres.catalogue import MAJORS, Parameter, load
from syncbot.postgres.check import DERIVED, check_parameters
from syncbot.postgres.declared import read_declared
from syncbot.postgres.values import NO_EFFECT, Checked, Refused, check_value, parse_value
from tests.postgres.cases import BUILT_WITHOUT, MACHINE, STRINGS, Case, cases, sample, texts

OCTAL = ("data_directory_mode", "log_file_mode", "unix_socket_permissions")
ZONES = ("TimeZone", "log_timezone")
pytestmark = pytest.mark.usefixtures("servers")


def ours(case: Case) -> str | None:
    """Our value as `-C` would print it, None for a refusal."""
    major, name, text = case
    verdict = parse_value(load(major).parameters[name], text)
    if isinstance(verdict, Refused):
        return None
    if major < 18 and any("processes" in each.message for each in check_parameters(major, {name: text}).findings):
        return None
    return str(int(verdict.value, 8)) if name in OCTAL else verdict.value


def theirs(case: Case) -> str | None:
    """What the server prints. It prints a time zone as given, so that there the verdict alone is compared."""
    major, name, text = case
    value = ask(major, name, text).value
    return ours(case) if name in ZONES and value is not None and ours(case) is not None else value


def disagreements(chosen: Iterable[Case]) -> list[tuple[Case, str | None, str | None]]:
    with ThreadPoolExecutor(2) as pool:
        pairs = pool.map(lambda case: (case, ours(case), theirs(case)), chosen)
        return [(case, mine, real) for case, mine, real in pairs if mine != real]


@pytest.mark.full
@pytest.mark.parametrize("major", MAJORS)
def test_every_case(major: int) -> None:
    """All bounds, labels and unit spellings of every settable parameter: well over 10,000 cases a major."""
    chosen = list(cases(major))
    assert len(chosen) > 10_000
    assert disagreements(chosen) == []


def test_sampled_cases() -> None:
    """300 of those cases, the same in every run."""
    assert disagreements(sample(300)) == []


def shown(session: Connection, names: Iterable[str]) -> dict[str, str]:
    wanted = ", ".join(literal(name) for name in names)
    rows = session.query(f"SELECT name, setting FROM pg_settings WHERE name IN ({wanted})")
    return {str(name): str(setting) for name, setting in rows}


def unusual(parameter: Parameter) -> str | None:
    """A value that is not the default, and that a small machine can start with."""
    match parameter.type:
        case "bool":
            return "off" if parameter.default == "on" else "yes"
        case "enum":
            return next((label for label in reversed(parameter.labels) if label != parameter.default), None)
        case "string":
            return None
    least, most = parameter.min or 0, parameter.max or 0
    if parameter.type == "real":
        return f"{min(least + 0.123456789, most):.9f}"
    near = int(parameter.default or 0)
    return str(near + 16 if near + 16 <= most else max(near - 16, int(least)))


# A change of these needs what a test machine may lack, or stops the start by a rule of its own.
LEFT_OUT = (
    *("allow_system_table_mods", "archive_mode", "bonjour", "data_directory_mode", "db_user_namespace"),
    *("debug_discard_caches", "default_toast_compression", "dynamic_shared_memory_type", "fsync", "huge_page_size"),
    *(
        "huge_pages",
        "idle_session_timeout",
        "ignore_system_indexes",
        "io_method",
        "log_checkpoints",
        "log_statement_stats",
        "max_stack_depth",
    ),
    *("port", "post_auth_delay", "pre_auth_delay", "shared_memory_type", "ssl", "ssl_min_protocol_version"),
    *("statement_timeout", "sync_replication_slots", "transaction_timeout", "wal_compression", "wal_level"),
    *("wal_sync_method", "zero_damaged_pages"),
    # Shown as the session's socket has them: a Unix socket has none.
    *("tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout"),
)


@pytest.mark.parametrize("major", MAJORS)
def test_a_start_with_hundreds_of_values_shows_ours(major: int, server: Callable[[int], Cluster]) -> None:
    """postgresql.conf with an unusual value for nearly every parameter: pg_settings equals conf and RDS values."""
    chosen = {}
    for parameter in load(major).parameters.values():
        text = unusual(parameter)
        known = parameter.library or parameter.name in (*LEFT_OUT, *NO_EFFECT) or parameter.context == "internal"
        if text is not None and not known:
            chosen[parameter.name] = text
    chosen["TimeZone"], chosen["DateStyle"], chosen["cluster_name"] = "europe/berlin", "sql, dmy", "it's \\ here"
    found = check_parameters(major, chosen)
    assert [str(each) for each in found.findings] == []
    with server(major).started(conf.settings(chosen.items())) as session:
        real = shown(session, chosen)
    ours_shown = {name: checked.value for name, checked in found.values.items() if checked.value != DERIVED.get(name)}
    assert {name: real[name] for name in ours_shown} == ours_shown
    assert len(ours_shown) > 200


@pytest.mark.parametrize("major", MAJORS)
def test_values_of_extensions(major: int, server: Callable[[int], Cluster]) -> None:
    """The same agreement for parameters of loaded libraries, asked in a session."""
    parameters = [
        each for each in load(major).parameters.values() if each.library and each.context in ("user", "superuser")
    ]
    preload = sorted({str(each.library) for each in parameters})
    wrong = []
    with server(major).started(conf.setting("shared_preload_libraries", ",".join(preload))) as session:
        for parameter in parameters:
            for text in (
                texts(parameter)
                if parameter.type != "string"
                else STRINGS.get(parameter.name, STRINGS["application_name"])
            ):
                verdict = parse_value(parameter, text)
                mine = verdict.value if isinstance(verdict, Checked) else None
                try:
                    session.query(f"SET {parameter.name} = {literal(text)}")
                    real: str | None = shown(session, [parameter.name])[parameter.name]
                except QueryError:
                    real = None
                if mine != real:
                    wrong.append((parameter.name, text, mine, real))
    assert wrong == [], wrong


@pytest.mark.parametrize("major", MAJORS)
def test_names_that_a_file_cannot_set(major: int, server: Callable[[int], Cluster]) -> None:
    """What we call without effect starts, and does not hold; what we call read-only stops the start."""
    for name in sorted({*NO_EFFECT} - {"config_file", "seed"}):
        text = "serializable" if name.endswith("isolation") else "on"
        with server(major).started(conf.setting(name, text)) as session:
            assert shown(session, [name]) != {name: text}
        assert isinstance(check_value(load(major).parameters[name], text), Refused)
    read_only = [each for each in load(major).parameters.values() if each.context == "internal"]
    assert all(isinstance(check_value(each, each.default or ""), Refused) for each in read_only)
    assert all("cannot be changed" in ask(major, each.name, each.default or "").said for each in read_only)


def test_both_renderings_of_one_source_are_equal(server: Callable[[int], Cluster]) -> None:
    """One source, a container of 16 and a parameter group of 15: every common value is the same in base units."""
    answer = {
        "work_mem": "64MB",
        "random_page_cost": 1.1,
        "jit": False,
        "statement_timeout": "5min",
        "wal_level": "logical",
    }
    source = read_declared(answer)
    with server(16).started(conf.settings((each.name, each.local or "") for each in source.parameters)) as session:
        real = shown(session, answer)
    group = {entry.name: entry.value for entry in source.rds(15).parameters}
    assert real == {
        "work_mem": "65536",
        "random_page_cost": "1.1",
        "jit": "off",
        "statement_timeout": "300000",
        "wal_level": "logical",
    }
    assert group == {**real, "jit": "0"}


def test_known_build_differences() -> None:
    """What the test servers lack and the official images have, by name: accepted here, refused there."""
    for name, label in sorted(BUILT_WITHOUT):
        majors = [
            major for major in MAJORS if label in load(major).parameters.get(name, load(18).parameters["jit"]).labels
        ]
        assert majors
        for major in majors:
            assert isinstance(check_value(load(major).parameters[name], label), Checked)
            assert ask(major, name, label).value is None


def test_what_only_the_machine_can_judge_is_listed() -> None:
    """The parameters left out of the sweep exist; a mistake in the list would hide one."""
    assert all(load(major).find(name) for name in MACHINE for major in MAJORS)

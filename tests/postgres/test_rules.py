"""The rules over several parameters: each breaks or corrects a real start, and its neighbour does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from scripts.postgres_servers import Cluster, ServerError
from syncbot.formats import postgres_conf as conf
from syncbot.postgres.catalogue import MAJORS, load
from syncbot.postgres.check import check_parameters
from syncbot.postgres.values import Checked, check_value
from tests.postgres.cases import blocks

Values = Mapping[str, str]
ALL = (13, 18)
BROKEN: list[tuple[str, tuple[int, ...], Values]] = [
    ("WAL streaming", ALL, {"wal_level": "minimal"}),
    ("WAL archival", ALL, {"wal_level": "minimal", "max_wal_senders": "0", "archive_mode": "on"}),
    ("WAL cannot be summarized", (17, 18), {"wal_level": "minimal", "max_wal_senders": "0", "summarize_wal": "on"}),
    ("less than", (13, 15), {"max_connections": "3"}),
    ("less than", (16, 18), {"max_connections": "5", "reserved_connections": "2"}),
    ("processes", (18,), {"max_connections": "262116"}),
    ("max_connections", (13, 17), {"max_connections": "262143"}),
    ("min_wal_size", ALL, {"min_wal_size": "31MB"}),
    ("max_wal_size", ALL, {"max_wal_size": "31MB"}),
    ("log_statement_stats", ALL, {"log_statement_stats": "on", "log_parser_stats": "on"}),
    ("recovery target", ALL, {"recovery_target": "immediate", "recovery_target_name": "x"}),
    ("pg_cron", ALL, {"shared_preload_libraries": "pg_stat_statements, pg_cron"}),
    ("server.crt", ALL, {"ssl": "on"}),
]
FINE: list[tuple[tuple[int, ...], Values]] = [
    (ALL, {}),
    (ALL, {"wal_level": "minimal", "max_wal_senders": "0"}),
    (ALL, {"wal_level": "hot_standby", "archive_mode": "on"}),
    (ALL, {"max_connections": "4"}),
    ((16, 18), {"max_connections": "6", "reserved_connections": "2"}),
    (ALL, {"min_wal_size": "32MB", "max_wal_size": "0.03125GB"}),
    (ALL, {"log_parser_stats": "on", "log_planner_stats": "on"}),
    (ALL, {"recovery_target_name": "x"}),
    (ALL, {"shared_preload_libraries": "pg_stat_statements, auto_explain", "pg_stat_statements.max": "2000"}),
    ((18,), {"autovacuum_max_workers": "16"}),
]
cases = [(said, major, values) for said, majors, values in BROKEN for major in majors]


@pytest.mark.parametrize(("said", "major", "values"), cases)
def test_a_broken_rule_stops_the_start(said: str, major: int, values: Values, server: Callable[[int], Cluster]) -> None:
    """We report it, and the real server refuses to start, naming the same thing."""
    assert blocks(check_parameters(major, values))
    with pytest.raises(ServerError) as refusal, server(major).started(conf.settings(values.items())):
        pass
    assert said.replace("max_connections", "") in str(refusal.value)


@pytest.mark.parametrize(("major", "values"), [(major, values) for majors, values in FINE for major in majors])
def test_a_kept_rule_starts(major: int, values: Values, server: Callable[[int], Cluster]) -> None:
    """The nearest allowed values start, and we report nothing."""
    assert check_parameters(major, values).findings == ()
    with server(major).started(conf.settings(values.items())) as session:
        assert session.query("SELECT 1") == [("1",)]


def test_what_starts_but_does_not_hold_is_reported(server: Callable[[int], Cluster]) -> None:
    """Workers beyond the slots, parameters of libraries that are not loaded, unknown prefixes: the server is silent."""
    values = {
        "autovacuum_max_workers": "17",
        "pg_stat_statements.max": "2000",
        "pg_stat_statements.trak": "all",
        "cron.database_name": "app",
        "rds.force_ssl": "1",
    }
    with server(18).started(conf.settings(values.items())) as session:
        assert session.query("SELECT 1") == [("1",)]
    assert {finding.subject for finding in check_parameters(18, values).findings} == values.keys()


def test_warnings_that_do_not_block() -> None:
    """What a server only warns of, or what depends on the host, is said and stops nothing."""
    found = check_parameters(16, {"track_counts": "off", "huge_pages": "on"})
    assert [finding.subject for finding in found.findings] == ["track_counts", "huge_pages"]
    assert not blocks(found)


@pytest.mark.parametrize("major", MAJORS)
def test_the_limit_on_processes_is_exact(major: int) -> None:
    """One process less than too many is accepted."""
    taken = 100 + 10 + 8 + (16 + 2 if major >= 18 else 3 + 1)
    least = 262143 - taken + 100
    assert check_parameters(major, {"max_connections": str(least)}).findings == ()
    assert blocks(check_parameters(major, {"max_connections": str(least + 1)}))


@pytest.mark.parametrize("major", MAJORS)
def test_the_defaults_break_no_rule(major: int) -> None:
    """Every default set explicitly gives no finding at all, but for what a file cannot set."""
    defaults = {}
    for parameter in load(major).parameters.values():
        text = parameter.default
        if text is not None and not parameter.library and isinstance(check_value(parameter, text), Checked):
            defaults[parameter.name] = text
    assert check_parameters(major, defaults).findings == ()
    assert len(defaults) > 290

"""The upgrade guard: complete against real servers, without false alarms, and said in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest

from scripts.postgres_servers import Cluster, ServerError
from syncbot.formats import postgres_conf as conf
from syncbot.formats.diagnostics import Diagnostic
from syncbot.postgres.catalogue import MAJORS, Parameter, load
from syncbot.postgres.check import check_parameters
from syncbot.postgres.upgrade import Change, Renamed, Volume, upgrade
from syncbot.postgres.upgrade_text import upgrade_text
from syncbot.postgres.values import NO_EFFECT, Checked, check_value
from tests.postgres.cases import blocks

PAIRS = list(combinations(MAJORS, 2))
# The machine's: paths that are made at the start, and the locale of messages, empty by default.
ELSEWHERE = (*NO_EFFECT, "data_directory", "external_pid_file", "hba_file", "ident_file", "listen_addresses")


def defaults(major: int) -> dict[str, str]:
    """Every settable parameter of the server itself with the default of that major."""
    return {
        parameter.name: str(parameter.default)
        for parameter in load(major).parameters.values()
        if not parameter.library and parameter.name not in ELSEWHERE and settable(parameter)
    }


def settable(parameter: Parameter) -> bool:
    return parameter.default is not None and isinstance(check_value(parameter, parameter.default), Checked)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_every_pair_of_majors(before: int, after: int, server: Callable[[int], Cluster]) -> None:
    """Whatever we call gone stops a real start of the newer major, and all the rest starts together."""
    given = defaults(before)
    move = upgrade(before, after, given)
    gone = {each.name for each in move.removed} | {each.name for each in move.renamed if not each.still_starts}
    assert {each.subject for each in move.blocking} == gone
    for name in sorted(gone):
        refusal = pytest.raises(ServerError, match=f'unrecognized configuration parameter "{name}"')
        with refusal, server(after).started(conf.setting(name, given[name])):
            pass
    kept = {name: text for name, text in given.items() if name not in gone}
    with server(after).started(conf.settings(kept.items())) as session:
        assert session.query("SELECT 1") == [("1",)]
    assert len(kept) > 290


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_no_false_alarm_without_parameters(before: int, after: int) -> None:
    """A service that sets nothing can move between any two majors."""
    move = upgrade(before, after, {})
    assert (move.blocking, move.removed, move.renamed, move.ranges, move.types) == ((), (), (), (), ())


def test_downwards_is_refused() -> None:
    """No major reads the data of a newer one."""
    with pytest.raises(ValueError, match="upwards only"):
        upgrade(17, 16, {})


def test_what_is_told() -> None:
    """Removed, renamed, changed range, type and context, each of a parameter that is set; defaults of the others."""
    given = {
        "force_parallel_mode": "on",
        "old_snapshot_threshold": "1h",
        "ssl_ecdh_curve": "prime256v1",
        "maintenance_work_mem": "64MB",
        "log_connections": "on",
        "autovacuum_max_workers": "4",
        "effective_io_concurrency": "200",
    }
    move = upgrade(15, 18, given)
    assert [each.subject for each in move.blocking] == ["force_parallel_mode", "old_snapshot_threshold"]
    assert [each.name for each in move.removed] == ["old_snapshot_threshold"]
    assert move.renamed == (
        Renamed(name="force_parallel_mode", new_name="debug_parallel_query"),
        Renamed(name="ssl_ecdh_curve", new_name="ssl_groups", still_starts=True),
    )
    assert Change(name="log_connections", before="bool", after="string") in move.types
    assert [each.name for each in move.ranges] == ["maintenance_work_mem"]
    assert move.restart_needed == (Change(name="autovacuum_max_workers", before="after a restart", after="at once"),)
    assert {each.name for each in move.changed_defaults} == {"maintenance_io_concurrency"}
    assert move.volumes == (
        Volume(name="pgdata15", mount="/var/lib/postgresql/data"),
        Volume(name="pgdata18", mount="/var/lib/postgresql"),
    )
    assert move.families == ("postgres15", "postgres18")


def test_what_was_wrong_before_is_no_matter_of_the_move() -> None:
    """A value that the present major refuses too does not block the move; it is reported by the check."""
    assert upgrade(15, 16, {"work_mem": "64mb"}).blocking == ()
    move = upgrade(15, 16, {"stats_temp_directory": "x", "rds.force_ssl": "1", "max_conections": "1"})
    assert (move.blocking, move.removed, move.renamed) == ((), (), ())


def test_the_text_says_it_all() -> None:
    """Commands, volumes, family and dates are there, and sections without content are not."""
    text = upgrade_text(upgrade(16, 18, {"work_mem": "64MB"}))
    for words in ("pgdata16", "pgdata18", "`postgres18`", "2031-02-28", "pg_dumpall -U app > postgres-16.sql"):
        assert words in text
    assert "`/var/lib/postgresql/data` to `/var/lib/postgresql`" in text
    assert "cannot be merged" not in text
    assert "cannot be merged" in upgrade_text(upgrade(16, 18, {"old_snapshot_threshold": "1h"}))


def test_values_cannot_break_out_of_the_text() -> None:
    """What people wrote is shown as it stands: no mention, no tag, no link, no end of a code span."""
    worse = upgrade(16, 18, {"old_snapshot_threshold": "1h"})
    finding = Diagnostic(subject="a`b", message="'@acme/all <b>`x` [y](z)' is wrong")
    text = upgrade_text(replace(worse, blocking=(finding,)))
    assert "- `` a`b ``: '&#64;acme/all &#60;b&#62;&#96;x&#96; &#91;y&#93;(z)' is wrong" in text


@pytest.mark.parametrize(
    ("major", "name", "reason"),
    [
        (16, "max_conections", "is not a parameter of Postgres 16; did you mean max_connections?"),
        (16, "force_parallel_mode", "is called debug_parallel_query since Postgres 16"),
        (15, "debug_parallel_query", "came with Postgres 16; Postgres 15 calls it force_parallel_mode"),
        (13, "idle_session_timeout", "came with Postgres 14, and Postgres 13 does not know it"),
        (16, "promote_trigger_file", "was removed in Postgres 16: use pg_ctl promote or pg_promote()"),
        (16, "wal_keep_segments", "is called wal_keep_size since Postgres 13 (in megabytes: 16 for each segment)"),
        (16, "role", "belongs to a session, not to a configuration file"),
        (16, "pg_stat_statements.trak", "is not a parameter of Postgres 16; did you mean pg_stat_statements.track?"),
        (
            16,
            "cron.host",
            "belongs to no extension of the official image, and a server takes any cron.* without a word",
        ),
        (16, "server_version", "is read-only"),
        (16, "transaction_isolation", "has no effect in a configuration file: it holds for one transaction; "),
    ],
)
def test_why_a_name_is_refused(major: int, name: str, reason: str) -> None:
    """Typos get a suggestion, renamed parameters their new name, and each major its own history."""
    (found,) = check_parameters(major, {name: "1"}).findings
    assert found.message.startswith(reason)
    assert found.is_error


def test_old_names_that_servers_still_take() -> None:
    """They are checked as the new one, said, and do not block; twice the same is refused."""
    found = check_parameters(18, {"ssl_ecdh_curve": "X25519", "Sort_Mem": "64MB"})
    assert {name: checked.value for name, checked in found.values.items()} == {
        "ssl_groups": "X25519",
        "work_mem": "65536",
    }
    assert not blocks(found)
    assert len(found.findings) == 2
    assert check_parameters(16, {"work_mem": "1MB", "WORK_MEM": "2MB"}).findings == (
        Diagnostic(subject="WORK_MEM", message="is set twice: it is work_mem"),
    )

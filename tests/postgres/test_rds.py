"""The source and its RDS side: who may set what where, in which spelling, and when it takes hold."""

from __future__ import annotations

import pytest

from syncbot.formats.parameter_group import ApplyMethod, GroupParameter
from syncbot.postgres.catalogue import MAJORS, load
from syncbot.postgres.declared import DeclaredParameter, read_declared
from syncbot.postgres.facts import end_of_support, not_modifiable, rds_parameters
from syncbot.postgres.rds import parameter_group, resolved


def test_values_are_strings_in_base_units() -> None:
    """Bools are 1 or 0, numbers base units, static parameters wait for a reboot, and names are in lower case."""
    group = parameter_group(
        16,
        {"work_mem": "64MB", "shared_buffers": "1GB", "jit": "off", "random_page_cost": "1.1", "TimeZone": "utc"},
    )
    assert group.family == "postgres16"
    assert group.diagnostics == ()
    assert set(group.parameters) == {
        GroupParameter(name="work_mem", value="65536", apply_method=ApplyMethod.IMMEDIATE),
        GroupParameter(name="shared_buffers", value="131072", apply_method=ApplyMethod.PENDING_REBOOT),
        GroupParameter(name="jit", value="0", apply_method=ApplyMethod.IMMEDIATE),
        GroupParameter(name="random_page_cost", value="1.1", apply_method=ApplyMethod.IMMEDIATE),
        GroupParameter(name="timezone", value="UTC", apply_method=ApplyMethod.IMMEDIATE),
    }


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("fsync", "off", "is fixed by RDS, which lets nobody modify it (a dump of a Postgres 11 group"),
        ("rds.extensions", "x", "is fixed by RDS"),
        ("rds.forse_ssl", "1", "is no RDS parameter known here; did you mean rds.force_ssl?"),
        ("max_connections", "{DBInstanceClassMemory/}", "formula: expected a number, a variable or a function, at"),
        ("shared_preload_libraries", "pg_cron,timescaledb", "RDS cannot load timescaledb"),
        ("work_mem", "64mb", "'64mb' has no unit"),
        ("wal_compresion", "on", "is not a parameter of Postgres 16; did you mean wal_compression?"),
        ("min_wal_size", "16MB", "must be at least 32MB"),
    ],
)
def test_what_rds_refuses(name: str, text: str, reason: str) -> None:
    """Each refused with the reason."""
    group = parameter_group(16, {name: text})
    assert [finding.message.startswith(reason) for finding in group.diagnostics] == [True]


def test_what_only_rds_takes() -> None:
    """Its own parameters, its libraries, extensions that the official image lacks."""
    given = {
        "rds.force_ssl": "on",
        "rds.logical_replication": "1",
        "shared_preload_libraries": "pg_cron,pgaudit",
        "pgaudit.log": "ddl",
    }
    group = parameter_group(16, given)
    assert group.diagnostics == ()
    assert {each.name: (each.value, each.apply_method) for each in group.parameters} == {
        "rds.force_ssl": ("1", "immediate"),
        "rds.logical_replication": ("1", "pending-reboot"),
        "shared_preload_libraries": ("pg_cron,pgaudit", "pending-reboot"),
        "pgaudit.log": ("ddl", "pending-reboot"),
    }


def test_formulas_are_kept_and_can_be_worked_out() -> None:
    """The group holds the formula; for an instance it becomes what pg_settings would show."""
    group = parameter_group(16, {"shared_buffers": "{DBInstanceClassMemory/32768}", "jit": "{DBInstanceVCPU > 2}"})
    assert [each.value for each in group.parameters] == ["{DBInstanceVCPU > 2}", "{DBInstanceClassMemory/32768}"]
    shown = resolved(group, major=16, memory_bytes=8 * 1024**3, vcpu=2)
    assert shown == {"shared_buffers": "262144", "jit": "off"}


def test_the_facts_are_about_real_parameters() -> None:
    """What RDS fixes exists in some major, or is RDS's own, or gone since Postgres 11; support ends in order."""
    known = {name for major in MAJORS for name in load(major).parameters}
    others = {name for name in not_modifiable() - known if not name.startswith("rds.")}
    assert others == set()
    assert not not_modifiable() & rds_parameters().keys()
    ends = [end_of_support(major) for major in MAJORS]
    assert ends == sorted(ends, key=lambda end: end.upstream)
    assert all(end.upstream < end.rds for end in ends)


def test_the_answers_form() -> None:
    """One value for both, or two with a reason; YAML's own bools and numbers are meant as Postgres'."""
    source = read_declared(
        {
            "work_mem": "64MB",
            "jit": False,
            "random_page_cost": 1.1,
            "shared_buffers": {"local": "256MB", "rds": "{DBInstanceClassMemory/32768}", "reason": "a laptop"},
            "log_statement": {"local": "all", "reason": "to see it"},
            "rds.force_ssl": {"rds": 1},
        }
    )
    assert source.findings == ()
    assert source.parameters[:3] == (
        DeclaredParameter(name="work_mem", local="64MB", rds="64MB"),
        DeclaredParameter(name="jit", local="off", rds="off"),
        DeclaredParameter(name="random_page_cost", local="1.1", rds="1.1"),
    )
    assert [each.name for each in source.parameters if each.local != each.rds] == [
        "shared_buffers",
        "log_statement",
        "rds.force_ssl",
    ]
    local, group = source.local(16), source.rds(16)
    assert (local.findings, group.diagnostics) == ((), ())
    assert set(local.values) == {"work_mem", "jit", "random_page_cost", "shared_buffers", "log_statement"}
    assert len(group.parameters) == 5


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("work_mem", None, "expected one value"),
        ("work_mem", ["64MB"], "expected one value"),
        ("work_mem", {"local": "64MB", "rds": "32MB"}, "local and rds differ: say why with reason"),
        ("work_mem", {"local": "64MB", "reason": " "}, "local and rds differ: say why with reason"),
        ("work_mem", {"locl": "64MB", "reason": "x"}, "takes local, rds and reason, not locl"),
        ("work_mem", {"reason": "x"}, "local and rds take one value each"),
        ("work_mem", {"local": None, "rds": "1MB", "reason": "x"}, "local and rds take one value each"),
        ("work_mem", "{DBInstanceClassMemory/32768}", "Postgres takes no formula: write"),
        ("work_mem", {"rds": "{DBInstanceVCPU}", "reason": "x"}, "a formula needs a local value beside it"),
        ("work_mem", {"local": "LEAST(1,2)", "rds": "1", "reason": "x"}, "Postgres takes no formula: local needs"),
        ("rds.force_ssl", 1, "only RDS has it: write {rds: 1}"),
        ("rds.force_ssl", {"local": 1, "rds": 1}, "only RDS has it, so it takes no local value"),
        (5, 1, "is not a name"),
    ],
)
def test_mistakes_in_the_answers_form(name: object, value: object, reason: str) -> None:
    """Each is found by itself, with what to write in its place."""
    source = read_declared({name: value, "jit": "off"})
    assert [finding.message.startswith(reason) for finding in source.findings] == [True]
    assert source.parameters == (DeclaredParameter(name="jit", local="off", rds="off"),)


def test_the_answer_is_a_mapping() -> None:
    """Anything else is one finding."""
    assert [str(each) for each in read_declared(["work_mem"]).findings] == ["postgres_parameters: is not a mapping"]

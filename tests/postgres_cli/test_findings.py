"""What `syncbot check`, `plan` and `apply` ask of the catalogue: findings at their lines, and refusals."""

from __future__ import annotations

import pytest

from syncbot.app.postgres_fleet import refusal, settings_findings
from syncbot.formats.diagnostics import Severity
from syncbot.model.files import File
from syncbot.postgres.service import findings, service_of

PATH = "postgres/postgresql.conf"
CONF = b"# owned\nlisten_addresses = '*'\nwork_mm = 64MB\ntrack_counts = off\n= 3\n"


def answers(**parameters: object) -> dict[str, object]:
    return {"postgres_version": "16", "postgres_parameters": parameters}


def test_findings_have_the_line_of_the_parameter() -> None:
    """In the rendered file, with a warning for what only is unwise, and an error for what is no setting at all."""
    found = list(settings_findings(PATH, CONF, answers()))
    assert [(each.path, each.line, each.severity) for each in found] == [
        (PATH, 3, Severity.ERROR),
        (PATH, 4, Severity.WARNING),
        (PATH, 0, Severity.ERROR),
    ]
    assert "did you mean work_mem?" in found[0].message and found[2].message.startswith("line 5: ")
    assert {each.code for each in found} == {"postgres"}


def test_what_rds_alone_refuses_names_no_file() -> None:
    """The answers are where that is mended; what both refuse is said once, at the file."""
    given = answers(fsync="off", work_mm=1)
    found = list(settings_findings(PATH, b"fsync = off\nwork_mm = 1\n", given))
    assert [(each.path, each.line) for each in found] == [(PATH, 2), ("", 0)]
    assert "fixed by RDS" in found[1].message


def test_no_postgres_no_findings() -> None:
    """Nor for a major that no catalogue knows: other checks speak of that."""
    for version in ("none", "9.6", "99", None, ["16"]):
        given = {"postgres_version": version, "postgres_parameters": {"x": 1}}
        assert list(settings_findings(PATH, CONF, given)) == []
        assert refusal({PATH: File(content=CONF)}, given) is None


def test_refusal_looks_at_what_is_rendered() -> None:
    """Not only at the answers: a template may write something else. Warnings refuse nothing."""
    fine = {PATH: File(content=b"work_mem = 64MB\ntrack_counts = off\n"), "Dockerfile": File(content=b"work_mm = 1\n")}
    assert refusal(fine, answers(work_mem="64MB")) is None
    refused = refusal({PATH: File(content=CONF)}, answers())
    assert refused and refused.code == "postgres"
    assert "work_mm" in refused.reason and "line 5" in refused.reason and "track_counts" not in refused.reason


def test_during_a_move_both_families_are_asked() -> None:
    """The group that still is attached must take every parameter, too."""
    moving = {"postgres_version": "17", "rds_postgres_version": "16", "postgres_parameters": {"io_combine_limit": 16}}
    refused = refusal({}, moving)
    assert refused and refused.reason.startswith("RDS postgres16: io_combine_limit:")
    service = service_of(moving)
    assert service and service.rds_majors == (17, 16)
    (found,) = findings(service)
    assert (found.where, str(found)[-16:]) == (("RDS postgres16",), "(RDS postgres16)")


@pytest.mark.parametrize(
    ("name", "value", "suggestion"),
    [
        ("work_mm", "1MB", "work_mem"),
        ("force_parallel_mode", "on", "debug_parallel_query"),
        ("sort_mem", "1MB", "work_mem"),
        ("ssl_groups", "X25519", "ssl_ecdh_curve"),
        ("wal_level", "logicl", "logical"),
        ("default_transaction_isolation", "repeatable rea", "repeatable read"),
        ("rds.forse_ssl", {"rds": 1}, "rds.force_ssl"),
        ("vacuum_defer_cleanup_age", "1", ""),
        ("wal_level", "x; did you mean nothing?", ""),
        ("jit", "is called jit_provider since", ""),
    ],
)
def test_what_to_write_instead(name: str, value: object, suggestion: str) -> None:
    """The likely name or label, known where the finding is made; a value that reads like our own message gives none."""
    service = service_of(answers(**{name: value}))
    assert service
    assert {each.wrong.suggestion for each in findings(service)} == {suggestion}

"""`syncbot postgres check`: what the catalogue says of every service, and what real servers say."""

from __future__ import annotations

import json

import pytest

from tests.cli.harness import PROJECT, PlatformRepo, run_main
from tests.postgres_cli.conftest import PARAMETERS

BAD = {
    "work_mm": "64MB",
    "jit": "perhaps",
    "wal_level": "minimal",
    "vacuum_defer_cleanup_age": 4,
    "max_connections": "64mb",
}


def answers(major: str = "16", **parameters: object) -> dict[str, object]:
    return {"node_version": "22", "postgres_version": major, "postgres_parameters": parameters}


def test_a_fleet_that_is_fine(platform: PlatformRepo) -> None:
    """No findings, exit 0; a service without Postgres is not counted."""
    platform.fleet(
        "orders", {"name": "static", "answers": {"postgres_version": "none"}}, answers=answers(work_mem="8MB")
    )
    done = platform.run("postgres", "check")
    assert (done.exit_code, done.stdout) == (0, "1 repo with Postgres: 0 errors, 0 warnings\n")


def test_every_mistake_at_once_with_its_suggestion(platform: PlatformRepo) -> None:
    """Not only the first; each with the repo, the parameter, the reason, and what was meant, for both sides."""
    platform.fleet("orders", answers=answers(**BAD))
    done = platform.run("postgres", "check", "--format", "json")
    found = {row["parameter"]: row for row in json.loads(done.stdout)["findings"]}
    assert done.exit_code == 1
    assert found.keys() == BAD.keys()
    assert found["work_mm"]["suggestion"] == "work_mem"
    assert found["work_mm"]["where"] == ["Postgres 16", "RDS postgres16"]
    assert "removed in Postgres 16" in found["vacuum_defer_cleanup_age"]["reason"]
    assert "replica" in found["wal_level"]["reason"]
    assert all(row["repo"] == "acme/orders" and row["severity"] == "error" for row in found.values())


def test_the_clouds_own_major(platform: PlatformRepo) -> None:
    """A parameter that only the new major knows is refused for the group that still is attached."""
    given = answers("17", io_combine_limit="16") | {"rds_postgres_version": "16"}
    platform.fleet("orders", answers=given)
    done = platform.run("postgres", "check", "--format", "json")
    (row,) = json.loads(done.stdout)["findings"]
    assert (row["parameter"], row["where"]) == ("io_combine_limit", ["RDS postgres16"])


def test_three_formats_and_the_selection(platform: PlatformRepo) -> None:
    """Text and Markdown name the same; only the repo asked for is looked at."""
    platform.fleet("good", {"name": "bad", "answers": answers(work_mm="1MB")}, answers=answers())
    text, markdown = platform.run("postgres", "check"), platform.run("postgres", "check", "--format", "markdown")
    assert (text.exit_code, markdown.exit_code) == (1, 1)
    assert "did you mean work_mem?" in text.stdout and "did you mean work_mem?" in markdown.stdout
    assert platform.run("postgres", "check", "good").exit_code == 0
    assert platform.run("postgres", "check", "nobody").exit_code == 2


def test_wrong_answers_beside_are_a_failure_of_that_repo(platform: PlatformRepo) -> None:
    """One repo whose other answers are wrong does not hide what is wrong elsewhere."""
    platform.fleet(
        {"name": "broken", "answers": {"port": 0}}, {"name": "bad", "answers": answers(work_mm=1)}, answers=answers()
    )
    done = platform.run("postgres", "check", "--format", "json")
    assert [(row["repo"], row["parameter"]) for row in json.loads(done.stdout)["findings"]] == [
        ("acme/broken", ""),
        ("acme/bad", "work_mm"),
    ]


def test_started_servers_show_what_was_rendered(platform: PlatformRepo, folders: tuple[str, ...]) -> None:
    """`--start` starts the server of each major with the rendered file, and with the group's values."""
    repos = [{"name": f"on-{major}", "answers": {"postgres_version": str(major)}} for major in (15, 17)]
    parameters = {name: value for name, value in PARAMETERS.items() if not isinstance(value, dict)}
    platform.fleet(*repos, answers=answers(**parameters))
    done = platform.run("postgres", "check", "--start", *folders)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "0 errors, 0 warnings; started Postgres 15." in done.stdout and "Postgres 17." in done.stdout


def test_a_rendering_that_says_something_else_is_found(platform: PlatformRepo, folders: tuple[str, ...]) -> None:
    """A template that renders another value than the source has: the server shows it."""
    conf = next((platform.root / "templates").rglob("postgresql.conf.jinja"))
    conf.write_text(conf.read_text().rstrip("\n") + "\nwork_mem = 1\n")
    platform.fleet("orders", answers=answers(max_connections=50))
    done = platform.run("postgres", "check", "--start", "--format", "json", *folders)
    (row,) = json.loads(done.stdout)["findings"]
    assert done.exit_code == 1
    assert "does not start" in row["reason"] and "work_mem" in row["reason"]


def test_without_the_servers_programs(platform: PlatformRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A major whose programs are nowhere is an error that says what to give, not a silent pass."""
    monkeypatch.setattr("syncbot.cli.postgres_check.find_programs", lambda folders: {})
    platform.fleet("orders", answers=answers(work_mem="8MB"))
    done = platform.run("postgres", "check", "--start")
    assert done.exit_code == 1
    assert "--bin" in done.stdout


def test_an_answer_of_another_kind(platform: PlatformRepo) -> None:
    """What is no mapping at all is one finding, not a crash."""
    platform.fleet("orders", answers=answers() | {"postgres_parameters": ["work_mem"]})
    done = platform.run("postgres", "check")
    assert done.exit_code == 1 and "is not a mapping" in done.stdout


def test_the_demo_fleet_has_no_findings() -> None:
    """The fleet that is shipped is fine."""
    done = run_main("postgres", "check", "--config", str(PROJECT / "config" / "repos.yaml"), environment={})
    assert (done.exit_code, done.stderr) == (0, "")

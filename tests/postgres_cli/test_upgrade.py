"""`syncbot postgres upgrade`: each service's way to another major, told before anybody takes it."""

from __future__ import annotations

import json
from dataclasses import fields

from syncbot.postgres.upgrade import Upgrade
from tests.cli.harness import PROJECT, PlatformRepo


def fleet(platform: PlatformRepo) -> None:
    """One that is ready, one that 17 refuses, one there already, one above, one without Postgres."""
    platform.fleet(
        {"name": "ready", "answers": {"postgres_parameters": {"work_mem": "64MB"}}},
        {"name": "blocked", "answers": {"postgres_parameters": {"old_snapshot_threshold": "1h"}}},
        {"name": "there", "answers": {"postgres_version": "17"}},
        {"name": "above", "answers": {"postgres_version": "18"}},
        {"name": "none", "answers": {"postgres_version": "none"}},
        answers={"node_version": "22", "postgres_version": "15"},
    )


def test_the_state_of_each_service(platform: PlatformRepo) -> None:
    """Ready, blocked with the reason, there already, or refused because there is no way back; exit 3."""
    fleet(platform)
    done = platform.run("postgres", "upgrade", "--to", "17", "--format", "json")
    document = json.loads(done.stdout)
    services = {row["repo"].removeprefix("acme/"): row for row in document["services"]}
    assert done.exit_code == 3
    assert document["summary"] == {"ready": 1, "blocked": 1, "refused": 1, "there": 1}
    assert {name: row["state"] for name, row in services.items()} == {
        "ready": "ready",
        "blocked": "blocked",
        "there": "there",
        "above": "refused",
    }
    assert services["blocked"]["blocking"][0]["name"] == "old_snapshot_threshold"
    assert "removed in Postgres 17" in services["blocked"]["blocking"][0]["reason"]
    assert "cannot read the data of Postgres 18" in services["above"]["reason"]
    assert "docker compose exec" in services["ready"]["text"]
    assert services["ready"]["volumes"][1] == {"name": "pgdata17", "mount": "/var/lib/postgresql/data"}
    assert services["ready"]["families"] == ["postgres15", "postgres17"]


def test_nothing_in_the_way(platform: PlatformRepo) -> None:
    """Exit 0, and for one service everything that its pull request would say."""
    fleet(platform)
    done = platform.run("postgres", "upgrade", "ready", "--to", "18")
    assert done.exit_code == 0
    for told in ("Postgres 15 to 18", "pg_dumpall", "/var/lib/postgresql`", "Standard support ends"):
        assert told in done.stdout


def test_going_back_is_refused(platform: PlatformRepo) -> None:
    """By name, with the reason, as exit 3."""
    fleet(platform)
    done = platform.run("postgres", "upgrade", "above", "--to", "16")
    assert done.exit_code == 3
    assert "cannot read the data of Postgres 18: a move goes upwards only" in done.stdout


def test_text_and_markdown(platform: PlatformRepo) -> None:
    """A row a service in text; everything for each in Markdown."""
    fleet(platform)
    text = platform.run("postgres", "upgrade", "--to", "17")
    markdown = platform.run("postgres", "upgrade", "--to", "17", "--format", "markdown")
    assert (text.exit_code, markdown.exit_code) == (3, 3)
    assert "4 repos with Postgres: 1 ready, 1 blocked, 1 refused, 1 there already" in text.stdout
    assert "## `acme/blocked`" in markdown.stdout and "This cannot be merged as it is" in markdown.stdout


def test_rds_alone_may_block(platform: PlatformRepo) -> None:
    """A library that RDS cannot load was refused before as well: that is no matter of the move."""
    given = {"postgres_parameters": {"shared_preload_libraries": "auto_explain"}}
    platform.fleet({"name": "x", "answers": given}, answers={"node_version": "22", "postgres_version": "15"})
    assert platform.run("postgres", "upgrade", "--to", "17").exit_code == 0


def test_the_json_is_documented(platform: PlatformRepo) -> None:
    """docs/postgres.md names every field of an upgrade."""
    page = (PROJECT / "docs" / "postgres.md").read_text()
    for field in fields(Upgrade):
        if field.name not in ("from_major", "to_major"):
            assert f"`services[].{field.name}`" in page

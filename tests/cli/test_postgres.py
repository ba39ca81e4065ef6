"""A Postgres major never rides along with anything, never goes back, and nothing a server refuses is proposed."""

from __future__ import annotations

import pytest

from tests.cli.harness import Platform
from tests.sandbox_support import make_repo, merge_pull

REPO = "acme/orders"
COMPOSE = "docker-compose.yml"
MAJOR = "postgres+rds-postgres"
"""Its changeset: RDS follows where no config line gives it another."""


def answers(major: str, node: str = "22", **parameters: object) -> dict[str, object]:
    return {"node_version": node, "postgres_version": major, "postgres_parameters": parameters}


def deliver(platform: Platform, major: str) -> None:
    """Everything for that major, delivered and merged."""
    platform.fleet("orders", answers=answers(major, work_mem="8MB"))
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert platform.apply().exit_code == 0
    merge_pull(platform.sandbox, REPO, 1)


def test_a_major_has_a_pull_request_of_its_own(platform: Platform) -> None:
    """Routine changes merge without it; its own pull request tells what to do, and moves image and group together."""
    deliver(platform, "15")
    platform.fleet("orders", answers=answers("17", work_mem="16MB"))
    applied = platform.apply()
    assert applied.exit_code == 0, applied.stderr
    changesets = applied.changesets(REPO)
    assert changesets.keys() == {MAJOR, "sync"}
    major = changesets[MAJOR]
    assert (major["action"], major["reason_code"]) == ("open", "postgres-major")
    assert COMPOSE in major["paths"] and COMPOSE not in changesets["sync"]["paths"]

    numbers = {pull["changeset"]: pull["number"] for pull in applied.json["pull_requests"]}
    pull = platform.pull(REPO, numbers[MAJOR])
    assert pull.title == "Move Postgres 15 to 17"
    assert "`docker volume rm orders_pgdata15`" in pull.body
    for told in ("pg_dumpall", "pgdata17", "`postgres17`", "no way back to Postgres 15 but a snapshot"):
        assert told in pull.body
    assert "pg_dumpall" not in platform.pull(REPO, numbers["sync"]).body

    merge_pull(platform.sandbox, REPO, numbers["sync"])
    assert "image: postgres:15\n" in str(platform.read(REPO, COMPOSE))
    assert "work_mem = 16MB" in str(platform.read(REPO, "postgres/postgresql.conf"))
    platform.apply()
    merge_pull(platform.sandbox, REPO, numbers[MAJOR])
    assert "image: postgres:17\n" in str(platform.read(REPO, COMPOSE))
    done = platform.apply()
    assert (done.writes, done.json["summary"]["in_sync"]) == (0, 1)


THEIRS = """\
services:
  postgres:
    image: postgres:{major}
    environment: {{POSTGRES_USER: ledger, POSTGRES_PASSWORD: local, POSTGRES_DB: ledger}}
    volumes: ["data:/var/lib/postgresql/data"]
volumes: {{data: {{}}}}
"""


@pytest.mark.parametrize("major", ["16", "15"])
def test_a_compose_file_that_is_taken_over_keeps_nobodys_data_in_the_dark(platform: Platform, major: str) -> None:
    """Which volume, user and database it was and comes to be, as it is said for a major, and once where both change."""
    platform.fleet("orders", answers=answers("16"))
    make_repo(platform.sandbox, REPO, {COMPOSE: THEIRS.format(major=major)})
    assert platform.apply().pulls() == [(REPO, "opened")]
    body = platform.pull(REPO, 1).body
    assert "What becomes of the data in your local Postgres is below." in body.split("\n")[0]
    for row in ("`orders_data` | `orders_pgdata16`", "| `ledger` | `app` |", "| `postgres` | `db` |"):
        assert row in body
    assert (
        "docker compose exec -T postgres pg_dump --no-owner --no-privileges -U ledger -d ledger "
        "> before-this-change.dump.sql" in body
    )
    assert "docker compose exec -T db psql -q -v ON_ERROR_STOP=1 -U app -d app < before-this-change.dump.sql" in body
    assert "pg_dumpall" not in body and ("### Postgres 15 to 16" in body) == (major == "15")
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.apply().writes == 0


def test_no_way_back(platform: Platform) -> None:
    """The answers say 15 again after 17 was merged: refused, with the reason, and the rest goes on."""
    deliver(platform, "17")
    platform.fleet("orders", answers=answers("15", node="24", work_mem="8MB"))
    applied = platform.apply()
    changesets = applied.changesets(REPO)
    refused = changesets[MAJOR]
    assert (refused["action"], refused["reason_code"]) == ("none", "postgres-downgrade")
    assert "Postgres 15 cannot read the data of Postgres 17" in refused["reason"]
    assert [changeset for changeset, row in changesets.items() if row["action"] == "open"] == ["node"]
    assert "image: postgres:17\n" in str(platform.read(REPO, COMPOSE, changesets["node"]["branch"]))
    assert platform.apply().writes == 0


def test_a_server_in_another_spelling(platform: Platform) -> None:
    """A team's own file is refused where its major is higher, blocked where nobody can tell, and never overwritten."""
    lines = {
        "tiles": "image: postgis/postgis:17-3.5",
        "variable": "image: 'postgres:${PG:-17}'",
        "bare": "image: postgres",
    }
    lines |= {"built": "build: ./db", "mysql": "image: mysql:8"}
    platform.fleet(*lines, answers=answers("16"))
    for name, line in lines.items():
        make_repo(platform.sandbox, f"acme/{name}", {COMPOSE: f"services:\n  db:\n    {line}\n"})
    applied = platform.apply()
    assert applied.exit_code == 0, applied.stderr
    told = {name: applied.file(f"acme/{name}", COMPOSE) for name in lines}
    for name in ("tiles", "variable"):
        assert applied.changesets(f"acme/{name}")["postgres-16"]["reason_code"] == "postgres-downgrade"
    for name in ("bare", "built"):
        assert told[name]["state"] == "blocked"
        assert "cannot tell which Postgres is here: db: " in told[name]["reason"]
    taken = {name: applied.changesets(f"acme/{name}")["adopt"]["paths"] for name in lines}
    assert {name for name in lines if COMPOSE in taken[name]} == {"mysql"}
    assert all("Dockerfile" in paths for paths in taken.values())
    assert platform.apply().writes == 0


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"max_connections": 3}, "must be less than 3"),
        ({"shared_preload_libraries": "passwordcheck"}, "RDS cannot load passwordcheck"),
    ],
)
def test_what_a_server_refuses_is_not_proposed(platform: Platform, parameters: dict[str, object], said: str) -> None:
    """A rule that only a start reveals, or RDS's own: the config is refused at its line, and nothing is written."""
    platform.fleet({"name": "orders", "answers": answers("16", **parameters)}, "good", answers=answers("16"))
    for repo in (REPO, "acme/good"):
        make_repo(platform.sandbox, repo, {"README.md": "hello\n"})
    applied = platform.apply()
    assert (applied.exit_code, applied.stdout) == (2, "")
    assert said in applied.stderr
    assert f"repos[0] (orders).answers.postgres_parameters.{next(iter(parameters))}: " in applied.stderr

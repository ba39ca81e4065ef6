"""One move after another: what a move brought is known from its pull request, for no lock records it."""

from __future__ import annotations

from tests.cli.harness import Platform
from tests.sandbox_support import commit_files, make_repo, merge_pull

REPO = "acme/orders"


def asked(platform: Platform, **answers: object) -> dict[str, str]:
    """The titles of what a run with these answers opens, by changeset."""
    platform.fleet("orders", answers=answers)
    applied = platform.apply()
    assert applied.exit_code == 0, applied.stderr
    opened = (pull for pull in applied.json["pull_requests"] if pull["action"] == "opened")
    return {pull["changeset"]: platform.pull(REPO, pull["number"]).title for pull in opened}


def test_node_moves_twice(platform: Platform) -> None:
    """18 to 22, merged, then 22 to 24; and a version that nobody asked for is somebody's own."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert asked(platform, node_version="18") == {"adopt": "Adopt the platform's files"}
    merge_pull(platform.sandbox, REPO, 1)
    assert asked(platform, node_version="22") == {"debian+node": "Move Node 18 to 22"}
    merge_pull(platform.sandbox, REPO, 2)
    assert asked(platform, node_version="24") == {"node": "Move Node 22 to 24"}
    merge_pull(platform.sandbox, REPO, 3)
    assert asked(platform, node_version="24") == {}
    text = platform.read(REPO, "Dockerfile")
    assert text and "node:24" in text

    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": text.replace("node:24", "node:23")})
    assert asked(platform, node_version="26") == {}
    assert platform.plan().file(REPO, "Dockerfile")["state"] == "by-hand"


def test_rds_follows_later(platform: Platform) -> None:
    """The container moves first, then RDS, each in a pull request of its own; the second takes the old group away."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    asked(platform, postgres_version="16")
    merge_pull(platform.sandbox, REPO, 1)
    behind = asked(platform, postgres_version="17", rds_postgres_version="16")
    assert behind == {"postgres": "Move Postgres 16 to 17"}
    merge_pull(platform.sandbox, REPO, 2)
    assert platform.read(REPO, "postgres/rds-parameter-group-old.tf.json") is not None
    platform.fleet("orders", answers={"postgres_version": "17", "rds_postgres_version": "17"})
    applied = platform.apply()
    assert {name: row["action"] for name, row in applied.changesets(REPO).items()} == {"rds-postgres": "open"}
    merge_pull(platform.sandbox, REPO, 3)
    assert platform.read(REPO, "postgres/rds-parameter-group-old.tf.json") is None
    assert platform.apply().json["summary"]["in_sync"] == 1

"""A Compose file never comes to mount what the repo does not have: with the file it needs, or after it."""

from __future__ import annotations

from tests.cli.harness import Platform
from tests.sandbox_support import make_repo, merge_pull

REPO = "acme/ledger"
COMPOSE, CONF, MOUNT = "docker-compose.yml", "postgres/postgresql.conf", "./postgres/postgresql.conf:"
OWN = """services:
  postgres:
    image: postgres:16
    environment: {POSTGRES_USER: ledger, POSTGRES_PASSWORD: local, POSTGRES_DB: ledger}
    volumes: ["data:/var/lib/postgresql/data"]
volumes: {data: {}}
"""
ANSWERS = {"node_version": "18", "postgres_version": "16"}
EXEMPTION = {"path": CONF, "until": "2027-06-30", "owner": "@acme/shop", "reason": "ours for now"}


def mounts_nothing_missing(platform: Platform, branch: str) -> bool:
    """Whether what a branch's Compose file mounts is on that branch."""
    return MOUNT not in (platform.read(REPO, COMPOSE, branch) or "") or platform.read(REPO, CONF, branch) is not None


def test_first_contact_brings_both(platform: Platform) -> None:
    """The one pull request that the team knows brings the settings that its Compose file then mounts."""
    make_repo(platform.sandbox, REPO, {COMPOSE: OWN})
    platform.fleet("ledger", answers=ANSWERS)
    assert platform.apply().pulls() == [(REPO, "opened")]
    merge_pull(platform.sandbox, REPO, 1)
    assert MOUNT in (platform.read(REPO, COMPOSE) or "")
    assert mounts_nothing_missing(platform, "main")
    assert platform.apply().pulls() == []


def test_exempt_settings_hold_back_what_mounts_them(platform: Platform) -> None:
    """Compose waits, with the reason in plan and status; all else goes. Without the exemption both come, in order."""
    make_repo(platform.sandbox, REPO, {COMPOSE: OWN, "package.json": "{}\n"})
    platform.fleet({"name": "ledger", "exemptions": [EXEMPTION]}, answers=ANSWERS)
    held = platform.plan().file(REPO, COMPOSE)
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert platform.read(REPO, COMPOSE, "syncbot/adopt-1") == OWN
    assert platform.read(REPO, "Dockerfile", "syncbot/adopt-1") is not None
    assert held["state"] == "blocked"
    assert held["reason"] == f"it needs {CONF}, which is not there and is not proposed: that is exempt"
    assert held["reason"] in " ".join(platform.run("status").stdout.split())
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.apply().pulls() == []

    platform.fleet("ledger", answers=ANSWERS)
    seen = []
    while opened := [pull for pull in platform.apply().json["pull_requests"] if pull["action"] == "opened"]:
        for pull in opened:
            seen.append(pull["changeset"])
            assert mounts_nothing_missing(platform, f"syncbot/{pull['changeset']}-1")
            merge_pull(platform.sandbox, REPO, pull["number"])
            assert mounts_nothing_missing(platform, "main")
    assert seen == ["sync", "takeover"]
    assert MOUNT in (platform.read(REPO, COMPOSE) or "")


def test_a_change_of_a_mount_that_stands_is_not_held_back(platform: Platform) -> None:
    """With the settings exempt and gone, a later change of the Compose file that mounts them still arrives."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.fleet("ledger", answers=ANSWERS)
    platform.adopted(REPO)
    clone = platform.clone(REPO)
    (clone / CONF).unlink()
    platform.push(clone)
    platform.fleet({"name": "ledger", "exemptions": [EXEMPTION]}, answers={**ANSWERS, "port": 9191})
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert "9191" in (platform.read(REPO, COMPOSE, "syncbot/sync-1") or "")

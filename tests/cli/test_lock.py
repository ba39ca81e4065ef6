"""The lock is a record and not an authority: without it, earlier renderings tell what was delivered."""

from __future__ import annotations

import pytest

from tests.cli.harness import LOCK, SMALL, Platform
from tests.sandbox_support import commit_files, make_repo, merge_pull

REPO = "acme/orders"


def deliver(platform: Platform, method: str = "merge") -> None:
    """Node 18, delivered and merged."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1, method=method)


@pytest.mark.parametrize("lock", [None, "garbage\n", 'version = 1\n[files."Dockerfile"]\nid = "nonsense"\n'])
def test_an_earlier_rendering_is_behind_without_a_lock(platform: Platform, lock: str | None) -> None:
    """A file as an earlier config commit rendered it was delivered by the bot: behind, and moved with nothing lost."""
    deliver(platform)
    commit_files(platform.sandbox, REPO, "main", {LOCK: lock})
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    planned = platform.plan()
    assert planned.states(REPO)["Dockerfile"] == "behind"
    assert planned.changesets(REPO).keys() == {"debian+node"}

    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": "FROM node:16\n"})
    assert platform.plan().states(REPO)["Dockerfile"] == "unmanaged"


def test_what_was_delivered_before_mappings_merged_is_known(platform: Platform) -> None:
    """A file that holds the repo's own parameters alone, as an earlier syncbot read that config, is the bot's."""
    conf = "postgres/postgresql.conf"
    postgres = {"node_version": "18", "postgres_version": "16"}
    platform.fleet({"name": "orders", "answers": {"postgres_parameters": {"work_mem": "8MB"}}}, answers=postgres)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    delivered = str(platform.read(REPO, conf))
    own = {"name": "orders", "answers": {"postgres_parameters": {"work_mem": "16MB"}}}
    platform.fleet(own, answers=postgres | {"postgres_parameters": {"jit": "off"}})
    commit_files(platform.sandbox, REPO, "main", {conf: delivered.replace("8MB", "16MB"), LOCK: None})
    assert platform.plan().states(REPO)[conf] == "behind"


@pytest.mark.parametrize("lock", [None, "garbage\n", "version = 1\n"])
def test_a_lock_alone_opens_nothing(platform: Platform, lock: str | None) -> None:
    """A repo whose files are as desired is in sync, whatever its lock says or does not say."""
    deliver(platform)
    commit_files(platform.sandbox, REPO, "main", {LOCK: lock})
    applied = platform.apply()
    assert applied.json["summary"]["in_sync"] == 1
    assert applied.writes == 0


def test_a_lock_that_names_older_content_opens_nothing(platform: Platform) -> None:
    """A team that made the change by hand, ahead of the bot, is in sync; the lock follows with the next change."""
    deliver(platform)
    dockerfile = str(platform.read(REPO, "Dockerfile"))
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    newer = dockerfile.replace("node:18-bookworm", "node:22-trixie")
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": newer})
    assert platform.apply().writes == 0


def test_edited_live_and_changed_template_are_merged(platform: Platform) -> None:
    """Diverged: the team's line and the template's both stand in the pull request, merged on what was delivered."""
    deliver(platform)
    dockerfile = str(platform.read(REPO, "Dockerfile"))
    edited = f"{dockerfile}\n# mounted by the team\nVOLUME /reports\n"
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": edited})
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    applied = platform.apply()
    assert applied.states(REPO)["Dockerfile"] == "diverged"
    merged = str(platform.read(REPO, "Dockerfile", "syncbot/debian+node-1"))
    assert "FROM node:22" in merged
    assert "VOLUME /reports\n" in merged

    platform.fleet("orders", answers=SMALL | {"node_version": "24"})
    platform.apply()
    again = str(platform.read(REPO, "Dockerfile", "syncbot/debian+node-1"))
    assert "FROM node:24" in again
    assert "VOLUME /reports\n" in again
    assert platform.comments(REPO, 2) == ["This pull request asks for something else now: Node 18 → 24.\n"]


def test_a_file_no_longer_rendered_is_removed_if_untouched(platform: Platform) -> None:
    """Answers that render no postgres/ any more remove what was delivered; what a team edited stays and is said."""
    platform.fleet("orders", answers={"node_version": "18", "postgres_version": "16"})
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {"postgres/postgresql.conf": "# ours now\n"})
    platform.fleet("orders")
    applied = platform.apply("--allow", "codeowners")
    assert applied.states(REPO)["postgres/rds-parameter-group.tf.json"] == "retired"
    assert platform.pull(REPO, 2).head.ref == "syncbot/postgres+rds-postgres-1"
    assert platform.read(REPO, "postgres/rds-parameter-group.tf.json", "syncbot/postgres+rds-postgres-1") is None
    assert platform.read(REPO, "postgres/postgresql.conf", "syncbot/postgres+rds-postgres-1") == "# ours now\n"
    assert "edited" in applied.file(REPO, "postgres/postgresql.conf")["reason"]
    merge_pull(platform.sandbox, REPO, 2)
    assert platform.apply().writes == 0


def test_an_executable_bit_is_drift(platform: Platform) -> None:
    """A mode is compared like content: 755 where 644 was delivered is an edit, and the restore is proposed."""
    deliver(platform)
    dockerfile = str(platform.read(REPO, "Dockerfile"))
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": (dockerfile, "100755")})
    applied = platform.apply()
    assert applied.states(REPO)["Dockerfile"] == "edited"
    assert applied.file(REPO, "Dockerfile")["live"]["mode"] == "100755"
    merge_pull(platform.sandbox, REPO, 2)
    assert platform.plan("--exit-code").exit_code == 0

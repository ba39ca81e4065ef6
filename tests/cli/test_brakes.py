"""Brakes, as somebody meets them: `apply` stops before it writes, says what to do, and goes on where it is allowed."""

from __future__ import annotations

import pytest

from tests.cli.harness import Platform, git
from tests.sandbox_support import make_repo


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Two repos with nothing in them, and a committed config."""
    for name in ("orders", "search"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": f"# {name}\n"})
    platform.fleet("orders", "search")
    return platform


def writes(platform: Platform) -> int:
    return platform.sandbox.forge.counters.writes


def test_what_is_not_committed_is_not_published(fleet: Platform) -> None:
    """An edit of the config, or a new file of the template: exit 2 and not one write; plan says so in one line."""
    edited = fleet.config.read_text().replace('"18"', '"22"')
    for path, text in ((fleet.config, edited), (fleet.root / "templates/service/files/new.txt", "x\n")):
        path.write_text(text)
        before = writes(fleet)
        result = fleet.run("apply")
        head = git(fleet.root, "rev-parse", "HEAD")[:12]
        said = f"{path.relative_to(fleet.root)} differs from commit {head}: commit it first"
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"error: {said}; or --allow uncommitted\n" in result.stderr
        assert writes(fleet) == before
        for command in ("plan", "status"):
            told = fleet.run(command)
            assert (told.exit_code, told.stdout.count("uncommitted")) == (0, 0)
            assert f"apply will stop: {said}" in told.stdout
        git(fleet.root, "stash", "--quiet", "--include-untracked")
    assert "uncommitted" not in fleet.run("apply").stderr

    fleet.config.write_text(edited)
    allowed = fleet.apply("--allow", "uncommitted")
    assert (allowed.exit_code, {repo for repo, _ in allowed.pulls()}) == (0, {"acme/orders", "acme/search"})
    assert allowed.json["source"]["differing"] == ["config/repos.yaml"]


def test_what_is_not_merged_is_not_published(fleet: Platform) -> None:
    """A commit on a branch of its own: exit 2, until the remote's default branch has it, as far as was fetched."""
    origin = fleet.root.parent / "acme" / "platform.git"
    git(fleet.root, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    git(fleet.root, "remote", "add", "origin", str(origin))
    git(fleet.root, "push", "--quiet", "origin", "main")
    git(fleet.root, "remote", "set-head", "origin", "main")
    git(fleet.root, "switch", "--quiet", "--create", "proposal")
    fleet.edit("config/repos.yaml", '"18"', '"22"')
    result = fleet.run("apply", "--format", "json")
    head = git(fleet.root, "rev-parse", "HEAD")[:12]
    assert (result.exit_code, result.stdout, writes(fleet)) == (2, "", 0)
    assert result.stderr == (
        f"error: commit {head} is not on origin/main as it was fetched last: push and merge it, then git fetch; "
        "or --allow uncommitted\n"
    )
    git(fleet.root, "push", "--quiet", "origin", "HEAD:main")
    assert fleet.run("apply").exit_code == 0


def test_a_change_for_all_of_a_small_fleet(platform: Platform) -> None:
    """Six of six are more than a quarter of twenty: exit 2, and a few go first."""
    names = [f"service-{number}" for number in range(6)]
    for name in names:
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "# It\n"})
    platform.fleet(*names, limits={"seconds_between_writes": 0})
    result = platform.apply()
    assert (result.exit_code, writes(platform)) == (2, 0)
    assert "6 of 6 repos (100%; limits.max_fleet_share is 25%, which is 5 repos in a fleet below 20)" in result.stderr
    assert len(platform.apply("--max-prs", "2").pulls()) == 2

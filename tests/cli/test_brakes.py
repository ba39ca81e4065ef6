"""Brakes, as somebody meets them: `apply` stops before it writes, says what to do, and goes on where it is allowed."""

from __future__ import annotations

import re

from tests.cli.harness import Platform, git
from tests.sandbox_support import make_repo


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


def test_node_42_is_refused(fleet: Platform) -> None:
    """No such Node is known: exit 2, no write, and the line of the config; plan says so; `--allow` goes on."""
    fleet.allowed = ()
    fleet.edit("config/repos.yaml", '"18"', '"42"')
    lines = fleet.config.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "node_version" in text)
    result = fleet.run("apply")
    said = (
        rf"{re.escape(str(fleet.config))}:{line}:\d+: defaults\.answers\.node_version: Node 42 is not known "
        r"\(as of [\d-]+\), and would be new to 2 repos \(acme/orders, acme/search\): name another version"
    )
    assert (result.exit_code, result.stdout, writes(fleet)) == (2, "", 0)
    assert re.search(rf"^error: {said}; or --allow unknown-version$", result.stderr, re.MULTILINE)
    assert any(re.fullmatch(said, brake) for brake in fleet.plan().json["brakes"])
    assert len(fleet.apply("--allow", "unknown-version").pulls()) == 2


def test_a_version_without_fixes_may_stay(platform: Platform) -> None:
    """A repo on Node 18 gets the platform's files for it; a move to Node 16, and a new Node 18, are refused."""
    make_repo(platform.sandbox, "acme/orders", {"Dockerfile": "FROM node:18\n"})
    make_repo(platform.sandbox, "acme/search", {"README.md": "# Search\n"})
    platform.allowed = ()
    platform.fleet("orders", {"name": "search", "answers": {"node_version": "16"}})
    result = platform.run("apply")
    assert result.exit_code == 2
    assert "repos[1] (search).answers.node_version: Node 16 has had no fixes since" in result.stderr
    assert "would be new to 1 repo (acme/search): name another version; or --allow unknown-version\n" in result.stderr
    assert platform.run("apply", "orders").exit_code == 0
    platform.fleet("orders", "search")
    result = platform.run("apply")
    assert (result.exit_code, result.stderr.count("error:")) == (2, 1)
    assert "Node 18 has had no fixes since 2025-04-30, and would be new to 1 repo (acme/search)" in result.stderr

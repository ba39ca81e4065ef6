"""A wrong configuration: exit code 2, every mistake at once with its place, and nothing is read or written."""

from __future__ import annotations

from shutil import rmtree

from tests.cli.harness import Platform
from tests.sandbox_support import make_repo

MISTAKEN = """\
organization: acme
identities: ["acme-syncbot[bot]"]
owners: "@acme/platform"
defaults:
  template: service
  team: "@acme/services"
  answers: {node_version: 18.10, postgres_version: "15"}
repos:
  - name: orders
    answers: {prot: 8081}
    answers: {port: 8082}
  - name: acme/orders
  - name: billing
    template: servise
"""


def test_all_mistakes_at_once(platform: Platform) -> None:
    """Duplicate key, unknown answer, unquoted version, doubled repo, unknown template: a line each, with its place."""
    platform.config.write_text(MISTAKEN)
    for command in ("plan", "apply", "status"):
        result = platform.run(command)
        assert (result.exit_code, result.stdout) == (2, "")
        lines = result.stderr.splitlines()
        assert all(line.startswith(f"error: {platform.config}:") for line in lines)
        for place, *words in (
            (":7:", "18.1", "quot"),
            (":11:5:", "answers", "twice"),
            (":10:", "prot", "port"),
            (":12:", "orders"),
            (":14:", "servise", "service"),
        ):
            assert [line for line in lines if place in line and all(word in line for word in words)], (place, lines)
    assert sum(platform.sandbox.forge.counters.requests.values()) == 0


def test_a_path_that_leaves_the_repo(platform: Platform) -> None:
    """An ownership.yaml that names ../ is refused with its place."""
    platform.fleet("orders")
    platform.edit("templates/service/ownership.yaml", "- path: Dockerfile", "- path: ../Dockerfile")
    result = platform.plan()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "ownership.yaml:" in result.stderr
    assert "../Dockerfile" in result.stderr


def test_a_platform_folder_outside_git(platform: Platform) -> None:
    """Without git there is no config commit to name, which has to be allowed; all else works, and once."""
    platform.fleet("orders")
    make_repo(platform.sandbox, "acme/orders", {"README.md": "hello\n"})
    rmtree(platform.root / ".git")
    refused = platform.apply()
    assert refused.exit_code == 2
    assert refused.stderr.startswith("error: what would be published is in no git commit: commit it, ")
    applied = platform.apply("--allow", "uncommitted")
    assert applied.exit_code == 0
    assert applied.json["source"]["commit"] is None
    assert applied.pulls() == [("acme/orders", "opened")]
    assert platform.apply("--allow", "uncommitted").writes == 0

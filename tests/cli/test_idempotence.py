"""Runs that follow a run: nothing is written twice, and a merged fleet is in sync for few requests."""

from __future__ import annotations

from math import ceil

from tests.cli.harness import Platform
from tests.sandbox_support import find, make_repo, merge_pull

COUNT = 26  # one more than a batch
NAMES = [f"service-{number:02}" for number in range(COUNT)]
METHODS = ("merge", "squash", "rebase")


def test_a_fleet_is_brought_in_sync_and_left_alone(platform: Platform) -> None:
    """A second apply sends 0 writes; once all is merged, by any method, plan reads a fleet in sync and is cheap."""
    platform.fleet(*NAMES)
    for name in NAMES:
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": f"# {name}\n"})

    first = platform.apply()
    assert first.exit_code == 0
    assert [action for _, action in first.pulls()] == ["opened"] * COUNT
    assert first.writes == platform.sandbox.forge.counters.writes

    platform.sandbox.reset_stats()
    second = platform.apply()
    assert [action for _, action in second.pulls()] == ["unchanged"] * COUNT
    assert second.writes == platform.sandbox.forge.counters.writes == 0

    for number, name in enumerate(NAMES):
        merge_pull(platform.sandbox, f"acme/{name}", 1, method=METHODS[number % len(METHODS)])
    platform.sandbox.reset_stats()
    merged = platform.plan("--exit-code")
    assert merged.exit_code == 0
    assert merged.json["summary"]["in_sync"] == COUNT
    requests = platform.sandbox.forge.counters.requests
    assert sum(requests.values()) <= ceil(COUNT / 25) + 5
    assert merged.json["summary"]["requests"] == {"graphql": requests["graphql"], "rest": requests["rest"]}
    assert platform.sandbox.forge.counters.writes == 0
    assert platform.forced_updates == []


def test_squash_and_rebase_with_the_branch_deleted(platform: Platform) -> None:
    """A repo that deletes branches on merge is in sync as well, and the next change gets a branch of its own."""
    platform.fleet("squashed", "rebased")
    for name, method in (("squashed", "squash"), ("rebased", "rebase")):
        full = f"acme/{name}"
        make_repo(platform.sandbox, full, {"README.md": "hello\n"})
        with platform.sandbox.forge.store.transaction():
            platform.sandbox.forge.edit_repo(find(platform.sandbox, full), delete_branch_on_merge=1)
        platform.apply(name)
        merge_pull(platform.sandbox, full, 1, method=method)
    assert platform.plan("--exit-code").exit_code == 0

    platform.fleet("squashed", "rebased", answers={"node_version": "22", "postgres_version": "none"})
    result = platform.apply()
    assert [action for _, action in result.pulls()] == ["opened", "opened"]
    assert {c["branch"] for name in ("squashed", "rebased") for c in result.repo(f"acme/{name}")["changesets"]} == {
        "syncbot/debian+node-1"
    }

"""Repos that are made to stop a run are repos like others: the good ones beside them are done, whatever these hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from syncbot.cli.sandbox import DEVELOPER
from syncbot.sandbox.server import Sandbox
from tests.cli.harness import LOCK, Result
from tests.life.hostile import COMMENTS, LOCKS, NAMES
from tests.life.small import SmallPlatform
from tests.sandbox_support import Content, comment_pull, make_repo, set_role

GOOD = tuple(f"good{number}" for number in range(6))
START: Mapping[str, Content] = {"README.md": "hello\n"}


def spread(sandbox: Sandbox, hostile: Mapping[str, Mapping[str, Content]]) -> list[str]:
    """Makes the good repos and the others, and answers all names, the good ones among the others."""
    names = list(hostile)
    for index, name in enumerate(GOOD):
        names.insert(index * len(names) // len(GOOD), name)
    for name in names:
        make_repo(sandbox, f"acme/{name}", {**START, **hostile.get(name, {})})
    return names


def check(result: Result, names: list[str], record_property: Callable[[str, object], None], done: str) -> set[str]:
    """All that is true whatever a repo holds; the names of those that failed."""
    assert result.exit_code in (0, 1), result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    said = {repo["repo"]: repo["error"] for repo in result.json["repos"]}
    assert said.keys() == {f"acme/{name}" for name in names}
    failed = {name: error for name, error in said.items() if error}
    assert not [error for error in failed.values() if error["code"] == "bug"]
    assert result.exit_code == bool(failed)
    assert {(f"acme/{name}", done) for name in GOOD} <= set(result.pulls())
    record_property("count of hostile repos", len(names) - len(GOOD))
    return set(failed)


def test_locks_and_names(platform: SmallPlatform, record_property: Callable[[str, object], None]) -> None:
    """No lock fails even its own repo: what makes no sense is no record."""
    names = spread(
        platform.sandbox, {name: {LOCK: text} for name, text in LOCKS.items()} | {name: {} for name in NAMES}
    )
    platform.fleet(*names)
    assert check(platform.apply("--max-prs", "1000"), names, record_property, "opened") == set()
    again = platform.apply()
    assert again.writes == 0
    assert {action for _, action in again.pulls()} == {"unchanged"}


def test_comments(platform: SmallPlatform, record_property: Callable[[str, object], None]) -> None:
    """Said by somebody who may command the bot, on a pull request that is to be updated."""
    names = spread(platform.sandbox, {name: {} for name in COMMENTS})
    platform.fleet(*names)
    platform.apply()
    for name, text in COMMENTS.items():
        set_role(platform.sandbox, f"acme/{name}", DEVELOPER, "write")
        comment_pull(platform.sandbox, f"acme/{name}", 1, text)
    platform.fleet(*names, answers={"version": 2})
    assert check(platform.apply(), names, record_property, "updated") == set()
    assert platform.apply().writes == 0

"""Repos that are made to stop a run are repos like others: the good ones beside them are done, whatever these hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from syncbot.cli.sandbox import DEVELOPER
from syncbot.sandbox.server import Sandbox
from tests.cli.harness import LOCK, Platform, Result, platform_in
from tests.life.hostile import COMMENTS, LOCKS, NAMES, SERVICE_FILES
from tests.life.small import BRAKES, SmallPlatform
from tests.sandbox_support import Content, comment_pull, make_repo, set_role
from tests.sweeps import FULL

"""Else a tenth of the owned files: each is rendered by Copier, too."""
GOOD = tuple(f"good{number}" for number in range(50 if FULL else 6))
WIDE = {
    "seconds_between_writes": 0,
    "max_fleet_share": 1.0,
    "open_pull_requests": 500,
    "pull_requests_per_hour": 500,
}
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
    platform.fleet(*names, limits=WIDE)
    assert check(platform.apply(), names, record_property, "opened") == set()
    again = platform.apply()
    assert again.writes == 0
    assert {action for _, action in again.pulls()} == {"unchanged"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Platform]:
    with platform_in(tmp_path) as platform:
        yield platform


def test_owned_files(service: Platform, record_property: Callable[[str, object], None]) -> None:
    """What stands where an owned file belongs is told as blocked, replaced with its loss shown, or left alone."""
    every = list(SERVICE_FILES.items())
    names = spread(service.sandbox, dict(every if FULL else every[::10]))
    service.fleet(*names, answers={"node_version": "22", "postgres_version": "17"}, limits=WIDE)
    check(service.apply(*BRAKES), names, record_property, "opened")
    assert service.apply(*BRAKES).writes == 0


def test_comments(platform: SmallPlatform, record_property: Callable[[str, object], None]) -> None:
    """Said by somebody who may command the bot, on a pull request that is to be updated. A hold in words that nobody
    can follow is answered first."""
    names = spread(platform.sandbox, {name: {} for name in COMMENTS})
    platform.fleet(*names, limits=WIDE)
    platform.apply()
    for name, text in COMMENTS.items():
        set_role(platform.sandbox, f"acme/{name}", DEVELOPER, "write")
        comment_pull(platform.sandbox, f"acme/{name}", 1, text)
    platform.fleet(*names, answers={"version": 2}, limits=WIDE)
    assert check(platform.apply(), names, record_property, "updated") == set()
    assert [pull for pull in platform.apply().pulls() if pull[1] != "unchanged"] == [("acme/spaces", "updated")]
    assert platform.apply().writes == 0

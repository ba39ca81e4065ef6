"""What the team put on the default branch where the open pull request has something: it stays, and is adopted apart."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.life.deliveries import REPO, changed, first_delivery, is_settled, second_delivery
from tests.life.small import SmallPlatform
from tests.sandbox_support import commit_files, merge_pull


@pytest.mark.parametrize("worked_on", [False, True])
@pytest.mark.parametrize("theirs", [{"run.ini/keep": "ours\n"}, {"run.ini": b"\0\1"}], ids=["folder", "binary"])
def test_what_the_team_put_in_the_place_of_a_file_stays(
    platform: SmallPlatform, theirs: Mapping[str, str | bytes], worked_on: bool
) -> None:
    """The open pull request would create a file where the default branch has another sort of thing now: blocked, and
    when the base is merged into the branch, the base's stays."""
    first_delivery(platform)
    if worked_on:
        commit_files(platform.sandbox, REPO, "syncbot/adopt-1", {"notes.txt": "ours\n"})
    commit_files(platform.sandbox, REPO, "main", theirs)
    updated = platform.apply()
    assert (updated.pulls(), updated.states(REPO)["run.ini"]) == ([(REPO, "updated")], "blocked")
    assert not {path for path in changed(platform, 1) if path.startswith("run.ini")}
    assert is_settled(platform)
    merge_pull(platform.sandbox, REPO, 1)
    assert not {path for path in theirs if platform.read(REPO, path) is None}


def test_a_persons_line_is_not_given_up_for_it(platform: SmallPlatform) -> None:
    """Somebody changed that file on the branch as well: the conflict is theirs to resolve, and said once."""
    first_delivery(platform)
    branch = "syncbot/adopt-1"
    theirs = f"{platform.read(REPO, 'run.ini', branch)}# theirs\n"
    commit_files(platform.sandbox, REPO, branch, {"run.ini": theirs})
    commit_files(platform.sandbox, REPO, "main", {"run.ini": b"\0\1"})
    platform.apply()
    assert platform.read(REPO, "run.ini", branch) == theirs
    assert len(platform.comments(REPO, 1)) == 1
    assert is_settled(platform)


@pytest.mark.parametrize("worked_on", [False, True])
def test_what_another_pull_request_proposes_is_not_left_open(platform: SmallPlatform, worked_on: bool) -> None:
    """The team wrote the only file of an open one itself, so that it is to be adopted: one pull request for it."""
    second_delivery(platform, extra=True)
    if worked_on:
        commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"notes.txt": "ours\n"})
    commit_files(platform.sandbox, REPO, "main", {"extra.conf": "# ours\n"})
    done = platform.apply()
    assert done.changesets(REPO)["sync"]["reason_code"] == "proposed-elsewhere"
    assert platform.pull(REPO, 2).state == ("open" if worked_on else "closed")
    assert platform.pull(REPO, 3).head.ref == "syncbot/takeover-1"
    assert len(platform.comments(REPO, 2)) == 1
    assert is_settled(platform)

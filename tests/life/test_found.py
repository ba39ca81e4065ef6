"""What the sweeps found, each as small as it gets."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from syncbot.github.transport import Transport
from syncbot.sandbox.faults import Fault
from tests.cli.harness import LOCK, git
from tests.life.deliveries import changed, first_delivery, second_delivery
from tests.life.small import OWNED, SmallPlatform
from tests.sandbox_support import close_pull, comment_pull, commit_files, make_repo, merge_pull, reopen_pull, set_role

REPO = "acme/one"


class Gone(BaseException):
    """The process is."""


COMMENT, CLOSE = "POST .*/comments", "PATCH .*/pulls/"


def left_the_fleet(platform: SmallPlatform) -> None:
    """A repo with an open pull request that the config no longer names."""
    platform.fleet("one", "two")
    for name in ("one", "two"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    platform.apply()
    platform.fleet("two")


@pytest.mark.parametrize("kind", ["502", "502_after", "drop_before", "drop_after"])
@pytest.mark.parametrize("request_lost", [COMMENT, CLOSE])
def test_a_repo_that_left_is_told_once_and_closed(platform: SmallPlatform, kind: str, request_lost: str) -> None:
    """Its comment or its closing is lost: read again in the same run, it ends closed, with one comment."""
    left_the_fleet(platform)
    platform.sandbox.forge.faults.add(Fault(kind=kind, match=request_lost))
    assert platform.apply().exit_code == 0
    assert platform.sandbox.forge.faults.hits
    assert platform.pull(REPO).state == "closed"
    assert len(platform.comments(REPO)) == 1
    assert platform.apply().writes == 0


def test_a_repo_that_left_is_told_once_by_two_runs(platform: SmallPlatform) -> None:
    """The run that died between comment and closing has said it: the next one closes without a second word."""
    left_the_fleet(platform)
    send = Transport.send

    def dies(transport: Transport, method: str, *arguments: object, **more: object) -> object:
        if method == "PATCH":
            raise Gone
        return send(transport, method, *arguments, **more)  # type: ignore[arg-type]

    with patch.object(Transport, "send", dies), pytest.raises(Gone):
        platform.apply()
    platform.apply()
    assert platform.pull(REPO).state == "closed"
    assert len(platform.comments(REPO)) == 1


def test_of_two_open_ones_the_bot_closes_its_own(platform: SmallPlatform) -> None:
    """A person reopens an old pull request beside a newer one: it is gone on with, and the newer is closed."""
    second_delivery(platform, version=2)
    close_pull(platform.sandbox, REPO, 2)
    platform.fleet("one", answers={"version": 3, "port": 2000})
    assert platform.apply().pulls() == [(REPO, "opened")]
    reopen_pull(platform.sandbox, REPO, 2)
    assert (REPO, "closed") in platform.apply().pulls()
    assert (platform.pull(REPO, 2).state, platform.pull(REPO, 3).state) == ("open", "closed")
    assert platform.apply().writes == 0


def test_a_reopened_no_to_adoption_is_gone_on_with(platform: SmallPlatform) -> None:
    """It was a no to all that the template will ever hold; reopened, it is brought up to date, and no other is made."""
    first_delivery(platform)
    close_pull(platform.sandbox, REPO, 1)
    platform.fleet("one", answers={"version": 2, "port": 2000})
    assert platform.apply().writes == 0
    reopen_pull(platform.sandbox, REPO, 1)
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert "version = 2" in str(platform.read(REPO, "tool.conf", "syncbot/adopt-1"))
    assert platform.apply().writes == 0


@pytest.mark.parametrize("method", ["merge", "squash"])
@pytest.mark.parametrize("own", [None, "# ours\n"])
def test_a_first_delivery_that_is_reverted_stays_away(platform: SmallPlatform, method: str, own: str | None) -> None:
    """With the files goes the lock: that they were merged before is known from the pull request, and none is opened."""
    platform.fleet("one")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"} | ({"tool.conf": own} if own else {}))
    opened = len(platform.apply().pulls())
    for number in range(1, opened + 1):
        platform.apply()
        merge_pull(platform.sandbox, REPO, number, method=method)
    gone = {path: own if path == "tool.conf" else None for path in (*OWNED, LOCK)}
    commit_files(platform.sandbox, REPO, "main", gone)
    again = platform.apply()
    assert (again.writes, set(again.states(REPO).values())) == (0, {"reverted"})

    platform.fleet("one", answers={"version": 2})
    assert (REPO, "opened") in platform.apply().pulls()


def test_a_restore_that_is_reverted_stays_away(platform: SmallPlatform) -> None:
    """Edited, put back by the bot's pull request, and edited back again: that was an answer. Another edit is not."""
    platform.fleet("one")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": "# mine\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    merge_pull(platform.sandbox, REPO, 2)
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": "# mine\n"})
    again = platform.apply()
    assert (again.writes, again.states(REPO)["tool.conf"]) == (0, "reverted")
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": "# mine, later\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]


def test_merged_elsewhere_is_no_answer(platform: SmallPlatform) -> None:
    """A pull request that a person pointed at another branch and merged there left the default branch behind."""
    platform.fleet("one")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "release", {"README.md": "released\n"})
    platform.fleet("one", answers={"version": 2})
    platform.apply()
    platform.pull(REPO, 2).edit(base="release")
    assert platform.apply().changesets(REPO)["sync"]["reason_code"] == "retargeted"
    merge_pull(platform.sandbox, REPO, 2)
    assert platform.apply().pulls() == [(REPO, "opened")]


def test_a_no_is_heard_from_a_rebased_branch(platform: SmallPlatform) -> None:
    """Somebody rebased the bot's commit, so that it is theirs by committer, and closed: it does not come back."""
    platform.fleet("one")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    commit_files(platform.sandbox, REPO, "main", {"README.md": "hello again\n"})
    clone = platform.clone(REPO, "syncbot/adopt-1")
    git(clone, "rebase", "--quiet", "origin/main")
    git(clone, "push", "--quiet", "--force", "origin", "HEAD")
    assert platform.apply().writes == 0
    close_pull(platform.sandbox, REPO, 1)
    again = platform.apply()
    assert (again.writes, again.file(REPO, "tool.conf")["quiet"]) == (0, "declined")


def test_a_created_file_that_is_deleted_is_proposed_once(platform: SmallPlatform) -> None:
    """Deleted after the bot created it: its return is proposed; deleted again after that: an answer."""
    platform.fleet("one")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": None})
    assert platform.apply().pulls() == [(REPO, "opened")]
    merge_pull(platform.sandbox, REPO, 2)
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": None})
    again = platform.apply()
    assert (again.writes, again.states(REPO)["tool.conf"]) == (0, "reverted")


@pytest.mark.parametrize("held", [True, False])
def test_a_revert_is_heard_after_another_version(platform: SmallPlatform, held: bool) -> None:
    """Taken over, a later version proposed, the config goes back, and people revert the take-over: a pull request for
    the other version, held open or closed by the bot, says nothing of this one, which is not proposed once more."""
    platform.fleet("one")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {"extra.conf": "# ours\n"})
    platform.fleet("one", answers={"extra": True})
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert platform.pull(REPO, 2).head.ref == "syncbot/takeover-1"
    merge_pull(platform.sandbox, REPO, 2)
    before = {path: platform.read(REPO, path, "main^") for path in ("extra.conf", LOCK)}
    platform.fleet("one", answers={"extra": True, "version": 2})
    assert platform.apply().pulls() == [(REPO, "opened")]
    if held:
        set_role(platform.sandbox, REPO, "developer", "write")
        comment_pull(platform.sandbox, REPO, 3, "/syncbot hold")
    platform.fleet("one", answers={"extra": True})
    platform.apply()
    assert platform.pull(REPO, 3).state == ("open" if held else "closed")
    commit_files(platform.sandbox, REPO, "main", before)
    again = platform.apply()
    assert (again.writes, again.states(REPO)["extra.conf"]) == (0, "reverted")


def test_a_move_that_carries_one_file_of_two_is_settled(platform: SmallPlatform) -> None:
    """A line of the template stands beside the version in one file, which the lock comes to record; the other is
    altered by the move alone, and not recorded: the second run has nothing to write."""
    platform.fleet("one", answers={"node_version": "18"})
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    platform.edit("templates/small/files/run.ini.jinja", "{% endif %}\n", "{% endif %}\nlater = yes\n")
    platform.fleet("one", answers={"node_version": "20"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert changed(platform, 2).keys() == {"Dockerfile", "run.ini", LOCK}
    again = platform.apply()
    assert (again.writes, again.changesets(REPO)["node"]["reason_code"]) == (0, "up-to-date")
    merge_pull(platform.sandbox, REPO, 2)
    assert platform.plan("--exit-code").exit_code == 0

"""What people once said holds however long ago it was: beyond the first page of pull requests, comments and commits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncbot.sandbox.faults import Fault
from syncbot.sandbox.rulesets import LINEAR, add_ruleset
from syncbot.sandbox.server import Sandbox
from tests.cli.harness import Result, git
from tests.life.small import FILES, SmallPlatform
from tests.sandbox_support import (
    close_pull,
    comment_pull,
    commit_files,
    find,
    make_repo,
    merge_pull,
    move_branch,
    protect,
    review_pull,
    set_role,
)

REPO = "acme/one"
TOOL = FILES["tool.conf.jinja"].replace("{{ version }}", "1")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[SmallPlatform]:
    with Sandbox(tmp_path / "data") as sandbox:
        platform = SmallPlatform(tmp_path / "platform", sandbox)
        platform.fleet("one")
        make_repo(sandbox, REPO, {"README.md": "hello\n"})
        assert platform.apply().pulls() == [(REPO, "opened")]
        yield platform


def merge(platform: SmallPlatform, number: int = 1, method: str = "merge") -> None:
    """Merged, and its branch deleted, as repos are often set."""
    branch = platform.pull(REPO, number).head.ref
    merge_pull(platform.sandbox, REPO, number, method=method)
    move_branch(platform.sandbox, REPO, branch, None)


def merge_many(platform: SmallPlatform, count: int, *, keep_branches: bool = False) -> Result:
    """So many newer pull requests, each about `run.ini` alone, opened and merged; the last run."""
    for port in range(count):
        platform.fleet("one", answers={"port": 2000 + port})
        applied = platform.apply()
        (opened,) = (pull for pull in applied.json["pull_requests"] if pull["action"] == "opened")
        assert applied.changesets(REPO)[opened["changeset"]]["paths"] == ["run.ini"]
        if keep_branches:
            merge_pull(platform.sandbox, REPO, opened["number"])
        else:
            merge(platform, opened["number"])
    return platform.apply()


def quiet(platform: SmallPlatform) -> object:
    """What keeps tool.conf quiet, after a run that must not have written anything."""
    applied = platform.apply()
    assert (applied.exit_code, applied.writes) == (0, 0)
    return applied.file(REPO, "tool.conf")["quiet"]


def reason(platform: SmallPlatform) -> object:
    """The reason code of `sync`, after a run that must not have written anything."""
    applied = platform.apply()
    assert (applied.exit_code, applied.writes) == (0, 0)
    return applied.changesets(REPO)["sync"]["reason_code"]


def open_second(platform: SmallPlatform, version: int = 2) -> None:
    """The first is merged, and a second one is open, about tool.conf alone."""
    merge(platform)
    platform.fleet("one", answers={"version": version})
    assert platform.apply().pulls() == [(REPO, "opened")]


# ---------------------------------------------------------------- older pull requests


def test_a_no_outlives_many_newer_pull_requests(platform: SmallPlatform) -> None:
    """A restore that was declined by closing is not proposed again with the 16th newer one, nor with the 42nd."""
    merge(platform)
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": "# ours\n"})
    platform.apply()
    branch = platform.pull(REPO, 2).head.ref
    close_pull(platform.sandbox, REPO, 2)
    move_branch(platform.sandbox, REPO, branch, None)
    few = merge_many(platform, 12)
    assert quiet(platform) == "declined"
    many = merge_many(platform, 30)
    assert quiet(platform) == "declined"
    # 45 by the label are a first page of 15 and two further ones.
    assert many.json["summary"]["requests"]["graphql"] == few.json["summary"]["requests"]["graphql"] + 2


def test_a_decline_until_a_day_outlives_many_newer_pull_requests(platform: SmallPlatform) -> None:
    """`/syncbot decline until` holds up to its day."""
    merge(platform)
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": "# ours\n"})
    platform.apply()
    comment_pull(platform.sandbox, REPO, 2, "/syncbot decline until 2999-01-31 because we need it")
    assert platform.apply().pulls() == [(REPO, "closed")]
    move_branch(platform.sandbox, REPO, "syncbot/sync-1", None)
    merge_many(platform, 16)
    assert quiet(platform) == "declined"


def test_a_kept_edit_outlives_many_newer_pull_requests(platform: SmallPlatform) -> None:
    """An edit on the bot's own branch, merged with it, is not taken back later."""
    commit_files(platform.sandbox, REPO, "syncbot/adopt-1", {"tool.conf": TOOL + "# fixed\n"})
    merge(platform)
    merge_many(platform, 16)
    assert quiet(platform) == "kept-edit"


def test_a_branch_from_which_there_was_a_pull_request_is_not_used_again(platform: SmallPlatform) -> None:
    """The branch of a declined one stays behind among many others, and its pull request has lost its label."""
    merge(platform)
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": "# ours\n"})
    platform.apply()
    close_pull(platform.sandbox, REPO, 2)
    platform.pull(REPO, 2).remove_from_labels("syncbot")
    merge_many(platform, 18, keep_branches=True)
    assert quiet(platform) == "declined"


def test_a_pull_request_without_its_label_is_known_by_its_branch(platform: SmallPlatform) -> None:
    """Also where that is one of many branches: it is neither opened twice nor left behind."""
    merge_pull(platform.sandbox, REPO, 1)
    merge_many(platform, 18, keep_branches=True)
    platform.fleet("one", answers={"port": 9})
    platform.apply()
    platform.pull(REPO, 20).remove_from_labels("syncbot")
    assert reason(platform) == "up-to-date"
    platform.fleet("one", answers={"port": 10})
    assert platform.apply().pulls() == [(REPO, "updated")]


def test_a_repo_that_cannot_be_read_on_is_left_alone(platform: SmallPlatform) -> None:
    """Half of what people said is not taken for all of it: the repo fails, with nothing written."""
    merge(platform)
    merge_many(platform, 15)
    platform.fleet("one", answers={"version": 2})
    fault = Fault(kind="partial", match="POST /api/graphql", skip=2, aliases=("r0",), error="FORBIDDEN")
    platform.sandbox.forge.faults.add(fault)
    applied = platform.apply()
    assert applied.repo(REPO)["error"]["code"] == "not-permitted"
    assert applied.writes == 0
    assert platform.apply().pulls() == [(REPO, "opened")]


# ---------------------------------------------------------------- comments, commits, events


def test_a_command_outlives_a_long_talk(platform: SmallPlatform) -> None:
    """`/syncbot hold`, and then 210 comments: it is still held."""
    open_second(platform)
    comment_pull(platform.sandbox, REPO, 2, "/syncbot hold")
    for number in range(210):
        comment_pull(platform.sandbox, REPO, 2, f"What about {number}?")
    platform.fleet("one", answers={"version": 3})
    assert reason(platform) == "held"


def test_people_are_told_once_of_a_conflict(platform: SmallPlatform) -> None:
    """Also where they talk a lot about it."""
    open_second(platform)
    commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"README.md": "branch\n"})
    commit_files(platform.sandbox, REPO, "main", {"README.md": "main\n"})
    assert platform.apply().writes == 1
    for number in range(100):
        comment_pull(platform.sandbox, REPO, 2, f"What about {number}?")
    assert reason(platform) == "conflict"


@pytest.mark.parametrize("merged", [False, True])
def test_an_answer_outlives_many_commits(platform: SmallPlatform, merged: bool) -> None:
    """The bot's commit below more than a hundred of people: a close is a no, a merge keeps their edit."""
    open_second(platform)
    edited = TOOL.replace("version = 1", "version = 2") + "# fixed\n"
    commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"tool.conf": edited})
    for number in range(101):
        commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"notes.txt": f"{number}\n"})
    if merged:
        merge(platform, 2, method="squash")
    else:
        close_pull(platform.sandbox, REPO, 2)
    assert quiet(platform) == ("kept-edit" if merged else "declined")


def test_the_bots_own_closing_is_no_refusal_whatever_labels_come_and_go(platform: SmallPlatform) -> None:
    """A labeller's many events do not hide who closed it."""
    open_second(platform)
    platform.fleet("one")
    assert platform.apply().pulls() == [(REPO, "closed")]
    pull = platform.pull(REPO, 2)
    for _ in range(11):
        pull.add_to_labels("stale")
        pull.remove_from_labels("stale")
    platform.fleet("one", answers={"version": 2})
    assert platform.apply().pulls() == [(REPO, "opened")]


# ---------------------------------------------------------------- the bot's commit is gone


@pytest.mark.parametrize("command", [("commit", "--amend"), ("commit", "--amend", "--reset-author")])
def test_a_no_outlives_a_reworded_commit(platform: SmallPlatform, command: tuple[str, ...]) -> None:
    """A person reworded the bot's commit, so that its trailers are gone, and closed the pull request."""
    open_second(platform)
    clone = platform.clone(REPO, "syncbot/sync-1")
    git(clone, *command, "--quiet", "--message", "A nicer message")
    git(clone, "push", "--quiet", "--force", "origin", "HEAD")
    assert reason(platform) == "rewritten"
    close_pull(platform.sandbox, REPO, 2)
    assert quiet(platform) == "declined"
    platform.fleet("one", answers={"version": 3})
    assert platform.apply().pulls() == [(REPO, "opened")]


def test_an_edit_outlives_the_bots_commit(platform: SmallPlatform) -> None:
    """A person made one commit of the bot's and their own, and merged that: their edit is kept."""
    open_second(platform)
    clone = platform.clone(REPO, "syncbot/sync-1")
    git(clone, "reset", "--quiet", "--soft", "origin/main")
    (clone / "tool.conf").write_text((clone / "tool.conf").read_text() + "# fixed\n")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "Mine")
    git(clone, "push", "--quiet", "--force", "origin", "HEAD")
    merge(platform, 2)
    assert quiet(platform) == "kept-edit"


# ---------------------------------------------------------------- approvals, settings, conflicts


def test_an_approval_counts_where_none_is_required(platform: SmallPlatform) -> None:
    """A writer's approval stops pushes, until somebody asks for changes; a reader's does not."""
    open_second(platform)
    set_role(platform.sandbox, REPO, "reader", "read")
    set_role(platform.sandbox, REPO, "developer", "write")
    set_role(platform.sandbox, REPO, "other", "write")
    review_pull(platform.sandbox, REPO, 2, as_login="reader")
    platform.fleet("one", answers={"version": 3})
    assert platform.apply().pulls() == [(REPO, "updated")]

    review_pull(platform.sandbox, REPO, 2)
    review_pull(platform.sandbox, REPO, 2, event="COMMENT")
    platform.fleet("one", answers={"version": 4})
    assert reason(platform) == "approved"

    review_pull(platform.sandbox, REPO, 2, as_login="other", event="REQUEST_CHANGES")
    assert platform.apply().pulls() == [(REPO, "updated")]


@pytest.mark.parametrize(("squash", "done"), [(True, [(REPO, "updated")]), (False, [(REPO, "opened")])])
def test_a_merge_commit_on_a_branch_is_fine_where_it_is_squashed(
    platform: SmallPlatform, squash: bool, done: list[tuple[str, str]]
) -> None:
    """Squash only: the base is merged into the branch. Rebase only: a new one takes its place."""
    open_second(platform)
    settings = {"allow_merge_commit": 0, "allow_squash_merge": int(squash)}
    with platform.sandbox.forge.store.transaction():
        platform.sandbox.forge.edit_repo(find(platform.sandbox, REPO), **settings)
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": TOOL.replace("version = 1", "version = 99")})
    assert platform.apply().pulls() == done
    if squash:
        merge(platform, 2, method="squash")


def without_merge_commits(platform: SmallPlatform, how: str) -> None:
    """No branch of that kind takes a merge commit from now on."""
    forge = platform.sandbox.forge
    if how == "protection":
        protect(platform.sandbox, REPO, "syncbot/*", linear=True)
        return
    with forge.store.transaction():
        repo = find(platform.sandbox, REPO)
        add_ruleset(forge, repo, "linear", include=["~ALL"], exclude=["refs/heads/old/*"], rules=[LINEAR])


@pytest.mark.parametrize("how", ["protection", "ruleset"])
def test_a_branch_that_takes_no_merge_commit_is_not_given_one(platform: SmallPlatform, how: str) -> None:
    """A new pull request takes the place of the bot's own; one with people's commits is left, and says why, without a
    try each night."""
    open_second(platform)
    without_merge_commits(platform, how)
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": TOOL.replace("version = 1", "version = 99")})
    applied = platform.apply()
    assert (applied.exit_code, applied.pulls()) == (0, [(REPO, "opened")])
    row = applied.changesets(REPO)["sync"]
    assert row["reason"] == "it conflicts with its base, and its branch takes no merge commit"
    number = applied.json["pull_requests"][0]["number"]

    commit_files(platform.sandbox, REPO, platform.pull(REPO, number).head.ref, {"mine.txt": "mine\n"})
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": TOOL.replace("version = 1", "version = 98")})
    for _ in range(2):
        again = platform.apply()
        assert (again.exit_code, again.writes, again.pulls()) == (0, 0, [(REPO, "unchanged")])
    said = again.changesets(REPO)["sync"]["reason"]
    assert said == "it conflicts with its base, its branch takes no merge commit, and people committed"


def test_a_ruleset_for_other_branches_forbids_nothing(platform: SmallPlatform) -> None:
    """The default branch may be linear: what is squashed there may hold a merge commit."""
    open_second(platform)
    forge = platform.sandbox.forge
    with forge.store.transaction():
        add_ruleset(forge, find(platform.sandbox, REPO), "linear", include=["~DEFAULT_BRANCH"], rules=[LINEAR])
        excluded = ["refs/heads/syncbot/*"]
        add_ruleset(forge, find(platform.sandbox, REPO), "most", include=["~ALL"], exclude=excluded, rules=[LINEAR])
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": TOOL.replace("version = 1", "version = 99")})
    assert platform.apply().pulls() == [(REPO, "updated")]
    merge(platform, 2, method="squash")


def test_a_conflict_is_seen_though_github_does_not_know_of_it_at_once(platform: SmallPlatform) -> None:
    """GitHub works out what can be merged once it is asked: it is asked again, and the same run mends the conflict."""
    open_second(platform)
    platform.sandbox.forge.lazy_mergeability = True
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": TOOL.replace("version = 1", "version = 99")})
    began = platform.clock.now()
    applied = platform.apply()
    assert applied.changesets(REPO)["sync"]["reason_code"] == "conflict"
    assert applied.pulls() == [(REPO, "updated")]
    assert platform.clock.now() - began >= 1
    assert platform.pull(REPO, 2).mergeable is None
    assert platform.pull(REPO, 2).mergeable is True


def test_what_github_never_works_out_is_left_as_it_is(platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked three times more, and then taken for no conflict."""
    open_second(platform)
    known = platform.apply().json["summary"]["requests"]["graphql"]
    monkeypatch.setattr("syncbot.sandbox.graphql_pulls.MERGEABLE", dict.fromkeys((True, False, None), "UNKNOWN"))
    applied = platform.apply()
    assert applied.changesets(REPO)["sync"]["reason_code"] == "up-to-date"
    assert applied.json["summary"]["requests"]["graphql"] == known + 3

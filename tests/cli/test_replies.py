"""What people answer to a pull request is heard: closed, reverted, edited, made by hand, or simply gone."""

from __future__ import annotations

from tests.cli.harness import SMALL, Platform, git
from tests.sandbox_support import close_pull, commit_files, make_repo, merge_pull

REPO = "acme/orders"
NODE_22 = SMALL | {"node_version": "22"}
NODE_24 = SMALL | {"node_version": "24"}
IGNORED = "templates/service/files/.dockerignore.jinja"


def open_pull_request(platform: Platform) -> None:
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]


def open_change(platform: Platform) -> None:
    """An adopted repo with an open pull request: another port, and one more line in .dockerignore."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.adopted(REPO)
    platform.edit(IGNORED, "**/*.log\n", "**/*.log\n**/*.tmp\n")
    platform.fleet("orders", answers=SMALL | {"port": 9090})
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert platform.pull(REPO, 2).head.ref == "syncbot/sync-1"


def quiet(platform: Platform, path: str = "Dockerfile") -> str | None:
    """What keeps a file quiet, after a run that must not have written anything."""
    applied = platform.apply()
    assert (applied.exit_code, applied.writes) == (0, 0)
    why = applied.file(REPO, path)["quiet"]
    assert why is None or isinstance(why, str)
    return why


def test_closed_is_no_until_the_template_changes(platform: Platform) -> None:
    """Declined: nothing is written on the next runs; a new desired content opens a new branch with it."""
    open_change(platform)
    close_pull(platform.sandbox, REPO, 2)
    assert quiet(platform) == "declined"
    status = platform.run("status")
    assert "a person closed its pull request" in status.stdout or "declined" in status.stdout

    platform.fleet("orders", answers=SMALL | {"port": 9091})
    applied = platform.apply()
    assert applied.pulls() == [(REPO, "opened")]
    assert platform.pull(REPO, 3).head.ref == "syncbot/sync-2"
    paths = applied.changesets(REPO)["sync"]["paths"]
    assert "Dockerfile" in paths
    assert ".dockerignore" not in paths


def test_closed_with_the_branch_deleted(platform: Platform) -> None:
    """The no is remembered by the pull request, not by its branch, whose name is not used again."""
    open_change(platform)
    close_pull(platform.sandbox, REPO, 2)
    clone = platform.clone(REPO)
    git(clone, "push", "--quiet", "origin", "--delete", "syncbot/sync-1")
    assert quiet(platform) == "declined"
    platform.fleet("orders", answers=SMALL | {"port": 9091})
    platform.apply()
    assert platform.pull(REPO, 3).head.ref == "syncbot/sync-2"


def test_a_revert_is_heard(platform: Platform) -> None:
    """Merged, then taken back with git revert: `reverted`, quiet, until the desired content changes."""
    open_pull_request(platform)
    merge_pull(platform.sandbox, REPO, 1)
    platform.fleet("orders", answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "opened")]
    merge_pull(platform.sandbox, REPO, 2)

    clone = platform.clone(REPO)
    git(clone, "revert", "--no-edit", "--mainline", "1", "HEAD")
    platform.push_only(clone)
    assert quiet(platform) == "reverted"
    assert platform.plan().states(REPO)["Dockerfile"] == "reverted"

    platform.fleet("orders", answers=NODE_24)
    assert platform.apply().pulls() == [(REPO, "opened")]


def test_an_edit_merged_on_the_bots_own_pull_request_is_kept(platform: Platform) -> None:
    """The developer's fix of an owned file, on the bot's branch, is theirs to keep: shown, and not undone."""
    open_pull_request(platform)
    clone = platform.clone(REPO, "syncbot/adopt-1")
    dockerfile = clone / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text() + "\n# fixed by hand\n")
    platform.push(clone)
    merge_pull(platform.sandbox, REPO, 1, method="squash")
    assert quiet(platform) == "kept-edit"
    assert platform.plan().states(REPO)["Dockerfile"] == "edited"

    platform.fleet("orders", answers=NODE_22)
    applied = platform.apply()
    assert applied.pulls() == [(REPO, "opened")]
    merged = str(platform.read(REPO, "Dockerfile", "syncbot/debian+node-1"))
    assert "FROM node:22" in merged
    assert merged.endswith("# fixed by hand\n")


def test_an_edit_made_elsewhere_is_proposed_back_once(platform: Platform) -> None:
    """Edited on main: the restore is proposed, with the loss shown; closed, it stays quiet."""
    open_pull_request(platform)
    merge_pull(platform.sandbox, REPO, 1)
    dockerfile = str(platform.read(REPO, "Dockerfile"))
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": dockerfile + "RUN touch /mine\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert "-RUN touch /mine" in platform.pull(REPO, 2).body
    close_pull(platform.sandbox, REPO, 2)
    assert quiet(platform) == "declined"


def test_a_deleted_file_is_proposed_back_once(platform: Platform) -> None:
    """Deleted on main: its return is proposed; closed, it stays quiet."""
    open_pull_request(platform)
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {".github/CODEOWNERS": None})
    applied = platform.apply()
    assert applied.states(REPO)[".github/CODEOWNERS"] == "deleted"
    assert applied.changesets(REPO)["sync"]["paths"] == [".github/CODEOWNERS"]
    close_pull(platform.sandbox, REPO, 2)
    assert quiet(platform, ".github/CODEOWNERS") == "declined"


def test_drift_that_is_gone_closes_the_pull_request(platform: Platform) -> None:
    """Somebody brings main to the desired content by hand: the bot closes with a word why, and it is no person's no."""
    open_pull_request(platform)
    merge_pull(platform.sandbox, REPO, 1)
    platform.fleet("orders", answers=NODE_22)
    platform.apply()
    by_hand = platform.read(REPO, "Dockerfile", "syncbot/debian+node-1")
    before = platform.read(REPO, "Dockerfile")
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": by_hand})

    applied = platform.apply()
    assert applied.pulls() == [(REPO, "closed")]
    closed = platform.pull(REPO, 2)
    assert (closed.state, closed.merged) == ("closed", False)
    (comment,) = platform.comments(REPO, 2)
    assert "nothing is left to change" in comment
    assert platform.apply().writes == 0

    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": before})
    assert platform.apply().pulls() == [(REPO, "opened")]


def test_a_pull_request_by_somebody_else_is_not_ours(platform: Platform) -> None:
    """A person's branch and pull request under syncbot/ are not updated or closed; the bot takes the next number."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    commit_files(platform.sandbox, REPO, "syncbot/adopt-1", {"Dockerfile": "FROM scratch\n"})
    with platform.github as github:
        github.get_repo(REPO).create_pull(base="main", head="syncbot/adopt-1", title="Mine", body="")
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert platform.pull(REPO, 2).head.ref == "syncbot/adopt-2"
    assert platform.pull(REPO, 1).state == "open"
    assert platform.apply().writes == 0

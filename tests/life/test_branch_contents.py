"""What a pull request shows is what merging it does: no file that it no longer proposes, no restore in words only."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Mapping

import pytest

from syncbot.sandbox import automerge
from tests.cli.harness import LOCK
from tests.life.deliveries import REPO, changed, first_delivery, is_settled, second_delivery
from tests.life.small import SmallPlatform
from tests.sandbox_support import commit_files, find, identity, merge_pull, protect, review_pull

OWNERS = ".github/CODEOWNERS"
OWNERSHIP = "templates/small/ownership.yaml"


def turn_off(platform: SmallPlatform) -> None:
    platform.fleet("one", answers={"extra": False, "version": 2})


def retire(platform: SmallPlatform) -> None:
    platform.edit(OWNERSHIP, "  - path: extra.conf\n", "")
    platform.edit(OWNERSHIP, "retired: []", "retired: [extra.conf]")
    (platform.root / "templates/small/files/{% if extra %}extra.conf{% endif %}.jinja").unlink()
    platform.commit("Retire it")


def disown(platform: SmallPlatform) -> None:
    platform.edit(OWNERSHIP, "  - path: extra.conf\n", "")
    (platform.root / "templates/small/files/{% if extra %}extra.conf{% endif %}.jinja").unlink()
    platform.commit("Disown it")


MORE = "This pull request changes more than before: `.github/CODEOWNERS`.\n"


def rename(platform: SmallPlatform) -> None:
    platform.edit(OWNERSHIP, "  - path: extra.conf\n", "  - path: etc/extra.conf\n    renamed_from: extra.conf\n")
    files = platform.root / "templates/small/files"
    (files / "etc").mkdir()
    (files / "{% if extra %}extra.conf{% endif %}.jinja").rename(
        files / "etc" / "{% if extra %}extra.conf{% endif %}.jinja"
    )
    platform.commit("Rename it")


def switch(platform: SmallPlatform) -> None:
    """The repo gets another template, which knows nothing of most paths."""
    templates = platform.root / "templates"
    shutil.copytree(templates / "small", templates / "tiny")
    (templates / "tiny/ownership.yaml").write_text("owned:\n  - path: run.ini\n  - path: tool.conf\nretired: []\n")
    (templates / "tiny/files/{% if extra %}extra.conf{% endif %}.jinja").unlink()
    shutil.rmtree(templates / "tiny/files/.github")
    platform.edit("copier.yml", "choices: [small]", "choices: [small, tiny]")
    platform.fleet({"name": "one", "template": "tiny"}, answers={"version": 2})


@pytest.mark.parametrize("withdraw", [turn_off, retire, disown, rename, switch])
@pytest.mark.parametrize("delivery", [first_delivery, second_delivery])
def test_what_is_no_longer_proposed_leaves_the_branch(
    platform: SmallPlatform, withdraw: Callable[[SmallPlatform], None], delivery: Callable[..., None]
) -> None:
    """A file that the open pull request would create is withdrawn: it is gone from the branch, with or without a
    template that still names it, and merging does not bring it."""
    delivery(platform, extra=True, version=2)
    number = 1 if delivery is first_delivery else 2
    assert changed(platform, number)["extra.conf"] == "added"
    withdraw(platform)
    assert (REPO, "updated") in platform.apply().pulls()
    assert "extra.conf" not in changed(platform, number)
    assert is_settled(platform)
    merge_pull(platform.sandbox, REPO, number)
    assert platform.read(REPO, "extra.conf") is None
    assert not tomllib.loads(str(platform.read(REPO, LOCK)))["files"].get("extra.conf")
    assert platform.comments(REPO, number) == []


@pytest.mark.parametrize("withdraw", [turn_off, disown])
def test_what_people_wrote_into_it_stays(platform: SmallPlatform, withdraw: Callable[[SmallPlatform], None]) -> None:
    """A line of theirs is in one withdrawn file: it stays, and that is said once; what they left alone goes."""
    first_delivery(platform, extra=True)
    theirs = str(platform.read(REPO, "extra.conf", "syncbot/adopt-1")) + "theirs = yes\n"
    commit_files(platform.sandbox, REPO, "syncbot/adopt-1", {"extra.conf": theirs})
    withdraw(platform)
    platform.apply()
    assert platform.read(REPO, "extra.conf", "syncbot/adopt-1") == theirs
    (comment,) = platform.comments(REPO)
    assert "`extra.conf`" in comment
    assert is_settled(platform)


@pytest.mark.parametrize("withdraw", [turn_off, disown])
def test_it_leaves_a_branch_on_which_people_worked_elsewhere(
    platform: SmallPlatform, withdraw: Callable[[SmallPlatform], None]
) -> None:
    """Their commit is in another file: it stays, and the withdrawn one goes."""
    first_delivery(platform, extra=True)
    commit_files(platform.sandbox, REPO, "syncbot/adopt-1", {"app.py": "run()\n"})
    withdraw(platform)
    platform.apply()
    assert changed(platform, 1).get("app.py") == "added"
    assert "extra.conf" not in changed(platform, 1)
    assert platform.comments(REPO) == []
    assert is_settled(platform)


@pytest.mark.parametrize("theirs", [{}, {"app.py": "run()\n"}])
def test_no_second_codeowners_shadows_the_teams(platform: SmallPlatform, theirs: Mapping[str, str]) -> None:
    """The team adds its own at the root while the first pull request is open: the block goes there, and there only."""
    first_delivery(platform)
    if theirs:
        commit_files(platform.sandbox, REPO, "syncbot/adopt-1", theirs)
    commit_files(platform.sandbox, REPO, "main", {"CODEOWNERS": "* @acme/ours\n"})
    platform.apply()
    assert platform.comments(REPO) == []
    assert is_settled(platform)
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.read(REPO, OWNERS) is None
    owners = str(platform.read(REPO, "CODEOWNERS"))
    assert owners.startswith("* @acme/ours\n\n# BEGIN syncbot\n")
    assert all(platform.read(REPO, path) == text for path, text in theirs.items())
    assert platform.plan("--exit-code").exit_code == 0


def test_a_codeowners_that_the_team_moves_is_followed(platform: SmallPlatform) -> None:
    """Moved on the default branch while the pull request is open: git sees a conflict in the bot's own file, which is
    the bot's to resolve."""
    second_delivery(platform, version=2)
    platform.fleet("one", answers={"version": 2}, owners="@acme/desk")
    platform.apply()
    text = str(platform.read(REPO, OWNERS))
    own = "".join(f"/src{number} @acme/ours\n" for number in range(30))
    commit_files(platform.sandbox, REPO, "main", {OWNERS: None, "CODEOWNERS": f"{own}\n{text}"})
    platform.apply()
    assert platform.comments(REPO, 2) == [MORE]
    assert is_settled(platform)
    merge_pull(platform.sandbox, REPO, 2)
    assert platform.read(REPO, OWNERS) is None
    owners = str(platform.read(REPO, "CODEOWNERS"))
    assert owners.startswith(own)
    assert "@acme/desk" in owners
    assert platform.plan("--exit-code").exit_code == 0


# ---------------------------------------------------------------- restores


def edit_elsewhere(platform: SmallPlatform, port: int | None = 9999) -> None:
    """Somebody edits (None: deletes) another owned file on the default branch."""
    text = str(platform.read(REPO, "run.ini")).replace("port = 1000", f"port = {port}")
    commit_files(platform.sandbox, REPO, "main", {"run.ini": None if port is None else text})


@pytest.mark.parametrize("port", [9999, None])
@pytest.mark.parametrize("theirs", [{}, {"app.py": "run()\n"}])
def test_a_restore_is_in_the_diff(platform: SmallPlatform, port: int | None, theirs: Mapping[str, str]) -> None:
    """The branch began before the edit, so that it holds the restored file already: the base is merged into it."""
    second_delivery(platform, version=2)
    before = platform.read(REPO, "run.ini")
    if theirs:
        commit_files(platform.sandbox, REPO, "syncbot/sync-1", theirs)
    edit_elsewhere(platform, port)
    head = platform.pull(REPO, 2).head.sha
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert changed(platform, 2)["run.ini"] == ("added" if port is None else "modified")
    with platform.github as github:
        parents = github.get_repo(REPO).get_commit(platform.pull(REPO, 2).head.sha).parents
    assert [parent.sha for parent in parents] == [head, platform.pull(REPO, 2).base.sha]
    assert platform.pull(REPO, 2).title == "Restore run.ini, update tool.conf"
    assert is_settled(platform)
    merge_pull(platform.sandbox, REPO, 2)
    assert platform.read(REPO, "run.ini") == before
    assert all(platform.read(REPO, path) == text for path, text in theirs.items())
    assert platform.comments(REPO, 2) == ["This pull request changes more than before: `run.ini`.\n"]
    assert platform.plan("--exit-code").exit_code == 0


@pytest.mark.parametrize("theirs", [False, True])
def test_a_new_template_meets_an_edit_of_the_base(platform: SmallPlatform, theirs: bool) -> None:
    """The file becomes wanted, and the base had changed the same line: the template's takes its place, in the diff.
    Where a person has changed that line on the branch, theirs stays, and is said."""
    second_delivery(platform, version=2)
    if theirs:
        text = str(platform.read(REPO, "run.ini", "syncbot/sync-1")).replace("port = 1000", "port = 7")
        commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"run.ini": text})
    edit_elsewhere(platform)
    platform.fleet("one", answers={"version": 2, "port": 5})
    platform.apply()
    if theirs:
        assert "port = 7\n" in str(platform.read(REPO, "run.ini", "syncbot/sync-1"))
        assert len(platform.comments(REPO, 2)) == 1
    else:
        assert "port = 5\n" in str(platform.read(REPO, "run.ini", "syncbot/sync-1"))
        assert "-port = 9999\n" in platform.pull(REPO, 2).body.replace("\r\n", "\n")
        assert platform.comments(REPO, 2) == ["This pull request changes more than before: `run.ini`.\n"]
        assert changed(platform, 2)["run.ini"] == "modified"
    assert is_settled(platform)


def allow_rebasing_only(platform: SmallPlatform) -> None:
    forge = platform.sandbox.forge
    with forge.store.transaction():
        forge.edit_repo(find(platform.sandbox, REPO), allow_merge_commit=0, allow_squash_merge=0)


def test_where_only_rebasing_is_allowed_a_restore_comes_in_a_new_one(platform: SmallPlatform) -> None:
    """Nobody committed: closed with a word why, and opened anew with the restore in its diff."""
    second_delivery(platform, version=2)
    allow_rebasing_only(platform)
    edit_elsewhere(platform)
    assert (REPO, "opened") in platform.apply().pulls()
    assert platform.pull(REPO, 2).state == "closed"
    assert {"run.ini", "tool.conf"} <= changed(platform, 3).keys()
    assert is_settled(platform)


def test_where_only_rebasing_is_allowed_peoples_work_is_left(platform: SmallPlatform) -> None:
    """Somebody committed: it stays as it is, and the reason is said."""
    second_delivery(platform, version=2)
    allow_rebasing_only(platform)
    commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"app.py": "run()\n"})
    edit_elsewhere(platform)
    result = platform.apply()
    changeset = result.changesets(REPO)["sync"]
    assert (result.writes, changeset["reason_code"]) == (0, "not-now")
    assert "the repo allows rebasing only, and people committed" in changeset["reason"]


def test_an_edit_of_the_base_is_not_an_answer_on_the_pull_request(platform: SmallPlatform) -> None:
    """Git merges a restore with an edit that somebody made on the base meanwhile: nobody touched the branch, so that
    was no decision about the restore, and it is proposed once more. Then it is settled."""
    second_delivery(platform)
    edit_elsewhere(platform)
    assert platform.apply().pulls() == [(REPO, "opened")]
    later = str(platform.read(REPO, "run.ini")).replace("level = info", "level = loud")
    commit_files(platform.sandbox, REPO, "main", {"run.ini": later})
    assert is_settled(platform)
    merge_pull(platform.sandbox, REPO, 2)
    assert "level = loud" in str(platform.read(REPO, "run.ini"))
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert "level = loud" in platform.pull(REPO, 3).body
    merge_pull(platform.sandbox, REPO, 3)
    assert platform.plan("--exit-code").exit_code == 0


def test_an_edit_that_the_bot_merged_in_stays(platform: SmallPlatform) -> None:
    """Template and team changed different lines before it was opened: merged with their edit, which is then kept."""
    first_delivery(platform)
    merge_pull(platform.sandbox, REPO, 1)
    text = str(platform.read(REPO, "run.ini")).replace("level = info", "level = loud")
    commit_files(platform.sandbox, REPO, "main", {"run.ini": text})
    platform.fleet("one", answers={"port": 5})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 2)
    again = platform.apply()
    assert (again.writes, again.file(REPO, "run.ini")["quiet"]) == (0, "kept-edit")


# ---------------------------------------------------------------- what goes unseen


def let_it_merge(platform: SmallPlatform) -> None:
    """Approved, and it merges by itself once its check is green."""
    forge = platform.sandbox.forge
    protect(platform.sandbox, REPO, reviews=1, contexts=("ci",))
    with forge.store.transaction():
        forge.edit_repo(find(platform.sandbox, REPO), allow_auto_merge=1)
        automerge.enable_auto_merge(forge, identity("developer"), find(platform.sandbox, REPO), 2, method="merge")
    review_pull(platform.sandbox, REPO, 2)


def approve(platform: SmallPlatform) -> None:
    protect(platform.sandbox, REPO, reviews=1)
    review_pull(platform.sandbox, REPO, 2)


@pytest.mark.parametrize("consent", [let_it_merge, approve])
def test_a_line_of_the_base_is_not_lost_by_a_merge_that_nobody_looks_at(
    platform: SmallPlatform, consent: Callable[[SmallPlatform], None]
) -> None:
    """Somebody changes the same line on the base after people let it merge: not resolved, and said once."""
    second_delivery(platform, version=2)
    consent(platform)
    text = str(platform.read(REPO, "tool.conf")).replace("version = 1", "version = 99")
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": text})
    head = platform.pull(REPO, 2).head.sha
    result = platform.apply()
    assert result.changesets(REPO)["sync"]["reason_code"] == "conflict"
    (comment,) = platform.comments(REPO, 2)
    assert "`tool.conf`" in comment
    assert "`/syncbot recreate`" in comment
    assert is_settled(platform)
    with platform.github as github:
        github.get_repo(REPO).get_commit(head).create_status("success", context="ci")
    assert (platform.pull(REPO, 2).state, platform.pull(REPO, 2).head.sha) == ("open", head)
    assert platform.read(REPO, "tool.conf") == text


def test_a_conflict_that_loses_nothing_is_resolved_though_it_is_approved(platform: SmallPlatform) -> None:
    """It could not be merged anyway, and the base gained only a block that the bot itself delivered elsewhere."""
    second_delivery(platform, version=2)
    platform.fleet("one", answers={"version": 2}, owners="@acme/desk")
    platform.apply()
    approve(platform)
    text = str(platform.read(REPO, OWNERS))
    own = "".join(f"/src{number} @acme/ours\n" for number in range(30))
    commit_files(platform.sandbox, REPO, "main", {OWNERS: None, "CODEOWNERS": f"{own}\n{text}"})
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert platform.comments(REPO, 2) == [MORE]
    assert str(platform.read(REPO, "CODEOWNERS", "syncbot/sync-1")).startswith(own)


# ---------------------------------------------------------------- less is owned


def test_the_teams_lines_come_back_where_only_a_block_is_owned_now(platform: SmallPlatform) -> None:
    """The whole file was owned, and a restore would have taken the team's line; now only the block is, and it stays,
    beside what a person wrote on the branch."""
    file = platform.root / "templates/small/files/run.ini.jinja"
    file.write_text("# BEGIN syncbot\nport = {{ port }}\n# END syncbot\n")
    first_delivery(platform)
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {"run.ini": "# ours\n" + str(platform.read(REPO, "run.ini"))})
    platform.apply()
    assert platform.read(REPO, "run.ini", "syncbot/sync-1") == "# BEGIN syncbot\nport = 1000\n# END syncbot\n"
    theirs = str(platform.read(REPO, "run.ini", "syncbot/sync-1")) + "# on the branch\n"
    commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"run.ini": theirs})
    platform.fleet({"name": "one", "ownership": {"run.ini": "block"}}, answers={"port": 6})
    platform.apply()
    merged = str(platform.read(REPO, "run.ini", "syncbot/sync-1"))
    assert merged == "# ours\n# BEGIN syncbot\nport = 6\n# END syncbot\n# on the branch\n"
    assert is_settled(platform)

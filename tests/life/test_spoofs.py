"""What stands on a branch decides, whoever's name its commits carry and whatever they say of themselves."""

from __future__ import annotations

import pytest

from syncbot.cli.sandbox import BOT
from syncbot.sandbox.merge_button import merge_branches
from tests.cli.harness import LOCK
from tests.life.deliveries import REPO, changed, first_delivery, is_settled, second_delivery
from tests.life.judge import false_words
from tests.life.small import SmallPlatform
from tests.sandbox_support import Content, commit_files, find, identity, make_repo, merge_pull

ADOPT = "syncbot/adopt-1"


def message_of(platform: SmallPlatform, branch: str) -> str:
    """What the last commit of a branch says: public, and made without a key."""
    head = platform.sandbox.forge.git(find(platform.sandbox, REPO)).commit(branch)
    assert head is not None
    return head.message


def spoof(platform: SmallPlatform, branch: str, files: dict[str, Content], message: str) -> str:
    """A developer pushes a commit that carries the bot's address and trailers."""
    return commit_files(platform.sandbox, REPO, branch, files, author=BOT, message=message)


def reason(platform: SmallPlatform, changeset: str = "sync") -> str:
    return str(platform.plan().changesets(REPO)[changeset]["reason_code"])


@pytest.mark.parametrize(
    "others",
    [
        {"tool.conf": "FROM evil\n"},
        {".github/workflows/x.yml": "on: push\n"},
        {LOCK: "version = 1\n"},
        {"README.md": None},
        {"run.ini": ("port = 1\n", "100755")},
    ],
)
def test_a_left_over_branch_with_anything_else_is_not_opened(
    platform: SmallPlatform, others: dict[str, Content]
) -> None:
    """All is as the bot would write it, but for one file: it takes another branch, and does so once."""
    first_delivery(platform)
    message = message_of(platform, ADOPT)
    texts = {path: platform.read(REPO, path, ADOPT) for path in ("tool.conf", "run.ini", ".github/CODEOWNERS", LOCK)}
    make_repo(platform.sandbox, "acme/two", {"README.md": "hello\n"})
    commit_files(platform.sandbox, "acme/two", ADOPT, {**texts, **others}, author=BOT, message=message)
    platform.fleet("one", "two")
    with platform.github as github:
        spoofed = github.get_repo("acme/two").get_branch(ADOPT).commit.sha
    assert platform.apply().pulls() == [(REPO, "unchanged"), ("acme/two", "opened")]
    pull = platform.pull("acme/two")
    assert (pull.head.ref, pull.commits) == ("syncbot/adopt-2", 1)
    assert pull.head.sha != spoofed
    assert platform.apply().writes == 0


@pytest.mark.parametrize("content", ["FROM evil\n", None])
def test_an_open_one_whose_content_was_replaced(platform: SmallPlatform, content: str | None) -> None:
    """By a commit in the bot's name, with its trailers: it is not up to date, and what is rendered is put on top."""
    first_delivery(platform)
    before = platform.read(REPO, "tool.conf", ADOPT)
    forged = spoof(platform, ADOPT, {"tool.conf": content}, message_of(platform, ADOPT))
    assert reason(platform, "adopt") == "replaced"
    result = platform.apply()
    assert result.pulls() == [(REPO, "updated")]
    assert platform.read(REPO, "tool.conf", ADOPT) == before
    with platform.github as github:
        (parent,) = github.get_repo(REPO).get_commit(platform.pull(REPO).head.sha).parents
    assert parent.sha == forged
    assert reason(platform, "adopt") == "up-to-date"
    assert is_settled(platform)


def test_a_record_that_was_replaced(platform: SmallPlatform) -> None:
    """The lock alone says something else: merged like that, it would be a false record."""
    first_delivery(platform)
    before = platform.read(REPO, LOCK, ADOPT)
    false = str(before).replace('[files."run.ini"]', '[files."other"]')
    spoof(platform, ADOPT, {LOCK: false}, message_of(platform, ADOPT))
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert platform.read(REPO, LOCK, ADOPT) == before
    assert is_settled(platform)


def test_a_merge_of_the_base_that_takes_its_side(platform: SmallPlatform) -> None:
    """A person merges the base and takes its version of the file: merging would bring nothing of it, which is said,
    and what they did stays. Merged, it is their answer."""
    second_delivery(platform, version=2)
    commit_files(platform.sandbox, REPO, "main", {"README.md": "more\n"})
    forge = platform.sandbox.forge
    with forge.store.transaction():
        merge_branches(forge, identity("developer"), find(platform.sandbox, REPO), "syncbot/sync-1", "main")
    theirs = platform.read(REPO, "tool.conf")
    commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"tool.conf": theirs})
    assert "tool.conf" not in changed(platform, 2)
    result = platform.apply()
    assert (result.writes, result.changesets(REPO)["sync"]["reason_code"]) == (0, "not-brought")
    assert "tool.conf" in result.changesets(REPO)["sync"]["reason"]
    merge_pull(platform.sandbox, REPO, 2)
    assert platform.read(REPO, "tool.conf") == theirs
    again = platform.apply()
    assert (again.writes, again.file(REPO, "tool.conf")["quiet"]) == (0, "kept-edit")


def test_what_the_base_got_and_lost_again(platform: SmallPlatform) -> None:
    """Somebody brought the file to the base, merged that into the branch, and took it back on the base: the branch
    holds what is wanted, and a merge keeps the base's version."""
    second_delivery(platform, version=2)
    old, new = platform.read(REPO, "tool.conf"), platform.read(REPO, "tool.conf", "syncbot/sync-1")
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": new})
    forge = platform.sandbox.forge
    with forge.store.transaction():
        merge_branches(forge, identity("developer"), find(platform.sandbox, REPO), "syncbot/sync-1", "main")
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": old})
    assert "tool.conf" not in changed(platform, 2)
    assert reason(platform) != "up-to-date"
    platform.apply()
    assert is_settled(platform)


def test_a_version_of_peoples_is_in_no_claim(platform: SmallPlatform) -> None:
    """They changed the line that the template changes now: neither title, table, trailers nor lock name the new one,
    and the next change of another line is merged with theirs."""
    second_delivery(platform, version=2)
    mine = str(platform.read(REPO, "tool.conf", "syncbot/sync-1")).replace("version = 2", "version = human-1-")
    commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"tool.conf": mine})
    platform.fleet("one", answers={"version": 3, "port": 5})
    assert platform.apply().pulls() == [(REPO, "updated")]
    pull = platform.pull(REPO, 2)
    assert pull.title == "Set port to 5"
    assert "| `tool.conf` | stays as committed |" in pull.body
    message = message_of(platform, "syncbot/sync-1")
    lines = [line for line in message.splitlines() if line.endswith(" tool.conf")]
    assert [line.partition(":")[0] for line in lines] == ["Syncbot-File", "Syncbot-Kept"]
    assert false_words(platform.sandbox) == []
    assert reason(platform) == "not-brought"
    assert is_settled(platform)
    platform.edit("templates/small/files/tool.conf.jinja", "all = yes", "all = no")
    platform.apply()
    merged = str(platform.read(REPO, "tool.conf", "syncbot/sync-1"))
    assert "version = human-1-" in merged
    assert is_settled(platform)


def test_one_from_before_goes_on_without_a_push(platform: SmallPlatform) -> None:
    """Its trailers claim a file in which a person's version stayed, as they did until now: nothing is pushed for that,
    and once it is merged, the person's answer holds."""
    second_delivery(platform, version=2)
    mine = str(platform.read(REPO, "tool.conf", "syncbot/sync-1")).replace("version = 2", "version = human-1-")
    commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"tool.conf": mine})
    assert platform.apply().writes == 0
    assert reason(platform) == "not-brought"
    merge_pull(platform.sandbox, REPO, 2)
    again = platform.apply()
    assert (again.writes, again.file(REPO, "tool.conf")["quiet"]) == (0, "kept-edit")


def test_all_that_was_offered_is_kept(platform: SmallPlatform) -> None:
    """People's version stays in the only file: that is said once, the title stays, and it is quiet then.
    Merged like that, the change did not arrive, which is told."""
    second_delivery(platform, version=2)
    title = platform.pull(REPO, 2).title
    mine = str(platform.read(REPO, "tool.conf", "syncbot/sync-1")).replace("version = 2", "version = human-1-")
    commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"tool.conf": mine})
    platform.fleet("one", answers={"version": 3})
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert platform.read(REPO, "tool.conf", "syncbot/sync-1") == mine
    assert platform.pull(REPO, 2).title == title
    assert len(platform.comments(REPO, 2)) == 1
    assert reason(platform) == "not-brought"
    assert is_settled(platform)
    merge_pull(platform.sandbox, REPO, 2)
    again = platform.apply()
    assert (again.writes, again.file(REPO, "tool.conf")["quiet"]) == (0, "overridden")

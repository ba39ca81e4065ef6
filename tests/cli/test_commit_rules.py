"""Repos whose own rules ask for a sign-off, a title or trailers: the bot's commits meet them, on real git.

Whether a commit is signed off is told by the DCO check's own rule (dcoapp/app, lib/dco.js), written down here again: a
line `Signed-off-by: NAME <EMAIL>` whose name and whose address are each the author's or the committer's.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syncbot.plan.pulls.trailers import parse_trailers
from syncbot.sandbox.protection import protect
from tests.cli.harness import SMALL, Platform, git
from tests.sandbox_support import commit_files, find, make_repo, merge_pull

REPO, BRANCH, MACHINE = "acme/orders", "syncbot/adopt-1", "sync-machine"
LINE = re.compile(r"^Signed-off-by: (.*) <(.*)>$", re.IGNORECASE | re.MULTILINE)


def is_signed_off(author: tuple[str, str], committer: tuple[str, str], message: str) -> bool:
    """The DCO check's rule; names and addresses without regard to case."""
    (names, emails) = ({part.lower() for part in parts} for parts in zip(author, committer, strict=True))
    return any(name.lower() in names and email.lower() in emails for name, email in LINE.findall(message))


@pytest.mark.parametrize(
    ("author", "committer", "message", "expected"),
    [
        (("A", "a@x"), ("A", "a@x"), "t\n\nSigned-off-by: A <a@x>\n", True),
        (("A", "a@x"), ("A", "a@x"), "t\n\nsigned-off-by: a <A@x>", True),
        (("A", "a@x"), ("GitHub", "noreply@github.com"), "t\n\nSigned-off-by: A <a@x>\n", True),
        (("A", "a@x"), ("A", "a@x"), "t\n", False),
        (("A", "a@x"), ("A", "a@x"), "t\n\nSigned-off-by: B <a@x>\n", False),
        (("A", "a@x"), ("A", "a@x"), "t\n\nSigned-off-by: A <b@x>\n", False),
        (("A", "a@x"), ("A", "a@x"), "t\n\nSigned-off-by: A a@x\n", False),
        (("A", "a@x"), ("A", "a@x"), "t\n\n Signed-off-by: A <a@x>\n", False),
        (("A", "a@x"), ("A", "a@x"), "t\n\nSigned-off-by: B <b@x>\nSigned-off-by: A <a@x>\n", True),
    ],
)
def test_the_rule_itself(author: tuple[str, str], committer: tuple[str, str], message: str, expected: bool) -> None:
    """What the other tests judge by, by hand."""
    assert is_signed_off(author, committer, message) is expected


def commits(folder: Path) -> list[tuple[int, tuple[str, str], tuple[str, str], str]]:
    """(parents, author, committer, message) of each commit that the branch adds to main, oldest first."""
    found = []
    for oid in git(folder, "rev-list", "--reverse", "--first-parent", "origin/main..HEAD").split():
        fields = git(folder, "show", "--no-patch", "--format=%P%x00%an%x00%ae%x00%cn%x00%ce%x00%B", oid).split("\0")
        parents, name, email, by, by_email, message = fields
        found.append((len(parents.split()), (name, email), (by, by_email), message))
    return found


def trailers_of(folder: Path, message: str) -> list[tuple[str, str]]:
    """Name and value of each trailer, as git itself reads them."""
    file = folder / ".git" / "message"
    file.write_text(message)
    lines = git(folder, "interpret-trailers", "--parse", str(file)).splitlines()
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


def opened(platform: Platform, commits: object, **environment: str) -> None:
    identities = [MACHINE] if environment else ["acme-syncbot[bot]"]
    platform.fleet("orders", commits=commits, identities=identities)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert platform.apply(**environment).pulls() == [(REPO, "opened")]


@pytest.mark.parametrize("web_flow", [False, True])
@pytest.mark.parametrize("machine", [False, True])
def test_every_commit_is_signed_off_by_its_author(platform: Platform, machine: bool, web_flow: bool) -> None:
    """On opening, on an update and on a merge of the base; by a token and by an App, whose committer may be GitHub."""
    forge = platform.sandbox.forge
    forge.web_flow = web_flow
    environment = {"GITHUB_TOKEN": forge.issue_token(MACHINE)} if machine else {}
    rules = {"sign_off": True, "trailers": {"Ticket": "PLAT-1"}}
    opened(platform, rules, **environment)
    identities = [MACHINE] if machine else ["acme-syncbot[bot]"]
    platform.fleet("orders", commits=rules, answers=SMALL | {"node_version": "22"}, identities=identities)
    assert platform.apply(**environment).pulls() == [(REPO, "updated")]
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": "FROM scratch\n"})
    assert (REPO, "updated") in platform.apply(**environment).pulls()
    folder = platform.clone(REPO, BRANCH)
    found = commits(folder)
    assert [parents for parents, *_ in found] == [1, 1, 2]
    for _, author, committer, message in found:
        assert author[0] == (MACHINE if machine else "acme-syncbot[bot]")
        assert is_signed_off(author, committer, message)
        assert trailers_of(folder, message)[-2:] == [
            ("Ticket", "PLAT-1"),
            ("Signed-off-by", f"{author[0]} <{author[1]}>"),
        ]
        assert parse_trailers(message) is not None
    assert platform.apply(**environment).writes == 0


def test_nothing_is_signed_off_where_nobody_asks(platform: Platform) -> None:
    """By default a commit bears the bot's own trailers alone."""
    opened(platform, {})
    folder = platform.clone(REPO, BRANCH)
    ((_, author, committer, message),) = commits(folder)
    assert not is_signed_off(author, committer, message)
    assert {name for name, _ in trailers_of(folder, message)} == {"Syncbot-Changeset", "Syncbot-Digest", "Syncbot-File"}


def test_the_author_is_asked_for_once_a_run(platform: Platform) -> None:
    """One commit more than without sign-offs, however many repos; it is on no branch."""
    writes = []
    for sign_off, repos, new in ((False, "ab", "ab"), (True, "abcd", "cd")):
        platform.fleet(*repos, commits={"sign_off": sign_off})
        for repo in new:
            make_repo(platform.sandbox, f"acme/{repo}", {"README.md": "hello\n"})
        writes.append(platform.apply().writes)
    assert writes[1] == writes[0] + 1
    assert [parents for parents, *_ in commits(platform.clone("acme/c", BRANCH))] == [1]


def test_a_commit_whose_author_is_told_too_late_is_not_made(platform: Platform) -> None:
    """Where GitHub has to make a machine user's commit itself, the repo fails by itself and nothing is written."""
    forge = platform.sandbox.forge
    token = forge.issue_token(MACHINE)
    platform.fleet("orders", identities=[MACHINE], commits={"sign_off": True})
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    with forge.store.transaction():
        protect(forge, find(platform.sandbox, REPO), "main", signatures=True)
    applied = platform.apply(GITHUB_TOKEN=token)
    assert (applied.exit_code, applied.repo(REPO)["error"]["code"]) == (1, "sign-off")
    assert [name for name, _ in forge.git(find(platform.sandbox, REPO)).branches("syncbot/")] == []
    # An App's are signed by GitHub in any case.
    platform.fleet("orders", commits={"sign_off": True})
    assert platform.apply().pulls() == [(REPO, "opened")]


def test_a_branch_left_over_from_before_the_sign_off_is_not_taken_up(platform: Platform) -> None:
    """A run that died before it opened the pull request left a commit without sign-off: another branch is made."""
    opened(platform, {})
    forge = platform.sandbox.forge
    with forge.store.transaction():
        forge.store.execute("DELETE FROM pulls")
    platform.fleet("orders", commits={"sign_off": True})
    assert platform.apply().pulls() == [(REPO, "opened")]
    ((_, author, committer, message),) = commits(platform.clone(REPO, "syncbot/adopt-2"))
    assert is_signed_off(author, committer, message)


@pytest.mark.parametrize(
    ("prefix", "title"),
    [
        ("chore: ", "chore: adopt"),
        ("chore(deps): ", "chore(deps): adopt"),
        ("[PLAT-123] ", "[PLAT-123] Adopt"),
        ("", "Adopt"),
    ],
)
def test_title_and_subject_begin_with_the_prefix(platform: Platform, prefix: str, title: str) -> None:
    """Both, the same, in no more than commitlint's 100 characters; after a type in lower case."""
    platform.fleet("orders", commits={"title_prefix": prefix})
    make_repo(platform.sandbox, REPO, {"Dockerfile": "FROM node:18\n"})
    platform.apply()
    wanted = platform.pull(REPO).title
    assert wanted.startswith(title)
    ((*_, message),) = commits(platform.clone(REPO, "syncbot/adopt-1"))
    assert message.splitlines()[0] == wanted
    assert len(wanted) <= 100


def branches(platform: Platform, repo: str = REPO) -> list[str]:
    git = platform.sandbox.forge.git(find(platform.sandbox, repo))
    return sorted(name for name, _ in git.branches() if name != "main")


def test_new_branches_have_the_prefix_of_their_repo(platform: Platform) -> None:
    """In one run: the fleet's, one of two parts, and the usual one; what was opened is known again."""
    wanted = {"a": "platform/", "b": "chore/platform/", "c": "syncbot/"}
    repos: list[dict[str, object]] = [{"name": "a"}]
    repos += [{"name": name, "commits": {"branch_prefix": wanted[name]}} for name in "bc"]
    platform.fleet(*repos, commits={"branch_prefix": "platform/"})
    for name in wanted:
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    assert {action for _, action in platform.apply().pulls()} == {"opened"}
    assert {name: branches(platform, f"acme/{name}") for name in wanted} == {
        name: [f"{prefix}adopt-1"] for name, prefix in wanted.items()
    }
    assert platform.apply().writes == 0
    platform.fleet(*repos, commits={"branch_prefix": "platform/"}, answers=SMALL | {"node_version": "22"})
    assert [action for _, action in platform.apply().pulls()] == ["updated"] * 3


@pytest.mark.parametrize(("before", "after"), [("syncbot/", "platform/"), ("platform/", "ops/"), ("ops/", "syncbot/")])
def test_another_prefix_asks_nothing_twice(platform: Platform, before: str, after: str) -> None:
    """An open pull request goes on under its branch, a closed one counts as the no that it was, and the next branch is
    under the new prefix."""
    opened(platform, {"branch_prefix": before})
    assert branches(platform) == [f"{before}adopt-1"]
    rules = {"branch_prefix": after, "earlier_branch_prefixes": [before]}
    platform.fleet("orders", commits=rules)
    assert platform.apply().writes == 0
    platform.fleet("orders", commits=rules, answers=SMALL | {"port": 9090})
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert branches(platform) == [f"{before}adopt-1"]
    merge_pull(platform.sandbox, REPO, 1)
    platform.fleet("orders", commits={"branch_prefix": before}, answers=SMALL | {"port": 9091})
    assert platform.apply().pulls() == [(REPO, "opened")]
    platform.fleet("orders", commits=rules, answers=SMALL | {"port": 9092})
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert branches(platform) == [f"{before}adopt-1", f"{before}sync-1"]
    platform.pull(REPO, 2).edit(state="closed")
    assert platform.apply().writes == 0
    platform.fleet("orders", commits=rules, answers=SMALL | {"port": 9093})
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert branches(platform) == sorted([f"{before}adopt-1", f"{before}sync-1", f"{after}sync-1"])
    assert platform.apply().writes == 0


def test_a_pull_request_under_a_prefix_is_found_where_the_repo_left(platform: Platform) -> None:
    """It is closed as any other that the fleet leaves behind; a person's of that name is not touched."""
    opened(platform, {"branch_prefix": "platform/"})
    commit_files(platform.sandbox, REPO, "platform/own-1", {"x": "y\n"})
    with platform.github as github:
        github.get_repo(REPO).create_pull(title="Mine", head="platform/own-1", base="main")
    make_repo(platform.sandbox, "acme/other", {"README.md": "hello\n"})
    platform.fleet("other", commits={"branch_prefix": "platform/"})
    assert (REPO, "closed") in platform.apply().pulls()
    assert [platform.pull(REPO, number).state for number in (1, 2)] == ["closed", "open"]


@pytest.mark.parametrize("branch", ["chore", "chore/platform"])
def test_a_branch_in_the_way_of_the_prefix_is_named(platform: Platform, branch: str) -> None:
    """git has no branch below another: nothing is opened, and the reason says which one to delete."""
    platform.fleet("orders", commits={"branch_prefix": "chore/platform/"})
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    commit_files(platform.sandbox, REPO, branch, {"x": "y\n"})
    (changeset,) = platform.apply().changesets(REPO).values()
    assert changeset["reason_code"] == "branch-blocked"
    assert changeset["reason"] == f"a branch named `{branch}` stands in the way of `{branch}/…`: rename or delete it"
    # One named as another prefix is stands in nobody's way.
    platform.fleet("orders")
    assert platform.apply().pulls() == [(REPO, "opened")]


def retitled(platform: Platform, prefix: str) -> str:
    """The title after a run with the prefix, which wrote nothing but the title, and after one that wrote nothing."""
    head, comments = platform.pull(REPO).head.sha, platform.comments(REPO)
    platform.fleet("orders", commits={"title_prefix": prefix})
    (changeset,) = platform.plan().changesets(REPO).values()
    assert (changeset["action"], changeset["reason_code"]) == ("update", "title-prefix")
    applied = platform.apply()
    assert (applied.pulls(), applied.writes) == ([(REPO, "updated")], 1)
    assert platform.apply().writes == 0
    assert (platform.pull(REPO).head.sha, platform.comments(REPO)) == (head, comments)
    return platform.pull(REPO).title


@pytest.mark.parametrize("first", ["", "[A-1] "])
def test_an_open_pull_request_gets_another_prefix(platform: Platform, first: str) -> None:
    """However often, and to none: the title alone changes, without a comment or a commit, and stays the bot's own."""
    opened(platform, {"title_prefix": first})
    plain = platform.pull(REPO).title.removeprefix(first)
    lowered = plain[0].lower() + plain[1:]
    assert retitled(platform, "chore: ") == f"chore: {lowered}"
    assert retitled(platform, "[B-2] ") == f"[B-2] {plain}"
    assert retitled(platform, "fix: ") == f"fix: {lowered}"
    platform.fleet("orders", commits={"title_prefix": "fix: "}, answers=SMALL | {"node_version": "22"})
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert platform.pull(REPO).title.startswith("fix: ")
    before = platform.pull(REPO).title.removeprefix("fix: ")
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    assert platform.apply().writes == 1
    assert platform.pull(REPO).title == before[0].upper() + before[1:]
    assert platform.apply().writes == 0


@pytest.mark.parametrize("theirs", ["Urgent", "chore: do it", "Urgent: {title}"])
def test_a_title_of_a_person_keeps_its_beginning(platform: Platform, theirs: str) -> None:
    """Also one that ends as the bot's does, and also where the bot changed it before."""
    opened(platform, {"title_prefix": "a: "})
    retitled(platform, "b: ")
    theirs = theirs.format(title=platform.pull(REPO).title)
    platform.pull(REPO).edit(title=theirs)
    platform.fleet("orders", commits={"title_prefix": "c: "})
    assert platform.apply().writes == 0
    platform.fleet("orders", commits={"title_prefix": "c: "}, answers=SMALL | {"node_version": "22"})
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert platform.pull(REPO).title == theirs

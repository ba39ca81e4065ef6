"""Pull requests open, change, close and merge as on GitHub, or are refused in its words."""

from __future__ import annotations

import httpx
import pytest
from github import Github

from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import commit_files, make_repo, merge_pull, move_branch, read_file

REPO = "repos/acme/api"
GIT = f"{REPO}/git"


@pytest.fixture
def head(sandbox: Sandbox) -> str:
    """`acme/api` with a branch `x` one commit ahead, which is answered."""
    make_repo(sandbox, "acme/api", {"a": "1\n"})
    return commit_files(sandbox, "acme/api", "x", {"b": "b\n"}, message="Add b\n\nTrailer: yes")


def open_pull(client: httpx.Client, head: str = "x", **more: object) -> dict[str, object]:
    answer = client.post(f"{REPO}/pulls", json={"title": "Add b", "head": head, "base": "main", **more})
    assert answer.status_code == 201, answer.text
    pull: dict[str, object] = answer.json()
    return pull


def events(client: httpx.Client, number: int = 1) -> list[tuple[str, str]]:
    found = client.get(f"{REPO}/issues/{number}/events").json()
    return [(event["event"], event["actor"]["login"]) for event in found]


def errors(answer: httpx.Response) -> str:
    return str(answer.json().get("errors"))


def test_through_pygithub(sandbox: Sandbox, pygithub: Github, head: str) -> None:
    """PyGithub opens, labels, comments on, reads and merges a pull request."""
    repo = pygithub.get_repo("acme/api")
    pull = repo.create_pull(base="main", head="x", title="Add b", body="Why")
    pull.add_to_labels("syncbot")
    pull.create_issue_comment("Hello")
    again = repo.get_pull(1)
    assert [label.name for label in again.labels] == ["syncbot"]
    assert (again.head.sha, again.mergeable, again.mergeable_state) == (head, True, "clean")
    assert [file.filename for file in again.get_files()] == ["b"]
    assert [commit.sha for commit in again.get_commits()] == [head]
    assert [comment.body for comment in again.get_issue_comments()] == ["Hello"]
    assert again.merge().merged
    assert repo.get_pull(1).merged_by.login == "acme-syncbot[bot]"
    assert [pull.number for pull in repo.get_pulls(state="closed")] == [1]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"head": "nope"}, "{'resource': 'PullRequest', 'field': 'head', 'code': 'invalid'}"),
        ({"base": "nope"}, "{'resource': 'PullRequest', 'field': 'base', 'code': 'invalid'}"),
        ({"head": "somebody:x"}, "'field': 'head'"),
        ({"head": "same"}, "No commits between main and same"),
        ({"head": "main"}, "No commits between main and main"),
        ({"title": " "}, "'field': 'title'"),
    ],
)
def test_create_refuses(sandbox: Sandbox, bot: httpx.Client, head: str, change: dict[str, str], expected: str) -> None:
    """What cannot be a pull request is answered with 422 and GitHub's errors."""
    bot.post(
        f"{GIT}/refs", json={"ref": "refs/heads/same", "sha": bot.get(f"{REPO}/branches/main").json()["commit"]["sha"]}
    )
    answer = bot.post(f"{REPO}/pulls", json={"title": "T", "head": "x", "base": "main", **change})
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    assert expected in errors(answer)


def test_duplicate_is_refused(bot: httpx.Client, head: str) -> None:
    """There is one open pull request per head and base; closed, it makes room for another."""
    open_pull(bot)
    again = bot.post(f"{REPO}/pulls", json={"title": "T", "head": "acme:x", "base": "main"})
    assert again.status_code == 422
    assert "A pull request already exists for acme:x." in errors(again)
    assert bot.patch(f"{REPO}/pulls/1", json={"state": "closed"}).json()["state"] == "closed"
    assert open_pull(bot)["number"] == 2
    reopened = bot.patch(f"{REPO}/pulls/1", json={"state": "open"})
    assert reopened.status_code == 422
    assert "already an open pull request" in errors(reopened)


def test_unrelated_history_is_refused(sandbox: Sandbox, bot: httpx.Client, head: str) -> None:
    """A branch that shares nothing with the base cannot be proposed."""
    tree = bot.get(f"{GIT}/commits/{head}").json()["tree"]["sha"]
    orphan = bot.post(f"{GIT}/commits", json={"message": "m", "tree": tree, "parents": []}).json()["sha"]
    bot.post(f"{GIT}/refs", json={"ref": "refs/heads/orphan", "sha": orphan})
    answer = bot.post(f"{REPO}/pulls", json={"title": "T", "head": "orphan", "base": "main"})
    assert "no history in common" in errors(answer)


def test_edit(sandbox: Sandbox, bot: httpx.Client, head: str) -> None:
    """Title, body and base change; a base that is not there is refused."""
    open_pull(bot)
    commit_files(sandbox, "acme/api", "release", {"r": "r\n"})
    edited = bot.patch(f"{REPO}/pulls/1", json={"title": "New", "body": "Text", "base": "release"}).json()
    assert (edited["title"], edited["body"], edited["base"]["ref"]) == ("New", "Text", "release")
    assert bot.patch(f"{REPO}/pulls/1", json={"base": "nope"}).status_code == 422
    assert bot.patch(f"{REPO}/pulls/1", json={"state": "sideways"}).status_code == 422
    assert bot.get(f"{REPO}/pulls/9").status_code == 404


def test_a_body_that_is_too_long_is_refused(bot: httpx.Client, head: str) -> None:
    """65,536 characters are taken, one more is not, when it is opened and when it is edited."""
    given = {"title": "Add b", "head": "x", "base": "main"}
    too_long = "body is too long (maximum is 65536 characters)"
    answer = bot.post(f"{REPO}/pulls", json=given | {"body": "é" * 65_537})
    assert answer.status_code == 422 and too_long in errors(answer)
    open_pull(bot, body="é" * 65_536)
    answer = bot.patch(f"{REPO}/pulls/1", json={"body": "é" * 65_537})
    assert answer.status_code == 422 and too_long in errors(answer)


def test_list_filters_and_pages(sandbox: Sandbox, bot: httpx.Client, head: str) -> None:
    """Lists filter by state, head and base, newest first, and page by Link header."""
    for n in range(5):
        commit_files(sandbox, "acme/api", f"p/{n}", {f"p{n}": "p\n"})
        open_pull(bot, f"p/{n}")
    bot.patch(f"{REPO}/pulls/2", json={"state": "closed"})

    def numbers(**query: str) -> list[int]:
        return [pull["number"] for pull in bot.get(f"{REPO}/pulls", params=query).json()]

    assert numbers() == [5, 4, 3, 1]
    assert numbers(state="closed") == [2]
    assert numbers(state="all", direction="asc") == [1, 2, 3, 4, 5]
    assert numbers(head="acme:p/2") == [3]
    assert numbers(head="other:p/2") == []
    assert numbers(base="nope") == []
    first = bot.get(f"{REPO}/pulls", params={"state": "all", "per_page": 2})
    assert [pull["number"] for pull in first.json()] == [5, 4]
    assert set(first.links) == {"next", "last"}
    seen = []
    url: str | None = str(first.url)
    while url:
        page = bot.get(url)
        seen += [pull["number"] for pull in page.json()]
        url = page.links.get("next", {}).get("url")
    assert seen == [5, 4, 3, 2, 1]


def test_conflict_is_dirty_and_not_merged(sandbox: Sandbox, bot: httpx.Client, head: str) -> None:
    """Two sides of one line: not mergeable, `dirty`, and 405 on merge."""
    commit_files(sandbox, "acme/api", "y", {"a": "theirs\n"})
    commit_files(sandbox, "acme/api", "main", {"a": "ours\n"})
    open_pull(bot, "y")
    pull = bot.get(f"{REPO}/pulls/1").json()
    assert (pull["mergeable"], pull["mergeable_state"]) == (False, "dirty")
    merged = bot.put(f"{REPO}/pulls/1/merge", json={})
    assert (merged.status_code, merged.json()["message"]) == (405, "Pull Request is not mergeable")


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
def test_merge_methods(sandbox: Sandbox, developer: httpx.Client, head: str, method: str, parents: int) -> None:
    """Each method brings the change to the base in its own kind of commit, trailers kept."""
    base = commit_files(sandbox, "acme/api", "main", {"c": "c\n"})
    open_pull(developer)
    done = developer.put(f"{REPO}/pulls/1/merge", json={"merge_method": method, "sha": head}).json()
    commit = developer.get(f"{REPO}/commits/{done['sha']}").json()
    assert [parent["sha"] for parent in commit["parents"]] == [base, head][:parents]
    assert read_file(sandbox, "acme/api", "main", "b") == b"b\n"
    message = commit["commit"]["message"]
    expected = {"merge": "Merge pull request #1 from acme/x\n\nAdd b", "squash": "Add b (#1)\n\nTrailer: yes"}
    assert message == expected.get(method, "Add b\n\nTrailer: yes")
    pull = developer.get(f"{REPO}/pulls/1").json()
    assert (pull["state"], pull["merged"], pull["merge_commit_sha"]) == ("closed", True, done["sha"])
    assert [commit["sha"] for commit in developer.get(f"{REPO}/pulls/1/commits").json()] == [head]
    assert events(developer) == [("merged", "developer"), ("closed", "developer")]
    assert developer.get(f"{REPO}/pulls/1/merge").status_code == 204


def test_merge_refuses(sandbox: Sandbox, developer: httpx.Client, head: str) -> None:
    """A stale head is 409; a forbidden method, a closed and a draft pull request are 405."""
    open_pull(developer)
    stale = developer.put(f"{REPO}/pulls/1/merge", json={"sha": "7" * 40})
    assert stale.status_code == 409
    assert stale.json()["message"] == "Head branch was modified. Review and try the merge again."
    developer.patch(REPO, json={"allow_merge_commit": False})
    forbidden = developer.put(f"{REPO}/pulls/1/merge", json={})
    assert forbidden.status_code == 405
    assert forbidden.json()["message"] == "Merge commits are not allowed on this repository."
    assert developer.put(f"{REPO}/pulls/1/merge", json={"merge_method": "octopus"}).status_code == 422
    developer.patch(f"{REPO}/pulls/1", json={"state": "closed"})
    assert developer.put(f"{REPO}/pulls/1/merge", json={"merge_method": "squash"}).status_code == 405
    assert developer.get(f"{REPO}/pulls/1/merge").status_code == 404
    open_pull(developer, draft=True)
    assert developer.put(f"{REPO}/pulls/2/merge", json={"merge_method": "squash"}).status_code == 405


def test_head_follows_its_branch(sandbox: Sandbox, developer: httpx.Client, head: str) -> None:
    """A commit on the branch moves the head; a forced one is told as an event."""
    open_pull(developer)
    newer = commit_files(sandbox, "acme/api", "x", {"b": "more\n"})
    assert developer.get(f"{REPO}/pulls/1").json()["head"]["sha"] == newer
    assert events(developer) == []
    move_branch(sandbox, "acme/api", "x", head)
    assert developer.get(f"{REPO}/pulls/1").json()["head"]["sha"] == head
    assert events(developer) == [("head_ref_force_pushed", "developer")]


def test_deleting_the_branch_closes(sandbox: Sandbox, developer: httpx.Client, head: str) -> None:
    """Without its branch a pull request is closed, keeps its head, and opens again only once it is back."""
    open_pull(developer)
    assert developer.delete(f"{GIT}/refs/heads/x").status_code == 204
    pull = developer.get(f"{REPO}/pulls/1").json()
    assert (pull["state"], pull["merged"], pull["head"]["sha"]) == ("closed", False, head)
    assert events(developer) == [("head_ref_deleted", "developer"), ("closed", "developer")]
    refused = developer.patch(f"{REPO}/pulls/1", json={"state": "open"})
    assert "branch has been deleted" in errors(refused)
    developer.post(f"{GIT}/refs", json={"ref": "refs/heads/x", "sha": head})
    assert developer.patch(f"{REPO}/pulls/1", json={"state": "open"}).json()["state"] == "open"
    assert events(developer)[-1] == ("reopened", "developer")


def test_reopening_after_another_history_is_refused(sandbox: Sandbox, developer: httpx.Client, head: str) -> None:
    """A branch that was replaced while its pull request was closed does not come back."""
    open_pull(developer)
    developer.patch(f"{REPO}/pulls/1", json={"state": "closed"})
    move_branch(sandbox, "acme/api", "x", commit_files(sandbox, "acme/api", "main", {"z": "z\n"}))
    refused = developer.patch(f"{REPO}/pulls/1", json={"state": "open"})
    assert "force-pushed or recreated" in errors(refused)


def test_deleting_the_base_closes(sandbox: Sandbox, developer: httpx.Client, head: str) -> None:
    """A pull request onto a branch that is deleted is closed."""
    commit_files(sandbox, "acme/api", "release", {"r": "r\n"})
    open_pull(developer, base="release")
    developer.delete(f"{GIT}/refs/heads/release")
    assert developer.get(f"{REPO}/pulls/1").json()["state"] == "closed"


def test_base_that_reaches_the_head_merges(sandbox: Sandbox, developer: httpx.Client, head: str) -> None:
    """A head that arrives in the base by another way is merged by whoever brought it."""
    open_pull(developer)
    assert developer.patch(f"{GIT}/refs/heads/main", json={"sha": head}).status_code == 200
    pull = developer.get(f"{REPO}/pulls/1").json()
    assert (pull["merged"], pull["merged_by"]["login"]) == (True, "developer")


def test_branch_deleted_on_merge(sandbox: Sandbox, developer: httpx.Client, head: str) -> None:
    """Where the repository says so, a merge takes the branch with it, and the pull request stays merged."""
    developer.patch(REPO, json={"delete_branch_on_merge": True})
    open_pull(developer)
    merge_pull(sandbox, "acme/api", 1)
    assert developer.get(f"{REPO}/branches/x").status_code == 404
    assert developer.get(f"{REPO}/pulls/1").json()["merged"] is True
    assert sandbox.stats()["forced_updates"] == []


def test_merges_endpoint(sandbox: Sandbox, developer: httpx.Client, head: str) -> None:
    """One branch merges into another; nothing to do is 204, a conflict 409, a missing side 404."""
    made = developer.post(f"{REPO}/merges", json={"base": "main", "head": "x"})
    assert made.status_code == 201
    assert made.json()["commit"]["message"] == "Merge x into main"
    assert developer.post(f"{REPO}/merges", json={"base": "main", "head": "x"}).status_code == 204
    commit_files(sandbox, "acme/api", "y", {"a": "theirs\n"})
    commit_files(sandbox, "acme/api", "main", {"a": "ours\n"})
    assert developer.post(f"{REPO}/merges", json={"base": "main", "head": "y"}).status_code == 409
    assert developer.post(f"{REPO}/merges", json={"base": "nope", "head": "y"}).status_code == 404
    assert developer.post(f"{REPO}/merges", json={"base": "main", "head": "nope"}).status_code == 404

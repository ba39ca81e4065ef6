"""Branch protection, seen from outside: pushes and merges that GitHub declines, in GitHub's words."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from syncbot.sandbox.codeowners import owners_of
from syncbot.sandbox.globs import branch_pattern
from syncbot.sandbox.protection import protections
from syncbot.sandbox.roles import add_team, permission_of
from syncbot.sandbox.rulesets import add_ruleset, wants_signatures
from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import (
    commit_files,
    find,
    identity,
    make_repo,
    merge_pull,
    protect,
    queue_pull,
    rename_branch,
    review_pull,
    set_role,
)

from .conftest import Git

NAME = "acme/api"
REPO = f"repos/{NAME}"
ONE_REVIEW = "At least 1 approving review is required by reviewers with write access."


@pytest.fixture(autouse=True)
def head(sandbox: Sandbox) -> str:
    """acme/api with a branch of the bot that is ready to be proposed; answers main's commit."""
    files = {"a": "a\n", "Dockerfile": "FROM node:18\n", "CODEOWNERS": "* @acme/backend\nDockerfile @acme/platform\n"}
    commit = make_repo(sandbox, NAME, files)
    add_team(sandbox.forge, "acme", "platform", ["pat"])
    add_team(sandbox.forge, "acme", "backend", ["ben"])
    assert commit
    return commit


@pytest.fixture
def pull(sandbox: Sandbox, bot: httpx.Client) -> int:
    """A pull request that changes the Dockerfile, signed through the API."""
    commit_by_api(bot, "syncbot/sync-1", {"Dockerfile": "FROM node:22\n"})
    return bot.post(f"{REPO}/pulls", json={"title": "T", "head": "syncbot/sync-1", "base": "main"}).json()["number"]


def commit_by_api(client: httpx.Client, branch: str, files: dict[str, str], *, author: bool = False) -> str:
    """A commit on top of main, or of the branch where it is there; answers it."""
    found = client.get(f"{REPO}/git/ref/heads/{branch}")
    base = found if found.status_code == 200 else client.get(f"{REPO}/git/ref/heads/main")
    parent = base.json()["object"]["sha"]
    entries = [{"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in files.items()]
    tree = client.post(f"{REPO}/git/trees", json={"base_tree": parent, "tree": entries}).json()["sha"]
    by = {"author": {"name": "Somebody", "email": "somebody@example.com"}} if author else {}
    made = client.post(f"{REPO}/git/commits", json={"message": "M", "tree": tree, "parents": [parent], **by}).json()
    if found.status_code == 200:
        assert client.patch(f"{REPO}/git/refs/heads/{branch}", json={"sha": made["sha"]}).status_code == 200
    else:
        client.post(f"{REPO}/git/refs", json={"ref": f"refs/heads/{branch}", "sha": made["sha"]})
    return str(made["sha"])


def merge(client: httpx.Client, number: int, method: str = "merge") -> tuple[int, str]:
    answer = client.put(f"{REPO}/pulls/{number}/merge", json={"merge_method": method})
    return answer.status_code, answer.json()["message"]


# ---------------------------------------------------------------- pushes


def test_required_signatures_decline_unsigned_commits(sandbox: Sandbox, bot: httpx.Client, head: str) -> None:
    """A commit in the App's own name gets in, one that names an author does not, be it a new branch or an old one."""
    protect(sandbox, NAME, "syncbot/*", signatures=True)
    signed = commit_by_api(bot, "syncbot/one", {"a": "b\n"})
    assert bot.get(f"{REPO}/git/ref/heads/syncbot/one").json()["object"]["sha"] == signed
    unsigned = commit_by_api(bot, "syncbot/two", {"a": "c\n"}, author=True)
    assert bot.get(f"{REPO}/git/ref/heads/syncbot/two").status_code == 404
    refused = bot.post(f"{REPO}/git/refs", json={"ref": "refs/heads/syncbot/two", "sha": unsigned})
    assert (refused.status_code, refused.json()["message"]) == (422, "Commits must have verified signatures.")
    moved = bot.patch(f"{REPO}/git/refs/heads/syncbot/one", json={"sha": unsigned, "force": True})
    assert moved.json()["message"] == "Cannot force-push to this branch"


def test_required_reviews_decline_direct_pushes(
    sandbox: Sandbox, developer: httpx.Client, bot: httpx.Client, head: str
) -> None:
    """Neither by ref, nor by contents, nor by merging; and the branch cannot be deleted."""
    protect(sandbox, NAME, "main", reviews=1)
    protect(sandbox, NAME, "stable", linear=True)
    sha = commit_by_api(bot, "topic", {"a": "b\n"})
    answers = [
        developer.patch(f"{REPO}/git/refs/heads/main", json={"sha": sha}),
        developer.post(f"{REPO}/merges", json={"base": "main", "head": "topic"}),
        developer.put(f"{REPO}/contents/new", json={"message": "M", "content": ""}),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 409]
    assert all(answer.json()["message"].endswith(ONE_REVIEW) for answer in answers)
    assert developer.post(f"{REPO}/git/refs", json={"ref": "refs/heads/stable", "sha": sha}).status_code == 201
    commit_files(sandbox, NAME, "main", {"b": "b\n"})
    linear = developer.post(f"{REPO}/merges", json={"base": "stable", "head": "main"})
    assert linear.json()["message"] == "This branch must not contain merge commits."
    assert developer.delete(f"{REPO}/git/refs/heads/stable").json()["message"] == "Cannot delete this branch"


def test_pushes_over_git_are_declined_too(
    sandbox: Sandbox, bot: httpx.Client, git: Git, push_url: str, tmp_path: Path
) -> None:
    """Each rule has its sentence, a branch without a rule is free."""
    git("clone", "-q", push_url, "work")
    work = tmp_path / "work"

    def push(*words: str) -> str:
        return git("push", push_url, *words, cwd=work, check=False).stderr

    (work / "a").write_text("changed\n")
    git("commit", "-qam", "Change", cwd=work)
    protect(sandbox, NAME, "main", reviews=2)
    assert "At least 2 approving reviews are required" in push("HEAD:main")
    protect(sandbox, NAME, "main", signatures=True)
    assert "GH006: Protected branch update failed for refs/heads/main." in push("HEAD:main")
    assert "error: Commits must have verified signatures." in push("HEAD:main")
    protect(sandbox, NAME, "main", linear=True)
    git("checkout", "-qb", "side", "HEAD~1", cwd=work)
    git("commit", "-qm", "Side", "--allow-empty", cwd=work)
    git("merge", "-q", "--no-edit", "main", cwd=work)
    assert "This branch must not contain merge commits." in push("HEAD:main")
    assert "rejected" not in push("main:main")
    assert "Cannot force-push to this branch" in push("-f", "HEAD~1:main")
    assert "rejected" not in push("HEAD:free")
    protect(sandbox, NAME, "free")
    assert "Cannot delete this branch" in push(":free")


def test_a_ruleset_declines_unsigned_commits(
    sandbox: Sandbox, developer: httpx.Client, bot: httpx.Client, git: Git, push_url: str, tmp_path: Path
) -> None:
    """By ref, by contents, by git and by the merge button, where its patterns say so; what is there may stay."""
    named = {"ref_name": {"include": ["~ALL"], "exclude": ["refs/heads/free/**"]}}
    asked = {"name": "signed", "enforcement": "active", "conditions": named, "rules": [{"type": "required_signatures"}]}
    unsigned = commit_by_api(developer, "free/one", {"a": "b\n"})
    pull = developer.post(f"{REPO}/pulls", json={"title": "T", "head": "free/one", "base": "main"}).json()["number"]
    assert developer.post(f"{REPO}/rulesets", json=asked).status_code == 201
    for name, sha in (("syncbot/one", unsigned), ("free/two", unsigned)):
        made = developer.post(f"{REPO}/git/refs", json={"ref": f"refs/heads/{name}", "sha": sha})
        assert made.status_code == 201
    commit_by_api(bot, "syncbot/two", {"a": "signed\n"})
    lost = commit_by_api(developer, "syncbot/three", {"a": "c\n"})
    refused = developer.post(f"{REPO}/git/refs", json={"ref": "refs/heads/syncbot/three", "sha": lost})
    sentence = "Commits must have verified signatures."
    assert (refused.status_code, refused.json()["message"]) == (
        422,
        f"Repository rule violations found\n\n{sentence}\n\n",
    )
    written = developer.put(f"{REPO}/contents/new", json={"message": "M", "content": ""})
    assert (written.status_code, sentence in written.json()["message"]) == (409, True)
    assert merge(developer, pull) == (405, sentence)
    git("clone", "-q", push_url, "work")
    git("commit", "-qm", "Empty", "--allow-empty", cwd=tmp_path / "work")
    declined = git("push", push_url, "HEAD:main", cwd=tmp_path / "work", check=False).stderr
    assert "GH013: Repository rule violations found for refs/heads/main." in declined
    assert f"- {sentence}" in declined
    assert "rejected" not in git("push", push_url, "HEAD:free/three", cwd=tmp_path / "work", check=False).stderr
    assert developer.delete(f"{REPO}/git/refs/heads/syncbot/one").status_code == 204


@pytest.mark.parametrize(
    ("enforcement", "include", "covered"),
    [
        ("active", "~ALL", {"main", "syncbot/sync-1", "release/a/b"}),
        ("active", "~DEFAULT_BRANCH", {"main"}),
        ("active", "refs/heads/*", {"main"}),
        ("active", "refs/heads/release/**", {"release/a/b"}),
        ("evaluate", "~ALL", set()),
        ("disabled", "~ALL", set()),
    ],
)
def test_which_branches_a_ruleset_covers(sandbox: Sandbox, enforcement: str, include: str, covered: set[str]) -> None:
    """Full ref names with globs, two words of GitHub's own, and only while it is active."""
    repo, forge = find(sandbox, NAME), sandbox.forge
    add_ruleset(forge, repo, "signed", include=[include], enforcement=enforcement)
    branches = ("main", "syncbot/sync-1", "release/a/b")
    assert {branch for branch in branches if wants_signatures(forge, repo, branch)} == covered


# ---------------------------------------------------------------- merges


def test_reviews_are_required_to_merge(sandbox: Sandbox, bot: httpx.Client, developer: httpx.Client, pull: int) -> None:
    """By somebody who may write, and as many as asked for; one request for changes blocks."""
    protect(sandbox, NAME, reviews=1)
    set_role(sandbox, NAME, "guest", "read")
    assert bot.get(f"{REPO}/pulls/{pull}").json()["mergeable_state"] == "blocked"
    assert merge(developer, pull) == (405, ONE_REVIEW)
    review_pull(sandbox, NAME, pull, "guest")
    assert merge(developer, pull) == (405, ONE_REVIEW)
    review_pull(sandbox, NAME, pull, "ben", "REQUEST_CHANGES")
    review_pull(sandbox, NAME, pull, "pat")
    assert merge(developer, pull) == (405, "Changes have been requested.")
    review_pull(sandbox, NAME, pull, "ben")
    assert merge(developer, pull)[0] == 200


def test_code_owners_have_to_agree(sandbox: Sandbox, developer: httpx.Client, pull: int) -> None:
    """The owners at the base branch of what is changed; the last pattern wins, and an App's word counts for nothing."""
    protect(sandbox, NAME, code_owners=True)
    assert merge(developer, pull) == (405, "Waiting on code owner review from acme/platform.")
    review_pull(sandbox, NAME, pull, "ben")
    assert merge(developer, pull)[0] == 405
    review_pull(sandbox, NAME, pull, "pat")
    assert merge(developer, pull)[0] == 200


def test_a_push_dismisses_approvals(sandbox: Sandbox, bot: httpx.Client, pull: int) -> None:
    """Where the rule says so, and approvals alone."""
    protect(sandbox, NAME, reviews=1, dismiss_stale=True)
    review_pull(sandbox, NAME, pull, "pat")
    review_pull(sandbox, NAME, pull, "ben", "COMMENT")
    queue_pull(sandbox, NAME, pull)
    commit_by_api(bot, "syncbot/sync-1", {"Dockerfile": "FROM node:24\n"})
    assert [one["state"] for one in bot.get(f"{REPO}/pulls/{pull}/reviews").json()] == ["DISMISSED", "COMMENTED"]
    events = [one["event"] for one in bot.get(f"{REPO}/issues/{pull}/events").json()]
    assert events == ["removed_from_merge_queue", "review_dismissed"]


def test_signatures_history_and_checks_to_merge(
    sandbox: Sandbox, bot: httpx.Client, developer: httpx.Client, pull: int
) -> None:
    """Unsigned commits can be squashed only; linear history forbids the merge commit; checks have to be green."""
    protect(sandbox, NAME, linear=True, signatures=True, contexts=("ci", "lint"))
    assert merge(developer, pull) == (405, "This branch must not contain merge commits.")
    assert merge(developer, pull, "rebase") == (405, 'Required status check "ci" is expected.')
    sha = commit_files(sandbox, NAME, "syncbot/sync-1", {"b": "b\n"})
    assert merge(developer, pull, "rebase") == (405, "Commits must have verified signatures.")
    for state, word in (("pending", "pending"), ("failure", "failing"), ("success", None)):
        developer.post(f"{REPO}/statuses/{sha}", json={"state": state, "context": "ci"})
        if word:
            assert merge(developer, pull, "squash") == (405, f'Required status check "ci" is {word}.')
    run = {"name": "lint", "head_sha": sha, "status": "in_progress"}
    made = bot.post(f"{REPO}/check-runs", json=run).json()["id"]
    assert merge(developer, pull, "squash") == (405, 'Required status check "lint" is pending.')
    bot.patch(f"{REPO}/check-runs/{made}", json={"conclusion": "success"})
    assert merge(developer, pull, "squash")[0] == 200


def test_the_merge_button_passes_a_protected_branch(sandbox: Sandbox, pull: int) -> None:
    """Once everything is met, the base branch moves in spite of its rule for pushes."""
    protect(sandbox, NAME, reviews=1, signatures=True)
    review_pull(sandbox, NAME, pull, "pat")
    commit = merge_pull(sandbox, NAME, pull)
    assert sandbox.forge.git(find(sandbox, NAME)).branch("main") == commit


# ---------------------------------------------------------------- renaming, roles, patterns


def test_renaming_the_default_branch(sandbox: Sandbox, bot: httpx.Client, pull: int) -> None:
    """Pull requests into it follow, its rule too, and nothing is closed."""
    protect(sandbox, NAME, reviews=1)
    rename_branch(sandbox, NAME, "main", "trunk")
    shown = bot.get(f"{REPO}/pulls/{pull}").json()
    assert (shown["state"], shown["base"]["ref"]) == ("open", "trunk")
    assert bot.get(REPO).json()["default_branch"] == "trunk"
    assert [rule.pattern for rule in protections(sandbox.forge, find(sandbox, NAME))] == ["trunk"]
    assert bot.get(f"{REPO}/branches/main").status_code == 404


def test_renaming_a_head_closes_its_pull_request(sandbox: Sandbox, bot: httpx.Client, pull: int) -> None:
    """As deleting it would."""
    rename_branch(sandbox, NAME, "syncbot/sync-1", "mine")
    assert bot.get(f"{REPO}/pulls/{pull}").json()["state"] == "closed"


def test_who_may_write(sandbox: Sandbox, developer: httpx.Client) -> None:
    """A role given, else a team's, else the best of the tokens, else what anybody may."""
    repo, forge = find(sandbox, NAME), sandbox.forge
    set_role(sandbox, NAME, "ben", "none")
    forge.issue_token("dora", permissions={"contents": "write"})
    forge.issue_token("rita", permissions={"contents": "read"}, repositories=("acme/other",))
    forge.user("zoe")
    known = {login: permission_of(forge, repo, login) for login in ("developer", "pat", "ben", "dora", "rita", "zoe")}
    assert list(known.values()) == ["admin", "write", "none", "write", "read", "read"]
    answer = developer.get(f"{REPO}/collaborators/pat/permission").json()
    assert (answer["permission"], answer["user"]["permissions"]["push"]) == ("write", True)
    elsewhere = httpx.Client(headers={"Authorization": f"token {forge.token_of('rita')}"}, base_url=sandbox.api_url)
    with elsewhere:
        assert elsewhere.get(f"{REPO}/collaborators/pat/permission").status_code == 403
    private = forge.edit_repo(repo, private=1)
    assert permission_of(forge, private, "zoe") == "none"
    assert identity("zoe").login == "zoe"


@pytest.mark.parametrize(
    ("pattern", "branch", "matches"),
    [
        ("main", "main", True),
        ("main", "main2", False),
        ("syncbot/*", "syncbot/sync-1", True),
        ("syncbot/*", "syncbot/a/b", False),
        ("*", "syncbot/a", False),
        ("**/*", "syncbot/a/b", True),
        ("**", "a/b", True),
        ("release-?", "release-1", True),
    ],
)
def test_branch_patterns(pattern: str, branch: str, matches: bool) -> None:
    """A star stops at a slash."""
    assert bool(branch_pattern(pattern).fullmatch(branch)) is matches


def test_the_last_owner_pattern_wins() -> None:
    """Even where it names nobody."""
    rules = (("*", ("@a",)), ("/docs/", ("@b",)), ("/docs/free.md", ()))
    assert [owners_of(rules, path) for path in ("x", "docs/x", "docs/free.md")] == [("@a",), ("@b",), ()]
    assert owners_of((), "x") == ()


def test_web_flow_as_committer(sandbox: Sandbox, bot: httpx.Client) -> None:
    """Whether GitHub stands as the committer of an App's verified commits can be switched; named ones stay."""
    made = bot.get(f"{REPO}/commits/{commit_by_api(bot, 'one', {'a': '1'})}").json()
    assert (made["committer"]["login"], made["commit"]["verification"]["verified"]) == ("acme-syncbot[bot]", True)
    sandbox.forge.web_flow = True
    made = bot.get(f"{REPO}/commits/{commit_by_api(bot, 'two', {'a': '2'})}").json()
    assert (made["author"]["login"], made["committer"]["login"]) == ("acme-syncbot[bot]", "web-flow")
    assert made["commit"]["verification"]["verified"]
    made = bot.get(f"{REPO}/commits/{commit_by_api(bot, 'three', {'a': '3'}, author=True)}").json()
    assert made["commit"]["committer"]["name"] == "Somebody"

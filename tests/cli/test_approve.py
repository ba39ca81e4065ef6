"""`syncbot approve`: the rendering and nothing else is approved, by the platform team, at the head examined."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from github import GithubException

from syncbot.cli.sandbox import bot_token
from syncbot.errors import FailureCode, ForgeError
from syncbot.github import reviews
from syncbot.github.connection import Connection, Json, Proof, UncertainError
from syncbot.sandbox.roles import add_team
from tests.cli.harness import LOCK, SMALL, Platform, Result
from tests.sandbox_support import comment_pull, commit_files, make_repo, protect, set_role

REPO = "acme/orders"
BRANCH = "syncbot/adopt-1"
REVIEWER = "rule-of-platform"
PAGE = (Path(__file__).parents[2] / "docs" / "approve.md").read_text(encoding="utf-8")


def token(platform: Platform) -> str:
    """A machine user of the platform team."""
    forge = platform.sandbox.forge
    with forge.store.transaction():
        add_team(forge, "acme", "platform", [REVIEWER])
    return forge.token_of(REVIEWER) or forge.issue_token(REVIEWER)


def approve(platform: Platform, *arguments: str) -> Result:
    return platform.run("approve", "--format", "json", *arguments, GITHUB_TOKEN=token(platform))


def verdicts(result: Result) -> list[tuple[str, str]]:
    return [(pull["verdict"], pull["reason_code"]) for pull in result.json["pull_requests"]]


def open_pull_request(platform: Platform, files: dict[str, str] | None = None, **answers: str) -> None:
    platform.fleet("orders", answers=SMALL | answers)
    make_repo(platform.sandbox, REPO, files or {"README.md": "hello\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]


def test_what_holds_the_rendering_is_approved_once(platform: Platform) -> None:
    """The review is by the reviewer, at the head that was examined; a second run finds it and writes nothing."""
    open_pull_request(platform)
    result = approve(platform)
    assert (result.exit_code, result.stderr, result.json["identity"]) == (0, "", REVIEWER)
    assert verdicts(result) == [("approved", "")]
    pull = platform.pull(REPO)
    (review,) = pull.get_reviews()
    assert (review.user.login, review.state, review.commit_id) == (REVIEWER, "APPROVED", pull.head.sha)
    assert verdicts(approve(platform)) == [("not-approved", "already-approved")]
    assert pull.get_reviews().totalCount == 1


def test_a_code_owners_review_lets_it_merge(platform: Platform) -> None:
    """Where code owners must review, the approval is what was missing; a push by a person takes it away again."""
    open_pull_request(platform, {"CODEOWNERS": "* @acme/platform\n"})
    protect(platform.sandbox, REPO, reviews=1, code_owners=True, dismiss_stale=True)
    set_role(platform.sandbox, REPO, "developer", "write")
    with pytest.raises(GithubException):
        platform.pull(REPO).merge()
    assert verdicts(approve(platform)) == [("approved", "")]
    clone = platform.clone(REPO, BRANCH)
    (clone / "server.js").write_text("listen();\n")
    platform.push(clone)
    with pytest.raises(GithubException):
        platform.pull(REPO).merge()
    assert verdicts(approve(platform)) == [("not-approved", "other-files")]


@pytest.mark.parametrize(
    ("files", "code", "named"),
    [
        ({"server.js": "listen();\n"}, "other-files", "server.js"),
        ({"Dockerfile": "FROM scratch\n"}, "differs", "Dockerfile"),
        ({"Dockerfile": None}, "differs", "Dockerfile"),
        ({LOCK: "version = 1\n"}, "lock-differs", LOCK),
        ({".github/CODEOWNERS": "* @acme/intruders\n"}, "differs", ".github/CODEOWNERS"),
    ],
)
def test_what_people_changed_is_left_to_people(
    platform: Platform, files: dict[str, str | None], code: str, named: str
) -> None:
    """A file beside the owned ones, an owned one, the record: each is named with its reason, and nothing is written."""
    open_pull_request(platform)
    commit_files(platform.sandbox, REPO, BRANCH, files)
    result = approve(platform)
    assert (result.exit_code, verdicts(result)) == (0, [("not-approved", code)])
    assert named in result.json["pull_requests"][0]["reason"]
    assert platform.pull(REPO).get_reviews().totalCount == 0


def test_an_executable_dockerfile_differs(platform: Platform) -> None:
    """The same content with another mode is not what the template renders."""
    open_pull_request(platform)
    content = str(platform.read(REPO, "Dockerfile", BRANCH))
    commit_files(platform.sandbox, REPO, BRANCH, {"Dockerfile": (content, "100755")})
    assert verdicts(approve(platform)) == [("not-approved", "differs")]


def test_of_a_block_only_the_block_may_change(platform: Platform) -> None:
    """The team's own lines in CODEOWNERS may move on main; changed on the branch, they are for people to review."""
    path, theirs = ".github/CODEOWNERS", "* @acme/orders\n/a/ @acme/a\n/b/ @acme/b\n/c/ @acme/c\n"
    open_pull_request(platform, {path: theirs})
    commit_files(platform.sandbox, REPO, "main", {path: f"* @acme/all\n{theirs}"})
    assert verdicts(approve(platform)) == [("approved", "")]
    content = str(platform.read(REPO, path, BRANCH))
    commit_files(platform.sandbox, REPO, BRANCH, {path: content.replace("/a/ @acme/a", "/a/ @acme/intruders")})
    assert verdicts(approve(platform)) == [("not-approved", "differs")]


def test_what_is_not_current_is_not_approved(platform: Platform) -> None:
    """The config moved on, or a person said hold: the plan's own reason is given."""
    open_pull_request(platform)
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    result = approve(platform)
    assert verdicts(result) == [("not-approved", "not-current")]
    assert result.json["pull_requests"][0]["reason"].startswith("desired-changed: ")
    platform.apply()
    set_role(platform.sandbox, REPO, "developer", "write")
    comment_pull(platform.sandbox, REPO, 1, "/syncbot hold")
    assert approve(platform).json["pull_requests"][0]["reason"] == "held: @developer asked to hold it"


def test_a_pull_request_that_moves_meanwhile(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A push between the examination and the review: nothing is approved."""
    open_pull_request(platform)
    look = reviews.examine

    def pushed_meanwhile(*arguments: object) -> object:
        seen = look(*arguments)  # type: ignore[arg-type]
        commit_files(platform.sandbox, REPO, BRANCH, {"server.js": "listen();\n"})
        return seen

    monkeypatch.setattr("syncbot.cli.approve.examine", pushed_meanwhile)
    assert verdicts(approve(platform)) == [("not-approved", "moved")]


@pytest.mark.parametrize("done", [True, False])
def test_an_answer_that_is_lost(platform: Platform, monkeypatch: pytest.MonkeyPatch, done: bool) -> None:
    """Nobody knows whether the review was written: it is read again, and not sent twice."""
    open_pull_request(platform)
    write = Connection.write

    def lost(connection: Connection, method: str, path: str, body: Json, proof: Proof) -> Json:
        if done:
            write(connection, method, path, body, proof)
        raise UncertainError(FailureCode.LOST, "the connection was lost")

    monkeypatch.setattr(Connection, "write", lost)
    result = approve(platform)
    assert (result.exit_code, verdicts(result)) == ((0, [("approved", "")]) if done else (1, [("failed", "lost")]))


def test_the_bot_cannot_approve_itself(platform: Platform) -> None:
    """Its own identity, or an App, is refused before anything is examined."""
    open_pull_request(platform)
    result = platform.run("approve", GITHUB_TOKEN=bot_token(platform.sandbox.forge))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "acme-syncbot[bot] is one of the bot's identities; GitHub lets nobody approve their own" in result.stderr


def test_what_was_done_before_github_failed_is_told(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub gives out half-way: the reviews written so far are named, then the error, with exit code 1."""
    make_repo(platform.sandbox, "acme/billing", {"README.md": "hello\n"})
    platform.fleet("billing", "orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    look = reviews.examine

    def down(connection: Connection, repo: str, *others: object) -> object:
        if repo == REPO:
            raise ForgeError("GitHub is down")
        return look(connection, repo, *others)  # type: ignore[arg-type]

    monkeypatch.setattr("syncbot.cli.approve.examine", down)
    result = approve(platform)
    assert (result.exit_code, verdicts(result)) == (1, [("approved", "")])
    assert result.stderr == "error: GitHub is down\n"


def test_the_text_names_each(platform: Platform) -> None:
    """One line a pull request, repos that failed, and the counts."""
    open_pull_request(platform)
    platform.fleet("orders", "gone")
    result = platform.run("approve", GITHUB_TOKEN=token(platform))
    assert result.exit_code == 1
    assert re.search(r"^approved +acme/orders#1 adopt  http", result.stdout, re.MULTILINE)
    assert "acme/gone  not-found" in result.stdout
    assert f"1 open pull request: 1 approved by {REVIEWER}, 0 not" in result.stdout


def test_the_json_is_documented(platform: Platform) -> None:
    """Each member, verdict and reason code is in docs/approve.md."""
    open_pull_request(platform)
    platform.fleet("orders", "gone")
    document = json.loads(approve(platform).stdout)
    names = set(document) | set(document["pull_requests"][0]) | set(document["errors"][0])
    assert [name for name in names if not any(f"{mark}" in PAGE for mark in (f"`{name}", f".{name}`"))] == []


def test_a_claim_that_comes_along_is_approved(platform: Platform) -> None:
    """CODEOWNERS comes to name the file that the pull request takes over: that is the rendering as well."""
    exemption = {"path": "Dockerfile", "until": "2027-06-30", "owner": "@acme/services", "reason": "ours for now"}
    platform.fleet({"name": "orders", "exemptions": [exemption]}, answers=SMALL)
    make_repo(platform.sandbox, REPO, {"Dockerfile": "FROM alpine:3.20\n"})
    platform.adopted(REPO)
    platform.fleet("orders", answers=SMALL)
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert "/Dockerfile" in (platform.read(REPO, ".github/CODEOWNERS", "syncbot/takeover-1") or "")
    assert verdicts(approve(platform)) == [("approved", "")]

"""`syncbot doctor`: who asks, what it may do, what is missing, what the limits have left."""

from __future__ import annotations

from typing import Any

import pytest

from syncbot.app.diagnosis import Abilities, diagnose
from syncbot.formats.diagnostics import Severity
from syncbot.github.token_info import Access, RepoAccess, Who
from tests.cli.harness import Platform, Result
from tests.sandbox_support import find, make_repo

BOT = "acme-syncbot[bot]"
FULL = {"contents": "write", "pull_requests": "write", "workflows": "write", "checks": "read", "statuses": "read"}
WRITABLE = RepoAccess(name="acme/a", found=True, private=True, permission="WRITE")


def app(**permissions: str | None) -> Who:
    """The App with everything, but for what is named."""
    granted = {area: level for area, level in (FULL | permissions).items() if level}
    return Who(login=BOT, kind="app", app="acme-syncbot", selection="selected", permissions=granted)


def classic(*scopes: str) -> Who:
    return Who(login=BOT, kind="classic token", scopes=scopes)


def judged(who: Who, repo: RepoAccess = WRITABLE, *, workflows: bool = True, listed_as: str = "acme/a") -> Any:
    return diagnose(Access(who=who, repos=(repo,)), [listed_as], [BOT], workflows=workflows)


def may(able: Abilities) -> tuple[str, str, str, str]:
    return able.read, able.push, able.pull_requests, able.workflows


# ---------------------------------------------------------------- the judgement


@pytest.mark.parametrize(
    ("who", "repo", "expected"),
    [
        (app(), WRITABLE, ("yes", "yes", "yes", "yes")),
        (app(workflows=None), WRITABLE, ("yes", "yes", "yes", "no")),
        (app(contents="read"), WRITABLE, ("yes", "no", "yes", "yes")),
        (app(pull_requests=None), WRITABLE, ("yes", "yes", "no", "yes")),
        (classic("repo", "workflow"), WRITABLE, ("yes", "yes", "yes", "yes")),
        (classic("repo"), WRITABLE, ("yes", "yes", "yes", "no")),
        (classic("public_repo"), WRITABLE, ("yes", "no", "no", "no")),
        (classic("public_repo"), RepoAccess(name="a/a", found=True, permission="ADMIN"), ("yes", "yes", "yes", "no")),
        (classic("repo"), RepoAccess(name="acme/a", found=True, permission="READ"), ("yes", "no", "no", "no")),
        (Who(login=BOT, kind="fine-grained token"), WRITABLE, ("yes", "unknown", "unknown", "unknown")),
        (Who(login=BOT, kind="installation token"), WRITABLE, ("yes", "yes", "unknown", "unknown")),
        (app(), RepoAccess(name="acme/a"), ("no", "no", "no", "no")),
        (app(), RepoAccess(name="acme/a", found=True, archived=True), ("yes", "no", "no", "no")),
    ],
)
def test_what_it_may_do(who: Who, repo: RepoAccess, expected: tuple[str, str, str, str]) -> None:
    """An App by its permissions, a classic token by scope and role, others by role as far as that goes."""
    assert may(judged(who, repo).abilities[0]) == expected


@pytest.mark.parametrize(
    ("who", "repo", "subject", "needed"),
    [
        (app(contents="read"), WRITABLE, "App permission contents: write", True),
        (app(pull_requests=None), WRITABLE, "App permission pull_requests: write", True),
        (app(workflows=None), WRITABLE, "App permission workflows: write", True),
        (app(checks=None), WRITABLE, "App permission checks: read", False),
        (classic("workflow"), WRITABLE, "token scope repo", True),
        (classic("repo"), WRITABLE, "token scope workflow", True),
        (classic("repo", "workflow"), RepoAccess(name="acme/a", found=True, permission="READ"), "acme/a", True),
        (app(), RepoAccess(name="acme/a"), "acme/a", True),
        (app(), RepoAccess(name="acme/a", found=True, archived=True), "acme/a", True),
        (app(), RepoAccess(name="acme/a", found=True, disabled=True), "acme/a", True),
        (app(), RepoAccess(name="acme/a", found=True, empty=True), "acme/a", False),
        (app(), RepoAccess(name="acme/b", found=True), "acme/a", False),
        (
            Who(login="else[bot]", kind="installation token"),
            WRITABLE,
            "identities in the config",
            True,
        ),
    ],
)
def test_what_is_missing(who: Who, repo: RepoAccess, subject: str, needed: bool) -> None:
    """One finding, which names the thing, and counts as missing only if something cannot be done without it."""
    (finding,) = judged(who, repo).findings
    assert (finding.subject, finding.severity) == (subject, Severity.ERROR if needed else Severity.NOTE)
    assert judged(who, repo).healthy is not needed


def test_workflows_are_wanted_only_where_they_are_owned() -> None:
    """A fleet without owned workflow files is whole without the permission."""
    assert judged(app(workflows=None), workflows=False).findings == ()
    assert judged(classic("repo"), workflows=False).findings == ()


def test_a_workflows_own_token() -> None:
    """It is said that its pull requests start no workflows."""
    who = Who(login="github-actions[bot]", kind="installation token")
    diagnosis = diagnose(Access(who=who, repos=(WRITABLE,)), ["acme/a"], ["github-actions[bot]"], workflows=False)
    (finding,) = diagnosis.findings
    assert "start no workflows" in finding.message
    assert diagnosis.healthy


# ---------------------------------------------------------------- the command


def doctor(platform: Platform, *arguments: str, **environment: str | None) -> Result:
    return platform.run("doctor", "--format", "json", *arguments, **environment)


def test_a_healthy_fleet(platform: Platform) -> None:
    """Exit code 0, the identity, a line a repo and the limits; nothing is written."""
    platform.fleet("orders", "payments")
    for name in ("orders", "payments"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    result = doctor(platform)
    assert result.exit_code == 0, result
    assert result.json["identity"]["login"] == BOT
    assert [repo["push"] for repo in result.json["repos"]] == ["yes", "yes"]
    assert [limit["name"] for limit in result.json["limits"]] == ["REST", "GraphQL"]
    assert result.json["findings"] == []
    assert platform.sandbox.forge.counters.requests == {"graphql": 1, "rest": 1, "git": 0}
    text = platform.run("doctor", "orders")
    assert text.exit_code == 0
    assert BOT in text.stdout
    assert "acme/orders" in text.stdout
    assert "payments" not in text.stdout
    assert "5,000 left" in text.stdout
    assert "Everything needed is there." in text.stdout


def test_repos_that_cannot_be_done(platform: Platform) -> None:
    """Missing, archived, renamed and empty: each is said, and the exit code is 1 for those that need a person."""
    platform.fleet("missing", "archived", "old-name", "empty", "fine")
    for name in ("archived", "old-name", "fine"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    make_repo(platform.sandbox, "acme/empty")
    forge = platform.sandbox.forge
    with forge.store.transaction():
        forge.edit_repo(find(platform.sandbox, "acme/archived"), archived=1)
        forge.rename_repo(find(platform.sandbox, "acme/old-name"), "new-name")
    result = doctor(platform)
    assert result.exit_code == 1
    found = {finding["subject"]: finding["needed"] for finding in result.json["findings"]}
    assert found == {"acme/missing": True, "acme/archived": True, "acme/old-name": False, "acme/empty": False}
    assert result.repo("acme/old-name")["repo"] == "acme/new-name"
    text = platform.run("doctor")
    assert text.exit_code == 1
    assert "Something needed is missing." in text.stdout
    assert "archived" in text.stdout
    assert doctor(platform, "fine").exit_code == 0


def test_an_identity_that_the_config_does_not_know(platform: Platform) -> None:
    """Its own pull requests would look like a stranger's: exit code 1."""
    platform.fleet("orders", identities=["other[bot]"])
    make_repo(platform.sandbox, "acme/orders", {"README.md": "hello\n"})
    result = doctor(platform)
    assert result.exit_code == 1
    assert [finding["subject"] for finding in result.json["findings"]] == ["identities in the config"]


def test_a_token_that_may_only_read(platform: Platform) -> None:
    """Its role in the repo says so."""
    platform.fleet("orders")
    make_repo(platform.sandbox, "acme/orders", {"README.md": "hello\n"})
    token = platform.sandbox.forge.issue_token(BOT, type="Bot", permissions={"contents": "read", "metadata": "read"})
    result = doctor(platform, GITHUB_TOKEN=token)
    assert result.exit_code == 1
    assert result.repo("acme/orders")["push"] == "no"


def test_a_wrong_token(platform: Platform) -> None:
    """One line, without the token."""
    platform.fleet("orders")
    result = doctor(platform, GITHUB_TOKEN="ghp_wrong0123456789")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "Bad credentials" in result.stderr
    assert "wrong0123456789" not in result.stderr

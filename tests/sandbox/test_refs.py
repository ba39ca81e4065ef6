"""Refs move as GitHub moves them, and every forced update is on record."""

from __future__ import annotations

import httpx
import pytest

from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import commit_files, make_repo

GIT = "repos/acme/api/git"


@pytest.fixture
def head(sandbox: Sandbox) -> str:
    """The head of `acme/api`."""
    oid = make_repo(sandbox, "acme/api", {"a": "a\n"})
    assert oid
    return oid


def refs(client: httpx.Client, prefix: str) -> list[str]:
    return [ref["ref"] for ref in client.get(f"{GIT}/matching-refs/{prefix}").json()]


def test_create_read_move_delete(sandbox: Sandbox, bot: httpx.Client, head: str) -> None:
    """A branch's whole life, without a forced update."""
    made = bot.post(f"{GIT}/refs", json={"ref": "refs/heads/syncbot/sync-1", "sha": head})
    assert made.status_code == 201
    assert made.json()["object"] == {"type": "commit", "sha": head, "url": f"{sandbox.api_url}/{GIT}/commits/{head}"}
    newer = commit_files(sandbox, "acme/api", "main", {"b": "b\n"})
    moved = bot.patch(f"{GIT}/refs/heads/syncbot/sync-1", json={"sha": newer, "force": False})
    assert moved.json()["object"]["sha"] == newer
    assert bot.get(f"{GIT}/ref/heads/syncbot/sync-1").json()["object"]["sha"] == newer
    assert refs(bot, "heads/syncbot") == ["refs/heads/syncbot/sync-1"]
    assert bot.delete(f"{GIT}/refs/heads/syncbot/sync-1").status_code == 204
    assert bot.get(f"{GIT}/ref/heads/syncbot/sync-1").status_code == 404
    assert sandbox.stats()["forced_updates"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"ref": "refs/heads/main", "sha": "HEAD"}, "Reference already exists"),
        ({"ref": "refs/heads/x", "sha": "6" * 40}, "Object does not exist"),
        ({"ref": "refs/heads/x..y", "sha": "HEAD"}, "refs/heads/x..y is not a valid ref name."),
        ({"ref": "heads/x", "sha": "HEAD"}, "must start with 'refs/'"),
        ({"ref": "refs/heads/main/below", "sha": "HEAD"}, "Reference update failed"),
        ({"ref": "refs/heads/x"}, '"sha" wasn\'t supplied'),
    ],
)
def test_create_refuses(bot: httpx.Client, head: str, body: dict[str, str], message: str) -> None:
    """A ref that exists, points nowhere, is badly named or would lie below another is answered with 422."""
    if body.get("sha") == "HEAD":
        body = {**body, "sha": head}
    answer = bot.post(f"{GIT}/refs", json=body)
    assert answer.status_code == 422
    assert message in answer.json()["message"]


def test_a_branch_blocks_those_below_its_name(bot: httpx.Client, head: str) -> None:
    """`syncbot` as a branch keeps `syncbot/sync-1` from being made, and the other way round."""
    assert bot.post(f"{GIT}/refs", json={"ref": "refs/heads/syncbot", "sha": head}).status_code == 201
    assert bot.post(f"{GIT}/refs", json={"ref": "refs/heads/syncbot/sync-1", "sha": head}).status_code == 422
    assert bot.post(f"{GIT}/refs", json={"ref": "refs/heads/other/x", "sha": head}).status_code == 201
    assert bot.post(f"{GIT}/refs", json={"ref": "refs/heads/other", "sha": head}).status_code == 422
    assert refs(bot, "heads/") == ["refs/heads/main", "refs/heads/other/x", "refs/heads/syncbot"]


def test_only_force_moves_backwards_and_is_recorded(sandbox: Sandbox, bot: httpx.Client, head: str) -> None:
    """A move that is no fast forward is refused, and with `force` goes on record with who did it."""
    newer = commit_files(sandbox, "acme/api", "x", {"b": "b\n"})
    refused = bot.patch(f"{GIT}/refs/heads/x", json={"sha": head})
    assert (refused.status_code, refused.json()["message"]) == (422, "Update is not a fast forward")
    assert sandbox.stats()["forced_updates"] == []
    assert bot.patch(f"{GIT}/refs/heads/x", json={"sha": head, "force": True}).status_code == 200
    [forced] = sandbox.stats()["forced_updates"]  # type: ignore[misc]
    assert forced["repo"] == "acme/api"
    assert (forced["ref"], forced["before"], forced["after"]) == ("refs/heads/x", newer, head)
    assert forced["actor"] == "acme-syncbot[bot]"


def test_missing_refs(bot: httpx.Client, head: str) -> None:
    """Moving or deleting what is not there is 422, reading it 404."""
    assert bot.patch(f"{GIT}/refs/heads/x", json={"sha": head}).json()["message"] == "Reference does not exist"
    assert bot.delete(f"{GIT}/refs/heads/x").status_code == 422
    assert bot.get(f"{GIT}/ref/heads/x").status_code == 404
    assert bot.get("repos/acme/api/branches/x").status_code == 404


def test_the_default_branch_stays(bot: httpx.Client, head: str) -> None:
    """The default branch is not deleted."""
    assert bot.delete(f"{GIT}/refs/heads/main").status_code == 422
    assert bot.get("repos/acme/api/branches/main").json()["commit"]["sha"] == head


def test_pull_request_refs_are_read_only(sandbox: Sandbox, bot: httpx.Client, head: str) -> None:
    """`refs/pull/<n>/head` is GitHub's own."""
    newer = commit_files(sandbox, "acme/api", "x", {"b": "b\n"})
    bot.post("repos/acme/api/pulls", json={"title": "T", "head": "x", "base": "main"})
    assert bot.get(f"{GIT}/ref/pull/1/head").json()["object"]["sha"] == newer
    assert bot.patch(f"{GIT}/refs/pull/1/head", json={"sha": head, "force": True}).status_code == 422
    assert bot.delete(f"{GIT}/refs/pull/1/head").status_code == 422
    assert bot.post(f"{GIT}/refs", json={"ref": "refs/pull/2/head", "sha": head}).status_code == 422

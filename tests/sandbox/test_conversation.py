"""Labels, comments, reviews, statuses and check runs."""

from __future__ import annotations

import httpx
import pytest

from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import commit_files, make_repo

REPO = "repos/acme/api"


@pytest.fixture
def head(sandbox: Sandbox, bot: httpx.Client) -> str:
    """The head of the bot's open pull request 1 in `acme/api`."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    oid = commit_files(sandbox, "acme/api", "x", {"b": "b\n"})
    bot.post(f"{REPO}/pulls", json={"title": "T", "head": "x", "base": "main"})
    return oid


def names(answer: httpx.Response) -> list[str]:
    return [label["name"] for label in answer.json()]


def test_labels(bot: httpx.Client, head: str) -> None:
    """An unknown label is made when it is put on; a second time changes nothing."""
    labels = f"{REPO}/issues/1/labels"
    assert names(bot.post(labels, json={"labels": ["syncbot", "node"]})) == ["syncbot", "node"]
    assert names(bot.post(labels, json=["Syncbot"])) == ["syncbot", "node"]
    assert names(bot.put(labels, json={"labels": ["other"]})) == ["other"]
    assert names(bot.get(f"{REPO}/labels")) == ["node", "other", "syncbot"]
    assert bot.delete(f"{labels}/syncbot").status_code == 404
    assert names(bot.delete(f"{labels}/other")) == []
    bot.post(labels, json={"labels": ["a", {"name": "b"}]})
    assert [label["name"] for label in bot.get(f"{REPO}/issues/1").json()["labels"]] == ["a", "b"]
    assert bot.delete(labels).status_code == 204
    assert names(bot.get(labels)) == []
    assert bot.post(labels, json={"labels": [1]}).status_code == 422
    assert bot.post(f"{REPO}/issues/9/labels", json={"labels": ["a"]}).status_code == 404
    told = [event["event"] for event in bot.get(f"{REPO}/issues/1/events").json()]
    assert told == ["labeled", "labeled", "unlabeled", "unlabeled", "labeled", "unlabeled"] + (
        ["labeled"] * 2 + ["unlabeled"] * 2
    )


def test_repository_labels(bot: httpx.Client, head: str) -> None:
    """A label is made once, with colour and description."""
    body = {"name": "syncbot", "color": "0e8a16", "description": "By syncbot"}
    assert bot.post(f"{REPO}/labels", json=body).json()["color"] == "0e8a16"
    again = bot.post(f"{REPO}/labels", json={**body, "name": "SYNCBOT"})
    assert again.status_code == 422
    assert again.json()["errors"] == [{"resource": "Label", "field": "name", "code": "already_exists"}]


def test_comments(bot: httpx.Client, developer: httpx.Client, head: str) -> None:
    """Comments are kept in order, with their author, and can be reworded and removed."""
    comments = f"{REPO}/issues/1/comments"
    first = developer.post(comments, json={"body": "/syncbot hold"}).json()
    bot.post(comments, json={"body": "Held."})
    found = bot.get(comments).json()
    assert [(one["user"]["login"], one["body"]) for one in found] == [
        ("developer", "/syncbot hold"),
        ("acme-syncbot[bot]", "Held."),
    ]
    url = f"{REPO}/issues/comments/{first['id']}"
    assert developer.patch(url, json={"body": "Never mind"}).json()["body"] == "Never mind"
    assert developer.get(url).json()["body"] == "Never mind"
    assert developer.delete(url).status_code == 204
    assert developer.get(url).status_code == 404
    assert developer.post(comments, json={"body": " "}).status_code == 422
    assert developer.post(comments, json={}).status_code == 422


def test_reviews(sandbox: Sandbox, bot: httpx.Client, developer: httpx.Client, head: str) -> None:
    """People review; authors do not approve themselves; who has reviewed is no longer asked."""
    requested = bot.post(
        f"{REPO}/pulls/1/requested_reviewers", json={"reviewers": ["developer"], "team_reviewers": ["platform"]}
    )
    assert requested.status_code == 201
    assert [team["slug"] for team in requested.json()["requested_teams"]] == ["platform"]
    own = bot.post(f"{REPO}/pulls/1/reviews", json={"event": "APPROVE"})
    assert own.json()["message"] == "Unprocessable Entity: Can not approve your own pull request"
    assert bot.post(f"{REPO}/pulls/1/requested_reviewers", json={"reviewers": ["acme-syncbot[bot]"]}).status_code == 422
    review = developer.post(f"{REPO}/pulls/1/reviews", json={"event": "APPROVE"}).json()
    assert (review["state"], review["commit_id"]) == ("APPROVED", head)
    assert developer.get(f"{REPO}/pulls/1/requested_reviewers").json()["users"] == []
    assert developer.post(f"{REPO}/pulls/1/reviews", json={"event": "REQUEST_CHANGES"}).status_code == 422
    assert developer.post(f"{REPO}/pulls/1/reviews", json={"event": "SHOUT"}).status_code == 422
    assert [one["user"]["login"] for one in bot.get(f"{REPO}/pulls/1/reviews").json()] == ["developer"]


def test_statuses(developer: httpx.Client, head: str) -> None:
    """The newest status of each context counts; one failure fails the commit and unsettles the pull request."""
    url = f"{REPO}/statuses/{head}"
    assert developer.get(f"{REPO}/commits/x/status").json()["state"] == "pending"
    for state, context in (("pending", "ci"), ("success", "lint"), ("success", "ci")):
        assert developer.post(url, json={"state": state, "context": context}).status_code == 201
    combined = developer.get(f"{REPO}/commits/x/status").json()
    assert (combined["state"], combined["total_count"], combined["sha"]) == ("success", 2, head)
    assert developer.get(f"{REPO}/pulls/1").json()["mergeable_state"] == "clean"
    developer.post(url, json={"state": "failure", "context": "ci"})
    assert developer.get(f"{REPO}/commits/x/status").json()["state"] == "failure"
    assert developer.get(f"{REPO}/pulls/1").json()["mergeable_state"] == "unstable"
    assert len(developer.get(f"{REPO}/commits/{head}/statuses").json()) == 4
    assert developer.post(url, json={"state": "great"}).status_code == 422
    assert developer.post(f"{REPO}/statuses/{'8' * 40}", json={"state": "success"}).status_code == 422


def test_check_runs(bot: httpx.Client, developer: httpx.Client, head: str) -> None:
    """An App's check runs begin queued and end with a conclusion; people cannot make them."""
    body = {"name": "build", "head_sha": head, "output": {"title": "Build", "summary": "…"}}
    run = bot.post(f"{REPO}/check-runs", json=body).json()
    assert (run["status"], run["conclusion"], run["output"]["title"]) == ("queued", None, "Build")
    done = bot.patch(f"{REPO}/check-runs/{run['id']}", json={"conclusion": "failure"}).json()
    assert (done["status"], done["conclusion"]) == ("completed", "failure")
    found = bot.get(f"{REPO}/commits/x/check-runs").json()
    assert (found["total_count"], found["check_runs"][0]["id"]) == (1, run["id"])
    assert bot.get(f"{REPO}/check-runs/{run['id']}").json()["app"]["slug"] == "acme-syncbot"
    assert developer.get(f"{REPO}/pulls/1").json()["mergeable_state"] == "unstable"
    refused = developer.post(f"{REPO}/check-runs", json=body)
    assert (refused.status_code, refused.json()["message"]) == (403, "You must authenticate via a GitHub App.")
    assert bot.post(f"{REPO}/check-runs", json={**body, "head_sha": "9" * 40}).status_code == 422
    assert bot.post(f"{REPO}/check-runs", json={**body, "conclusion": "splendid"}).status_code == 422
    assert bot.get(f"{REPO}/check-runs/99").status_code == 404


def test_a_comment_brings_a_pull_request_to_the_top(
    sandbox: Sandbox, bot: httpx.Client, developer: httpx.Client, head: str
) -> None:
    """Lists by last change put the one first to which something happened last."""
    commit_files(sandbox, "acme/api", "y", {"c": "c\n"})
    bot.post(f"{REPO}/pulls", json={"title": "T", "head": "y", "base": "main"})
    query = {"sort": "updated", "direction": "desc"}
    sandbox.forge.clock.advance(60)
    assert [pull["number"] for pull in bot.get(f"{REPO}/pulls", params=query).json()] == [2, 1]
    developer.post(f"{REPO}/issues/1/comments", json={"body": "Look"})
    assert [pull["number"] for pull in bot.get(f"{REPO}/pulls", params=query).json()] == [1, 2]

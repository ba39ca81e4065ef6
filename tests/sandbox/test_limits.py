"""Rate limits on the sandbox's clock: nothing until set, then GitHub's numbers, headers and sentences."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from syncbot.sandbox.limits import GITHUB, Limits
from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import make_repo

REPO = "repos/acme/api"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def repository(sandbox: Sandbox) -> None:
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    sandbox.forge.clock.set(NOON)


def comment(client: httpx.Client, body: str = "x") -> httpx.Response:
    return client.post(f"{REPO}/issues/1/comments", json={"body": body})


def ask(sandbox: Sandbox, client: httpx.Client, query: str = "{ viewer { login } }") -> httpx.Response:
    return client.post(sandbox.graphql_url, json={"query": query})


def test_off_by_default(sandbox: Sandbox, developer: httpx.Client) -> None:
    """No limit, no header."""
    answer = developer.get(REPO)
    assert sandbox.forge.limits == Limits()
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


def test_every_answer_bears_the_sandboxs_date(sandbox: Sandbox, developer: httpx.Client) -> None:
    """A client whose clock differs can tell how far off a limit's end is."""
    for answer in (developer.get(REPO), ask(sandbox, developer), developer.get("repos/acme/none")):
        assert answer.headers.get_list("date") == ["Mon, 23 Nov 2026 12:00:00 GMT"]


def test_primary_limit(sandbox: Sandbox, developer: httpx.Client, bot: httpx.Client) -> None:
    """Headers count down; at none left it is 403 until the reset; each account has its own hour."""
    sandbox.forge.limits = Limits(primary=2)
    first = developer.get(REPO).headers
    reset = str(int(NOON.timestamp()) + 3600)
    names = ("limit", "remaining", "used", "reset", "resource")
    assert [first[f"x-ratelimit-{name}"] for name in names] == ["2", "1", "1", reset, "core"]
    sandbox.forge.clock.advance(10)
    assert developer.get("repos/acme/none").headers["x-ratelimit-remaining"] == "0"
    over = developer.get(REPO)
    assert (over.status_code, over.headers["x-ratelimit-remaining"], over.headers["x-ratelimit-reset"]) == (
        403,
        "0",
        reset,
    )
    assert over.json()["message"].startswith("API rate limit exceeded for user ID ")
    assert "retry-after" not in over.headers
    assert bot.get(REPO).status_code == 200
    core = developer.get("rate_limit").json()["resources"]["core"]
    assert core == {"limit": 2, "used": 2, "remaining": 0, "reset": int(reset)}
    sandbox.forge.clock.advance(3590)
    assert developer.get(REPO).headers["x-ratelimit-remaining"] == "1"
    assert sandbox.stats()["limited"] == 0
    assert sandbox.stats()["exhausted"] == 1


def test_content_a_minute_and_an_hour(sandbox: Sandbox, developer: httpx.Client) -> None:
    """What makes a commit, ref, pull request, comment or review counts; labels, blobs and reads do not."""
    sandbox.forge.limits = Limits(content_minute=2, content_hour=3, status=429)
    assert [comment(developer).status_code for _ in range(2)] == [404, 404]
    sandbox.forge.clock.advance(15)
    over = comment(developer)
    assert (over.status_code, over.headers["retry-after"]) == (429, "45")
    assert "temporarily blocked from content creation" in over.json()["message"]
    assert over.json()["documentation_url"].endswith("#about-secondary-rate-limits")
    assert developer.post(f"{REPO}/git/blobs", json={"content": "x"}).status_code == 201
    assert developer.get(REPO).status_code == 200
    sandbox.forge.clock.advance(45)
    assert comment(developer).status_code == 404
    hour = comment(developer)
    assert (hour.status_code, hour.headers["retry-after"]) == (429, "3540")
    assert sandbox.stats()["limited"] == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "git/commits"),
        ("POST", "git/refs"),
        ("POST", "pulls"),
        ("POST", "pulls/1/reviews"),
        ("POST", "issues/1/comments"),
        ("PUT", "contents/x"),
        ("POST", "merges"),
    ],
)
def test_what_counts_as_content(sandbox: Sandbox, developer: httpx.Client, method: str, path: str) -> None:
    """Each kind of write that GitHub may count."""
    sandbox.forge.limits = Limits(content_minute=0)
    assert developer.request(method, f"{REPO}/{path}", json={}).status_code == 403


def test_points_a_minute(sandbox: Sandbox, developer: httpx.Client) -> None:
    """A read is one point, a write five; REST and GraphQL are counted apart."""
    sandbox.forge.limits = Limits(points_minute=7, graphql_points_minute=1)
    assert developer.post(f"{REPO}/git/blobs", json={"content": "x"}).status_code == 201
    assert [developer.get(REPO).status_code for _ in range(3)] == [200, 200, 403]
    assert developer.get(REPO).json()["message"].startswith("You have exceeded a secondary rate limit. Please wait")
    assert ask(sandbox, developer).status_code == 200
    over = ask(sandbox, developer)
    assert (over.status_code, over.headers["retry-after"]) == (403, "60")
    sandbox.forge.clock.advance(60)
    assert ask(sandbox, developer).status_code == 200


def test_graphql_points_an_hour(sandbox: Sandbox, developer: httpx.Client) -> None:
    """The price is charged; where it is not covered the answer is 200 with RATE_LIMITED."""
    sandbox.forge.limits = Limits(graphql=2)
    query = "{ rateLimit { cost limit remaining used resetAt } }"
    found = ask(sandbox, developer, query)
    rate = {"cost": 1, "limit": 2, "remaining": 1, "used": 1, "resetAt": "2026-11-23T13:00:00Z"}
    assert (found.json()["data"]["rateLimit"], found.headers["x-ratelimit-resource"]) == (rate, "graphql")
    assert "errors" not in ask(sandbox, developer).json()
    over = ask(sandbox, developer)
    (error,) = over.json()["errors"]
    assert (over.status_code, error["type"], over.headers["x-ratelimit-remaining"]) == (200, "RATE_LIMITED", "0")
    assert error["message"].startswith("API rate limit exceeded for user ID")


def test_a_commit_by_mutation_counts_as_content(sandbox: Sandbox, developer: httpx.Client) -> None:
    """createCommitOnBranch is content, and five points."""
    sandbox.forge.limits = Limits(content_minute=0)
    text = (
        'mutation { createCommitOnBranch(input: {branch: {}, expectedHeadOid: "0", message: {headline: "x"}}) '
        "{ clientMutationId } }"
    )
    assert ask(sandbox, developer, text).status_code == 403


def test_over_http(sandbox: Sandbox) -> None:
    """Clock and limits can be set from another process, and nonsense is refused."""
    url = f"{sandbox.url}/_sandbox"
    assert httpx.get(f"{url}/clock").json() == {"now": "2026-11-23T12:00:00Z"}
    assert httpx.post(f"{url}/clock", json={"advance": 90}).json() == {"now": "2026-11-23T12:01:30Z"}
    assert httpx.post(f"{url}/clock", json={"now": "2027-01-31T08:00:00+01:00"}).json() == {
        "now": "2027-01-31T07:00:00Z"
    }
    assert httpx.post(f"{url}/clock", json={"now": "yesterday"}).status_code == 422
    assert httpx.post(f"{url}/limits", json={"github": True, "status": 429}).json()["content_hour"] == 500
    assert sandbox.forge.limits.points_minute == GITHUB.points_minute
    assert httpx.get(f"{url}/limits").json()["status"] == 429
    assert httpx.post(f"{url}/limits", json={"speed": 1}).status_code == 422
    assert httpx.post(f"{url}/limits", json={}).json()["primary"] is None
    assert httpx.post(f"{url}/stats/reset").json()["limited"] == 0

"""Faults by rule: each kind goes wrong in its own way, at the request it was meant for, and at no other."""

from __future__ import annotations

import threading

import httpx
import pytest

from syncbot.sandbox.faults import KINDS, Fault
from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import make_repo

REPO = "repos/acme/api"


@pytest.fixture(autouse=True)
def repository(sandbox: Sandbox) -> None:
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    make_repo(sandbox, "acme/web", {"a": "a\n"})


def label(client: httpx.Client, name: str = "new") -> httpx.Response:
    return client.post(f"{REPO}/labels", json={"name": name})


def labels(client: httpx.Client) -> list[str]:
    return [one["name"] for one in client.get(f"{REPO}/labels").json()]


def test_connection_lost_before(sandbox: Sandbox, developer: httpx.Client) -> None:
    """No answer, and nothing done; the next connection works."""
    sandbox.forge.faults.add(Fault(kind="drop_before", match="POST .*/labels"))
    with pytest.raises(httpx.TransportError):
        label(developer)
    assert labels(developer) == []


def test_connection_lost_after(sandbox: Sandbox, developer: httpx.Client) -> None:
    """No answer, and yet it was done."""
    sandbox.forge.faults.add(Fault(kind="drop_after", match="POST .*/labels"))
    with pytest.raises(httpx.TransportError):
        label(developer)
    assert labels(developer) == ["new"]


@pytest.mark.parametrize("kind", ["500", "502", "503", "429", "403", "401"])
def test_statuses_before(sandbox: Sandbox, developer: httpx.Client, kind: str) -> None:
    """The status, with the header and words that belong to it, and nothing done."""
    sandbox.forge.faults.add(Fault(kind=kind, match="POST", retry_after=7))
    answer = label(developer)
    assert answer.status_code == int(kind)
    assert answer.headers.get("retry-after") == ("7" if kind in ("403", "429") else None)
    if kind != "503":
        assert answer.json()["message"].startswith(
            {"401": "Bad credentials", "403": "You have exceeded", "429": "You have exceeded"}.get(kind, "Server Error")
        )
    assert labels(developer) == []


@pytest.mark.parametrize("kind", ["500_after", "502_after", "503_after"])
def test_statuses_after(sandbox: Sandbox, developer: httpx.Client, kind: str) -> None:
    """The status, though it was done."""
    sandbox.forge.faults.add(Fault(kind=kind, match="POST"))
    assert label(developer).status_code == int(kind[:3])
    assert labels(developer) == ["new"]


def test_a_secondary_limit_without_retry_after(sandbox: Sandbox, developer: httpx.Client) -> None:
    """GitHub does not always say how long to wait."""
    sandbox.forge.faults.add(Fault(kind="403", retry_after=None))
    assert "retry-after" not in developer.get(REPO).headers


@pytest.mark.parametrize(
    ("kind", "message", "headers"),
    [
        ("403_permission", "Resource not accessible by integration", {}),
        ("403_primary", "API rate limit exceeded", {"x-ratelimit-remaining": "0"}),
    ],
)
def test_other_kinds_of_403(
    sandbox: Sandbox, developer: httpx.Client, kind: str, message: str, headers: dict[str, str]
) -> None:
    """What is not permitted, and what the hourly limit refuses until it is reset."""
    sandbox.forge.faults.add(Fault(kind=kind, retry_after=90))
    answer = developer.get(REPO)
    assert (answer.status_code, answer.json()["message"].startswith(message)) == (403, True)
    assert headers.items() <= answer.headers.items()
    reset = answer.headers.get("x-ratelimit-reset")
    now = sandbox.forge.clock.now().timestamp()
    assert (reset is not None) == bool(headers)
    assert reset is None or 80 < int(reset) - now < 100


def test_a_stale_read(sandbox: Sandbox, developer: httpx.Client) -> None:
    """The same read gets the answer that it got first, of each kind; a write is done as ever."""
    sandbox.forge.faults.keep_answers = True
    assert labels(developer) == []
    assert label(developer).status_code == 201
    assert labels(developer) == ["new"]
    sandbox.forge.faults.add(Fault(kind="stale", match="GET .*/labels"))
    assert labels(developer) == []
    assert labels(developer) == ["new"]
    sandbox.forge.faults.add(Fault(kind="stale", match="POST .*/labels"))
    assert developer.post(f"{REPO}/labels", json={"name": "other"}).status_code == 201
    assert len(labels(developer)) == 2


def test_one_value_of_a_graphql_answer_is_lost(sandbox: Sandbox, developer: httpx.Client) -> None:
    """The value at that place is null, with an error of its path; all else is as it was."""
    query = {"query": '{ repository(owner: "acme", name: "api") { name owner { login } } }'}
    url = sandbox.graphql_url
    whole = developer.post(url, json=query).json()["data"]["repository"]
    for at, path, left in (
        (0, ["repository"], None),
        (1, ["repository", "name"], whole | {"name": None}),
        (3, ["repository", "owner", "login"], whole | {"owner": {"login": None}}),
    ):
        sandbox.forge.faults.add(Fault(kind="partial", at=at, error="INTERNAL"))
        answer = developer.post(url, json=query).json()
        assert answer["data"]["repository"] == left
        assert [(error["path"], error["type"]) for error in answer["errors"]] == [(path, "INTERNAL")]


def test_truncated_json(sandbox: Sandbox, developer: httpx.Client) -> None:
    """A sound answer in HTTP's eyes, of which half is there."""
    sandbox.forge.faults.add(Fault(kind="truncate"))
    answer = developer.get(REPO)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert developer.get(REPO).json()["name"] == "api"


def test_slow(sandbox: Sandbox, developer: httpx.Client) -> None:
    """Slower than the client will wait."""
    sandbox.forge.faults.add(Fault(kind="slow", seconds=30))
    with pytest.raises(httpx.ReadTimeout):
        developer.get(REPO, timeout=0.05)
    sandbox.forge.faults.add(Fault(kind="slow", seconds=0))
    assert developer.get(REPO).status_code == 200


@pytest.mark.parametrize(("kind", "done"), [("hold", []), ("hold_after", ["new"])])
def test_hold(sandbox: Sandbox, developer: httpx.Client, kind: str, done: list[str]) -> None:
    """Nothing is answered, done or not; a client that goes away frees it."""
    sandbox.forge.faults.add(Fault(kind=kind, match="POST"))
    with pytest.raises(httpx.ReadTimeout):
        developer.post(f"{REPO}/labels", json={"name": "new"}, timeout=0.5)
    assert labels(developer) == done


def test_hold_ends_with_the_sandbox(sandbox: Sandbox, developer: httpx.Client) -> None:
    """A sandbox that stops waits for nobody."""
    sandbox.forge.faults.add(Fault(kind="hold"))
    failed: list[Exception] = []

    def ask() -> None:
        try:
            developer.get(REPO, timeout=60)
        except httpx.TransportError as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not sandbox.forge.faults.hits:
        thread.join(0.001)
    sandbox.stop()
    thread.join()
    assert len(failed) <= 1


@pytest.mark.parametrize(
    ("fault", "lost", "error"),
    [
        (Fault(kind="partial"), ["a", "c"], None),
        (Fault(kind="partial", aliases=("b",)), ["b"], None),
        (Fault(kind="partial", error="RESOURCE_LIMITS_EXCEEDED"), ["a", "c"], "RESOURCE_LIMITS_EXCEEDED"),
    ],
    ids=["every second", "named", "with a type"],
)
def test_partial_graphql(
    sandbox: Sandbox, developer: httpx.Client, fault: Fault, lost: list[str], error: str | None
) -> None:
    """Some aliases are null with an error each; the others are as they should be."""
    sandbox.forge.faults.add(fault)
    one = 'repository(owner: "acme", name: "api") { name }'
    query = f"{{ rateLimit {{ cost }} a: {one} b: {one} c: {one} }}"
    found = developer.post(sandbox.graphql_url, json={"query": query}).json()
    assert [name for name, value in found["data"].items() if value is None] == lost
    assert [entry["path"] for entry in found["errors"]] == [[name] for name in lost]
    assert {entry.get("type") for entry in found["errors"]} == {error}
    assert found["data"]["rateLimit"] == {"cost": 1}


def test_partial_spares_an_answer_without_data(sandbox: Sandbox, developer: httpx.Client) -> None:
    """An error stays the error it was."""
    sandbox.forge.faults.add(Fault(kind="partial"))
    assert "data" not in developer.post(sandbox.graphql_url, json={"query": "{ nothing }"}).json()


def test_nth_request_overall(sandbox: Sandbox, developer: httpx.Client) -> None:
    """REST and GraphQL are counted together, git and the sandbox's own routes are not; a reset counts anew."""
    sandbox.reset_stats()
    sandbox.forge.faults.add(Fault(kind="502", nth=3))
    developer.get(REPO)
    httpx.get(f"{sandbox.url}/_sandbox/stats")
    httpx.get(f"{sandbox.url}/acme/api.git/info/refs?service=git-upload-pack")
    developer.post(sandbox.graphql_url, json={"query": "{ viewer { login } }"})
    assert [developer.get(REPO).status_code for _ in range(2)] == [502, 200]
    assert sandbox.forge.faults.hits == [(3, "502", "GET /api/v3/repos/acme/api")]
    assert httpx.get(f"{sandbox.url}/_sandbox/log").json() == [
        "GET /api/v3/repos/acme/api",
        "POST /api/graphql",
        "GET /api/v3/repos/acme/api",
        "GET /api/v3/repos/acme/api",
    ]


def test_skip_and_times(sandbox: Sandbox, developer: httpx.Client) -> None:
    """The first matches are let through, then so many are hit."""
    sandbox.forge.faults.add(Fault(kind="500", match="acme/api$", skip=1, times=2))
    assert [developer.get(REPO).status_code for _ in range(4)] == [200, 500, 500, 200]
    assert developer.get("repos/acme/web").status_code == 200
    sandbox.forge.faults.add(Fault(kind="500", times=None))
    assert [developer.get(REPO).status_code for _ in range(3)] == [500, 500, 500]
    sandbox.forge.faults.clear()
    assert developer.get(REPO).status_code == 200


def test_over_http(sandbox: Sandbox, developer: httpx.Client) -> None:
    """Rules can be set and cleared from another process, and nonsense is refused."""
    url = f"{sandbox.url}/_sandbox/faults"
    made = httpx.post(url, json={"kind": "502", "match": "GET", "times": 2}).json()
    assert [(rule["kind"], rule["times"]) for rule in made["rules"]] == [("502", 2)]
    assert developer.get(REPO).status_code == 502
    assert httpx.get(url).json()["hits"] == [[1, "502", "GET /api/v3/repos/acme/api"]]
    assert httpx.request("DELETE", url).json() == {"rules": [], "hits": []}
    for wrong in ({"kind": "flood"}, {"kind": "502", "colour": "red"}, {}):
        assert httpx.post(url, json=wrong).status_code == 422
    assert "502" in KINDS

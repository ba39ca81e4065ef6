"""Who may see and do what: GitHub's 401, 403, 404 and redirects."""

from __future__ import annotations

import base64
from collections.abc import Callable

import httpx
import pytest
from github import Github

from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import commit_files, make_repo

REPO = "repos/acme/api"
Client = Callable[[str | None], httpx.Client]


def test_wrong_token(client: Client, sandbox: Sandbox) -> None:
    """An unknown token is 401 even for what anybody may read."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    answer = client("ghp_unknown").get(REPO)
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")
    assert set(answer.json()) == {"message", "documentation_url", "status"}


@pytest.mark.parametrize("scheme", ["token {}", "Bearer {}", "bearer {}"])
def test_authorization_schemes(sandbox: Sandbox, developer_token: str, scheme: str) -> None:
    """GitHub takes a token under either scheme."""
    answer = httpx.get(f"{sandbox.api_url}/user", headers={"Authorization": scheme.format(developer_token)})
    assert answer.json()["login"] == "developer"


def test_basic_authorization(sandbox: Sandbox, developer_token: str) -> None:
    """A token may be the password of Basic; what is no Basic at all is refused."""
    url = f"{sandbox.api_url}/user"
    assert httpx.get(url, auth=("x", developer_token)).status_code == 200
    assert httpx.get(url, headers={"Authorization": "Basic ä".encode()}).status_code == 401


def test_nobody_reads_public_repositories_alone(sandbox: Sandbox, anonymous: httpx.Client) -> None:
    """Without a token one reads what is public and writes nothing."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    make_repo(sandbox, "acme/secret", {"a": "a\n"}, private=True)
    assert anonymous.get(REPO).status_code == 200
    assert anonymous.get("repos/acme/secret").status_code == 404
    assert anonymous.post(f"{REPO}/pulls", json={"title": "T", "head": "x", "base": "main"}).status_code == 401
    assert anonymous.get("user").status_code == 401
    assert anonymous.post("orgs/acme/repos", json={"name": "new"}).status_code == 401


def test_private_repository_out_of_reach(sandbox: Sandbox, client: Client) -> None:
    """What a token was not given is 404 where private, and read-only where public."""
    for name, private in (("api", False), ("secret", True), ("given", True)):
        make_repo(sandbox, f"acme/{name}", {"a": "a\n"}, private=private)
    token = sandbox.forge.issue_token("app[bot]", type="Bot", repositories=("acme/given",))
    app = client(token)
    assert app.get("repos/acme/given").status_code == 200
    assert app.get("repos/acme/secret").status_code == 404
    assert app.post("repos/acme/secret/git/blobs", json={"content": "x"}).status_code == 404
    assert app.get(REPO).status_code == 200
    refused = app.post(f"{REPO}/git/blobs", json={"content": "x"})
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")
    assert [repo["name"] for repo in app.get("orgs/acme/repos").json()] == ["api", "given"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "git/blobs", {"content": "x"}),
        ("POST", "git/refs", {"ref": "refs/heads/y", "sha": "HEAD"}),
        ("PATCH", "git/refs/heads/x", {"sha": "HEAD"}),
        ("DELETE", "git/refs/heads/x", {}),
        ("PUT", "contents/new", {"message": "m", "content": ""}),
        ("POST", "merges", {"base": "main", "head": "x"}),
        ("POST", "pulls", {"title": "T", "head": "x", "base": "main"}),
        ("PATCH", "pulls/1", {"title": "T"}),
        ("PUT", "pulls/1/merge", {}),
        ("POST", "pulls/1/reviews", {"event": "APPROVE"}),
        ("POST", "pulls/1/requested_reviewers", {"reviewers": ["someone"]}),
        ("POST", "issues/1/labels", {"labels": ["syncbot"]}),
        ("POST", "issues/1/comments", {"body": "Hello"}),
        ("POST", "statuses/HEAD", {"state": "success"}),
        ("POST", "check-runs", {"name": "ci", "head_sha": "HEAD"}),
        ("PATCH", "", {"archived": True}),
        ("PUT", "topics", {"names": ["x"]}),
    ],
)
def test_every_write_needs_its_permission(
    sandbox: Sandbox, client: Client, developer: httpx.Client, method: str, path: str, body: dict[str, object]
) -> None:
    """A token that may only read is refused with 403, and an archived repository refuses everybody."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    head = commit_files(sandbox, "acme/api", "x", {"b": "b\n"})
    developer.post(f"{REPO}/pulls", json={"title": "T", "head": "x", "base": "main"})
    filled = {key: head if value == "HEAD" else value for key, value in body.items()}
    url = f"{REPO}/{path}".rstrip("/").replace("HEAD", head)
    reader = client(sandbox.forge.issue_token("reader[bot]", type="Bot", permissions={"contents": "read"}))
    refused = reader.request(method, url, json=filled)
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")
    person = client(sandbox.forge.issue_token("reader", permissions={"contents": "read"}))
    assert person.request(method, url, json=filled).json()["message"].endswith("by personal access token")
    developer.patch(REPO, json={"archived": True})
    archived = developer.request(method, url, json=filled)
    assert archived.status_code == 403
    assert archived.json()["message"] == "Repository was archived so is read-only."


def test_archived_repository_comes_back(sandbox: Sandbox, developer: httpx.Client) -> None:
    """An archived repository is read, and written to again once it is not archived."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    developer.patch(REPO, json={"archived": True})
    assert developer.get(REPO).json()["archived"] is True
    assert developer.patch(REPO, json={"archived": False}).json()["archived"] is False
    assert developer.post(f"{REPO}/git/blobs", json={"content": "x"}).status_code == 201


WORKFLOW = ".github/workflows/ci.yml"


def test_workflow_files_need_a_permission_of_their_own(sandbox: Sandbox, client: Client) -> None:
    """Without `workflows`, no tree and no file under .github/workflows; everything beside it is fine."""
    head = make_repo(sandbox, "acme/api", {WORKFLOW: "on: push\n", "a": "a\n"})
    token = sandbox.forge.issue_token("app[bot]", type="Bot", permissions={"contents": "write"})
    app = client(token)

    def tree(path: str, sha: object = ...) -> httpx.Response:
        entry: dict[str, object] = {"path": path, "mode": "100644", "type": "blob"}
        entry |= {"content": "x\n"} if sha is ... else {"sha": sha}
        return app.post(f"{REPO}/git/trees", json={"tree": [entry], "base_tree": head})

    assert tree(WORKFLOW).status_code == 403
    assert tree(".github/workflows/new.yml").json()["message"] == "Resource not accessible by integration"
    assert tree(WORKFLOW, None).status_code == 403
    assert tree(".github/CODEOWNERS").status_code == 201
    content = base64.b64encode(b"x\n").decode()
    put = app.put(f"{REPO}/contents/.github/workflows/x.yml", json={"message": "m", "content": content})
    assert put.status_code == 403


def test_renamed_repository_redirects(sandbox: Sandbox, developer: httpx.Client, pygithub: Github) -> None:
    """The old name answers 301 (writes: 307) by repository id, without the query, and clients arrive."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    commit_files(sandbox, "acme/api", "x", {"b": "b\n"})
    repo_id = developer.patch(REPO, json={"name": "payments"}).json()["id"]
    moved = developer.get(f"{REPO}/contents/b", params={"ref": "x"})
    location = f"{sandbox.api_url}/repositories/{repo_id}/contents/b"
    assert (moved.status_code, moved.headers["Location"]) == (301, location)
    assert moved.json()["url"] == location
    assert developer.post(f"{REPO}/git/blobs", json={"content": "x"}).status_code == 307
    assert developer.get(location, params={"ref": "x"}).status_code == 200
    assert developer.get(f"{sandbox.api_url}/repositories/99/topics").status_code == 404
    assert pygithub.get_repo("acme/api").full_name == "acme/payments"
    make_repo(sandbox, "acme/api", {"new": "n\n"})
    assert developer.get(REPO).json()["id"] != repo_id


def test_names(sandbox: Sandbox, developer: httpx.Client) -> None:
    """Names are unique without regard to case, must be GitHub's kind, and are found in any case."""
    make_repo(sandbox, "acme/api")
    make_repo(sandbox, "acme/other")
    assert developer.get("repos/ACME/Api").json()["full_name"] == "acme/api"
    assert developer.patch(REPO, json={"name": "Other"}).status_code == 422
    assert developer.patch(REPO, json={"name": "../x"}).status_code == 422
    assert developer.post("orgs/acme/repos", json={"name": "API"}).status_code == 422
    assert developer.post("orgs/acme/repos", json={"name": "a b"}).status_code == 422
    assert developer.post("orgs/%2e%2e/repos", json={"name": "new"}).status_code in (404, 422)
    made = developer.post("orgs/acme/repos", json={"name": "new", "private": True, "description": "D"})
    assert (made.status_code, made.json()["visibility"], made.json()["description"]) == (201, "private", "D")


def test_repository_settings(sandbox: Sandbox, developer: httpx.Client) -> None:
    """Default branch, merge methods and topics are kept; a default branch must exist."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    commit_files(sandbox, "acme/api", "trunk", {"b": "b\n"})
    changed = developer.patch(REPO, json={"default_branch": "trunk", "allow_squash_merge": False}).json()
    assert (changed["default_branch"], changed["allow_squash_merge"]) == ("trunk", False)
    assert developer.patch(REPO, json={"default_branch": "nope"}).status_code == 422
    assert developer.patch(REPO, json={"archived": "yes"}).status_code == 422
    assert developer.put(f"{REPO}/topics", json={"names": ["Service", "node"]}).json() == {"names": ["service", "node"]}
    assert developer.get(REPO).json()["topics"] == ["service", "node"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "nope"),
        ("GET", "repos/acme/nope"),
        ("DELETE", "user"),
        ("GET", "repos/acme/api/pulls/x"),
        ("GET", "repos/acme/api/nope"),
        ("GET", "users/nobody"),
        ("GET", "orgs/nobody/repos"),
    ],
)
def test_unknown_is_404(sandbox: Sandbox, developer: httpx.Client, method: str, path: str) -> None:
    """What is not served is 404 with GitHub's body, a wrong method included."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    answer = developer.request(method, path)
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


@pytest.mark.parametrize(("body", "message"), [(b"{", "Problems parsing JSON"), (b"1", "Body should be a JSON object")])
def test_broken_body(sandbox: Sandbox, developer: httpx.Client, body: bytes, message: str) -> None:
    """A body that is no JSON object is 400."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    answer = developer.post(f"{REPO}/git/blobs", content=body)
    assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_apps_are_no_users(bot: httpx.Client, developer: httpx.Client) -> None:
    """`GET /user` is for people; limits and the root are for all."""
    assert bot.get("user").json()["message"] == "Resource not accessible by integration"
    assert developer.get("users/developer").json()["type"] == "User"
    assert bot.get("rate_limit").json()["rate"]["limit"] == 5000
    assert bot.get("").json()["rate_limit_url"].endswith("/rate_limit")

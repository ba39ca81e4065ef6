"""A day in the life of a repository over plain HTTP: every REST route of the sandbox, and every way it says no.

In: the API's address and tokens. Out: the exchanges, as they came. Each step states the status it must have.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import httpx

REPO = "/repos/acme/api"
CONFLICTING = b"FROM node:20\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request's method and path (below the API's root, without query), and its answer."""

    method: str
    path: str
    status: int
    body: bytes


class Recorder:
    """Sends requests as one of several identities, insists on the status, and keeps what was answered."""

    def __init__(self, client: httpx.Client, tokens: dict[str, str]) -> None:
        self._client = client
        self._tokens = tokens
        self.exchanges: list[Exchange] = []

    def send(self, status: int, method: str, path: str, body: object = None, *, by: str | None = "ada") -> Any:
        """The answer's JSON, or None where it has no body."""
        headers = {"Authorization": f"token {self._tokens[by]}"} if by else {}
        answer = self._client.request(method, path, json=body, headers=headers)
        url = path.partition("?")[0]
        exchange = Exchange(method=method, path=url, status=answer.status_code, body=answer.content)
        self.exchanges.append(exchange)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else None

    def learn(self, name: str, token: str) -> None:
        """One more identity to send requests as."""
        self._tokens[name] = token

    def get(self, path: str, *, by: str | None = "ada") -> Any:
        return self.send(200, "GET", path, by=by)


def play(hub: Recorder) -> None:
    """The whole scenario, on an empty sandbox."""
    accounts(hub)
    repositories(hub)
    contents(hub)
    git_data(hub)
    branches_and_commits(hub)
    pull_requests(hub)
    conversation(hub)
    checks(hub)
    rules(hub)
    apps(hub)
    merging(hub)
    refusals(hub)


def accounts(hub: Recorder) -> None:
    hub.get("/")
    hub.get("/", by=None)
    hub.get("/meta")
    hub.get("/rate_limit")
    hub.get("/user")
    hub.send(403, "GET", "/user", by="bot")
    hub.send(401, "GET", "/user", by=None)
    hub.send(401, "GET", "/user", by="forged")
    hub.get("/users/ada")
    hub.get("/users/acme-syncbot[bot]")
    hub.send(404, "GET", "/users/nobody")


def repositories(hub: Recorder) -> None:
    hub.send(201, "POST", "/orgs/acme/repos", {"name": "api", "description": "Payments"})
    hub.send(422, "POST", "/orgs/acme/repos", {"name": "api"})
    hub.send(403, "POST", "/orgs/acme/repos", {"name": "other"}, by="reader")
    hub.get("/orgs/acme/repos?per_page=1")
    hub.get("/users/acme/repos")
    hub.get(REPO)
    hub.send(404, "GET", "/repos/acme/none")
    hub.send(200, "PATCH", REPO, {"allow_squash_merge": True, "allow_auto_merge": True})
    hub.send(422, "PATCH", REPO, {"default_branch": "gone"})
    hub.send(403, "PATCH", REPO, {"description": "x"}, by="reader")
    hub.send(200, "PUT", f"{REPO}/topics", {"names": ["payments", "node"]})
    hub.get(f"{REPO}/topics")
    hub.send(409, "GET", f"{REPO}/git/ref/heads/main")
    hub.send(409, "GET", f"{REPO}/commits")
    hub.send(404, "GET", f"{REPO}/contents/Dockerfile")
    hub.send(409, "POST", f"{REPO}/git/blobs", {"content": "x", "encoding": "utf-8"})


def contents(hub: Recorder) -> None:
    made = hub.send(201, "PUT", f"{REPO}/contents/Dockerfile", file(b"FROM node:18\n"))
    changed = file(b"FROM node:18-slim\n", sha=made["content"]["sha"])
    hub.send(422, "PUT", f"{REPO}/contents/Dockerfile", file(b"x"))
    hub.send(200, "PUT", f"{REPO}/contents/Dockerfile", changed)
    hub.send(409, "PUT", f"{REPO}/contents/Dockerfile", changed)
    doomed = hub.send(201, "PUT", f"{REPO}/contents/docs/old.md", file(b"old"))["content"]["sha"]
    hub.get(f"{REPO}/contents")
    hub.get(f"{REPO}/contents/docs")
    hub.get(f"{REPO}/contents/docs/old.md?ref=main")
    hub.send(404, "GET", f"{REPO}/contents/none")
    hub.send(404, "GET", f"{REPO}/contents/docs?ref=none")
    hub.send(422, "DELETE", f"{REPO}/contents/docs/old.md", {"message": "Remove"})
    hub.send(200, "DELETE", f"{REPO}/contents/docs/old.md", {"message": "Remove", "sha": doomed})
    hub.send(404, "DELETE", f"{REPO}/contents/docs/old.md", {"message": "Remove", "sha": doomed})


def git_data(hub: Recorder) -> None:
    main = hub.get(f"{REPO}/git/ref/heads/main")["object"]["sha"]
    blob = hub.send(201, "POST", f"{REPO}/git/blobs", {"content": "Dockerfile", "encoding": "utf-8"})["sha"]
    hub.get(f"{REPO}/git/blobs/{blob}")
    hub.send(404, "GET", f"{REPO}/git/blobs/{'0' * 40}")
    entries = [
        {"path": "run.sh", "mode": "100755", "type": "blob", "content": "#!/bin/sh\n"},
        {"path": "link", "mode": "120000", "type": "blob", "sha": blob},
        {"path": "vendor/lib", "mode": "160000", "type": "commit", "sha": "1" * 40},
        {"path": "Dockerfile", "mode": "100644", "type": "blob", "content": "FROM node:22\n"},
    ]
    tree = hub.send(201, "POST", f"{REPO}/git/trees", {"base_tree": main, "tree": entries}, by="bot")["sha"]
    hub.send(422, "POST", f"{REPO}/git/trees", {"base_tree": main})
    hub.send(404, "POST", f"{REPO}/git/trees", {"base_tree": "0" * 40, "tree": entries})
    workflow = [{"path": ".github/workflows/x.yml", "mode": "100644", "type": "blob", "content": "on: push\n"}]
    hub.send(403, "POST", f"{REPO}/git/trees", {"base_tree": main, "tree": workflow}, by="bot")
    hub.get(f"{REPO}/git/trees/{tree}?recursive=1")
    hub.send(404, "GET", f"{REPO}/git/trees/{'0' * 40}")
    made = {"message": "Move to Node 22", "tree": tree, "parents": [main]}
    commit = hub.send(201, "POST", f"{REPO}/git/commits", made, by="bot")["sha"]
    hub.send(422, "POST", f"{REPO}/git/commits", {**made, "tree": "0" * 40}, by="bot")
    hub.get(f"{REPO}/git/commits/{commit}")
    hub.send(404, "GET", f"{REPO}/git/commits/{'0' * 40}")
    pointer = {"ref": "refs/heads/syncbot/sync-1", "sha": commit}
    hub.send(201, "POST", f"{REPO}/git/refs", pointer, by="bot")
    hub.send(422, "POST", f"{REPO}/git/refs", pointer, by="bot")
    hub.send(403, "POST", f"{REPO}/git/refs", pointer, by="reader")
    hub.send(404, "GET", f"{REPO}/git/ref/heads/none")
    hub.get(f"{REPO}/git/matching-refs/heads/syncbot/")
    spare = hub.send(201, "POST", f"{REPO}/git/refs", {"ref": "refs/heads/spare", "sha": main})["object"]["sha"]
    hub.send(200, "PATCH", f"{REPO}/git/refs/heads/spare", {"sha": commit})
    hub.send(422, "PATCH", f"{REPO}/git/refs/heads/spare", {"sha": spare})
    hub.send(200, "PATCH", f"{REPO}/git/refs/heads/spare", {"sha": spare, "force": True})
    hub.send(204, "DELETE", f"{REPO}/git/refs/heads/spare")
    hub.send(422, "DELETE", f"{REPO}/git/refs/heads/spare")
    for path in ("link", "vendor/lib", "vendor", "run.sh"):
        hub.get(f"{REPO}/contents/{path}?ref=syncbot/sync-1")


def branches_and_commits(hub: Recorder) -> None:
    hub.get(f"{REPO}/branches")
    hub.get(f"{REPO}/branches/syncbot/sync-1")
    hub.send(404, "GET", f"{REPO}/branches/none")
    hub.get(f"{REPO}/commits?sha=syncbot/sync-1&per_page=2&page=2")
    hub.get(f"{REPO}/commits?path=Dockerfile")
    hub.get(f"{REPO}/commits/syncbot/sync-1")
    hub.send(422, "GET", f"{REPO}/commits/{'0' * 40}")
    hub.get(f"{REPO}/compare/main...syncbot/sync-1")
    hub.get(f"{REPO}/compare/main...main")
    hub.send(404, "GET", f"{REPO}/compare/main...none")
    branch(hub, "feature")
    hub.send(201, "PUT", f"{REPO}/contents/notes.md", file(b"notes", branch="feature"))
    hub.send(201, "POST", f"{REPO}/merges", {"base": "main", "head": "feature"})
    hub.send(204, "POST", f"{REPO}/merges", {"base": "main", "head": "feature"})
    hub.send(404, "POST", f"{REPO}/merges", {"base": "main", "head": "none"})
    branch(hub, "conflicting")
    present = hub.get(f"{REPO}/contents/Dockerfile?ref=conflicting")["sha"]
    hub.send(200, "PUT", f"{REPO}/contents/Dockerfile", file(CONFLICTING, sha=present, branch="conflicting"))
    hub.send(409, "POST", f"{REPO}/merges", {"base": "syncbot/sync-1", "head": "conflicting"})


def pull_requests(hub: Recorder) -> None:
    opened = {"title": "Move to Node 22", "body": "Why", "head": "syncbot/sync-1", "base": "main"}
    number = hub.send(201, "POST", f"{REPO}/pulls", opened, by="bot")["number"]
    assert number == 1
    hub.send(422, "POST", f"{REPO}/pulls", opened, by="bot")
    hub.send(422, "POST", f"{REPO}/pulls", {**opened, "head": "feature"}, by="bot")
    hub.send(422, "POST", f"{REPO}/pulls", {**opened, "head": "none"}, by="bot")
    hub.send(422, "POST", f"{REPO}/pulls", {"title": "x", "head": "syncbot/sync-1"}, by="bot")
    hub.send(403, "POST", f"{REPO}/pulls", opened, by="reader")
    hub.get(f"{REPO}/pulls?state=all&head=acme:syncbot/sync-1")
    hub.send(422, "GET", f"{REPO}/pulls?state=ajar")
    hub.get(f"{REPO}/pulls/1")
    hub.send(404, "GET", f"{REPO}/pulls/99")
    hub.send(200, "PATCH", f"{REPO}/pulls/1", {"title": "Node 22", "body": "Because"}, by="bot")
    hub.send(422, "PATCH", f"{REPO}/pulls/1", {"base": "none"}, by="bot")
    hub.get(f"{REPO}/pulls/1/commits")
    hub.get(f"{REPO}/pulls/1/files")
    hub.send(201, "POST", f"{REPO}/pulls/1/requested_reviewers", {"reviewers": ["ada"], "team_reviewers": ["payments"]})
    hub.get(f"{REPO}/pulls/1/requested_reviewers")
    hub.send(422, "POST", f"{REPO}/pulls/1/requested_reviewers", {"reviewers": ["acme-syncbot[bot]"]})
    hub.get(f"{REPO}/pulls/1")
    hub.send(200, "POST", f"{REPO}/pulls/1/reviews", {"event": "COMMENT", "body": "Looks right"})
    hub.send(200, "POST", f"{REPO}/pulls/1/reviews", {"event": "APPROVE"})
    hub.send(422, "POST", f"{REPO}/pulls/1/reviews", {"event": "APPROVE"}, by="bot")
    hub.get(f"{REPO}/pulls/1/reviews")


def conversation(hub: Recorder) -> None:
    issue = f"{REPO}/issues/1"
    hub.send(201, "POST", f"{REPO}/labels", {"name": "syncbot", "color": "1d76db", "description": "By the bot"})
    hub.send(422, "POST", f"{REPO}/labels", {"name": "syncbot", "color": "1d76db"})
    hub.get(f"{REPO}/labels")
    hub.send(200, "POST", f"{issue}/labels", {"labels": ["syncbot", "new"]}, by="bot")
    hub.send(200, "PUT", f"{issue}/labels", {"labels": ["syncbot", "hold"]})
    hub.get(f"{issue}/labels")
    hub.send(200, "DELETE", f"{issue}/labels/hold")
    hub.send(404, "DELETE", f"{issue}/labels/hold")
    hub.get(f"{REPO}/pulls/1")
    hub.get(issue)
    hub.send(404, "GET", f"{REPO}/issues/99")
    hub.send(204, "DELETE", f"{issue}/labels")
    hub.send(200, "PATCH", issue, {"state": "closed", "labels": ["syncbot"]})
    hub.send(200, "PATCH", issue, {"state": "open"})
    said = hub.send(201, "POST", f"{issue}/comments", {"body": "/syncbot hold"})["id"]
    hub.send(422, "POST", f"{issue}/comments", {"body": ""})
    hub.send(404, "POST", f"{REPO}/issues/99/comments", {"body": "x"})
    hub.get(f"{issue}/comments")
    hub.get(f"{REPO}/issues/comments/{said}")
    hub.send(404, "GET", f"{REPO}/issues/comments/99999")
    hub.send(200, "PATCH", f"{REPO}/issues/comments/{said}", {"body": "/syncbot recreate"})
    hub.send(204, "DELETE", f"{REPO}/issues/comments/{said}")
    hub.get(f"{issue}/events")
    hub.get(f"{issue}/timeline")


def checks(hub: Recorder) -> None:
    head = hub.get(f"{REPO}/pulls/1")["head"]["sha"]
    status = {"state": "failure", "context": "build", "description": "red", "target_url": "http://127.0.0.1/1"}
    hub.get(f"{REPO}/commits/{head}/status")
    hub.send(201, "POST", f"{REPO}/statuses/{head}", status)
    hub.send(201, "POST", f"{REPO}/statuses/{head}", {"state": "success"})
    hub.send(422, "POST", f"{REPO}/statuses/{head}", {"state": "red"})
    hub.get(f"{REPO}/commits/syncbot/sync-1/status")
    hub.get(f"{REPO}/commits/{head}/statuses")
    run = {"name": "lint", "head_sha": head, "status": "in_progress"}
    made = hub.send(201, "POST", f"{REPO}/check-runs", run, by="bot")["id"]
    hub.send(403, "POST", f"{REPO}/check-runs", run)
    done = {"conclusion": "success", "output": {"title": "Fine", "summary": "All of it"}}
    hub.send(200, "PATCH", f"{REPO}/check-runs/{made}", done, by="bot")
    hub.get(f"{REPO}/check-runs/{made}")
    hub.get(f"{REPO}/commits/{head}/check-runs")


def rules(hub: Recorder) -> None:
    branch(hub, "release")
    rule = f"{REPO}/branches/release/protection"
    hub.get(f"{REPO}/collaborators/ada/permission")
    hub.send(404, "GET", f"{REPO}/collaborators/nobody/permission")
    hub.send(401, "GET", f"{REPO}/collaborators/ada/permission", by=None)
    hub.send(404, "GET", rule)
    reviews = {"required_approving_review_count": 2, "dismiss_stale_reviews": True, "require_code_owner_reviews": True}
    asked = {
        "required_status_checks": {"strict": False, "contexts": ["build"]},
        "enforce_admins": True,
        "required_pull_request_reviews": reviews,
        "restrictions": None,
        "required_linear_history": True,
    }
    hub.send(200, "PUT", rule, asked)
    hub.send(422, "PUT", rule, {})
    hub.send(422, "PUT", rule, {**asked, "required_pull_request_reviews": {"required_approving_review_count": 9}})
    hub.send(403, "PUT", rule, asked, by="bot")
    hub.send(404, "PUT", f"{REPO}/branches/none/protection", asked)
    hub.send(200, "POST", f"{rule}/required_signatures")
    hub.get(f"{rule}/required_signatures")
    hub.get(rule)
    hub.get(f"{REPO}/branches/release")
    hub.send(422, "PATCH", f"{REPO}/git/refs/heads/release", {"sha": hub.get(f"{REPO}/pulls/1")["head"]["sha"]})
    hub.send(409, "PUT", f"{REPO}/contents/notes.txt", file(b"notes", branch="release"))
    hub.send(422, "DELETE", f"{REPO}/git/refs/heads/release")
    hub.send(204, "DELETE", f"{rule}/required_signatures")
    hub.send(204, "DELETE", rule)
    hub.send(404, "GET", f"{rule}/required_signatures")
    hub.send(404, "POST", f"{rule}/required_signatures")
    hub.send(422, "PUT", rule, {**asked, "required_status_checks": []})
    hub.send(201, "POST", f"{REPO}/branches/release/rename", {"new_name": "stable"})
    hub.send(422, "POST", f"{REPO}/branches/stable/rename", {"new_name": "main"})
    hub.send(404, "POST", f"{REPO}/branches/release/rename", {"new_name": "other"})
    hub.send(204, "DELETE", f"{REPO}/git/refs/heads/stable")
    rulesets(hub)


def rulesets(hub: Recorder) -> None:
    signed = {
        "name": "signed",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["refs/heads/signed/**"], "exclude": []}},
        "rules": [{"type": "required_signatures"}],
    }
    hub.send(201, "POST", f"{REPO}/rulesets", signed)
    hub.send(422, "POST", f"{REPO}/rulesets", {**signed, "rules": [{"type": "wishes"}]})
    hub.send(422, "POST", f"{REPO}/rulesets", {**signed, "target": "push"})
    hub.send(403, "POST", f"{REPO}/rulesets", signed, by="bot")
    branch(hub, "signed/one")
    branch(hub, "unsigned")
    sha = hub.send(201, "PUT", f"{REPO}/contents/sign.md", file(b"sign", branch="unsigned"))["commit"]["sha"]
    hub.send(204, "DELETE", f"{REPO}/git/refs/heads/unsigned")
    hub.send(422, "PATCH", f"{REPO}/git/refs/heads/signed/one", {"sha": sha})
    hub.send(422, "POST", f"{REPO}/git/refs", {"ref": "refs/heads/signed/two", "sha": sha})
    hub.send(409, "PUT", f"{REPO}/contents/sign.md", file(b"sign", branch="signed/one"))
    hub.send(204, "DELETE", f"{REPO}/git/refs/heads/signed/one")


def apps(hub: Recorder) -> None:
    hub.get("/app", by="app")
    hub.send(401, "GET", "/app")
    (installed,) = hub.get("/app/installations", by="app")
    for path in ("/orgs/acme", "/users/acme", REPO):
        assert hub.get(f"{path}/installation", by="app")["id"] == installed["id"]
    hub.send(404, "GET", "/orgs/ada/installation", by="app")
    hub.send(404, "GET", "/repos/acme/none/installation", by="app")
    own = f"/app/installations/{installed['id']}"
    hub.get(own, by="app")
    narrowed = {"repositories": ["api"], "permissions": {"contents": "read"}}
    token = hub.send(201, "POST", f"{own}/access_tokens", narrowed, by="app")
    hub.send(201, "POST", f"{own}/access_tokens", by="app")
    hub.send(422, "POST", f"{own}/access_tokens", {"repositories": ["none"]}, by="app")
    hub.send(422, "POST", f"{own}/access_tokens", {"permissions": {"issues": "write"}}, by="app")
    hub.send(404, "POST", "/app/installations/999/access_tokens", by="app")
    hub.learn("installation", token["token"])
    assert hub.get("/installation/repositories", by="installation")["total_count"] == 1
    hub.send(403, "GET", "/installation/repositories")


def merging(hub: Recorder) -> None:
    branch(hub, "syncbot/sync-2")
    present = hub.get(f"{REPO}/contents/Dockerfile?ref=syncbot/sync-2")["sha"]
    second = file(b"FROM node:24\n", sha=present, branch="syncbot/sync-2")
    hub.send(200, "PUT", f"{REPO}/contents/Dockerfile", second)
    opened = {"title": "Node 24", "head": "syncbot/sync-2", "base": "main", "draft": True}
    hub.send(201, "POST", f"{REPO}/pulls", opened)
    hub.send(405, "PUT", f"{REPO}/pulls/2/merge", {})
    hub.send(404, "GET", f"{REPO}/pulls/1/merge")
    hub.send(409, "PUT", f"{REPO}/pulls/1/merge", {"sha": "0" * 40})
    hub.send(200, "PUT", f"{REPO}/pulls/1/merge", {"merge_method": "squash"})
    hub.send(204, "GET", f"{REPO}/pulls/1/merge")
    hub.get(f"{REPO}/pulls/1")
    hub.get(f"{REPO}/issues/1")
    hub.get(f"{REPO}/issues/1/events")
    hub.get(f"{REPO}/pulls/2")
    hub.send(422, "PUT", f"{REPO}/pulls/2/update-branch", {"expected_head_sha": "0" * 40})
    branch(hub, "behind")
    hub.send(201, "PUT", f"{REPO}/contents/behind.md", file(b"x", branch="behind"))
    hub.send(201, "PUT", f"{REPO}/contents/ahead.md", file(b"x"))
    behind = hub.send(201, "POST", f"{REPO}/pulls", {"title": "Behind", "head": "behind", "base": "main"})
    hub.send(202, "PUT", f"{REPO}/pulls/{behind['number']}/update-branch", {})
    hub.send(422, "PUT", f"{REPO}/pulls/{behind['number']}/update-branch", {})
    hub.send(200, "PATCH", f"{REPO}/pulls/2", {"state": "closed"})
    hub.send(404, "PUT", f"{REPO}/pulls/99/merge", {})
    hub.get(f"{REPO}/pulls?state=closed&sort=updated")


def refusals(hub: Recorder) -> None:
    head = hub.get(f"{REPO}/git/ref/heads/main")["object"]["sha"]
    pointer = {"ref": "refs/heads/late", "sha": head}
    hub.send(200, "PATCH", REPO, {"name": "gateway"})
    hub.send(301, "GET", REPO)
    hub.send(301, "GET", f"{REPO}/branches/main")
    hub.send(307, "PATCH", REPO, {"description": "Moved"})
    hub.send(200, "PATCH", "/repos/acme/gateway", {"archived": True, "private": True})
    hub.send(403, "POST", "/repos/acme/gateway/git/refs", pointer)
    hub.send(403, "PUT", "/repos/acme/gateway/contents/x", file(b"x"))
    hub.send(403, "POST", "/repos/acme/gateway/issues/1/comments", {"body": "x"})
    hub.send(404, "GET", "/repos/acme/gateway", by="reader")
    hub.send(404, "GET", "/repos/acme/gateway", by=None)
    hub.send(404, "POST", "/repos/acme/gateway/git/refs", pointer, by="reader")
    hub.send(401, "GET", "/repos/acme/gateway", by="forged")


def branch(hub: Recorder, name: str) -> None:
    """A new branch at main."""
    head = hub.get(f"{REPO}/git/ref/heads/main")["object"]["sha"]
    hub.send(201, "POST", f"{REPO}/git/refs", {"ref": f"refs/heads/{name}", "sha": head})


def file(content: bytes, **guard: str) -> dict[str, str]:
    """The body of a write to the contents API."""
    return {"message": "Write", "content": base64.b64encode(content).decode(), **guard}

"""GraphQL over a forge in process: pages and cost, how it refuses, and that every field of the schema is answered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import get_named_type, is_abstract_type, is_leaf_type, is_object_type

from syncbot.sandbox import graphql
from syncbot.sandbox.checks import create_check_run, create_status
from syncbot.sandbox.forge import Forge
from syncbot.sandbox.issues import create_comment, create_review
from syncbot.sandbox.merge_button import merge_pull
from syncbot.sandbox.protection import protect
from syncbot.sandbox.pulls import edit_pull
from syncbot.sandbox.records import Identity, RepoRow
from syncbot.sandbox.refs import set_ref
from syncbot.sandbox.roles import add_team
from syncbot.sandbox.rulesets import add_ruleset
from syncbot.sandbox.server import Sandbox
from tests.sandbox.graphql_forge import ADA, BOT, ask, of_repo, propose


def test_pages_follow_cursors(forge: Forge, repo: RepoRow) -> None:
    """Going on after `endCursor` gives every node once."""
    for i in range(5):
        set_ref(forge, BOT.login, repo, f"refs/heads/b{i}", forge.git(repo).branch("main"))
    names: list[str] = []
    after = "null"
    for _ in range(3):
        found = of_repo(
            forge,
            f'refs(refPrefix: "refs/heads/", first: 2, after: {after}) '
            "{ nodes { name } pageInfo { endCursor hasNextPage } }",
        )["refs"]
        names += [node["name"] for node in found["nodes"]]
        after = json.dumps(found["pageInfo"]["endCursor"])
    assert names == ["b0", "b1", "b2", "b3", "b4", "main"]
    assert found["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("bounds", "type"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        (", first: 101", "EXCESSIVE_PAGINATION"),
        (", first: -1", "BAD_PAGINATION"),
        (', first: 1, after: "x"', "INVALID_CURSOR_ARGUMENTS"),
    ],
)
def test_a_connection_without_sound_bounds_is_refused(forge: Forge, repo: RepoRow, bounds: str, type: str) -> None:
    """Every connection needs `first` or `last`, at most 100."""
    field = f'refs(refPrefix: "refs/heads/"{bounds}) {{ totalCount }}'
    found = ask(forge, f'{{ repository(owner: "acme", name: "api") {{ {field} }} }}')
    assert found["data"] == {"repository": {"refs": None}}
    assert found["errors"][0]["type"] == type


def test_cost_counts_connections_as_filled(forge: Forge, repo: RepoRow) -> None:
    """GitHub's own example of its rule: 1 + 100 + 5,000 connections are 51 points, before anything is read."""
    text = (
        'query($n: Int!) { rateLimit { cost nodeCount limit } repository(owner: "acme", name: "api") '
        '{ refs(refPrefix: "refs/heads/", first: $n) { nodes { associatedPullRequests(last: 50) '
        "{ nodes { labels(first: 60) { totalCount } } } } } } }"
    )
    found = ask(forge, text, n=100)["data"]["rateLimit"]
    assert found == {"cost": 51, "nodeCount": 100 + 5_000 + 300_000, "limit": 5000}


def test_who_sees_what_a_branch_asks_for(forge: Forge, repo: RepoRow) -> None:
    """Its protection as a rule is for administrators; what it asks for, and rulesets, are for everybody."""
    protect(forge, repo, "main", signatures=True)
    add_ruleset(forge, repo, "signed", include=["~DEFAULT_BRANCH"])
    fields = (
        "branchProtectionRule { requiresCommitSignatures } refUpdateRule { requiresSignatures } "
        "rules(first: 5) { totalCount nodes { type } }"
    )
    text = f'{{ repository(owner: "acme", name: "api") {{ ref(qualifiedName: "main") {{ {fields} }} }} }}'
    writer = Identity(login="eve", permissions={"contents": "write"})
    for who, rule in ((ADA, {"requiresCommitSignatures": True}), (writer, None)):
        assert ask(forge, text, who)["data"]["repository"]["ref"] == {
            "branchProtectionRule": rule,
            "refUpdateRule": {"requiresSignatures": True},
            "rules": {"totalCount": 1, "nodes": [{"type": "REQUIRED_SIGNATURES"}]},
        }


def test_a_query_for_too_many_nodes_is_refused(forge: Forge, repo: RepoRow) -> None:
    """500,000 is GitHub's limit; nothing is read."""
    pulls = "pullRequests(first: 100) { nodes { commits(first: 100) { nodes { commit { parents(first: 60) "
    text = f'{{ repository(owner: "acme", name: "api") {{ {pulls} {{ totalCount }} }} }} }} }} }} }} }}'
    found = ask(forge, text)
    assert "data" not in found
    assert found["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"


def test_the_viewer_of_an_app_keeps_its_suffix(forge: Forge) -> None:
    """`viewer` is the one place where GraphQL says `[bot]`."""
    assert ask(forge, "{ viewer { login } }", BOT)["data"] == {"viewer": {"login": "acme-syncbot[bot]"}}
    assert ask(forge, "{ viewer { login } }")["data"] == {"viewer": {"login": "ada"}}


@pytest.mark.parametrize(
    "text",
    [
        None,
        "{ viewer",
        "{ nope }",
        "query A { viewer { login } } query B { viewer { login } }",
        "fragment A on User { id }",
    ],
    ids=["none", "syntax", "unknown field", "ambiguous operation", "no operation"],
)
def test_a_wrong_document_is_answered_with_errors_alone(forge: Forge, text: str | None) -> None:
    """HTTP 200, `errors` and no `data`, without any document too."""
    token = forge.issue_token("ada")
    status, found, _ = graphql.respond(forge, f"bearer {token}", json.dumps({"query": text}).encode())
    assert status == 200
    assert "data" not in found
    assert found["errors"][0]["message"]


@pytest.mark.parametrize(
    ("authorization", "body", "status", "message"),
    [
        ("token nonsense", b"{}", 401, "Bad credentials"),
        (None, b"{}", 401, "This endpoint requires you to be authenticated."),
        ("", b"{", 400, "Problems parsing JSON"),
    ],
)
def test_what_never_reaches_execution(
    forge: Forge, authorization: str | None, body: bytes, status: int, message: str
) -> None:
    """Bad credentials and bad bodies have HTTP statuses of their own."""
    header = f"token {forge.issue_token('ada')}" if authorization == "" else authorization
    got, found, _ = graphql.respond(forge, header, body)
    assert (got, found["message"]) == (status, message)


def test_over_http(tmp_path: Path) -> None:
    """The running server answers at its GraphQL URL, refuses strangers, and counts what it was asked."""
    with Sandbox(tmp_path / "sandbox") as sandbox, httpx.Client() as client:
        url, token = sandbox.graphql_url, sandbox.forge.issue_token("ada")
        question = {"query": "query Q($first: Boolean!) { viewer { login @include(if: $first) } }"}
        known = {"Authorization": f"Bearer {token}"}
        found = client.post(url, json={**question, "variables": {"first": True}}, headers=known)
        assert (found.status_code, found.json()) == (200, {"data": {"viewer": {"login": "ada"}}})
        unset = client.post(url, json=question, headers=known).json()
        assert "data" not in unset and "$first" in unset["errors"][0]["message"]
        assert client.post(url, json=question).status_code == 401
        assert client.get(url, headers=known).status_code == 404
        assert sandbox.stats()["requests"] == {"rest": 0, "graphql": 4, "git": 0}


ARGUMENTS = {
    ("Query", "repository"): '(owner: "acme", name: "api")',
    ("Repository", "object"): '(expression: "HEAD:Dockerfile")',
    ("Repository", "pullRequest"): "(number: 1)",
    ("Repository", "ref"): '(qualifiedName: "main")',
    ("Repository", "refs"): '(refPrefix: "refs/heads/", last: 2)',
    ("Commit", "file"): '(path: "Dockerfile")',
    ("PullRequest", "timelineItems"): "(last: 9)",
    ("Query", "search"): '(query: "is:pr", type: ISSUE, last: 2)',
    ("Query", "organization"): '(login: "acme")',
    ("Query", "repositoryOwner"): '(login: "acme")',
    ("Organization", "team"): '(slug: "platform")',
}


def selection(kind: Any, above: tuple[str, ...] = ()) -> str:
    """Every field of a type, aliased with its type's name, some levels deep and without going round."""
    if kind.name in above or len(above) > 7:
        return "{ __typename }"
    above += (kind.name,)
    if is_abstract_type(kind):
        options = graphql.schema().get_possible_types(kind)
        return "{ " + " ".join(f"... on {option.name} {selection(option, above)}" for option in options) + " }"
    fields = []
    for name, field in kind.fields.items():
        if (kind.name, name) in {("Query", "node"), ("Query", "nodes")}:  # every type is reached otherwise
            continue
        below = get_named_type(field.type)
        arguments = ARGUMENTS.get((kind.name, name), "(last: 2)" if "first" in field.args else "")
        nested = "" if is_leaf_type(below) else selection(below, above)
        fields.append(f"{kind.name}_{name}: {name}{arguments} {nested}")
    return "{ __typename " + " ".join(fields) + " }"


def test_every_field_of_the_schema_can_be_asked_for(forge: Forge, repo: RepoRow) -> None:
    """One query with every field of every type is answered without an error."""
    number = propose(forge, repo, "syncbot/sync-1")
    head = forge.git(repo).branch("syncbot/sync-1")
    create_status(forge, ADA, repo, head, state="success")
    create_check_run(forge, BOT, repo, name="lint", sha=head, fields={"conclusion": "success"})
    create_comment(forge, ADA, repo, number, "Looks right")
    edit_pull(forge, ADA, repo, number, title="Another")
    create_review(forge, ADA, repo, number, event="APPROVE", body="")
    merge_pull(forge, ADA, repo, number)
    protect(forge, repo, "main", reviews=1)
    add_team(forge, "acme", "platform", ["ada"])
    add_ruleset(forge, repo, "signed", include=["~ALL"])
    text = selection(graphql.schema().query_type)
    found = ask(forge, text)
    assert "errors" not in found
    reached = set(re.findall(r'"__typename": "(\w+)"', json.dumps(found)))
    objects = {name for name, kind in graphql.schema().type_map.items() if is_object_type(kind) and name[:2] != "__"}
    events = {
        "BaseRefChangedEvent",
        "BaseRefDeletedEvent",
        "HeadRefForcePushedEvent",
        "ReopenedEvent",
        "UnlabeledEvent",
    }
    unreached = {"Tag", "AutoMergeRequest"} | events  # none here
    payloads = {name for name in objects if name.endswith("Payload")} | {"Mutation"}
    assert objects - reached - payloads == unreached

"""GraphQL over a forge in process: what GitHub answers, field by field, and how it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pygit2
import pytest
from graphql import get_named_type, is_abstract_type, is_leaf_type, is_object_type

from syncbot.github import documents
from syncbot.sandbox import graphql
from syncbot.sandbox.checks import create_check_run, create_status
from syncbot.sandbox.forge import Forge
from syncbot.sandbox.gitdata import Person, TreeEntry, create_commit, create_tree, put_file
from syncbot.sandbox.issues import add_labels, create_comment, create_review
from syncbot.sandbox.merge_button import merge_pull
from syncbot.sandbox.protection import protect
from syncbot.sandbox.pulls import create_pull, edit_pull
from syncbot.sandbox.records import Identity, RepoRow
from syncbot.sandbox.refs import delete_ref, set_ref
from syncbot.sandbox.roles import add_team
from syncbot.sandbox.rulesets import add_ruleset
from syncbot.sandbox.server import Sandbox

AREAS = ("administration", "checks", "contents", "issues", "members", "pull_requests", "statuses", "workflows")
EVERYTHING = dict.fromkeys(AREAS, "write")
BOT = Identity(login="acme-syncbot[bot]", type="Bot", permissions=EVERYTHING)
ADA = Identity(login="ada", permissions=EVERYTHING)


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    forge = Forge(tmp_path / "data")
    for identity in (BOT, ADA):
        forge.user(identity.login, identity.type)
    yield forge
    forge.close()


@pytest.fixture
def repo(forge: Forge) -> RepoRow:
    """acme/api with a Dockerfile on main."""
    made = forge.create_repo("acme", "api")
    write(forge, made, ADA, "Dockerfile", b"FROM node:18\n")
    return made


def write(forge: Forge, repo: RepoRow, who: Identity, path: str, content: bytes, branch: str = "main") -> str:
    present = forge.git(repo).entry(branch, path)
    return put_file(
        forge,
        who,
        repo,
        path,
        content=content,
        message=f"Write {path}",
        sha=present.oid if present else None,
        branch=branch,
    )


def propose(forge: Forge, repo: RepoRow, branch: str, content: bytes = b"FROM node:22\n") -> int:
    """A pull request of the bot that changes the Dockerfile; answers its number."""
    set_ref(forge, BOT.login, repo, f"refs/heads/{branch}", forge.git(repo).branch("main"))
    write(forge, repo, BOT, "Dockerfile", content, branch)
    pull = create_pull(forge, BOT, repo, title="Move to Node 22", head=branch, base="main", body="Why")
    add_labels(forge, BOT, repo, pull.number, ("syncbot",))
    return pull.number


def ask(forge: Forge, text: str, who: Identity = ADA, **variables: object) -> dict[str, Any]:
    return graphql.answer(forge, who, text, variables)


def of_repo(forge: Forge, fields: str, who: Identity = ADA) -> Any:
    """The repository's fields, from an answer without errors."""
    found = ask(forge, f'{{ repository(owner: "acme", name: "api") {{ {fields} }} }}', who)
    assert "errors" not in found, found
    return found["data"]["repository"]


def of_pull(forge: Forge, number: int, fields: str) -> Any:
    return of_repo(forge, f"pullRequest(number: {number}) {{ {fields} }}")["pullRequest"]


# ---------------------------------------------------------------- the bot's documents


def survey_variables(*names: str, paths: tuple[str, ...] = ()) -> dict[str, object]:
    repos = {f"o{i}": "acme" for i in range(len(names))} | {f"n{i}": name for i, name in enumerate(names)}
    return {"label": "syncbot"} | repos | {f"p{i}": path for i, path in enumerate(paths)}


def test_survey_reads_head_files_and_branches(forge: Forge, repo: RepoRow) -> None:
    """One document gives head and tree ids, entries with texts where asked, and the bot's branches."""
    number = propose(forge, repo, "syncbot/sync-1")
    text = documents.survey(1, 2, 1)
    found = ask(forge, text, BOT, **survey_variables("api", paths=("Dockerfile", "Dockerfile")))
    head = forge.git(repo).branch("main")
    target = found["data"]["r0"]["defaultBranchRef"]["target"]
    assert "errors" not in found
    assert target["oid"] == head
    assert target["tree"]["oid"] == str(forge.git(repo).tree("main").id)
    assert target["statusCheckRollup"] is None
    entry = forge.git(repo).entry("main", "Dockerfile")
    assert (target["f0"]["oid"], target["f0"]["mode"]) == (entry.oid, 33188)
    assert target["f1"]["object"]["text"] == "FROM node:18\n"
    (branch,) = found["data"]["r0"]["refs"]["nodes"]
    (pull,) = branch["associatedPullRequests"]["nodes"]
    assert pull["number"] == number


def test_a_missing_repository_and_a_missing_file_differ_by_path(forge: Forge, repo: RepoRow) -> None:
    """Both are NOT_FOUND under HTTP 200; the rest of the batch is answered."""
    found = ask(forge, documents.survey(2, 1, 0), BOT, **survey_variables("api", "gone", paths=("Makefile",)))
    assert found["data"]["r1"] is None
    assert found["data"]["r0"]["defaultBranchRef"]["target"]["f0"] is None
    assert {tuple(error["path"]): (error["type"], error["message"]) for error in found["errors"]} == {
        ("r1",): ("NOT_FOUND", "Could not resolve to a Repository with the name 'acme/gone'."),
        ("r0", "defaultBranchRef", "target", "f0"): (
            "NOT_FOUND",
            "Could not resolve file for path 'Makefile'.",
        ),
    }


def test_history_tells_a_pull_request_whole(forge: Forge, repo: RepoRow) -> None:
    """Open, closed and merged ones, with who closed them, their checks, files and commits."""
    opened = propose(forge, repo, "syncbot/sync-1")
    head = write(forge, repo, ADA, "Dockerfile", b"FROM node:22-slim\n", "syncbot/sync-1")
    create_status(forge, ADA, repo, head, state="failure", context="build")
    closed = propose(forge, repo, "syncbot/adopt-1", b"FROM node:20\n")
    edit_pull(forge, ADA, repo, closed, state="closed")
    variables = survey_variables("api", paths=("Dockerfile",)) | {"label": "syncbot"}
    found = ask(forge, documents.history(1, 1), BOT, **variables)
    assert "errors" not in found
    by_number = {pull["number"]: pull for pull in found["data"]["r0"]["pullRequests"]["nodes"]}
    pull = by_number[opened]
    assert (pull["state"], pull["headRefName"], pull["headRefOid"]) == ("OPEN", "syncbot/sync-1", head)
    assert pull["author"] == {"__typename": "Bot", "login": "acme-syncbot"}
    assert pull["labels"]["nodes"] == [{"name": "syncbot"}]
    assert pull["headRef"]["target"]["statusCheckRollup"] == {"state": "FAILURE"}
    assert pull["headRef"]["target"]["f0"]["oid"] == forge.git(repo).entry(head, "Dockerfile").oid
    assert pull["events"]["nodes"] == []
    assert by_number[closed]["state"] == "CLOSED"
    (event,) = by_number[closed]["events"]["nodes"]
    assert (event["__typename"], event["actor"]) == ("ClosedEvent", {"__typename": "User", "login": "ada"})
    commits = [node["commit"] for node in pull["commits"]["nodes"]]
    assert [commit["oid"] for commit in commits][-1] == head
    assert [commit["committer"]["user"] for commit in commits] == [None, {"login": "ada"}]


def test_blobs_are_read_by_expression(forge: Forge, repo: RepoRow) -> None:
    """An object that does not exist is null, without an error."""
    oid = forge.git(repo).entry("main", "Dockerfile").oid
    variables = survey_variables("api") | {"x0_0": oid, "x0_1": "main:Makefile"}
    found = ask(forge, documents.blobs([2]), BOT, **variables)
    assert "errors" not in found
    first = found["data"]["r0"]["b0"]
    assert (first["oid"], first["text"], first["isTruncated"]) == (oid, "FROM node:18\n", False)
    assert found["data"]["r0"]["b1"] is None


# ---------------------------------------------------------------- repositories


def test_an_empty_repository_has_no_default_branch(forge: Forge) -> None:
    """`isEmpty` says it; `defaultBranchRef` is null."""
    forge.create_repo("acme", "api")
    assert of_repo(forge, 'isEmpty defaultBranchRef { name } refs(refPrefix: "refs/", first: 1) { totalCount }') == {
        "isEmpty": True,
        "defaultBranchRef": None,
        "refs": {"totalCount": 0},
    }


def test_a_renamed_repository_is_followed_unless_told_otherwise(forge: Forge, repo: RepoRow) -> None:
    """The answer carries the present name."""
    forge.rename_repo(repo, "gateway")
    assert of_repo(forge, "nameWithOwner") == {"nameWithOwner": "acme/gateway"}
    strict = '{ repository(owner: "acme", name: "api", followRenames: false) { id } }'
    assert ask(forge, strict)["errors"][0]["type"] == "NOT_FOUND"


def test_a_private_repository_is_invisible_to_a_token_without_it(forge: Forge, repo: RepoRow) -> None:
    """It is told just as a missing one."""
    forge.edit_repo(repo, private=1)
    stranger = Identity(login="eve", permissions=EVERYTHING, repositories=("acme/other",))
    found = ask(forge, '{ repository(owner: "acme", name: "api") { id } }', stranger)
    assert found["data"] == {"repository": None}
    assert found["errors"][0]["type"] == "NOT_FOUND"


def test_settings_and_permission(forge: Forge, repo: RepoRow) -> None:
    """Flags are booleans, and the permission depends on who asks."""
    forge.edit_repo(repo, archived=1, allow_squash_merge=0, delete_branch_on_merge=1)
    fields = (
        "isArchived isDisabled isPrivate squashMergeAllowed mergeCommitAllowed rebaseMergeAllowed "
        "deleteBranchOnMerge viewerPermission owner { __typename login } url"
    )
    assert of_repo(forge, fields) == {
        "isArchived": True,
        "isDisabled": False,
        "isPrivate": False,
        "squashMergeAllowed": False,
        "mergeCommitAllowed": True,
        "rebaseMergeAllowed": True,
        "deleteBranchOnMerge": True,
        "viewerPermission": "ADMIN",
        "owner": {"__typename": "Organization", "login": "acme"},
        "url": f"{forge.url}/acme/api",
    }
    assert of_repo(forge, "viewerPermission", BOT) == {"viewerPermission": "WRITE"}


@pytest.mark.parametrize("name", ["main", "heads/main", "refs/heads/main"])
def test_a_ref_is_found_by_each_of_its_names(forge: Forge, repo: RepoRow, name: str) -> None:
    """Name and prefix are told apart; an unknown ref is null."""
    found = of_repo(forge, f'ref(qualifiedName: "{name}") {{ name prefix }} gone: ref(qualifiedName: "x") {{ id }}')
    assert found == {"ref": {"name": "main", "prefix": "refs/heads/"}, "gone": None}


def test_refs_are_named_relative_to_the_prefix(forge: Forge, repo: RepoRow) -> None:
    """`prefix` + `name` is the full name, whatever prefix was asked for."""
    for branch in ("syncbot/sync-1", "syncbot/sync-2", "syncbotany"):
        set_ref(forge, BOT.login, repo, f"refs/heads/{branch}", forge.git(repo).branch("main"))
    page = of_repo(forge, 'refs(refPrefix: "refs/heads/syncbot/", first: 50) { nodes { prefix name } }')["refs"]
    assert page["nodes"] == [
        {"prefix": "refs/heads/syncbot/", "name": "sync-1"},
        {"prefix": "refs/heads/syncbot/", "name": "sync-2"},
    ]
    heads = of_repo(forge, 'refs(refPrefix: "refs/heads/", query: "ANY", first: 9) { nodes { name } }')["refs"]
    assert heads["nodes"] == [{"name": "syncbotany"}]


# ---------------------------------------------------------------- git objects


def test_entries_of_every_kind(forge: Forge, repo: RepoRow) -> None:
    """Modes are numbers; a submodule's object is null, since its commit is elsewhere."""
    git = forge.git(repo)
    link = str(git.raw.create_blob(b"Dockerfile"))
    tree = create_tree(
        forge,
        ADA,
        repo,
        [
            TreeEntry(path="run.sh", mode="100755", content="#!/bin/sh\n"),
            TreeEntry(path="link", mode="120000", sha=link),
            TreeEntry(path="vendor/lib", mode="160000", sha="1" * 40),
        ],
        str(git.tree("main").id),
    )
    commit = create_commit(forge, ADA, repo, message="Kinds\n\nAll.\n", tree=tree, parents=(git.branch("main"),))
    set_ref(forge, ADA.login, repo, "refs/heads/main", commit)
    fields = " ".join(
        f'{alias}: file(path: "{path}") {{ mode type size object {{ __typename }} }}'
        for alias, path in {"run": "run.sh", "link": "link", "folder": "vendor", "module": "vendor/lib"}.items()
    )
    target = of_repo(
        forge, f"defaultBranchRef {{ target {{ ... on Commit {{ {fields} message messageHeadline }} }} }}"
    )["defaultBranchRef"]["target"]
    assert target == {
        "run": {"mode": 33261, "type": "blob", "size": 10, "object": {"__typename": "Blob"}},
        "link": {"mode": 40960, "type": "blob", "size": 10, "object": {"__typename": "Blob"}},
        "folder": {"mode": 16384, "type": "tree", "size": 0, "object": {"__typename": "Tree"}},
        "module": {"mode": 57344, "type": "commit", "size": 0, "object": None},
        "message": "Kinds\n\nAll.",
        "messageHeadline": "Kinds",
    }


@pytest.mark.parametrize(
    ("content", "binary", "truncated", "text"),
    [
        (b"caf\xc3\xa9\n", False, False, "café\n"),
        (b"", False, False, ""),
        (b"caf\xe9\n", True, False, None),
        (b"a\0b", True, False, None),
        ("é".encode() * 300_000, False, True, "é" * 262_144),
        (b"a" + "é".encode() * 300_000, False, True, "a" + "é" * 262_143),
    ],
    ids=["utf-8", "empty", "latin-1", "nul", "long", "long, cut inside a character"],
)
def test_text_of_a_blob(
    forge: Forge, repo: RepoRow, content: bytes, binary: bool, truncated: bool, text: str | None
) -> None:
    """Null where it is not UTF-8, cut at 512 kB where it is long; the size is the whole size."""
    write(forge, repo, ADA, "file", content)
    fields = "... on Blob { isBinary isTruncated byteSize text }"
    assert of_repo(forge, f'object(expression: "HEAD:file") {{ {fields} }}')["object"] == {
        "isBinary": binary,
        "isTruncated": truncated,
        "byteSize": len(content),
        "text": text,
    }


def test_a_stranger_among_committers_has_no_user(forge: Forge, repo: RepoRow) -> None:
    """Name, mail and moment are git's; the account is null where the address is nobody's."""
    git = forge.git(repo)
    someone = Person(name="Some One", email="some@example.com")
    tree = str(git.tree("main").id)
    oid = create_commit(forge, ADA, repo, message="x", tree=tree, parents=(git.branch("main"),), author=someone)
    found = of_repo(
        forge,
        f'object(oid: "{oid}") {{ ... on Commit {{ author {{ name email user {{ login }} }} '
        "parents(first: 1) { totalCount nodes { author { user { login } } } } } }",
    )["object"]
    assert found["author"] == {"name": "Some One", "email": "some@example.com", "user": None}
    assert found["parents"] == {"totalCount": 1, "nodes": [{"author": {"user": {"login": "ada"}}}]}


# ---------------------------------------------------------------- pull requests


def test_mergeable_has_three_values(forge: Forge, repo: RepoRow) -> None:
    """MERGEABLE, CONFLICTING once main moved on the same line, UNKNOWN once closed."""
    number = propose(forge, repo, "syncbot/sync-1")
    assert of_pull(forge, number, "mergeable") == {"mergeable": "MERGEABLE"}
    write(forge, repo, ADA, "Dockerfile", b"FROM node:20\n")
    assert of_pull(forge, number, "mergeable") == {"mergeable": "CONFLICTING"}
    edit_pull(forge, ADA, repo, number, state="closed")
    assert of_pull(forge, number, "mergeable") == {"mergeable": "UNKNOWN"}


def test_a_merged_pull_request_without_its_branch(forge: Forge, repo: RepoRow) -> None:
    """`headRef` is null, the head's name and id stay, and the merge commit can be read."""
    number = propose(forge, repo, "syncbot/sync-1")
    head = forge.git(repo).branch("syncbot/sync-1")
    commit = merge_pull(forge, ADA, repo, number)
    delete_ref(forge, ADA, repo, "refs/heads/syncbot/sync-1")
    fields = (
        "state merged closed headRef { name } headRefName headRefOid mergeCommit { oid } mergedBy { login } "
        "commits(last: 50) { totalCount } timelineItems(last: 5) { nodes { __typename } }"
    )
    assert of_pull(forge, number, fields) == {
        "state": "MERGED",
        "merged": True,
        "closed": True,
        "headRef": None,
        "headRefName": "syncbot/sync-1",
        "headRefOid": head,
        "mergeCommit": {"oid": commit},
        "mergedBy": {"login": "ada"},
        "commits": {"totalCount": 1},
        "timelineItems": {"nodes": [{"__typename": f"{name}Event"} for name in ("Labeled", "Merged", "Closed")]},
    }


def test_reviews_and_checks_roll_up(forge: Forge, repo: RepoRow) -> None:
    """The last word of each reviewer, where reviews are required, and of each check and status context."""
    forge.issue_token("ada")
    protect(forge, repo, "main", reviews=1)
    number = propose(forge, repo, "syncbot/sync-1")
    head = forge.git(repo).branch("syncbot/sync-1")
    create_status(forge, ADA, repo, head, state="pending", context="build")
    create_status(forge, ADA, repo, head, state="success", context="build")
    create_check_run(forge, BOT, repo, name="lint", sha=head, fields={"conclusion": "success"})
    create_review(forge, ADA, repo, number, event="APPROVE", body="")
    fields = (
        "reviewDecision statusCheckRollup { state contexts(first: 9) { totalCount nodes { "
        "... on CheckRun { name status conclusion } ... on StatusContext { context state } } } }"
    )
    assert of_pull(forge, number, fields) == {
        "reviewDecision": "APPROVED",
        "statusCheckRollup": {
            "state": "SUCCESS",
            "contexts": {
                "totalCount": 2,
                "nodes": [
                    {"name": "lint", "status": "COMPLETED", "conclusion": "SUCCESS"},
                    {"context": "build", "state": "SUCCESS"},
                ],
            },
        },
    }


def test_pull_requests_are_filtered_and_ordered(forge: Forge, repo: RepoRow) -> None:
    """By state, label, head and base; newest first on request."""
    first, second = propose(forge, repo, "a"), propose(forge, repo, "b", b"FROM node:20\n")
    edit_pull(forge, ADA, repo, first, state="closed")
    newest = "orderBy: {field: CREATED_AT, direction: DESC}"
    for arguments, numbers in {
        "first: 9": [first, second],
        f"first: 9, {newest}": [second, first],
        "last: 1": [second],
        "first: 9, states: [OPEN]": [second],
        'first: 9, labels: ["syncbot"]': [first, second],
        'first: 9, labels: ["other"]': [],
        'first: 9, headRefName: "a"': [first],
        'first: 9, baseRefName: "a"': [],
    }.items():
        found = of_repo(forge, f"pullRequests({arguments}) {{ nodes {{ number }} }}")["pullRequests"]
        assert [node["number"] for node in found["nodes"]] == numbers, arguments


def test_an_unknown_pull_request_is_null_with_an_error(forge: Forge, repo: RepoRow) -> None:
    """As GitHub says it."""
    found = ask(forge, '{ repository(owner: "acme", name: "api") { pullRequest(number: 9) { id } } }')
    assert found["data"] == {"repository": {"pullRequest": None}}
    assert found["errors"][0]["message"] == "Could not resolve to a PullRequest with the number of 9."


# ---------------------------------------------------------------- pages, cost, refusals


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


def test_an_annotated_tag_is_followed(forge: Forge, repo: RepoRow) -> None:
    """A tag has a name, a message and what it marks."""
    git = forge.git(repo)
    head = git.branch("main")
    git.raw.create_tag("v1", head, pygit2.enums.ObjectType.COMMIT, forge.signature("ada"), "First\n")
    fields = "target { __typename ... on Tag { name message target { oid } } }"
    assert of_repo(forge, f'ref(qualifiedName: "refs/tags/v1") {{ prefix name {fields} }}')["ref"] == {
        "prefix": "refs/tags/",
        "name": "v1",
        "target": {"__typename": "Tag", "name": "v1", "message": "First\n", "target": {"oid": head}},
    }

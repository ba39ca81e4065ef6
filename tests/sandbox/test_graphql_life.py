"""GraphQL about a pull request's life: what was said, who decides, search, and the mutations."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncbot.sandbox.checks import create_status
from syncbot.sandbox.forge import EVERYTHING, Forge
from syncbot.sandbox.gitdata import put_file
from syncbot.sandbox.issues import add_labels, create_comment, create_review, remove_label
from syncbot.sandbox.protection import protect
from syncbot.sandbox.pulls import create_pull, edit_pull, get_pull
from syncbot.sandbox.records import Identity, RepoRow
from syncbot.sandbox.refs import set_ref
from syncbot.sandbox.signing import is_verified
from syncbot.sandbox.waiting import queue
from tests.sandbox.graphql_forge import ADA, BOT, ask

EVE = Identity(login="eve", permissions=EVERYTHING)
COMMIT = "mutation M($i: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $i) { %s } }"
ENABLE = "mutation M($i: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $i) { %s } }"
DISABLE = "mutation M($i: DisablePullRequestAutoMergeInput!) { disablePullRequestAutoMerge(input: $i) { %s } }"


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    forge = Forge(tmp_path / "data")
    forge.issue_token("ada")
    yield forge
    forge.close()


@pytest.fixture
def repo(forge: Forge) -> RepoRow:
    """acme/api with a Dockerfile on main, which merges itself where asked to."""
    made = forge.create_repo("acme", "api")
    by = {"content": b"FROM node:18\n", "message": "Start", "sha": None, "branch": "main"}
    put_file(forge, ADA, made, "Dockerfile", **by)
    return forge.edit_repo(made, allow_auto_merge=1)


def propose(forge: Forge, repo: RepoRow, branch: str = "syncbot/sync-1", by: Identity = BOT) -> int:
    """A pull request that adds a file named after its branch; answers its number."""
    git = forge.git(repo)
    set_ref(forge, by.login, repo, f"refs/heads/{branch}", git.branch("main"))
    put_file(forge, by, repo, f"{branch}.md", content=b"x\n", message="Add", sha=None, branch=branch)
    return create_pull(forge, by, repo, title="Move to Node 22", head=branch, base="main", body="Why").number


def of_pull(forge: Forge, number: int, fields: str) -> Any:
    text = f'{{ repository(owner: "acme", name: "api") {{ pullRequest(number: {number}) {{ {fields} }} }} }}'
    found = ask(forge, text)
    assert "errors" not in found, found
    return found["data"]["repository"]["pullRequest"]


def mutate(forge: Forge, text: str, fields: str, who: Identity = BOT, **given: object) -> tuple[Any, list[Any]]:
    """The mutation's payload and the (type, message) of its errors."""
    found = ask(forge, text % fields, who, i=given)
    (payload,) = found["data"].values()
    return payload, [(error["type"], error["message"]) for error in found.get("errors", ())]


# ---------------------------------------------------------------- what was said


def test_comments_say_who_may_write(forge: Forge, repo: RepoRow) -> None:
    """The last comments, oldest first, each with its author's standing."""
    number = propose(forge, repo)
    for who, body in ((ADA, "first"), (EVE, "/syncbot hold"), (ADA, "/syncbot recreate")):
        create_comment(forge, who, repo, number, body)
    found = of_pull(forge, number, "comments(last: 2) { totalCount nodes { author { login } authorAssociation body } }")
    assert found["comments"] == {
        "totalCount": 3,
        "nodes": [
            {"author": {"login": "eve"}, "authorAssociation": "NONE", "body": "/syncbot hold"},
            {"author": {"login": "ada"}, "authorAssociation": "MEMBER", "body": "/syncbot recreate"},
        ],
    }
    newest = of_pull(
        forge, number, "comments(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { body createdAt } }"
    )
    assert len(newest["comments"]["nodes"]) == 1


def test_who_changed_the_base_is_told(forge: Forge, repo: RepoRow) -> None:
    """A person who points it elsewhere, and not the settings, which move no pull request."""
    number = propose(forge, repo)
    set_ref(forge, "ada", repo, "refs/heads/next", forge.git(repo).branch("main"))
    fields = (
        "baseRefName timelineItems(itemTypes: [BASE_REF_CHANGED_EVENT], last: 9) "
        "{ nodes { __typename ... on BaseRefChangedEvent { actor { __typename login } } } }"
    )
    forge.edit_repo(repo, default_branch="next")
    assert of_pull(forge, number, fields) == {"baseRefName": "main", "timelineItems": {"nodes": []}}
    edit_pull(forge, ADA, repo, number, base="next")
    event = {"__typename": "BaseRefChangedEvent", "actor": {"__typename": "User", "login": "ada"}}
    assert of_pull(forge, number, fields) == {"baseRefName": "next", "timelineItems": {"nodes": [event]}}


def test_timeline_tells_of_titles(forge: Forge, repo: RepoRow) -> None:
    """Who gave which title in place of which; one that is given again is no event."""
    number = propose(forge, repo, "syncbot/sync-1")
    before = of_pull(forge, number, "title")["title"]
    for title in ("Another", "Another", "A third"):
        edit_pull(forge, ADA, repo, number, title=title)
    fields = (
        "timelineItems(itemTypes: [RENAMED_TITLE_EVENT], last: 9) "
        "{ nodes { ... on RenamedTitleEvent { actor { login } previousTitle currentTitle } } }"
    )
    assert of_pull(forge, number, fields)["timelineItems"]["nodes"] == [
        {"actor": {"login": "ada"}, "previousTitle": old, "currentTitle": new}
        for old, new in ((before, "Another"), ("Another", "A third"))
    ]


def test_timeline_tells_of_labels_reopening_and_force_pushes(forge: Forge, repo: RepoRow) -> None:
    """Each event by its type, with its actor and what it is about."""
    number = propose(forge, repo)
    add_labels(forge, BOT, repo, number, ("hold",))
    remove_label(forge, ADA, repo, number, "hold")
    edit_pull(forge, ADA, repo, number, state="closed")
    edit_pull(forge, ADA, repo, number, state="open")
    before = get_pull(forge, repo, number).head_sha
    set_ref(forge, "ada", repo, "refs/heads/elsewhere", forge.git(repo).branch("main"))
    other = put_file(forge, ADA, repo, "o", content=b"o", message="O", sha=None, branch="elsewhere")
    set_ref(forge, "ada", repo, "refs/heads/syncbot/sync-1", other)
    fields = (
        "timelineItems(itemTypes: [CLOSED_EVENT, REOPENED_EVENT, UNLABELED_EVENT, HEAD_REF_FORCE_PUSHED_EVENT], "
        "last: 9) { nodes { __typename ... on ReopenedEvent { actor { login } } ... on UnlabeledEvent { actor { login }"
        " label { name } } ... on HeadRefForcePushedEvent { beforeCommit { oid } afterCommit { oid } } } }"
    )
    assert of_pull(forge, number, fields)["timelineItems"]["nodes"] == [
        {"__typename": "UnlabeledEvent", "actor": {"login": "ada"}, "label": {"name": "hold"}},
        {"__typename": "ClosedEvent"},
        {"__typename": "ReopenedEvent", "actor": {"login": "ada"}},
        {"__typename": "HeadRefForcePushedEvent", "beforeCommit": {"oid": before}, "afterCommit": {"oid": other}},
    ]


def test_reviews_can_be_narrowed(forge: Forge, repo: RepoRow) -> None:
    """By author and state; a reviewer who may not write is told apart."""
    number = propose(forge, repo)
    head = get_pull(forge, repo, number).head_sha
    create_review(forge, EVE, repo, number, event="APPROVE", body="")
    create_review(forge, ADA, repo, number, event="COMMENT", body="Hm")
    fields = "nodes { author { login } authorCanPushToRepository state commit { oid } }"
    eve = {"author": {"login": "eve"}, "authorCanPushToRepository": False, "state": "APPROVED", "commit": {"oid": head}}
    assert of_pull(forge, number, f"reviews(last: 9, states: [APPROVED]) {{ {fields} }}")["reviews"]["nodes"] == [eve]
    assert of_pull(forge, number, f'reviews(last: 9, author: "eve") {{ {fields} }}')["reviews"]["nodes"] == [eve]
    assert len(of_pull(forge, number, f"reviews(last: 9) {{ {fields} }}")["reviews"]["nodes"]) == 2


def test_latest_opinionated_reviews(forge: Forge, repo: RepoRow) -> None:
    """The last of each reviewer that is no mere comment; of writers alone where asked for."""
    number = propose(forge, repo)
    create_review(forge, ADA, repo, number, event="REQUEST_CHANGES", body="No")
    create_review(forge, EVE, repo, number, event="APPROVE", body="")
    create_review(forge, ADA, repo, number, event="APPROVE", body="Yes")
    create_review(forge, ADA, repo, number, event="COMMENT", body="Hm")
    fields = "nodes { author { login } state }"
    ada, eve = ({"author": {"login": who}, "state": "APPROVED"} for who in ("ada", "eve"))
    for arguments, found in (("first: 5", [ada, eve]), ("first: 5, writersOnly: true", [ada]), ("first: 1", [ada])):
        answer = of_pull(forge, number, f"latestOpinionatedReviews({arguments}) {{ {fields} }}")
        assert answer["latestOpinionatedReviews"]["nodes"] == found


def test_mergeability_that_is_worked_out_late(forge: Forge, repo: RepoRow) -> None:
    """Unknown to who asks first, and again after a push to base or head; known at once where the switch is off."""
    number = propose(forge, repo)
    assert of_pull(forge, number, "mergeable") == {"mergeable": "MERGEABLE"}
    forge.lazy_mergeability = True
    for pushed in ("main", "syncbot/sync-1"):
        assert [of_pull(forge, number, "mergeable")["mergeable"] for _ in range(3)] == [
            "UNKNOWN",
            "MERGEABLE",
            "MERGEABLE",
        ]
        put_file(forge, ADA, repo, f"{pushed}.txt", content=b"x", message="More", sha=None, branch=pushed)
    assert of_pull(forge, number, "mergeable") == {"mergeable": "UNKNOWN"}


def test_review_decision_where_reviews_are_required(forge: Forge, repo: RepoRow) -> None:
    """Null without a rule; then each reviewer's last word counts, if they may write."""
    number = propose(forge, repo)
    create_review(forge, ADA, repo, number, event="APPROVE", body="")
    decisions = [of_pull(forge, number, "reviewDecision")["reviewDecision"]]
    protect(forge, repo, "main", reviews=2)
    forge.issue_token("bob")
    bob = Identity(login="bob", permissions=EVERYTHING)
    for who, event in ((EVE, "APPROVE"), (bob, "REQUEST_CHANGES"), (bob, "COMMENT"), (bob, "APPROVE")):
        create_review(forge, who, repo, number, event=event, body="Word")
        decisions.append(of_pull(forge, number, "reviewDecision")["reviewDecision"])
    assert decisions == [None, "REVIEW_REQUIRED", "CHANGES_REQUESTED", "CHANGES_REQUESTED", "APPROVED"]


def test_protection_can_be_read(forge: Forge, repo: RepoRow) -> None:
    """A rule by its branch, and all of a repository's."""
    protect(forge, repo, "syncbot/*", signatures=True)
    protect(forge, repo, "main", reviews=2, code_owners=True, dismiss_stale=True, linear=True, contexts=["ci"])
    propose(forge, repo)
    rule = (
        "requiresCommitSignatures requiresApprovingReviews requiresCodeOwnerReviews dismissesStaleReviews "
        "requiresLinearHistory requiredApprovingReviewCount requiredStatusCheckContexts"
    )
    text = (
        '{ repository(owner: "acme", name: "api") { branchProtectionRules(first: 9) { nodes { pattern } } '
        f'main: ref(qualifiedName: "main") {{ branchProtectionRule {{ {rule} }} }} '
        'bot: ref(qualifiedName: "syncbot/sync-1") { branchProtectionRule { requiresCommitSignatures } } } }'
    )
    found = ask(forge, text)["data"]["repository"]
    assert found["branchProtectionRules"]["nodes"] == [{"pattern": "syncbot/*"}, {"pattern": "main"}]
    assert list(found["main"]["branchProtectionRule"].values()) == [False, True, True, True, True, 2, ["ci"]]
    assert found["bot"]["branchProtectionRule"] == {"requiresCommitSignatures": True}
    forge.git(repo).raw.create_reference_direct("refs/tags/main", forge.git(repo).branch("main"), True)
    text = text.replace('"main"', '"refs/tags/main"')
    assert ask(forge, text)["data"]["repository"]["main"] == {"branchProtectionRule": None}


# ---------------------------------------------------------------- search and nodes


def search(forge: Forge, query: str, who: Identity = ADA) -> list[tuple[str, int]]:
    fields = "nodes { ... on PullRequest { number repository { name } } }"
    found = ask(
        forge,
        f"query Q($q: String!) {{ search(query: $q, type: ISSUE, first: 50) {{ issueCount {fields} }} }}",
        who,
        q=query,
    )["data"]["search"]
    numbers = [(node["repository"]["name"], node["number"]) for node in found["nodes"]]
    assert found["issueCount"] == len(numbers)
    return sorted(numbers)


def test_search_by_each_term(forge: Forge, repo: RepoRow) -> None:
    """Terms add up, repositories and owners are alternatives, and what is unknown is a word to be found."""
    first, second = propose(forge, repo), propose(forge, repo, "topic", by=ADA)
    add_labels(forge, BOT, repo, first, ("by bot",))
    edit_pull(forge, ADA, repo, second, state="closed")
    other = forge.create_repo("acme", "web", private=True)
    put_file(forge, ADA, other, "a", content=b"a", message="A", sha=None, branch="main")
    third = propose(forge, other)
    api1, api2, web = ("api", first), ("api", second), ("web", third)
    for query, found in {
        "org:acme is:pr": [api1, api2, web],
        "org:acme is:pr is:open": [api1, web],
        "org:acme is:pr is:closed": [api2],
        "is:merged": [],
        "author:app/acme-syncbot": [api1, web],
        "author:ada": [api2],
        "is:pr -author:ada": [api1, web],
        "head:syncbot/": [api1, web],
        "base:main repo:acme/api": [api1, api2],
        "repo:acme/api repo:acme/web is:open": [api1, web],
        "repo:acme/none": [],
        'label:"by bot"': [api1],
        "label:other": [],
        "is:issue": [],
        "node": [api1, api2, web],
        "shoesize:46": [],
        "archived:true": [],
        "draft:false is:private": [web],
    }.items():
        assert search(forge, query) == found, query
    assert search(forge, "org:acme", Identity(login="x", repositories=("acme/api",))) == [api1, api2]


def test_nodes_by_id(forge: Forge, repo: RepoRow) -> None:
    """Pull requests and repositories; an unknown id is null with an error, and spares the others."""
    number = propose(forge, repo)
    known = of_pull(forge, number, "id repository { id }")
    ids = [known["id"], known["repository"]["id"], "PR_99", "R_99"]
    text = "query Q($ids: [ID!]!) { nodes(ids: $ids) { ... on PullRequest { number } ... on Repository { name } } }"
    found = ask(forge, text, ids=ids)
    assert found["data"]["nodes"] == [{"number": number}, {"name": "api"}, None, None]
    assert [error["type"] for error in found["errors"]] == ["NOT_FOUND", "NOT_FOUND"]
    hidden = forge.edit_repo(repo, private=1)
    stranger = Identity(login="x", repositories=())
    assert ask(forge, "query Q($i: ID!) { node(id: $i) { id } }", stranger, i=f"R_{hidden.id}")["data"] == {
        "node": None
    }


# ---------------------------------------------------------------- createCommitOnBranch


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def on_branch(head: str, branch: str = "main", **files: object) -> dict[str, object]:
    place = {"repositoryNameWithOwner": "acme/api", "branchName": branch}
    message = {"headline": "Move", "body": "Because"}
    return {"branch": place, "expectedHeadOid": head, "message": message, "fileChanges": files}


def test_commit_on_branch_is_signed_by_github(forge: Forge, repo: RepoRow) -> None:
    """Files come and go, the branch moves, GitHub commits in the App's name, and every mode becomes 100644."""
    git = forge.git(repo)
    files = {"additions": [{"path": "a/b.txt", "contents": b64("b\n")}], "deletions": [{"path": "Dockerfile"}]}
    fields = "clientMutationId ref { name } commit { oid message author { name } committer { user { login } } %s }"
    asked = {**on_branch(git.branch("main"), **files), "clientMutationId": "m"}
    payload, errors = mutate(forge, COMMIT, fields % "signature { isValid state wasSignedByGitHub }", **asked)
    tip = git.branch("main")
    assert errors == []
    assert payload == {
        "clientMutationId": "m",
        "ref": {"name": "main"},
        "commit": {
            "oid": tip,
            "message": "Move\n\nBecause",
            "author": {"name": "acme-syncbot[bot]"},
            "committer": {"user": {"login": "web-flow"}},
            "signature": {"isValid": True, "state": "VALID", "wasSignedByGitHub": True},
        },
    }
    assert git.entry(tip, "Dockerfile") is None
    assert git.entry(tip, "a/b.txt").mode == "100644"
    assert is_verified(forge, repo, tip)


def test_commit_on_a_branch_that_moved_is_stale(forge: Forge, repo: RepoRow) -> None:
    """Nothing is written where the head is not the expected one."""
    before = forge.git(repo).branch("main")
    payload, errors = mutate(forge, COMMIT, "commit { oid }", **on_branch("0" * 40))
    wanted = "0" * 40
    assert (payload, forge.git(repo).branch("main")) == (None, before)
    assert errors == [("STALE_DATA", f'Expected branch to point to "{wanted}" but it did not. Pull and try again.')]


def test_commit_on_branch_refusals(forge: Forge, repo: RepoRow) -> None:
    """Without the permission, the branch, the file to delete, valid Base64 or a sound path."""
    head = forge.git(repo).branch("main")
    workflow = {"additions": [{"path": ".github/workflows/x.yml", "contents": b64("on: push\n")}]}
    reader = Identity(login="eve", permissions={"contents": "read"})
    no_workflows = Identity(login=BOT.login, type="Bot", permissions={"contents": "write"})
    for given, who, kind in (
        (on_branch(head), reader, "FORBIDDEN"),
        (on_branch(head, **workflow), no_workflows, "FORBIDDEN"),
        (on_branch(head, "none"), BOT, "NOT_FOUND"),
        (on_branch(head, deletions=[{"path": "none"}]), BOT, "UNPROCESSABLE"),
        (on_branch(head, additions=[{"path": "a", "contents": "%"}]), BOT, "UNPROCESSABLE"),
        (on_branch(head, additions=[{"path": "../a", "contents": ""}]), BOT, "UNPROCESSABLE"),
        ({**on_branch(head), "branch": {"repositoryNameWithOwner": "acme/none"}}, BOT, "NOT_FOUND"),
    ):
        payload, errors = mutate(forge, COMMIT, "commit { oid }", who, **given)
        assert (payload, [error[0] for error in errors]) == (None, [kind])
    assert forge.git(repo).branch("main") == head


def test_commit_on_a_branch_by_its_id(forge: Forge, repo: RepoRow) -> None:
    """A ref's id names the branch as well."""
    text = '{ repository(owner: "acme", name: "api") { ref(qualifiedName: "main") { id target { oid } } } }'
    ref = ask(forge, text)["data"]["repository"]["ref"]
    given = {**on_branch(ref["target"]["oid"], additions=[]), "branch": {"id": ref["id"]}}
    assert mutate(forge, COMMIT, "ref { id }", **given) == ({"ref": {"id": ref["id"]}}, [])


# ---------------------------------------------------------------- auto-merge and the queue


def test_auto_merge_waits_for_the_checks(forge: Forge, repo: RepoRow) -> None:
    """Switched on while a check is missing, it merges with the write that makes the last one green."""
    protect(forge, repo, "main", contexts=["ci"])
    number = propose(forge, repo)
    pull = of_pull(forge, number, "id headRefOid mergeStateStatus")
    asked = {"pullRequestId": pull["id"], "mergeMethod": "SQUASH", "commitHeadline": "Headline"}
    payload, errors = mutate(forge, ENABLE, "pullRequest { autoMergeRequest { mergeMethod } }", **asked)
    assert (payload["pullRequest"], errors) == ({"autoMergeRequest": {"mergeMethod": "SQUASH"}}, [])
    assert pull["mergeStateStatus"] == "BLOCKED"
    create_status(forge, ADA, repo, pull["headRefOid"], state="success", context="ci")
    mutate(forge, COMMIT, "commit { oid }", **on_branch("0" * 40))  # refused, and yet a write
    assert of_pull(forge, number, "state")["state"] == "OPEN"
    other = propose(forge, repo, "other")
    asked = {"pullRequestId": of_pull(forge, other, "id")["id"]}
    mutate(forge, ENABLE, "clientMutationId", **asked)
    merged = of_pull(forge, number, "state autoMergeRequest { enabledAt } mergeCommit { messageHeadline }")
    assert merged == {"state": "MERGED", "autoMergeRequest": None, "mergeCommit": {"messageHeadline": "Headline"}}


def test_auto_merge_refusals(forge: Forge, repo: RepoRow) -> None:
    """Nothing to wait for, not allowed, another head, and none to take back."""
    number = propose(forge, repo)
    asked = {"pullRequestId": of_pull(forge, number, "id")["id"]}
    clean = [("UNPROCESSABLE", "Pull request Pull request is in clean status")]
    assert mutate(forge, ENABLE, "clientMutationId", **asked) == (None, clean)
    assert mutate(forge, ENABLE, "clientMutationId", expectedHeadOid="0" * 40, **asked)[0] is None
    assert mutate(forge, DISABLE, "clientMutationId", **asked)[0] is None
    assert mutate(forge, DISABLE, "clientMutationId", pullRequestId=f"R_{repo.id}")[1][0][0] == "NOT_FOUND"
    protect(forge, repo, "main", reviews=1)
    assert mutate(forge, ENABLE, "actor { login }", **asked) == ({"actor": {"login": "acme-syncbot"}}, [])
    assert mutate(forge, DISABLE, "actor { login }", ADA, **asked) == ({"actor": {"login": "ada"}}, [])
    forge.edit_repo(repo, allow_rebase_merge=0)
    assert mutate(forge, ENABLE, "clientMutationId", mergeMethod="REBASE", **asked)[0] is None
    forge.edit_repo(repo, allow_auto_merge=0)
    assert mutate(forge, ENABLE, "clientMutationId", **asked)[1][0][1].startswith("Auto merge is not allowed")


def test_a_push_takes_a_pull_request_out_of_the_queue(forge: Forge, repo: RepoRow) -> None:
    """Queued until somebody pushes to it."""
    number = propose(forge, repo)
    queue(forge, get_pull(forge, repo, number))
    assert of_pull(forge, number, "isInMergeQueue")["isInMergeQueue"]
    put_file(forge, ADA, repo, "more", content=b"x", message="More", sha=None, branch="syncbot/sync-1")
    assert not of_pull(forge, number, "isInMergeQueue")["isInMergeQueue"]

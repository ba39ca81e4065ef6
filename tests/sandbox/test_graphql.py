"""GraphQL over a forge in process: what GitHub answers, field by field."""

from __future__ import annotations

import pygit2
import pytest

from syncbot.github import queries
from syncbot.sandbox.checks import create_check_run, create_status
from syncbot.sandbox.forge import EVERYTHING, Forge
from syncbot.sandbox.gitdata import Person, TreeEntry, create_commit, create_tree
from syncbot.sandbox.issues import create_review
from syncbot.sandbox.merge_button import merge_pull
from syncbot.sandbox.protection import protect
from syncbot.sandbox.pulls import edit_pull
from syncbot.sandbox.records import Identity, RepoRow
from syncbot.sandbox.refs import delete_ref, set_ref
from tests.sandbox.graphql_forge import ADA, BOT, ask, of_pull, of_repo, propose, write

# ---------------------------------------------------------------- the bot's documents


def survey_variables(*names: str, paths: tuple[str, ...] = ()) -> dict[str, object]:
    repos = {f"o{i}": "acme" for i in range(len(names))} | {f"n{i}": name for i, name in enumerate(names)}
    bot = {"label": "syncbot", "b0": "refs/heads/syncbot/", "q0": "refs/heads/syncbot"}
    return bot | repos | {f"p{i}": path for i, path in enumerate(paths)}


def test_survey_reads_head_files_and_branches(forge: Forge, repo: RepoRow) -> None:
    """One document gives head and tree ids, entries with texts where asked, and the bot's branches."""
    number = propose(forge, repo, "syncbot/sync-1")
    text = queries.survey(1, 2, 1)
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
    (branch,) = found["data"]["r0"]["refs0"]["nodes"]
    (pull,) = branch["associatedPullRequests"]["nodes"]
    assert pull["number"] == number


def test_a_missing_repository_and_a_missing_file_differ_by_path(forge: Forge, repo: RepoRow) -> None:
    """Both are NOT_FOUND under HTTP 200; the rest of the batch is answered."""
    found = ask(forge, queries.survey(2, 1, 0), BOT, **survey_variables("api", "gone", paths=("Makefile",)))
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
    found = ask(forge, queries.history([0], 1), BOT, **variables)
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
    found = ask(forge, queries.blobs([2]), BOT, **variables)
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

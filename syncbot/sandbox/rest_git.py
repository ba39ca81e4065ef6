"""REST: blobs, trees, commits, refs."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

import pygit2

from .call import Answer, Call
from .gitdata import Person, TreeEntry, create_blob, create_commit, create_tree
from .records import RepoRow
from .refs import create_ref, delete_ref, read_ref, update_ref
from .refusal import Refusal, empty_repository, not_found
from .representations import repo_url
from .representations_git import blob, git_commit, ref, tree


def post_blob(call: Call) -> Answer:
    repo = call.repo
    content = call.text("content").encode()
    if call.optional_text("encoding") == "base64":
        content = decoded(call.text("content"))
    oid = create_blob(call.forge, call.who, repo, content)
    return Answer(status=201, body={"sha": oid, "url": f"{repo_url(call.forge, repo)}/git/blobs/{oid}"})


def get_blob(call: Call) -> Answer:
    repo = nonempty_repo(call)
    content = call.forge.git(repo).blob(call.params["sha"])
    if content is None:
        raise not_found()
    return Answer(body=blob(call.forge, repo, call.params["sha"], content))


def post_tree(call: Call) -> Answer:
    repo = call.repo
    entries = call.body.get("tree")
    if not isinstance(entries, list):
        raise Refusal(422, 'Invalid request.\n\n"tree" wasn\'t supplied.')
    parsed = [_tree_entry(entry) for entry in entries]
    oid = create_tree(call.forge, call.who, repo, parsed, call.optional_text("base_tree"))
    written = call.forge.git(repo).raw[oid].peel(pygit2.Tree)
    return Answer(status=201, body=tree(call.forge, repo, written, recursive=False))


def get_tree(call: Call) -> Answer:
    repo = nonempty_repo(call)
    found = call.forge.git(repo).tree(call.params["sha"])
    if found is None:
        raise not_found()
    recursive = call.query.get("recursive") not in (None, "", "0", "false")
    return Answer(body=tree(call.forge, repo, found, recursive=recursive))


def post_commit(call: Call) -> Answer:
    repo = call.repo
    oid = create_commit(
        call.forge,
        call.who,
        repo,
        message=call.text("message"),
        tree=call.text("tree"),
        parents=call.texts("parents"),
        author=person(call, "author"),
        committer=person(call, "committer"),
    )
    written = call.forge.git(repo).raw[oid].peel(pygit2.Commit)
    return Answer(status=201, body=git_commit(call.forge, repo, written))


def get_commit(call: Call) -> Answer:
    repo = nonempty_repo(call)
    found = call.forge.git(repo).object(call.params["sha"])
    if not isinstance(found, pygit2.Commit):
        raise not_found()
    return Answer(body=git_commit(call.forge, repo, found))


def post_ref(call: Call) -> Answer:
    repo = call.repo
    oid = create_ref(call.forge, call.who, repo, call.text("ref"), call.text("sha"))
    return Answer(status=201, body=ref(call.forge, repo, call.text("ref"), oid))


def get_ref(call: Call) -> Answer:
    repo = call.repo
    name = f"refs/{call.params['ref']}"
    return Answer(body=ref(call.forge, repo, name, read_ref(call.forge, repo, name)))


def matching_refs(call: Call) -> Answer:
    repo = nonempty_repo(call)
    found = call.forge.git(repo).refs(f"refs/{call.params['ref']}")
    page, headers = call.page([ref(call.forge, repo, name, oid) for name, oid in found])
    return Answer(body=page, headers=headers)


def patch_ref(call: Call) -> Answer:
    repo = call.repo
    name = f"refs/{call.params['ref']}"
    oid = update_ref(call.forge, call.who, repo, name, call.text("sha"), force=call.flag("force"))
    return Answer(body=ref(call.forge, repo, name, oid))


def remove_ref(call: Call) -> Answer:
    delete_ref(call.forge, call.who, call.repo, f"refs/{call.params['ref']}")
    return Answer(status=204)


def nonempty_repo(call: Call) -> RepoRow:
    """The repository of the path. Raises Refusal 409 where it has no commit."""
    repo = call.repo
    if call.forge.git(repo).is_empty:
        raise empty_repository()
    return repo


def decoded(content: str) -> bytes:
    """Base64 text as bytes. Raises Refusal 422."""
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except binascii.Error as error:
        raise Refusal(422, "content is not valid Base64") from error


def person(call: Call, name: str) -> Person | None:
    """The body's author or committer, or None. Raises Refusal 422."""
    given = call.body.get(name)
    if given is None:
        return None
    if not isinstance(given, dict) or not {"name", "email"} <= given.keys():
        raise Refusal(422, f"Invalid request.\n\n{name} needs a name and an email.")
    return Person(name=str(given["name"]), email=str(given["email"]), date=_moment(given.get("date")))


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as error:
        raise Refusal(422, f"Invalid request.\n\n{text} is not a valid date-time.") from error


def _tree_entry(entry: object) -> TreeEntry:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise Refusal(422, "tree.path is missing")
    content, sha = entry.get("content"), entry.get("sha")
    if content is None and "sha" not in entry:
        raise Refusal(422, "Must supply either tree.sha or tree.content")
    if content is not None and sha is not None:
        raise Refusal(422, "Must supply either tree.sha or tree.content, but not both")
    return TreeEntry(
        path=entry["path"],
        mode=str(entry.get("mode", "100644")),
        content=None if content is None else str(content),
        sha=None if sha is None else str(sha),
    )


ROUTES = (
    ("POST", "/repos/{owner}/{repo}/git/blobs", post_blob),
    ("GET", "/repos/{owner}/{repo}/git/blobs/{sha}", get_blob),
    ("POST", "/repos/{owner}/{repo}/git/trees", post_tree),
    ("GET", "/repos/{owner}/{repo}/git/trees/{sha:path}", get_tree),
    ("POST", "/repos/{owner}/{repo}/git/commits", post_commit),
    ("GET", "/repos/{owner}/{repo}/git/commits/{sha}", get_commit),
    ("POST", "/repos/{owner}/{repo}/git/refs", post_ref),
    ("GET", "/repos/{owner}/{repo}/git/ref/{ref:path}", get_ref),
    ("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref:path}", matching_refs),
    ("PATCH", "/repos/{owner}/{repo}/git/refs/{ref:path}", patch_ref),
    ("DELETE", "/repos/{owner}/{repo}/git/refs/{ref:path}", remove_ref),
)

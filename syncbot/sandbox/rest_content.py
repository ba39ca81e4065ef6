"""REST: branches, commits, comparisons, file contents, merging one branch into another."""

from __future__ import annotations

from itertools import islice

import pygit2

from .call import Answer, Call
from .gitdata import put_file
from .merge_button import merge_branches
from .records import RepoRow
from .refusal import Refusal, not_found
from .repository import Entry
from .representations import Json
from .representations_git import (
    branch,
    commit,
    comparison,
    content_directory,
    content_file,
    content_submodule,
    detailed_commit,
    git_commit,
    short_branch,
)
from .rest_git import decoded, nonempty_repo, person

MAX_COMMITS = 10_000


def list_branches(call: Call) -> Answer:
    repo = call.repo
    found = call.forge.git(repo).branches()
    page, headers = call.page([short_branch(call.forge, repo, name, oid) for name, oid in found])
    return Answer(body=page, headers=headers)


def get_branch(call: Call) -> Answer:
    repo = call.repo
    git = call.forge.git(repo)
    tip = git.commit(oid) if (oid := git.branch(call.params["branch"])) else None
    if tip is None:
        raise Refusal(404, "Branch not found")
    return Answer(body=branch(call.forge, repo, call.params["branch"], tip))


def list_commits(call: Call) -> Answer:
    repo = nonempty_repo(call)
    start = commit_of(call, repo, call.query.get("sha") or repo.default_branch)
    git = call.forge.git(repo)
    path = call.query.get("path")
    history = islice(git.commits(str(start.id)), MAX_COMMITS)
    found = [one for one in history if not path or _touches(one, path)]
    page, headers = call.page(found)
    return Answer(body=[commit(call.forge, repo, one) for one in page], headers=headers)


def get_commit(call: Call) -> Answer:
    repo = nonempty_repo(call)
    return Answer(body=detailed_commit(call.forge, repo, commit_of(call, repo, call.params["ref"])))


def compare(call: Call) -> Answer:
    repo = nonempty_repo(call)
    base_name, dots, head_name = call.params["basehead"].partition("...")
    if not dots:
        raise not_found()
    base = _comparable(call, repo, base_name)
    head = _comparable(call, repo, head_name)
    if call.forge.git(repo).compare(str(base.id), str(head.id)).merge_base is None:
        raise Refusal(404, f"No common ancestor between {base_name} and {head_name}.")
    return Answer(body=comparison(call.forge, repo, base, head, call.params["basehead"]))


def post_merge(call: Call) -> Answer:
    repo = call.repo
    base, head = call.text("base"), call.text("head")
    oid = merge_branches(call.forge, call.who, repo, base, head, call.optional_text("commit_message"))
    if oid is None:
        return Answer(status=204)
    merged = call.forge.git(repo).raw[oid].peel(pygit2.Commit)
    return Answer(status=201, body=detailed_commit(call.forge, repo, merged))


def get_contents(call: Call) -> Answer:
    repo = call.repo
    git = call.forge.git(repo)
    if git.is_empty:
        raise Refusal(404, "This repository is empty.")
    revision = call.query.get("ref") or repo.default_branch
    tip = git.commit(revision)
    if tip is None:
        raise Refusal(404, f"No commit found for the ref {revision}")
    path = call.params.get("path", "").strip("/")
    if not path:
        return Answer(body=content_directory(call.forge, repo, "", revision, tip.tree))
    entry = git.entry(str(tip.id), path)
    if entry is None:
        raise not_found()
    return Answer(body=_content(call, repo, path, revision, entry))


def put_contents(call: Call) -> Answer:
    repo = call.repo
    existed = call.body.get("sha") is not None
    path = call.params["path"]
    oid = _put(call, repo, decoded(call.text("content")))
    revision = call.optional_text("branch") or repo.default_branch
    entry = call.forge.git(repo).entry(oid, path)
    if entry is None:
        raise not_found()
    shown = _content(call, repo, path, revision, entry)
    if isinstance(shown, dict):
        shown = {key: value for key, value in shown.items() if key not in ("content", "encoding")}
    body = {"content": shown, "commit": _written(call, repo, oid)}
    return Answer(status=200 if existed else 201, body=body)


def delete_contents(call: Call) -> Answer:
    repo = call.repo
    call.text("sha")
    oid = _put(call, repo, None)
    return Answer(body={"content": None, "commit": _written(call, repo, oid)})


def commit_of(call: Call, repo: RepoRow, revision: str) -> pygit2.Commit:
    """The commit that a branch, tag or id names. Raises Refusal 422, as GitHub does for its commits API."""
    found = call.forge.git(repo).commit(revision)
    if found is None:
        raise Refusal(422, f"No commit found for SHA: {revision}")
    return found


def _put(call: Call, repo: RepoRow, content: bytes | None) -> str:
    return put_file(
        call.forge,
        call.who,
        repo,
        call.params["path"],
        content=content,
        message=call.text("message"),
        sha=call.optional_text("sha"),
        branch=call.optional_text("branch"),
        author=person(call, "author"),
        committer=person(call, "committer"),
    )


def _written(call: Call, repo: RepoRow, oid: str) -> Json:
    return git_commit(call.forge, repo, call.forge.git(repo).raw[oid].peel(pygit2.Commit))


def _content(call: Call, repo: RepoRow, path: str, revision: str, entry: Entry) -> object:
    found = call.forge.git(repo).object(entry.oid)
    if isinstance(found, pygit2.Tree):
        return content_directory(call.forge, repo, path, revision, found)
    if isinstance(found, pygit2.Blob):
        return content_file(call.forge, repo, path, revision, entry, found.data)
    return content_submodule(call.forge, repo, path, revision, entry)


def _comparable(call: Call, repo: RepoRow, name: str) -> pygit2.Commit:
    owner, colon, rest = name.partition(":")
    if colon and owner.casefold() != repo.owner.casefold():
        raise not_found()
    found = call.forge.git(repo).commit(rest if colon else name)
    if found is None:
        raise not_found()
    return found


def _touches(one: pygit2.Commit, path: str) -> bool:
    before = one.parents[0].tree if one.parents else None
    old = before[path].id if before and path in before else None
    new = one.tree[path].id if path in one.tree else None
    return old != new


ROUTES = (
    ("GET", "/repos/{owner}/{repo}/branches", list_branches),
    ("GET", "/repos/{owner}/{repo}/branches/{branch:path}", get_branch),
    ("GET", "/repos/{owner}/{repo}/commits", list_commits),
    ("GET", "/repos/{owner}/{repo}/commits/{ref:path}", get_commit),
    ("GET", "/repos/{owner}/{repo}/compare/{basehead:path}", compare),
    ("POST", "/repos/{owner}/{repo}/merges", post_merge),
    ("GET", "/repos/{owner}/{repo}/contents", get_contents),
    ("GET", "/repos/{owner}/{repo}/contents/{path:path}", get_contents),
    ("PUT", "/repos/{owner}/{repo}/contents/{path:path}", put_contents),
    ("DELETE", "/repos/{owner}/{repo}/contents/{path:path}", delete_contents),
)

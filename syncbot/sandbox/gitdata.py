"""Blobs, trees and commits made through the API, and the rule that workflow files need a permission of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pygit2

from .forge import Forge
from .protection import check_push
from .records import Identity, RepoRow
from .refs import set_ref
from .refusal import Refusal, empty_repository, not_found, not_supplied
from .repository import HEADS
from .signing import app_committer, mark_verified
from .trees import MODES, Change, build_tree, valid_path

WORKFLOWS = ".github/workflows/"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """One entry of `POST git/trees`: `content`, or `sha` (None removes the path)."""

    path: str
    mode: str
    content: str | None = None
    sha: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author or committer that a caller named."""

    name: str
    email: str
    date: datetime | None = None


def create_blob(forge: Forge, who: Identity, repo: RepoRow, content: bytes) -> str:
    """Writes a blob. Raises Refusal 409 for an empty repository."""
    forge.require(who, repo, "contents")
    _require_commits(forge, repo)
    return str(forge.git(repo).raw.create_blob(content))


def create_tree(forge: Forge, who: Identity, repo: RepoRow, entries: Iterable[TreeEntry], base_tree: str | None) -> str:
    """Writes a tree: `base_tree` (a tree or commit) with the entries. Raises Refusal 403, 404, 409, 422."""
    forge.require(who, repo, "contents")
    _require_commits(forge, repo)
    git = forge.git(repo)
    base = git.tree(base_tree) if base_tree else None
    if base_tree and base is None:
        raise not_found()
    changes = {entry.path: _change(git.raw, base, entry) for entry in entries}
    if not changes:
        raise Refusal(422, "Invalid tree info")
    try:
        oid = build_tree(git.raw, base, changes)
    except (ValueError, pygit2.GitError) as error:
        raise Refusal(422, "GitRPC::BadObjectState") from error
    require_workflows(forge, who, repo, base, git.raw[oid].peel(pygit2.Tree))
    return oid


def create_commit(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    *,
    message: str,
    tree: str,
    parents: tuple[str, ...],
    author: Person | None = None,
    committer: Person | None = None,
) -> str:
    """Writes a commit; an App that names neither author nor committer gets it signed. Raises Refusal 409, 422."""
    forge.require(who, repo, "contents")
    _require_commits(forge, repo)
    git = forge.git(repo)
    if not isinstance(git.object(tree), pygit2.Tree):
        raise Refusal(422, "Tree SHA does not exist")
    for parent in parents:
        if len(parent) != 40 or git.commit(parent) is None:
            raise Refusal(422, "Parent SHA does not exist or is not a commit object")
    return _committed(forge, who, repo, message, tree, parents, author, committer)


def put_file(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    path: str,
    *,
    content: bytes | None,
    message: str,
    sha: str | None,
    branch: str | None,
    author: Person | None = None,
    committer: Person | None = None,
) -> str:
    """Commits one file (or its removal: `content` None) to a branch, guarded by its present blob id."""
    forge.require(who, repo, "contents")
    git = forge.git(repo)
    name = branch or repo.default_branch
    tip = git.branch(name)
    if tip is None and not git.is_empty:
        raise Refusal(404, f"Branch {name} not found")
    _check_path(path)
    before = git.entry(tip, path) if tip else None
    _check_guard(path, before.oid if before else None, sha, removal=content is None)
    base = git.tree(tip) if tip else None
    mode = int(before.mode, 8) if before and before.type == "blob" else 0o100644
    change = None if content is None else (mode, str(git.raw.create_blob(content)))
    tree = build_tree(git.raw, base, {path: change})
    require_workflows(forge, who, repo, base, git.raw[tree].peel(pygit2.Tree))
    oid = _committed(forge, who, repo, message, tree, (tip,) if tip else (), author, committer)
    try:
        check_push(forge, repo, name, tip, oid)
    except Refusal as refusal:
        raise Refusal(409, f"Could not update file: {refusal.message}") from refusal
    set_ref(forge, who.login, repo, HEADS + name, oid)
    return oid


def require_workflows(
    forge: Forge, who: Identity, repo: RepoRow, before: pygit2.Tree | None, after: pygit2.Tree
) -> None:
    """Raises Refusal 403 where workflow files differ and the identity may not write them."""
    if who.may("workflows"):
        return
    touched = forge.git(repo).touched_paths(before, after)
    if any(path.startswith(WORKFLOWS) for path in touched):
        raise Refusal(403, "Resource not accessible by integration")


def _require_commits(forge: Forge, repo: RepoRow) -> None:
    if forge.git(repo).is_empty:
        raise empty_repository()


def _check_path(path: str) -> None:
    if not valid_path(path):
        raise Refusal(422, "path contains a malformed path component")


def _check_guard(path: str, present: str | None, sha: str | None, *, removal: bool) -> None:
    if removal and present is None:
        raise not_found()
    if present and not sha:
        raise not_supplied("sha")
    if present != sha and (present or sha):
        raise Refusal(409, f"{path} does not match {sha}")


def _change(raw: pygit2.Repository, base: pygit2.Tree | None, entry: TreeEntry) -> Change:
    if not valid_path(entry.path):
        raise Refusal(422, "tree.path contains a malformed path component")
    if entry.mode not in MODES:
        raise Refusal(422, "tree.mode must be one of 100644, 100755, 040000, 160000 or 120000")
    if entry.content is not None:
        return int(entry.mode, 8), str(raw.create_blob(entry.content.encode()))
    if entry.sha is None:
        if base is None or entry.path not in base:
            raise Refusal(422, "GitRPC::BadObjectState")
        return None
    if entry.mode != "160000" and entry.sha not in raw:
        raise Refusal(422, f"tree.sha {entry.sha} is not a valid object")
    return int(entry.mode, 8), entry.sha


def _committed(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    message: str,
    tree: str,
    parents: tuple[str, ...],
    author: Person | None,
    committer: Person | None,
) -> str:
    """A commit by whoever is named, else by the caller; GitHub signs what an App makes in its own name."""
    named = committer or author
    by = _signature(forge, author) if author else forge.signature(who.login)
    through = _signature(forge, named) if named else app_committer(forge, who)
    oid = str(forge.git(repo).raw.create_commit(None, by, through, message, tree, list(parents)))
    if who.type == "Bot" and named is None:
        mark_verified(forge, repo, oid)
    return oid


def _signature(forge: Forge, person: Person) -> pygit2.Signature:
    moment = person.date or forge.clock.now()
    offset = moment.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    return pygit2.Signature(person.name, person.email, int(moment.timestamp()), minutes)

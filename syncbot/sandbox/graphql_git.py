"""Resolvers of repositories, refs and git objects. In: the values of `graphql_values`. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pygit2

from .graphql_pages import page, refused
from .graphql_values import (
    EntryNode,
    Info,
    ObjectNode,
    RefNode,
    RepoNode,
    actor,
    branch_node,
    object_node,
)
from .refusal import Refusal
from .repository import HEADS, as_entry, tree_entry
from .representations import node_id
from .signing import is_verified

Resolver = Callable[..., object]
TEXT_LIMIT = 512 * 1024
KINDS: Mapping[type, str] = {
    pygit2.Commit: "Commit",
    pygit2.Tree: "Tree",
    pygit2.Blob: "Blob",
    pygit2.Tag: "Tag",
}


# ---------------------------------------------------------------- repositories


def repository(_: object, info: Info, owner: str, name: str, followRenames: bool = True) -> RepoNode:
    asked = info.context
    missing = refused("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
    try:
        row = asked.forge.repo(asked.who, owner, name)
    except Refusal:
        raise missing from None
    if not followRenames and row.full_name.casefold() != f"{owner}/{name}".casefold():
        raise missing
    return RepoNode(row=row, git=asked.forge.git(row))


def owner(repo: RepoNode, info: Info) -> dict[str, object] | None:
    info.context.forge.user(repo.row.owner, "Organization")
    return actor(info.context.forge, repo.row.owner)


def viewer_permission(repo: RepoNode, info: Info) -> str | None:
    asked = info.context
    return asked.forge.viewer_permission(asked.who, repo.row)


def git_object(repo: RepoNode, _: Info, expression: str | None = None, oid: str | None = None) -> ObjectNode | None:
    asked = oid or expression
    return object_node(repo, asked) if asked else None


def ref(repo: RepoNode, _: Info, qualifiedName: str) -> RefNode | None:
    """`main`, `heads/main` and `refs/heads/main` all name the same branch."""
    for full in (qualifiedName, f"refs/{qualifiedName}", HEADS + qualifiedName):
        oid = repo.git.ref(full) if full.startswith("refs/") else None
        if oid:
            kind = "/".join(full.split("/")[:2]) + "/"
            return RefNode(repo=repo, prefix=kind, name=full.removeprefix(kind), oid=oid)
    return None


def refs(repo: RepoNode, _: Info, refPrefix: str, query: str | None = None, **bounds: Any) -> dict[str, object]:
    """Names are relative to the prefix asked for, as far as its last slash."""
    prefix = refPrefix[: refPrefix.rindex("/") + 1] if "/" in refPrefix else ""
    found = [
        RefNode(repo=repo, prefix=prefix, name=full.removeprefix(prefix), oid=oid)
        for full, oid in repo.git.refs(refPrefix)
        if query is None or query.casefold() in full.removeprefix(prefix).casefold()
    ]
    return page("refs", found, **bounds)


# ---------------------------------------------------------------- objects


def kind(node: ObjectNode, *_: object) -> str:
    """The GraphQL type of a git object."""
    return KINDS[type(node.object)]


def file(node: ObjectNode, _: Info, path: str) -> EntryNode:
    entry = tree_entry(_commit(node).tree, path)
    if entry is None:
        raise refused("NOT_FOUND", f"Could not resolve file for path '{path}'.")
    return EntryNode(repo=node.repo, entry=entry, path=path.strip("/"))


def parents(node: ObjectNode, _: Info, **bounds: Any) -> dict[str, object]:
    ids = [str(oid) for oid in _commit(node).parent_ids]
    return page("parents", ids, wrap=lambda oid: object_node(node.repo, str(oid)), **bounds)


def git_actor(node: ObjectNode, info: Info) -> dict[str, object]:
    """The author or committer; `user` is null for bots and strangers."""
    forge = info.context.forge
    commit = _commit(node)
    signature = commit.author if info.field_name == "author" else commit.committer
    login = forge.login_of_email(signature.email)
    account = actor(forge, login)
    return {
        "name": signature.name,
        "email": signature.email,
        "date": _moment(signature, local=True),
        "user": account if account and account["__typename"] == "User" else None,
    }


def signature(node: ObjectNode, info: Info) -> dict[str, object] | None:
    """GitHub's own signature; nothing else is ever signed here."""
    if not is_verified(info.context.forge, node.repo.row, node.oid):
        return None
    return {"__typename": "GpgSignature", "isValid": True, "state": "VALID", "wasSignedByGitHub": True}


def entries(node: ObjectNode, _: Info) -> list[EntryNode]:
    tree = node.object
    assert isinstance(tree, pygit2.Tree)
    return [EntryNode(repo=node.repo, entry=as_entry(found), path=found.name or "") for found in tree]


def entry_object(node: EntryNode, _: Info) -> ObjectNode | None:
    """What the entry holds; null for a submodule, whose commit is elsewhere."""
    return None if node.entry.type == "commit" else object_node(node.repo, node.entry.oid)


def entry_size(node: EntryNode, _: Info) -> int:
    content = node.repo.git.blob(node.entry.oid) if node.entry.type == "blob" else b""
    return len(content or b"")


def is_binary(node: ObjectNode, _: Info) -> bool:
    return _text(_blob(node).data) is None


def text(node: ObjectNode, _: Info) -> str | None:
    """The text, cut at 512 kB; null for what is not UTF-8."""
    whole = _text(_blob(node).data)
    if whole is None or _blob(node).size <= TEXT_LIMIT:
        return whole
    return whole.encode()[:TEXT_LIMIT].decode(errors="ignore")


def _text(content: bytes) -> str | None:
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _commit(node: ObjectNode) -> pygit2.Commit:
    assert isinstance(node.object, pygit2.Commit)
    return node.object


def _blob(node: ObjectNode) -> pygit2.Blob:
    assert isinstance(node.object, pygit2.Blob)
    return node.object


def _tag(node: ObjectNode) -> pygit2.Tag:
    assert isinstance(node.object, pygit2.Tag)
    return node.object


def _moment(signature: pygit2.Signature, *, local: bool = False) -> str:
    zone = timezone(timedelta(minutes=signature.offset)) if local else UTC
    return datetime.fromtimestamp(signature.time, zone).isoformat().replace("+00:00", "Z")


_OBJECT: dict[str, Resolver] = {
    "repository": lambda node, _: node.repo,
    "abbreviatedOid": lambda node, _: node.oid[:7],
    "id": lambda node, _: node_id(kind(node)[0], f"{node.repo.row.id}_{node.oid}"),
}

RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Query": {"repository": repository},
    "Repository": {
        "autoMergeAllowed": lambda repo, _: bool(repo.row.allow_auto_merge),
        "defaultBranchRef": lambda repo, _: branch_node(repo, repo.row.default_branch),
        "deleteBranchOnMerge": lambda repo, _: bool(repo.row.delete_branch_on_merge),
        "id": lambda repo, _: node_id("R", repo.row.id),
        "isArchived": lambda repo, _: bool(repo.row.archived),
        "isDisabled": lambda *_: False,
        "isEmpty": lambda repo, _: repo.git.is_empty,
        "isPrivate": lambda repo, _: bool(repo.row.private),
        "mergeCommitAllowed": lambda repo, _: bool(repo.row.allow_merge_commit),
        "name": lambda repo, _: repo.row.name,
        "nameWithOwner": lambda repo, _: repo.row.full_name,
        "object": git_object,
        "owner": owner,
        "rebaseMergeAllowed": lambda repo, _: bool(repo.row.allow_rebase_merge),
        "ref": ref,
        "refs": refs,
        "squashMergeAllowed": lambda repo, _: bool(repo.row.allow_squash_merge),
        "url": lambda repo, info: f"{info.context.forge.url}/{repo.row.full_name}",
        "viewerPermission": viewer_permission,
    },
    "Ref": {
        "repository": lambda node, _: node.repo,
        "id": lambda node, _: node_id("REF", f"{node.repo.row.id}_{node.prefix}{node.name}"),
        "target": lambda node, _: object_node(node.repo, node.oid),
    },
    "Commit": {
        **_OBJECT,
        "author": git_actor,
        "authoredDate": lambda node, _: _moment(_commit(node).author),
        "committedDate": lambda node, _: _moment(_commit(node).committer),
        "committer": git_actor,
        "signature": signature,
        "file": file,
        "message": lambda node, _: _commit(node).message.rstrip("\n"),
        "messageHeadline": lambda node, _: _commit(node).message.partition("\n")[0],
        "parents": parents,
        "tree": lambda node, _: ObjectNode(repo=node.repo, object=_commit(node).tree),
        "url": lambda node, info: f"{info.context.forge.url}/{node.repo.row.full_name}/commit/{node.oid}",
    },
    "Tree": {**_OBJECT, "entries": entries},
    "TreeEntry": {
        "repository": lambda node, _: node.repo,
        "mode": lambda node, _: int(node.entry.mode, 8),
        "name": lambda node, _: node.entry.name,
        "object": entry_object,
        "oid": lambda node, _: node.entry.oid,
        "size": entry_size,
        "type": lambda node, _: node.entry.type,
    },
    "Blob": {
        **_OBJECT,
        "byteSize": lambda node, _: _blob(node).size,
        "isBinary": is_binary,
        "isTruncated": lambda node, _: _blob(node).size > TEXT_LIMIT,
        "text": text,
    },
    "Tag": {
        **_OBJECT,
        "message": lambda node, _: _tag(node).message,
        "name": lambda node, _: _tag(node).name,
        "target": lambda node, _: object_node(node.repo, str(_tag(node).target)),
    },
}

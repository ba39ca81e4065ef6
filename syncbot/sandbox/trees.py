"""New trees from old ones: a base tree and the paths that change. Touches only the folders on the way."""

from __future__ import annotations

from collections.abc import Mapping

import pygit2

FOLDER = 0o040000
MODES = {"100644", "100755", "120000", "040000", "160000"}
BAD_PARTS = {"", ".", ".."}

Change = tuple[int, str] | None  # (mode, object id), or None: the path goes


def build_tree(repo: pygit2.Repository, base: pygit2.Tree | None, changes: Mapping[str, Change]) -> str:
    """Writes `base` with `changes` made to it and answers the new tree's id."""
    builder = repo.TreeBuilder(base) if base else repo.TreeBuilder()
    direct, nested = _by_folder(changes)
    for name, change in direct.items():
        if change:
            builder.insert(name, change[1], change[0])
        elif builder.get(name):
            builder.remove(name)
    for name, below in nested.items():
        _build_folder(repo, builder, name, below)
    return str(builder.write())


def valid_path(path: str) -> bool:
    """Whether git accepts this as a path inside a repository."""
    parts = path.split("/")
    return not any(part in BAD_PARTS or part.lower() == ".git" for part in parts) and "\0" not in path


def _build_folder(repo: pygit2.Repository, builder: pygit2.TreeBuilder, name: str, below: Mapping[str, Change]) -> None:
    present = builder.get(name)
    folder = repo[present.id] if present is not None and present.filemode == FOLDER else None
    oid = build_tree(repo, folder if isinstance(folder, pygit2.Tree) else None, below)
    if len(repo[oid].peel(pygit2.Tree)):
        builder.insert(name, oid, FOLDER)
    elif folder is not None:
        builder.remove(name)


def _by_folder(changes: Mapping[str, Change]) -> tuple[dict[str, Change], dict[str, dict[str, Change]]]:
    direct: dict[str, Change] = {}
    nested: dict[str, dict[str, Change]] = {}
    for path, change in changes.items():
        folder, slash, rest = path.partition("/")
        if slash:
            nested.setdefault(folder, {})[rest] = change
        else:
            direct[path] = change
    return direct, nested

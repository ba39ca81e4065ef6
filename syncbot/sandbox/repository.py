"""One bare git repository, read in process: branches, entries, blobs, ranges, diffs. Ids are 40 hex digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

import pygit2
from pygit2.enums import DiffFind, Option, RepositoryOpenFlag, SortMode

HEADS = "refs/heads/"
GitObject = pygit2.Commit | pygit2.Tree | pygit2.Tag | pygit2.Blob
pygit2.option(Option.SET_OWNER_VALIDATION, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A tree entry: `mode` as git writes it (`100644`, `040000`, ...), `type` blob, tree or commit."""

    oid: str
    mode: str
    type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A path that differs between two commits, in GitHub's words (`added`, `removed`, `modified`, `renamed`)."""

    path: str
    previous_path: str | None
    status: str
    oid: str
    additions: int
    deletions: int
    patch: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`head` against `base`, from their merge base (None for unrelated histories)."""

    merge_base: str | None
    ahead: int
    behind: int


STATUSES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}


class Repository:
    """A bare repository that is kept open; not safe for two threads at once."""

    def __init__(self, path: Path) -> None:
        flags = RepositoryOpenFlag.BARE | RepositoryOpenFlag.NO_SEARCH
        self.raw = pygit2.Repository(str(path), flags)
        self._mergeable = lru_cache(maxsize=64)(self._merges_cleanly)

    def close(self) -> None:
        self.raw.free()

    # ------------------------------------------------------------ refs

    def ref(self, name: str) -> str | None:
        """The id a full ref name (`refs/heads/main`) points at, or None."""
        try:
            reference = self.raw.lookup_reference(name)
        except (KeyError, ValueError):
            return None
        return str(reference.resolve().target)

    def branch(self, name: str) -> str | None:
        """The commit a branch points at, or None."""
        return self.ref(HEADS + name)

    def refs(self, prefix: str = "refs/") -> tuple[tuple[str, str], ...]:
        """All (full name, id) under a prefix, by name."""
        names = sorted(name for name in self.raw.listall_references() if name.startswith(prefix))
        return tuple((name, self.ref(name) or "") for name in names)

    def branches(self, prefix: str = "") -> tuple[tuple[str, str], ...]:
        """All (branch, commit id) whose name starts with a prefix, by name."""
        return tuple((name.removeprefix(HEADS), oid) for name, oid in self.refs(HEADS + prefix))

    @property
    def is_empty(self) -> bool:
        """Whether there is no branch at all."""
        return not any(name.startswith(HEADS) for name in self.raw.listall_references())

    # ------------------------------------------------------------ objects

    def object(self, expression: str) -> GitObject | None:
        """What a revision expression names (`<id>`, `<commit>:<path>`, `main`, `main:path`), or None."""
        try:
            return cast(GitObject, self.raw.revparse_single(expression))
        except (KeyError, ValueError, pygit2.GitError):
            return None

    def commit(self, revision: str) -> pygit2.Commit | None:
        """The commit that an id, branch or tag names, or None."""
        oid = self.branch(revision)
        found = self.object(oid or revision)
        if isinstance(found, pygit2.Tag):
            return self.commit(str(found.target))
        return found if isinstance(found, pygit2.Commit) else None

    def tree(self, revision: str) -> pygit2.Tree | None:
        """The tree that an id, commit or branch names, or None."""
        found = self.object(revision)
        if isinstance(found, pygit2.Tree):
            return found
        commit = self.commit(revision)
        return commit.tree if commit else None

    def blob(self, oid: str) -> bytes | None:
        """A blob's bytes, or None."""
        found = self.object(oid)
        return found.data if isinstance(found, pygit2.Blob) else None

    def entry(self, revision: str, path: str) -> Entry | None:
        """What stands at a path of a commit, or None."""
        commit = self.commit(revision)
        return tree_entry(commit.tree, path) if commit else None

    # ------------------------------------------------------------ history

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether `descendant` holds `ancestor`, or is it."""
        return ancestor == descendant or self.raw.descendant_of(descendant, ancestor)

    def compare(self, base: str, head: str) -> Comparison:
        """How far two commits are apart."""
        merge_base = self.raw.merge_base(base, head)
        ahead, behind = self.raw.ahead_behind(head, base)
        return Comparison(merge_base=str(merge_base) if merge_base else None, ahead=ahead, behind=behind)

    def commits(self, head: str, *, without: str | None = None) -> Iterator[pygit2.Commit]:
        """Commits of `head`, newest first, without those that `without` holds."""
        walker = self.raw.walk(head, SortMode.TOPOLOGICAL | SortMode.TIME)
        if without:
            walker.hide(without)
        yield from walker

    def changed_files(self, before: str | None, after: str) -> tuple[ChangedFile, ...]:
        """The paths in which two commits (or a commit and nothing) differ."""
        new = self.raw[after].peel(pygit2.Tree)
        old = self.raw[before].peel(pygit2.Tree) if before else None
        diff = old.diff_to_tree(new) if old else new.diff_to_tree(swap=True)
        diff.find_similar(flags=DiffFind.FIND_RENAMES)
        return tuple(_changed_file(patch) for patch in diff if patch is not None)

    def touched_paths(self, before: pygit2.Tree | None, after: pygit2.Tree) -> Iterator[str]:
        """Every path that differs between two trees, old and new names."""
        diff = before.diff_to_tree(after) if before else after.diff_to_tree(swap=True)
        for delta in diff.deltas:
            yield delta.new_file.path

    def mergeable(self, base: str, head: str) -> bool:
        """Whether `head` merges into `base` without a conflict."""
        return self._mergeable(base, head)

    def _merges_cleanly(self, base: str, head: str) -> bool:
        return self.raw.merge_base(base, head) is not None and not self.raw.merge_commits(base, head).conflicts


def tree_entry(tree: pygit2.Tree, path: str) -> Entry | None:
    """What stands at a path below a tree, or None."""
    try:
        found = tree[path.strip("/")]
    except (KeyError, ValueError, pygit2.GitError):
        return None
    return as_entry(found)


def as_entry(found: pygit2.Object) -> Entry:
    """A pygit2 tree entry as ours."""
    return Entry(oid=str(found.id), mode=f"{found.filemode:06o}", type=found.type_str, name=found.name or "")


def _changed_file(patch: pygit2.Patch) -> ChangedFile:
    delta = patch.delta
    _, additions, deletions = patch.line_stats
    status = STATUSES.get(delta.status_char(), "changed")
    side = delta.old_file if status == "removed" else delta.new_file
    text = None if delta.is_binary else patch.data.decode("utf-8", "replace")
    hunks = text[text.index("@@") :] if text and "\n@@" in text else None
    return ChangedFile(
        path=side.path,
        previous_path=delta.old_file.path if status == "renamed" else None,
        status=status,
        oid=str(side.id),
        additions=additions,
        deletions=deletions,
        patch=hunks,
    )

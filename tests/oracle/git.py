"""A repository of real git for many short histories: objects by pygit2, every merge by git itself, remembered."""

from __future__ import annotations

import subprocess
from enum import Enum
from pathlib import Path

import pygit2
from pygit2.enums import FileMode

from tests.oracle.template import Files

_WHO = pygit2.Signature("syncbot", "syncbot@example.com", 1, 0)
_Nested = dict[str, "str | _Nested"]


class Conflict(Enum):
    """Both sides changed the same lines."""

    CONFLICT = "conflict"


class Git:
    """`commit` and `files` of commits, `merge` of texts and of commits, in a bare repository at a path."""

    def __init__(self, path: Path) -> None:
        self._path = path / "objects.git"
        self._sides = [path / side for side in ("ours", "base", "theirs")]
        self._repository = pygit2.init_repository(str(self._path), bare=True)
        self._texts: dict[tuple[str, str, str], str | Conflict] = {}
        self._commits: dict[tuple[str, str], str | tuple[str, ...]] = {}

    def commit(self, files: Files, *parents: str) -> str:
        """A commit of these files."""
        above = [pygit2.Oid(hex=parent) for parent in parents]
        return str(self._repository.create_commit(None, _WHO, _WHO, "m", self._write(_nested(files)), above))

    def files(self, oid: str) -> Files:
        """The files of a commit or of a tree, by path."""
        found = self._repository[oid]
        return dict(self._walk(found.peel(pygit2.Tree), ""))

    def merge(self, base: str | None, ours: str | None, theirs: str | None) -> str | Conflict | None:
        """One file merged, None where it is gone."""
        if theirs in (ours, base):
            return ours
        if base == ours:
            return theirs
        if base is None or ours is None or theirs is None:
            return Conflict.CONFLICT
        key = (ours, base, theirs)
        if key not in self._texts:
            for path, text in zip(self._sides, key, strict=True):
                path.write_text(text)
            done = subprocess.run(
                ["git", "merge-file", "-p", *map(str, self._sides)], capture_output=True, text=True, check=False
            )
            self._texts[key] = Conflict.CONFLICT if done.returncode else done.stdout
        return self._texts[key]

    def merge_commits(self, ours: str, theirs: str) -> Files | tuple[str, ...]:
        """The files that a merge of two commits gives, or the paths that conflict."""
        if (ours, theirs) not in self._commits:
            command = ["git", "-C", str(self._path), "merge-tree", "--write-tree", "--name-only", "--no-messages"]
            done = subprocess.run([*command, ours, theirs], capture_output=True, text=True, check=False)
            tree, *paths = done.stdout.split("\n")
            self._commits[ours, theirs] = tuple(filter(None, paths)) if done.returncode else tree
        found = self._commits[ours, theirs]
        return self.files(found) if isinstance(found, str) else found

    def _write(self, nested: _Nested) -> pygit2.Oid:
        builder = self._repository.TreeBuilder()
        for name, entry in nested.items():
            if isinstance(entry, str):
                builder.insert(name, self._repository.create_blob(entry.encode()), FileMode.BLOB)
            else:
                builder.insert(name, self._write(entry), FileMode.TREE)
        return builder.write()

    def _walk(self, tree: pygit2.Tree, above: str) -> list[tuple[str, str]]:
        found = []
        for entry in tree:
            if isinstance(entry, pygit2.Tree):
                found += self._walk(entry, f"{above}{entry.name}/")
            elif isinstance(entry, pygit2.Blob):
                found.append((f"{above}{entry.name}", entry.data.decode()))
        return found


def _nested(files: Files) -> _Nested:
    root: _Nested = {}
    for path, text in files.items():
        *folders, name = path.split("/")
        folder = root
        for each in folders:
            inner = folder.setdefault(each, {})
            assert isinstance(inner, dict)
            folder = inner
        folder[name] = text
    return root

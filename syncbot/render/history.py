"""The platform team's own repo in git: its templates and config as they once were.

Only reads: never fetches, writes to the repo, or checks anything out in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

from syncbot.errors import ConfigError
from syncbot.git import read, read_text
from syncbot.model.files import EXECUTABLE, FILE_MODES, REGULAR, SYMLINK, FileId, tree_id
from syncbot.plan.causes import ConfigCommit
from syncbot.render.sources import CONFIG, FOLDER, SECOND_CONFIG, Sources, sources_of
from syncbot.render.templates import Templates, compile_templates
from syncbot.render.tree import inside

SOURCES = ("copier.yml", "templates", "config")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_MERGE = re.compile(r"Merge pull request #\d+ from ")
"""How GitHub begins the message of a merge; the pull request's title stands below it."""
_ENTRY = re.compile(rb"([0-7]+) ([^\0]+)\0(.{20})", re.DOTALL)
SEARCHED = 50
"""How many commits that changed templates are looked at for a tree that a lock names."""


def commits_touching(
    repository: Path, limit: int, paths: Sequence[str] = SOURCES, *, first_parent: bool = False
) -> tuple[str, ...]:
    """The newest `limit` commits that changed templates or config, newest first; none outside git.

    `first_parent`: only those on the branch itself, of which a merge commit brings what was merged.
    """
    along = ["--first-parent", "--diff-merges=first-parent"] if first_parent else []
    listed = read_text(repository, "log", "--format=%H", f"--max-count={limit}", *along, "--", *paths)
    return tuple(listed.split())


def commits_since(repository: Path, commit: str, limit: int) -> tuple[ConfigCommit, ...] | None:
    """What changed templates or config on the main line after `commit`, oldest first; of more than `limit`, not all.

    None where that commit is no part of the history that is here. A merge of a pull request is named by its title.
    """
    if not is_ancestor(repository, commit):
        return None
    options = ("--first-parent", "-z", "--format=%H%n%s%n%b", f"--max-count={limit + 1}")
    listed = read_text(repository, "log", *options, f"{commit}..HEAD", "--", *SOURCES)
    return tuple(_commit(record) for record in reversed(listed.split("\0")) if record)


def day_of(repository: Path, commit: str) -> date | None:
    """The day on which the commit was made, in the committer's time zone; None where it is not here."""
    day = read_text(repository, "show", "--no-patch", "--format=%cs", commit) if _COMMIT.fullmatch(commit) else ""
    return date.fromisoformat(day) if day else None


def config_at(repository: Path, commit: str) -> str:
    """A name of the config at a commit, the same for all that have the same; empty where there is none."""
    return read_text(repository, "ls-tree", commit, "--", SOURCES[-1]) if _COMMIT.fullmatch(commit) else ""


def is_ancestor(repository: Path, commit: str, of: str = "HEAD") -> bool:
    """Whether `commit` is the one checked out or was merged into it; a repo's lock can name any that git holds."""
    return bool(_COMMIT.fullmatch(commit)) and read(repository, "merge-base", "--is-ancestor", commit, of) is not None


def is_shallow(repository: Path) -> bool:
    """Whether the history is cut off, as CI checks it out unless told otherwise."""
    return read_text(repository, "rev-parse", "--is-shallow-repository") == "true"


def sources_at(repository: Path, commit: str) -> Sources | None:
    """copier.yml and templates/ as they were at `commit`, exactly as stored, without end-of-line conversion.

    None where that commit, or templates in it, cannot be found: a shallow clone, a rewritten history, a wrong lock.
    """
    entries = entries_at(repository, commit, (CONFIG, SECOND_CONFIG, FOLDER))
    contents = [found for found in _objects(repository, [blob for _, _, blob in entries]) if found is not None]
    if len(contents) != len(entries) or not any(path == CONFIG for path, _, _ in entries):
        return None
    return sources_of((path, mode, content) for (path, mode, _), content in zip(entries, contents, strict=True))


def file_at(repository: Path, commit: str, path: str) -> bytes | None:
    """The bytes of one regular file at `commit`, None where there is none."""
    for found, mode, blob in entries_at(repository, commit, (path,)):
        if found == path and mode in FILE_MODES:
            return _objects(repository, [blob])[0]
    return None


def trees_at(repository: Path, commits: Sequence[str]) -> Mapping[str, str]:
    """The id of the tree that holds copier.yml and templates/ alone, at each of these commits that has both.

    One call of git for all: a lock's `tree` is looked for in many.
    """
    named = [commit for commit in commits if _COMMIT.fullmatch(commit)]
    found = zip(named, _objects(repository, [f"{commit}:./" for commit in named]), strict=True)
    entries = {commit: _top_level(content or b"") for commit, content in found}
    return {commit: tree_id(each) for commit, each in entries.items() if len(each) == 2}


class EarlierTemplates:
    """The templates of earlier commits, by their tree; each is compiled once, and only when it is asked for.

    Never compiles what was not merged into the commit that is checked out.
    """

    def __init__(self, repository: Path, present: Templates) -> None:
        self._repository = repository
        self._compiled: dict[str, Templates | None] = {present.tree: present}
        self._trees: dict[str, str | None] = {}
        self._commits: dict[str, str] = {}

    def of(self, tree: str, commit: str | None = None) -> Templates | None:
        """The templates whose tree has this id; None where nothing tells of it, or they do not load.

        Looked for at `commit`, where a lock names one, at each commit asked for before, then at the newest `SEARCHED`
        that changed templates.
        """
        if tree not in self._compiled:
            if commit:
                self.tree_at(commit)
            holder = self._commits.get(tree) or self._newest.get(tree)
            if holder is None:
                return None
            self._compiled[tree] = self._load(holder)
        return self._compiled[tree]

    def at(self, commit: str) -> Templates | None:
        """The templates of a commit; None where it was not merged, and as with `of`."""
        tree = self.tree_at(commit)
        return self.of(tree) if tree else None

    def tree_at(self, commit: str) -> str | None:
        """The id of the tree of a commit's templates; None where it was not merged, or has none."""
        if commit not in self._trees:
            merged = is_ancestor(self._repository, commit)
            tree = self._trees[commit] = trees_at(self._repository, [commit]).get(commit) if merged else None
            if tree:
                self._commits.setdefault(tree, commit)
        return self._trees[commit]

    @cached_property
    def _newest(self) -> Mapping[str, str]:
        commits = commits_touching(self._repository, SEARCHED, (CONFIG, FOLDER), first_parent=True)
        return {tree: commit for commit, tree in trees_at(self._repository, commits).items()}

    def _load(self, commit: str) -> Templates | None:
        sources = sources_at(self._repository, commit)
        try:
            return compile_templates(sources) if sources else None
        except ConfigError:
            return None


def entries_at(repository: Path, commit: str, paths: Sequence[str] = SOURCES) -> list[tuple[str, str, str]]:
    """(path, mode, blob id) of files and symlinks at and below `paths`, relative to `repository` as they are."""
    if not _COMMIT.fullmatch(commit):
        return []
    listed = read(repository, "ls-tree", "-r", "-z", commit, "--", *paths) or b""
    entries = []
    for record in listed.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = record.partition("\t")
        if head and inside(path):
            mode, _, blob = head.split(" ")
            entries.append((path, mode, blob))
    return [entry for entry in entries if entry[1] in {REGULAR, EXECUTABLE, SYMLINK}]


def _commit(record: str) -> ConfigCommit:
    oid, subject, *body = record.split("\n")
    title = next((line for line in body if line.strip()), "") if _MERGE.match(subject) else ""
    return ConfigCommit(id=oid, subject=title or subject)


def _objects(repository: Path, names: Sequence[str]) -> list[bytes | None]:
    """The bytes of each object exactly as stored; None for one that is not there."""
    output = read(repository, "cat-file", "--batch", stdin="".join(f"{name}\n" for name in names).encode()) or b""
    contents: list[bytes | None] = []
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        size = output[position:end].rpartition(b" ")[2]
        position = end + 1
        if not size.isdigit():  # "missing"
            contents.append(None)
            continue
        contents.append(output[position : position + int(size)])
        position += int(size) + 1
    return contents or [None] * len(names)


def _top_level(tree: bytes) -> Mapping[str, FileId]:
    """copier.yml and templates/ in a tree object: mode, name and id of each entry, one behind the other."""
    found = _ENTRY.findall(tree)
    return {
        os.fsdecode(name): FileId(id=oid.hex(), mode=mode.decode().zfill(6))
        for mode, name, oid in found
        if os.fsdecode(name) in (CONFIG, FOLDER)
    }

"""Fills a sandbox from a folder: `<owner>/<repo>/`, plain trees or git repositories, each becomes a repository.

Reads the folder, never writes to it.
"""

from __future__ import annotations

import stat
from pathlib import Path

import pygit2
from pygit2.enums import RepositoryOpenFlag

from syncbot.errors import SyncbotError

from .forge import NAME, Forge
from .records import RepoRow
from .repository import HEADS
from .trees import Change, build_tree

AUTHOR = "developer"


def seed(forge: Forge, folder: Path) -> tuple[str, ...]:
    """Adds a repository for each `<owner>/<repo>/` and answers the new names; those that exist stay as they are.

    An empty folder is a repository without commits. Raises SyncbotError for a folder of another shape.
    """
    sources = _sources(folder)
    added = []
    for source in sources:
        owner, name = source.parent.name, source.name.removesuffix(".git")
        with forge.store.transaction():
            if forge.find(owner, name) is None:
                _add(forge, owner, name, source)
                added.append(f"{owner}/{name}")
    return tuple(added)


def _sources(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        raise SyncbotError(f"{folder}: is not a folder")
    found = []
    for owner in sorted(folder.iterdir()):
        if owner.name.startswith("."):
            continue
        if not owner.is_dir():
            raise SyncbotError(f"{owner}: expected a folder named after an owner, holding one folder per repository")
        found += [repo for repo in sorted(owner.iterdir()) if not repo.name.startswith(".")]
    for repo in found:
        if not repo.is_dir() or not NAME.fullmatch(repo.name) or not NAME.fullmatch(repo.parent.name):
            raise SyncbotError(f"{repo}: expected a folder whose name GitHub would allow for a repository")
    return tuple(found)


def _add(forge: Forge, owner: str, name: str, source: Path) -> None:
    original = _git_repository(source)
    if original is None:
        repo = forge.create_repo(owner, name)
        tree = write_tree(forge.git(repo).raw, source)
        if tree is not None:
            _commit(forge, repo, tree)
        return
    try:
        _copy(forge, owner, name, original)
    finally:
        original.free()


def _git_repository(source: Path) -> pygit2.Repository | None:
    try:
        return pygit2.Repository(str(source), RepositoryOpenFlag.NO_SEARCH)
    except pygit2.GitError:
        return None


def _copy(forge: Forge, owner: str, name: str, original: pygit2.Repository) -> None:
    """Every branch and tag of a git repository; its HEAD names the default branch."""
    head = original.lookup_reference("HEAD").target
    branch = str(head).removeprefix(HEADS) if str(head).startswith(HEADS) else "main"
    repo = forge.create_repo(owner, name, default_branch=branch)
    target = forge.git(repo).raw
    remote = target.remotes.create_anonymous(original.path)
    remote.fetch(["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"])
    branches = [name for name, _ in forge.git(repo).branches()]
    if branches and branch not in branches:
        forge.edit_repo(repo, default_branch=branches[0])


def write_tree(raw: pygit2.Repository, folder: Path) -> str | None:
    """Writes a folder as a tree (without `.git`) and answers its id, or None where it holds no file."""
    changes: dict[str, Change] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if ".git" not in inside.parts and (path.is_symlink() or path.is_file()):
            changes[inside.as_posix()] = _entry(raw, path)
    return build_tree(raw, None, changes) if changes else None


def _entry(raw: pygit2.Repository, path: Path) -> Change:
    if path.is_symlink():
        return 0o120000, str(raw.create_blob(str(path.readlink()).encode()))
    executable = path.stat().st_mode & stat.S_IXUSR
    return 0o100755 if executable else 0o100644, str(raw.create_blob(path.read_bytes()))


def _commit(forge: Forge, repo: RepoRow, tree: str) -> None:
    by = forge.signature(AUTHOR)
    ref = HEADS + repo.default_branch
    forge.git(repo).raw.create_commit(ref, by, by, "Initial commit", tree, [])

"""What people do to a sandbox's repositories in tests, in process: commit, merge, close, delete a branch."""

from __future__ import annotations

from collections.abc import Mapping

from syncbot.sandbox.forge import EVERYTHING
from syncbot.sandbox.merge_button import merge_pull as merge
from syncbot.sandbox.pulls import edit_pull
from syncbot.sandbox.records import Identity, RepoRow
from syncbot.sandbox.refs import set_ref
from syncbot.sandbox.repository import HEADS
from syncbot.sandbox.server import Sandbox
from syncbot.sandbox.trees import Change, build_tree

# Text, bytes, (either, mode), or None: the path goes. Mode 120000 is a symlink to the text, 160000 a submodule
# at the commit that the text names.
Content = str | bytes | tuple[str | bytes, str] | None


def identity(login: str, **permissions: str) -> Identity:
    """Somebody with every permission, or with just those given."""
    kind = "Bot" if login.endswith("[bot]") else "User"
    return Identity(login=login, type=kind, permissions=permissions or EVERYTHING)


def find(sandbox: Sandbox, full_name: str) -> RepoRow:
    """The repository's row."""
    owner, _, name = full_name.partition("/")
    repo = sandbox.forge.find(owner, name)
    assert repo is not None, f"no repository {full_name}"
    return repo


def make_repo(
    sandbox: Sandbox,
    full_name: str,
    files: Mapping[str, Content] | None = None,
    *,
    default_branch: str = "main",
    private: bool = False,
    author: str = "developer",
) -> str | None:
    """A repository with one commit of these files (without any files: an empty one); answers the head."""
    owner, _, name = full_name.partition("/")
    with sandbox.forge.store.transaction():
        sandbox.forge.create_repo(owner, name, private=private, default_branch=default_branch)
    if not files:
        return None
    return commit_files(sandbox, full_name, default_branch, files, author=author, message="Initial commit")


def commit_files(
    sandbox: Sandbox,
    full_name: str,
    branch: str,
    files: Mapping[str, Content],
    *,
    author: str = "developer",
    message: str = "Edit files",
) -> str:
    """Commits to a branch as a person's push would, starting it at the default branch; answers the commit."""
    forge = sandbox.forge
    with forge.store.transaction():
        repo = find(sandbox, full_name)
        git = forge.git(repo)
        parent = git.branch(branch) or git.branch(repo.default_branch)
        changes = {path: _change(sandbox, repo, content) for path, content in files.items()}
        tree = build_tree(git.raw, git.tree(parent) if parent else None, changes)
        by = forge.signature(author)
        oid = str(git.raw.create_commit(None, by, by, message, tree, [parent] if parent else []))
        set_ref(forge, author, repo, HEADS + branch, oid)
        return oid


def move_branch(sandbox: Sandbox, full_name: str, branch: str, oid: str | None, *, as_login: str = "developer") -> None:
    """Points a branch at any commit, by force if need be, or deletes it (None)."""
    with sandbox.forge.store.transaction():
        set_ref(sandbox.forge, as_login, find(sandbox, full_name), HEADS + branch, oid)


def read_file(sandbox: Sandbox, full_name: str, revision: str, path: str) -> bytes | None:
    """A file's bytes at a branch or commit, or None."""
    with sandbox.forge.lock:
        git = sandbox.forge.git(find(sandbox, full_name))
        entry = git.entry(revision, path)
        return git.blob(entry.oid) if entry else None


def merge_pull(
    sandbox: Sandbox, full_name: str, number: int, as_login: str = "developer", method: str = "merge"
) -> str:
    """Merges (`merge`, `squash`, `rebase`) and answers the commit."""
    with sandbox.forge.store.transaction():
        return merge(sandbox.forge, identity(as_login), find(sandbox, full_name), number, method=method)


def close_pull(sandbox: Sandbox, full_name: str, number: int, as_login: str = "developer") -> None:
    """Closes without merging."""
    with sandbox.forge.store.transaction():
        edit_pull(sandbox.forge, identity(as_login), find(sandbox, full_name), number, state="closed")


def reopen_pull(sandbox: Sandbox, full_name: str, number: int, as_login: str = "developer") -> None:
    """Opens again what was closed."""
    with sandbox.forge.store.transaction():
        edit_pull(sandbox.forge, identity(as_login), find(sandbox, full_name), number, state="open")


def _change(sandbox: Sandbox, repo: RepoRow, content: Content) -> Change:
    if content is None:
        return None
    text, mode = content if isinstance(content, tuple) else (content, "100644")
    if mode == "160000":
        return 0o160000, text if isinstance(text, str) else text.decode()
    data = text.encode() if isinstance(text, str) else text
    return int(mode, 8), str(sandbox.forge.git(repo).raw.create_blob(data))

"""What people do to a sandbox's repositories in tests, in process: commit, merge, close, delete a branch."""

from __future__ import annotations

from collections.abc import Mapping

from syncbot.sandbox import protection, roles, waiting
from syncbot.sandbox.automerge import settle
from syncbot.sandbox.forge import EVERYTHING
from syncbot.sandbox.issues import create_comment, create_review
from syncbot.sandbox.merge_button import merge_pull as merge
from syncbot.sandbox.merge_button import update_branch as press_update
from syncbot.sandbox.pulls import edit_pull, get_pull
from syncbot.sandbox.records import Identity, RepoRow
from syncbot.sandbox.refs import rename_branch as rename
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


def update_branch(sandbox: Sandbox, full_name: str, number: int, as_login: str = "developer") -> str:
    """Presses "Update branch" and answers the merge commit."""
    with sandbox.forge.store.transaction():
        return press_update(sandbox.forge, identity(as_login), find(sandbox, full_name), number)


def close_pull(sandbox: Sandbox, full_name: str, number: int, as_login: str = "developer") -> None:
    """Closes without merging."""
    with sandbox.forge.store.transaction():
        edit_pull(sandbox.forge, identity(as_login), find(sandbox, full_name), number, state="closed")


def reopen_pull(sandbox: Sandbox, full_name: str, number: int, as_login: str = "developer") -> None:
    """Opens again what was closed."""
    with sandbox.forge.store.transaction():
        edit_pull(sandbox.forge, identity(as_login), find(sandbox, full_name), number, state="open")


def comment_pull(sandbox: Sandbox, full_name: str, number: int, body: str, as_login: str = "developer") -> None:
    """Says something on a pull request."""
    with sandbox.forge.store.transaction():
        create_comment(sandbox.forge, identity(as_login), find(sandbox, full_name), number, body)


def review_pull(
    sandbox: Sandbox, full_name: str, number: int, as_login: str = "developer", event: str = "APPROVE"
) -> None:
    """Reviews (`APPROVE`, `REQUEST_CHANGES`, `COMMENT`); an auto-merge that waited for it happens."""
    with sandbox.forge.store.transaction():
        repo = find(sandbox, full_name)
        create_review(sandbox.forge, identity(as_login), repo, number, event=event, body="Word")
        settle(sandbox.forge)


def queue_pull(sandbox: Sandbox, full_name: str, number: int) -> None:
    """Puts a pull request into the merge queue."""
    with sandbox.forge.store.transaction():
        waiting.queue(sandbox.forge, get_pull(sandbox.forge, find(sandbox, full_name), number))


def set_role(sandbox: Sandbox, full_name: str, login: str, permission: str) -> None:
    """Gives somebody `admin`, `write`, `read` or `none` in a repository."""
    with sandbox.forge.store.transaction():
        roles.set_role(sandbox.forge, find(sandbox, full_name), login, permission)


def protect(
    sandbox: Sandbox,
    full_name: str,
    pattern: str = "main",
    *,
    signatures: bool = False,
    reviews: int = 0,
    code_owners: bool = False,
    dismiss_stale: bool = False,
    linear: bool = False,
    contexts: tuple[str, ...] = (),
) -> None:
    """Sets the rule of a branch pattern."""
    with sandbox.forge.store.transaction():
        protection.protect(
            sandbox.forge,
            find(sandbox, full_name),
            pattern,
            signatures=signatures,
            reviews=reviews,
            code_owners=code_owners,
            dismiss_stale=dismiss_stale,
            linear=linear,
            contexts=contexts,
        )


def rename_branch(sandbox: Sandbox, full_name: str, old: str, new: str, as_login: str = "developer") -> None:
    """Renames a branch; pull requests into it follow."""
    with sandbox.forge.store.transaction():
        rename(sandbox.forge, identity(as_login), find(sandbox, full_name), old, new)


def _change(sandbox: Sandbox, repo: RepoRow, content: Content) -> Change:
    if content is None:
        return None
    text, mode = content if isinstance(content, tuple) else (content, "100644")
    if mode == "160000":
        return 0o160000, text if isinstance(text, str) else text.decode()
    data = text.encode() if isinstance(text, str) else text
    return int(mode, 8), str(sandbox.forge.git(repo).raw.create_blob(data))

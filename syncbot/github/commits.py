"""Commits: changes of a tree in, a commit on a branch out, signed where the repo asks for it.

A commit without author and committer is signed by GitHub for an App. What came of it is read back; where signatures are
required and there is none, GitHub makes the commit itself (`createCommitOnBranch`), which knows no modes and no merges.
Whether the bot's own branch requires them is known from GitHub's refusal only.

Nor does a request name the author that a sign-off has to name: GitHub's answer to a commit does.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from syncbot.errors import FailureCode, Refusal, RepoError
from syncbot.github.connection import Author, Connection, Json, proves
from syncbot.github.queries import COMMIT_ON_BRANCH
from syncbot.model.files import REGULAR, SUBMODULE
from syncbot.plan.actions import FileWrite, ReuseBlob, TreeChange

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommit:
    """`writes` over `tree` (a tree id), with these parents; `signed` where only a signed commit will do.

    `message` ends with its trailers; with `sign_off` a Signed-off-by line of the author is added to them.
    """

    tree: str
    parents: tuple[str, ...]
    writes: tuple[TreeChange, ...]
    message: str
    signed: bool = False
    sign_off: bool = False


def write_tree(connection: Connection, repo: str, new: NewCommit) -> str:
    """Make the commit's tree; its id, which is that of its content. Raises RepoError."""
    if not new.writes:
        return new.tree
    given = {"base_tree": new.tree, "tree": [_tree_entry(write) for write in new.writes]}
    made = connection.write("POST", f"/repos/{repo}/git/trees", given, lambda made: _is_id(made["sha"]))
    return str(made["sha"])


def prepare(connection: Connection, repo: str, new: NewCommit, tree: str) -> str | None:
    """Make the commit of a written tree, on no branch yet; None where GitHub has to make it on the branch itself.

    Raises RepoError.
    """
    commit = _committed(connection, repo, new, tree)
    if new.sign_off and not _is_signed_off(commit):
        # This one goes on no branch: it was made to be told its author.
        connection.author = _author(commit)
        commit = _committed(connection, repo, new, tree)
        if not _is_signed_off(commit):
            raise RepoError(FailureCode.SIGN_OFF, "GitHub does not say by whom its commits are, so none is signed off")
    if new.signed and not commit["verification"]["verified"]:
        return None
    return str(commit["sha"])


def _committed(connection: Connection, repo: str, new: NewCommit, tree: str) -> Json:
    author, message = connection.author, new.message
    if new.sign_off and author:
        message = f"{message.rstrip()}\n{_sign_off(author)}\n"
    body = {"message": message, "tree": tree, "parents": list(new.parents)}
    made: Json = connection.write("POST", f"/repos/{repo}/git/commits", body, lambda made: _is_commit(made, tree, new))
    return made


def _author(commit: Json) -> Author | None:
    """The author of a commit as GitHub answers it."""
    author = commit.get("author") or {}
    name, email = author.get("name"), author.get("email")
    return Author(name=name, email=email) if isinstance(name, str) and isinstance(email, str) else None


def _sign_off(author: Author) -> str:
    return f"Signed-off-by: {author.name} <{author.email}>"


def _is_signed_off(commit: Json) -> bool:
    """Whether the message ends with a sign-off of the commit's own author."""
    author = _author(commit)
    return author is not None and str(commit.get("message")).rstrip().rpartition("\n")[2] == _sign_off(author)


def holds(connection: Connection, repo: str, commit: str, new: NewCommit, tree: str) -> bool:
    """Whether a commit has just this tree, and its sign-off where there has to be one.

    Raises RepoError, also where GitHub does not say.
    """
    found = connection.read(f"/repos/{repo}/git/commits/{commit}")
    if not proves(lambda found: found["sha"] == commit and _is_id(found["tree"]["sha"]), found):
        raise RepoError(
            FailureCode.UNREADABLE, f"GitHub does not say what the commit {commit} of {repo} holds", Refusal.LOST
        )
    return bool(found["tree"]["sha"] == tree) and (not new.sign_off or _is_signed_off(found))


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _is_commit(made: Json, tree: str, new: NewCommit) -> bool:
    """Whether GitHub answers the commit that was asked for, with whether it is signed."""
    parents = tuple(parent["sha"] for parent in made["parents"])
    known = isinstance(made["verification"]["verified"], bool)
    return _is_id(made["sha"]) and made["tree"]["sha"] == tree and parents == new.parents and known


def place_new(connection: Connection, repo: str, branch: str, new: NewCommit, prepared: str | None) -> str:
    """Create the branch with the commit; its id. Raises RepoError."""
    url, ref = f"/repos/{repo}/git/refs", f"refs/heads/{branch}"
    if prepared and _accepts(connection, "POST", url, {"ref": ref, "sha": prepared}):
        return prepared
    changes = _file_changes(new)
    _write_ref(connection, "POST", url, {"ref": ref, "sha": new.parents[0]})
    return _commit_on_branch(connection, repo, branch, new, changes)


def place_on(connection: Connection, repo: str, branch: str, new: NewCommit, prepared: str | None) -> str:
    """Move the branch forward to the commit; its id. Raises RepoError, also where the branch moved meanwhile."""
    url = f"/repos/{repo}/git/refs/heads/{branch}"
    if prepared and _accepts(connection, "PATCH", url, {"sha": prepared, "force": False}):
        return prepared
    return _commit_on_branch(connection, repo, branch, new, _file_changes(new))


def _accepts(connection: Connection, method: str, url: str, ref: Json) -> bool:
    """Write a ref; False where the branch takes signed commits only, and this one is not. Raises RepoError."""
    try:
        _write_ref(connection, method, url, ref)
    except RepoError as error:
        if error.refusal is not Refusal.SIGNATURE_REQUIRED:
            raise
        return False
    return True


def _write_ref(connection: Connection, method: str, url: str, ref: Json) -> None:
    """Raises UncertainError unless the answer says that the branch is at the commit."""
    connection.write(method, url, ref, lambda made: bool(made["object"]["sha"] == ref["sha"]))


def _tree_entry(change: TreeChange) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": change.path, "mode": change.mode, "type": "blob"}
    if isinstance(change, ReuseBlob):
        return entry | {"sha": change.id, "type": "commit" if change.mode == SUBMODULE else "blob"}
    if change.content is None:
        return entry | {"mode": REGULAR, "sha": None}
    return entry | {"content": change.content.decode()}


def _commit_on_branch(connection: Connection, repo: str, branch: str, new: NewCommit, changes: Json) -> str:
    headline, _, body = new.message.partition("\n\n")
    given = {
        "branch": {"repositoryNameWithOwner": repo, "branchName": branch},
        "expectedHeadOid": new.parents[0],
        "message": {"headline": headline, "body": body},
        "fileChanges": changes,
    }
    answer = connection.mutate(
        COMMIT_ON_BRANCH, {"input": given}, lambda data: _is_id(data["createCommitOnBranch"]["commit"]["oid"])
    )
    return str(answer["createCommitOnBranch"]["commit"]["oid"])


def _is_plain(write: TreeChange) -> bool:
    return isinstance(write, FileWrite) and (write.content is None or write.mode == REGULAR)


def _file_changes(new: NewCommit) -> Json:
    """The changes as the mutation takes them. Raises RepoError for what it cannot make."""
    if new.sign_off:
        message = "signed commits are required, and GitHub signs only those of which it does not tell the author before"
        raise RepoError(FailureCode.SIGN_OFF, f"{message}, so that none can be signed off: use a GitHub App")
    if len(new.parents) > 1 or not all(map(_is_plain, new.writes)):
        message = "signed commits are required, and GitHub signs neither merges nor executables for this identity"
        raise RepoError(FailureCode.UNSIGNED, f"{message}: use a GitHub App")
    files = [write for write in new.writes if isinstance(write, FileWrite)]
    return {
        "additions": [
            {"path": file.path, "contents": b64encode(file.content).decode()}
            for file in files
            if file.content is not None
        ],
        "deletions": [{"path": file.path} for file in files if file.content is None],
    }

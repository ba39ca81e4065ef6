"""Branches and other refs as GitHub's API moves them; pull requests follow."""

from __future__ import annotations

import pygit2

from .forge import Forge
from .protection import check_push, protections
from .records import Identity, RepoRow
from .refusal import Refusal, empty_repository, not_found
from .repository import HEADS
from .sync import branch_moved

PROTECTED_PREFIX = "refs/pull/"


def read_ref(forge: Forge, repo: RepoRow, ref: str) -> str:
    """The id a full ref name points at. Raises Refusal 404, or 409 for an empty repository."""
    git = forge.git(repo)
    oid = git.ref(ref)
    if oid is None:
        raise empty_repository() if git.is_empty else not_found()
    return oid


def create_ref(forge: Forge, who: Identity, repo: RepoRow, ref: str, sha: str) -> str:
    """Adds a ref and answers its id. Raises Refusal 409 (empty), 422 (exists, bad name, no such object)."""
    forge.require(who, repo, "contents")
    _check_name(ref)
    git = forge.git(repo)
    if git.is_empty:
        raise empty_repository()
    _check_target(forge, repo, sha)
    if git.ref(ref) is not None:
        raise Refusal(422, "Reference already exists")
    if ref.startswith(HEADS):
        check_push(forge, repo, ref.removeprefix(HEADS), None, sha)
    set_ref(forge, who.login, repo, ref, sha)
    return sha


def update_ref(forge: Forge, who: Identity, repo: RepoRow, ref: str, sha: str, *, force: bool = False) -> str:
    """Moves a ref. Raises Refusal 422 where it is missing, or where this is no fast forward without `force`."""
    forge.require(who, repo, "contents")
    git = forge.git(repo)
    before = git.ref(ref)
    if before is None or ref.startswith(PROTECTED_PREFIX):
        raise empty_repository() if git.is_empty else Refusal(422, "Reference does not exist")
    _check_target(forge, repo, sha)
    if not force and not git.is_ancestor(before, sha):
        raise Refusal(422, "Update is not a fast forward")
    if ref.startswith(HEADS):
        check_push(forge, repo, ref.removeprefix(HEADS), before, sha)
    set_ref(forge, who.login, repo, ref, sha)
    return sha


def delete_ref(forge: Forge, who: Identity, repo: RepoRow, ref: str) -> None:
    """Removes a ref. Raises Refusal 422 where it is missing or the default branch."""
    forge.require(who, repo, "contents")
    if forge.git(repo).ref(ref) is None or ref.startswith(PROTECTED_PREFIX):
        raise Refusal(422, "Reference does not exist")
    if ref == HEADS + repo.default_branch:
        raise Refusal(422, "Cannot delete the default branch")
    if ref.startswith(HEADS):
        check_push(forge, repo, ref.removeprefix(HEADS), forge.git(repo).ref(ref), None)
    set_ref(forge, who.login, repo, ref, None)


def set_ref(forge: Forge, actor: str, repo: RepoRow, ref: str, sha: str | None) -> None:
    """Points a ref at an object, or removes it, and lets pull requests follow. Raises Refusal 422 on a name clash."""
    git = forge.git(repo)
    before = git.ref(ref)
    if before == sha:
        return
    try:
        if sha is None:
            git.raw.references.delete(ref)
        else:
            git.raw.create_reference_direct(ref, sha, True)
    except (ValueError, OSError, pygit2.GitError) as error:
        raise Refusal(422, "Reference update failed") from error
    if ref.startswith(HEADS):
        branch_moved(forge, actor, repo, ref.removeprefix(HEADS), before, sha)


def rename_branch(forge: Forge, who: Identity, repo: RepoRow, old: str, new: str) -> str:
    """Renames a branch; pull requests into it follow, those from it close. Raises Refusal 403, 404, 422."""
    forge.require(who, repo, "administration" if old == repo.default_branch else "contents")
    git = forge.git(repo)
    tip = git.branch(old)
    if tip is None:
        raise Refusal(404, "Branch not found")
    _check_name(HEADS + new)
    if git.branch(new) is not None:
        raise Refusal(422, "New branch already exists")
    set_ref(forge, who.login, repo, HEADS + new, tip)
    sql = "UPDATE pulls SET base_ref = ? WHERE repo_id = ? AND base_ref = ? AND state = 'open'"
    forge.store.execute(sql, new, repo.id, old)
    for rule in protections(forge, repo):
        if rule.pattern == old:
            forge.store.update("protections", rule.id, pattern=new)
    if old == repo.default_branch:
        forge.edit_repo(repo, default_branch=new)
    set_ref(forge, who.login, repo, HEADS + old, None)
    return tip


def _check_name(ref: str) -> None:
    if not ref.startswith("refs/") or ref.count("/") < 2 or ref.startswith(PROTECTED_PREFIX):
        raise Refusal(422, "Reference name must start with 'refs/' and have at least two slashes")
    if not pygit2.reference_is_valid_name(ref):
        raise Refusal(422, f"{ref} is not a valid ref name.")


def _check_target(forge: Forge, repo: RepoRow, sha: str) -> None:
    git = forge.git(repo)
    if len(sha) != 40 or git.object(sha) is None:
        raise Refusal(422, "Object does not exist")
    if git.commit(sha) is None:
        raise Refusal(422, "Reference update failed")

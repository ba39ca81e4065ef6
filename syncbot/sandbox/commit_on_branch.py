"""A commit straight onto a branch, as GraphQL's `createCommitOnBranch` makes it: signed by GitHub, files only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pygit2

from .forge import Forge
from .gitdata import require_workflows
from .protection import check_push
from .records import Identity, RepoRow
from .refs import set_ref
from .refusal import Refusal
from .repository import HEADS
from .signing import mark_verified, web_flow
from .trees import Change, build_tree, valid_path


class StaleData(Exception):
    """The branch is not where the caller thought."""


def commit_on_branch(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    branch: str,
    *,
    expected: str,
    message: str,
    additions: Mapping[str, bytes],
    deletions: Iterable[str],
) -> str:
    """Commits and moves the branch, or does neither. There are no modes: whatever is written becomes 100644.

    Raises StaleData, or Refusal 403, 404, 422.
    """
    forge.require(who, repo, "contents")
    git = forge.git(repo)
    tip = git.branch(branch)
    if tip is None:
        raise Refusal(404, f"No such branch: {branch}")
    if tip != expected:
        raise StaleData(f'Expected branch to point to "{expected}" but it did not. Pull and try again.')
    tree = _tree(git.raw, tip, additions, tuple(deletions))
    require_workflows(forge, who, repo, git.tree(tip), git.raw[tree].peel(pygit2.Tree))
    by = forge.signature(who.login)
    oid = str(git.raw.create_commit(None, by, web_flow(forge), message, tree, [tip]))
    mark_verified(forge, repo, oid)
    check_push(forge, repo, branch, tip, oid)
    set_ref(forge, who.login, repo, HEADS + branch, oid)
    return oid


def _tree(raw: pygit2.Repository, tip: str, additions: Mapping[str, bytes], deletions: tuple[str, ...]) -> str:
    base = raw[tip].peel(pygit2.Tree)
    for path in (*additions, *deletions):
        if not valid_path(path):
            raise Refusal(422, "A path was requested which is malformed.")
    if missing := [path for path in deletions if path not in base]:
        raise Refusal(
            422, f"A path was requested for deletion which does not exist as of commit oid `{tip}`: {missing[0]}"
        )
    changes: dict[str, Change] = dict.fromkeys(deletions)
    changes |= {path: (0o100644, str(raw.create_blob(content))) for path, content in additions.items()}
    return build_tree(raw, base, changes)

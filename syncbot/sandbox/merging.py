"""Merge, squash and rebase as GitHub's merge button does them. Writes commits, never moves a ref."""

from __future__ import annotations

import pygit2

from .repository import Repository


class MergeConflict(Exception):
    """The two sides changed the same lines."""


Author = pygit2.Signature


def merge_commit(repository: Repository, base: str, head: str, message: str, author: Author, committer: Author) -> str:
    """A commit with two parents, `base` first. Raises MergeConflict."""
    tree = merged_tree(repository, base, head)
    return _commit(repository, author, committer, message, tree, [base, head])


def squash_commit(repository: Repository, base: str, head: str, message: str, author: Author, committer: Author) -> str:
    """One commit on `base` that brings all of `head`. Raises MergeConflict."""
    return _commit(repository, author, committer, message, merged_tree(repository, base, head), [base])


def rebase_commits(repository: Repository, base: str, head: str, committer: Author) -> str:
    """The commits of `head`, copied one by one onto `base`, merges left out. Raises MergeConflict."""
    tip = base
    for commit in reversed(list(repository.commits(head, without=base))):
        if len(commit.parents) < 2:
            tree = _replayed_tree(repository, commit, tip)
            tip = _commit(repository, commit.author, committer, commit.message, tree, [tip])
    return tip


def merged_tree(repository: Repository, base: str, head: str) -> pygit2.Oid:
    """The tree of both sides merged. Raises MergeConflict."""
    return _written(repository, repository.raw.merge_commits(base, head))


def _replayed_tree(repository: Repository, commit: pygit2.Commit, onto: str) -> pygit2.Oid:
    before = commit.parents[0].tree if commit.parents else repository.raw[repository.raw.TreeBuilder().write()]
    target = repository.raw[onto].peel(pygit2.Tree)
    return _written(repository, repository.raw.merge_trees(before.peel(pygit2.Tree), target, commit.tree))


def _written(repository: Repository, index: pygit2.Index) -> pygit2.Oid:
    if index.conflicts:
        raise MergeConflict
    return index.write_tree(repository.raw)


def _commit(
    repository: Repository, author: Author, committer: Author, message: str, tree: pygit2.Oid, parents: list[str]
) -> str:
    return str(repository.raw.create_commit(None, author, committer, message, tree, list(parents)))

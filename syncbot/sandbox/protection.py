"""Branch protection: rules by branch pattern, who owns what by CODEOWNERS, and what a push or a merge must meet."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import pygit2
from pygit2.enums import SortMode

from .forge import Forge
from .globs import branch_pattern
from .records import PullRow, RepoRow
from .refusal import Refusal
from .repository import Repository
from .rulesets import violation, wants_linear_history, wants_signatures
from .signing import is_verified

UNSIGNED = "Commits must have verified signatures."
NOT_LINEAR = "This branch must not contain merge commits."
FORCED = "Cannot force-push to this branch"
DELETED = "Cannot delete this branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """A rule for the branches a pattern matches. `reviews` are the approvals needed, `contexts` the green checks."""

    id: int
    repo_id: int
    pattern: str
    signatures: int = 0
    reviews: int = 0
    code_owners: int = 0
    dismiss_stale: int = 0
    linear: int = 0
    contexts: str = "[]"

    @property
    def required_contexts(self) -> tuple[str, ...]:
        return tuple(json.loads(self.contexts))

    @property
    def requires_reviews(self) -> bool:
        return bool(self.reviews or self.code_owners)


def protect(
    forge: Forge,
    repo: RepoRow,
    pattern: str,
    *,
    signatures: bool = False,
    reviews: int = 0,
    code_owners: bool = False,
    dismiss_stale: bool = False,
    linear: bool = False,
    contexts: Iterable[str] = (),
) -> Protection:
    """Sets the rule of a pattern (`main`, `syncbot/*`) anew, in place of the one it had."""
    unprotect(forge, repo, pattern)
    forge.store.insert(
        "protections",
        repo_id=repo.id,
        pattern=pattern,
        signatures=int(signatures),
        reviews=reviews,
        code_owners=int(code_owners),
        dismiss_stale=int(dismiss_stale),
        linear=int(linear),
        contexts=json.dumps(tuple(contexts)),
    )
    return next(rule for rule in protections(forge, repo) if rule.pattern == pattern)


def unprotect(forge: Forge, repo: RepoRow, pattern: str) -> None:
    """Removes the rule of a pattern, if there is one."""
    forge.store.execute("DELETE FROM protections WHERE repo_id = ? AND pattern = ?", repo.id, pattern)


def protections(forge: Forge, repo: RepoRow) -> tuple[Protection, ...]:
    """Every rule of a repository, oldest first."""
    return forge.store.all(Protection, "SELECT * FROM protections WHERE repo_id = ? ORDER BY id", repo.id)


def protection_of(forge: Forge, repo: RepoRow, branch: str) -> Protection | None:
    """The rule for a branch: one that names it before one whose pattern matches it."""
    rules = sorted(protections(forge, repo), key=lambda rule: (rule.pattern != branch, rule.id))
    return next((rule for rule in rules if branch_pattern(rule.pattern).fullmatch(branch)), None)


def check_push(forge: Forge, repo: RepoRow, branch: str, before: str | None, after: str | None) -> None:
    """Raises Refusal 422, in GitHub's words, where the branch may not go from `before` to `after` (None: absent)."""
    if before == after:
        return
    if rule := protection_of(forge, repo, branch):
        _check_rule(forge, repo, rule, before, after)
    if after and wants_signatures(forge, repo, branch) and not _are_signed(forge, repo, after):
        raise violation(UNSIGNED)
    if after and wants_linear_history(forge, repo, branch) and not _is_linear(forge, repo, after):
        raise violation(NOT_LINEAR)


def _check_rule(forge: Forge, repo: RepoRow, rule: Protection, before: str | None, after: str | None) -> None:
    if after is None:
        raise _declined(DELETED)
    git = forge.git(repo)
    if before and not git.is_ancestor(before, after):
        raise _declined(FORCED)
    if before and rule.requires_reviews:
        raise _declined(review_sentence(rule))
    if rule.signatures and not _are_signed(forge, repo, after):
        raise _declined(UNSIGNED)
    if rule.linear and not _is_linear(forge, repo, after):
        raise _declined(NOT_LINEAR)


def _are_signed(forge: Forge, repo: RepoRow, after: str) -> bool:
    return all(is_verified(forge, repo, str(commit.id)) for commit in new_commits(forge.git(repo), after))


def _is_linear(forge: Forge, repo: RepoRow, after: str) -> bool:
    return all(len(commit.parent_ids) < 2 for commit in new_commits(forge.git(repo), after))


def new_commits(git: Repository, after: str) -> Iterable[pygit2.Commit]:
    """The commits that no branch holds yet."""
    walker = git.raw.walk(after, SortMode.TOPOLOGICAL)
    for _, tip in git.branches():
        walker.hide(tip)
    return walker


def review_sentence(rule: Protection) -> str:
    """What GitHub says where approvals are missing."""
    count = max(rule.reviews, 1)
    reviews = "reviews are" if count > 1 else "review is"
    return f"At least {count} approving {reviews} required by reviewers with write access."


def dismisses_stale(forge: Forge, repo: RepoRow, pull: PullRow) -> bool:
    """Whether a push to the pull request's head takes its approvals away."""
    rule = protection_of(forge, repo, pull.base_ref)
    return rule is not None and bool(rule.dismiss_stale)


def _declined(sentence: str) -> Refusal:
    return Refusal(422, sentence)

"""What stands between a pull request and its base branch: reviews, code owners, checks, signatures, history."""

from __future__ import annotations

from .checks import FAILED, latest_statuses, list_check_runs
from .codeowners import owners_of, people, rules_at
from .forge import Forge
from .protection import NOT_LINEAR, UNSIGNED, Protection, protection_of, review_sentence
from .pulls import base_commit, is_mergeable, list_reviews, pull_commits, pull_files
from .records import PullRow, RepoRow
from .roles import may_write
from .rulesets import wants_linear_history, wants_signatures
from .signing import is_verified


def review_decision(forge: Forge, repo: RepoRow, pull: PullRow) -> str | None:
    """APPROVED, CHANGES_REQUESTED or REVIEW_REQUIRED; None where the base branch requires no review."""
    rule = protection_of(forge, repo, pull.base_ref)
    if rule is None or not rule.requires_reviews:
        return None
    if "CHANGES_REQUESTED" in _verdicts(forge, repo, pull).values():
        return "CHANGES_REQUESTED"
    return "REVIEW_REQUIRED" if _missing_review(forge, repo, pull, rule) else "APPROVED"


def unmet(forge: Forge, repo: RepoRow, pull: PullRow, method: str | None = None) -> str | None:
    """The first requirement that the pull request does not meet, in GitHub's words, or None. `method` as to merge."""
    rule = protection_of(forge, repo, pull.base_ref)
    signed = bool(rule and rule.signatures) or wants_signatures(forge, repo, pull.base_ref)
    if signed and method != "squash" and not _all_verified(forge, repo, pull):
        return UNSIGNED
    if method == "merge" and ((rule and rule.linear) or wants_linear_history(forge, repo, pull.base_ref)):
        return NOT_LINEAR
    if rule is None:
        return None
    return _missing_review(forge, repo, pull, rule) or _missing_check(forge, repo, pull, rule)


def merge_state(forge: Forge, repo: RepoRow, pull: PullRow, rolled_up: str | None) -> str:
    """GraphQL's `mergeStateStatus`, given the state that the head's checks roll up to."""
    mergeable = is_mergeable(forge, repo, pull)
    if not mergeable:
        return "UNKNOWN" if mergeable is None else "DIRTY"
    if pull.draft:
        return "DRAFT"
    if unmet(forge, repo, pull):
        return "BLOCKED"
    return "CLEAN" if rolled_up in (None, "SUCCESS") else "UNSTABLE"


def _verdicts(forge: Forge, repo: RepoRow, pull: PullRow) -> dict[str, str]:
    """The last word of each reviewer who may write; comments are none, dismissal takes a word back."""
    last: dict[str, str] = {}
    for review in list_reviews(forge, repo, pull):
        if review.state != "COMMENTED" and may_write(forge, repo, review.author):
            last[review.author] = review.state
    return last


def _missing_review(forge: Forge, repo: RepoRow, pull: PullRow, rule: Protection) -> str | None:
    verdicts = _verdicts(forge, repo, pull)
    approvers = {login.casefold() for login, state in verdicts.items() if state == "APPROVED"}
    if "CHANGES_REQUESTED" in verdicts.values() and rule.requires_reviews:
        return "Changes have been requested."
    if len(approvers) < rule.reviews:
        return review_sentence(rule)
    owners = _silent_owners(forge, repo, pull, approvers) if rule.code_owners else ()
    names = ", ".join(owner.removeprefix("@") for owner in owners)
    return f"Waiting on code owner review from {names}." if owners else None


def _silent_owners(forge: Forge, repo: RepoRow, pull: PullRow, approvers: set[str]) -> tuple[str, ...]:
    """The owners of the first changed file that none of its owners approved."""
    rules = rules_at(forge, repo, base_commit(forge, repo, pull))
    for file in pull_files(forge, repo, pull):
        owners = owners_of(rules, file.path)
        behind = people(forge, repo, owners)
        if behind and not any(login.casefold() in approvers for login in behind):
            return owners
    return ()


def _missing_check(forge: Forge, repo: RepoRow, pull: PullRow, rule: Protection) -> str | None:
    states = {status.context: status.state for status in latest_statuses(forge, repo, pull.head_sha)}
    states |= {
        run.name: "pending" if run.conclusion is None else "failure" if run.conclusion in FAILED else "success"
        for run in list_check_runs(forge, repo, pull.head_sha)
    }
    for context in rule.required_contexts:
        state = states.get(context)
        if state != "success":
            word = "expected" if state is None else "pending" if state == "pending" else "failing"
            return f'Required status check "{context}" is {word}.'
    return None


def _all_verified(forge: Forge, repo: RepoRow, pull: PullRow) -> bool:
    return all(is_verified(forge, repo, str(commit.id)) for commit in pull_commits(forge, repo, pull))

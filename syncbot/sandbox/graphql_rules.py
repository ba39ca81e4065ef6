"""Resolvers of branch protection. Writes nothing."""

from __future__ import annotations

from typing import Any

from .graphql_git import Resolver
from .graphql_pages import page
from .graphql_values import Info, RefNode, RepoNode
from .protection import Protection, protection_of, protections
from .repository import HEADS
from .representations import node_id


def branch_protection_rules(repo: RepoNode, info: Info, **bounds: Any) -> dict[str, object]:
    rules = protections(info.context.forge, repo.row)
    return page("branchProtectionRules", rules, wrap=lambda rule: _rule(repo, rule), **bounds)


def branch_protection_rule(ref: RefNode, info: Info) -> dict[str, object] | None:
    """The rule for a branch; tags have none."""
    full = ref.prefix + ref.name
    if not full.startswith(HEADS):
        return None
    found = protection_of(info.context.forge, ref.repo.row, full.removeprefix(HEADS))
    return _rule(ref.repo, found) if found else None


def _rule(repo: RepoNode, rule: Protection) -> dict[str, object]:
    return {
        "id": node_id("BPR", rule.id),
        "pattern": rule.pattern,
        "repository": repo,
        "dismissesStaleReviews": bool(rule.dismiss_stale),
        "requiredApprovingReviewCount": rule.reviews if rule.requires_reviews else None,
        "requiredStatusCheckContexts": list(rule.required_contexts),
        "requiresApprovingReviews": rule.requires_reviews,
        "requiresCodeOwnerReviews": bool(rule.code_owners),
        "requiresCommitSignatures": bool(rule.signatures),
        "requiresLinearHistory": bool(rule.linear),
        "requiresStatusChecks": bool(rule.required_contexts),
    }


RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Repository": {"branchProtectionRules": branch_protection_rules},
    "Ref": {"branchProtectionRule": branch_protection_rule},
}

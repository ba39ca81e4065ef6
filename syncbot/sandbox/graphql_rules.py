"""Resolvers of branch protection and of rulesets. Writes nothing."""

from __future__ import annotations

from typing import Any

from .graphql_git import Resolver
from .graphql_pages import page
from .graphql_values import Info, RefNode, RepoNode
from .protection import Protection, protection_of, protections
from .repository import HEADS
from .representations import node_id
from .rulesets import Ruleset, rules_for


def branch_protection_rules(repo: RepoNode, info: Info, **bounds: Any) -> dict[str, object]:
    rules = protections(info.context.forge, repo.row) if _administers(repo, info) else ()
    return page("branchProtectionRules", rules, wrap=lambda rule: _rule(repo, rule), **bounds)


def branch_protection_rule(ref: RefNode, info: Info) -> dict[str, object] | None:
    """The rule for a branch, for those who administer the repository; tags have none."""
    found = _protection(ref, info)
    return _rule(ref.repo, found) if found and _administers(ref.repo, info) else None


def ref_update_rule(ref: RefNode, info: Info) -> dict[str, object] | None:
    """The same for everybody."""
    found = _protection(ref, info)
    if found is None:
        return None
    return {
        "pattern": found.pattern,
        "requiresLinearHistory": bool(found.linear),
        "requiresSignatures": bool(found.signatures),
    }


def ref_rules(ref: RefNode, info: Info, **bounds: Any) -> dict[str, object]:
    """The rulesets' rules in force for a branch."""
    name = _branch_name(ref)
    found = rules_for(info.context.forge, ref.repo.row, name) if name else ()

    def wrap(one: tuple[Ruleset, str]) -> dict[str, object]:
        ruleset, rule = one
        names = {"include": list(ruleset.included), "exclude": list(ruleset.excluded)}
        return {
            "id": node_id("RRU", f"{ruleset.id}_{rule}"),
            "type": rule.upper(),
            "repositoryRuleset": {"conditions": {"refName": names}},
        }

    return page("rules", found, wrap=wrap, **bounds)


def _protection(ref: RefNode, info: Info) -> Protection | None:
    name = _branch_name(ref)
    return protection_of(info.context.forge, ref.repo.row, name) if name else None


def _branch_name(ref: RefNode) -> str:
    full = ref.prefix + ref.name
    return full.removeprefix(HEADS) if full.startswith(HEADS) else ""


def _administers(repo: RepoNode, info: Info) -> bool:
    return info.context.who.reaches(repo.row.full_name) and info.context.who.may("administration", "read")


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
    "Ref": {"branchProtectionRule": branch_protection_rule, "refUpdateRule": ref_update_rule, "rules": ref_rules},
}

"""REST: who may do what in a repository, branch protection, rulesets, renaming a branch."""

from __future__ import annotations

from collections.abc import Mapping

import pygit2

from .call import Answer, Call
from .protection import Protection, protect, protection_of, unprotect
from .records import RepoRow
from .refs import rename_branch
from .refusal import Refusal
from .representations import Json, node_id, repo_url, user
from .representations_git import branch
from .roles import checked_permission
from .rulesets import Ruleset, add_ruleset

PERMISSIONS = ("pull", "triage", "push", "maintain", "admin")
GRANTED = {"none": 0, "read": 1, "write": 3, "admin": 5}


def get_permission(call: Call) -> Answer:
    level = checked_permission(call.forge, call.who, call.repo, call.params["username"])
    granted = {name: index < GRANTED[level] for index, name in enumerate(PERMISSIONS)}
    shown = {**user(call.forge, call.params["username"]), "permissions": granted, "role_name": level}
    return Answer(body={"permission": level, "role_name": level, "user": shown})


def get_protection(call: Call) -> Answer:
    repo = _protectable(call, "GET")
    rule = protection_of(call.forge, repo, call.params["branch"])
    if rule is None:
        raise Refusal(404, "Branch not protected")
    return Answer(body=_shown(call, repo, rule))


def put_protection(call: Call) -> Answer:
    repo = _protectable(call)
    reviews = _object(call, "required_pull_request_reviews")
    checks = _object(call, "required_status_checks")
    for name in ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"):
        if name not in call.body:
            raise Refusal(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
    branch_name = call.params["branch"]
    before = protection_of(call.forge, repo, branch_name)
    contexts = checks.get("contexts") if checks else []
    rule = protect(
        call.forge,
        repo,
        branch_name,
        signatures=bool(before and before.pattern == branch_name and before.signatures),
        reviews=_number(reviews.get("required_approving_review_count", 1)) if reviews is not None else 0,
        code_owners=bool(reviews and reviews.get("require_code_owner_reviews")),
        dismiss_stale=bool(reviews and reviews.get("dismiss_stale_reviews")),
        linear=call.flag("required_linear_history"),
        contexts=[str(name) for name in contexts] if isinstance(contexts, list) else [],
    )
    return Answer(body=_shown(call, repo, rule))


def delete_protection(call: Call) -> Answer:
    unprotect(call.forge, _protectable(call), call.params["branch"])
    return Answer(status=204)


def get_signatures(call: Call) -> Answer:
    repo = _protectable(call, "GET")
    rule = protection_of(call.forge, repo, call.params["branch"])
    if rule is None:
        raise Refusal(404, "Branch not protected")
    return Answer(body=_signatures(_url(call, repo), rule))


def post_signatures(call: Call) -> Answer:
    return _set_signatures(call, required=True)


def delete_signatures(call: Call) -> Answer:
    _set_signatures(call, required=False)
    return Answer(status=204)


def post_ruleset(call: Call) -> Answer:
    repo = call.repo
    call.forge.require(call.who, repo, "administration")
    named = (_object(call, "conditions") or {}).get("ref_name")
    rules = call.body.get("rules", [])
    if call.body.get("target", "branch") != "branch" or not isinstance(named, dict) or not isinstance(rules, list):
        raise Refusal(422, "Validation Failed")
    made = add_ruleset(
        call.forge,
        repo,
        call.text("name"),
        include=map(str, named.get("include", ())),
        exclude=map(str, named.get("exclude", ())),
        rules=[str(rule.get("type")) for rule in rules if isinstance(rule, dict)],
        enforcement=call.text("enforcement"),
    )
    return Answer(status=201, body=_ruleset(repo, made))


def post_rename(call: Call) -> Answer:
    repo = call.repo
    new = call.text("new_name")
    tip = rename_branch(call.forge, call.who, repo, call.params["branch"], new)
    found = call.forge.git(repo).raw[tip].peel(pygit2.Commit)
    return Answer(status=201, body=branch(call.forge, call.forge.by_id(repo.id), new, found))


def _set_signatures(call: Call, *, required: bool) -> Answer:
    repo = _protectable(call)
    rule = protection_of(call.forge, repo, call.params["branch"])
    if rule is None:
        raise Refusal(404, "Branch not protected")
    call.forge.store.update("protections", rule.id, signatures=int(required))
    changed = protection_of(call.forge, repo, call.params["branch"]) or rule
    return Answer(body=_signatures(_url(call, repo), changed))


def _protectable(call: Call, method: str = "PUT") -> RepoRow:
    """The repository, for somebody who administers it, if the branch is there. Raises Refusal 401, 403, 404."""
    repo = call.repo
    if method == "PUT" or not call.who.may("administration", "read"):
        call.forge.require(call.who, repo, "administration")
    if call.forge.git(repo).branch(call.params["branch"]) is None:
        raise Refusal(404, "Branch not found")
    return repo


def _ruleset(repo: RepoRow, ruleset: Ruleset) -> Json:
    """GitHub's `repository-ruleset`."""
    return {
        "id": ruleset.id,
        "node_id": node_id("RRS", ruleset.id),
        "name": ruleset.name,
        "target": "branch",
        "source_type": "Repository",
        "source": repo.full_name,
        "enforcement": ruleset.enforcement,
        "conditions": {"ref_name": {"include": list(ruleset.included), "exclude": list(ruleset.excluded)}},
        "rules": [{"type": rule} for rule in ruleset.types],
        "created_at": ruleset.created_at,
        "updated_at": ruleset.created_at,
    }


def _object(call: Call, name: str) -> Mapping[str, object] | None:
    value = call.body.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refusal(422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not an object.")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= 6:
        raise Refusal(422, "Invalid request.\n\nrequired_approving_review_count must be from 0 to 6.")
    return value


def _url(call: Call, repo: RepoRow) -> str:
    return f"{repo_url(call.forge, repo)}/branches/{call.params['branch']}/protection"


def _signatures(url: str, rule: Protection) -> Json:
    return {"url": f"{url}/required_signatures", "enabled": bool(rule.signatures)}


def _shown(call: Call, repo: RepoRow, rule: Protection) -> Json:
    """GitHub's `branch-protection`."""
    url = _url(call, repo)
    off = {"enabled": False}
    reviews: Json = {
        "url": f"{url}/required_pull_request_reviews",
        "dismiss_stale_reviews": bool(rule.dismiss_stale),
        "require_code_owner_reviews": bool(rule.code_owners),
        "required_approving_review_count": rule.reviews,
        "require_last_push_approval": False,
    }
    checks: Json = {
        "url": f"{url}/required_status_checks",
        "strict": False,
        "contexts": list(rule.required_contexts),
        "contexts_url": f"{url}/required_status_checks/contexts",
        "checks": [{"context": name, "app_id": None} for name in rule.required_contexts],
    }
    return {
        "url": url,
        **({"required_status_checks": checks} if rule.required_contexts else {}),
        **({"required_pull_request_reviews": reviews} if rule.requires_reviews else {}),
        "required_signatures": _signatures(url, rule),
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": True},
        "required_linear_history": {"enabled": bool(rule.linear)},
        "allow_force_pushes": off,
        "allow_deletions": off,
        "block_creations": off,
        "required_conversation_resolution": off,
        "lock_branch": off,
        "allow_fork_syncing": off,
    }


ROUTES = (
    ("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", get_permission),
    ("GET", "/repos/{owner}/{repo}/branches/{branch:path}/protection", get_protection),
    ("PUT", "/repos/{owner}/{repo}/branches/{branch:path}/protection", put_protection),
    ("DELETE", "/repos/{owner}/{repo}/branches/{branch:path}/protection", delete_protection),
    ("GET", "/repos/{owner}/{repo}/branches/{branch:path}/protection/required_signatures", get_signatures),
    ("POST", "/repos/{owner}/{repo}/branches/{branch:path}/protection/required_signatures", post_signatures),
    ("DELETE", "/repos/{owner}/{repo}/branches/{branch:path}/protection/required_signatures", delete_signatures),
    ("POST", "/repos/{owner}/{repo}/branches/{branch:path}/rename", post_rename),
    ("POST", "/repos/{owner}/{repo}/rulesets", post_ruleset),
)

"""Repository rulesets: rules for the branches that patterns name, beside branch protection and independent of it.

https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets: of the
rules that GitHub has, `required_signatures` and `required_linear_history` are known here and enforced; any other is
refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from .forge import Forge
from .globs import branch_pattern
from .records import RepoRow
from .refusal import Refusal
from .repository import HEADS

SIGNATURES = "required_signatures"
LINEAR = "required_linear_history"
KNOWN = (SIGNATURES, LINEAR)
ENFORCEMENTS = ("active", "evaluate", "disabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """`include` and `exclude` hold full ref names with globs, `~DEFAULT_BRANCH` or `~ALL`; `rules` their types."""

    id: int
    repo_id: int
    name: str
    enforcement: str
    include: str
    exclude: str
    rules: str
    created_at: str

    @property
    def included(self) -> tuple[str, ...]:
        return tuple(json.loads(self.include))

    @property
    def excluded(self) -> tuple[str, ...]:
        return tuple(json.loads(self.exclude))

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(json.loads(self.rules))

    def covers(self, repo: RepoRow, branch: str) -> bool:
        """Whether it is in force for the branch."""
        named = any(_names(pattern, repo, branch) for pattern in self.included)
        spared = any(_names(pattern, repo, branch) for pattern in self.excluded)
        return self.enforcement == "active" and named and not spared


def add_ruleset(
    forge: Forge,
    repo: RepoRow,
    name: str,
    *,
    include: Iterable[str],
    exclude: Iterable[str] = (),
    rules: Iterable[str] = (SIGNATURES,),
    enforcement: str = "active",
) -> Ruleset:
    """One more ruleset. Raises Refusal 422 for a rule or an enforcement that is not known here."""
    types = tuple(rules)
    if enforcement not in ENFORCEMENTS or any(rule not in KNOWN for rule in types):
        raise Refusal(422, "Validation Failed")
    number = forge.store.insert(
        "rulesets",
        repo_id=repo.id,
        name=name,
        enforcement=enforcement,
        include=json.dumps(tuple(include)),
        exclude=json.dumps(tuple(exclude)),
        rules=json.dumps(types),
        created_at=forge.clock.stamp(),
    )
    return next(ruleset for ruleset in rulesets(forge, repo) if ruleset.id == number)


def rulesets(forge: Forge, repo: RepoRow) -> tuple[Ruleset, ...]:
    """Every ruleset of a repository, oldest first."""
    return forge.store.all(Ruleset, "SELECT * FROM rulesets WHERE repo_id = ? ORDER BY id", repo.id)


def rules_for(forge: Forge, repo: RepoRow, branch: str) -> tuple[tuple[Ruleset, str], ...]:
    """The rules in force for a branch, each with its ruleset."""
    covering = (ruleset for ruleset in rulesets(forge, repo) if ruleset.covers(repo, branch))
    return tuple((ruleset, rule) for ruleset in covering for rule in ruleset.types)


def wants_signatures(forge: Forge, repo: RepoRow, branch: str) -> bool:
    """Whether a ruleset takes signed commits only on this branch."""
    return any(rule == SIGNATURES for _, rule in rules_for(forge, repo, branch))


def wants_linear_history(forge: Forge, repo: RepoRow, branch: str) -> bool:
    """Whether a ruleset takes no merge commits on this branch."""
    return any(rule == LINEAR for _, rule in rules_for(forge, repo, branch))


def violation(sentence: str) -> Refusal:
    """What GitHub answers to a change that a ruleset forbids."""
    return Refusal(422, f"Repository rule violations found\n\n{sentence}\n\n")


def _names(pattern: str, repo: RepoRow, branch: str) -> bool:
    if pattern in ("~ALL", "~DEFAULT_BRANCH"):
        return pattern == "~ALL" or branch == repo.default_branch
    return branch_pattern(pattern).fullmatch(HEADS + branch) is not None

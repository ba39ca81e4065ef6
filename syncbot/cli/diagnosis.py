"""Diagnosis: what the identity sees goes in, what it may do in each repo and what is missing comes out. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from syncbot.github.access import Access, RepoAccess, Who
from syncbot.github.parse import login

May = Literal["yes", "no", "unknown"]
ACTIONS = ("read", "push", "pull requests", "workflows")

_WRITERS = ("WRITE", "MAINTAIN", "ADMIN")
_REASONS = {
    "contents": "to read the owned files and push the bot's branches",
    "pull_requests": "to open, label, update and close pull requests",
    "workflows": "to change owned files under .github/workflows; without it those are blocked, the rest is delivered",
    "checks": "to see whether pipelines are red",
    "statuses": "to see whether pipelines are red",
}
_WHERE = "grant it in the App's settings, then accept it in the organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What may be done in one repo."""

    repo: str
    listed_as: str
    read: May = "no"
    push: May = "no"
    pull_requests: May = "no"
    workflows: May = "no"
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something missing, why it is wanted and what to do; `needed` if something cannot be done without it."""

    subject: str
    problem: str
    needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is said about a fleet."""

    abilities: tuple[Abilities, ...]
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        return not any(finding.needed for finding in self.findings)


def diagnose(access: Access, listed: Sequence[str], identities: Sequence[str], *, workflows: bool) -> Diagnosis:
    """`listed` are the names in the config, one for each repo; `workflows`: the fleet owns files that need it."""
    abilities = tuple(_abilities(access.who, repo, name) for repo, name in zip(access.repos, listed, strict=True))
    findings = [*_of_identity(access.who, identities, workflows=workflows)]
    for repo, able in zip(access.repos, abilities, strict=True):
        findings += _of_repo(access.who, repo, able, workflows=workflows)
    return Diagnosis(abilities=abilities, findings=tuple(findings))


def _abilities(who: Who, repo: RepoAccess, listed_as: str) -> Abilities:
    if not repo.found:
        return Abilities(repo=repo.name, listed_as=listed_as, remark="not found")
    remark = "archived" if repo.archived else "disabled" if repo.disabled else "empty" if repo.empty else ""
    if repo.archived or repo.disabled:
        return Abilities(repo=repo.name, listed_as=listed_as, read="yes", remark=remark)
    push, pulls, workflows = _writes(who, repo)
    return Abilities(
        repo=repo.name,
        listed_as=listed_as,
        read="yes",
        push=push,
        pull_requests=pulls,
        workflows=workflows,
        remark=remark,
    )


def _writes(who: Who, repo: RepoAccess) -> tuple[May, May, May]:
    """Whether it may push, open pull requests, and change workflows."""
    if who.permissions is not None:
        granted = {area for area, level in who.permissions.items() if level in ("write", "admin")}
        return _may("contents" in granted), _may("pull_requests" in granted), _may("workflows" in granted)
    role = None if repo.permission is None else repo.permission in _WRITERS
    if role is False:
        return "no", "no", "no"
    if who.scopes is not None:
        scoped = "repo" in who.scopes or (not repo.private and "public_repo" in who.scopes)
        return _may(scoped), _may(scoped), _may(scoped and "workflow" in who.scopes)
    return (_may(role) if who.kind != "fine-grained token" else "unknown"), "unknown", "unknown"


def _may(allowed: bool | None) -> May:
    return "unknown" if allowed is None else "yes" if allowed else "no"


def _of_identity(who: Who, identities: Sequence[str], *, workflows: bool) -> Iterator[Finding]:
    if login(who.login) not in {login(name) for name in identities}:
        problem = f"{who.login} is not listed: the bot would not know its own pull requests again; add it"
        yield Finding(subject="identities in the config", problem=problem)
    if login(who.login) == "github-actions[bot]":
        problem = "this is a workflow's own token: it reaches one repo, and its pull requests start no workflows"
        yield Finding(subject="GITHUB_TOKEN", problem=f"{problem}; use a GitHub App", needed=False)
    if who.permissions is not None:
        yield from _of_app(who.permissions, workflows=workflows)
    if who.scopes is not None:
        yield from _of_scopes(who.scopes, workflows=workflows)


def _of_app(permissions: object, *, workflows: bool) -> Iterator[Finding]:
    granted = permissions if isinstance(permissions, dict) else {}
    for area in ("contents", "pull_requests", *(("workflows",) if workflows else ())):
        if granted.get(area) not in ("write", "admin"):
            yield Finding(subject=f"App permission {area}: write", problem=f"wanted {_REASONS[area]}; {_WHERE}")
    for area in ("checks", "statuses"):
        if area not in granted:
            problem = f"wanted {_REASONS[area]}; {_WHERE}"
            yield Finding(subject=f"App permission {area}: read", problem=problem, needed=False)


def _of_scopes(scopes: Sequence[str], *, workflows: bool) -> Iterator[Finding]:
    if not {"repo", "public_repo"} & set(scopes):
        problem = "wanted to push the bot's branches and open pull requests; make a token that has it"
        yield Finding(subject="token scope repo", problem=problem)
    if workflows and "workflow" not in scopes:
        problem = f"wanted {_REASONS['workflows']}; make a token that has it"
        yield Finding(subject="token scope workflow", problem=problem)


def _of_repo(who: Who, repo: RepoAccess, able: Abilities, *, workflows: bool) -> Iterator[Finding]:
    if not repo.found:
        chosen = "; the App is installed on selected repositories: is it one of them?"
        problem = "it is not there, or this identity may not see it"
        yield Finding(subject=repo.name, problem=problem + (chosen if who.selection == "selected" else ""))
    elif repo.archived:
        yield Finding(subject=repo.name, problem="it is archived: take it out of the config, or unarchive it")
    elif repo.disabled:
        yield Finding(subject=repo.name, problem="GitHub has disabled it: take it out of the config")
    elif repo.empty:
        yield Finding(subject=repo.name, problem="it has no commit yet: scaffold it first", needed=False)
    elif who.permissions is None and able.push == "no" and repo.permission not in _WRITERS:
        problem = f"{who.login} has the role {repo.permission}, and needs write to push the bot's branches"
        yield Finding(subject=repo.name, problem=problem)
    if able.repo.lower() != able.listed_as.lower():
        problem = f"it is called {able.repo} now: change its name in the config"
        yield Finding(subject=able.listed_as, problem=problem, needed=False)

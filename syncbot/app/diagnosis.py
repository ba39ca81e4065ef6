"""Diagnosis: what the identity sees goes in, what it may do in each repo and what is missing comes out. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from syncbot.formats.diagnostics import Diagnostic, Severity
from syncbot.github.parse import login
from syncbot.github.token_info import Access, RepoAccess, Who

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
class Diagnosis:
    """What is said about a fleet. A finding is an error where something cannot be done without what is missing."""

    abilities: tuple[Abilities, ...]
    findings: tuple[Diagnostic, ...]

    @property
    def healthy(self) -> bool:
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


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


def _of_identity(who: Who, identities: Sequence[str], *, workflows: bool) -> Iterator[Diagnostic]:
    if login(who.login) not in {login(name) for name in identities}:
        yield Diagnostic(
            subject="identities in the config",
            message=f"{who.login} is not listed: the bot would not know its own pull requests again; add it",
        )
    if login(who.login) == "github-actions[bot]":
        problem = "this is a workflow's own token: it reaches one repo, and its pull requests start no workflows"
        yield Diagnostic(subject="GITHUB_TOKEN", message=f"{problem}; use a GitHub App", severity=Severity.NOTE)
    if who.permissions is not None:
        yield from _of_app(who.permissions, workflows=workflows)
    if who.scopes is not None:
        yield from _of_scopes(who.scopes, workflows=workflows)


def _of_app(permissions: object, *, workflows: bool) -> Iterator[Diagnostic]:
    granted = permissions if isinstance(permissions, dict) else {}
    for area in ("contents", "pull_requests", *(("workflows",) if workflows else ())):
        if granted.get(area) not in ("write", "admin"):
            yield Diagnostic(subject=f"App permission {area}: write", message=f"wanted {_REASONS[area]}; {_WHERE}")
    for area in ("checks", "statuses"):
        if area not in granted:
            yield Diagnostic(
                subject=f"App permission {area}: read",
                message=f"wanted {_REASONS[area]}; {_WHERE}",
                severity=Severity.NOTE,
            )


def _of_scopes(scopes: Sequence[str], *, workflows: bool) -> Iterator[Diagnostic]:
    if not {"repo", "public_repo"} & set(scopes):
        yield Diagnostic(
            subject="token scope repo",
            message="wanted to push the bot's branches and open pull requests; make a token that has it",
        )
    if workflows and "workflow" not in scopes:
        yield Diagnostic(
            subject="token scope workflow", message=f"wanted {_REASONS['workflows']}; make a token that has it"
        )


def _of_repo(who: Who, repo: RepoAccess, able: Abilities, *, workflows: bool) -> Iterator[Diagnostic]:
    if not repo.found:
        chosen = "; the App is installed on selected repositories: is it one of them?"
        problem = "it is not there, or this identity may not see it"
        yield Diagnostic(subject=repo.name, message=problem + (chosen if who.selection == "selected" else ""))
    elif repo.archived:
        yield Diagnostic(subject=repo.name, message="it is archived: take it out of the config, or unarchive it")
    elif repo.disabled:
        yield Diagnostic(subject=repo.name, message="GitHub has disabled it: take it out of the config")
    elif repo.empty:
        yield Diagnostic(subject=repo.name, message="it has no commit yet: scaffold it first", severity=Severity.NOTE)
    elif who.permissions is None and able.push == "no" and repo.permission not in _WRITERS:
        yield Diagnostic(
            subject=repo.name,
            message=f"{who.login} has the role {repo.permission}, and needs write to push the bot's branches",
        )
    if able.repo.lower() != able.listed_as.lower():
        yield Diagnostic(
            subject=able.listed_as,
            message=f"it is called {able.repo} now: change its name in the config",
            severity=Severity.NOTE,
        )

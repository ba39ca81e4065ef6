"""Token information: what GitHub says about the identity that asks, its repos and its limits. Reads only, and judges
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from syncbot.errors import ForgeError, RepoError
from syncbot.github.batches import name_variables
from syncbot.github.connection import Connection, TooHeavyError
from syncbot.github.decode import REFUSALS, Nullable, UnreadError, Value, not_found_in
from syncbot.github.endpoint import PersonalToken

BATCH = 50
"""Repos a query: a handful of fields each."""

Kind = Literal["app", "installation token", "classic token", "fine-grained token", "token"]

_KINDS: Mapping[str, Kind] = {
    "ghs_": "installation token",
    "ghp_": "classic token",
    "gho_": "classic token",
    "github_pat_": "fine-grained token",
}
_VIEWER = "viewer { login } rateLimit { cost remaining resetAt }"
_FIELDS = "nameWithOwner isPrivate isArchived isDisabled isEmpty viewerPermission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The identity. `permissions` are an App's on this owner, `scopes` a classic token's; None where nobody says."""

    login: str
    kind: Kind
    app: str | None = None
    selection: str | None = None
    permissions: Mapping[str, str] | None = None
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoAccess:
    """One repo as the identity sees it; `found` is false where it is not there or may not be seen."""

    name: str
    found: bool = False
    private: bool = False
    archived: bool = False
    disabled: bool = False
    empty: bool = False
    permission: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A primary limit: requests an hour (GraphQL: points), what is left and when it is full again."""

    name: str
    limit: int
    remaining: int
    resets: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """All of it; `repos` in the order asked for."""

    who: Who
    repos: tuple[RepoAccess, ...] = field(default_factory=tuple)
    budgets: tuple[Budget, ...] = field(default_factory=tuple)


def document(repos: int) -> str:
    """The GraphQL that asks who we are and about `repos` repositories ($oI, $nI)."""
    variables = ", ".join(f"$o{i}: String!, $n{i}: String!" for i in range(repos))
    fields = " ".join(f"r{i}: repository(owner: $o{i}, name: $n{i}) {{ {_FIELDS} }}" for i in range(repos))
    return f"query Access{f'({variables})' if variables else ''} {{ {_VIEWER} {fields} }}"


def access(connection: Connection, repos: Sequence[str]) -> Access:
    """What the identity sees of itself and of `repos` (`owner/name`). Raises ForgeError and OutOfTime."""
    login = ""
    seen: list[RepoAccess] = []
    for start in range(0, max(len(repos), 1), BATCH):
        batch = repos[start : start + BATCH]
        try:
            data, errors = connection.query(document(len(batch)), name_variables(batch))
            answer = Value(data, not_found=not_found_in(errors, *REFUSALS))
            login = answer["viewer"]["login"].text
            seen += [_repo(name, answer, f"r{i}") for i, name in enumerate(batch)]
        except (TooHeavyError, UnreadError) as error:
            raise ForgeError(f"GitHub could not read the repos: {error}") from None
    return Access(who=_who(connection, login), repos=tuple(seen), budgets=_budgets(connection))


def _repo(name: str, answer: Value, alias: str) -> RepoAccess:
    node = answer.found(alias)
    if node is None:
        return RepoAccess(name=name)
    permission = node.maybe("viewerPermission", Nullable.APP)
    return RepoAccess(
        name=node["nameWithOwner"].text,
        found=True,
        private=node["isPrivate"].flag,
        archived=node["isArchived"].flag,
        disabled=node["isDisabled"].flag,
        empty=node["isEmpty"].flag,
        permission=permission.text if permission else None,
    )


def _who(connection: Connection, login: str) -> Who:
    credentials = connection.where.credentials
    if isinstance(credentials, PersonalToken):
        known = [kind for start, kind in _KINDS.items() if credentials.token.startswith(start)]
        kind: Kind = known[0] if known else "token"
        scopes = connection.scopes if kind == "classic token" else None
        return Who(login=login, kind=kind, scopes=scopes)
    if connection.tokens is None:
        raise ForgeError("the App's installation was not asked for")
    installation = connection.tokens.installation()
    return Who(
        login=login,
        kind="app",
        app=str(installation.get("app_slug") or credentials.app_id),
        selection=installation.get("repository_selection"),
        permissions=dict(installation.get("permissions") or {}),
    )


def _budgets(connection: Connection) -> tuple[Budget, ...]:
    """The limits in force; none on a GitHub Enterprise Server that has them switched off."""
    try:
        resources = Value(connection.read("/rate_limit"))["resources"]
        return tuple(
            Budget(
                name=name,
                limit=budget["limit"].number,
                remaining=budget["remaining"].number,
                resets=datetime.fromtimestamp(budget["reset"].number, UTC),
            )
            for key, name in (("core", "REST"), ("graphql", "GraphQL"))
            if (budget := resources.given(key))
        )
    except RepoError:
        return ()

"""Owners in GraphQL: accounts by login, and the teams of an organization. Writes nothing, and makes nobody up."""

from __future__ import annotations

from collections.abc import Mapping

from .forge import Forge
from .graphql_git import Resolver
from .graphql_pages import refused
from .graphql_values import Info, actor
from .representations import node_id
from .roles import team_members


def organization(_: object, info: Info, login: str) -> dict[str, object] | None:
    if _kind(info.context.forge, login) != "Organization":
        raise refused("NOT_FOUND", f"Could not resolve to an Organization with the login of '{login}'.")
    return actor(info.context.forge, login)


def repository_owner(_: object, info: Info, login: str) -> dict[str, object] | None:
    """Null, without an error, for a login that nobody has; an App is no owner."""
    known = _kind(info.context.forge, login) in ("User", "Organization")
    return actor(info.context.forge, login) if known else None


def team(owner: Mapping[str, object], info: Info, slug: str) -> dict[str, object] | None:
    asked = info.context
    if not asked.who.may("members", "read"):
        kind = "personal access token" if asked.who.type == "User" else "integration"
        raise refused("FORBIDDEN", f"Resource not accessible by {kind}")
    if not team_members(asked.forge, str(owner["login"]), slug):
        return None
    return {"id": node_id("T", f"{owner['login']}_{slug}".lower()), "name": slug, "slug": slug.lower()}


def _kind(forge: Forge, login: str) -> str | None:
    """What sort of account it is; looking for one does not make it."""
    rows = forge.store.execute("SELECT type FROM users WHERE login = ?", login)
    return str(rows[0]["type"]) if rows else None


RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Query": {"organization": organization, "repositoryOwner": repository_owner},
    "Organization": {"team": team},
}

"""Who may do what in a repository: roles given to people, teams of an owner, and what tokens already say."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .forge import Forge
from .records import Identity, RepoRow
from .refusal import Refusal, not_found

WRITERS = ("write", "admin")


def set_role(forge: Forge, repo: RepoRow, login: str, permission: str) -> None:
    """Gives somebody `admin`, `write`, `read` or `none` in a repository, whatever their tokens and teams say."""
    forge.user(login)
    forge.store.execute("INSERT OR REPLACE INTO roles VALUES (?, ?, ?)", repo.id, login, permission)


def add_team(forge: Forge, owner: str, slug: str, members: Iterable[str]) -> None:
    """Puts people in a team, whose members may write in every repository of the owner."""
    for login in members:
        forge.user(login)
        forge.store.execute("INSERT OR IGNORE INTO teams VALUES (?, ?, ?)", owner, slug, login)


def team_members(forge: Forge, owner: str, slug: str) -> tuple[str, ...]:
    """The logins in a team, by name; none for a team that does not exist."""
    sql = "SELECT login FROM teams WHERE owner = ? AND slug = ? ORDER BY login"
    return tuple(row["login"] for row in forge.store.execute(sql, owner, slug))


def permission_of(forge: Forge, repo: RepoRow, login: str) -> str:
    """`admin`, `write`, `read` or `none`: a role given here, else a team's, else the best of the login's tokens."""
    given = forge.store.execute("SELECT permission FROM roles WHERE repo_id = ? AND login = ?", repo.id, login)
    if given:
        return str(given[0]["permission"])
    if forge.store.execute("SELECT 1 FROM teams WHERE owner = ? AND login = ?", repo.owner, login):
        return "write"
    levels = {_level(forge, repo, identity) for identity in _identities(forge, login)}
    return next((level for level in ("admin", "write") if level in levels), "none" if repo.private else "read")


def may_write(forge: Forge, repo: RepoRow, login: str) -> bool:
    """Whether somebody's approval counts, and somebody's word to the bot."""
    return permission_of(forge, repo, login) in WRITERS


def association(forge: Forge, repo: RepoRow, login: str) -> str:
    """GitHub's word for somebody's standing: MEMBER for those who may write, NONE for everybody else."""
    return "MEMBER" if may_write(forge, repo, login) else "NONE"


def checked_permission(forge: Forge, who: Identity, repo: RepoRow, login: str) -> str:
    """`permission_of` as the API answers it. Raises Refusal 401, 403, 404."""
    if who.anonymous:
        raise Refusal(401, "Requires authentication")
    if not who.reaches(repo.full_name):
        raise Refusal(403, "Must have push access to view collaborator permission.")
    if not forge.store.execute("SELECT 1 FROM users WHERE login = ?", login):
        raise not_found()
    return permission_of(forge, repo, login)


def _level(forge: Forge, repo: RepoRow, identity: Identity) -> str:
    return (forge.viewer_permission(identity, repo) or "none").lower()


def _identities(forge: Forge, login: str) -> Iterable[Identity]:
    for row in forge.store.execute("SELECT * FROM tokens WHERE login = ?", login):
        reach = row["repositories"]
        yield Identity(
            login=login,
            type=row["type"],
            permissions=json.loads(row["permissions"]),
            repositories=None if reach is None else tuple(json.loads(reach)),
        )

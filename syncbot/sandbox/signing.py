"""Which commits GitHub would show as verified, and whose names stand on those it makes. Reads no signature."""

from __future__ import annotations

import pygit2

from .forge import Forge
from .records import Identity, RepoRow

WEB_FLOW = ("GitHub", "noreply@github.com")


def is_verified(forge: Forge, repo: RepoRow, sha: str) -> bool:
    """Whether GitHub would have signed this commit."""
    sql = "SELECT 1 FROM verified_commits WHERE repo_id = ? AND sha = ?"
    return bool(forge.store.execute(sql, repo.id, sha))


def mark_verified(forge: Forge, repo: RepoRow, sha: str) -> None:
    """Notes that GitHub signed a commit."""
    forge.store.execute("INSERT OR IGNORE INTO verified_commits VALUES (?, ?)", repo.id, sha)


def web_flow(forge: Forge) -> pygit2.Signature:
    """GitHub itself as a committer, now."""
    return pygit2.Signature(*WEB_FLOW, int(forge.clock.now().timestamp()), 0)


def app_committer(forge: Forge, who: Identity) -> pygit2.Signature:
    """The committer of what an App commits through REST: the App, or GitHub itself where `forge.web_flow` is set."""
    return web_flow(forge) if who.type == "Bot" and forge.web_flow else forge.signature(who.login)

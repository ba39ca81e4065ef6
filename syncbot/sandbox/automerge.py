"""Auto-merge: switched on by people or the bot, and carried out as soon as nothing stands in the way."""

from __future__ import annotations

from contextlib import suppress

from .checks import rollup
from .forge import Forge
from .merge_button import METHODS, merge_pull
from .pulls import get_pull, is_mergeable
from .records import Identity, PullRow, RepoRow
from .refusal import Refusal
from .requirements import merge_state, unmet
from .sync import record
from .waiting import AutoMerge, auto_merge_of, auto_merges


def enable_auto_merge(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    number: int,
    *,
    method: str = "merge",
    title: str | None = None,
    message: str | None = None,
) -> PullRow:
    """Lets a pull request merge itself. Raises Refusal 403, 404, 422: not allowed, or nothing to wait for."""
    pull = get_pull(forge, repo, number)
    forge.require(who, repo, "contents")
    setting, sentence = METHODS[method]
    if not repo.allow_auto_merge:
        raise Refusal(422, "Auto merge is not allowed for this repository")
    if not getattr(repo, setting):
        raise Refusal(422, sentence)
    state = merge_state(forge, repo, pull, rollup(forge, repo, pull.head_sha))
    if pull.state != "open" or state in ("CLEAN", "DRAFT"):
        raise Refusal(422, f"Pull request Pull request is in {state.lower()} status")
    forge.store.execute(
        "INSERT OR REPLACE INTO auto_merges VALUES (?, ?, ?, ?, ?, ?)",
        pull.id,
        who.login,
        method,
        title,
        message,
        forge.clock.stamp(),
    )
    record(forge, repo, number, "auto_merge_enabled", who.login)
    return pull


def disable_auto_merge(forge: Forge, who: Identity, repo: RepoRow, number: int) -> PullRow:
    """Takes auto-merge back. Raises Refusal 403, 404, 422."""
    pull = get_pull(forge, repo, number)
    forge.require(who, repo, "contents")
    if auto_merge_of(forge, pull.id) is None:
        raise Refusal(422, "Can't disable auto-merge for this pull request.")
    forge.store.execute("DELETE FROM auto_merges WHERE pull_id = ?", pull.id)
    record(forge, repo, number, "auto_merge_disabled", who.login)
    return pull


def settle(forge: Forge) -> None:
    """Merges what waits for nothing any more; called after every write."""
    for waiting in auto_merges(forge):
        pull = forge.store.one(PullRow, "SELECT * FROM pulls WHERE id = ?", waiting.pull_id)
        if pull and pull.state == "open":
            _try(forge, forge.by_id(pull.repo_id), pull, waiting)


def _try(forge: Forge, repo: RepoRow, pull: PullRow, waiting: AutoMerge) -> None:
    green = rollup(forge, repo, pull.head_sha) in (None, "SUCCESS")
    ready = green and is_mergeable(forge, repo, pull) and not unmet(forge, repo, pull, waiting.method)
    if ready and not repo.archived and not pull.draft:
        by = Identity(login=waiting.actor, permissions={"contents": "write"})
        words = {"title": waiting.title, "message": waiting.message}
        with suppress(Refusal):
            merge_pull(forge, by, repo, pull.number, method=waiting.method, **words)

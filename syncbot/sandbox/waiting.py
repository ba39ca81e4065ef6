"""Pull requests that wait to be merged: by auto-merge, or in the merge queue. Knows no merging."""

from __future__ import annotations

from dataclasses import dataclass

from .forge import Forge
from .records import PullRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoMerge:
    """A pull request that merges itself; `method` is merge, squash or rebase."""

    pull_id: int
    actor: str
    method: str
    title: str | None
    message: str | None
    enabled_at: str


def auto_merge_of(forge: Forge, pull_id: int) -> AutoMerge | None:
    """The auto-merge of a pull request (by its row id), or None."""
    return forge.store.one(AutoMerge, "SELECT * FROM auto_merges WHERE pull_id = ?", pull_id)


def auto_merges(forge: Forge) -> tuple[AutoMerge, ...]:
    """Every auto-merge, oldest first."""
    return forge.store.all(AutoMerge, "SELECT * FROM auto_merges ORDER BY enabled_at, pull_id")


def queue(forge: Forge, pull: PullRow, actor: str = "developer") -> None:
    """Puts a pull request into the merge queue, where it stays until it is pushed to, closed or merged."""
    now = forge.clock.stamp()
    forge.store.execute("INSERT OR REPLACE INTO queued_pulls VALUES (?, ?, ?)", pull.id, actor, now)


def is_queued(forge: Forge, pull_id: int) -> bool:
    """Whether a pull request (by its row id) is in the merge queue."""
    return bool(forge.store.execute("SELECT 1 FROM queued_pulls WHERE pull_id = ?", pull_id))


def leave_queue(forge: Forge, pull_id: int) -> bool:
    """Takes a pull request out of the merge queue; answers whether it was in it."""
    return bool(forge.store.execute("DELETE FROM queued_pulls WHERE pull_id = ? RETURNING 1", pull_id))


def stop_waiting(forge: Forge, pull_id: int) -> None:
    """Ends auto-merge and queueing, as closing and merging do."""
    forge.store.execute("DELETE FROM auto_merges WHERE pull_id = ?", pull_id)
    leave_queue(forge, pull_id)

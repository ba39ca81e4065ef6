"""What follows from a branch that moved, whoever moved it: pull requests' heads, merges, closings, the forced log."""

from __future__ import annotations

from .forge import Forge
from .protection import dismisses_stale
from .records import PullRow, RepoRow
from .waiting import leave_queue, stop_waiting


def record(
    forge: Forge,
    repo: RepoRow,
    number: int,
    event: str,
    actor: str,
    *,
    commit_id: str | None = None,
    label: str | None = None,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """Adds an event to a pull request's timeline."""
    forge.store.insert(
        "events",
        repo_id=repo.id,
        number=number,
        event=event,
        actor=actor,
        commit_id=commit_id,
        label=label,
        before_sha=before,
        after_sha=after,
        created_at=forge.clock.stamp(),
    )
    touch(forge, repo, number)


def touch(forge: Forge, repo: RepoRow, number: int) -> None:
    """Notes that something happened to a pull request just now."""
    sql = "UPDATE pulls SET updated_at = ? WHERE repo_id = ? AND number = ?"
    forge.store.execute(sql, forge.clock.stamp(), repo.id, number)


def branch_moved(forge: Forge, actor: str, repo: RepoRow, branch: str, before: str | None, after: str | None) -> None:
    """Brings the metadata in line with a branch that went from `before` to `after` (None: not there)."""
    forge.store.update("repos", repo.id, pushed_at=forge.clock.stamp())
    forced = _is_forced(forge, repo, before, after)
    if forced:
        _log_forced(forge, actor, repo, branch, str(before), str(after))
    for pull in _open_pulls(forge, repo, "head_ref", branch):
        _head_moved(forge, actor, repo, pull, after, forced)
    for pull in _open_pulls(forge, repo, "base_ref", branch):
        _base_moved(forge, actor, repo, pull, before, after)


def close(forge: Forge, actor: str, repo: RepoRow, pull: PullRow) -> None:
    """Closes a pull request unmerged."""
    now = forge.clock.stamp()
    forge.store.update("pulls", pull.id, state="closed", closed_at=now, updated_at=now)
    stop_waiting(forge, pull.id)
    record(forge, repo, pull.number, "closed", actor)


def mark_merged(forge: Forge, actor: str, repo: RepoRow, pull: PullRow, commit: str, base_sha: str) -> None:
    """Closes a pull request as merged by `commit`; `base_sha` is the base branch just before."""
    now = forge.clock.stamp()
    forge.store.update(
        "pulls",
        pull.id,
        state="closed",
        closed_at=now,
        updated_at=now,
        merged_at=now,
        merged_by=actor,
        merge_commit_sha=commit,
        base_sha=base_sha,
    )
    stop_waiting(forge, pull.id)
    record(forge, repo, pull.number, "merged", actor, commit_id=commit)
    record(forge, repo, pull.number, "closed", actor)


def _open_pulls(forge: Forge, repo: RepoRow, column: str, branch: str) -> tuple[PullRow, ...]:
    sql = f"SELECT * FROM pulls WHERE repo_id = ? AND {column} = ? AND state = 'open' ORDER BY number"
    return forge.store.all(PullRow, sql, repo.id, branch)


def _is_forced(forge: Forge, repo: RepoRow, before: str | None, after: str | None) -> bool:
    return bool(before and after) and not forge.git(repo).is_ancestor(str(before), str(after))


def _log_forced(forge: Forge, actor: str, repo: RepoRow, branch: str, before: str, after: str) -> None:
    forge.store.insert(
        "forced_updates",
        repo=repo.full_name,
        ref=f"refs/heads/{branch}",
        before_sha=before,
        after_sha=after,
        actor=actor,
        created_at=forge.clock.stamp(),
    )


def _head_moved(forge: Forge, actor: str, repo: RepoRow, pull: PullRow, after: str | None, forced: bool) -> None:
    if after is None:
        record(forge, repo, pull.number, "head_ref_deleted", actor)
        close(forge, actor, repo, pull)
        return
    forge.store.update("pulls", pull.id, head_sha=after, updated_at=forge.clock.stamp())
    point_pull_ref(forge, repo, pull.number, after)
    if forced:
        before = pull.head_sha
        record(forge, repo, pull.number, "head_ref_force_pushed", actor, before=before, after=after)
    _pushed(forge, actor, repo, pull)
    base = forge.git(repo).branch(pull.base_ref)
    if base and forge.git(repo).is_ancestor(after, base):
        close(forge, actor, repo, pull)


def _pushed(forge: Forge, actor: str, repo: RepoRow, pull: PullRow) -> None:
    """A push takes a pull request out of the merge queue and, where the rule says so, its approvals away."""
    if leave_queue(forge, pull.id):
        record(forge, repo, pull.number, "removed_from_merge_queue", actor)
    if dismisses_stale(forge, repo, pull):
        sql = (
            "UPDATE reviews SET state = 'DISMISSED' "
            "WHERE repo_id = ? AND number = ? AND state = 'APPROVED' RETURNING id"
        )
        for _ in forge.store.execute(sql, repo.id, pull.number):
            record(forge, repo, pull.number, "review_dismissed", actor)


def point_pull_ref(forge: Forge, repo: RepoRow, number: int, head: str) -> None:
    """Sets `refs/pull/<n>/head`, by which anybody can fetch a pull request."""
    forge.git(repo).raw.create_reference_direct(f"refs/pull/{number}/head", head, True)


def _base_moved(forge: Forge, actor: str, repo: RepoRow, pull: PullRow, before: str | None, after: str | None) -> None:
    if after is None:
        record(forge, repo, pull.number, "base_ref_deleted", actor)
        close(forge, actor, repo, pull)
    elif forge.git(repo).is_ancestor(pull.head_sha, after):
        mark_merged(forge, actor, repo, pull, after, before or after)

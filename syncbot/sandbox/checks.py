"""Commit statuses and check runs, and the one state that they roll up to."""

from __future__ import annotations

from collections.abc import Mapping

from .forge import Forge
from .records import CheckRow, Identity, RepoRow, StatusRow
from .refusal import Refusal, not_found

STATUS_STATES = ("error", "failure", "pending", "success")
CONCLUSIONS = ("success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required")
FAILED = {"failure", "cancelled", "timed_out", "action_required"}


def list_statuses(forge: Forge, repo: RepoRow, sha: str) -> tuple[StatusRow, ...]:
    """Every status a commit was given, newest first."""
    sql = "SELECT * FROM statuses WHERE repo_id = ? AND sha = ? ORDER BY id DESC"
    return forge.store.all(StatusRow, sql, repo.id, sha)


def latest_statuses(forge: Forge, repo: RepoRow, sha: str) -> tuple[StatusRow, ...]:
    """The newest status of each context."""
    latest: dict[str, StatusRow] = {}
    for status in list_statuses(forge, repo, sha):
        latest.setdefault(status.context, status)
    return tuple(latest.values())


def list_check_runs(forge: Forge, repo: RepoRow, sha: str) -> tuple[CheckRow, ...]:
    """The newest check run of each name."""
    sql = "SELECT * FROM check_runs WHERE repo_id = ? AND sha = ? ORDER BY id DESC"
    latest: dict[str, CheckRow] = {}
    for run in forge.store.all(CheckRow, sql, repo.id, sha):
        latest.setdefault(run.name, run)
    return tuple(latest.values())


def combined_state(statuses: tuple[StatusRow, ...]) -> str:
    """GitHub's combined status: failure before pending before success; pending where there is none."""
    states = {status.state for status in statuses}
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def rollup(forge: Forge, repo: RepoRow, sha: str) -> str | None:
    """GraphQL's `statusCheckRollup.state` (FAILURE, ERROR, PENDING, SUCCESS), or None without any."""
    statuses = {status.state for status in latest_statuses(forge, repo, sha)}
    runs = list_check_runs(forge, repo, sha)
    if not statuses and not runs:
        return None
    if "failure" in statuses or any(run.conclusion in FAILED for run in runs):
        return "FAILURE"
    if "error" in statuses:
        return "ERROR"
    waiting = "pending" in statuses or any(run.status != "completed" for run in runs)
    return "PENDING" if waiting else "SUCCESS"


def create_status(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    sha: str,
    *,
    state: str,
    context: str = "default",
    description: str | None = None,
    target_url: str | None = None,
) -> StatusRow:
    """Gives a commit a status. Raises Refusal 422 for an unknown state or commit."""
    forge.require(who, repo, "statuses")
    _require_commit(forge, repo, sha)
    if state not in STATUS_STATES:
        raise Refusal(422, f"Invalid request.\n\nstate must be one of {', '.join(STATUS_STATES)}")
    now = forge.clock.stamp()
    forge.store.insert(
        "statuses",
        repo_id=repo.id,
        sha=sha,
        context=context,
        state=state,
        description=description,
        target_url=target_url,
        creator=who.login,
        created_at=now,
        updated_at=now,
    )
    return list_statuses(forge, repo, sha)[0]


def create_check_run(
    forge: Forge, who: Identity, repo: RepoRow, *, name: str, sha: str, fields: Mapping[str, str | None]
) -> CheckRow:
    """Adds a check run, which only an App may. `fields` as in `edit_check_run`. Raises Refusal 403, 422."""
    forge.require(who, repo, "checks")
    if who.type != "Bot":
        raise Refusal(403, "You must authenticate via a GitHub App.")
    _require_commit(forge, repo, sha)
    run_id = forge.store.insert(
        "check_runs",
        repo_id=repo.id,
        sha=sha,
        name=name,
        status="queued",
        app=who.login.removesuffix("[bot]"),
        started_at=forge.clock.stamp(),
    )
    return edit_check_run(forge, who, repo, run_id, fields)


def edit_check_run(
    forge: Forge, who: Identity, repo: RepoRow, run_id: int, fields: Mapping[str, str | None]
) -> CheckRow:
    """Sets `status`, `conclusion` (which completes it), `details_url`, `external_id`, `title`, `summary`."""
    run = get_check_run(forge, repo, run_id)
    forge.require(who, repo, "checks")
    conclusion = fields.get("conclusion")
    if conclusion is not None and conclusion not in CONCLUSIONS:
        raise Refusal(422, f"Invalid request.\n\nconclusion must be one of {', '.join(CONCLUSIONS)}")
    done = {"status": "completed", "completed_at": forge.clock.stamp()} if conclusion else {}
    given = {name: value for name, value in fields.items() if value is not None}
    forge.store.update("check_runs", run.id, **{**given, **done})
    return get_check_run(forge, repo, run_id)


def get_check_run(forge: Forge, repo: RepoRow, run_id: int) -> CheckRow:
    """A check run by id. Raises Refusal 404."""
    sql = "SELECT * FROM check_runs WHERE repo_id = ? AND id = ?"
    found = forge.store.one(CheckRow, sql, repo.id, run_id)
    if found is None:
        raise not_found()
    return found


def _require_commit(forge: Forge, repo: RepoRow, sha: str) -> None:
    if len(sha) != 40 or forge.git(repo).commit(sha) is None:
        raise Refusal(422, f"No commit found for SHA: {sha}")

"""Commit statuses and check runs as JSON in the shape of GitHub's OpenAPI description."""

from __future__ import annotations

from .checks import combined_state, latest_statuses
from .forge import Forge
from .records import CheckRow, Identity, RepoRow, StatusRow
from .representations import Json, minimal_repository, node_id, repo_html, repo_url, user


def status(forge: Forge, repo: RepoRow, row: StatusRow) -> Json:
    """GitHub's `status`."""
    return {**_simple_status(forge, repo, row), "creator": user(forge, row.creator)}


def combined_status(forge: Forge, who: Identity, repo: RepoRow, sha: str) -> Json:
    """GitHub's `combined-commit-status`."""
    statuses = latest_statuses(forge, repo, sha)
    url = f"{repo_url(forge, repo)}/commits/{sha}"
    return {
        "state": combined_state(statuses),
        "statuses": [_simple_status(forge, repo, row) for row in statuses],
        "sha": sha,
        "total_count": len(statuses),
        "repository": minimal_repository(forge, who, repo),
        "commit_url": url,
        "url": f"{url}/status",
    }


def check_run(forge: Forge, repo: RepoRow, row: CheckRow) -> Json:
    """GitHub's `check-run`."""
    url = f"{repo_url(forge, repo)}/check-runs/{row.id}"
    html = f"{repo_html(forge, repo)}/runs/{row.id}"
    return {
        "id": row.id,
        "node_id": node_id("CR", row.id),
        "head_sha": row.sha,
        "external_id": row.external_id or "",
        "url": url,
        "html_url": html,
        "details_url": row.details_url or html,
        "status": row.status,
        "conclusion": row.conclusion,
        "started_at": row.started_at,
        "completed_at": row.completed_at,
        "output": {
            "title": row.title,
            "summary": row.summary,
            "text": None,
            "annotations_count": 0,
            "annotations_url": f"{url}/annotations",
        },
        "name": row.name,
        "check_suite": {"id": row.id},
        "app": _app(forge, repo, row),
        "pull_requests": [],
    }


def _app(forge: Forge, repo: RepoRow, row: CheckRow) -> Json:
    bot = forge.user(f"{row.app}[bot]")
    html = f"{forge.url}/apps/{row.app}"
    return {
        "id": bot.id,
        "slug": row.app,
        "node_id": node_id("A", bot.id),
        "owner": user(forge, repo.owner),
        "name": row.app,
        "description": "",
        "external_url": html,
        "html_url": html,
        "created_at": repo.created_at,
        "updated_at": repo.created_at,
        "permissions": {"checks": "write"},
        "events": [],
    }


def _simple_status(forge: Forge, repo: RepoRow, row: StatusRow) -> Json:
    return {
        "id": row.id,
        "node_id": node_id("SC", row.id),
        "url": f"{repo_url(forge, repo)}/statuses/{row.sha}",
        "avatar_url": f"{forge.url}/avatars/u/{forge.user(row.creator).id}",
        "state": row.state,
        "description": row.description,
        "target_url": row.target_url,
        "context": row.context,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }

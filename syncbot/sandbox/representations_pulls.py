"""Pull requests, labels, comments, events and reviews as JSON in the shape of GitHub's OpenAPI description."""

from __future__ import annotations

from .checks import rollup
from .forge import Forge
from .issues import labels_of, list_comments, review_requests
from .pulls import base_commit, pull_commits, pull_files, shown_mergeable
from .records import (
    CommentRow,
    EventRow,
    Identity,
    LabelRow,
    PullRow,
    RepoRow,
    ReviewRequestRow,
    ReviewRow,
)
from .representations import Json, node_id, optional_user, repo_html, repo_url, repository, user
from .requirements import merge_state
from .roles import association
from .waiting import auto_merge_of


def pull(forge: Forge, who: Identity, repo: RepoRow, row: PullRow) -> Json:
    """GitHub's `pull-request-simple`, as lists show it."""
    own = f"{repo_url(forge, repo)}/pulls/{row.number}"
    issue = f"{repo_url(forge, repo)}/issues/{row.number}"
    html = f"{repo_html(forge, repo)}/pull/{row.number}"
    statuses = f"{repo_url(forge, repo)}/statuses/{row.head_sha}"
    shown_repo = repository(forge, who, repo)
    return {
        "id": row.id,
        "node_id": node_id("PR", row.id),
        "number": row.number,
        "url": own,
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": issue,
        "commits_url": f"{own}/commits",
        "review_comments_url": f"{own}/comments",
        "review_comment_url": f"{repo_url(forge, repo)}/pulls/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": statuses,
        "state": row.state,
        "locked": False,
        "title": row.title,
        "user": user(forge, row.author),
        "body": row.body,
        "labels": [_pull_label(forge, repo, one) for one in labels_of(forge, row.id)],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "closed_at": row.closed_at,
        "merged_at": row.merged_at,
        "merge_commit_sha": row.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [user(forge, one.login) for one in _requested(forge, repo, row, team=0)],
        "requested_teams": [team(forge, repo, one) for one in _requested(forge, repo, row, team=1)],
        "head": _side(forge, repo, shown_repo, row.head_ref, row.head_sha),
        "base": _side(forge, repo, shown_repo, row.base_ref, base_commit(forge, repo, row)),
        "_links": {
            "self": {"href": own},
            "html": {"href": html},
            "issue": {"href": issue},
            "comments": {"href": f"{issue}/comments"},
            "review_comments": {"href": f"{own}/comments"},
            "review_comment": {"href": f"{repo_url(forge, repo)}/pulls/comments{{/number}}"},
            "commits": {"href": f"{own}/commits"},
            "statuses": {"href": statuses},
        },
        "author_association": association(forge, repo, row.author),
        "auto_merge": _auto_merge(forge, row),
        "draft": bool(row.draft),
    }


def full_pull(forge: Forge, who: Identity, repo: RepoRow, row: PullRow) -> Json:
    """GitHub's `pull-request`."""
    mergeable = shown_mergeable(forge, repo, row)
    files = pull_files(forge, repo, row)
    return {
        **pull(forge, who, repo, row),
        "requested_teams": [_simple_team(forge, repo, one) for one in _requested(forge, repo, row, team=1)],
        "merged": row.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": _mergeable_state(forge, repo, row),
        "merged_by": optional_user(forge, row.merged_by),
        "comments": len(list_comments(forge, repo, row.number)),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(pull_commits(forge, repo, row)),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def issue(forge: Forge, repo: RepoRow, row: PullRow) -> Json:
    """GitHub's `issue`, for a pull request."""
    own = f"{repo_url(forge, repo)}/issues/{row.number}"
    html = f"{repo_html(forge, repo)}/pull/{row.number}"
    links = {
        "url": f"{repo_url(forge, repo)}/pulls/{row.number}",
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "merged_at": row.merged_at,
    }
    return {
        "id": row.id,
        "node_id": node_id("PR", row.id),
        "url": own,
        "repository_url": repo_url(forge, repo),
        "labels_url": f"{own}/labels{{/name}}",
        "comments_url": f"{own}/comments",
        "events_url": f"{own}/events",
        "html_url": html,
        "number": row.number,
        "state": row.state,
        "state_reason": None,
        "title": row.title,
        "body": row.body,
        "user": user(forge, row.author),
        "labels": [label(forge, repo, one) for one in labels_of(forge, row.id)],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "comments": len(list_comments(forge, repo, row.number)),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "closed_at": row.closed_at,
        "author_association": association(forge, repo, row.author),
        "pull_request": links,
    }


def label(forge: Forge, repo: RepoRow, row: LabelRow) -> Json:
    """GitHub's `label`."""
    return {
        "id": row.id,
        "node_id": node_id("LA", row.id),
        "url": f"{repo_url(forge, repo)}/labels/{row.name}",
        "name": row.name,
        "color": row.color,
        "default": False,
        "description": row.description,
    }


def comment(forge: Forge, repo: RepoRow, row: CommentRow) -> Json:
    """GitHub's `issue-comment`."""
    return {
        "id": row.id,
        "node_id": node_id("IC", row.id),
        "url": f"{repo_url(forge, repo)}/issues/comments/{row.id}",
        "html_url": f"{repo_html(forge, repo)}/pull/{row.number}#issuecomment-{row.id}",
        "issue_url": f"{repo_url(forge, repo)}/issues/{row.number}",
        "user": user(forge, row.author),
        "body": row.body,
        "author_association": association(forge, repo, row.author),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def event(forge: Forge, repo: RepoRow, row: EventRow) -> Json:
    """GitHub's `issue-event`, as timelines show it too."""
    url = f"{repo_url(forge, repo)}/commits/{row.commit_id}" if row.commit_id else None
    named: Json = {"label": {"name": row.label, "color": "ededed"}} if row.label else {}
    renamed = row.event == "renamed"
    if renamed:
        named = {"rename": {"from": row.before_sha, "to": row.after_sha}}
    return {
        "id": row.id,
        "node_id": node_id("EVENT", row.id),
        "url": f"{repo_url(forge, repo)}/issues/events/{row.id}",
        "actor": user(forge, row.actor),
        "event": row.event,
        "commit_id": None if renamed else row.commit_id or row.after_sha,
        "commit_url": url,
        "created_at": row.created_at,
        "performed_via_github_app": None,
        **named,
    }


def review(forge: Forge, repo: RepoRow, row: ReviewRow) -> Json:
    """GitHub's `pull-request-review`."""
    html = f"{repo_html(forge, repo)}/pull/{row.number}#pullrequestreview-{row.id}"
    url = f"{repo_url(forge, repo)}/pulls/{row.number}"
    return {
        "id": row.id,
        "node_id": node_id("PRR", row.id),
        "user": user(forge, row.author),
        "body": row.body,
        "state": row.state,
        "html_url": html,
        "pull_request_url": url,
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": row.submitted_at,
        "commit_id": row.commit_id,
        "author_association": association(forge, repo, row.author),
    }


def team(forge: Forge, repo: RepoRow, row: ReviewRequestRow) -> Json:
    """GitHub's `team`, as far as it is known: by its slug."""
    url = f"{forge.api_url}/organizations/{repo.owner}/team/{row.login}"
    return {
        "id": row.id,
        "node_id": node_id("T", row.id),
        "name": row.login,
        "slug": row.login,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "push",
        "url": url,
        "html_url": f"{forge.url}/orgs/{repo.owner}/teams/{row.login}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "parent": None,
    }


def _pull_label(forge: Forge, repo: RepoRow, row: LabelRow) -> Json:
    """A label as lists of pull requests show it: with a description, if an empty one."""
    return {**label(forge, repo, row), "description": row.description or ""}


def _requested(forge: Forge, repo: RepoRow, row: PullRow, *, team: int) -> list[ReviewRequestRow]:
    return [one for one in review_requests(forge, repo, row.number) if one.team == team]


def _simple_team(forge: Forge, repo: RepoRow, row: ReviewRequestRow) -> Json:
    """GitHub's `team-simple`: a `team` without its parent."""
    return {key: value for key, value in team(forge, repo, row).items() if key != "parent"}


def _side(forge: Forge, repo: RepoRow, shown: Json, branch: str, sha: str) -> Json:
    label_text = f"{repo.owner}:{branch}"
    return {"label": label_text, "ref": branch, "sha": sha, "user": user(forge, repo.owner), "repo": shown}


def _auto_merge(forge: Forge, row: PullRow) -> Json | None:
    waiting = auto_merge_of(forge, row.id)
    if waiting is None:
        return None
    return {
        "enabled_by": user(forge, waiting.actor),
        "merge_method": waiting.method,
        "commit_title": waiting.title or "",
        "commit_message": waiting.message or "",
    }


def _mergeable_state(forge: Forge, repo: RepoRow, row: PullRow) -> str:
    return merge_state(forge, repo, row, rollup(forge, repo, row.head_sha)).lower()

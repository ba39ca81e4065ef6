"""Resolvers of pull requests, their labels, events and checks. In: the values of `graphql_values`. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pygit2

from .checks import latest_statuses, list_check_runs, rollup
from .graphql_git import Resolver
from .graphql_pages import page, refused
from .graphql_values import (
    Info,
    ObjectNode,
    PullNode,
    RefNode,
    RepoNode,
    actor,
    branch_node,
    object_node,
)
from .issues import labels_of
from .pulls import base_commit, get_pull, list_pulls, pull_commits, shown_mergeable
from .records import CheckRow, LabelRow, PullRow, StatusRow
from .refusal import Refusal
from .repository import HEADS
from .representations import node_id
from .requirements import merge_state, review_decision
from .waiting import auto_merge_of, is_queued

MERGEABLE = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}
ORDER = {"field": "CREATED_AT", "direction": "ASC"}


# ---------------------------------------------------------------- which pull requests


def pull_request(repo: RepoNode, info: Info, number: int) -> PullNode:
    try:
        return PullNode(repo=repo, row=get_pull(info.context.forge, repo.row, number))
    except Refusal:
        message = f"Could not resolve to a PullRequest with the number of {number}."
        raise refused("NOT_FOUND", message) from None


def pull_requests(repo: RepoNode, info: Info, **asked: Any) -> dict[str, object]:
    return _page("pullRequests", repo, _found(repo, info, asked), asked)


def associated_pull_requests(ref: RefNode, info: Info, **asked: Any) -> dict[str, object]:
    """Those of which the ref is the head."""
    branch = (ref.prefix + ref.name).removeprefix(HEADS)
    narrowed = asked.pop("headRefName", None) or branch
    rows = _found(ref.repo, info, asked, head=branch) if narrowed == branch else ()
    own = tuple(row for row in rows if row.head_repo_id == ref.repo.row.id)
    return _page("associatedPullRequests", ref.repo, own, asked)


def _found(repo: RepoNode, info: Info, asked: dict[str, Any], head: str | None = None) -> tuple[PullRow, ...]:
    """Takes the filters out of `asked` and leaves the bounds of the page."""
    order = asked.pop("orderBy", None) or ORDER
    return list_pulls(
        info.context.forge,
        repo.row,
        states=tuple(asked.pop("states", None) or ()),
        head=asked.pop("headRefName", None) or head,
        base=asked.pop("baseRefName", None),
        labels=tuple(asked.pop("labels", None) or ()),
        order=order["field"].lower(),
        descending=order["direction"] == "DESC",
    )


def _page(name: str, repo: RepoNode, rows: Sequence[PullRow], bounds: dict[str, Any]) -> dict[str, object]:
    return page(name, rows, wrap=lambda row: PullNode(repo=repo, row=row), **bounds)


# ---------------------------------------------------------------- one pull request


def head_ref(pull: PullNode, info: Info) -> RefNode | None:
    """The head's branch, while it is there."""
    if pull.row.head_repo_id == pull.row.repo_id:
        return branch_node(pull.repo, pull.row.head_ref)
    forge = info.context.forge
    row = forge.by_id(pull.row.head_repo_id)
    return branch_node(RepoNode(row=row, git=forge.git(row)), pull.row.head_ref)


def merge_commit(pull: PullNode, _: Info) -> ObjectNode | None:
    return object_node(pull.repo, pull.row.merge_commit_sha) if pull.row.merge_commit_sha else None


def commits(pull: PullNode, info: Info, **bounds: Any) -> dict[str, object]:
    """Oldest first."""

    def wrap(commit: pygit2.Commit) -> dict[str, object]:
        node = ObjectNode(repo=pull.repo, object=commit)
        return {"id": node_id("PURC", f"{pull.row.id}_{node.oid}"), "pullRequest": pull, "commit": node}

    return page("commits", pull_commits(info.context.forge, pull.repo.row, pull.row), wrap=wrap, **bounds)


def labels(pull: PullNode, info: Info, **bounds: Any) -> dict[str, object]:
    return page("labels", labels_of(info.context.forge, pull.row.id), wrap=label_node, **bounds)


def auto_merge_request(pull: PullNode, info: Info) -> dict[str, object] | None:
    waiting = auto_merge_of(info.context.forge, pull.row.id)
    if waiting is None:
        return None
    return {
        "enabledAt": waiting.enabled_at,
        "enabledBy": actor(info.context.forge, waiting.actor),
        "mergeMethod": waiting.method.upper(),
    }


def merge_state_status(pull: PullNode, info: Info) -> str:
    forge = info.context.forge
    rolled_up = rollup(forge, pull.repo.row, pull.row.head_sha)
    return merge_state(forge, pull.repo.row, pull.row, rolled_up)


def label_node(row: LabelRow) -> dict[str, object]:
    return {
        "id": node_id("LA", row.id),
        "name": row.name,
        "color": row.color,
        "description": row.description,
    }


# ---------------------------------------------------------------- checks


def commit_rollup(node: ObjectNode, info: Info) -> dict[str, object] | None:
    return _rollup(node.repo, info, node.oid)


def pull_rollup(pull: PullNode, info: Info) -> dict[str, object] | None:
    return _rollup(pull.repo, info, pull.row.head_sha)


def _rollup(repo: RepoNode, info: Info, sha: str) -> dict[str, object] | None:
    state = rollup(info.context.forge, repo.row, sha)
    if state is None:
        return None
    return {"id": node_id("SCR", f"{repo.row.id}_{sha}"), "state": state, "repo": repo, "sha": sha}


def contexts(rollup: Mapping[str, Any], info: Info, **bounds: Any) -> dict[str, object]:
    forge, repo, sha = info.context.forge, rollup["repo"].row, rollup["sha"]
    checks = [_check(row) for row in list_check_runs(forge, repo, sha)]
    statuses = [_status(row) for row in latest_statuses(forge, repo, sha)]
    return page("contexts", checks + statuses, **bounds)


def _check(row: CheckRow) -> dict[str, object]:
    return {
        "__typename": "CheckRun",
        "id": node_id("CR", row.id),
        "name": row.name,
        "status": row.status.upper(),
        "conclusion": row.conclusion and row.conclusion.upper(),
    }


def _status(row: StatusRow) -> dict[str, object]:
    return {
        "__typename": "StatusContext",
        "id": node_id("SC", row.id),
        "context": row.context,
        "state": row.state.upper(),
        "description": row.description,
    }


RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Repository": {"pullRequest": pull_request, "pullRequests": pull_requests},
    "Ref": {"associatedPullRequests": associated_pull_requests},
    "Commit": {"statusCheckRollup": commit_rollup},
    "StatusCheckRollup": {"contexts": contexts},
    "PullRequest": {
        "author": lambda pull, info: actor(info.context.forge, pull.row.author),
        "autoMergeRequest": auto_merge_request,
        "baseRef": lambda pull, _: branch_node(pull.repo, pull.row.base_ref),
        "baseRefName": lambda pull, _: pull.row.base_ref,
        "baseRefOid": lambda pull, info: base_commit(info.context.forge, pull.repo.row, pull.row),
        "body": lambda pull, _: pull.row.body or "",
        "closed": lambda pull, _: pull.row.state == "closed",
        "closedAt": lambda pull, _: pull.row.closed_at,
        "commits": commits,
        "createdAt": lambda pull, _: pull.row.created_at,
        "headRef": head_ref,
        "headRefName": lambda pull, _: pull.row.head_ref,
        "headRefOid": lambda pull, _: pull.row.head_sha,
        "id": lambda pull, _: node_id("PR", pull.row.id),
        "isCrossRepository": lambda pull, _: pull.row.head_repo_id != pull.row.repo_id,
        "isDraft": lambda pull, _: bool(pull.row.draft),
        "isInMergeQueue": lambda pull, info: is_queued(info.context.forge, pull.row.id),
        "labels": labels,
        "mergeCommit": merge_commit,
        "mergeStateStatus": merge_state_status,
        "mergeable": lambda pull, info: MERGEABLE[shown_mergeable(info.context.forge, pull.repo.row, pull.row)],
        "merged": lambda pull, _: pull.row.merged_at is not None,
        "mergedAt": lambda pull, _: pull.row.merged_at,
        "mergedBy": lambda pull, info: actor(info.context.forge, pull.row.merged_by),
        "number": lambda pull, _: pull.row.number,
        "repository": lambda pull, _: pull.repo,
        "reviewDecision": lambda pull, info: review_decision(info.context.forge, pull.repo.row, pull.row),
        "state": lambda pull, _: pull.row.graphql_state,
        "statusCheckRollup": pull_rollup,
        "title": lambda pull, _: pull.row.title,
        "updatedAt": lambda pull, _: pull.row.updated_at,
        "url": lambda pull, info: f"{info.context.forge.url}/{pull.repo.row.full_name}/pull/{pull.row.number}",
    },
}

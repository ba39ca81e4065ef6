"""Resolvers of what is said and done on a pull request: comments, reviews, timeline. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .forge import Forge
from .graphql_git import Resolver
from .graphql_pages import page
from .graphql_pulls import label_node
from .graphql_values import Info, PullNode, actor, object_node
from .issues import list_comments, list_events, repo_labels
from .pulls import list_reviews
from .records import CommentRow, EventRow, ReviewRow
from .representations import node_id
from .roles import association, may_write

EVENTS: Mapping[str, str] = {
    "base_ref_changed": "BaseRefChangedEvent",
    "base_ref_deleted": "BaseRefDeletedEvent",
    "closed": "ClosedEvent",
    "head_ref_force_pushed": "HeadRefForcePushedEvent",
    "labeled": "LabeledEvent",
    "merged": "MergedEvent",
    "renamed": "RenamedTitleEvent",
    "reopened": "ReopenedEvent",
    "unlabeled": "UnlabeledEvent",
}
EVENT_TYPES = {re.sub(r"(?<!^)(?=[A-Z])", "_", kind).upper(): event for event, kind in EVENTS.items()}


def comments(pull: PullNode, info: Info, orderBy: Mapping[str, str] | None = None, **bounds: Any) -> dict[str, object]:
    """Oldest first, or by their last edit where an order is asked for."""
    forge = info.context.forge
    rows: Sequence[CommentRow] = list_comments(forge, pull.repo.row, pull.row.number)
    if orderBy:
        rows = sorted(rows, key=lambda row: row.updated_at, reverse=orderBy["direction"] == "DESC")

    def wrap(row: CommentRow) -> dict[str, object]:
        return {
            "id": node_id("IC", row.id),
            "databaseId": row.id,
            "author": actor(forge, row.author),
            "authorAssociation": lambda _: association(forge, pull.repo.row, row.author),
            "body": row.body,
            "createdAt": row.created_at,
            "updatedAt": row.updated_at,
            "url": f"{forge.url}/{pull.repo.row.full_name}/pull/{row.number}#issuecomment-{row.id}",
        }

    return page("comments", rows, wrap=wrap, **bounds)


def reviews(
    pull: PullNode, info: Info, author: str | None = None, states: Sequence[str] | None = None, **bounds: Any
) -> dict[str, object]:
    rows = [
        row
        for row in list_reviews(info.context.forge, pull.repo.row, pull.row)
        if (author is None or row.author.casefold() == author.casefold()) and (not states or row.state in states)
    ]
    return _review_page("reviews", pull, info, rows, bounds)


def latest_opinionated_reviews(
    pull: PullNode, info: Info, writersOnly: bool = False, **bounds: Any
) -> dict[str, object]:
    """The last of each reviewer that is more than a comment."""
    forge = info.context.forge
    last: dict[str, ReviewRow] = {}
    for row in list_reviews(forge, pull.repo.row, pull.row):
        if row.state != "COMMENTED" and (not writersOnly or may_write(forge, pull.repo.row, row.author)):
            last[row.author] = row
    return _review_page("latestOpinionatedReviews", pull, info, list(last.values()), bounds)


def _review_page(
    name: str, pull: PullNode, info: Info, rows: Sequence[ReviewRow], bounds: Mapping[str, Any]
) -> dict[str, object]:
    forge = info.context.forge

    def wrap(row: ReviewRow) -> dict[str, object]:
        return {
            "id": node_id("PRR", row.id),
            "author": actor(forge, row.author),
            "authorAssociation": lambda _: association(forge, pull.repo.row, row.author),
            "authorCanPushToRepository": lambda _: may_write(forge, pull.repo.row, row.author),
            "body": row.body,
            "commit": object_node(pull.repo, row.commit_id),
            "state": row.state,
            "submittedAt": row.submitted_at,
        }

    return page(name, rows, wrap=wrap, **bounds)


def timeline_items(
    pull: PullNode, info: Info, itemTypes: Sequence[str] | None = None, **bounds: Any
) -> dict[str, object]:
    forge = info.context.forge
    kinds = tuple(EVENT_TYPES[kind] for kind in (EVENT_TYPES if itemTypes is None else itemTypes))
    events = list_events(forge, pull.repo.row, pull.row.number, kinds) if kinds else ()
    return page("timelineItems", events, wrap=lambda row: _event(forge, pull, row), **bounds)


def _event(forge: Forge, pull: PullNode, row: EventRow) -> dict[str, object]:
    labels = repo_labels(forge, pull.repo.row) if row.label else ()
    return {
        "__typename": EVENTS[row.event],
        "id": node_id("EVENT", row.id),
        "actor": actor(forge, row.actor),
        "createdAt": row.created_at,
        "label": next((label_node(one) for one in labels if one.name == row.label), None),
        **_ends(pull, row),
    }


def _ends(pull: PullNode, row: EventRow) -> dict[str, object]:
    """What was before and after it."""
    if row.event == "renamed":
        return {"previousTitle": row.before_sha, "currentTitle": row.after_sha}
    return {
        "beforeCommit": object_node(pull.repo, row.before_sha) if row.before_sha else None,
        "afterCommit": object_node(pull.repo, row.after_sha) if row.after_sha else None,
    }


RESOLVERS: dict[str, dict[str, Resolver]] = {
    "PullRequest": {
        "comments": comments,
        "latestOpinionatedReviews": latest_opinionated_reviews,
        "reviews": reviews,
        "timelineItems": timeline_items,
    },
}

"""Owner changes: what pull requests that write a CODEOWNERS change, read right before it is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from syncbot.app.containment import contained
from syncbot.app.fleet_run import FleetRun
from syncbot.github.connection import Connection
from syncbot.github.listing import blob_content, tree_listing
from syncbot.model.blobs import TreeListing
from syncbot.model.observation import Failure
from syncbot.plan.pulls.owners import merged_owner_changes, unread_codeowners, writes_codeowners
from syncbot.plan.repo_plan import Changeset, RepoPlan


def plans_to_report(run: FleetRun, output: str) -> Sequence[RepoPlan]:
    """The plans of a run; in JSON, which alone says it, with what they change about owners."""
    return tuple(_contained(run)) if output == "json" else run.plans


def with_owner_changes(connection: Connection, plan: RepoPlan) -> RepoPlan:
    """The plan, its changesets with what they change about owners: a request for a repo where any does, else none.

    Raises RepoError, ForgeError and OutOfTime: it is said in full, or by the next run.
    """
    if not any(map(writes_codeowners, plan.changesets)):
        return plan
    listing = tree_listing(connection, plan.repo, plan.tree)
    told = (_told(connection, plan.repo, changeset, listing) for changeset in plan.changesets)
    return replace(plan, changesets=tuple(told))


def _told(connection: Connection, repo: str, changeset: Changeset, listing: TreeListing) -> Changeset:
    if not writes_codeowners(changeset):
        return changeset
    texts = {blob: blob_content(connection, repo, blob) for blob in unread_codeowners(changeset, listing)}
    return replace(changeset, owner_changes=merged_owner_changes(changeset, listing, texts))


def _contained(run: FleetRun) -> Iterator[RepoPlan]:
    for plan in run.plans:
        told = contained(plan.repo, lambda plan=plan: with_owner_changes(run.connection, plan))  # type: ignore[misc]
        yield replace(plan, failure=told) if isinstance(told, Failure) else told

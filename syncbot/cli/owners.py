"""Owners before and after: what pull requests that write a CODEOWNERS change, read right before it is said."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from syncbot.cli.run import FleetRun
from syncbot.errors import RepoError
from syncbot.github.connection import Connection
from syncbot.github.listing import blob_content, tree_listing
from syncbot.plan.owners import merged_owner_changes, unread_codeowners, writes_codeowners
from syncbot.plan.values import Changeset, RepoPlan

_log = logging.getLogger(__name__)


def plans_to_report(run: FleetRun, output: str) -> Sequence[RepoPlan]:
    """The plans of a run; in JSON, which alone says it, with what they change about owners."""
    return [with_owner_changes(run.connection, plan) for plan in run.plans] if output == "json" else run.plans


def with_owner_changes(connection: Connection, plan: RepoPlan) -> RepoPlan:
    """The plan, its changesets with what they change about owners: a request for a repo where any does, else none.

    Where a repo's files cannot be listed, that is left unsaid: it keeps no pull request from being made. Raises
    ForgeError and OutOfTime.
    """
    if not any(map(writes_codeowners, plan.changesets)):
        return plan
    try:
        listing = tree_listing(connection, plan.repo, plan.tree)

        def told(changeset: Changeset) -> Changeset:
            if not writes_codeowners(changeset):
                return changeset
            unread = unread_codeowners(changeset, listing)
            texts = {blob: blob_content(connection, plan.repo, blob) for blob in unread}
            return replace(changeset, owner_changes=merged_owner_changes(changeset, listing, texts))

        return replace(plan, changesets=tuple(map(told, plan.changesets)))
    except RepoError as error:
        _log.warning("not essential, so gone on without: %s", error)
        return plan

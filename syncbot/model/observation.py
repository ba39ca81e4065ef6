"""One repo as it is on GitHub, or why nothing is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncbot.errors import FailureCode, RefusedCode
from syncbot.model.blobs import Blobs, LiveFile
from syncbot.model.pull_request import Branch, Checks, PullRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One repo as it is on GitHub. `name` is its present name, which differs from the asked one after a rename.

    `names` are those of all entries, by the path of their folder (empty for the root), once they were read; a folder
    that is not there has none.
    `in_the_way` are branches named as a prefix is, without its slash: git has none below them.
    `merge_commits_allowed` says that a merge commit on a branch is no obstacle to merging it, which it is only where
    nothing but rebasing is allowed.
    `opened_at` are the times at which the bot's open pull requests were created; `many_opened` says that
    there are more branches or pull requests than were looked at for that.
    `files` holds each path asked for, None where the default branch has none. `blobs` holds what was read so far.
    """

    name: str
    default_branch: str
    head: str
    tree: str
    files: Mapping[str, LiveFile | None]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    branches: tuple[Branch, ...] = ()
    pull_requests: tuple[PullRequest, ...] = ()
    opened_at: tuple[datetime, ...] = ()
    many_opened: bool = False
    checks: Checks | None = None
    may_write: bool = True
    merge_commits_allowed: bool = True
    may_write_workflows: bool = True
    signatures_required: bool = False
    in_the_way: tuple[str, ...] = ()
    blobs: Blobs = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why nothing can be said or done for one repo; `reason` is a sentence for people."""

    code: FailureCode | RefusedCode
    reason: str

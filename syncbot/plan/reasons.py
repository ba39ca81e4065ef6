"""Codes: why something is or is not done about a changeset, as scripts know it. Pure."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The codes of docs/json.md; `syncbot.report.reasons` says what each means and what is done."""

    DRIFT = "drift"
    UNMANAGED = "unmanaged"
    POSTGRES_MAJOR = "postgres-major"
    POSTGRES_DOWNGRADE = "postgres-downgrade"
    POSTGRES_HELD_BACK = "postgres-held-back"
    POSTGRES_WITHDRAWN = "postgres-withdrawn"
    MOVE = "move"
    NEEDS_MOVE = "needs-move"
    PROPOSED_ELSEWHERE = "proposed-elsewhere"
    UP_TO_DATE = "up-to-date"
    DESIRED_CHANGED = "desired-changed"
    NOT_BROUGHT = "not-brought"
    REPLACED = "replaced"
    UNLABELLED = "unlabelled"
    TITLE_PREFIX = "title-prefix"
    DRIFT_GONE = "drift-gone"
    CONFLICT = "conflict"
    QUEUED = "queued"
    AUTO_MERGE = "auto-merge"
    APPROVED = "approved"
    HELD = "held"
    HOLD_REFUSED = "hold-refused"
    UNVERIFIED_COMMAND = "unverified-command"
    RECREATE = "recreate"
    DECLINED = "declined"
    REVERTED = "reverted"
    KEPT_EDIT = "kept-edit"
    OVERRIDDEN = "overridden"
    RETARGETED = "retargeted"
    BASE_SWITCHED = "base-switched"
    NOT_NOW = "not-now"
    REWRITTEN = "rewritten"
    REOPENED = "reopened"
    DUPLICATE = "duplicate"
    BOT_LOOP = "bot-loop"
    BRANCH_BLOCKED = "branch-blocked"
    LEFT_FLEET = "left-fleet"
    LIMIT = "limit"
    CHECK_FAILED = "check-failed"


class Quiet(StrEnum):
    """Why a file that differs is not proposed; each is the `Reason` of that code."""

    DECLINED = "declined"
    REVERTED = "reverted"
    KEPT_EDIT = "kept-edit"
    OVERRIDDEN = "overridden"
    UNVERIFIED = "unverified-command"

    @property
    def reason(self) -> Reason:
        return Reason(self.value)


class Limit(StrEnum):
    """What bounds the openings of a run. A new rule is a member, a row of `opening_limits.RULES`, and its words in
    report.
    """

    OPEN = "limits.open_pull_requests"
    PER_HOUR = "limits.pull_requests_per_hour"
    PER_RUN = "--max-prs"
    PLANNED = "the plan of this run"


class BaseMerge(StrEnum):
    """What becomes of a pull request whose base has to be merged into its branch."""

    MERGED = "merged"
    REBASE_ONLY = "rebase-only"
    """No merge commit is allowed: replaced."""
    REBASE_ONLY_SHARED = "rebase-only-shared"
    """No merge commit is allowed, and people committed."""
    LINEAR = "linear"
    """The branch takes no merge commit, by its protection: replaced."""
    LINEAR_SHARED = "linear-shared"
    """The branch takes no merge commit, and people committed."""
    UNLISTED = "unlisted"
    """GitHub could not list the files."""

"""Rules about what an open pull request proposes, and how that can be pushed: each None where it says nothing. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta

from syncbot.model.pull_request import LABEL, Mergeable, PullRequest, ReviewDecision
from syncbot.plan.actions import CommentOnce, LabelPullRequest, RetitlePullRequest
from syncbot.plan.pulls.case import Case, Decision, ReplacePullRequest, leave, refs
from syncbot.plan.pulls.closing import close_or_comment, drift_gone
from syncbot.plan.pulls.markers import has_marker
from syncbot.plan.pulls.merge_trees import lost_paths
from syncbot.plan.pulls.updates import merge_base, merge_forbidden
from syncbot.plan.reasons import BaseMerge, Reason
from syncbot.plan.states import KINDS
from syncbot.plan.why import (
    BotLoop,
    Conflicts,
    Downgrade,
    Files,
    LosesUnseen,
    NotBrought,
    Plain,
    ProposedElsewhere,
    Reopened,
    Withdrawn,
)

MAX_BOT_STREAK = 5
"""So many bot commits in a row that bring back what was on the branch before, and it is left alone: somebody must look.

One that is open for long and gets what is new each week is no loop.
"""

LABELLED_WITHIN = timedelta(days=7)
"""How long a missing label is tried again: one that GitHub refuses is not asked for each night for ever."""

REWRITTEN = Plain(reason=Reason.REWRITTEN)


# ---------------------------------------------------------------- nothing to propose


def no_way_back(case: Case) -> Decision | None:
    """Its move leads where no server goes back to."""
    is_asked_for = case.wanted or case.opened.reopened
    if is_asked_for or not isinstance(case.withheld, Downgrade):
        return None
    return close_or_comment(case.opened, case.withheld)


def reopened(case: Case) -> Decision | None:
    """A person wants it open, with nothing in it."""
    return leave(Reopened()) if not case.wanted and case.opened.reopened else None


def withheld(case: Case) -> Decision | None:
    """Something is pending, and may not be proposed now."""
    return leave(case.withheld) if not case.wanted and case.withheld else None


def rewritten_and_done(case: Case) -> Decision | None:
    """People made its commits their own: it is theirs to close."""
    return None if case.wanted else rewritten(case)


def nothing_left(case: Case) -> Decision | None:
    """What becomes of it by what became of the files that it proposed last."""
    if case.wanted:
        return None
    ours = [status for status in case.statuses if status.path in case.opened.offered]
    left = [status for status in ours if status.treatment.drift and not status.quiet]
    if not left:
        return close_or_comment(case.opened, drift_gone(ours))
    is_move = case.name not in KINDS
    if is_move and not case.is_pending and not any(s.treatment.unknown for s in left):
        return close_or_comment(case.opened, Withdrawn(move=case.name))
    if all(status.proposal for status in left):
        # Wanted, and not here: adopted, or part of a move to another Postgres major.
        return close_or_comment(case.opened, ProposedElsewhere(paths=tuple(status.path for status in left)))
    return leave(Files(reason=Reason.NOT_NOW, files=refs(left)))


# ---------------------------------------------------------------- it conflicts with its base


def in_conflict(decides: Callable[[Case], Decision | None]) -> Callable[[Case], Decision | None]:
    """The rule where GitHub says that it conflicts."""
    return lambda case: decides(case) if case.opened.mergeable is Mergeable.CONFLICTING else None


def no_merge_commit(case: Case) -> Decision | None:
    """No merge commit may, or can, be made."""
    opened = case.opened
    if forbidden := merge_forbidden(case):
        why = Conflicts(outcome=forbidden, by=opened.other_bots)
        return leave(why) if opened.people_committed else Decision(action=ReplacePullRequest(), why=why)
    return leave(Conflicts(outcome=BaseMerge.UNLISTED)) if opened.trees is None else None


def conflict_loss(case: Case) -> Decision | None:
    """People let it merge as it is: what the base got since would go, and nobody would look any more."""
    opened, accepted = case.opened, _accepted_as(case.opened)
    lost = lost_paths(opened.trees, case.wanted) if opened.trees and accepted else ()
    if not lost or accepted is None:
        return None
    why = LosesUnseen(paths=lost, accepted=accepted)
    if has_marker("loss", lost, opened.comments):
        return leave(why)
    return Decision(action=CommentOnce(number=opened.number, paths=lost, overwrites_edits=True), why=why)


def conflict(case: Case) -> Decision:
    """The base is merged into its branch."""
    return merge_base(case, Conflicts(outcome=BaseMerge.MERGED))


# ---------------------------------------------------------------- it proposes what is wanted


def rewritten(case: Case) -> Decision | None:
    """No commit is left that says what it proposes."""
    return None if case.opened.commits else leave(REWRITTEN)


def unlabelled(case: Case) -> Decision | None:
    """The label of an earlier run is still missing."""
    opened = case.opened
    may_try = case.today <= opened.created_at.astimezone(UTC).date() + LABELLED_WITHIN
    if LABEL in opened.labels or opened.unlabelled or not may_try or not case.is_unchanged:
        return None
    return Decision(action=LabelPullRequest(number=opened.number), why=Plain(reason=Reason.UNLABELLED))


def not_brought(case: Case) -> Decision | None:
    """People's version of a file stays."""
    missing = case.missing if case.is_unchanged else ()
    return leave(NotBrought(paths=missing, by=case.opened.other_bots)) if missing else None


def title_prefix(case: Case) -> Decision | None:
    """The config asks for another prefix than when it was written."""
    title = _title_by_rule(case) if case.is_unchanged else case.opened.title
    if title == case.opened.title:
        return None
    action = RetitlePullRequest(number=case.opened.number, title=title)
    return Decision(action=action, why=Plain(reason=Reason.TITLE_PREFIX))


def _title_by_rule(case: Case) -> str:
    """The bot's own title with the prefix that is asked for now; any other title as it is."""
    opened = case.opened
    plain = opened.commits[-1].plain_title
    differs_in_prefix = plain and opened.title.lower().endswith(plain.lower())
    return case.rules.titled(plain) if opened.title_untouched and differs_in_prefix else opened.title


def up_to_date(case: Case) -> Decision | None:
    """Nothing is to be done."""
    return leave(Plain(reason=Reason.UP_TO_DATE)) if case.is_unchanged else None


# ---------------------------------------------------------------- before a push


def accepted(case: Case) -> Decision | None:
    """A push would dismiss an approval or eject the pull request from a queue."""
    accepted = _accepted_as(case.opened)
    return leave(accepted) if accepted else None


def _accepted_as(opened: PullRequest) -> Plain | None:
    """How people let it merge as it is, if they do."""
    if opened.queued:
        return Plain(reason=Reason.QUEUED)
    if opened.auto_merge:
        return Plain(reason=Reason.AUTO_MERGE)
    return Plain(reason=Reason.APPROVED) if opened.review_decision is ReviewDecision.APPROVED else None


def bot_loop(case: Case) -> Decision | None:
    """Something undoes what the bot commits."""
    streak = case.opened.bot_streak
    return leave(BotLoop(commits=streak)) if streak >= MAX_BOT_STREAK else None

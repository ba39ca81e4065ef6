"""Rules: what is done about an open pull request. Pure: rules in order, the first that speaks decides.

People come first: a command, another target, a reopening. Then the content. A push is withheld where it would undo what
somebody did, and nothing is ever forced.
"""

from __future__ import annotations

from datetime import UTC, date, timedelta

from syncbot.model.pull_request import LABEL, Decline, Mergeable, PullRequest, Recreate, ReviewDecision
from syncbot.plan.actions import CommentOnce, LabelPullRequest, RetitlePullRequest
from syncbot.plan.pulls.case import Case, Decision, ReplacePullRequest, close, leave, missing_paths, proposed_by, refs
from syncbot.plan.pulls.closing import close_or_comment, drift_gone
from syncbot.plan.pulls.commands import on_hold, refused_hold, standing_command
from syncbot.plan.pulls.markers import has_marker
from syncbot.plan.pulls.merge_trees import lost_paths
from syncbot.plan.pulls.updates import base_unread, merge_base, merge_forbidden, update
from syncbot.plan.reasons import BaseMerge, Reason
from syncbot.plan.states import KINDS
from syncbot.plan.why import (
    AskedAnew,
    BaseSwitched,
    BotLoop,
    ClosingReason,
    Conflicts,
    Declined,
    Files,
    Held,
    HoldRefused,
    LosesUnseen,
    NotBrought,
    Plain,
    ProposedElsewhere,
    Reopened,
    Retargeted,
    Withdrawn,
)

MAX_BOT_STREAK = 5
"""So many bot commits in a row that bring back what was on the branch before, and it is left alone: somebody must look.

One that is open for long and gets what is new each week is no loop.
"""

LABELLED_WITHIN = timedelta(days=7)
"""How long a missing label is tried again: one that GitHub refuses is not asked for each night for ever."""

REWRITTEN = Plain(reason=Reason.REWRITTEN)


def decide(case: Case) -> Decision:
    """What to do about the open pull request."""
    rules = (_commanded, _elsewhere, _nothing_left, _conflicting, _unchanged, _withheld, _looping)
    decisions = (rule(case) for rule in rules)
    return next((decision for decision in decisions if decision), None) or update(case)


def _commanded(case: Case) -> Decision | None:
    if answer := _answered(case):
        return answer
    if held := on_hold(case.opened.comments, case.today):
        return leave(held)
    match standing_command(case.opened.comments):
        case (Recreate(), author) if case.wanted:
            return Decision(action=ReplacePullRequest(), why=AskedAnew(author=author, is_empty=False))
        case (Recreate(), author):
            return close(case, AskedAnew(author=author, is_empty=True))
        case (Decline(until=until), author) if case.today <= until:
            return close(case, Declined(author=author, until=until))
    return None


def _answered(case: Case) -> Decision | None:
    """A hold with a day is answered once, and one that cannot be followed: nothing else is done before that is read."""
    opened = case.opened
    said = refused_hold(opened.comments) or on_hold(opened.comments, case.today)
    match said:
        case HoldRefused(line=about) | Held(until=date() as about):
            if not has_marker(said.reason, (str(about),), opened.comments):
                return Decision(action=CommentOnce(number=opened.number, paths=(str(about),)), why=said)
    return None


def _elsewhere(case: Case) -> Decision | None:
    """It points at another branch than the default one: because a person chose that, or the default was switched."""
    opened, default = case.opened, case.observation.default_branch
    if opened.base == default:
        return None
    if opened.retargeted:
        return leave(Retargeted(base=opened.base))
    is_wanted = opened.reopened or opened.people_committed or opened.queued or opened.auto_merge
    why = BaseSwitched(base=opened.base, default=default, is_wanted=is_wanted)
    if is_wanted:
        return leave(why)
    return Decision(action=ReplacePullRequest(), why=why) if case.wanted else None


def _nothing_left(case: Case) -> Decision | None:
    if case.wanted:
        return None
    if case.refused and not case.opened.reopened:
        return _end(case, case.refused)
    if case.opened.reopened:
        return leave(Reopened())
    if case.held_back:
        return leave(case.held_back)
    if not case.opened.commits:
        return leave(REWRITTEN)
    return _ended(case)


def _ended(case: Case) -> Decision:
    """What becomes of it by what became of the files that it proposed last."""
    ours = [status for status in case.statuses if status.path in case.opened.offered]
    left = [status for status in ours if status.treatment.drift and not status.quiet]
    if not left:
        return _end(case, drift_gone(ours))
    is_move = case.name not in KINDS
    if is_move and not case.is_pending and not any(s.treatment.unknown for s in left):
        return _end(case, Withdrawn(move=case.name))
    if all(status.proposal for status in left):
        # Wanted, and not here: adopted, or part of a move to another Postgres major.
        return _end(case, ProposedElsewhere(paths=tuple(status.path for status in left)))
    return leave(Files(reason=Reason.NOT_NOW, files=refs(left)))


def _end(case: Case, ending: ClosingReason) -> Decision:
    action, why = close_or_comment(case.opened, ending)
    return Decision(action=action, why=why)


def _conflicting(case: Case) -> Decision | None:
    opened = case.opened
    if opened.mergeable is not Mergeable.CONFLICTING:
        return None
    if forbidden := merge_forbidden(case):
        why = Conflicts(outcome=forbidden, by=opened.other_bots)
        return leave(why) if opened.people_committed else Decision(action=ReplacePullRequest(), why=why)
    if opened.trees is None:
        return leave(Conflicts(outcome=BaseMerge.UNLISTED))
    merged = Conflicts(outcome=BaseMerge.MERGED)
    return _looping(case) or base_unread(case) or _loses_unseen(case) or merge_base(case, merged)


def _loses_unseen(case: Case) -> Decision | None:
    """People let it merge as it is: what the base got since would go, and nobody would look any more."""
    opened, accepted = case.opened, _accepted(case.opened)
    lost = lost_paths(opened.trees, case.wanted) if opened.trees and accepted else ()
    if not lost or accepted is None:
        return None
    why = LosesUnseen(paths=lost, accepted=accepted)
    if has_marker("loss", lost, opened.comments):
        return leave(why)
    return Decision(action=CommentOnce(number=opened.number, paths=lost, overwrites_edits=True), why=why)


def _unchanged(case: Case) -> Decision | None:
    opened = case.opened
    if not opened.commits:
        return leave(REWRITTEN)
    if opened.offered != proposed_by(case.wanted):
        return None
    missing = missing_paths(case)
    if missing and not opened.people_committed:
        # What its commits say is no evidence.
        return None
    if LABEL not in opened.labels and not opened.unlabelled and case.today <= _opened_on(opened) + LABELLED_WITHIN:
        return Decision(action=LabelPullRequest(number=opened.number), why=Plain(reason=Reason.UNLABELLED))
    if missing:
        return leave(NotBrought(paths=missing, by=opened.other_bots))
    title = _title_by_rule(case)
    if title != opened.title:
        action = RetitlePullRequest(number=opened.number, title=title)
        return Decision(action=action, why=Plain(reason=Reason.TITLE_PREFIX))
    return leave(Plain(reason=Reason.UP_TO_DATE))


def _title_by_rule(case: Case) -> str:
    """The bot's own title with the prefix that is asked for now; any other title as it is."""
    opened = case.opened
    plain = opened.commits[-1].plain_title
    differs_in_prefix = plain and opened.title.lower().endswith(plain.lower())
    return case.rules.titled(plain) if opened.title_untouched and differs_in_prefix else opened.title


def _opened_on(opened: PullRequest) -> date:
    return opened.created_at.astimezone(UTC).date()


def _withheld(case: Case) -> Decision | None:
    """A push would dismiss an approval or eject the pull request from a queue."""
    accepted = _accepted(case.opened)
    return leave(accepted) if accepted else None


def _accepted(opened: PullRequest) -> Plain | None:
    """How people let it merge as it is, if they do."""
    if opened.queued:
        return Plain(reason=Reason.QUEUED)
    if opened.auto_merge:
        return Plain(reason=Reason.AUTO_MERGE)
    return Plain(reason=Reason.APPROVED) if opened.review_decision is ReviewDecision.APPROVED else None


def _looping(case: Case) -> Decision | None:
    if case.opened.bot_streak < MAX_BOT_STREAK:
        return None
    return leave(BotLoop(commits=case.opened.bot_streak))

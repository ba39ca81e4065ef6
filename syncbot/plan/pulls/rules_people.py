"""Rules about what people said and did on an open pull request: each None where it says nothing. Pure."""

from __future__ import annotations

from datetime import date

from syncbot.model.pull_request import Decline, Recreate
from syncbot.plan.actions import CommentOnce
from syncbot.plan.pulls.case import Case, Decision, ReplacePullRequest, close, leave
from syncbot.plan.pulls.closing import close_or_comment
from syncbot.plan.pulls.commands import on_hold, refused_hold, standing_command
from syncbot.plan.pulls.duplicates import is_peoples
from syncbot.plan.pulls.markers import has_marker
from syncbot.plan.why import (
    AskedAnew,
    BaseSwitched,
    Declined,
    Duplicate,
    Held,
    HoldRefused,
    LeftFleet,
    Reopened,
    Retargeted,
)


def hold_answered(case: Case) -> Decision | None:
    """A hold with a day is answered once, and one that cannot be followed: nothing else is done before that is read."""
    opened = case.opened
    if case.left_fleet or case.duplicate_of:
        return None
    said = refused_hold(opened.comments) or on_hold(opened.comments, case.today)
    match said:
        case HoldRefused(line=about) | Held(until=date() as about):
            if not has_marker(said.reason, (str(about),), opened.comments):
                return Decision(action=CommentOnce(number=opened.number, paths=(str(about),)), why=said)
    return None


def held(case: Case) -> Decision | None:
    """Somebody said so, or may have: who gave the command could not be looked up."""
    beside = case.duplicate_of.number if case.duplicate_of else None
    held = on_hold(case.opened.comments, case.today, beside)
    return leave(held) if held else None


def left_fleet(case: Case) -> Decision | None:
    """Nothing is proposed in a repo that left the fleet."""
    if not case.left_fleet:
        return None
    return leave(Reopened(left_fleet=True)) if case.opened.reopened else close_or_comment(case.opened, LeftFleet())


def declined(case: Case) -> Decision | None:
    """Until a day that is not over."""
    match standing_command(case.opened.comments):
        case (Decline(until=until), author) if case.today <= until:
            return close(case, Declined(author=author, until=until))
    return None


def duplicate(case: Case) -> Decision | None:
    """A second open one is closed beside the first, unless it is people's."""
    if not case.duplicate_of:
        return None
    theirs = is_peoples(case.opened)
    why = Duplicate(of=case.duplicate_of.number, is_theirs=theirs, by=case.opened.other_bots)
    return leave(why) if theirs else close(case, why)


def recreate(case: Case) -> Decision | None:
    """A new one is asked for."""
    match standing_command(case.opened.comments):
        case (Recreate(), author) if case.wanted:
            return Decision(action=ReplacePullRequest(), why=AskedAnew(author=author, is_empty=False))
        case (Recreate(), author):
            return close(case, AskedAnew(author=author, is_empty=True))
    return None


def retargeted(case: Case) -> Decision | None:
    """A person pointed it at another branch."""
    opened = case.opened
    if opened.base == case.observation.default_branch or not opened.retargeted:
        return None
    return leave(Retargeted(base=opened.base))


def base_switched(case: Case) -> Decision | None:
    """It points at what was the default branch."""
    opened, default = case.opened, case.observation.default_branch
    if opened.base == default:
        return None
    is_wanted = opened.reopened or opened.people_committed or opened.queued or opened.auto_merge
    why = BaseSwitched(base=opened.base, default=default, is_wanted=is_wanted)
    if is_wanted:
        return leave(why)
    return Decision(action=ReplacePullRequest(), why=why) if case.wanted else None

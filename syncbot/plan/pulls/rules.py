"""Rules: what is done about an open pull request. Pure: one table in order, and the first rule that speaks decides.

People come first: a command, another target, a reopening. Then the content. Nothing is pushed that would undo what
somebody did, and nothing is ever forced. docs/pull-requests.md shows the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from syncbot.plan.pulls import rules_content as content
from syncbot.plan.pulls import rules_people as people
from syncbot.plan.pulls.case import Case, Decision, ReplacePullRequest
from syncbot.plan.pulls.updates import base_unread, catch_up, commit_on_top
from syncbot.plan.reasons import Reason
from syncbot.plan.repo_plan import Changeset
from syncbot.tables import total


class RuleName(StrEnum):
    """The rules, in the order in which they are asked."""

    HOLD_ANSWERED = "hold-answered"
    HELD = "held"
    LEFT_FLEET = "left-fleet"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    RECREATE = "recreate"
    RETARGETED = "retargeted"
    BASE_SWITCHED = "base-switched"
    NO_WAY_BACK = "no-way-back"
    REOPENED = "reopened"
    WITHHELD = "withheld"
    REWRITTEN_AND_DONE = "rewritten-and-done"
    NOTHING_LEFT = "nothing-left"
    CONFLICT_FOR_PEOPLE = "conflict-for-people"
    CONFLICT_LOOP = "conflict-loop"
    CONFLICT_UNREAD = "conflict-unread"
    CONFLICT_LOSS = "conflict-loss"
    CONFLICT = "conflict"
    REWRITTEN = "rewritten"
    UNLABELLED = "unlabelled"
    NOT_BROUGHT = "not-brought"
    TITLE_PREFIX = "title-prefix"
    UP_TO_DATE = "up-to-date"
    ACCEPTED = "accepted"
    BOT_LOOP = "bot-loop"
    BASE_UNREAD = "base-unread"
    BASE_MOVED = "base-moved"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: when it speaks (`meaning`), what it decides then, None else, and the reasons that it gives."""

    meaning: str
    decides: Callable[[Case], Decision | None]
    gives: tuple[Reason, ...]


def decide(case: Case) -> Decision:
    """What to do about the open pull request."""
    return speaking(case)[1]


def speaking(case: Case) -> tuple[RuleName, Decision]:
    """The first rule that speaks, and what it decides. The last one always does."""
    answers = ((name, rule.decides(case)) for name, rule in RULES.items())
    return next((name, decision) for name, decision in answers if decision)


def without_files(case: Case) -> Changeset:
    """What is done about an open pull request by which nothing is to be proposed."""
    decision = decide(case)
    # Only what proposes something is replaced.
    assert not isinstance(decision.action, ReplacePullRequest)
    return Changeset(
        name=case.opened.changeset,
        branch=case.opened.branch,
        action=decision.action,
        why=decision.why,
        pull_request=case.opened,
        proposed={},
    )


RULES = total(
    RuleName,
    {
        RuleName.HOLD_ANSWERED: Rule(
            meaning="a hold with a day, or one that cannot be followed, has no answer yet",
            decides=people.hold_answered,
            gives=(Reason.HELD, Reason.HOLD_REFUSED),
        ),
        RuleName.HELD: Rule(
            meaning="it is held today, or a command waits for the look-up of who gave it",
            decides=people.held,
            gives=(Reason.HELD, Reason.UNVERIFIED_COMMAND),
        ),
        RuleName.LEFT_FLEET: Rule(
            meaning="its repo is no longer in the config",
            decides=people.left_fleet,
            gives=(Reason.LEFT_FLEET, Reason.REOPENED),
        ),
        RuleName.DECLINED: Rule(
            meaning="somebody said `/syncbot decline until …`, and that day is not over",
            decides=people.declined,
            gives=(Reason.DECLINED,),
        ),
        RuleName.DUPLICATE: Rule(
            meaning=(
                "another one of its changeset is gone on with: the one that was reopened or worked on, or else the "
                "oldest"
            ),
            decides=people.duplicate,
            gives=(Reason.DUPLICATE,),
        ),
        RuleName.RECREATE: Rule(
            meaning="somebody said `/syncbot recreate`", decides=people.recreate, gives=(Reason.RECREATE,)
        ),
        RuleName.RETARGETED: Rule(
            meaning="somebody pointed it at another branch", decides=people.retargeted, gives=(Reason.RETARGETED,)
        ),
        RuleName.BASE_SWITCHED: Rule(
            meaning="another branch is the default one now; people want this one, or something is to be proposed",
            decides=people.base_switched,
            gives=(Reason.BASE_SWITCHED,),
        ),
        RuleName.NO_WAY_BACK: Rule(
            meaning="nothing is to be proposed in it: its move has no way back, and nobody reopened it",
            decides=content.no_way_back,
            gives=(Reason.POSTGRES_DOWNGRADE,),
        ),
        RuleName.REOPENED: Rule(
            meaning="nothing is to be proposed in it, and somebody reopened it",
            decides=content.reopened,
            gives=(Reason.REOPENED,),
        ),
        RuleName.WITHHELD: Rule(
            meaning="nothing is to be proposed in it for now: its move is held back, or needs another one",
            decides=content.withheld,
            gives=(Reason.POSTGRES_HELD_BACK, Reason.NEEDS_MOVE),
        ),
        RuleName.REWRITTEN_AND_DONE: Rule(
            meaning="nothing is to be proposed in it, and no commit of the bot is left on its branch",
            decides=content.rewritten_and_done,
            gives=(Reason.REWRITTEN,),
        ),
        RuleName.NOTHING_LEFT: Rule(
            meaning="nothing is to be proposed in it",
            decides=content.nothing_left,
            gives=(Reason.DRIFT_GONE, Reason.POSTGRES_WITHDRAWN, Reason.PROPOSED_ELSEWHERE, Reason.NOT_NOW),
        ),
        RuleName.CONFLICT_FOR_PEOPLE: Rule(
            meaning="it conflicts with its base, and no merge commit may be made, or GitHub cannot list the files",
            decides=content.in_conflict(content.no_merge_commit),
            gives=(Reason.CONFLICT,),
        ),
        RuleName.CONFLICT_LOOP: Rule(
            meaning="it conflicts, and the bot brought back what was there before five times in a row",
            decides=content.in_conflict(content.bot_loop),
            gives=(Reason.BOT_LOOP,),
        ),
        RuleName.CONFLICT_UNREAD: Rule(
            meaning="it conflicts, and the base moved while it was read",
            decides=content.in_conflict(base_unread),
            gives=(Reason.NOT_NOW,),
        ),
        RuleName.CONFLICT_LOSS: Rule(
            meaning="it conflicts, people let it merge as it is, and something that the base got since would go",
            decides=content.in_conflict(content.conflict_loss),
            gives=(Reason.CONFLICT,),
        ),
        RuleName.CONFLICT: Rule(
            meaning="it conflicts", decides=content.in_conflict(content.conflict), gives=(Reason.CONFLICT,)
        ),
        RuleName.REWRITTEN: Rule(
            meaning="no commit of the bot is left on its branch", decides=content.rewritten, gives=(Reason.REWRITTEN,)
        ),
        RuleName.UNLABELLED: Rule(
            meaning="it proposes what is wanted, and has no label, in its first week",
            decides=content.unlabelled,
            gives=(Reason.UNLABELLED,),
        ),
        RuleName.NOT_BROUGHT: Rule(
            meaning="it proposes what is wanted, and people have another version on its branch",
            decides=content.not_brought,
            gives=(Reason.NOT_BROUGHT,),
        ),
        RuleName.TITLE_PREFIX: Rule(
            meaning="it proposes what is wanted, under a title with another prefix",
            decides=content.title_prefix,
            gives=(Reason.TITLE_PREFIX,),
        ),
        RuleName.UP_TO_DATE: Rule(
            meaning="it proposes what is wanted", decides=content.up_to_date, gives=(Reason.UP_TO_DATE,)
        ),
        RuleName.ACCEPTED: Rule(
            meaning="it is queued, merges by itself, or is approved",
            decides=content.accepted,
            gives=(Reason.QUEUED, Reason.AUTO_MERGE, Reason.APPROVED),
        ),
        RuleName.BOT_LOOP: Rule(
            meaning="the bot brought back what was there before five times in a row",
            decides=content.bot_loop,
            gives=(Reason.BOT_LOOP,),
        ),
        RuleName.BASE_UNREAD: Rule(
            meaning="the base moved while it was read", decides=base_unread, gives=(Reason.NOT_NOW,)
        ),
        RuleName.BASE_MOVED: Rule(
            meaning="a file is wanted that the base changed since the branch left it",
            decides=catch_up,
            gives=(Reason.DESIRED_CHANGED, Reason.NOT_NOW, Reason.CONFLICT),
        ),
        RuleName.UPDATE: Rule(meaning="else", decides=commit_on_top, gives=(Reason.DESIRED_CHANGED, Reason.REPLACED)),
    },
)
"""What is done about an open pull request, by rule. A new rule is a member and a row."""

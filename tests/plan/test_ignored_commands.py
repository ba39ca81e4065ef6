"""What people said to the bot and it could not follow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncbot.model.pull_request import Authority, Comment
from syncbot.plan.actions import NoOp
from syncbot.plan.pulls.ignored_commands import ignored_commands
from syncbot.plan.reasons import Reason
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.why import Plain
from syncbot.report.words import ignored_words
from tests.plan.builders import TODAY, comment, pull_request

NO_COMMAND = "which is no command: see docs/pull-requests.md"


def told(*comments: Comment) -> tuple[str, ...]:
    pull = pull_request(3, "OPEN", {}, comments=comments)
    changeset = Changeset(
        name="sync",
        branch=pull.branch,
        action=NoOp(),
        why=Plain(reason=Reason.UP_TO_DATE),
        pull_request=pull,
        proposed={},
    )
    plans = [RepoPlan(repo="acme/a", listed_as="acme/a", changesets=(changeset,))]
    return tuple(map(ignored_words, ignored_commands(plans, TODAY)))


def said(body: str, authority: Authority = Authority.WRITER, *, revoked: bool = False) -> Comment:
    return comment("dana", body, authority, revoked=revoked)


@pytest.mark.parametrize(
    "line",
    [
        "/syncbot decline",
        "/syncbot decline until 2027-02-31",
        "/syncbot decline until 31.01.2027 because x",
        "/syncbot hold.",
        "/Syncbot Hold",
        "/syncbot",
        "/syncbot unhold",
    ],
)
def test_what_is_no_command_is_said(line: str) -> None:
    """The line as it was written, with who wrote it where."""
    assert told(said(f"hello\n{line}\nbye")) == (f"acme/a#3: @dana said `{line}`, {NO_COMMAND}",)


def test_a_day_that_is_past() -> None:
    """Nobody could decline until yesterday."""
    line = f"/syncbot decline until {TODAY - timedelta(days=1)} because x"
    assert told(said(line)) == (f"acme/a#3: @dana said `{line}`, and that day is past",)
    assert told(said(f"/syncbot decline until {TODAY}")) == ()


@pytest.mark.parametrize(
    "comments",
    [
        (),
        (said("just talk about /syncbot hold"),),
        (said("> /syncbot held"),),
        (said("```\n/syncbot held\n```"),),
        (said("/syncbot held", Authority.OUTSIDER),),
        (said("/syncbot held", revoked=True),),
        (said("/syncbot held"), said("/syncbot hold")),
    ],
)
def test_what_is_not_said(comments: tuple[Comment, ...]) -> None:
    """Talk, quotes, strangers, what was taken back, and what was put right since."""
    assert told(*comments) == ()

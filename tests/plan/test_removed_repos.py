"""What becomes of pull requests in repos that left the fleet."""

from __future__ import annotations

import pytest

from syncbot.errors import FailureCode
from syncbot.model.observation import Failure
from syncbot.model.pull_request import Authority, Comment, PullRequest
from syncbot.plan.actions import Action, ClosePullRequest, CommentOnce, NoOp
from syncbot.plan.fleet.removed_repos import plan_removed_repos
from syncbot.plan.pulls.markers import marker
from tests.plan.builders import BOT, TODAY, comment, file_id, pull_request

NEW = {"Dockerfile": file_id("new\n")}
OUTSIDER, UNKNOWN = Authority.OUTSIDER, Authority.UNKNOWN
TOLD = Comment(author=BOT, said_on=TODAY, body=marker("left-fleet", ()))


def opened(**fields: object) -> PullRequest:
    return pull_request(3, "OPEN", NEW, **fields)


@pytest.mark.parametrize(
    ("pull", "action", "code"),
    [
        (opened(), ClosePullRequest(number=3), "left-fleet"),
        (opened(people_committed=True), CommentOnce(number=3, paths=()), "left-fleet"),
        (opened(people_committed=True, comments=(TOLD,)), NoOp(), "left-fleet"),
        (opened(comments=(comment("d", "/syncbot hold"),)), NoOp(), "held"),
        (opened(comments=(comment("d", "/syncbot hold", OUTSIDER),)), ClosePullRequest(number=3), "left-fleet"),
        (opened(comments=(comment("d", "/syncbot hold", UNKNOWN),)), NoOp(), "unverified-command"),
        (opened(reopened=True), NoOp(), "reopened"),
    ],
)
def test_what_people_work_on_or_hold_stays_open(pull: PullRequest, action: Action, code: str) -> None:
    """Closed where it is the bot's alone; people are told once; held and reopened are left."""
    (made,) = plan_removed_repos([("acme/gone", pull)], {}, TODAY)
    (changeset,) = made.changesets
    assert (made.repo, made.listed_as, changeset.action, changeset.reason_code) == ("acme/gone", "", action, code)


def test_what_could_not_be_read_is_not_closed() -> None:
    """Who committed there is unknown: the repo fails, and nothing is done."""
    failure = Failure(code=FailureCode.NOT_FOUND, reason="gone")
    (made,) = plan_removed_repos([("acme/gone", opened())], {"acme/gone": failure}, TODAY)
    assert (made.failure, made.changesets) == (failure, ())

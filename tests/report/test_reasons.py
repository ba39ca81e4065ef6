"""The words of reasons: each is worded as it always was, and its row says all that is said of it."""

from __future__ import annotations

from typing import get_args

import pytest

from syncbot.plan.reasons import Reason
from syncbot.plan.why import ClosingReason, Held, HoldRefused, Why
from syncbot.report.reasons import REASONS
from syncbot.report.values import ActionName
from syncbot.report.why import why_words
from tests.plan.reasons import WORDED


@pytest.mark.parametrize(("why", "words"), WORDED, ids=lambda value: value if isinstance(value, str) else "")
def test_the_words_of_each_reason(why: Why, words: str) -> None:
    """The phrase that JSON, `plan` and comments give."""
    assert why_words(why) == words


def test_every_reason_has_an_example() -> None:
    """The rows above hold every code, and every kind of reason."""
    assert {why.reason for why, _ in WORDED} == set(Reason)
    assert {type(why) for why, _ in WORDED} == set(get_args(Why))


def test_comments_are_worded_just_where_they_are_made() -> None:
    """What closes a pull request has words after closing, what may leave it open to people, or answers a hold,
    has words after telling."""
    closing = {reason for reason, text in REASONS.items() if text.after_closing}
    telling = {reason for reason, text in REASONS.items() if text.after_telling}
    assert closing == {reason for reason, text in REASONS.items() if ActionName.CLOSE in text.actions}
    assert telling == {why.reason for why, _ in WORDED if isinstance(why, ClosingReason | Held | HoldRefused)}

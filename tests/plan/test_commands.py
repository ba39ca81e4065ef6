"""What people tell the bot in comments: which words are a command, and whose word counts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.model import Comment
from syncbot.plan.commands import Command, Decline, Hold, Recreate, parse_command, standing_command


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/syncbot recreate", Recreate()),
        ("  /syncbot recreate", None),
        ("please\n/syncbot hold\nthanks", Hold()),
        ("/syncbot hold\r\n", Hold()),
        ("/syncbot recreate now", None),
        ("/syncbot delete everything", None),
        ("I'd say /syncbot hold", None),
        ("> /syncbot hold", None),
        ("```\n/syncbot hold\n```", None),
        ("/syncbot decline until 2027-01-31", Decline(until=date(2027, 1, 31), reason="")),
        (
            "/syncbot decline until 2027-01-31 because native add-on, no build",
            Decline(until=date(2027, 1, 31), reason="native add-on, no build"),
        ),
        ("/syncbot decline until 2027-02-31 because x", None),
        ("/syncbot decline", None),
        ("/syncbot decline until soon", None),
        ("/syncbot hold\n/syncbot recreate", Recreate()),
        ("/syncbot hold\n/syncbot nonsense", Hold()),
    ],
)
def test_only_a_line_of_its_own_is_a_command(body: str, command: Command | None) -> None:
    """Quoted, fenced, indented, misspelt and impossible commands are none; the last good one counts."""
    assert parse_command(body) == command


def test_the_last_word_of_somebody_with_write_access_counts() -> None:
    """A stranger's command is ignored, whatever GitHub says of their association."""
    comments = [
        Comment(author="dana", body="/syncbot hold", may_write=True),
        Comment(author="mallory", body="/syncbot recreate"),
        Comment(author="eve", body="looks good", may_write=True),
    ]
    assert standing_command(comments) == (Hold(), "dana")
    assert standing_command(comments[1:]) is None


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_any_comment_can_be_read(body: str) -> None:
    """No comment makes the bot fall over."""
    parse_command(body)
    parse_command(f"/syncbot decline until {body}")

"""What people tell the bot in comments: which words are a command, and whose word counts."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.model.pull_request import Authority, Command, Decline, Hold, Recreate
from syncbot.plan.pulls.commands import addressed_line, parse_command, standing_command
from syncbot.plan.pulls.markers import proposal_in
from tests.plan.builders import comment


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
        ("/syncbot hold until 2027-01-15", Hold(until=date(2027, 1, 15))),
        ("/syncbot hold Until 2027-01-15 because of the freeze", Hold(until=date(2027, 1, 15))),
        ("/syncbot hold until 2027-02-31", None),
        ("/syncbot hold until 15.01.2027", None),
        ("/syncbot hold 2027-01-15", None),
        ("/syncbot hold\n/syncbot recreate", Recreate()),
        ("/syncbot hold\n/syncbot nonsense", Hold()),
    ],
)
def test_only_a_line_of_its_own_is_a_command(body: str, command: Command | None) -> None:
    """Quoted, fenced, indented, misspelt and impossible commands are none; the last good one counts."""
    assert parse_command(body) == command


HOLD = "/syncbot hold"


@pytest.mark.parametrize(
    "body",
    [
        f"> {HOLD}",
        f"> will you hold it?\n{HOLD}",  # a quote goes on without its mark
        f"~~~\n{HOLD}\n~~~",
        f"```\n{HOLD}",
        f"- list\n\n  ```\n  {HOLD}\n  ```",
        f"words\n\n    {HOLD}",
        f"\t{HOLD}",
        f"`code\n{HOLD}\ncode`",
        f"``code ` \n{HOLD}\ncode``",
        f"<pre>{HOLD}</pre>",
        f"<pre>\n{HOLD}\n</pre>",
        f"<PRE>\n\n{HOLD}\n",
        f"<div><pre>\n\n{HOLD}\n\n</pre></div>",
        f"<details><summary>log</summary>\n{HOLD}\n</details>",
        f"<details>\n\n{HOLD}\n\n</details>",
        f"<details>\n\n<details>\n\n</details>\n\n{HOLD}",
        f"<blockquote>\n\n{HOLD}\n\n</blockquote>",
        f"it said <code>\n{HOLD}\n</code>",
        f"it said <del>this:\n{HOLD}\n</del>",
        f"<!--\n{HOLD}\n-->",
        f"words <!-- hidden\n{HOLD}\n-->",
        f"<!-- never closed\n\n{HOLD}",
        f"<table>\n<tr><td>\n{HOLD}\n</td></tr></table>",
        f"[x]: <y>\n'{HOLD}\n{HOLD}\n'",
        HOLD + "\n" * 65_536,
    ],
)
def test_what_github_shows_as_code_quote_or_hidden_is_no_command(body: str) -> None:
    """By the rules of CommonMark and of HTML; and nobody is told that it was not understood."""
    assert parse_command(body) is None
    assert addressed_line(body) == ""


@pytest.mark.parametrize(
    "body",
    [
        f"> will you hold it?\n\n{HOLD}",
        f"```\n<!--\n```\n{HOLD}",
        f"`<!--`\n{HOLD}",
        f"an open ` tick\n{HOLD}",
        f"\\`\n{HOLD}\n`",
        f"<details>\nlog\n</details>\n\n{HOLD}",
        f"<!-- <details> -->\n\n{HOLD}",
        f"a <b\n{HOLD}",
        f"- a list\n{HOLD}",
        f"{HOLD}\n--\ndana",
        f"{HOLD}\r\rthanks",
        f"{HOLD} \t ",
        f"\0\n{HOLD}",
    ],
)
def test_what_github_shows_as_text_is_a_command(body: str) -> None:
    """What looks like the beginning of code, a quote or a comment, and is none, hides nothing."""
    assert parse_command(body) == Hold()
    assert addressed_line(body) == HOLD


def test_a_reason_is_kept_as_it_was_written() -> None:
    """Markdown in it is not rendered."""
    reason = "`npm` *is* <b>broken</b> &amp; [x](y) \\_"
    assert parse_command(f"/syncbot decline until 2027-01-31 because {reason}") == Decline(
        until=date(2027, 1, 31), reason=reason
    )


PARTS = [
    " ",
    "\t",
    "\n",
    ">",
    "> ",
    "- ",
    "1. ",
    "> - ",
    "[",
    "[a](",
    "[a\n",
    "[a]: b\n",
    "[a]:\n",
    "`",
    "``` \n",
    "~",
    "*a_ ",
]
PARTS += [
    "<",
    "<a ",
    "<a b='",
    "<!--",
    "<!-- -->",
    "<?",
    "<![CDATA[",
    "<a:",
    "</a",
    "&",
    "\\",
    "a\n",
    ">a\n",
    "a\n=\n",
    "- a\n",
]
PARTS += [
    "<details>\n\n",
    "</details>",
    "```\n",
    "<pre>",
    "/syncbot hold\n",
    "/syncbot",
    "<!-- syncbot:proposed\n",
    "-->\n",
]


@pytest.mark.parametrize("part", PARTS)
def test_a_hostile_comment_takes_linear_work(part: str) -> None:
    """Twice the text takes at most about twice the calls, and a very long one can be read."""

    def comment(length: int) -> str:
        text = part * (length // len(part))
        return f"/syncbot hold {text} y\n\n/syncbot hold\n{text}\n/syncbot hold"

    def calls(length: int) -> int:
        counted: Counter[str] = Counter()
        body = comment(length)
        sys.setprofile(lambda frame, event, arg: counted.update([event]))
        try:
            parse_command(body)
            proposal_in(body)
        finally:
            sys.setprofile(None)
        return counted.total()

    assert calls(2_000) < 2.6 * calls(1_000) + 2_000
    longest = comment(16_000)
    parse_command(longest)
    proposal_in(longest)


def test_the_last_word_of_somebody_with_write_access_counts() -> None:
    """A stranger's command is ignored, whatever GitHub says of their association."""
    comments = [
        comment("dana", "/syncbot hold"),
        comment("mallory", "/syncbot recreate", Authority.OUTSIDER),
        comment("eve", "looks good"),
    ]
    assert standing_command(comments) == (Hold(), "dana")
    assert standing_command(comments[1:]) is None


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_any_comment_can_be_read(body: str) -> None:
    """No comment makes the bot fall over."""
    parse_command(body)
    parse_command(f"/syncbot decline until {body}")

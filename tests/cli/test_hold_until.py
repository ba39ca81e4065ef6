"""`/syncbot hold until …`: held through that day in UTC, by the session's clock; then the bot goes on by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cli.harness import SMALL, Platform, Result
from tests.clock import START
from tests.sandbox_support import close_pull, comment_pull, make_repo, reopen_pull, set_role

REPO = "acme/orders"
DAY = START.date()
NODE_22 = SMALL | {"node_version": "22"}
HELD_UNTIL = DAY + timedelta(days=3)


def with_a_change_pending(platform: Platform) -> None:
    """An open pull request that the next run would update."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "# Orders\n"})
    set_role(platform.sandbox, REPO, "developer", "write")
    assert platform.apply().pulls() == [(REPO, "opened")]
    platform.fleet("orders", answers=NODE_22)


def say(platform: Platform, words: str) -> None:
    comment_pull(platform.sandbox, REPO, 1, words)


def code(result: Result) -> tuple[str, str]:
    sync = result.changesets(REPO)["adopt"]
    return sync["action"], sync["reason_code"]


def node(platform: Platform) -> str:
    dockerfile = str(platform.read(REPO, "Dockerfile", "syncbot/adopt-1"))
    return dockerfile.partition("FROM node:")[2][:2]


def test_held_through_the_day_and_no_longer(platform: Platform) -> None:
    """Confirmed once, said in status and JSON with its day; the end of that day holds, the next one does not."""
    with_a_change_pending(platform)
    say(platform, f"We freeze.\n\n/syncbot hold until {HELD_UNTIL} because of the freeze")
    assert platform.apply().pulls() == [(REPO, "updated")]
    (answer,) = platform.comments(REPO)[1:]
    assert answer.startswith(f"@developer asked to hold it until {HELD_UNTIL}. ")
    assert (node(platform), platform.apply().writes) == ("18", 0)

    midnight = START.replace(hour=0, minute=0, second=0) + timedelta(days=4)
    platform.sandbox.forge.clock.set(midnight - timedelta(seconds=30))
    applied = platform.apply()
    assert (code(applied), applied.writes, node(platform)) == (("none", "held"), 0, "18")
    held = applied.changesets(REPO)["adopt"]
    assert held["held_until"] == HELD_UNTIL.isoformat()
    assert str(HELD_UNTIL) in held["reason"] and str(HELD_UNTIL) in platform.run("status").stdout

    platform.sandbox.forge.clock.set(midnight)
    applied = platform.apply()
    assert (applied.pulls(), node(platform)) == ([(REPO, "updated")], "22")
    assert applied.changesets(REPO)["adopt"]["held_until"] is None
    assert len(platform.comments(REPO)) == 2


def test_a_hold_without_a_day_stays_as_it_was(platform: Platform) -> None:
    """Held until another command, however long that takes; nobody is answered."""
    with_a_change_pending(platform)
    say(platform, "/syncbot hold")
    platform.sandbox.forge.clock.set(START + timedelta(days=800))
    applied = platform.apply()
    assert (code(applied), applied.writes, len(platform.comments(REPO))) == (("none", "held"), 0, 1)
    assert applied.changesets(REPO)["adopt"]["held_until"] is None


def test_closing_and_reopening_does_not_take_it_back(platform: Platform) -> None:
    """As with a hold without a day; and after the day the reopened one is gone on with."""
    with_a_change_pending(platform)
    say(platform, f"/syncbot hold until {HELD_UNTIL}")
    close_pull(platform.sandbox, REPO, 1)
    reopen_pull(platform.sandbox, REPO, 1)
    platform.apply()
    assert code(platform.plan()) == ("none", "held")
    platform.sandbox.forge.clock.set(START + timedelta(days=4))
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert node(platform) == "22"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("until 15.01.2027", "in words that syncbot cannot follow"),
        ("until 2027-02-31", "in words that syncbot cannot follow"),
        ("until", "in words that syncbot cannot follow"),
        ("for two weeks", "in words that syncbot cannot follow"),
        (f"until {DAY - timedelta(days=1)}", "until a day that was past already"),
        (f"until {DAY + timedelta(days=367)}", "until a day more than a year away"),
        ("until 9999-12-31", "until a day more than a year away"),
    ],
)
def test_a_hold_that_cannot_be_followed_is_answered_once(platform: Platform, day: str, words: str) -> None:
    """One clear reply, and nothing else in that run; then the bot goes on, and says nothing more."""
    with_a_change_pending(platform)
    say(platform, f"/syncbot hold {day}")
    applied = platform.apply()
    assert (code(applied), node(platform)) == (("update", "hold-refused"), "18")
    (answer,) = platform.comments(REPO)[1:]
    assert answer.startswith(f"@developer asked to hold it {words}. ") and "/syncbot hold until YYYY-MM-DD" in answer
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert (node(platform), platform.apply().writes, len(platform.comments(REPO))) == ("22", 0, 2)
    assert f"`/syncbot hold {day}`" in "".join(platform.plan().json["notices"])


@pytest.mark.parametrize("day", [DAY, DAY + timedelta(days=366)])
def test_the_first_and_the_last_day_that_can_be_said(platform: Platform, day: object) -> None:
    """Today, and a year from now."""
    with_a_change_pending(platform)
    say(platform, f"/syncbot hold until {day}")
    platform.apply()
    assert code(platform.plan()) == ("none", "held")


def test_a_refused_hold_takes_nothing_back(platform: Platform) -> None:
    """What was said before it goes on to count; what is said after it counts at once."""
    with_a_change_pending(platform)
    say(platform, "/syncbot hold")
    say(platform, "/syncbot hold until tomorrow")
    platform.apply()
    assert code(platform.plan()) == ("none", "held")
    say(platform, "/syncbot recreate")
    assert platform.apply().changesets(REPO)["adopt"]["reason_code"] == "recreate"


def test_a_stranger_is_not_answered(platform: Platform) -> None:
    """Who may not write here neither holds it nor gets a reply."""
    with_a_change_pending(platform)
    comment_pull(platform.sandbox, REPO, 1, f"/syncbot hold until {HELD_UNTIL}", as_login="eve")
    comment_pull(platform.sandbox, REPO, 1, "/syncbot hold until soon", as_login="mallory")
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert (node(platform), len(platform.comments(REPO))) == ("22", 2)

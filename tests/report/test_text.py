"""Text: tables at 80 and 120 columns without colour, diffs, and hostile characters made visible."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from syncbot.plan.actions import NoOp
from syncbot.plan.file_status import DeclinedUntil, FileStatus
from syncbot.plan.reasons import Limit, Quiet
from syncbot.plan.states import FileState
from syncbot.plan.why import LimitReached
from syncbot.report.status import age
from syncbot.report.text import apply_text, plan_text, status_text
from syncbot.report.why import why_words
from tests.plan.reasons import example

from .samples import (
    BEHIND,
    HAND_EDITED,
    NOW,
    OPEN_3,
    OUTCOMES,
    PLANS,
    REPORT,
    STUCK,
    WARNED,
    changeset,
    failed,
    plan,
    status,
)

PLAN_80 = """\
Repo            State    Pull request  Files
payments-api    drifted  open sync     ~ Dockerfile  ~ docker-compose.yml
                                       + .github/CODEOWNERS
orders-api      drifted  open sync     ! Dockerfile (diverged)
legacy-reports  drifted  open adopt    ! Dockerfile (unmanaged)
                                       ! docker-compose.yml (unmanaged)
                         open sync     + .dockerignore  - Procfile (retired)
ledger          drifted  #3 approved   ~ Dockerfile (merged)
mailer          drifted  update #4     ~ Dockerfile
search          in-sync  close #5
sessions        drifted  quiet         = Dockerfile (declined)
thumbnails      drifted                ! Dockerfile (blocked)
                                       = docker-compose.yml (exempt)
                                       = ci.yml (retired)

unmanaged: not managed here before; read the diff before you merge
approved: it is approved; a push could dismiss the approval
drift-gone: nothing is left to change: the default branch is as desired
declined: a person closed its pull request; quiet until the desired content
changes
+ create  ~ update  - remove  ! hand edits would go, or blocked  = left alone

= 6 repos in sync: accounts, billing, catalog, checkout, fraud, images

Failed
Repo         Code      Why
old-gateway  archived  it is archived: nothing can be written to it

15 repos: 7 in sync, 7 drifted, 1 failed · 4 pull requests to open, 1 to update,
1 to close · 1 GraphQL request
"""
STATUS_120 = """\
Open      Changeset  Age  Checks   Review
ledger#3  sync       3 d  success  approved
mailer#4  sync       3 d  failure  -         people committed
search#5  sync       3 d  -        -         to close (drift-gone)

drift-gone: nothing is left to change: the default branch is as desired

Left alone
Repo      File        Why
sessions  Dockerfile  declined: a person closed its pull request; quiet until the desired content changes

Blocked
Repo        File        Why
thumbnails  Dockerfile  a symlink is in the way

Retired, but edited
Repo        File    Why
thumbnails  ci.yml  no longer owned, but edited since it was delivered: it is the team's now

Exempt
Repo        File                Why
thumbnails  docker-compose.yml  until 2027-01-31 (@acme/media): native add-on has no Node 22 build

Failed
Repo         Code      Why
old-gateway  archived  it is archived: nothing can be written to it

15 repos: 7 in sync, 7 drifted, 1 failed · 4 pull requests to open, 1 to update, 1 to close · 1 GraphQL request
"""


def shown(renderable: RenderableType, width: int) -> str:
    """What a console without colour prints, trailing spaces aside."""
    console = Console(width=width, file=io.StringIO(), color_system=None, force_terminal=False)
    console.print(renderable)
    output = console.file.getvalue()  # type: ignore[attr-defined]
    return "".join(f"{line.rstrip()}\n" for line in output.removesuffix("\n").split("\n"))


def test_plan_at_80_columns() -> None:
    """The whole report of a fleet with every state in it."""
    assert shown(plan_text(REPORT), 80) == PLAN_80


def test_plan_at_120_columns_has_one_line_a_changeset() -> None:
    """With the usual width of a CI log no file list wraps."""
    lines = shown(plan_text(REPORT), 120).splitlines()
    assert lines[1:3] == [
        "payments-api    drifted  open sync     ~ Dockerfile  ~ docker-compose.yml  + .github/CODEOWNERS",
        "orders-api      drifted  open sync     ! Dockerfile (diverged)",
    ]
    assert lines[9].endswith("! Dockerfile (blocked)  = docker-compose.yml (exempt)  = ci.yml (retired)")


def test_status_at_120_columns() -> None:
    """Open pull requests, everything that is left alone with its reason, and failures."""
    assert shown(status_text(REPORT, NOW), 120) == STATUS_120


def test_verbose_lists_repos_in_sync() -> None:
    """`verbose` gives each repo its row."""
    assert "accounts        in-sync                = Dockerfile  = docker-compose.yml\n" in shown(
        plan_text(REPORT, verbose=True), 100
    )


def test_a_fleet_in_sync_is_two_lines() -> None:
    """Nothing to do is said in as many words, and no legend explains signs that do not appear."""
    report = replace(REPORT, plans=PLANS[:3], graphql=2)
    assert shown(plan_text(report), 80) == (
        "= 3 repos in sync: accounts, billing, catalog\n\n"
        "3 repos: 3 in sync · no pull request to open · 2 GraphQL requests\n"
    )


@pytest.mark.parametrize(("reason", "told"), [("no add-on yet", ": no add-on yet"), ("", "")])
def test_a_decline_with_a_day(reason: str, told: str) -> None:
    """Status says until when, by whom and why, on one line."""
    declined = DeclinedUntil(author="ada", until=date(2027, 1, 31), reason=reason, pull_request=3)
    file = replace(status(quiet=Quiet.DECLINED), declined=declined)
    text = shown(status_text(replace(REPORT, plans=(plan("acme/a", files=(file,)),)), NOW), 120)
    assert f"\na     Dockerfile  declined until 2027-01-31 by @ada (#3){told}\n" in text


def test_what_to_know_before_an_apply() -> None:
    """Plan and status say which brakes stop an apply, then which exemptions end, each on one line of its own."""
    report = replace(REPORT, plans=PLANS[:3], brakes=("too many\nat once",), notices=("acme/a: ends\x1b soon",))
    for renderable in (plan_text(report), status_text(report, NOW)):
        lines = shown(renderable, 120).splitlines()
        assert lines[-5:-1] == ["", "apply will stop: too many at once", "acme/a: ends\\x1b soon", ""]


def test_versions_to_move_away_from() -> None:
    """Plan and status say it in one line a version, however many repos it concerns."""
    said = "Node 20 has had no fixes since 2026-04-30: 4 repos (a, b, c and 1 more)"
    for renderable in (plan_text(WARNED), status_text(WARNED, NOW)):
        assert shown(renderable, 120).splitlines()[-3:-1] == [said, ""]


def test_many_repos_in_sync_stay_one_line() -> None:
    """A thousand names are cut, not wrapped."""
    plans = tuple(plan(f"acme/service-{n}") for n in range(1000))
    line = shown(plan_text(replace(REPORT, plans=plans)), 80).splitlines()[0]
    assert line.startswith("= 1000 repos in sync: service-0, service-1,")
    assert line.endswith("…")
    assert len(line) == 80


def test_owners_are_shown_where_they_differ() -> None:
    """Two organisations in one fleet: names keep their owner."""
    plans = (plan("acme/a", changeset(BEHIND)), plan("umbrella/a", changeset(BEHIND)))
    text = shown(plan_text(replace(REPORT, plans=plans)), 80)
    assert "acme/a" in text
    assert "umbrella/a" in text


def test_apply() -> None:
    """One line a pull request, what waits, what failed, and the counts."""
    waiting = changeset(BEHIND, action=NoOp(), why=LimitReached(limit=Limit.PER_RUN))
    plans = (
        plan("acme/payments-api", changeset(BEHIND)),
        plan("acme/late", waiting),
        failed("acme/gone", "empty", "x"),
    )
    report = replace(REPORT, plans=plans, rest=4, writes=9)
    assert shown(apply_text(report, OUTCOMES), 120) == (
        "opened    acme/payments-api#3 sync  http://127.0.0.1:8080/acme/payments-api/pull/3\n"
        "closed    acme/search#5 sync  http://127.0.0.1:8080/acme/search/pull/5\n"
        "\nWaiting\n"
        "Repo  Changeset  Why\n"
        "late  sync       waits for a later run: --max-prs is reached\n"
        "\nFailed\n"
        "Repo  Code   Why\n"
        "gone  empty  x\n"
        "\n3 repos: 0 in sync, 2 drifted, 1 failed · 1 pull request opened, 1 closed · "
        "1 GraphQL request, 4 REST requests, 9 writes\n"
    )


def diffs(file: FileStatus) -> str:
    """What `plan --diff` shows above the table."""
    report = replace(REPORT, plans=(plan("acme/a", changeset(file)),))
    return shown(plan_text(report, diffs=True), 80).partition("Repo  State")[0]


def test_diffs() -> None:
    """A unified diff with git's headers, the missing newline said, and what it would cost."""
    file = status(before=b"a\nb", after=b"a\nc\n", state=FileState.DIVERGED, overwrites_edits=True)
    assert diffs(file) == (
        "acme/a  ! Dockerfile  (diverged; lines that syncbot did not deliver would go)\n"
        "  --- a/Dockerfile\n  +++ b/Dockerfile\n  @@ -1,2 +1,2 @@\n   a\n  -b\n"
        "  \\ No newline at end of file\n  +c\n\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "headers"),
    [
        (None, b"a\n", ["--- /dev/null", "+++ b/Dockerfile"]),
        (b"a\n", None, ["--- a/Dockerfile", "+++ /dev/null"]),
        (b"a\x0cb\r\n", b"a\x0cb\n", ["-a\\x0cb\\r", "+a\\x0cb"]),
    ],
)
def test_diff_of_what_appears_goes_or_looks_alike(
    before: bytes | None, after: bytes | None, headers: list[str]
) -> None:
    """Created and removed files have no other side; only LF ends a line, and what cannot be seen is shown."""
    text = diffs(status(before=before, after=after))
    assert [line for line in text.splitlines() if line.strip() in headers] == [f"  {header}" for header in headers]


def test_diff_of_a_mode() -> None:
    """A change of mode alone is shown as git shows it."""
    file = status(before=b"a\n", after=b"a\n")
    assert file.live
    text = diffs(replace(file, live=replace(file.live, mode="100755")))
    assert "  old mode 100755\n  new mode 100644\n" in text


def test_diffs_come_before_the_table() -> None:
    """With diffs the table and the counts are still what one sees last."""
    text = shown(plan_text(REPORT, diffs=True), 120)
    assert text.index("acme/orders-api  ! Dockerfile") < text.index("Repo            State")


@pytest.mark.parametrize(
    ("open_for", "expected"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_age(open_for: timedelta, expected: str) -> None:
    """Minutes below an hour, hours below two days, then days."""
    assert age(replace(OPEN_3, created_at=NOW - open_for), NOW) == expected


def test_colour_is_extra() -> None:
    """A colour terminal gets the same text, with styles around it."""
    console = Console(width=80, file=io.StringIO(), color_system="standard", force_terminal=True)
    console.print(plan_text(replace(REPORT, plans=(plan("acme/a", changeset(HAND_EDITED)),))))
    assert "\x1b[1;35m! Dockerfile (diverged)\x1b[0m" in console.file.getvalue()  # type: ignore[attr-defined]


@given(text=st.text(min_size=1, max_size=80), width=st.integers(20, 140))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_nothing_steers_the_terminal(text: str, width: int) -> None:
    """No name, path, reason or content reaches the console with a control character, and none crashes the layout."""
    file = status(text, FileState.DIVERGED, text.encode("utf-8", "replace"), b"x\n", overwrites_edits=True)
    report = replace(REPORT, plans=(plan("acme/a", changeset(file)), failed(f"acme/{text}", "x", text)))
    for renderable in (plan_text(report, diffs=True), status_text(report, NOW), apply_text(report, ())):
        output = shown(renderable, width)
        assert all(character.isprintable() for character in output if character != "\n")


def test_status_says_why_a_pull_request_stands_still() -> None:
    """The code beside it and the reason below, each once; nothing is said of those that take their course."""
    lines = [line.split("  ") for line in shown(status_text(STUCK, NOW), 120).splitlines()]
    last = {line[0].rpartition("#")[0]: line[-1].strip() for line in lines if "#" in line[0]}
    assert last == {
        "held": "held",
        "bot-loop": "people committed, bot-loop",
        "not-now": "not-now",
        "base-switched": "to replace (base-switched)",
        "left-fleet": "to close (left-fleet)",
        "up-to-date": "-",
        "approved": "approved",
        "queued": "queued",
        "desired-changed": "-",
    }
    stuck = ("held", "bot-loop", "not-now", "base-switched", "left-fleet")
    said = [f"{code}: {why_words(example(code))}" for code in stuck]
    assert [line[0] for line in lines if line[0] in said] == said


def test_uncommitted_changes_are_said() -> None:
    """After an apply that was allowed to; what plan and status say of it is among what would stop one."""
    dirty = replace(REPORT, source=replace(REPORT.source, differing=("copier.yml",)))
    for report, times in ((dirty, 1), (REPORT, 0)):
        assert shown(apply_text(report, OUTCOMES), 120).count("templates or config have uncommitted changes") == times
        for renderable in (plan_text(report), status_text(report, NOW)):
            assert "uncommitted" not in shown(renderable, 120)

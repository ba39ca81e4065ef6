"""`apply` on a terminal asks before it writes: in a process of its own, on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import subprocess
from dataclasses import replace

from syncbot.plan.actions import ClosePullRequest, LabelPullRequest, NoOp, OpenPullRequest
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.report.wording import todo_words
from tests.cli.harness import SYNCBOT, Platform
from tests.clock import SETTINGS
from tests.plan.reasons import example

QUESTION = "Open 2 pull requests in 2 repos? [y/N]: "


def on_a_terminal(platform: Platform, answer: bytes, *options: str) -> tuple[int, str]:
    """Exit code and all that stands on the terminal; `answer` is typed once the question, if any, is asked."""
    ours, theirs = pty.openpty()
    command = [str(SYNCBOT), "apply", "--allow=unknown-version", "--config", str(platform.config), *options]
    environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "COLUMNS": "200", **SETTINGS, **platform.environment}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
                if shown.endswith(b"[y/N]: "):
                    os.write(ours, answer)
        except OSError:  # Linux says that nobody has the terminal open any more
            pass
    os.close(ours)
    return process.returncode, shown.decode().replace("\r", "")


def test_a_no_writes_nothing_and_a_yes_goes_on(fleet: Platform) -> None:
    """The counts are asked once; no, no answer and the end of input write nothing. Where nothing is to do, or --yes is
    given, nobody is asked."""
    for answer, code, said in (
        (b"n\n", 1, "Nothing was written."),
        (b"\n", 1, "Nothing was written."),
        (b"\x04", 130, "interrupted"),
    ):
        exit_code, shown = on_a_terminal(fleet, answer)
        assert (exit_code, shown.count(QUESTION), said in shown) == (code, 1, True)
        assert fleet.sandbox.forge.counters.writes == 0
    exit_code, shown = on_a_terminal(fleet, b"y\n", "orders")
    assert (exit_code, shown.count("Open 1 pull request in 1 repo? [y/N]: ")) == (0, 1)
    assert "opened    acme/orders#1" in shown
    exit_code, shown = on_a_terminal(fleet, b"", "--yes")
    assert (exit_code, "[y/N]" in shown, "opened    acme/search#1" in shown) == (0, False, True)
    exit_code, shown = on_a_terminal(fleet, b"")
    assert (exit_code, "[y/N]" in shown) == (0, False)


def test_the_counts() -> None:
    """What would be written, by kind, in how many repos; nothing for what is left alone."""
    opening = Changeset(
        name="sync",
        branch="syncbot/sync-1",
        action=OpenPullRequest(base="main", parent="a" * 40, tree="b" * 40, writes=()),
        why=example("drift"),
        proposed={},
    )
    closing, labelling, leaving = (
        replace(opening, action=action) for action in (ClosePullRequest(number=1), LabelPullRequest(number=2), NoOp())
    )

    def plans(*each: tuple[Changeset, ...]) -> list[RepoPlan]:
        return [RepoPlan(repo=f"acme/{n}", listed_as=f"acme/{n}", changesets=some) for n, some in enumerate(each)]

    assert todo_words(plans((opening, closing), (opening,), (labelling, closing), (leaving,))) == (
        "Open 2 pull requests, update 1, close 2 in 3 repos?"
    )
    assert todo_words(plans((closing,))) == "Close 1 pull request in 1 repo?"
    assert todo_words(plans((leaving,), ())) == ""

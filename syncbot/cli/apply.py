"""`syncbot apply`: carry out the plan, one repo after another."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from syncbot.app.applying import check_brakes, check_identity, publish_all
from syncbot.app.fleet_run import fleet_run, is_failed
from syncbot.cli.options import Duration, fleet_options, progress, show
from syncbot.cli.output import say
from syncbot.github.connection import OutOfTime
from syncbot.plan.actions import NoOp
from syncbot.plan.fleet.brakes import Kind
from syncbot.plan.repo_plan import RepoPlan
from syncbot.report import json_report, markdown, text
from syncbot.report.values import Outcome, PlanReport
from syncbot.report.wording import todo_words


@click.command()
@fleet_options
@click.option("--max-prs", type=click.IntRange(min=0), metavar="N", help="Open at most N pull requests in this run.")
@click.option("--time-limit", type=Duration(), help="Stop in time and leave the rest to the next run: 90s, 50m, 2h.")
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Go on where this brake would stop the run.",
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask first; without a terminal nobody is asked.")
def apply(
    repos: tuple[str, ...],
    config: Path,
    output: str,
    diff: bool,
    max_prs: int | None,
    time_limit: float | None,
    allow: tuple[str, ...],
    yes: bool,
) -> None:
    """Open, update and close pull requests so that every repo comes to hold what its template renders.

    Does what `syncbot plan` shows, no more; on a terminal it asks once before it writes, and a no is exit code 1. A
    repo that fails does not stop the others; the exit code is then 1. Run it again at any time: what is done already is
    not done twice.
    """
    with fleet_run(config, repos, max_prs, time_limit=time_limit, say=say, progress=progress) as run:
        check_brakes(run, allow)
        check_identity(run)
        if not (yes or _is_agreed(run.plans)):
            say("Nothing was written.")
            sys.exit(1)
        plans, outcomes, stopped = publish_all(run, progress)
        report = run.report(plans)
    left = None if run.unread else _left(plans, outcomes) if isinstance(stopped, OutOfTime) else 0
    _print(report, outcomes, left=left, output=output, diff=diff)
    if stopped and not isinstance(stopped, OutOfTime):
        raise stopped
    _say_what_is_left(left)
    if is_failed(plans):
        sys.exit(1)


def _print(report: PlanReport, outcomes: Sequence[Outcome], *, left: int | None, output: str, diff: bool) -> None:
    """The report on stdout; where that fails, what was done is said on stderr before the failure is raised."""
    try:
        show(
            output,
            json=lambda: json_report.apply_json(report, outcomes, left=left),
            markdown=lambda: markdown.apply_markdown(report, outcomes, diffs=diff),
            text=lambda: text.apply_text(report, outcomes, diffs=diff),
        )
        sys.stdout.flush()
    except (Exception, SystemExit):
        # rich ends the program where nobody reads what it prints.
        say("The report cannot be printed. What was done:")
        for outcome in outcomes:
            say(f"{outcome.repo} {outcome.changeset}: {outcome.action} {outcome.url}")
        raise


def _is_agreed(plans: Sequence[RepoPlan]) -> bool:
    """Whether the person at the terminal wants it, if there is one, and anything to write. Raises click.Abort."""
    question = todo_words(plans)
    is_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
    return not (question and is_terminal) or click.confirm(question, err=True)


def _left(plans: Sequence[RepoPlan], outcomes: Sequence[Outcome]) -> int:
    """How many planned changes to pull requests were neither made nor failed."""
    done = {(outcome.repo, outcome.changeset) for outcome in outcomes}
    return sum(
        not isinstance(changeset.action, NoOp) and (plan.repo, changeset.name) not in done
        for plan in plans
        if not plan.failure
        for changeset in plan.changesets
    )


def _say_what_is_left(left: int | None) -> None:
    if left == 0:
        return
    what = "the fleet was not read to its end" if left is None else f"pull requests left: {left}"
    say(f"Stopped at the time limit; {what}. Run it again to go on.")

"""`syncbot apply`: carry out the plan, one repo after another."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.progress import track

from syncbot.app.fleet_run import FleetRun, fleet_run, is_failed
from syncbot.app.publishing import Publisher
from syncbot.cli.options import Duration, console, fleet_options, show
from syncbot.cli.output import say
from syncbot.errors import SyncbotError
from syncbot.github.connection import OutOfTime
from syncbot.github.parse import login
from syncbot.github.reviews import viewer
from syncbot.plan.actions import NoOp
from syncbot.plan.fleet.brakes import Kind
from syncbot.plan.repo_plan import RepoPlan
from syncbot.render.copier_run import CopierRender
from syncbot.report import json_report, markdown, text
from syncbot.report.values import Outcome, PlanReport
from syncbot.report.wording import todo_words
from syncbot.report.words import brake_words


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
    with fleet_run(config, repos, max_prs, time_limit=time_limit) as run:
        _brake(run, allow)
        _know_again(run)
        if not (yes or _is_agreed(run.plans)):
            say("Nothing was written.")
            sys.exit(1)
        plans, outcomes, stopped = publish_all(run)
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


def _brake(run: FleetRun, allowed: tuple[str, ...]) -> None:
    """Raise SyncbotError where a brake stops the run, before anything is written."""
    lines = [f"{brake_words(brake)}; or --allow {brake.kind}" for brake in run.brakes if brake.kind not in allowed]
    if lines:
        raise SyncbotError("\n".join(lines))


def _know_again(run: FleetRun) -> None:
    """Raise SyncbotError where the bot would write, and not know its own pull requests again."""
    identities = run.workspace.fleet.identities
    changesets = (changeset for plan in run.plans for changeset in plan.changesets)
    if all(isinstance(changeset.action, NoOp) for changeset in changesets):
        return
    who = viewer(run.connection)
    if login(who) not in map(login, identities):
        raise SyncbotError(
            f"this is the identity {who}, and the config's `identities` are {', '.join(identities)}: each run would "
            f"open its pull requests anew; add {who} there, or use another identity"
        )


def _is_agreed(plans: Sequence[RepoPlan]) -> bool:
    """Whether the person at the terminal wants it, if there is one, and anything to write. Raises click.Abort."""
    question = todo_words(plans)
    is_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
    return not (question and is_terminal) or click.confirm(question, err=True)


def publish_all(run: FleetRun) -> tuple[list[RepoPlan], list[Outcome], BaseException | None]:
    """The plans as they turned out and what was done; what ended the run early comes last, an interruption included."""
    plans = list(run.plans)
    outcomes: list[Outcome] = []
    errors = console(stderr=True)
    with CopierRender(run.workspace.templates.sources) as copier:
        publisher = Publisher(run, copier)
        steps = track(
            range(len(plans)),
            description="Opening pull requests",
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        try:
            for index in steps:
                plans[index] = publisher.publish(plans[index], outcomes)
        except BaseException as error:
            return plans, outcomes, error
    return plans, outcomes, None


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

"""`syncbot approve`: the platform team's review of pull requests that hold the rendering and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from syncbot.app.fleet_run import FleetRun, fleet_run
from syncbot.cli.options import CONFIG, console, progress
from syncbot.cli.output import say, say_data
from syncbot.errors import ForgeError, RepoError, SyncbotError
from syncbot.github.endpoint import App, endpoint
from syncbot.github.parse import login
from syncbot.github.reviews import approve as approve_on_github
from syncbot.github.reviews import examine, is_at, viewer
from syncbot.model.pull_request import PullRequest
from syncbot.plan.pulls.approval import Objection, ObjectionCode, not_current, objection, text_paths
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.report.approvals import Review, Verdict, approvals_json, approvals_text
from syncbot.report.words import objection_words

_WRONG_IDENTITY = (
    "GitHub lets nobody approve their own pull request: run this with the token of a person or a machine user "
    "of the platform team"
)


@click.command()
@click.argument("repos", nargs=-1, metavar="[REPO]...")
@CONFIG
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def approve(repos: tuple[str, ...], config: Path, output: str) -> None:
    """Approve the bot's open pull requests that hold what the template renders and nothing else; name the others.

    Run with the token of a person or a machine user of the platform team, so that the approval counts as a code
    owner's. Looks at content, not at checks. Exits with 1 if a repo or a pull request failed.
    """
    if isinstance(endpoint(os.environ).credentials, App):
        raise SyncbotError(f"this is the GitHub App's identity; {_WRONG_IDENTITY}")
    stopped = None
    reviews: list[Review] = []
    with fleet_run(config, repos, say=say, progress=progress) as run:
        who = _reviewer(run)
        try:
            reviews.extend(_reviews(run, who))
        except ForgeError as error:
            stopped = error
    if output == "json":
        say_data(approvals_json(who, reviews, run.plans))
    else:
        console().print(approvals_text(who, reviews, run.plans))
    if stopped:
        raise stopped
    if run.failed or any(review.verdict == "failed" for review in reviews):
        sys.exit(1)


def _reviewer(run: FleetRun) -> str:
    """The identity that reviews. Raises SyncbotError where it is the bot's own."""
    who = login(viewer(run.connection)) or ""
    if who in map(login, run.workspace.fleet.identities):
        raise SyncbotError(f"{who} is one of the bot's identities; {_WRONG_IDENTITY}")
    return who


def _reviews(run: FleetRun, who: str) -> Iterator[Review]:
    for plan in run.plans:
        for changeset in plan.changesets:
            if changeset.pull_request:
                yield _review(run, plan, changeset, changeset.pull_request, who)


def _review(run: FleetRun, plan: RepoPlan, changeset: Changeset, opened: PullRequest, who: str) -> Review:
    verdict: Verdict = "approved"
    code = reason = ""
    try:
        against = _approve(run, plan, changeset, opened, who)
        if against:
            verdict, code, reason = "not-approved", against.code, objection_words(against)
    except RepoError as error:
        verdict, code, reason = "failed", error.code, str(error)
    return Review(
        repo=plan.repo,
        changeset=changeset.name,
        number=opened.number,
        url=opened.url,
        head=opened.head,
        verdict=verdict,
        code=code,
        reason=reason,
    )


def _approve(run: FleetRun, plan: RepoPlan, changeset: Changeset, opened: PullRequest, who: str) -> Objection | None:
    """Approve it, or say why not. Raises RepoError and ForgeError."""
    against = not_current(changeset)
    if against:
        return against
    examined = examine(run.connection, plan.repo, opened, text_paths(plan), who)
    against = objection(plan, changeset, opened, examined)
    if against:
        return against
    if not is_at(run.connection, plan.repo, opened):
        return Objection(code=ObjectionCode.MOVED)
    body = f"Each owned file at {opened.head} is as the platform's template renders it, and nothing else is changed."
    approve_on_github(run.connection, plan.repo, opened, who, body)
    return None

"""`syncbot postgres upgrade`: what a move to another major means for each service. Changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from syncbot.app.postgres_fleet import service_for
from syncbot.app.session import open_session
from syncbot.app.workspace import Workspace, selected
from syncbot.cli.options import CONFIG, show
from syncbot.cli.postgres_check import FORMAT
from syncbot.model.fleet import Repo
from syncbot.postgres.catalogue import MAJORS
from syncbot.postgres.service import Service, move
from syncbot.report import postgres as report
from syncbot.report.postgres import MoveState, RepoMove


@click.command(short_help="Tell what a move to another Postgres major means for each service. Offline.")
@click.argument("repos", nargs=-1, metavar="[REPO]...")
@click.option("--to", "to", type=click.Choice([str(major) for major in MAJORS[1:]]), required=True, help="The major.")
@CONFIG
@FORMAT
def upgrade(repos: tuple[str, ...], to: str, config: Path, output: str) -> None:
    """Tell what a move to another Postgres major means: parameters, defaults, local data, RDS, dates.

    Exits with 3 if something blocks a service, or if it would have to go back.
    """
    session = open_session(config)
    workspace = session.workspace
    moves = tuple(_moves(workspace, selected(workspace.fleet, repos), int(to), session.today))
    show(
        output,
        json=lambda: report.moves_json(moves, int(to)),
        markdown=lambda: report.moves_markdown(moves),
        text=lambda: report.moves_text(moves),
    )
    if any(repo.stops for repo in moves):
        sys.exit(3)


def _moves(workspace: Workspace, repos: Sequence[Repo], to: int, today: date) -> Iterator[RepoMove]:
    """One for each repo with Postgres. Raises RenderError."""
    for repo in repos:
        service = service_for(workspace, repo, today)
        if service:
            yield _move(repo.name, service, to)


def _move(repo: str, service: Service, to: int) -> RepoMove:
    if to == service.major:
        return RepoMove(repo=repo, from_major=to, state=MoveState.THERE, reason=f"is on Postgres {to} already")
    try:
        made = move(service, to)
    except ValueError as refusal:
        return RepoMove(repo=repo, from_major=service.major, state=MoveState.REFUSED, reason=str(refusal))
    state = MoveState.BLOCKED if made.blocking else MoveState.READY
    return RepoMove(repo=repo, from_major=service.major, state=state, move=made)

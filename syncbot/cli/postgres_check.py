"""`syncbot postgres check`: every service's parameters against the catalogue, or against a real server."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from syncbot.app.postgres_fleet import service_for
from syncbot.app.postgres_start import Servers, started
from syncbot.app.session import open_session
from syncbot.app.workspace import Workspace, selected
from syncbot.cli.options import CONFIG, format_option, show
from syncbot.errors import RenderError
from syncbot.model.fleet import Repo
from syncbot.postgres.live.start import find_programs
from syncbot.postgres.service import findings
from syncbot.report import postgres as report
from syncbot.report.postgres import RepoFindings

FORMAT = format_option("JSON goes to stdout alone; docs/postgres.md describes it.")


@click.command(short_help="Check every service's parameters, for the container and for RDS. Offline.")
@click.argument("repos", nargs=-1, metavar="[REPO]...")
@CONFIG
@FORMAT
@click.option("--start", is_flag=True, help="Start a real server with the rendered files, and read its settings back.")
@click.option(
    "--bin",
    "folders",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    metavar="DIR",
    help="With --start: a folder with postgres and initdb of one major; may be given for each. Otherwise PATH.",
)
def check(repos: tuple[str, ...], config: Path, output: str, start: bool, folders: tuple[Path, ...]) -> None:
    """Check every service's Postgres parameters: names, types, ranges, units, and rules over several of them.

    Looks at the local server's major and at each RDS family. Exits with 1 if there are errors.
    """
    session = open_session(config, judged=False)
    workspace, today = session.workspace, session.today
    found = tuple(_findings(workspace, selected(workspace.fleet, repos), today))
    if start:
        with ExitStack() as stack:
            found = tuple(_with_starts(workspace, found, today, Servers(find_programs(folders), stack)))
    show(
        output,
        json=lambda: report.findings_json(found),
        markdown=lambda: report.findings_markdown(found),
        text=lambda: report.findings_text(found),
    )
    if any(repo.errors for repo in found):
        sys.exit(1)


def _findings(workspace: Workspace, repos: Sequence[Repo], today: date) -> Iterator[RepoFindings]:
    """The repos that have Postgres, or of which that cannot be said."""
    for repo in repos:
        try:
            service = service_for(workspace, repo, today)
        except RenderError as error:
            yield RepoFindings(repo=repo.name, failure=str(error))
            continue
        if service:
            yield RepoFindings(repo=repo.name, findings=findings(service))


def _with_starts(
    workspace: Workspace, found: Sequence[RepoFindings], today: date, servers: Servers
) -> Iterator[RepoFindings]:
    """What has no errors is started too: a server says no more of what the catalogue refuses."""
    by_name = {repo.name: repo for repo in workspace.fleet.repos}
    for repo in found:
        if repo.errors:
            yield repo
            continue
        said, names = started(workspace, by_name[repo.repo], today, servers)
        yield replace(repo, findings=(*repo.findings, *said), servers=names)

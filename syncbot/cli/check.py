"""`syncbot check`: render the fleet and look at every owned file before it can be proposed. Offline unless told."""

from __future__ import annotations

import sys
from contextlib import closing, nullcontext
from datetime import date
from pathlib import Path

import click

from syncbot.app.checking import rendering
from syncbot.app.postgres_fleet import settings_findings
from syncbot.app.session import open_session
from syncbot.app.workspace import Workspace, selected
from syncbot.check.fleet import check_fleet
from syncbot.check.owners import owners_to_look_up
from syncbot.cli.options import CONFIG, format_option, show
from syncbot.cli.output import say
from syncbot.errors import RenderError
from syncbot.github.connection import Connection
from syncbot.github.owners import missing_owners
from syncbot.model.files import blob_id
from syncbot.model.fleet import Repo
from syncbot.report import findings
from syncbot.report.findings import CheckReport


@click.command()
@click.argument("repos", nargs=-1, metavar="[REPO]...")
@CONFIG
@format_option("JSON goes to stdout alone; docs/check.md describes it.")
@click.option("--online", is_flag=True, help="Also ask GitHub whether the owners in CODEOWNERS exist.")
def check(repos: tuple[str, ...], config: Path, output: str, online: bool) -> None:
    """Render the fleet and look at every owned file as its linter, its schema and its readers would.

    Needs the packages of the extra `checks`; a tool that is not installed is an error of its own. Reads nothing but
    this checkout, unless --online is given: then the identity that `plan` uses looks up users and teams. Exits with 1
    if there are errors, with 2 if the configuration is wrong.
    """
    session = open_session(config, say=say)
    chosen = selected(session.workspace.fleet, repos)
    with closing(session.connect()) if online else nullcontext() as connection:
        report = check_report(session.workspace, chosen, session.today, connection)
    show(
        output,
        json=lambda: findings.check_json(report),
        markdown=lambda: findings.check_markdown(report),
        text=lambda: findings.check_text(report),
    )
    if report.errors or report.failed:
        sys.exit(1)


def check_report(
    workspace: Workspace, repos: tuple[Repo, ...], today: date, connection: Connection | None = None
) -> CheckReport:
    """The findings for these repos, as rendered with their answers on that day; with a connection, owners too.

    Raises ForgeError.
    """
    renderings, failed = [], []
    for repo in repos:
        try:
            renderings.append(rendering(workspace, repo, today))
        except RenderError as error:
            failed.append((repo.name, str(error)))
    files = [(path, blob_id(r.files[path].content)) for r in renderings for path in r.owned_paths if path in r.files]
    owners = owners_to_look_up(renderings) if connection else ()
    unseen = missing_owners(connection, owners) if connection else None
    return CheckReport(
        rows=check_fleet(renderings, settings=settings_findings, unseen=unseen),
        failed=tuple(failed),
        repos=len(repos),
        files=len(files),
        distinct=len(set(files)),
        owners=len(owners) if connection else None,
    )

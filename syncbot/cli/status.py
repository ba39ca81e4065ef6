"""`syncbot status`: open pull requests, and whatever keeps quiet, with the reason. Never writes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from syncbot.cli.options import console, fleet_options
from syncbot.cli.run import fleet_run
from syncbot.report import json_report, markdown, text


@click.command(short_help="Show open pull requests and whatever keeps quiet, with the reason.")
@fleet_options
def status(repos: tuple[str, ...], config: Path, output: str, diff: bool) -> None:
    """Show where the fleet stands: open pull requests and their checks, and files that differ and are left alone.

    Left alone are files that a team declined, reverted or keeps edited, exemptions with their end, and files that
    something stands in the way of. Reads GitHub, writes nothing. Exits with 1 if a repo failed.
    """
    with fleet_run(config, repos) as run:
        report = run.report()
    match output:
        case "json":
            click.echo(json_report.plan_json(report))
        case "markdown":
            click.echo(markdown.status_markdown(report, now=run.now, diffs=diff))
        case _:
            console().print(text.status_text(report, now=run.now, diffs=diff))
    if run.failed:
        sys.exit(1)

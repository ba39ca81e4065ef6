"""`syncbot status`: open pull requests, and whatever keeps quiet, with the reason. Never writes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from syncbot.app.fleet_run import FleetRun, fleet_run, is_failed
from syncbot.app.owners import plans_to_report
from syncbot.cli.options import fleet_options, progress, show
from syncbot.cli.output import say
from syncbot.config.edit import add_exemptions
from syncbot.plan.fleet.exemptions import asked_for
from syncbot.report import json_report, markdown, text
from syncbot.report.diffs import patch


@click.command()
@fleet_options
@click.option(
    "--proposals",
    is_flag=True,
    help="Print nothing but a patch of the config: an exemption for each file declined until a certain day.",
)
def status(repos: tuple[str, ...], config: Path, output: str, diff: bool, proposals: bool) -> None:
    """Show where the fleet stands: open pull requests and their checks, and files that differ and are left alone.

    Left alone are files that a team declined, reverted or keeps edited, exemptions with their end, and files that
    something stands in the way of. Reads GitHub, writes nothing. Exits with 1 if a repo failed.
    """
    with fleet_run(config, repos, say=say, progress=progress) as run:
        report = run.report(plans_to_report(run, output))
    if proposals:
        _print_proposals(run)
        sys.exit(int(run.failed))
    show(
        output,
        json=lambda: json_report.plan_json(report),
        markdown=lambda: markdown.status_markdown(report, now=run.now, diffs=diff),
        text=lambda: text.status_text(report, now=run.now, diffs=diff),
    )
    if is_failed(report.plans):
        sys.exit(1)


def _print_proposals(run: FleetRun) -> None:
    """The patch on stdout, or a word on stderr that there is none. Raises ConfigError where it can't be made."""
    workspace = run.workspace
    for plan in run.plans:
        if plan.failure:
            click.echo(f"{plan.repo} was not read ({plan.failure.code}): {plan.failure.reason}", err=True)
    asked = asked_for(run.plans, workspace.fleet)
    if not asked:
        click.echo("no proposals", err=True)
        return
    before = workspace.config.read_bytes().decode()
    after = add_exemptions(before, asked, file=str(workspace.config), specs=workspace.templates.specs)
    click.echo(patch(workspace.config_path, before, after), nl=False)

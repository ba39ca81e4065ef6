"""`syncbot plan`: what has drifted and what would be done. Never writes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from syncbot.app.fleet_run import fleet_run, is_failed
from syncbot.app.owners import plans_to_report
from syncbot.cli.options import fleet_options, progress, show
from syncbot.cli.output import say
from syncbot.report import json_report, markdown, text


@click.command()
@fleet_options
@click.option("--exit-code", is_flag=True, help="Exit with 3 when there is drift.")
def plan(repos: tuple[str, ...], config: Path, output: str, diff: bool, exit_code: bool) -> None:
    """Show where each repo has drifted from its template and what would be done about it.

    Reads GitHub, writes nothing. REPO limits the run to some repos of the fleet, as `payments-api` or
    `acme/payments-api`. Exits with 1 if a repo failed, or holds an error that stops what it would get.
    """
    with fleet_run(config, repos, say=say, progress=progress) as run:
        report = run.report(plans_to_report(run, output))
    show(
        output,
        json=lambda: json_report.plan_json(report),
        markdown=lambda: markdown.plan_markdown(report, diffs=diff),
        text=lambda: text.plan_text(report, diffs=diff),
    )
    if is_failed(report.plans):
        sys.exit(1)
    if exit_code and any(repo_plan.state == "drifted" for repo_plan in run.plans):
        sys.exit(3)

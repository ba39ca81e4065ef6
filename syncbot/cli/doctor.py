"""`syncbot doctor`: who the identity is, what it may do, what is missing, and what the limits have left."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

from syncbot.app.diagnosis import ACTIONS, Diagnosis, diagnose
from syncbot.app.session import open_session
from syncbot.app.workspace import Workspace, selected
from syncbot.cli.options import CONFIG, console
from syncbot.cli.output import say, say_data
from syncbot.errors import RenderError
from syncbot.formats.diagnostics import Severity
from syncbot.github.token_info import Access, Budget, Who, access
from syncbot.model.fleet import Repo
from syncbot.report.layout import grid, section

_WORKFLOWS = ".github/workflows/"
_STYLES = {"yes": "green", "no": "bold red", "unknown": "yellow"}


@click.command()
@click.argument("repos", nargs=-1, metavar="[REPO]...")
@CONFIG
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(repos: tuple[str, ...], config: Path, output: str) -> None:
    """Say who the identity is, what it may do in each repo, what is missing, and what the limits have left.

    Reads GitHub, writes nothing. Exits with 1 if something is missing that is needed.
    """
    session = open_session(config, say=say)
    workspace = session.workspace
    chosen = selected(workspace.fleet, repos)
    connection = session.connect()
    try:
        seen = access(connection, [repo.name for repo in chosen])
    finally:
        connection.close()
    diagnosis = diagnose(
        seen,
        [repo.name for repo in chosen],
        workspace.fleet.identities,
        workflows=_owns_workflows(workspace, chosen, session.today),
    )
    if output == "json":
        say_data(json.dumps(_document(seen, diagnosis), indent=1))
    else:
        console().print(_text(seen, diagnosis))
    if not diagnosis.healthy:
        sys.exit(1)


def _owns_workflows(workspace: Workspace, repos: Sequence[Repo], today: date) -> bool:
    """Whether an owned file of any of the repos, as its answers stand that day, is a workflow."""
    templates = workspace.templates
    able = {name for name, spec in templates.specs.items() if any(map(_is_workflow, (o.path for o in spec.owned)))}
    for repo in repos:
        if repo.template not in able:
            continue
        try:
            rendered = templates.render_owned(repo.template, repo.answers_on(today))
        except RenderError:
            continue
        if any(map(_is_workflow, rendered)):
            return True
    return False


def _is_workflow(path: str) -> bool:
    return path.startswith(_WORKFLOWS)


def _document(seen: Access, diagnosis: Diagnosis) -> dict[str, Any]:
    who = seen.who
    return {
        "version": 1,
        "identity": {
            "login": who.login,
            "kind": who.kind,
            "app": who.app,
            "permissions": None if who.permissions is None else dict(who.permissions),
            "scopes": None if who.scopes is None else list(who.scopes),
        },
        "limits": [_limit(budget) for budget in seen.budgets],
        "repos": [asdict(able) for able in diagnosis.abilities],
        "findings": [
            {"subject": finding.subject, "problem": finding.message, "needed": finding.severity is Severity.ERROR}
            for finding in diagnosis.findings
        ],
    }


def _limit(budget: Budget) -> dict[str, Any]:
    return {
        "name": budget.name,
        "limit": budget.limit,
        "remaining": budget.remaining,
        "resets": budget.resets.isoformat(),
    }


def _text(seen: Access, diagnosis: Diagnosis) -> RenderableType:
    parts: list[RenderableType] = [Text(line) for line in (*_identity(seen.who), *map(_budget, seen.budgets))]
    table = grid(("Repo", *(action.capitalize() for action in ACTIONS), ""), elastic=len(ACTIONS) + 1)
    for able in diagnosis.abilities:
        cells = (Text(cell, style=_STYLES[cell]) for cell in (able.read, able.push, able.pull_requests))
        # Not every fleet owns workflows: where it is wanted and missing, a finding says so.
        table.add_row(Text(able.repo), *cells, Text(able.workflows, style="dim"), Text(able.remark))
    parts += [Text(), table]
    for heading, severity in (("Missing", Severity.ERROR), ("Worth knowing", Severity.NOTE)):
        rows = ((found.subject, found.message) for found in diagnosis.findings if found.severity is severity)
        parts += section(heading, rows, ("What", "Why"))
    verdict = "Everything needed is there." if diagnosis.healthy else "Something needed is missing."
    return Group(*parts, Text(), Text(verdict, style="bold"))


def _identity(who: Who) -> Iterator[str]:
    about = f"GitHub App {who.app}, on {who.selection or 'its'} repositories" if who.kind == "app" else who.kind
    yield f"Identity  {who.login} ({about})"
    if who.permissions is not None:
        yield f"May       {', '.join(f'{area}: {level}' for area, level in sorted(who.permissions.items()))}"
    elif who.scopes is not None:
        yield f"Scopes    {', '.join(who.scopes) or 'none'}"
    else:
        yield "May       a token of this kind does not say; what is shown is the role in each repo"


def _budget(budget: Budget) -> str:
    until = budget.resets.astimezone()
    return f"{budget.name:<9} {budget.remaining:,} of {budget.limit:,} left, full again at {until:%H:%M:%S}"

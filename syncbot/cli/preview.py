"""`syncbot preview`: what a change of templates or config does to the fleet, from git alone, grouped by shape."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from syncbot.app.checkout import Checkout
from syncbot.app.session import open_session
from syncbot.app.workspace import Workspace, selected
from syncbot.cli.options import CONFIG, format_option, show
from syncbot.config import read_fleet
from syncbot.errors import RenderError, SyncbotError
from syncbot.model.files import REGULAR, File, Ownership
from syncbot.model.fleet import Fleet, Repo
from syncbot.model.templates import TemplateSpec
from syncbot.ownership import MalformedBlock, owned_part
from syncbot.plan.fleet.impact import Preview, Rendered, answer_values, compare
from syncbot.render import Templates, compile_templates
from syncbot.render.history import file_at, sources_at
from syncbot.report import preview as report


@click.command()
@click.argument("repos", nargs=-1, metavar="[REPO]...")
@click.option("--base", required=True, metavar="REV", help="What the work tree is compared with: origin/main, say.")
@CONFIG
@format_option("JSON goes to stdout alone; docs/preview.md describes it.")
def preview(repos: tuple[str, ...], base: str, config: Path, output: str) -> None:
    """Render the fleet with the templates and the config of REV and of the work tree, and show what differs.

    Differences are grouped by shape, with the values of each repo's own answers taken out, and one example each.
    Reads git and nothing else: no repo, no network. Exits with 1 if a repo does not render in the work tree.
    """
    session = open_session(config)
    found = make_preview(session.workspace, base, repos, session.today)
    show(
        output,
        json=lambda: report.preview_json(found),
        markdown=lambda: report.preview_markdown(found),
        text=lambda: report.preview_text(found),
    )
    if any(side == "head" for _, side, _ in found.failed):
        sys.exit(1)


def make_preview(workspace: Workspace, base: str, names: tuple[str, ...], today: date) -> Preview:
    """The differences for the repos named, or all. Raises SyncbotError for a base that cannot be rendered."""
    chosen = {repo.name for repo in selected(workspace.fleet, names)} if names else None
    commit = Checkout(workspace.root).commit(base)
    old = _render(*_load(workspace, commit, base), today)
    new = _render(workspace.templates, workspace.fleet, today)
    if chosen is not None:
        old, new = ({name: side[name] for name in side if name in chosen} for side in (old, new))
    return compare(base, old, new)


def _load(workspace: Workspace, commit: str, base: str) -> tuple[Templates, Fleet]:
    sources = sources_at(workspace.root, commit)
    config = file_at(workspace.root, commit, workspace.config_path)
    if sources is None:
        raise SyncbotError(f"{base}: there are no templates at that commit")
    if config is None:
        raise SyncbotError(f"at {base}: {workspace.config_path}: cannot be read: no such file or directory")
    try:
        templates = compile_templates(sources)
        return templates, read_fleet(config, workspace.config_path, templates.specs)
    except SyncbotError as error:
        raise SyncbotError("\n".join(f"at {base}: {line}" for line in str(error).splitlines())) from error


def _render(templates: Templates, fleet: Fleet, today: date) -> Mapping[str, Rendered]:
    return {repo.name: _rendered(templates, repo, today) for repo in fleet.repos}


def _rendered(templates: Templates, repo: Repo, today: date) -> Rendered:
    spec = templates.specs[repo.template]
    try:
        given = repo.answers_on(today)
        answers = templates.resolved(repo.template, given)
        files = templates.render_owned(repo.template, given)
        return Rendered(
            files={path: _part(spec, repo, path, file) for path, file in files.items()},
            values=answer_values(answers, spec.questions),
        )
    except (RenderError, MalformedBlock) as error:
        return Rendered(files={}, values={}, failure=str(error))


def _part(spec: TemplateSpec, repo: Repo, path: str, file: File) -> File:
    """What the platform team owns of the file. Raises RenderError where it renders without its block."""
    entry = next(entry for entry in spec.owned if entry.path == path)
    ownership = repo.ownership.get(path, entry.ownership)
    part = owned_part(ownership, file.content)
    if part is None:
        raise RenderError(f"{path}: owned by block, but the template renders no syncbot block in it")
    return File(content=part, mode=file.mode if ownership is Ownership.FILE else REGULAR)

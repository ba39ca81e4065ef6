"""`syncbot new`: a new service, from its answers to a repo that the next plan calls in sync."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import click

from syncbot.app.deliveries import first_lock
from syncbot.app.new_repo import create, first_commit, push, set_topics, write_service
from syncbot.app.registration import Registration, parse_answers, register
from syncbot.app.session import open_session
from syncbot.app.workspace import Workspace
from syncbot.cli.output import say
from syncbot.errors import SyncbotError
from syncbot.github.connection import Connection
from syncbot.model.blobs import LiveFile
from syncbot.model.files import File
from syncbot.model.fleet import Repo
from syncbot.model.templates import Question
from syncbot.plan.files.desired import desired_files
from syncbot.render.copier_run import CopierRender, verify

CONFIG = Path("config/repos.yaml")
OWN_CHECKOUT = Path(__file__).resolve().parents[2]
"""Where this package lies; with an editable install that is the platform team's own repo."""


@click.command()
@click.argument("name")
@click.option("--answer", "answers", multiple=True, metavar="NAME=VALUE", help="An answer; once for each.")
@click.option("--defaults", is_flag=True, help="Ask nothing: what no --answer says is left to the defaults.")
@click.option(
    "--into", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.  [default: ./NAME]"
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The fleet.  [default: config/repos.yaml here, or else in the checkout that syncbot runs from]",
)
@click.option("--register", "registers", is_flag=True, help="Add the service to the fleet's config.")
@click.option("--create", "creates", is_flag=True, help="Create the repo on GitHub and push to it.")
@click.option(
    "--visibility",
    type=click.Choice(["private", "internal", "public"]),
    default="private",
    show_default=True,
    help="Who sees the repo that --create makes.",
)
def new(
    name: str,
    answers: tuple[str, ...],
    defaults: bool,
    folder: Path | None,
    config: Path | None,
    registers: bool,
    creates: bool,
    visibility: str,
) -> None:
    """Scaffold the service NAME: its files, one git commit, and nothing of Copier's left behind.

    On a terminal Copier asks what no --answer says; elsewhere the defaults hold. The files that the platform team owns
    are those that the bot would render, so that the first plan calls the repo in sync.
    """
    session = open_session(config or _nearest_config(), say=say)
    workspace = session.workspace
    ask = not defaults and sys.stdin.isatty() and sys.stdout.isatty()
    given = parse_answers(answers, _questions(workspace))
    registration = register(workspace, name, given, ask=ask)
    repo = registration.repo
    target = folder or Path(repo.name.partition("/")[2])
    _require_empty(target)
    with ExitStack() as cleanup:
        connection = None
        if creates:
            # Before anything is written: a token that is missing is said at once.
            connection = session.connect()
            cleanup.callback(connection.close)
        files = scaffolded(workspace, repo, session.today)
        write_service(target, files)
        first_commit(target, f"Scaffold {repo.name.partition('/')[2]} from the {repo.template} template")
        click.echo(f"{target}: {len(files)} files, committed")
        if connection:
            _create(connection, repo, target, visibility)
    if registers:
        _write(workspace, registration)
    _say_next(workspace, registration, target, registered=registers, created=creates)


def scaffolded(workspace: Workspace, repo: Repo, today: date) -> dict[str, File]:
    """What Copier writes for a new service, which is what the bot renders, and the lock that says so.

    Raises RenderError.
    """
    answers = repo.answers_on(today)
    with CopierRender(workspace.templates.sources) as copier:
        files = dict(copier.render(repo.template, answers))
    verify(workspace.templates.render(repo.template, answers), files)
    nothing: dict[str, LiveFile | None] = {}
    wanted = desired_files(workspace.templates.specs[repo.template], repo, files, nothing, {})
    return {**files, **first_lock(workspace, repo, wanted, answers)}


def _nearest_config() -> Path:
    own = OWN_CHECKOUT / CONFIG
    return own if not CONFIG.exists() and own.exists() else CONFIG


def _questions(workspace: Workspace) -> dict[str, Question]:
    return {name: question for spec in workspace.templates.specs.values() for name, question in spec.questions.items()}


def _require_empty(folder: Path) -> None:
    try:
        if folder.exists() and any(folder.iterdir()):
            raise SyncbotError(f"{folder} is not empty: name another folder with --into")
    except OSError as error:
        raise SyncbotError(f"{folder}: {error.strerror}") from error


def _create(connection: Connection, repo: Repo, folder: Path, visibility: str) -> None:
    organization, _, name = repo.name.partition("/")
    url = create(connection, organization, name, visibility)
    click.echo(f"{repo.name}: created")
    push(folder, url, connection)
    topics = tuple(str(topic) for topic in (repo.template, repo.answers.get("runtime")) if topic)
    set_topics(connection, repo.name, topics)
    click.echo(f"{repo.name}: pushed; topics {' '.join(topics)}")


def _write(workspace: Workspace, registration: Registration) -> None:
    if registration.text is None:
        return
    beside = workspace.config.with_name(f".{workspace.config.name}.{os.getpid()}")
    try:
        beside.write_bytes(registration.text.encode())
        beside.chmod(workspace.config.stat().st_mode)
        beside.replace(workspace.config.resolve())
    except OSError as error:
        raise SyncbotError(f"{workspace.config}: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
    click.echo(f"{workspace.config}: {registration.repo.name} added; commit it")


def _say_next(
    workspace: Workspace, registration: Registration, folder: Path, *, registered: bool, created: bool
) -> None:
    name = registration.repo.name
    if not created:
        click.echo(f"Next: gh repo create {name} --private --source {shlex.quote(str(folder))} --push")
    if not registered and registration.text is not None:
        before = workspace.config.read_bytes().decode("utf-8").splitlines()
        after = registration.text.splitlines()
        same = next((n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
        added = after[same : same + len(after) - len(before)]
        click.echo(f"Not in the fleet yet; add to {workspace.config}, or next time use --register:")
        click.echo("\n".join(added))

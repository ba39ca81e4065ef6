"""`syncbot sandbox serve`: runs the embedded GitHub until it is interrupted."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from pathlib import Path

import click

from syncbot.clock import clock_of
from syncbot.errors import SyncbotError
from syncbot.sandbox.forge import Forge
from syncbot.sandbox.seed import seed
from syncbot.sandbox.server import Sandbox

BOT = "acme-syncbot[bot]"
DEVELOPER = "developer"


@click.group()
def sandbox() -> None:
    """A GitHub-compatible server on this computer, to rehearse on."""


@sandbox.command()
@click.option("--port", default=0, show_default="a free one", help="Port on 127.0.0.1.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Folder that keeps everything.")
@click.option(
    "--seed",
    "seed_folder",
    type=click.Path(path_type=Path),
    help="Folder of <owner>/<repo>/ folders, plain trees or git repositories; each becomes a repository.",
)
def serve(port: int, data: Path, seed_folder: Path | None) -> None:
    """Serve until interrupted; prints the variables to export."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with open_sandbox(data, port) as running:
        added = seed(running.forge, seed_folder) if seed_folder else ()
        announce(running, added)
        stop.wait()


def open_sandbox(data: Path, port: int = 0) -> Sandbox:
    """A sandbox over a folder, with its two tokens made, by the environment's clock.

    Raises SyncbotError for a folder it cannot use.
    """
    start = clock_of(os.environ).moment()
    try:
        opened = Sandbox(data, port)
    except (OSError, sqlite3.Error) as error:
        raise SyncbotError(f"{data}: cannot keep a sandbox here: {error}") from error
    opened.forge.clock.run_from(start)
    bot_token(opened.forge)
    developer_token(opened.forge)
    return opened


def bot_token(forge: Forge) -> str:
    """The token syncbot runs with; the same after a restart."""
    return forge.token_of(BOT) or forge.issue_token(BOT, type="Bot")


def developer_token(forge: Forge) -> str:
    """The token of a person with every permission; the same after a restart."""
    return forge.token_of(DEVELOPER) or forge.issue_token(DEVELOPER)


def announce(running: Sandbox, added: tuple[str, ...]) -> None:
    """Prints what to export on stdout, and how to look around on stderr."""
    click.echo(f"GITHUB_API_URL={running.api_url}")
    click.echo(f"GITHUB_GRAPHQL_URL={running.graphql_url}")
    click.echo(f"GITHUB_TOKEN={bot_token(running.forge)}")
    if added:
        click.echo(f"Seeded {len(added)} repositories.", err=True)
    example = added[0] if added else "<owner>/<repo>"
    token = developer_token(running.forge)
    place = running.url.removeprefix("http://")
    click.echo(f"Clone:  git clone {running.url}/{example}.git", err=True)
    click.echo(f"Push:   as {DEVELOPER}: git push http://{DEVELOPER}:{token}@{place}/{example}.git <branch>", err=True)
    click.echo(f"Count:  curl {running.url}/_sandbox/stats", err=True)
    click.echo("Stop:   Ctrl-C", err=True)

"""Options that several commands share, and the console they print on."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console, RenderableType
from rich.progress import track

from syncbot.cli.output import say_data

Command = Callable[..., Any]
T = TypeVar("T")
_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Duration(click.ParamType[float]):
    """A time such as `90s`, `50m` or `2h`, as seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        match = _DURATION.fullmatch(str(value))
        if not match or not float(match[1]):
            self.fail(f"{value!r} is no time: expected a number and s, m or h, as in 50m", param, ctx)
        return float(match[1]) * _SECONDS[match[2]]


CONFIG = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    default=Path("config/repos.yaml"),
    show_default=True,
    help="The fleet.",
)


def format_option(said: str) -> Callable[[Command], Command]:
    """--format; `said` is what its help has to say."""
    choice = click.Choice(["text", "json", "markdown"])
    return click.option("--format", "output", type=choice, default="text", show_default=True, help=said)


def fleet_options(command: Command) -> Command:
    """[REPO...], --config and --format: what every command on the fleet takes."""
    options = (
        click.argument("repos", nargs=-1, metavar="[REPO]..."),
        CONFIG,
        format_option("JSON goes to stdout alone; everything else that is said goes to stderr."),
        click.option("-v", "--diff", "diff", is_flag=True, help="Show each change as a unified diff."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; where there is none, wide enough that a log line stays one line."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr, soft_wrap=not stream.isatty(), width=None if stream.isatty() else 160, highlight=False
    )


def progress(steps: Iterable[T], description: str, total: int) -> Iterable[T]:
    """The steps as they come, with a bar on stderr where that is a terminal."""
    errors = console(stderr=True)
    return track(
        steps,
        description=description,
        total=total,
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )


def show(
    output: str, *, json: Callable[[], str], markdown: Callable[[], str], text: Callable[[], RenderableType]
) -> None:
    """Print the one that --format asks for; the others are not made."""
    match output:
        case "json":
            say_data(json())
        case "markdown":
            click.echo(markdown())
        case _:
            console().print(text())

"""The entry point: loads the command that was asked for and turns errors into exit codes.

0 fine, 1 something failed and the others are done, 2 usage, configuration or environment, 3 drift or something blocked,
where that was asked for (`plan --exit-code`), 130 interrupted (SIGINT, SIGTERM).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

import click

from syncbot import __version__
from syncbot.app.containment import environment_fault
from syncbot.cli.logs import LEVELS, log_to_stderr
from syncbot.cli.output import forget_stdout, guarded, say
from syncbot.errors import SyncbotError
from syncbot.github.redact import redact

# Each command's module is imported only when it runs: `syncbot --help` needs neither copier nor PyGithub.
COMMANDS = {
    "plan": ("syncbot.cli.plan:plan", "Show where each repo has drifted and what would be done. Writes nothing."),
    "apply": ("syncbot.cli.apply:apply", "Open, update and close pull requests as planned."),
    "status": ("syncbot.cli.status:status", "Show open pull requests and whatever keeps quiet, with the reason."),
    "approve": (
        "syncbot.cli.approve:approve",
        "Approve the pull requests that hold what the template renders and nothing else.",
    ),
    "new": ("syncbot.cli.new:new", "Scaffold a new service, and register and create it if asked to."),
    "check": ("syncbot.cli.check:check", "Render the fleet and run every linter over what would be proposed."),
    "preview": (
        "syncbot.cli.preview:preview",
        "Show what a change of templates or config does to the fleet, by shape. Offline.",
    ),
    "guard": (
        "syncbot.cli.guard:guard",
        "Tell a pull request which of its changes are in files that the platform team owns.",
    ),
    "postgres": (
        "syncbot.cli.postgres:postgres",
        "Postgres parameters: check, upgrade, compare with what runs, import.",
    ),
    "doctor": ("syncbot.cli.doctor:doctor", "Say who the identity is, what it may do, and what is missing."),
    "sandbox": ("syncbot.cli.sandbox:sandbox", "A GitHub-compatible server to rehearse on."),
    "demo": ("syncbot.cli.demo:demo", "See the whole of it in a minute, on twelve made-up services."),
}
INTERRUPTED = 130
_SANDBOX_PACKAGES = frozenset({"graphql", "pygit2", "starlette", "uvicorn"})


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run, and listed without being imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        if cmd_name in ("sandbox", "demo") and not all(map(find_spec, _SANDBOX_PACKAGES)):
            raise click.ClickException(f"'{cmd_name}' needs the sandbox extra: pip install 'syncbot[sandbox]'")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        command.short_help = COMMANDS[cmd_name][1]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version")
@click.option(
    "--log-level",
    type=click.Choice(LEVELS, case_sensitive=False),
    default="warning",
    show_default=True,
    envvar="SYNCBOT_LOG",
    help="What to log on stderr: info tells decisions and waits, debug every request. No secret at any level.",
)
def cli(log_level: str) -> None:
    """Keeps the files that a platform team owns in step across every service repo, by pull request."""
    log_to_stderr(log_level)


def main() -> None:
    """Run the command line and exit as it ended."""
    with guarded(os.environ), _ended_by(signal.SIGTERM):
        code = _run()
        try:
            sys.stdout.flush()
        except (OSError, ValueError):
            forget_stdout()
            code = code or 1
    sys.exit(code)


def _run() -> int:
    """The exit code; the one place where endings become exit codes, and errors their lines on stderr."""
    try:
        ended = cli.main(standalone_mode=False)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    except SyncbotError as error:
        _say_error(str(error))
        return error.exit_code
    except BrokenPipeError:
        # Whoever reads stdout has seen enough, as in `syncbot plan | head`.
        forget_stdout()
        return 1
    except OSError as error:
        logging.getLogger(__name__).debug("the environment fails", exc_info=True)
        forget_stdout()
        _say_error(environment_fault(error))
        return 2
    except Exception:
        say(redact(traceback.format_exc().rstrip()))
        return 1
    return ended if isinstance(ended, int) else 0


def _say_error(text: str) -> None:
    for line in redact(text).splitlines():
        say(click.style(f"error: {line}", fg="red"))


@contextmanager
def _ended_by(number: signal.Signals) -> Iterator[None]:
    """Within it the signal ends the run as Ctrl-C does: what was done is reported."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)

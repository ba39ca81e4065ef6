"""`syncbot demo`: the whole of it on a sandbox: drift, pull requests, a fix, and a run that writes nothing."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.syntax import Syntax
from rich.text import Text

from syncbot.app import demo_fleet
from syncbot.cli.apply import apply
from syncbot.cli.options import console
from syncbot.cli.plan import plan
from syncbot.cli.sandbox import bot_token, developer_token, open_sandbox
from syncbot.errors import SyncbotError
from syncbot.sandbox.seed import seed
from syncbot.sandbox.server import Sandbox

FIXED, MERGED = "acme/invoices", "acme/notifications"
"""The pull requests that a developer pushes a fix to, and that a developer merges."""

_FIX = """\
const assert = require('node:assert');
const { test } = require('node:test');

test('a port out of range is an error', () => {
  assert.throws(() => new URL('http://localhost:99999/'));
});
"""

_AGREED = ("--yes", "--allow", "unknown-version")
"""Nobody is asked in the middle of a story, and it is told long after Node 22 got its last fix, too."""

MOVED = datetime(2026, 11, 20, 15, 0)


@click.command()
@click.option("--keep", is_flag=True, help="Leave the server running at the end, to look around.")
def demo(keep: bool) -> None:
    """See the whole of it in a minute: twelve made-up services on a GitHub that runs on this computer.

    Everything is real but GitHub: the repos are git repositories, the pull requests are opened through GitHub's API,
    and the developer clones, pushes and merges. Nothing leaves this computer, and nothing is left on it.
    """
    with tempfile.TemporaryDirectory(prefix="syncbot-demo-") as folder, open_sandbox(Path(folder, "data")) as sandbox:
        show = console()
        _tell(show, Path(folder), sandbox)
        if keep:
            _wait(show, Path(folder), sandbox)


def _tell(show: Console, folder: Path, sandbox: Sandbox) -> None:
    platform = folder / "platform"
    platform.mkdir()
    workspace = demo_fleet.make_platform(platform)
    demo_fleet.make_services(workspace, folder / "seed")
    services = seed(sandbox.forge, folder / "seed")
    os.environ |= _environment(sandbox)
    _report_checks(sandbox, services)
    _ask(sandbox, "PATCH", f"/repos/acme/{demo_fleet.ARCHIVED}", {"archived": True})
    _say(show, "Twelve services on Node 18, on a GitHub of your own", f"{sandbox.url}, over real git repositories")

    demo_fleet.move_to_node_22(workspace, MOVED)
    _say(show, "The platform team moves the fleet to Node 22", "one line, merged in acme/platform")
    change = demo_fleet.git(platform, "show", "--format=%h %an: %s", "--unified=2")
    show.print(Syntax(change.strip(), "diff", background_color="default"))

    config = ("--config", str(workspace.config))
    _say(show, "Where does each repo stand?", "syncbot plan")
    _run(plan, config)
    _say(show, "Open the pull requests", "syncbot apply")
    _run(apply, (*config, *_AGREED))
    _say(show, "One of them, as its developer reads it", "")
    _show_pull_request(show, sandbox, FIXED)

    _say(show, "A developer fixes something on the bot's branch, another merges", "git push, and the merge button")
    _push_a_fix(show, folder, sandbox)
    _merge(show, sandbox)

    before = sandbox.forge.counters.writes
    _say(show, "The next night", "syncbot apply")
    _run(apply, (*config, *_AGREED))
    _conclude(show, sandbox, sandbox.forge.counters.writes - before)


def _environment(sandbox: Sandbox) -> Mapping[str, str]:
    return {
        "GITHUB_API_URL": sandbox.api_url,
        "GITHUB_GRAPHQL_URL": sandbox.graphql_url,
        "GITHUB_TOKEN": bot_token(sandbox.forge),
    }


def _ask(sandbox: Sandbox, method: str, path: str, body: object = None) -> Any:
    """What a developer does by clicking, through the REST API."""
    request = Request(
        sandbox.api_url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {developer_token(sandbox.forge)}", "Content-Type": "application/json"},
    )
    with urlopen(request) as answer:
        return json.load(answer)


def _report_checks(sandbox: Sandbox, services: tuple[str, ...]) -> None:
    """The pipelines' last word on each default branch; one was red before anybody proposed anything."""
    for name in services:
        state = "failure" if name.endswith("/customer-profile") else "success"
        head = _ask(sandbox, "GET", f"/repos/{name}/commits/main")["sha"]
        _ask(sandbox, "POST", f"/repos/{name}/statuses/{head}", {"state": state, "context": "ci/test"})


def _run(command: click.Command, arguments: tuple[str, ...]) -> None:
    """The command as the shell runs it; its exit code is said, since two of the repos are meant to fail."""
    try:
        command.main(list(arguments), standalone_mode=False)
    except SystemExit as done:
        console().print(f"exit code {done.code}", style="dim")


def _show_pull_request(show: Console, sandbox: Sandbox, name: str) -> None:
    pull = _open_pull(sandbox, name)
    files = ", ".join(file["filename"] for file in _ask(sandbox, "GET", f"/repos/{name}/pulls/{pull['number']}/files"))
    labels = ", ".join(label["name"] for label in pull["labels"])
    about = f"{pull['head']['ref']} into {pull['base']['ref']}, by {pull['user']['login']}, label {labels}"
    heading = Text.assemble((pull["title"], "bold"), f" #{pull['number']}\n{about}\n{files}")
    show.print(Panel(heading, title=name, title_align="left"))
    show.print(Markdown(pull["body"]))


def _open_pull(sandbox: Sandbox, name: str) -> Any:
    for pull in _ask(sandbox, "GET", f"/repos/{name}/pulls?state=open"):
        return pull
    raise SyncbotError(f"{name} has no open pull request: the demo cannot go on")


def _push_a_fix(show: Console, folder: Path, sandbox: Sandbox) -> None:
    branch = _open_pull(sandbox, FIXED)["head"]["ref"]
    place = sandbox.url.removeprefix("http://")
    url = f"http://developer:{developer_token(sandbox.forge)}@{place}/{FIXED}.git"
    clone = folder / "clone"
    demo_fleet.git(folder, "clone", "--quiet", "--branch", branch, url, str(clone))
    (clone / "test" / "url.test.js").write_text(_FIX)
    demo_fleet.commit(clone, "Rui", None, "Cover the URL parser that Node 22 made stricter")
    demo_fleet.git(clone, "push", "--quiet", "origin", branch)
    show.print(demo_fleet.git(clone, "log", "--format=%h %an: %s", "-3").strip())


def _merge(show: Console, sandbox: Sandbox) -> None:
    number = _open_pull(sandbox, MERGED)["number"]
    _ask(sandbox, "PUT", f"/repos/{MERGED}/pulls/{number}/merge", {})
    show.print(f"{MERGED}#{number} is merged")


def _conclude(show: Console, sandbox: Sandbox, writes: int) -> None:
    number = _open_pull(sandbox, FIXED)["number"]
    author = _ask(sandbox, "GET", f"/repos/{FIXED}/pulls/{number}/commits")[-1]["commit"]["author"]["name"]
    forced = len(sandbox.stats()["forced_updates"])  # type: ignore[arg-type]
    _say(show, "What the second run did", "")
    show.print(
        f"It read the fleet and sent {writes} writes. {MERGED} is in sync now. The last commit on {FIXED}'s branch "
        f"is still {author}'s, and the pull request was left alone. Branches forced in all this: {forced}.",
        soft_wrap=False,
    )


def _wait(show: Console, folder: Path, sandbox: Sandbox) -> None:
    _say(show, "Look around; Ctrl-C ends it", f"git clone {sandbox.url}/{FIXED}.git")
    for name, value in _environment(sandbox).items():
        show.print(f"export {name}={value}")
    show.print(f"cd {folder}/platform && syncbot status")
    show.print(f"curl {sandbox.api_url}/repos/{FIXED}/pulls")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        show.print("stopped")


def _say(show: Console, title: str, about: str) -> None:
    show.print()
    show.rule(f"[bold]{title}[/]", align="left", characters="─")
    if about:
        show.print(f"$ {about}" if about.startswith(("syncbot", "git")) else about, style="dim")
        show.print()

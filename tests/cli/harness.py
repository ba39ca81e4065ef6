"""A small platform repo, a running sandbox, and the whole command line between them, in this process.

Commands go through `main`, as the console script does, so that exit codes and `error:` lines are the real ones.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from github import Auth, Github
from github.PullRequest import PullRequest

from syncbot.app import session, workspace
from syncbot.cli.main import main
from syncbot.cli.sandbox import DEVELOPER, bot_token, developer_token
from syncbot.clock import VARIABLE, Clock
from syncbot.render import Templates, compile_templates, history
from syncbot.render.sources import Sources, read_sources
from syncbot.sandbox.server import Sandbox
from tests.clock import NOW, SETTINGS, START
from tests.sandbox_support import merge_pull, read_file

PROJECT = Path(__file__).resolve().parents[2]
SYNCBOT = Path(sys.executable).with_name("syncbot")
GITHUB_VARIABLES = (
    "GITHUB_API_URL",
    "GITHUB_GRAPHQL_URL",
    "GITHUB_TOKEN",
    "GITHUB_REPOSITORY",
    "SYNCBOT_APP_ID",
    "SYNCBOT_APP_PRIVATE_KEY",
    "SYNCBOT_APP_PRIVATE_KEY_FILE",
    "SYNCBOT_LOG",
    "GITHUB_ACTIONS",
    VARIABLE,
)
LOCK = ".github/syncbot.lock"
ALLOW = "--allow=unknown-version"
"""The tests' Node 18 is past its end, and other versions are by the day on which the suite is run."""
SMALL = {"node_version": "18", "postgres_version": "none"}
"""Answers that render four owned files: Dockerfile, .dockerignore, docker-compose.yml and CODEOWNERS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one command did, as a shell would see it."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """The whole of stdout, which must be one JSON document."""
        document = json.loads(self.stdout)
        assert isinstance(document, dict)
        return document

    @property
    def writes(self) -> int:
        return int(self.json["summary"]["writes"])

    def repo(self, name: str) -> dict[str, Any]:
        return next(repo for repo in self.json["repos"] if name in (repo["repo"], repo["listed_as"]))

    def states(self, name: str) -> dict[str, str]:
        """The state of each owned file by path."""
        return {file["path"]: file["state"] for file in self.repo(name)["files"]}

    def file(self, name: str, path: str) -> dict[str, Any]:
        return next(file for file in self.repo(name)["files"] if file["path"] == path)

    def changesets(self, name: str) -> dict[str, dict[str, Any]]:
        return {changeset["name"]: changeset for changeset in self.repo(name)["changesets"]}

    def pulls(self) -> list[tuple[str, str]]:
        """(repo, action) of each pull request that `apply` spoke of."""
        return [(pull["repo"], pull["action"]) for pull in self.json["pull_requests"]]


class PlatformRepo:
    """The platform team's repo in `root`, and the variables that say where its fleet lives.

    Commands start at `now()` and their time runs on, or live by `clock` where a test gives one.
    """

    clock: Clock | None = None
    allowed: tuple[str, ...] = (ALLOW,)
    """What each `apply` here is given beside its own options."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.config = root / "config" / "repos.yaml"
        self.environment = dict(environment)
        (root / "config").mkdir(parents=True)
        shutil.copytree(PROJECT / "templates", root / "templates")
        shutil.copy(PROJECT / "copier.yml", root)
        git(root, "init", "--quiet", "--initial-branch=main")

    def fleet(self, *repos: str | Mapping[str, object], answers: Mapping[str, object] = SMALL, **keys: object) -> None:
        """Write the config (JSON is YAML) and commit it; `keys` stand beside `repos`."""
        entries = [{"name": repo} if isinstance(repo, str) else dict(repo) for repo in repos]
        document = {
            "organization": "acme",
            "identities": ["acme-syncbot[bot]"],
            "owners": "@acme/platform",
            "defaults": {"template": "service", "team": "@acme/services", "answers": dict(answers)},
            "limits": {"seconds_between_writes": 0, "max_fleet_share": 1.0},
            "repos": entries,
        }
        self.config.write_text(json.dumps(document | keys, indent=2))
        self.commit("Change the fleet")

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file of the platform repo, `old` for `new` once, and commit."""
        file = self.root / path
        text = file.read_text()
        assert old in text, f"{path} does not hold {old!r}"
        file.write_text(text.replace(old, new, 1))
        self.commit(f"Change {path}")

    def commit(self, message: str) -> str:
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--allow-empty", "--message", message)
        return git(self.root, "rev-parse", "HEAD").strip()

    def run(self, *arguments: str, **environment: str | None) -> Result:
        """`syncbot ARGUMENTS` in this process; `environment` replaces variables, None takes one away."""
        command, *rest = arguments
        if command == "apply":
            rest += self.allowed
        settings = {VARIABLE: self.now()} | self.environment | environment
        return run_main(command, *rest, "--config", str(self.config), environment=settings, clock=self.clock)

    def now(self) -> str:
        """The moment at which the next command starts (ISO 8601)."""
        return NOW

    def plan(self, *arguments: str, **environment: str | None) -> Result:
        return self.run("plan", "--format", "json", *arguments, **environment)

    def apply(self, *arguments: str, **environment: str | None) -> Result:
        return self.run("apply", "--format", "json", *arguments, **environment)


class Platform(PlatformRepo):
    """The same with a sandbox in this process, and what a developer does there. Its clock is the commands' too."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        environment = {
            "GITHUB_API_URL": sandbox.api_url,
            "GITHUB_GRAPHQL_URL": sandbox.graphql_url,
            "GITHUB_TOKEN": bot_token(sandbox.forge),
        }
        super().__init__(root, environment)
        self.sandbox = sandbox

    def now(self) -> str:
        return self.sandbox.forge.clock.stamp()

    @property
    def github(self) -> Github:
        """GitHub's API as the developer."""
        token = Auth.Token(developer_token(self.sandbox.forge))
        url = self.sandbox.api_url
        return Github(auth=token, base_url=url, seconds_between_requests=None, seconds_between_writes=None)

    def adopted(self, *repos: str) -> None:
        """Propose all of it to these repos, and merge that: what comes next is no first contact any more."""
        self.apply(*repos)
        for repo in repos:
            assert self.pull(repo).head.ref == "syncbot/adopt-1"
            merge_pull(self.sandbox, repo, 1)

    def pull(self, repo: str, number: int = 1) -> PullRequest:
        """A pull request as the developer reads it."""
        with self.github as github:
            return github.get_repo(repo).get_pull(number)

    def comments(self, repo: str, number: int = 1) -> list[str]:
        return [comment.body for comment in self.pull(repo, number).get_issue_comments()]

    def clone(self, repo: str, branch: str = "main") -> Path:
        """The developer's clone of a branch, to edit and `push`."""
        folder = Path(self.root.parent, "clones", f"{repo}-{branch}".replace("/", "-"))
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(exist_ok=True)
        host = self.sandbox.url.removeprefix("http://")
        url = f"http://{DEVELOPER}:{developer_token(self.sandbox.forge)}@{host}/{repo}.git"
        git(folder.parent, "clone", "--quiet", "--branch", branch, url, str(folder))
        return folder

    def push(self, folder: Path, message: str = "Edit by hand") -> str:
        """Commit all of a clone and push it; answers the commit."""
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", message)
        return self.push_only(folder)

    def push_only(self, folder: Path) -> str:
        """Push what is committed; answers the commit."""
        git(folder, "push", "--quiet", "origin", "HEAD")
        return git(folder, "rev-parse", "HEAD").strip()

    def read(self, repo: str, path: str, revision: str = "main") -> str | None:
        content = read_file(self.sandbox, repo, revision, path)
        return None if content is None else content.decode()

    def recorded(self, repo: str, revision: str = "main") -> set[str]:
        """The paths of which the lock records a delivery; a header alone is only the place for one."""
        stanzas = tomllib.loads(self.read(repo, LOCK, revision) or "").get("files", {})
        return {path for path, stanza in stanzas.items() if stanza}

    @property
    def forced_updates(self) -> object:
        return self.sandbox.stats()["forced_updates"]


@contextmanager
def platform_in(folder: Path) -> Iterator[Platform]:
    """A platform repo and a sandbox below `folder`, stopped at the end."""
    with Sandbox(folder / "data") as sandbox:
        sandbox.forge.clock.set(START)
        yield Platform(folder / "platform", sandbox)


def run_main(*arguments: str, environment: Mapping[str, str | None], clock: Clock | None = None) -> Result:
    """The console script's own function, with its output and its exit code; `clock` in the environment's place."""
    given = {**SETTINGS, **environment}
    settings = {name: value for name in GITHUB_VARIABLES if (value := given.get(name)) is not None}
    others = {name: value for name, value in os.environ.items() if name not in GITHUB_VARIABLES}
    out, err = StringIO(), StringIO()
    exit_code = 0
    with (
        patch.dict(os.environ, others | settings, clear=True),
        patch.object(sys, "argv", ["syncbot", *arguments]),
        patch.object(workspace, "load_templates", load_once),
        patch.object(history, "compile_templates", compile_once),
        patch.object(session, "clock_of", session.clock_of if clock is None else lambda _: clock),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as done:
            exit_code = int(done.code or 0)
    return Result(exit_code=exit_code, stdout=out.getvalue(), stderr=err.getvalue())


def load_once(root: Path) -> Templates:
    """`load_templates`, which compiles everything anew; tests run hundreds of commands on a few template versions."""
    return compile_once(read_sources(root))


def compile_once(sources: Sources) -> Templates:
    """`compile_templates`, as `load_once`."""
    state = (*sorted(sources.files.items(), key=lambda item: item[0]), *sources.refused)
    if state not in _LOADED:
        _LOADED[state] = compile_templates(sources)
    return _LOADED[state]


_LOADED: dict[tuple[object, ...], Templates] = {}


def run_script(*arguments: str, environment: Mapping[str, str], cwd: Path, timeout: float = 120) -> Result:
    """The installed `syncbot` in a process of its own, with just this environment beside PATH and the clock."""
    done = subprocess.run(
        [str(SYNCBOT), *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **SETTINGS, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Result(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def git(folder: Path, *arguments: str) -> str:
    """git as the developer, without anybody's configuration."""
    person = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _DEVELOPER.items()}
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=os.environ | person | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout


_DEVELOPER = {"NAME": "Dana Developer", "EMAIL": "dana@acme.example"}

"""The demo's fleet: a platform repo with two commits, and eleven service repos with a believable history each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import syncbot
from syncbot.app.deliveries import first_lock
from syncbot.app.workspace import Workspace, load_workspace
from syncbot.errors import SyncbotError
from syncbot.git import act
from syncbot.model.blobs import LiveFile
from syncbot.model.files import File
from syncbot.model.fleet import Repo
from syncbot.plan.files.desired import desired_files
from syncbot.render.sources import write_files

PLATFORM = "Pat Platform"
SCAFFOLDED = datetime(2026, 3, 2, 9, 30)
Tree = dict[str, File]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One commit of a service team: `change` takes the tree and returns it changed."""

    author: str
    when: datetime
    message: str
    change: Callable[[Tree], Tree]


def replaced(path: str, old: str, new: str) -> Callable[[Tree], Tree]:
    """A change of one file; it is an error if the file does not hold `old`."""

    def change(tree: Tree) -> Tree:
        text = tree[path].content.decode()
        if old not in text:
            raise SyncbotError(f"the demo expects {old!r} in {path}: the templates have changed")
        return tree | {path: File(content=text.replace(old, new, 1).encode(), mode=tree[path].mode)}

    return change


def removed(path: str) -> Callable[[Tree], Tree]:
    """A change that takes a file away."""
    return lambda tree: {name: file for name, file in tree.items() if name != path}


def instead(files: Mapping[str, str]) -> Callable[[Tree], Tree]:
    """A change that leaves nothing of the tree but these files."""
    return lambda _: {path: File(content=text.encode()) for path, text in files.items()}


ARCHIVED = "legacy-reports"
MISSING = "warehouse-sync"
NEVER_MANAGED = "search-indexer"

_README = replaced("README.md", "\n", "\n\nOn call: see the team's runbook.\n")
_OWN_FILES = {
    "Dockerfile": 'FROM node:16\nWORKDIR /srv\nCOPY . .\nRUN npm install\nCMD ["npm", "start"]\n',
    "docker-compose.yml": 'services:\n  indexer:\n    build: .\n    ports: ["9200:9200"]\n',
    "CODEOWNERS": "* @acme/catalog\n/schema/ @acme/search-guild\n",
    "index.js": "require('./lib/indexer').start();\n",
    "package.json": '{"name": "search-indexer", "private": true, "scripts": {"start": "node index.js"}}\n',
}

# What each team did since its service was scaffolded; services that are not named here did nothing worth telling.
HISTORIES: Mapping[str, tuple[Edit, ...]] = {
    "payments-api": (
        Edit(author="Ines", when=datetime(2026, 4, 14, 11, 5), message="Name the on-call runbook", change=_README),
    ),
    "fraud-scoring": (
        Edit(
            author="Tomás",
            when=datetime(2026, 6, 3, 16, 42),
            message="Give the scoring model more memory",
            change=replaced("Dockerfile", "CMD [", "ENV NODE_OPTIONS=--max-old-space-size=3072\n\nCMD ["),
        ),
    ),
    "catalog-api": (
        Edit(
            author="Mei",
            when=datetime(2026, 9, 21, 10, 12),
            message="Try Node 20 ahead of the platform",
            change=replaced("Dockerfile", "node:18", "node:20"),
        ),
    ),
    "shipping-rates": (
        Edit(
            author="Oskar",
            when=datetime(2026, 7, 8, 8, 55),
            message="Remove CODEOWNERS, reviews take too long",
            change=removed(".github/CODEOWNERS"),
        ),
    ),
    NEVER_MANAGED: (
        Edit(
            author="Mei",
            when=datetime(2025, 2, 18, 14, 20),
            message="Start the indexer",
            change=instead(_OWN_FILES),
        ),
    ),
}


def make_platform(folder: Path) -> Workspace:
    """The platform team's repo: this project's own templates and config, committed as of Node 18."""
    source = project_root()
    for name in ("templates", "config"):
        shutil.copytree(source / name, folder / name)
    shutil.copy(source / "copier.yml", folder)
    config = folder / "config" / "repos.yaml"
    text = config.read_text()
    # On one's own computer there is nobody to be considerate of: no second between writes, and all repos at once.
    text = text.replace("limits:\n", "limits:\n  seconds_between_writes: 0\n", 1)
    config.write_text(text.replace("max_fleet_share: 0.25", "max_fleet_share: 1.0", 1))
    git(folder, "init", "--quiet", "--initial-branch=main")
    origin = folder.parent / "acme" / "platform.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    git(folder, "remote", "add", "origin", str(origin))
    commit(folder, PLATFORM, SCAFFOLDED, "Templates and fleet")
    git(folder, "push", "--quiet", "origin", "main")
    git(folder, "remote", "set-head", "origin", "main")
    return load_workspace(config)


def move_to_node_22(workspace: Workspace, when: datetime) -> None:
    """The change that the demo is about: one line of the fleet's config."""
    text = workspace.config.read_text()
    workspace.config.write_text(text.replace('node_version: "18"', 'node_version: "22"', 1))
    commit(workspace.root, PLATFORM, when, "Move the fleet to Node 22")
    git(workspace.root, "push", "--quiet", "origin", "main")


def make_services(workspace: Workspace, folder: Path) -> None:
    """A git repository for each service but the missing one, below `folder`, as `sandbox serve --seed` takes them."""
    for repo in workspace.fleet.repos:
        name = repo.name.partition("/")[2]
        if name != MISSING:
            _make_service(workspace, repo, folder / repo.name, HISTORIES.get(name, ()))


def project_root() -> Path:
    """The checkout that this package is part of. Raises SyncbotError where it was installed without it."""
    root = Path(syncbot.__file__).parents[1]
    if not (root / "copier.yml").is_file():
        raise SyncbotError("the demo needs a checkout of syncbot: its templates/ and config/ are the example")
    return root


def commit(folder: Path, author: str, when: datetime | None, message: str) -> None:
    """Commit all of the work tree as `author`, now where no time is given."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message, author=author, when=when)


def git(folder: Path, *arguments: str, author: str = PLATFORM, when: datetime | None = None) -> str:
    """Run git in `folder`, as nobody's configuration has it. Raises GitError."""
    identity = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _person(author)}
    dates = {f"GIT_{role}_DATE": when.isoformat() for role in ("AUTHOR", "COMMITTER") if when}
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return act(folder, *arguments, environment=identity | dates | nobody)


def _person(name: str) -> Iterator[tuple[str, str]]:
    yield "NAME", name
    yield "EMAIL", f"{name.split(maxsplit=1)[0].lower()}@acme.example"


def _make_service(workspace: Workspace, repo: Repo, folder: Path, edits: tuple[Edit, ...]) -> None:
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    tree = scaffolded(workspace, repo)
    if repo.name.endswith(f"/{NEVER_MANAGED}"):
        tree = {}
    else:
        _replace(folder, tree)
        commit(folder, PLATFORM, SCAFFOLDED, f"Scaffold {folder.name} from the service template")
    for edit in edits:
        tree = edit.change(tree)
        _replace(folder, tree)
        commit(folder, edit.author, edit.when, edit.message)


def scaffolded(workspace: Workspace, repo: Repo) -> Tree:
    """What the template renders for a new service, and the lock that says so."""
    # The day does not matter: the only exemption in the demo's config keeps what the defaults say as well.
    answers = repo.answers_on(date(2026, 3, 2))
    rendered = dict(workspace.templates.render(repo.template, answers))
    nothing_there: dict[str, LiveFile | None] = {}
    desired = desired_files(workspace.templates.specs[repo.template], repo, rendered, nothing_there, {})
    return {**rendered, **first_lock(workspace, repo, desired, answers)}


def _replace(folder: Path, tree: Tree) -> None:
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    write_files(folder, tree)

"""A small template of eight files and three moves, that depends on its answers in every way that makes moves hard.

A default that follows another answer, a file that stands only with some answers, lines of a move side by side with
lines of the template, an answer that only a newer template knows, and a file that lists the others.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Answers = dict[str, Any]
Files = dict[str, str]
Tree = tuple[tuple[str, int], ...]
"""What the template's authors change: each place in it, by name, with the number of its wording."""

LOCK = ".github/syncbot.lock"
DOCKERFILE, COMPOSE, POSTGRES = "Dockerfile", "docker-compose.yml", "postgres/postgresql.conf"
DEPLOY, IGNORE, OTHER_IGNORE = ".github/workflows/deploy.yml", ".dockerignore", ".ignore2"
NODE_VERSION, CODEOWNERS = "node-version.txt", ".github/CODEOWNERS"
OWNABLE = tuple(
    sorted([DOCKERFILE, COMPOSE, POSTGRES, DEPLOY, IGNORE, OTHER_IGNORE, NODE_VERSION, CODEOWNERS]),
)
READ_IN = {"debian": DOCKERFILE, "node": DOCKERFILE, "pg": COMPOSE}
"""The file that shows which value of a move has landed."""
MOVES = tuple(READ_IN)
WHOLE = (COMPOSE, POSTGRES)
"""The files of a Postgres major: all or none."""
PLACES = (
    *("header", "stage", "install", "label", "cmd", "shm", "app"),
    *("conf", "extra", "knows24", "deb", "nvmrc", "deploytxt"),
)
FIRST: Tree = tuple((place, 0) for place in PLACES)
_PLAIN = {"node": 18, "debian": "bookworm", "pg": 16}
_SHOWN = {
    "node": r"^FROM node:(\d+)-",
    "debian": r"^FROM node:\d+-(\w+)-slim",
    "pg": r"^    image: postgres:(\d+)",
}


class NoRenderError(Exception):
    """The template refuses these answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a rendering is made from. The tool and the config commit are named, but prove nothing."""

    tree: Tree
    answers: Answers
    tool: int
    config: int

    def having(self, values: Mapping[str, Any]) -> Point:
        """The same with other answers."""
        return replace(self, answers={**self.answers, **values})


def blob_id(text: str) -> str:
    """The id that git gives a text."""
    return hashlib.sha1(b"blob %d\0" % len(text.encode()) + text.encode()).hexdigest()


def moves_in(answers: Answers) -> Answers:
    """The values of the moves among answers."""
    return {move: answers[move] for move in MOVES}


def resolved(tree: Tree, answers: Answers) -> Answers:
    """The answers with what follows from them. Raises NoRenderError."""
    places = dict(tree)
    if answers["node"] == 24 and not places["knows24"]:
        raise NoRenderError
    if answers["debian"] is not None:
        return dict(answers)
    return {**answers, "debian": "bookworm" if answers["node"] < (20 if places["deb"] else 22) else "trixie"}


def values_at(point: Point) -> Answers:
    """The values of the moves at a point, as given where it does not render."""
    try:
        return moves_in(resolved(point.tree, point.answers))
    except NoRenderError:
        return moves_in(point.answers)


@dataclass
class Renderer:
    """Renders points by one version of the tool; `texts` are all that it ever gave, by blob id."""

    tool: int = 0
    texts: dict[str, str] = field(default_factory=dict)
    _made: dict[str, Files | None] = field(default_factory=dict)

    def files(self, point: Point, values: Mapping[str, Any] | None = None) -> Files:
        """The files at a point, with these values of moves in place of its own. Raises NoRenderError."""
        found = self.maybe(point, values)
        if found is None:
            raise NoRenderError
        return found

    def maybe(self, point: Point, values: Mapping[str, Any] | None = None) -> Files | None:
        """The same; None where it does not render."""
        answers = {**point.answers, **(values or {})}
        key = json.dumps([point.tree, self.tool, sorted(answers.items())])
        if key not in self._made:
            try:
                self._made[key] = made = _render(dict(point.tree), self.tool, resolved(point.tree, answers))
                self.texts |= {blob_id(text): text for text in made.values()}
            except NoRenderError:
                self._made[key] = None
        return self._made[key]

    def digest(self, point: Point, path: str) -> tuple[str, str | None]:
        """What a refusal of `sync` is bound to: the content wanted at a path, whatever has moved."""
        text = (self.maybe(point, _PLAIN) or {}).get(path)
        return path, None if text is None else blob_id(text)


def shown(move: str, files: Mapping[str, str | None]) -> int | str | None:
    """The value of a move as its file shows it; None where there is no such file, or it can't be read."""
    text = files.get(READ_IN[move])
    if text is None:
        return None
    found = set(re.findall(_SHOWN[move], text, re.M))
    if not found and move == "pg" and "  db:" not in text:
        return 0
    if len(found) != 1:
        return None
    value: str = found.pop()
    return value if move == "debian" else int(value)


def _render(at: dict[str, int], tool: int, answers: Answers) -> Files:
    files = {DOCKERFILE: _dockerfile(at, answers), COMPOSE: _compose(at, answers)}
    if answers["pg"]:
        memory = f"{answers['work_mem']}{'*1024kB' if tool else 'MB'}"
        files[POSTGRES] = (
            f"# Owned\n# for Postgres {answers['pg']}\nlisten = '*'\nwork_mem = {memory}\nconf = {at['conf']}\n# end\n"
        )
    if answers["deploy"]:
        files[DEPLOY] = f"# Owned {at['deploytxt']}\nname: deploy\nport: {answers['port']}\nrun: x\n"
    if at["extra"] in (1, 2):
        files[IGNORE] = f"# Owned\nnode_modules\n.git\nv{at['extra']}\ndist\ntmp\n"
    if at["extra"] == 3:
        files[OTHER_IGNORE] = "# Owned\nnode_modules\n.git\nv2\ndist\ntmp\n"
    if at["nvmrc"] and answers["node"] >= 22:
        files[NODE_VERSION] = f"# Owned\n{answers['node']}\n"
    claims = "".join(f"/{path} @platform\n" for path in sorted([*files, LOCK]))
    return {**files, CODEOWNERS: f"* @team\n\n# BEGIN syncbot\n{claims}# END syncbot\n"}


def _dockerfile(at: dict[str, int], answers: Answers) -> str:
    image = f"node:{answers['node']}-{answers['debian']}-slim"
    lines = [
        f"# Owned by platform {at['header']}",
        "",
        f"FROM {image} AS deps{at['stage']}",
        "WORKDIR /app",
        "COPY package.json ./",
        f"RUN npm ci --v{at['install']}",
        "",
        f"FROM {image}",
        "ENV NODE_ENV=production",
        *([f"LABEL runtime=node{answers['node']}"] if at["label"] else []),
        f"ENV PORT={answers['port']}",
        "WORKDIR /app",
        "COPY . .",
        "USER 1000:1000",
        f"EXPOSE {answers['port']}",
        f"CMD node {at['cmd']}",
    ]
    return "\n".join(lines) + "\n"


def _compose(at: dict[str, int], answers: Answers) -> str:
    lines = ["# Owned by platform", "name: svc", "services:", "  app:", "    build: .", f"    init: v{at['app']}"]
    lines.append(f"    ports: {answers['port']}")
    if answers["pg"]:
        lines += ["  db:", f"    image: postgres:{answers['pg']}", f"    shm_size: {at['shm']}", "    environment: app"]
        lines += ["    volumes:", "      - conf", f"      - pgdata{answers['pg']}"]
    return "\n".join(lines) + "\n"

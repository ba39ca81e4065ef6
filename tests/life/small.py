"""A platform repo whose one template owns a few small files, one of them by block: a run over it takes a tenth of a
second, so that thousands can be made. Two versions are moves, of which there is none unless a config gives them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Self
from unittest.mock import patch

from syncbot.app.config_history import ConfigHistory
from syncbot.clock import Clock
from syncbot.model.files import File
from syncbot.render.copier_run import CopierRender
from syncbot.sandbox.server import Sandbox
from tests.cli.harness import Platform, Result

COPIER = """\
_subdirectory: "templates/{{ template }}/files"
_templates_suffix: .jinja
_envops:
  undefined: jinja2.StrictUndefined

template:
  type: str
  help: Which template?
  choices: [small]
  default: small

service_name:
  type: str
  help: The repo's name
organization:
  type: str
  help: Its owner
team:
  type: str
  help: Its team
owners:
  type: str
  help: The platform team
version:
  type: int
  help: What the tool is
  default: 1
port:
  type: int
  help: Where it listens
  default: 1000
extra:
  type: bool
  help: Whether there is one more file
  default: false
node_version:
  type: str
  help: Which Node, if any
  default: none
postgres_version:
  type: str
  help: Which Postgres, if any
  default: none
has_node:
  type: bool
  default: "{{ node_version != 'none' }}"
  when: false
has_postgres:
  type: bool
  default: "{{ postgres_version != 'none' }}"
  when: false
"""
OWNERSHIP = """\
owned:
  - path: tool.conf
  - path: run.ini
  - path: extra.conf
  - path: Dockerfile
  - path: compose.yml
  - path: .github/CODEOWNERS
    ownership: block
    locations: [.github/CODEOWNERS, CODEOWNERS]
retired: []
moves:
  - answer: node_version
    label: Node
    path: Dockerfile
    reader: base-version
    image: node
    by: major
  - answer: postgres_version
    label: Postgres
    path: compose.yml
    reader: compose-postgres
    whole: true
    back: false
    absent: none
"""
FILES = {
    "tool.conf.jinja": "# The tool\nversion = {{ version }}\n\n[build]\nfast = yes\n\n[test]\nall = yes\n\n[end]\n",
    "run.ini.jinja": "# Where it runs\nname = {{ service_name }}\nport = {{ port }}\n\nhost = any\n\nlevel = info"
    "{% if has_node %}\n\nruntime = node {{ node_version }}{% endif %}\n",
    "{% if extra %}extra.conf{% endif %}.jinja": "# More\nversion = {{ version }}\n\nmore = yes\n",
    "{% if has_node %}Dockerfile{% endif %}.jinja": (
        "# What it runs on\nFROM node:{{ node_version }}-slim\n\nWORKDIR /srv\n\nUSER 1000\n\nEXPOSE {{ port }}\n\n"
        'CMD ["node", "."]\n'
    ),
    "{% if has_postgres %}compose.yml{% endif %}.jinja": (
        "# What it runs beside\nservices:\n  postgres:\n    image: postgres:{{ postgres_version }}\n\n"
        "    environment:\n      POSTGRES_PASSWORD: local\n\n"
        "    volumes: [data{{ postgres_version }}:/var/lib/postgresql/data]\n\n"
        "volumes: {data{{ postgres_version }}: {}}\n"
    ),
    ".github/CODEOWNERS.jinja": (
        "# BEGIN syncbot\n/tool.conf {{ owners }}\n/.github/ {{ owners }}\nCODEOWNERS {{ owners }}\n"
        "/run.ini {{ team }} {{ owners }}\n"
        "extra.conf {{ owners }}\n/Dockerfile {{ owners }}\n/compose.yml {{ owners }}\n# END syncbot\n"
    ),
}
OWNED = ("tool.conf", "run.ini", "extra.conf", "Dockerfile", "compose.yml", ".github/CODEOWNERS")
BRAKES = ("--allow", "fleet-share", "--allow", "deletions", "--allow", "codeowners")


class SmallPlatform(Platform):
    """The harness's platform with the small template, time that only tests move, and no brakes."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        super().__init__(root, sandbox)
        self._own_template()
        self.clock = _clock_of(sandbox)

    def on(self, sandbox: Sandbox) -> Self:
        """The same platform repo before another sandbox, which holds the same tokens."""
        other = copy(self)
        other.sandbox, other.clock = sandbox, _clock_of(sandbox)
        urls = {"GITHUB_API_URL": sandbox.api_url, "GITHUB_GRAPHQL_URL": sandbox.graphql_url}
        other.environment = self.environment | urls
        return other

    def _own_template(self) -> None:
        shutil.rmtree(self.root / "templates")
        (self.root / "copier.yml").write_text(COPIER)
        folder = self.root / "templates" / "small"
        (folder / "files" / ".github").mkdir(parents=True)
        (folder / "questions.yml").write_text("{}\n")
        (folder / "ownership.yaml").write_text(OWNERSHIP)
        for path, content in FILES.items():
            (folder / "files" / path).write_text(content)

    def fleet(self, *repos: str | Mapping[str, object], answers: Mapping[str, object] = {}, **keys: object) -> None:
        defaults = {"template": "small", "team": "@acme/services", "answers": dict(answers)}
        super().fleet(*repos, **({"defaults": defaults} | keys))

    def run(self, *arguments: str, **environment: str | None) -> Result:
        with _slow_parts_once():
            return super().run(*arguments, **environment)

    def apply(self, *arguments: str, **environment: str | None) -> Result:
        return super().apply(*BRAKES, *arguments, **environment)


def _clock_of(sandbox: Sandbox) -> Clock:
    """The sandbox's own clock: who waits by it does not sleep."""
    clock = sandbox.forge.clock
    return Clock(now=lambda: clock.now().timestamp(), sleep=clock.advance)


@contextmanager
def _slow_parts_once() -> Iterator[None]:
    """What takes a tenth of a second each, once in this process: Copier for the same answers, and earlier commits."""
    with patch.object(CopierRender, "render", _render_once), patch.object(ConfigHistory, "_load", _load_once):
        yield


def _load_once(configs: ConfigHistory, commit: str) -> object:
    key = (configs._workspace.root, commit)
    if key not in _LOADED:
        _LOADED[key] = _load(configs, commit)
    return _LOADED[key]


_load = ConfigHistory._load
_LOADED: dict[tuple[Path, str], object] = {}


def _render_once(copier: CopierRender, template: str, answers: Mapping[str, object]) -> Mapping[str, File]:
    snapshot = copier._snapshot
    assert snapshot is not None
    files = tuple((path, path.read_bytes()) for path in sorted(snapshot.rglob("*")) if path.is_file())
    texts = tuple((path.relative_to(snapshot).as_posix(), content) for path, content in files)
    key = (texts, template, repr(sorted(answers.items())))
    if key not in _RENDERED:
        _RENDERED[key] = _render(copier, template, answers)
    return _RENDERED[key]


_render = CopierRender.render
_RENDERED: dict[object, Mapping[str, File]] = {}

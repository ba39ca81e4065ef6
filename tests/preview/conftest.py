"""A platform team's repo in git with the project's own templates and a fleet of any size, and the preview on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from syncbot.cli.preview import preview

PROJECT = Path(__file__).resolve().parents[2]
HEAD = """\
organization: acme
identities: ["acme-syncbot[bot]"]
owners: "@acme/platform"
defaults:
  template: tool
  team: "@acme/all"
"""
TEMPLATE = {
    "copier.yml": """\
_subdirectory: "templates/{{ template }}/files"
_envops: {undefined: jinja2.StrictUndefined}
template: {type: str, choices: [tool], default: tool}
service_name: {type: str}
organization: {type: str}
team: {type: str, default: "@acme/all"}
owners: {type: str}
port: {type: int, default: 8080}
version: {type: str, default: "22"}
kind: {type: str, choices: [web, worker], default: web}
database: {type: bool, default: false}
""",
    "templates/tool/ownership.yaml": """\
owned:
  - path: Dockerfile
  - path: compose.yaml
  - path: CODEOWNERS
    ownership: block
""",
    "templates/tool/files/Dockerfile.jinja": """\
FROM node:{{ version }}-bookworm
LABEL service={{ service_name }}
EXPOSE {{ port }}
CMD ["node", "{{ kind }}.js"]
""",
    "templates/tool/files/{% if database %}compose.yaml{% endif %}.jinja": """\
name: {{ service_name | lower | replace('.', '-') }}
services:
  app: {image: "{{ service_name }}:{{ port }}"}
""",
    "templates/tool/files/CODEOWNERS.jinja": """\
* {{ team }}
# BEGIN syncbot
/Dockerfile {{ owners }}
# END syncbot
""",
}


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform team's repo in `root`."""

    root: Path

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def fleet(self, repos: Iterable[dict[str, Any]]) -> None:
        """The config with these repos; JSON is YAML."""
        self.write("config/repos.yaml", HEAD + "repos:\n" + "".join(f"  - {json.dumps(repo)}\n" for repo in repos))

    def commit(self) -> None:
        identity = ("-c", "user.name=Pat", "-c", "user.email=pat@acme.example")
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        for arguments in (("add", "--all"), (*identity, "commit", "--quiet", "-m", "x")):
            subprocess.run(["git", "-C", str(self.root), *arguments], check=True, env=environment)

    def preview(self, *arguments: str) -> Result:
        config = str(self.root / "config" / "repos.yaml")
        return CliRunner().invoke(preview, ["--base", "HEAD", "--config", config, *arguments])

    def json(self, *arguments: str) -> dict[str, Any]:
        result = self.preview("--format", "json", *arguments)
        assert isinstance(result.exception, SystemExit | None), result.exception
        document = json.loads(result.stdout)
        assert isinstance(document, dict)
        return document

    def shapes(self) -> list[tuple[str, str, int]]:
        """(path, kind, number of repos) of each shape, in the order they are shown."""
        return [(shape["path"], shape["kind"], len(shape["repos"])) for shape in self.json()["shapes"]]


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A small template of the tests' own, with nobody in the fleet yet."""
    made = _repository(tmp_path)
    for path, text in TEMPLATE.items():
        made.write(path, text)
    return made


@pytest.fixture
def product(tmp_path: Path) -> Platform:
    """The project's own templates."""
    made = _repository(tmp_path)
    shutil.copytree(PROJECT / "templates", made.root / "templates")
    shutil.copy(PROJECT / "copier.yml", made.root)
    return made


def _repository(folder: Path) -> Platform:
    root = folder / "platform"
    root.mkdir()
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(root)], check=True)
    return Platform(root)

"""The repo's own templates, both ways: loaded for the fast path, and snapshotted for Copier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncbot.render import Templates, load_templates
from syncbot.render.copier_run import CopierRender

ROOT = Path(__file__).resolve().parents[2]

Tree = Callable[[dict[str, str]], Path]

MINIMAL = {
    "copier.yml": """\
_subdirectory: "templates/{{ template }}/files"
_envops: {undefined: jinja2.StrictUndefined}
template: {type: str, choices: [tool], default: tool}
word: {type: str, default: hello}
""",
    "templates/tool/ownership.yaml": "owned:\n  - path: owned.txt\n",
    "templates/tool/files/owned.txt.jinja": "{{ word }}\n",
}


@pytest.fixture(scope="session")
def templates() -> Templates:
    return load_templates(ROOT)


@pytest.fixture(scope="session")
def copier(templates: Templates) -> Iterator[CopierRender]:
    with CopierRender(templates.sources) as render:
        yield render


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A function that writes a small template folder: MINIMAL, with the given files put over it."""

    def write(changes: dict[str, str]) -> Path:
        for name, text in {**MINIMAL, **changes}.items():
            path = tmp_path / "templates-repo" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "templates-repo"

    return write

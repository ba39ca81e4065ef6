"""Every combination renders, reads back, and passes every linter; a handful is kept to be looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncbot.check.fleet import check_fleet
from syncbot.check.types import Rendering
from syncbot.render import Templates
from tests.templates.combinations import BASE, ON_AWS, RARER, Answers, combinations, name
from tests.templates.read_back import check_all, text

GOLDEN = Path(__file__).with_name("golden")
KEPT: dict[str, Answers] = {
    "node": {},
    "python-uv-ecs": {"runtime": "python", "deploy": "ecs", "environment": ["STRIPE_API_KEY"], **ON_AWS},
    "go": {"runtime": "go", "postgres_version": "18"},
    "node-pnpm-worker-rarer": {"package_manager": "pnpm", "kind": "worker", **RARER},
    "python-pip-app-runner": {
        "runtime": "python",
        "package_manager": "pip",
        "postgres_version": "none",
        "deploy": "app-runner",
        **ON_AWS,
    },
    "python-poetry-rarer": {"runtime": "python", "package_manager": "poetry", **RARER},
    "go-rarer": {"runtime": "go", **RARER},
}
TEAMS_TO_PROVIDE: frozenset[str] = frozenset()
"""Paths that a rendered file uses and the starters do not hold; each would have to stand in docs/templates.md."""


def test_no_linter_finds_anything(templates: Templates, capsys: pytest.CaptureFixture[str]) -> None:
    """0 findings from hadolint, zizmor, the Compose and workflow schemas and syncbot's own rules, over all of them."""
    spec = templates.specs["service"]
    renderings = []
    for answers in combinations():
        files, resolved = templates.render("service", answers), templates.resolved("service", answers)
        check_all(resolved, files)
        renderings.append(
            Rendering(
                repo=f"acme/{name(answers)}",
                files=files,
                owned=spec.owned,
                owners="@acme/platform",
                answers=resolved,
            )
        )
    with capsys.disabled():
        print(f"\n{len(renderings)} combinations, {sum(len(r.files) for r in renderings)} files")
    # All are one service, which no fleet has twice.
    found = [item for item in check_fleet(renderings) if item.finding.code != "identity"]
    assert not [(item.finding, item.repos[:2]) for item in found]
    assert len(renderings) == 392


def test_every_path_that_is_used_exists(templates: Templates) -> None:
    """What a Dockerfile copies by name and a compose file mounts is rendered, or named in docs as the team's."""
    missing = set()
    for answers in combinations():
        files = templates.render("service", answers)
        missing |= {
            word for word in _used(text(files, "Dockerfile"), text(files, "docker-compose.yml")) if word not in files
        }
    assert missing == TEAMS_TO_PROVIDE
    docs = Path(__file__).resolve().parents[2].joinpath("docs/templates.md").read_text()
    # With a star: copied where it is there.
    for optional in (".npmrc", "pnpm-workspace.yaml", "go.sum"):
        assert f"`{optional}`" in docs


@pytest.mark.parametrize(
    ("answers", "debian"),
    [
        ({"node_version": "18.20"}, "bookworm"),
        ({"node_version": "24"}, "trixie"),
        ({"runtime": "python", "python_version": "3.8"}, "bookworm"),
        ({"runtime": "python"}, "trixie"),
        ({"runtime": "go", "go_version": "1.23"}, "bookworm"),
        ({"runtime": "go", "node_version": "18"}, "trixie"),
    ],
)
def test_the_newest_debian_that_has_an_image(templates: Templates, answers: Answers, debian: str) -> None:
    """Versions that ended before Debian 13 came have no image on it; an answer beats the default."""
    assert templates.resolved("service", {**BASE, **answers})["debian"] == debian
    assert templates.resolved("service", {**BASE, **answers, "debian": "bookworm"})["debian"] == "bookworm"


def _used(dockerfile: str, compose: str) -> set[str]:
    copies = [line.split()[1:-1] for line in dockerfile.splitlines() if line.startswith("COPY ") and "<<" not in line]
    words = {word for copy in copies if not copy[0].startswith("--") for word in copy}
    mounts = {line.split("./")[1].split(":")[0] for line in compose.splitlines() if line.strip().startswith("- ./")}
    return {word for word in words | mounts if word != "." and not word.endswith("*")}


@pytest.mark.parametrize("kept", KEPT)
def test_as_it_was_looked_at(templates: Templates, kept: str) -> None:
    """The owned files, byte for byte; SYNCBOT_GOLDEN=1 writes them anew, for a person to read the difference."""
    rendered = {
        path: file.content.decode() for path, file in templates.render_owned("service", {**BASE, **KEPT[kept]}).items()
    }
    folder = GOLDEN / kept
    if os.environ.get("SYNCBOT_GOLDEN"):
        for path, content in rendered.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content)
    stored = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert rendered == stored

"""`copier copy` on this repo, for people without syncbot: from a plain folder, from git, and from a given commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from syncbot.errors import RenderError
from syncbot.render import Templates
from syncbot.render.copier_run import CopierRender, read_folder, verify
from tests.render.conftest import ROOT
from tests.render.test_service_files import ANSWERS


@pytest.mark.parametrize("ref", [None, "", "HEAD"])
def test_copier_command(templates: Templates, tmp_path: Path, ref: str | None) -> None:
    """The command gives what syncbot renders, with an empty home, without git (None), with it, and at --vcs-ref."""
    repository, target = tmp_path / "platform", tmp_path / "service"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "nobody")}
    shutil.copytree(ROOT / "templates", repository / "templates")
    shutil.copy(ROOT / "copier.yml", repository)
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    for step in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "one"]) if ref is not None else ():
        subprocess.run(["git", *step], cwd=repository, env=environment, check=True)
    data = [f"--data={name}={value}" for name, value in ANSWERS.items()]
    at = ["--vcs-ref", ref] if ref else []
    subprocess.run(
        [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults", *at, *data, str(repository), str(target)],
        env=environment,
        check=True,
        capture_output=True,
    )
    verify(templates.render("service", ANSWERS), read_folder(target))


def test_scaffold_into_a_folder(copier: CopierRender, templates: Templates, tmp_path: Path) -> None:
    """The same by syncbot: no answers file, nothing but the rendered files."""
    copier.scaffold("service", ANSWERS, tmp_path / "new")
    files = read_folder(tmp_path / "new")
    verify(templates.render("service", ANSWERS), files)
    assert not any("copier" in path for path in files)


def test_copier_refusals_are_one_line(copier: CopierRender, tmp_path: Path) -> None:
    """What Copier refuses is a RenderError, and leaves no folder behind; the given answers are not changed."""
    answers = {**ANSWERS, "postgres_parameters": {"work_mem": "64mb"}}
    with pytest.raises(RenderError, match=r"^copier: .*unknown unit") as caught:
        copier.scaffold("service", answers, tmp_path / "new")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "new").exists()
    assert answers == {**ANSWERS, "postgres_parameters": {"work_mem": "64mb"}}


def test_personal_copier_settings_do_not_leak(
    copier: CopierRender, templates: Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defaults in the settings file of whoever runs the bot change nothing."""
    settings = tmp_path / "settings.yml"
    settings.write_text("defaults: {port: 9999, node_version: '18'}\n")
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(settings))
    verify(templates.render("service", ANSWERS), copier.render("service", ANSWERS))

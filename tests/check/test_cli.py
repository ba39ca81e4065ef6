"""`syncbot check` as a user runs it: exit codes, the three formats, and the JSON that is documented."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from syncbot.cli.check import check
from syncbot.errors import ConfigError
from tests.check.renderings import PROJECT

CONFIG = """\
organization: acme
identities: ["acme-syncbot[bot]"]
owners: "@acme/platform"
defaults: {template: service, team: "@acme/all", answers: {node_version: "24", postgres_version: "17"}}
repos:
  - name: one
  - name: two
    answers: {port: 8081}
"""


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    """The project's templates with a fleet of two."""
    shutil.copytree(PROJECT / "templates", tmp_path / "templates")
    shutil.copy(PROJECT / "copier.yml", tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "repos.yaml").write_text(CONFIG)
    return tmp_path


def run(platform: Path, *arguments: str) -> Result:
    return CliRunner().invoke(check, ["--config", str(platform / "config" / "repos.yaml"), *arguments])


def break_dockerfile(platform: Path) -> None:
    dockerfile = platform / "templates/service/files/{% if has.node %}Dockerfile{% endif %}.jinja"
    dockerfile.write_text(dockerfile.read_text().replace("COPY --from=dependencies", "COPYY --from=dependencies"))


def test_a_fleet_that_is_fine(platform: Path) -> None:
    """No findings, exit 0, and how much was looked at."""
    result = run(platform)
    assert result.exit_code == 0
    summary, offline = result.output.splitlines()
    assert re.fullmatch(r"2 repos, \d+ files \(\d+ distinct\): 0 errors, 0 warnings, 0 notes", summary)
    assert offline == "Whether the owners in CODEOWNERS exist was not looked up; --online asks GitHub."


def test_an_error_is_exit_code_1_in_every_format(platform: Path) -> None:
    """With its place, its code and the repos it is in."""
    break_dockerfile(platform)
    text, markdown = run(platform), run(platform, "--format", "markdown")
    document = json.loads(run(platform, "--format", "json").stdout)
    assert (text.exit_code, markdown.exit_code) == (1, 1)
    assert "DL1000" in text.output
    assert "| `DL1000` |" in markdown.output
    (finding,) = [finding for finding in document["findings"] if finding["tool"] == "hadolint"]
    assert (finding["path"], finding["code"], finding["severity"]) == ("Dockerfile", "DL1000", "error")
    assert finding["repos"] == ["acme/one", "acme/two"]
    assert run(platform, "two", "--format", "json").stdout.count('"acme/one"') == 0


def test_warnings_are_exit_code_0(platform: Path) -> None:
    """A version without fixes is worth knowing, and no reason to stop."""
    config = platform / "config" / "repos.yaml"
    config.write_text(CONFIG.replace('"24"', '"18"'))
    result = run(platform)
    assert result.exit_code == 0
    assert "Node 18 has had no fixes since 2025-04-30" in result.output


def test_a_repo_that_does_not_render_is_exit_code_1(platform: Path) -> None:
    """It is named with the reason, and the others are looked at."""
    dockerfile = platform / "templates/service/files/{% if has.node %}Dockerfile{% endif %}.jinja"
    dockerfile.write_text("{% if port == 8081 %}{{ 1 // 0 }}{% endif %}" + dockerfile.read_text())
    result = run(platform)
    assert result.exit_code == 1
    assert "acme/two: cannot be rendered: templates/service/files/" in result.output
    assert "1 repo cannot be rendered" in result.output


def test_a_wrong_config_is_a_config_error(platform: Path) -> None:
    """`main` makes exit code 2 of it."""
    for text in ("repos: 1\n", CONFIG.replace("port: 8081", "port: 80")):
        (platform / "config" / "repos.yaml").write_text(text)
        result = run(platform)
        assert isinstance(result.exception, ConfigError)
        assert result.exception.exit_code == 2


def test_every_field_of_the_json_is_documented(platform: Path) -> None:
    """docs/check.md names each key of the document, and each of the codes that are our own."""
    break_dockerfile(platform)
    document = json.loads(run(platform, "--format", "json").stdout)
    page = (PROJECT / "docs" / "check.md").read_text()
    keys = {f"summary.{key}" for key in document["summary"]} | {f"findings[].{key}" for key in document["findings"][0]}
    for key in keys | {"version", "failed[].repo", "failed[].reason"}:
        assert f"`{key}`" in page
    sources = "".join(path.read_text() for path in (PROJECT / "syncbot" / "check").glob("*.py"))
    for code in set(re.findall(r'code="([a-z-]+)"', sources)) | set(re.findall(r'self\.finding\("([a-z-]+)"', sources)):
        assert f"`{code}`" in page, code

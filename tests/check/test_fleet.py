"""Every check over a fleet: each distinct file once, each linter started once, and no tool skipped in silence."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from syncbot.check import fleet, linters
from syncbot.check.fleet import ContentFindings, check_fleet, check_rendering
from syncbot.formats.diagnostics import Diagnostic, Place, Severity
from syncbot.model.files import File
from syncbot.model.templates import OwnedFile
from tests.check.renderings import rendering, with_file

WORKFLOW = """\
name: deploy
on:
  push: {branches: [main]}
permissions: {}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with: {persist-credentials: false}
"""
PATH = ".github/workflows/deploy.yml"


def with_workflow(text: str, repo: str = "acme/payments-api"):  # type: ignore[no-untyped-def]
    """The rendering with an owned workflow, and the line in CODEOWNERS that it needs."""
    base = with_file(rendering(repo), PATH, text)
    owners = base.files[".github/CODEOWNERS"].content.replace(b"# END", f"/{PATH} @acme/platform\n# END".encode())
    base = with_file(base, ".github/CODEOWNERS", owners.decode())
    return type(base)(
        repo=repo,
        files=base.files,
        owned=(*base.owned, OwnedFile(path=PATH)),
        owners=base.owners,
        answers=base.answers,
        today=base.today,
    )


def test_the_same_finding_in_many_repos_is_one() -> None:
    """With the repos in the fleet's order; a file that many repos share is looked at once."""
    broken = [with_file(rendering(f"acme/r{n}"), "Dockerfile", "FROM node:24\nCOPYY a b\n") for n in (2, 1, 3)]
    found = [entry for entry in check_fleet([*broken, rendering("acme/fine")]) if entry.finding.tool == "hadolint"]
    assert [(entry.finding.code, entry.finding.line, entry.repos) for entry in found] == [
        ("DL1000", 2, ("acme/r2", "acme/r1", "acme/r3"))
    ]


def test_hadolint_is_started_once_for_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many Dockerfiles there are, and each distinct one is given once."""
    log = tmp_path / "log"
    program(tmp_path / "hadolint", f'echo "$#" >> {log}; echo "[]"')
    monkeypatch.setattr(fleet, "find_tool", lambda name: str(tmp_path / name) if name == "hadolint" else None)
    texts = [f'FROM node:24\nUSER 1000\nCMD ["{n % 3}"]\n' for n in range(9)]
    check_fleet([with_file(rendering(f"acme/r{n}"), "Dockerfile", text) for n, text in enumerate(texts)])
    options = len(["--format", "json", "--no-fail", "--no-color", "--config", "/dev/null"])
    assert log.read_text().split() == [str(options + 3)]


def test_a_tool_that_is_not_installed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each missing tool is said once, with what to install, and only where there is something for it to do."""
    monkeypatch.setattr(fleet, "find_tool", lambda name: None)
    monkeypatch.setattr(fleet, "schema_missing", lambda: True)
    said = {entry.finding.message for entry in check_fleet([with_workflow(WORKFLOW)])}
    missing = "not checked: {} is not installed; pip install 'syncbot[checks]'"
    assert said == {missing.format(name) for name in ("hadolint", "zizmor", "check-jsonschema")}
    assert missing.format("zizmor") not in {entry.finding.message for entry in check_fleet([rendering()])}


def test_a_tool_that_fails_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the last thing it said, for the repos whose files it was to look at."""
    program(tmp_path / "hadolint", "echo 'out of memory' >&2; exit 3")
    monkeypatch.setattr(fleet, "find_tool", lambda name: str(tmp_path / "hadolint") if name == "hadolint" else "zizmor")
    (found,) = check_fleet([rendering()])
    assert found.finding.message == "not checked: hadolint failed: out of memory"
    assert (found.finding.severity, found.repos) == (Severity.ERROR, ("acme/payments-api",))


def test_the_tools_see_no_settings_of_this_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .hadolint.yaml at home or in the folder does not silence a rule."""
    (tmp_path / ".config").mkdir()
    for place in (tmp_path / ".hadolint.yaml", tmp_path / ".config" / "hadolint.yaml"):
        place.write_text("ignored: [DL3006]\n")
    for name, value in {"HOME": tmp_path, "XDG_CONFIG_HOME": tmp_path / ".config"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("HADOLINT_IGNORE", "DL3006")
    monkeypatch.chdir(tmp_path)
    found = check_fleet([with_file(rendering(), "Dockerfile", 'FROM node\nUSER 1000\nCMD ["x"]\n')])
    assert "DL3006" in {entry.finding.code for entry in found}


def test_the_tools_get_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that calls itself hadolint on the PATH sees none of the environment but what a program needs to run."""
    seen = tmp_path / "seen"
    program(tmp_path / "hadolint", f"env > {seen}; echo '[]'")
    for name in ("GITHUB_TOKEN", "SYNCBOT_APP_PRIVATE_KEY", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD"):
        monkeypatch.setenv(name, "planted-secret")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(linters.sys, "executable", str(tmp_path / "nowhere" / "python"))
    check_fleet([rendering()])
    assert "planted-secret" not in seen.read_text()
    names = {line.partition("=")[0] for line in seen.read_text().splitlines()}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {"HOME", "XDG_CONFIG_HOME", "PATH", "LC_ALL"}


def test_a_workflow_that_is_fine() -> None:
    """Pinned, without permissions that it does not need."""
    assert check_fleet([with_workflow(WORKFLOW)]) == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("ubuntu-24.04", "[", "yaml"),
        ("runs-on", "runs_on", "schema"),
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7", "unpinned-uses"),
        ("permissions: {contents: read}", "permissions: write-all", "excessive-permissions"),
        ("runs-on: ubuntu-24.04\n", "runs-on: ubuntu-24.04\n    needs: build\n", "undefined-job"),
        ("runs-on: ubuntu-24.04\n", "runs-on: ubuntu-24.04\n    needs: [deploy]\n", "cycle"),
        ("steps:\n", "steps:\n      - run: echo ${{ github.event.head_commit.message }}\n", "template-injection"),
        ("steps:\n", "steps:\n      - run: echo ${{ needs.build.outputs.x }}\n", "undefined-job"),
        ("persist-credentials: false", "fetch-depth: 1", "artipacked"),
        ("    runs-on: ubuntu-24.04\n", "    uses: acme/platform/.github/workflows/x.yml@main\n", "unpinned-workflow"),
    ],
)
def test_a_workflow_that_is_not(old: str, new: str, code: str) -> None:
    """Syntax, schema, jobs that are not there, and what zizmor finds without going online."""
    assert old in WORKFLOW
    assert code in {entry.finding.code for entry in check_fleet([with_workflow(WORKFLOW.replace(old, new))])}


def test_settings_knowledge_can_be_plugged_in() -> None:
    """A plain function of path, content and answers, called for each postgresql.conf."""
    calls = []

    def check(path: str, content: bytes, answers: object) -> list[Diagnostic]:
        calls.append((path, b"work_mem" in content, answers))
        return [Diagnostic(path=path, place=Place(1, 0), code="settings-unknown", message="no such parameter")]

    base = rendering()
    (found,) = check_fleet([base, rendering("acme/other", postgres_version="none")], settings=check)
    assert found.finding.code == "settings-unknown"
    assert calls == [("postgres/postgresql.conf", True, base.answers)]


def test_a_file_that_is_copied_mounted_or_owned_has_to_be_there() -> None:
    """What a Dockerfile copies and a compose file mounts is rendered, as an owned file or as a starter."""
    base = rendering()
    said = {}
    for path in ("package.json", "postgres/postgresql.conf", ".github/CODEOWNERS", "Dockerfile"):
        said[path] = {entry.finding.code for entry in check_fleet([with_file(base, path, None)])}
    assert "copy-missing" in said["package.json"]
    assert "mount-missing" in said["postgres/postgresql.conf"]
    assert "owners-missing" in said[".github/CODEOWNERS"]
    assert "mount-missing" in said["Dockerfile"]


def test_bytes_that_are_no_text_are_found_fault_with() -> None:
    """A NUL or Latin-1 in any owned file neither stops the run nor passes for YAML."""
    base = rendering()
    files = {path: File(content=b"\x00\xff\xfe[" + file.content) for path, file in base.files.items()}
    broken = type(base)(repo="acme/x", files=files, owned=base.owned, owners=base.owners)
    paths = {entry.finding.path for entry in check_fleet([broken])}
    assert paths >= {"Dockerfile", "docker-compose.yml", ".github/CODEOWNERS", "postgres/postgresql.conf"}


def test_findings_are_sorted_worst_first() -> None:
    """Errors, then warnings, then notes, each by place."""
    broken = with_file(rendering(node_version="18"), "Dockerfile", "FROM node\nRUN cd /x\nUSER 1000\n")
    severities = [entry.finding.severity for entry in check_fleet([broken])]
    assert severities == sorted(severities, key=list(Severity).index)
    assert {Severity.ERROR, Severity.WARNING} <= set(severities)


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_tools_are_found_beside_python() -> None:
    """Where their wheels put them, though the folder is not on the PATH."""
    assert linters.find_tool("hadolint")
    assert linters.find_tool("no-such-linter") is None


def test_a_content_is_looked_at_once_however_often_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who checks a few repos at a time starts no linter for what was looked at before, and gets the same findings."""
    log = tmp_path / "log"
    program(tmp_path / "hadolint", f'echo "$#" >> {log}; exec {linters.find_tool("hadolint")} "$@"')
    monkeypatch.setattr(fleet, "find_tool", lambda name: str(tmp_path / name) if name == "hadolint" else None)
    broken = [with_file(rendering(f"acme/r{n}"), "Dockerfile", "FROM node:24\nCOPYY a b\n") for n in range(3)]
    by_content = ContentFindings()
    each = [list(check_rendering(one, by_content.of([one]))) for one in broken]
    assert len(log.read_text().splitlines()) == 1
    assert {finding.code for finding in each[0]} > {"DL1000"} and each[0] == each[1] == each[2]
    assert set(each[0]) == {entry.finding for entry in check_fleet(broken[:1]) if entry.repos}

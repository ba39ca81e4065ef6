"""`syncbot new`: from answers to a repo that the next plan calls in sync, on a terminal and without one."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from syncbot.cli.sandbox import developer_token
from syncbot.render.copier_run import read_folder
from tests.cli.harness import PROJECT, Platform, Result, git, run_main

PERSON = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in {"NAME": "Pat Platform", "EMAIL": "pat@acme.example"}.items()
}
SHOP = ("shop-api", "--answer", "runtime=node", "--answer", "team=@acme/shop")


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A person without any settings of git or Copier, in an empty folder."""
    for name, value in {**PERSON, "HOME": str(tmp_path / "home"), "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")


def as_developer(platform: Platform, *arguments: str) -> Result:
    """`syncbot new` with the token of a person who may create repos."""
    return platform.run("new", *arguments, GITHUB_TOKEN=developer_token(platform.sandbox.forge))


def test_in_an_empty_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The acceptance case: found without --config, committed, nothing of Copier's left, and its own tests pass."""
    result = run_main("new", *SHOP, environment={})
    assert result.exit_code == 0, result.stderr
    folder = Path("shop-api")
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "log", "--format=%an: %s") == "Pat Platform: Scaffold shop-api from the service template\n"
    assert sorted(git(folder, "ls-files").split()) == sorted(set(read_folder(folder)) - set(_inside_git(folder)))
    assert not [path for path in folder.rglob("*") if "copier" in path.name]
    tests = subprocess.run(["npm", "test"], cwd=folder, capture_output=True, text=True, check=False)
    assert tests.returncode == 0, tests.stdout + tests.stderr
    assert '- name: shop-api\n    team: "@acme/shop"\n    answers:\n      runtime: node\n' in result.stdout


def _inside_git(folder: Path) -> list[str]:
    return [path for path in read_folder(folder) if path.startswith(".git/")]


@pytest.mark.parametrize(
    "answers",
    [
        ["runtime=node"],
        ["runtime=python", "package_manager=poetry", "postgres_version=17"],
        ["runtime=go", "kind=worker", "system_packages=[tzdata]", "environment=[STRIPE_API_KEY]"],
        ["deploy=ecs", "deploy_workflows=acme/platform@" + "a" * 40, "aws_account=123456789012", "port=9000"],
    ],
)
def test_registered_and_created_it_is_in_sync(platform: Platform, answers: list[str]) -> None:
    """One command; then `plan` says that every owned file is in sync, and the repo has its topics."""
    platform.fleet("other")
    before = platform.config.read_text()
    options = [word for answer in answers for word in ("--answer", answer)]
    made = as_developer(platform, "shop-api", *options, "--register", "--create")
    assert made.exit_code == 0, made.stderr
    platform.commit("Register shop-api")
    plan = platform.plan("shop-api")
    assert plan.exit_code == 0, plan.stdout + plan.stderr
    assert set(plan.states("acme/shop-api").values()) == {"in-sync"}
    assert not plan.changesets("acme/shop-api")
    with platform.github as github:
        repo = github.get_repo("acme/shop-api")
        assert repo.private
        assert repo.default_branch == "main"
        assert repo.get_topics()[0] == "service"
    assert json.loads(before)["repos"] == json.loads(platform.config.read_text())["repos"][:1]
    check = platform.run("check", "shop-api", "--format", "json")
    assert check.json["summary"]["errors"] == 0, check.stdout


def test_registering_keeps_every_other_byte(tmp_path: Path) -> None:
    """Comments, quotes and blank lines of the config stay; four lines come in."""
    platform = _copy_of_project(tmp_path)
    before = (platform / "config/repos.yaml").read_bytes()
    result = run_main("new", *SHOP, "--config", str(platform / "config/repos.yaml"), "--register", environment={})
    assert result.exit_code == 0, result.stderr
    after = (platform / "config/repos.yaml").read_bytes()
    assert after.startswith(before.rstrip(b"\n"))
    assert yaml.safe_load(after)["repos"][-1] == {
        "name": "shop-api",
        "team": "@acme/shop",
        "answers": {"runtime": "node"},
    }
    assert not list((platform / "config").glob(".*"))


def _copy_of_project(tmp_path: Path) -> Path:
    platform = tmp_path / "platform-repo"
    platform.mkdir()
    subprocess.run(["cp", "-r", "copier.yml", "templates", "config", str(platform)], cwd=PROJECT, check=True)
    return platform


def test_the_token_is_in_no_argument_and_no_file(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git is started with the token in its environment alone, and the new repo's settings do not hold it."""
    platform.fleet("other")
    seen = tmp_path / "seen"
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {seen}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    token = developer_token(platform.sandbox.forge)
    made = as_developer(platform, "shop-api", "--create")
    assert made.exit_code == 0, made.stderr
    assert "push" in seen.read_text()
    assert token not in seen.read_text()
    assert token not in made.stdout + made.stderr
    assert not [path for path in Path("shop-api").rglob("*") if path.is_file() and token.encode() in path.read_bytes()]


def test_what_is_refused(platform: Platform) -> None:
    """A bad answer by its name, an unknown one, a taken name, a folder that is not empty; nothing is written."""
    platform.fleet("taken")
    for arguments, said in (
        (["shop-api", "--answer", "port=80"], "port"),
        (["shop-api", "--answer", "prot=8080"], "prot"),
        (["shop-api", "--answer", "runtime=cobol"], "runtime"),
        (["shop-api", "--answer", "runtime"], "expected name=value"),
        (["shop-api", "--answer", "environment=[a"], "environment"),
        (["shop-api", "--answer", "port=1", "--answer", "port=2"], "given twice"),
        (["other/shop-api"], "this fleet is acme's"),
        (["sh op"], "name"),
        (["taken", "--answer", "port=8081"], "in the fleet already"),
    ):
        result = as_developer(platform, *arguments)
        assert result.exit_code in {1, 2}, arguments
        assert said in result.stderr, result.stderr
        assert not list(Path().iterdir()), arguments
    Path("shop-api").mkdir()
    Path("shop-api/mine").touch()
    assert "not empty" in as_developer(platform, "shop-api").stderr


def test_a_repo_of_the_fleet_is_scaffolded_with_its_answers(platform: Platform) -> None:
    """Registered first, scaffolded and created afterwards: the entry's answers hold."""
    platform.fleet({"name": "shop-api", "answers": {"runtime": "go", "port": 9000}})
    made = as_developer(platform, "shop-api", "--create", "--register")
    assert made.exit_code == 0, made.stderr
    assert "9000" in Path("shop-api/main.go").read_text()
    assert set(platform.plan().states("acme/shop-api").values()) == {"in-sync"}


def test_a_repo_that_exists_on_github_is_not_pushed_to(platform: Platform) -> None:
    """GitHub's refusal is said, and neither that repo nor the config changes."""
    platform.fleet("other")
    assert as_developer(platform, "shop-api", "--create").exit_code == 0
    before = platform.read("acme/shop-api", "README.md")
    again = as_developer(platform, "shop-api", "--create", "--register", "--into", "elsewhere", "--answer", "port=9000")
    assert again.exit_code == 1
    assert "422" in again.stderr
    assert platform.read("acme/shop-api", "README.md") == before
    assert "shop-api" not in platform.config.read_text()


def test_a_missing_token_is_said_before_anything_is_written(platform: Platform) -> None:
    """--create without an identity leaves nothing behind."""
    platform.fleet("other")
    result = platform.run("new", "shop-api", "--create", GITHUB_TOKEN=None)
    assert result.exit_code == 2
    assert "GITHUB_TOKEN" in result.stderr
    assert not list(Path().iterdir())


def test_on_a_terminal_copier_asks(platform: Platform) -> None:
    """What no --answer says is asked, the fleet's defaults offered; the entry holds what differs from them."""
    parameters = {"work_mem": "64MB", "jit": "off"}
    answers = {"node_version": "20", "postgres_version": "16", "port": 7000, "postgres_parameters": parameters}
    platform.fleet("other", answers=answers)
    command = ["new", "shop-api", "--answer", "kind=web", "--register", "--config", str(platform.config)]
    screen = _typed(
        [sys.executable, "-c", "from syncbot.cli.main import main; main()", *command],
        platform.environment,
        # (a word of the question, the keys that answer it)
        ("Who owns the service", "\r"),
        ("the platform team's", "\r"),
        ("runs on", "\x1b[B\r"),
        ("installs the dependencies", "\r"),
        ("Port that", "\x15" + "\b" * 8 + "7100\r"),
        ("Path that answers 200", "\r"),
        ("Postgres major", "\r"),
        ("Postgres parameters", "\x15" + "\b" * 60 + "{work_mem: 64MB, max_connections: 300}\r"),
        ("gets into production", "\r"),
        ("rarer settings", "\r"),
    )
    assert Path("shop-api/pyproject.toml").exists(), screen
    entry = yaml.safe_load(platform.config.read_text())["repos"][-1]
    own = {"jit": None, "max_connections": 300}
    answers = {"kind": "web", "runtime": "python", "port": 7100, "postgres_parameters": own}
    assert entry == {"name": "shop-api", "answers": answers}, screen
    assert "max_connections = 300\n" in Path("shop-api/postgres/postgresql.conf").read_text()


def test_breaking_off_on_a_terminal_writes_nothing(platform: Platform) -> None:
    """Ctrl-C at a question ends it, without a traceback."""
    platform.fleet("other")
    command = ["new", "shop-api", "--register", "--config", str(platform.config)]
    screen = _typed(
        [sys.executable, "-c", "from syncbot.cli.main import main; main()", *command],
        platform.environment,
        ("Who owns the service", "\x03"),
    )
    assert "broken off" in screen
    assert "Traceback" not in screen
    assert not list(Path().iterdir())
    assert "shop-api" not in platform.config.read_text()


def _typed(command: list[str], environment: dict[str, str], *script: tuple[str, str]) -> str:
    """Run a command on a terminal of its own, answer each question when it stands there; what the screen showed."""
    parent, child = pty.openpty()
    variables = {**os.environ, **environment, "TERM": "xterm", "COLUMNS": "200", "LINES": "50"}
    process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=variables, start_new_session=True)
    os.close(child)
    shown = ""
    waiting = list(script)
    try:
        while True:
            ready, _, _ = select.select([parent], [], [], 60)
            assert ready, f"nothing more was shown: {shown[-2000:]}"
            try:
                piece = os.read(parent, 65536).decode("utf-8", "replace")
            except OSError:
                break
            if "\x1b[6n" in piece:
                os.write(parent, b"\x1b[1;1R")
            shown += piece
            plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
            if waiting and waiting[0][0] in plain:
                os.write(parent, waiting.pop(0)[1].encode())
                shown = "" if waiting else shown
    finally:
        process.kill() if process.poll() is None and waiting else None
        process.wait(60)
        os.close(parent)
    assert not waiting, f"never asked {waiting[0][0]!r}: {shown[-2000:]}"
    return shown

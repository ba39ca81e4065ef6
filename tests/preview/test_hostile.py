"""A template pull request whose author wants the secrets of the machine that looks at it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.preview.conftest import Platform

SECRET = "planted-5d2e"
OWNED = "templates/tool/files/Dockerfile.jinja"
SYNCBOT = Path(sys.executable).with_name("syncbot")


@pytest.fixture
def attacked(platform: Platform) -> Platform:
    """A fleet of one, committed, and a token in .git/config where CI leaves it."""
    platform.fleet([{"name": "one"}])
    platform.commit()
    header = ("config", "http.extraheader", f"AUTHORIZATION: {SECRET}")
    subprocess.run(["git", "-C", str(platform.root), *header], check=True)
    return platform


def said(platform: Platform, *command: str) -> tuple[int, str]:
    """Exit code and what the command printed, in one line, with secrets in its environment."""
    secrets = dict.fromkeys(("GITHUB_TOKEN", "SYNCBOT_APP_PRIVATE_KEY", "PLANTED"), SECRET)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(platform.root),
        "COLUMNS": "500",
        "GITHUB_API_URL": "http://127.0.0.1:1",
    }
    done = subprocess.run(
        [SYNCBOT, *command],
        cwd=platform.root,
        env=environment | secrets,
        capture_output=True,
        text=True,
        check=False,
    )
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    "command", [("preview", "--base", "HEAD"), ("check",), ("plan", "--diff")], ids=lambda it: it[0]
)
def test_a_link_shows_nothing_of_the_machine(attacked: Platform, command: tuple[str, ...]) -> None:
    """Links to /proc and to .git, with includes through them: refused by name, in each command that renders."""
    (attacked.root / "templates/tool/self").symlink_to("/proc/self")
    (attacked.root / "templates/tool/dotgit").symlink_to("../../.git")
    (attacked.root / "templates/inc.txt").symlink_to("/etc/hostname")
    includes = ("tool/self/environ", "tool/dotgit/config", "inc.txt")
    attacked.write(OWNED, "".join(f"{{% include 'templates/{path}' %}}\n" for path in includes))
    code, output = said(attacked, *command)
    assert code == 2
    for path in ("inc.txt", "tool/dotgit", "tool/self"):
        assert f"templates/{path}: symlinks are not supported in templates" in output
    attacked.commit()
    assert said(attacked, "preview", "--base", "HEAD~1")[0] == 2


@pytest.mark.parametrize("command", [("preview", "--base", "HEAD"), ("check",), ("plan",)], ids=lambda it: it[0])
def test_a_config_that_is_a_link_shows_nothing_of_the_machine(attacked: Platform, command: tuple[str, ...]) -> None:
    """Its first line would be quoted in the error."""
    config = attacked.root / "config/repos.yaml"
    config.unlink()
    config.symlink_to("/proc/self/environ")
    code, output = said(attacked, *command)
    assert (code, "config/repos.yaml: cannot be read: it is a symlink, and none is followed" in output) == (2, True)


@pytest.mark.parametrize(
    "body",
    [
        "{{ ['$PLANTED'] | map('expandvars') | first }}",
        "{{ ['/proc/self/environ'] | map('fileglob') | list }}",
        "{% include '/proc/self/environ' %}",
        "{% include 'templates/../.git/config' %}",
        "{{ self.__init__.__globals__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ '{0.__class__.__init__.__globals__}'.format(cycler) }}",
        "{{ cycler.__init__.__globals__.os.environ }}",
        "{{ ['x'] | map(attribute='__class__') | first }}{{ gone }}",
    ],
)
def test_an_expression_shows_nothing_of_the_machine(attacked: Platform, body: str) -> None:
    """Filters by another way, names of files, Python's own innards: an error with the template's name."""
    attacked.write(OWNED, f"{body}\n")
    code, output = said(attacked, "preview", "--base", "HEAD")
    assert code in (1, 2)
    assert OWNED in output
    assert said(attacked, "check")[0] in (1, 2)


def test_a_template_without_end_is_stopped(attacked: Platform) -> None:
    """`preview` and `check` name the template in place of each repo's rendering; the third is stopped soon."""
    attacked.fleet([{"name": name} for name in ("one", "two", "three", "four")])
    attacked.commit()
    attacked.write(OWNED, "{% for i in range(99999) %}" * 3 + "{% endfor %}" * 3)
    for command in (("preview", "--base", "HEAD"), ("check",)):
        code, output = said(attacked, *command)
        assert code in (1, 2)
        assert output.count(f"{OWNED}:1: takes more than 2 seconds of processor time") == 2
        assert output.count(f"{OWNED}:1: takes more than 0.05 seconds of processor time") == 2

"""`syncbot postgres diff` against running servers: by TCP, and in a container."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from scripts.postgres_servers import Cluster
from syncbot.formats.postgres_conf import settings
from tests.cli.harness import PlatformRepo, Result
from tests.postgres_cli.conftest import MAJOR, PARAMETERS, running

LOCAL = {
    "work_mem": "64MB",
    "max_connections": "200",
    "jit": "off",
    "shared_buffers": "32MB",
    "logging_collector": "on",
}
DOCKER = """\
#!{python}
# `docker exec -- NAME sh -c SCRIPT sh QUERY`, answered by the server at {dsn} as psql -X -A -t would.
import sys

import psycopg

program, command, dashes, name, shell, flag, script, zero, query = sys.argv
assert (command, dashes, shell, flag, zero) == ("exec", "--", "sh", "-c", "sh"), sys.argv
assert "psql -X -q -A -t" in script and '"$1"' in script
if name != "shop-db-1":
    sys.exit(f"Error response from daemon: No such container: {{name}}")
with psycopg.connect({dsn!r}) as connection:
    print(connection.execute(query).fetchone()[0])
"""


def conf(**changes: str | None) -> str:
    """What the container runs with: as rendered, with these changes."""
    return settings({name: value for name, value in (LOCAL | changes).items() if value is not None}.items())


def rows(done: Result, target: int = 0) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in json.loads(done.stdout)["targets"][target]["parameters"]}


@pytest.fixture
def shop(platform: PlatformRepo) -> PlatformRepo:
    answers = {"node_version": "22", "postgres_version": str(MAJOR), "postgres_parameters": PARAMETERS}
    platform.fleet("shop", answers=answers)
    return platform


def diff(platform: PlatformRepo, *arguments: str, **environment: str) -> Result:
    return platform.run("postgres", "diff", *arguments, "--format", "json", **environment)


def test_equal(shop: PlatformRepo, server: Callable[[int], Cluster]) -> None:
    """A server with the rendered file shows every value; exit 0. RDS's own values are no matter here."""
    with running(server(MAJOR), conf()) as dsn:
        done = diff(shop, "--dsn", dsn)
        found = rows(done)
        assert (done.exit_code, done.stderr) == (0, ""), found
        assert found.keys() == LOCAL.keys() | {"server_version"}
        assert {row["state"] for row in found.values()} == {"equal"}
        assert found["work_mem"]["here"] == "65536"
        text = shop.run("postgres", "diff", "shop", "--dsn", dsn)
        assert text.exit_code == 0 and "6 equal" in text.stdout
        assert "6 equal" in shop.run("postgres", "diff", "--dsn", dsn, "--format", "markdown").stdout


def test_every_difference_in_its_kind(shop: PlatformRepo, server: Callable[[int], Cluster]) -> None:
    """Another value, one that waits for a restart, one that only the server has; exit 3."""
    data = server(MAJOR)
    with running(data, conf(work_mem="1MB", jit=None)) as dsn:
        changed = conf(work_mem="1MB", jit=None, max_connections="300", random_page_cost="1.1")
        (data.folder / "data" / "postgresql.conf").write_text(changed)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")
        while True:
            done = diff(shop, "--dsn", dsn)
            found = rows(done)
            if "random_page_cost" in found:
                break
        assert done.exit_code == 3
        told = {name: (row["state"], row["wanted"], row["here"]) for name, row in found.items()}
        assert told["work_mem"] == ("differs", "65536", "1024")
        assert told["jit"] == ("differs", "off", "on")
        assert told["max_connections"] == ("pending reboot", "200", "200")
        assert told["random_page_cost"] == ("only here", None, "1.1")
        assert told["shared_buffers"][0] == "equal"
        shown = shop.run("postgres", "diff", "--dsn", dsn)
        assert shown.exit_code == 3
        for state in ("differs", "pending reboot", "only here", "equal"):
            assert state in shown.stdout


def test_a_setting_of_one_role_is_seen(shop: PlatformRepo, server: Callable[[int], Cluster]) -> None:
    """ALTER ROLE overrides the file for those sessions, and the remark says so."""
    with running(server(MAJOR), conf()) as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("ALTER ROLE postgres SET work_mem = '5MB'")
        try:
            found = rows(diff(shop, "--dsn", dsn))
            assert (found["work_mem"]["state"], found["work_mem"]["remark"]) == ("differs", "user")
        finally:
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute("ALTER ROLE postgres RESET work_mem")


def test_another_major(shop: PlatformRepo, server: Callable[[int], Cluster]) -> None:
    """The version is compared like a parameter, and values in the terms of the server that is there."""
    with running(server(17), conf()) as dsn:
        done = diff(shop, "--dsn", dsn)
        version = rows(done)["server_version"]
        assert done.exit_code == 3
        assert (version["state"], version["wanted"], version["here"]) == ("differs", "16", "17")


def test_as_rds(shop: PlatformRepo, server: Callable[[int], Cluster]) -> None:
    """`--side rds` compares with the group's values, formulas worked out for the memory given."""
    on_rds = conf(shared_buffers="128MB", logging_collector=None, effective_cache_size="1GB")
    with running(server(MAJOR), on_rds) as dsn:
        missing = diff(shop, "--dsn", dsn, "--side", "rds")
        assert missing.exit_code == 2 and "--instance-class or --memory" in missing.stderr
        done = diff(shop, "--dsn", dsn, "--side", "rds", "--memory", "512MB")
        found = rows(done)
        assert done.exit_code == 0
        assert (found["shared_buffers"]["wanted"], found["shared_buffers"]["here"]) == ("16384", "16384")
        assert "effective_cache_size" not in found, "nothing tells what people set from what Amazon sets"
        other = diff(shop, "--dsn", dsn, "--side", "rds", "--instance-class", "db.t3.medium")
        assert other.exit_code == 3 and rows(other)["shared_buffers"]["wanted"] == str(4 * 2**30 // 32768)


def test_the_password_is_not_told(shop: PlatformRepo) -> None:
    """A server that is not there is an error without the address, which may hold a password."""
    done = diff(shop, "--dsn", "postgresql://app:s3cret@127.0.0.1:1/app?connect_timeout=1")
    assert done.exit_code == 2
    assert "s3cret" not in done.stderr + done.stdout
    assert done.stderr.startswith("error: Postgres:")


def test_container(
    shop: PlatformRepo, server: Callable[[int], Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked by `docker exec` and psql. No Docker is needed: a stand-in checks the command and asks a real server."""
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    with running(server(MAJOR), conf(work_mem="1MB")) as dsn:
        docker.write_text(DOCKER.format(python=sys.executable, dsn=dsn))
        docker.chmod(0o755)
        monkeypatch.setenv("PATH", f"{docker.parent}{os.pathsep}{os.environ['PATH']}")
        done = diff(shop, "--container", "shop-db-1", "--dsn", dsn)
        assert done.exit_code == 3
        assert [each["kind"] for each in json.loads(done.stdout)["targets"]] == ["server", "container"]
        assert rows(done, 1)["work_mem"]["state"] == "differs"
        assert rows(done, 0) == rows(done, 1)
        gone = diff(shop, "--container", "other")
        assert gone.exit_code == 2 and "No such container: other" in gone.stderr


def test_usage(shop: PlatformRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    """No target, no docker, no such repo, a memory that is none, a package that is missing: exit 2, in a sentence."""
    assert diff(shop).exit_code == 2
    assert "db.t3" in diff(shop, "--rds-group", "x", "--instance-class", "db.t3.none").stderr
    assert "is no amount" in diff(shop, "--rds-group", "x", "--memory", "0MB").stderr
    assert "kB" in diff(shop, "--rds-group", "x", "--memory", "4 parsecs").stderr
    monkeypatch.setattr("syncbot.postgres.live.extras.find_spec", lambda name: None)
    missing = diff(shop, "--dsn", "postgresql://127.0.0.1/")
    assert "pip install 'syncbot[postgres]'" in missing.stderr
    monkeypatch.setenv("PATH", "")
    assert "docker program" in diff(shop, "--container", "x").stderr


def test_one_repo_at_a_time(platform: PlatformRepo) -> None:
    """Which service runs there has to be said where the fleet has several."""
    platform.fleet("a", "b", {"name": "c", "answers": {"postgres_version": "none"}}, answers={"node_version": "22"})
    assert "name one repo: 2" in diff(platform, "--rds-group", "x").stderr
    assert "c has no Postgres" in diff(platform, "c", "--rds-group", "x").stderr

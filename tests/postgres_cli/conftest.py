"""A platform repo without GitHub, real servers, and RDS as moto plays it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from scripts.postgres_servers import SURROUNDINGS, Cluster, account, programs
from tests.cli.harness import PlatformRepo

MAJOR = 16
PARAMETERS = {
    "work_mem": "64MB",
    "max_connections": 200,
    "jit": False,
    "shared_buffers": {"local": "32MB", "rds": "{DBInstanceClassMemory/32768}", "reason": "a laptop has no 64 GB"},
    "logging_collector": {"local": "on", "reason": "RDS has its own logs"},
    "rds.force_ssl": {"rds": 1},
}


@pytest.fixture
def platform(tmp_path: Path) -> PlatformRepo:
    return PlatformRepo(tmp_path / "platform", {})


@pytest.fixture(scope="session")
def folders(servers: None) -> tuple[str, ...]:
    """`--bin` for every major."""
    return tuple(word for major in (13, 14, 15, 16, 17, 18) for word in ("--bin", str(programs(major))))


@contextmanager
def running(data: Cluster, conf: str) -> Iterator[str]:
    """The address of that server on a TCP port of its own, stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = data.folder
    (folder / "data" / "postgresql.conf").write_text(conf)
    given = ("-D", folder / "data", "-k", folder, "-p", str(port), "-c", "listen_addresses=127.0.0.1")
    program = programs(data.major) / "postgres"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, *given], stdout=log, stderr=log, env=SURROUNDINGS, **account())
    dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        while process.poll() is None:
            with suppress(psycopg.OperationalError):
                psycopg.connect(dsn).close()
                break
            time.sleep(0.02)
        assert process.poll() is None, data.log()
        yield dsn
    finally:
        process.send_signal(2)
        process.wait()

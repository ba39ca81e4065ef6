"""A real server, started for a moment with a postgresql.conf, to read back what it made of it.

In: the folder with a major's programs, and the file's text. Out: its pg_settings, or what it said when it refused.
Listens on a Unix socket in a folder of its own under the system's temporary one, and nowhere else. Postgres refuses
to run as root: then it runs as `postgres` or `nobody`.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syncbot.errors import SyncbotError
from syncbot.postgres.comparison import LiveServer
from syncbot.postgres.live.server import read_server

_VERSION = re.compile(r"postgres \(PostgreSQL\) (\d+)")
_SURROUNDINGS = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_SECONDS = 60


class NotStarted(Exception):
    """The server refused to start, with the lines of its log that say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """A data folder of one major, for one start after the other."""

    programs: Path
    folder: Path

    def settings(self, conf: str) -> LiveServer:
        """What the server shows when it is started with this file. Raises NotStarted and SyncbotError."""
        (self.folder / "data" / "postgresql.conf").write_text(conf)
        with (self.folder / "log").open("wb") as log:
            process = self._launch(log)
        try:
            if not self._ready(process):
                raise NotStarted(self._why())
            return read_server(f"host={self.folder} port={_PORT} user=postgres dbname=postgres")
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait()

    def _launch(self, log: Any) -> subprocess.Popen[bytes]:
        given = ("-D", self.folder / "data", "-k", self.folder, "-p", str(_PORT), "-c", "listen_addresses=")
        return subprocess.Popen(
            [self.programs / "postgres", *given],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_SURROUNDINGS,
            **_account(),
        )

    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until line 8 of the pid file says that it takes sessions; False where it has ended or takes too long."""
        deadline = time.monotonic() + _SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
            except OSError:
                lines = []
            if len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.01)
        return False

    def _why(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        telling = [line.split(": ", 1)[-1] for line in lines if re.search(r"\b(LOG|FATAL|PANIC|HINT|DETAIL):", line)]
        return " ".join((telling or lines or ["it said nothing"])[-4:])


_PORT = 5432  # of the socket's name only


def find_programs(folders: Iterable[Path]) -> Mapping[int, Path]:
    """The folder with `postgres` and `initdb` for each major: those given, then PATH, then where Debian keeps them."""
    on_path = [Path(folder) for folder in os.get_exec_path()]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found: dict[int, Path] = {}
    for folder in (*folders, *on_path, *debian):
        major = _major(folder)
        if major and major not in found:
            found[major] = folder
    return found


@contextmanager
def data_folder(programs: Path) -> Iterator[Data]:
    """A fresh one, removed at the end. Raises SyncbotError."""
    folder = Path(tempfile.mkdtemp(prefix="syncbot-pg-"))
    try:
        _give(folder)
        given = ("-D", folder / "data", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8")
        done = subprocess.run(
            [programs / "initdb", *given], capture_output=True, text=True, env=_SURROUNDINGS, check=False, **_account()
        )
        if done.returncode:
            raise SyncbotError(f"initdb: {' '.join(done.stderr.split())}")
        yield Data(programs=programs, folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _major(folder: Path) -> int | None:
    program = folder / "postgres"
    if not (program.is_file() and (folder / "initdb").is_file()):
        return None
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, env=_SURROUNDINGS, check=False, **_account()
        )
    except OSError:
        return None
    match = _VERSION.match(done.stdout)
    return int(match[1]) if match else None


def _give(folder: Path) -> None:
    account = _account()
    if account:
        os.chown(folder, account["user"], account["group"])


def _account() -> dict[str, Any]:
    """How to start a process that Postgres accepts."""
    if os.geteuid():
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": ()}
    raise SyncbotError("Postgres refuses to run as root, and there is no user postgres or nobody")

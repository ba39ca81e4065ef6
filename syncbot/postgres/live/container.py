"""The settings of a server in a local container, through `docker exec` and the container's own psql."""

from __future__ import annotations

import os
import shutil
import subprocess

from syncbot.credentials import without_credentials
from syncbot.errors import SyncbotError
from syncbot.postgres.comparison import LiveServer
from syncbot.postgres.live.server import QUERY, parse_answer

# The official image's first user, by the name that its environment gives.
_ASK = 'exec psql -X -q -A -t -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-postgres}" -c "$1"'
_SECONDS = 60


def read_container(name: str) -> LiveServer:
    """Ask the server in that container. Raises SyncbotError."""
    docker = shutil.which("docker")
    if docker is None:
        raise SyncbotError("--container needs the docker program on PATH")
    try:
        done = subprocess.run(
            [docker, "exec", "--", name, "sh", "-c", _ASK, "sh", QUERY],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            env=without_credentials(os.environ),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SyncbotError(f"docker exec {name}: no answer within {_SECONDS} seconds") from None
    if done.returncode:
        raise SyncbotError(f"docker exec {name}: {' '.join(done.stderr.split()) or f'exit {done.returncode}'}")
    return parse_answer(done.stdout)

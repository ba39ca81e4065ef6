"""A running server's settings, by SQL: an address in, `LiveServer` out. One query, which writes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from syncbot.errors import SyncbotError
from syncbot.postgres.comparison import LiveServer, Setting
from syncbot.postgres.live.extras import extra

QUERY = (
    "SELECT json_build_object('version', current_setting('server_version'), "
    "'number', current_setting('server_version_num')::int, 'settings', "
    "(SELECT json_agg(json_build_array(name, setting, source, pending_restart)) FROM pg_settings))::text"
)
_SECONDS = 10


def read_server(dsn: str) -> LiveServer:
    """Ask the server at a libpq address (`postgresql://…` or `host=… dbname=…`). Raises SyncbotError."""
    return parse_answer(ask(dsn, QUERY))


def ask(dsn: str, query: str) -> str:
    """The first column of the first row. Raises SyncbotError; the address may hold a password, and is not repeated."""
    psycopg = extra("psycopg", "postgres")
    try:
        with psycopg.connect(dsn, connect_timeout=_SECONDS, autocommit=True) as connection:
            return str(connection.execute(query).fetchone()[0])
    except psycopg.Error as error:
        raise SyncbotError(f"Postgres: {' '.join(str(error).split())}") from None


def parse_answer(answer: str) -> LiveServer:
    """What `QUERY` answers. Raises SyncbotError for anything else."""
    try:
        document: Mapping[str, Any] = json.loads(answer)
        rows = {
            name: Setting(name=name, value=value or "", source=source, pending=bool(pending))
            for name, value, source, pending in document["settings"]
        }
        return LiveServer(version=document["version"], major=document["number"] // 10_000, settings=rows)
    except (ValueError, KeyError, TypeError) as error:
        raise SyncbotError(f"Postgres: an answer that is none: {answer[:200]!r}") from error

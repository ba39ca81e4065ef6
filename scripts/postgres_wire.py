"""A Postgres connection just large enough to ask a local test server: Unix socket, trusted user, simple queries."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

Row = tuple[str | None, ...]


class QueryError(Exception):
    """The server's message for a refused query."""


class Connection:
    """One session as `postgres`; `with` closes it."""

    def __init__(self, folder: Path, database: str = "postgres") -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(folder / ".s.PGSQL.5432"))
        self._stream = self._socket.makefile("rb")
        words = b"user\0postgres\0database\0" + database.encode() + b"\0\0"
        self._socket.sendall(struct.pack("!ii", 8 + len(words), 3 << 16) + words)
        self._answer()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()

    def query(self, sql: str) -> list[Row]:
        """The rows of the last statement, every value as text; raises QueryError."""
        words = sql.encode() + b"\0"
        self._socket.sendall(b"Q" + struct.pack("!i", 4 + len(words)) + words)
        return self._answer()

    def _answer(self) -> list[Row]:
        rows: list[Row] = []
        refusal = None
        while True:
            kind, size = struct.unpack("!ci", self._stream.read(5))
            body = self._stream.read(size - 4)
            if kind == b"D":
                rows.append(_row(body))
            elif kind == b"E":
                fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0")}
                refusal = fields[b"M"]
            if kind == b"Z" or (refusal and fields[b"S"] == "FATAL"):
                break
        if refusal:
            raise QueryError(refusal)
        return rows


def _row(body: bytes) -> Row:
    values, place = [], 2
    for _ in range(struct.unpack_from("!h", body)[0]):
        (size,) = struct.unpack_from("!i", body, place)
        place += 4
        values.append(None if size < 0 else body[place : place + size].decode(errors="replace"))
        place += max(size, 0)
    return tuple(values)


def literal(text: str) -> str:
    """SQL's spelling of a string."""
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"

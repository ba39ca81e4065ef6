"""The sandbox's metadata in SQLite: one file, one connection, one lock. Knows rows and nothing of git or GitHub."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, login TEXT UNIQUE COLLATE NOCASE, type TEXT);
CREATE TABLE IF NOT EXISTS tokens (
  token TEXT PRIMARY KEY, login TEXT, type TEXT, permissions TEXT, repositories TEXT);
CREATE TABLE IF NOT EXISTS repos (
  id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT COLLATE NOCASE, name TEXT COLLATE NOCASE,
  private INTEGER DEFAULT 0, archived INTEGER DEFAULT 0, default_branch TEXT DEFAULT 'main', description TEXT,
  topics TEXT DEFAULT '', allow_merge_commit INTEGER DEFAULT 1, allow_squash_merge INTEGER DEFAULT 1,
  allow_rebase_merge INTEGER DEFAULT 1, allow_auto_merge INTEGER DEFAULT 0,
  delete_branch_on_merge INTEGER DEFAULT 0, created_at TEXT, updated_at TEXT, pushed_at TEXT,
  last_number INTEGER DEFAULT 0, UNIQUE (owner, name));
CREATE TABLE IF NOT EXISTS renames (
  owner TEXT COLLATE NOCASE, name TEXT COLLATE NOCASE, repo_id INTEGER, PRIMARY KEY (owner, name));
CREATE TABLE IF NOT EXISTS pulls (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, number INTEGER, title TEXT, body TEXT,
  state TEXT DEFAULT 'open', draft INTEGER DEFAULT 0, author TEXT, head_repo_id INTEGER, head_ref TEXT,
  head_sha TEXT, base_ref TEXT, base_sha TEXT, created_at TEXT, updated_at TEXT, closed_at TEXT, merged_at TEXT,
  merged_by TEXT, merge_commit_sha TEXT, UNIQUE (repo_id, number));
CREATE INDEX IF NOT EXISTS pulls_head ON pulls (repo_id, head_ref);
CREATE TABLE IF NOT EXISTS labels (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, name TEXT COLLATE NOCASE, color TEXT, description TEXT,
  UNIQUE (repo_id, name));
CREATE TABLE IF NOT EXISTS pull_labels (pull_id INTEGER, label_id INTEGER, PRIMARY KEY (pull_id, label_id));
CREATE TABLE IF NOT EXISTS comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, number INTEGER, author TEXT, body TEXT,
  created_at TEXT, updated_at TEXT);
CREATE INDEX IF NOT EXISTS comments_number ON comments (repo_id, number);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, number INTEGER, event TEXT, actor TEXT, commit_id TEXT,
  label TEXT, before_sha TEXT, after_sha TEXT, created_at TEXT);
CREATE INDEX IF NOT EXISTS events_number ON events (repo_id, number);
CREATE TABLE IF NOT EXISTS reviews (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, number INTEGER, author TEXT, state TEXT, body TEXT,
  commit_id TEXT, submitted_at TEXT);
CREATE INDEX IF NOT EXISTS reviews_number ON reviews (repo_id, number);
CREATE TABLE IF NOT EXISTS review_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, number INTEGER, login TEXT, team INTEGER,
  UNIQUE (repo_id, number, login, team));
CREATE TABLE IF NOT EXISTS statuses (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, sha TEXT, context TEXT, state TEXT, description TEXT,
  target_url TEXT, creator TEXT, created_at TEXT, updated_at TEXT);
CREATE INDEX IF NOT EXISTS statuses_sha ON statuses (repo_id, sha);
CREATE TABLE IF NOT EXISTS check_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, sha TEXT, name TEXT, status TEXT, conclusion TEXT,
  external_id TEXT, details_url TEXT, title TEXT, summary TEXT, app TEXT, started_at TEXT, completed_at TEXT);
CREATE INDEX IF NOT EXISTS check_runs_sha ON check_runs (repo_id, sha);
CREATE TABLE IF NOT EXISTS verified_commits (repo_id INTEGER, sha TEXT, PRIMARY KEY (repo_id, sha));
CREATE TABLE IF NOT EXISTS teams (
  owner TEXT COLLATE NOCASE, slug TEXT COLLATE NOCASE, login TEXT COLLATE NOCASE, PRIMARY KEY (owner, slug, login));
CREATE TABLE IF NOT EXISTS roles (
  repo_id INTEGER, login TEXT COLLATE NOCASE, permission TEXT, PRIMARY KEY (repo_id, login));
CREATE TABLE IF NOT EXISTS protections (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, pattern TEXT, signatures INTEGER, reviews INTEGER,
  code_owners INTEGER, dismiss_stale INTEGER, linear INTEGER, contexts TEXT, UNIQUE (repo_id, pattern));
CREATE TABLE IF NOT EXISTS rulesets (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo_id INTEGER, name TEXT, enforcement TEXT, include TEXT, exclude TEXT,
  rules TEXT, created_at TEXT);
CREATE TABLE IF NOT EXISTS auto_merges (
  pull_id INTEGER PRIMARY KEY, actor TEXT, method TEXT, title TEXT, message TEXT, enabled_at TEXT);
CREATE TABLE IF NOT EXISTS queued_pulls (pull_id INTEGER PRIMARY KEY, actor TEXT, enqueued_at TEXT);
CREATE TABLE IF NOT EXISTS apps (
  id INTEGER PRIMARY KEY AUTOINCREMENT, slug TEXT UNIQUE COLLATE NOCASE, permissions TEXT, private_key TEXT,
  public_key TEXT, created_at TEXT);
CREATE TABLE IF NOT EXISTS installations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, app_id INTEGER, owner TEXT COLLATE NOCASE, repositories TEXT,
  created_at TEXT, UNIQUE (app_id, owner));
CREATE TABLE IF NOT EXISTS installation_tokens (
  token TEXT PRIMARY KEY, installation_id INTEGER, expires_at TEXT, permissions TEXT, repositories TEXT);
CREATE TABLE IF NOT EXISTS forced_updates (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repo TEXT, ref TEXT, before_sha TEXT, after_sha TEXT, actor TEXT,
  created_at TEXT);
"""


class Row(Protocol):
    """A dataclass whose fields are columns."""

    def __init__(self, **columns: Any) -> None: ...


R = TypeVar("R", bound=Row)


class Store:
    """Reads rows as dataclasses and writes them by column name. Commits at once, or at the end of `transaction`."""

    def __init__(self, path: Path) -> None:
        self.lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + SCHEMA)

    def close(self) -> None:
        with self.lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing for the statements inside; an inner one is part of the outer."""
        with self.lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def execute(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self.lock:
            return self._connection.execute(sql, values).fetchall()

    def all(self, kind: type[R], sql: str, *values: object) -> tuple[R, ...]:
        """Every row the query gives, in its order."""
        return tuple(kind(**row) for row in map(dict, self.execute(sql, *values)))

    def one(self, kind: type[R], sql: str, *values: object) -> R | None:
        """The first row the query gives, or None."""
        rows = self.all(kind, sql, *values)
        return rows[0] if rows else None

    def insert(self, table: str, **columns: object) -> int:
        """Adds a row and answers its id."""
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        with self.lock:
            cursor = self._connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(columns.values())
            )
            return int(cursor.lastrowid or 0)

    def update(self, table: str, row_id: int, **columns: object) -> None:
        """Sets the given columns of one row."""
        if columns:
            names = ", ".join(f"{name} = ?" for name in columns)
            self.execute(f"UPDATE {table} SET {names} WHERE id = ?", *columns.values(), row_id)

"""postgresql.conf is written and read as Postgres reads it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.postgres_servers import Cluster
from syncbot.postgres import conf
from syncbot.postgres.conf import Entry, Unread

LINES = r"""
work_mem = 64MB
  work_mem=32MB # twice
maintenance_work_mem 1GB
search_path = '"$user", public'
application_name = 'it''s \'here\' \\ \101\n\t\x end'
random_page_cost = 1.5
seq_page_cost = .5e1
cpu_tuple_cost = +2.
effective_cache_size = 0x10MB
log_line_prefix = '%m # no comment '
DateStyle = ISO
timezone=Europe/Berlin
log_directory = pg_log-2/a:b
pg_stat_statements.max = 1000
"""
BROKEN = (
    *("shared_buffers = 1.5GB", "work_mem = 64 MB", "= 5", "jit", "jit = on off", "log_filename = 'open", "a.b.c = 1"),
    *("1abc = 2", "wal_level = replica;", "jit == on", "work_mem = 64MB'", "jit = 'a' 'b'", "a-b = 1", "jit = é;"),
)


def test_lines_are_read_as_the_server_reads_them(server: Callable[[int], Cluster]) -> None:
    """Names and values equal the server's own view of the file, line by line; what it cannot read, we say so."""
    real = seen(server(16), LINES)
    entries, unread = conf.parse(LINES)
    assert [(str(entry.line), entry.name, entry.value) for entry in entries] == real
    assert unread == ()


@pytest.mark.parametrize("line", BROKEN)
def test_lines_that_the_server_cannot_read(line: str, server: Callable[[int], Cluster]) -> None:
    """We say of each that it cannot be read, and so does the server."""
    assert [name for _, name, _ in seen(server(16), f"jit = on\n{line}\n")] == ["jit", None]
    entries, unread = conf.parse(f"jit = on\n{line}\n")
    assert ([each.name for each in entries], [each.text for each in unread]) == (["jit"], [line])


def seen(running: Cluster, text: str) -> list[tuple[str | None, ...]]:
    """Line, name and value of each entry as the server sees them; the first broken line has no name, and ends it."""
    with running.started("") as session:
        (running.folder / "data" / "postgresql.conf").write_text(text)
        return session.query("SELECT sourceline, name, setting FROM pg_file_settings ORDER BY seqno")


def test_what_cannot_be_read_is_kept() -> None:
    """Nothing is dropped silently: includes and broken lines come back as they stand, with their place."""
    entries, unread = conf.parse("# only\n\ninclude_dir 'conf.d'\nwork_mem = 64 MB\njit = off\n")
    assert entries == (Entry(line=5, name="jit", value="off"),)
    assert unread == (
        Unread(line=3, text="include_dir 'conf.d'", reason="names another file, which is not read here"),
        Unread(line=4, text="work_mem = 64 MB", reason="is no setting: expected a name, a value, and nothing else"),
    )


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40))
def test_what_is_written_is_read_back(text: str) -> None:
    """Any value survives its quoting."""
    assert conf.parse(conf.settings([("x.y", text)])) == ((Entry(line=1, name="x.y", value=text),), ())


@pytest.mark.parametrize("text", ["it's", "a\\b", "tab\there", "line\nend", "zoë", "", " ", "'", "\\", "100%"])
def test_the_server_reads_back_what_is_written(text: str, server: Callable[[int], Cluster]) -> None:
    """The same on a real server, with a name that it takes as it stands."""
    with server(16).started(conf.setting("billing.thing", text) + "\n") as session:
        assert session.query("SHOW billing.thing") == [(text,)]


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_any_file_is_read(text: str) -> None:
    """Every line that is neither empty nor a comment is accounted for."""
    entries, unread = conf.parse(text)
    numbers = [each.line for each in (*entries, *unread)]
    assert len(numbers) == len(set(numbers))

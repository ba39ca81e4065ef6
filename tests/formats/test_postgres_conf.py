"""postgresql.conf is read and written as Postgres reads it: held to the view pg_file_settings of real servers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.postgres_servers import MAJORS, Cluster
from scripts.postgres_wire import Connection
from syncbot.formats import postgres_conf as conf
from syncbot.formats.postgres_conf import Broken, Include, Setting, read_conf, read_settings
from tests.formats.conf_files import conf_files
from tests.sweeps import FULL

FILES = 1000 if FULL else 20  # a major
Row = tuple[int, str, str]
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
    *("log_filename = pg.log", "jit =", "'jit' = on", "jit : on", "listen_addresses = *", "jit = on\f"),
)


class View:
    """What one server makes of files, by pg_file_settings. The file is not applied."""

    def __init__(self, folder: Path, session: Connection) -> None:
        self._file = folder / "postgresql.conf"
        self._session = session
        (folder / "other.conf").write_text("in.cluded = 1\n")
        (folder / "conf.d").mkdir(exist_ok=True)

    def rows(self, content: bytes) -> list[tuple[int, str | None, str | None]]:
        """Line, name and value of each entry; no name for the first broken line, which ends the view."""
        self._file.write_bytes(content)
        query = "SELECT sourceline, name, setting FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.conf'"
        return [(int(line or -1), name, value) for line, name, value in self._session.query(query + " ORDER BY seqno")]

    def read(self, content: bytes) -> tuple[list[Row], list[int]]:
        """The settings, and the broken lines: each is emptied in its turn, so that the server reads on."""
        lines, broken = content.split(b"\n"), []
        # At the end of a file without a last newline, it counts a line too few.
        while bad := [line for line, name, _ in self.rows(b"\n".join(lines) + b"\n") if name is None]:
            broken.append(bad[0])
            lines[bad[0] - 1] = b""
        rows = self.rows(b"\n".join(lines))
        return [(line, name or "", value or "") for line, name, value in rows], broken


Views = Callable[[int], AbstractContextManager[View]]


@pytest.fixture(scope="module")
def view(server: Callable[[int], Cluster]) -> Views:
    """A running server of the major, with the files that the generated ones include."""

    @contextmanager
    def of(major: int) -> Iterator[View]:
        cluster = server(major)
        folder = cluster.folder / "data"
        with cluster.started("") as session:
            yield View(folder, session)
        (folder / "other.conf").unlink()
        shutil.rmtree(folder / "conf.d")

    return of


def ours(content: bytes) -> tuple[list[Row], list[int]]:
    lines = read_conf(content)
    found = [(each.line, each.name, each.value) for each in lines if isinstance(each, Setting)]
    return found, [each.line for each in lines if isinstance(each, Broken)]


@pytest.mark.sweep
@pytest.mark.parametrize("major", MAJORS)
def test_generated_files(major: int, view: Views, record_property: Callable[[str, int], None]) -> None:
    """Names, values, line numbers and which lines are errors: equal to the server's, over all files, in every major."""
    wrong, settings_seen, broken_seen = [], 0, 0
    with view(major) as running:
        for content in conf_files(major, FILES):
            theirs = running.read(content)
            settings_seen, broken_seen = settings_seen + len(theirs[0]), broken_seen + len(theirs[1])
            if ours(content) != theirs:
                wrong.append((content, ours(content), theirs))
    assert wrong == []
    assert settings_seen > FILES and broken_seen > FILES
    record_property("count of conf files read by a server as well", FILES)


def test_lines_are_read_as_the_server_reads_them(view: Views) -> None:
    """A file without a fault, as people write them."""
    with view(16) as running:
        assert ours(LINES.encode()) == running.read(LINES.encode())
    assert len(ours(LINES.encode())[0]) == 14


def test_lines_that_the_server_cannot_read(view: Views) -> None:
    """Each by itself, and the line before it is read all the same."""
    with view(16) as running:
        for line in BROKEN:
            content = f"jit = on\n{line}\n".encode()
            assert (line, ours(content)) == (line, ([(1, "jit", "on")], [2]))
            assert (line, running.read(content)) == (line, ([(1, "jit", "on")], [2]))


def test_a_nul_in_quotes_is_refused(view: Views) -> None:
    """The one difference, wanted: the server lets it pass, and loses the rest of the value and one letter before it."""
    content = b"x.y = 'abc\0d'\n"
    with view(16) as running:
        assert running.read(content) == ([(1, "x.y", "ab")], [])
    assert ours(content) == ([], [1])


def test_where_a_file_ends_in_the_midst_of_a_line(view: Views) -> None:
    """We name the line itself; the server, which counts ends of lines, the one before."""
    content = b"jit = on\nwork_mem ="
    with view(16) as running:
        assert running.rows(content) == [(1, "jit", "on"), (1, None, None)]
    assert read_conf(content)[-1] == Broken(line=2, text="work_mem =")


def test_what_is_no_setting_is_kept() -> None:
    """Nothing is dropped silently: includes and broken lines come back as they stand, with their place."""
    content = b"# only\n\ninclude_dir 'conf.d'\nINCLUDE = x\nwork_mem = 64 MB\njit = off"
    assert read_conf(content) == (
        Include(line=3, text="include_dir 'conf.d'"),
        Include(line=4, text="INCLUDE = x"),
        Broken(line=5, text="work_mem = 64 MB"),
        Setting(line=6, name="jit", value="off"),
    )


def test_case_of_ascii_alone_is_folded() -> None:
    """As guc_name_compare does: `É` is a name of its own."""
    assert [each.key for each in read_settings("DateStyle = ISO\nÉ.Ü = 1\n".encode())] == ["datestyle", "É.Ü"]


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40))
def test_what_is_written_is_read_back(text: str) -> None:
    """Any value survives its quoting."""
    assert read_conf(conf.settings([("x.y", text)]).encode()) == (Setting(line=1, name="x.y", value=text),)


@pytest.mark.parametrize("text", ["it's", "a\\b", "tab\there", "line\nend", "zoë", "", " ", "'", "\\", "100%"])
def test_the_server_reads_back_what_is_written(text: str, server: Callable[[int], Cluster]) -> None:
    """The same on a real server, with a name that it takes as it stands."""
    with server(16).started(conf.setting("billing.thing", text) + "\n") as session:
        assert session.query("SHOW billing.thing") == [(text,)]


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read(content: bytes) -> None:
    """There is an answer to each line that is neither empty nor a comment, in order, and no more than one."""
    numbers = [each.line for each in read_conf(content)]
    assert numbers == sorted(set(numbers))
    told = [n for n, line in enumerate(content.split(b"\n"), 1) if line.partition(b"#")[0].strip(b" \t\r")]
    assert set(numbers) == set(told)

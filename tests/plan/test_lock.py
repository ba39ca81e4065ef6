"""What a lock records of a rendering: read back, merged by git in any order, and as an older syncbot has it."""

from __future__ import annotations

import itertools
import json
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncbot.model.files import FileId
from syncbot.plan.files.lock import Lock, Stanza, format_lock, parse_lock, slots_in
from tests.sweeps import FULL

PATHS = (".dockerignore", ".github/CODEOWNERS", "Dockerfile", "docker-compose.yml", "postgres/postgresql.conf")
OLD = f"""\
# What syncbot delivered to this repo, as it was rendered then. Written by syncbot alone; it holds no settings.
version = 1

[files.".github/CODEOWNERS"]
id = "{"1" * 40}"
mode = "100644"
template = "service"
config = "{"2" * 40}"

[files."Dockerfile"]
id = "{"3" * 40}"
mode = "100755"
template = "service"
"""
"""As syncbot wrote locks before it recorded trees and answers; the second was delivered outside git."""


def stanza(version: int = 1, **answers: object) -> Stanza:
    oid = f"{version:040x}"
    return Stanza(
        file=FileId(id=oid, mode="100644"),
        template="service",
        config=oid,
        tree=oid,
        tool=f"0.{version}",
        answers=answers,
    )


def as_before(text: str) -> dict[str, FileId]:
    """What the first syncbot read of a lock: any TOML, of which it took the stanzas that have its keys."""
    document = tomllib.loads(text)
    assert document["version"] == 1
    return {
        path: FileId(id=values["id"], mode=values["mode"])
        for path, values in document["files"].items()
        if {"id", "mode", "template"} <= values.keys()
    }


def test_the_layout_stands() -> None:
    """To the character, since the lock is merged by line: slots in their place, answers as JSON in one literal text."""
    lock = {"Dockerfile": stanza(service_name="orders-api", port=8081, node_version="18"), "a b": stanza(team="it's")}
    one = f"{1:040x}"
    common = f'id = "{one}"\nmode = "100644"\ntemplate = "service"\nconfig = "{one}"\ntree = "{one}"\ntool = "0.1"\n'
    assert format_lock(lock, [".dockerignore", "Dockerfile"]) == (
        "# What syncbot delivered to this repo, as it was rendered then. "
        "Written by syncbot alone; it holds no settings.\n"
        "version = 1\n"
        '\n[files.".dockerignore"]\n'
        f'\n[files."Dockerfile"]\n{common}'
        """answers = '{"node_version":"18","port":8081,"service_name":"orders-api"}'\n"""
        f'\n[files."a b"]\n{common}'
        r"""answers = "{\"team\":\"it's\"}"
"""
    )


def test_what_an_older_syncbot_wrote_stays_word_for_word() -> None:
    """Its stanzas are written again as they are, also beside slots and stanzas of today."""
    old = parse_lock(OLD)
    assert format_lock(old) == OLD
    assert {(each.tree, each.tool, each.answers) for each in old.values()} == {(None, None, None)}
    stanzas = OLD.split("\n\n")[1:]
    after = format_lock({**old, "docker-compose.yml": stanza()}, PATHS)
    assert all(f"\n\n{text.rstrip()}\n\n" in after for text in stanzas)


@settings(derandomize=True, deadline=None)
@given(st.sets(st.sampled_from(PATHS)), st.dictionaries(st.text(), st.text() | st.integers(), max_size=4))
def test_an_older_syncbot_reads_what_is_written_today(paths: set[str], answers: dict[str, object]) -> None:
    """Slots are nothing to it, and it takes the ids of stanzas whatever else stands in them."""
    lock = {path: stanza(x=answers) for path in paths}
    assert as_before(format_lock(lock, PATHS)) == {path: each.file for path, each in lock.items()}


def test_slots_are_read_back() -> None:
    """A header alone is a slot, and so is one whose stanza makes no sense; neither is a delivery."""
    text = format_lock({"Dockerfile": stanza()}, PATHS)
    assert parse_lock(text).keys() == {"Dockerfile"}
    assert slots_in(text) == set(PATHS) - {"Dockerfile"}
    assert slots_in(text.replace('mode = "100644"\n', "")) == set(PATHS)
    assert format_lock(parse_lock(text), slots_in(text)) == text
    assert slots_in("<<<<<<< HEAD\n") == frozenset()


@pytest.mark.parametrize(
    "answers",
    [
        '{"b":1,"a":2}',
        '{"a": 1}',
        '{"a":1,"a":1}',
        '{"a":1}\\n',
        '{"a":NaN}',
        '{"a":1e999}',
        '{"a":' + "1" * 5_000 + "}",
        '{"a":' * 10_000,
        "[" * 60_000,
        '["a"]',
        '{"a":"é"}',
        "",
        "x",
    ],
)
def test_answers_that_syncbot_did_not_write_are_none(answers: str) -> None:
    """Another order, a space, a key twice, numbers and nesting that stop a parser: the rest of the stanza is read."""
    text = format_lock({"Dockerfile": stanza()}).replace("'{}'", json.dumps(answers, ensure_ascii=False))
    read = parse_lock(text)
    assert read.get("Dockerfile", stanza()).answers is None or not read
    assert not read or read["Dockerfile"].tree == stanza().tree


def test_what_json_cannot_say_is_not_recorded() -> None:
    """An answer that would be read back as another, or not at all, leaves the stanza without answers."""
    for value in (float("nan"), float("inf"), {1, 2}, b"x"):
        text = format_lock({"Dockerfile": stanza(a=value)})
        assert parse_lock(text)["Dockerfile"].answers is None


def test_a_lock_never_grows_longer_than_one_that_is_read() -> None:
    """The longest stanzas lose their answers, tree and tool first; each file's id stays on record."""
    lock = {f"f{n:02}": stanza(x="x" * 1_000 * n) for n in range(20)}
    text = format_lock(lock)
    read = parse_lock(text)
    assert len(text) <= 65_536
    assert {path: each.file for path, each in read.items()} == {path: each.file for path, each in lock.items()}
    kept = [path for path, each in read.items() if each == lock[path]]
    lost = [path for path, each in read.items() if (each.tree, each.tool, each.answers) == (None, None, None)]
    assert kept == [f"f{n:02}" for n in range(len(kept))]
    assert 5 < len(kept) < 20
    assert len(kept) + len(lost) == 20


# ------------------------------------------------- three changesets on branches of their own, merged by git

files = st.builds(stanza, st.integers(1, 3), x=st.sampled_from(["18", "22", "it's"]))
olds = st.just(Stanza(file=FileId(id="1" * 40, mode="100644"), template="service", config="2" * 40))
locks = st.dictionaries(st.sampled_from(PATHS), files | olds, max_size=len(PATHS))


@st.composite
def changes(draw: st.DrawFn) -> tuple[Lock, Sequence[Lock]]:
    """A lock, and the same after each of three changesets, which deliver or remove files, none the same one."""
    before = draw(locks)
    owner = draw(st.lists(st.integers(0, 2), min_size=len(PATHS), max_size=len(PATHS)))
    after = []
    for changeset in range(3):
        lock = dict(before)
        for path in (path for path, mine in zip(PATHS, owner, strict=True) if mine == changeset):
            new = draw(st.none() | files)
            lock.pop(path, None)
            lock |= {path: new} if new else {}
        after.append(lock)
    return before, after


@settings(
    derandomize=True,
    deadline=None,
    max_examples=500 if FULL else 6,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes())
def test_changesets_on_different_files_merge_in_every_order(tmp_path: Path, drawn: tuple[Lock, Sequence[Lock]]) -> None:
    """With a header for each path that can be owned, git merges them without a conflict, to the lock that holds all."""
    before, after = drawn
    base = format_lock(before, PATHS)
    wanted = {path: new for path in PATHS if (new := _last(path, before, after)) is not None}
    for order in itertools.permutations(after):
        merged = base
        for lock in order:
            merged = merge(tmp_path, merged, base, format_lock(lock, PATHS))
        assert merged == format_lock(wanted, PATHS)


def test_without_slots_they_do_conflict(tmp_path: Path) -> None:
    """The control: two stanzas that are inserted in one gap. So a slot for every path is what it takes."""
    base, first, second = (format_lock({"z": stanza(), **new}) for new in ({}, {"a": stanza()}, {"b": stanza()}))
    with pytest.raises(subprocess.CalledProcessError):
        merge(tmp_path, first, base, second)


def _last(path: str, before: Lock, after: Sequence[Lock]) -> Stanza | None:
    changed = [lock.get(path) for lock in after if lock.get(path) != before.get(path)]
    return changed[0] if changed else before.get(path)


def merge(folder: Path, ours: str, base: str, theirs: str) -> str:
    """What git makes of it. Raises CalledProcessError for a conflict."""
    for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
        (folder / name).write_text(text)
    command = ["git", "merge-file", "--stdout", "ours", "base", "theirs"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout

"""The lock and the trailers: what is written is read back, and nonsense is no record."""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.model.files import FileId
from syncbot.plan.files.lock import Stanza, format_lock, parse_lock
from syncbot.plan.pulls.markers import is_untouched, proposal_in, with_markers
from syncbot.plan.pulls.trailers import digest, format_trailers, parse_trailers

steady = settings(derandomize=True, deadline=None)
oids = st.text("0123456789abcdef", min_size=40, max_size=40)
files = st.builds(FileId, id=oids, mode=st.sampled_from(["100644", "100755"]))
paths = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).map(lambda text: f"a/{text}")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
stanzas = st.builds(
    Stanza,
    file=files,
    template=st.text(min_size=1),
    config=st.none() | oids,
    tree=st.none() | oids,
    tool=st.none() | st.sampled_from(["0.9.1", "10.0.0.dev3+g0123456"]),
    answers=st.none() | st.dictionaries(st.text(), json_values, max_size=3),
)


@steady
@given(st.dictionaries(st.text(min_size=1), stanzas, max_size=4))
def test_lock_round_trips(lock: dict[str, Stanza]) -> None:
    """Any stanzas, hostile paths included, are read back as they were, from valid TOML."""
    encodable = {path: s for path, s in lock.items() if _is_text(path) and _is_text(s.template)}
    assert parse_lock(format_lock(encodable)) == encodable


A_LOCK = """\
# What syncbot delivered to this repo, as it was rendered then. Written by syncbot alone; it holds no settings.
version = 1

[files.".dockerignore"]

[files."Dockerfile"]
id = "37cff220eb31480537a6890d88a106031844b4af"
mode = "100644"
template = "service"
config = "2222222222222222222222222222222222222222"
tree = "5d41402abc4b2a76b9719d911017c592aaaaaaaa"
tool = "0.9.1"
answers = '{"node_version":"18","port":8081,"service_name":"orders-api"}'

[files."caf\u00e9\\t\\\\ \\"x\\""]
id = "1111111111111111111111111111111111111111"
mode = "100755"
template = "service"
"""
"""By hand, with what another version of syncbot may write: more keys, and stanzas that are still empty."""


def _is_text(text: str) -> bool:
    return text.isprintable() or all(ord(c) < 0xD800 or ord(c) > 0xDFFF for c in text)


def _by_toml(text: str) -> dict[str, Stanza]:
    """What Python's own TOML parser reads of a lock."""
    document = tomllib.loads(text)
    assert document["version"] == 1
    return {
        path: Stanza(
            file=FileId(id=it["id"], mode=it["mode"]),
            template=it["template"],
            config=it.get("config"),
            tree=it.get("tree"),
            tool=it.get("tool"),
            answers=json.loads(it["answers"]) if "answers" in it else None,
        )
        for path, it in document.get("files", {}).items()
        if it
    }


def test_a_lock_with_more_keys_and_empty_stanzas_is_read_as_toml() -> None:
    """What a later version records besides is skipped, and so is a stanza that nothing was delivered for yet."""
    read = parse_lock(A_LOCK.replace('mode = "100644"\n', 'mode = "100644"\nwave = "2"\n'))
    assert set(read) == {"Dockerfile", 'caf\u00e9\t\\ "x"'}
    assert read == _by_toml(A_LOCK) == parse_lock(A_LOCK.replace("\n", "\r\n"))
    assert read == parse_lock(A_LOCK.replace(" = ", "=").replace('"\n', '" # formatted\n'))


@steady
@given(st.dictionaries(st.text(min_size=1).filter(_is_text), stanzas, max_size=4))
def test_a_lock_that_syncbot_wrote_is_read_as_toml_reads_it(lock: dict[str, Stanza]) -> None:
    """The grammar and Python's own parser agree on every lock that was written."""
    text = format_lock({path: stanza for path, stanza in lock.items() if _is_text(stanza.template)})
    assert parse_lock(text) == _by_toml(text)


@settings(derandomize=True, deadline=None, max_examples=1_000)
@given(st.data())
def test_the_grammar_never_reads_what_toml_reads_otherwise(data: st.DataObject) -> None:
    """A lock that was cut up and put together again is read as TOML reads it, or not at all."""
    pieces = st.sampled_from(
        [*A_LOCK.splitlines(keepends=True), *"\"'[]=#.\\\r\n\t\0\x7f", "\\u0041", "\\ud800", "\ufeff"]
    )
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(A_LOCK))] * 2)))
    text = A_LOCK[:start] + "".join(data.draw(st.lists(pieces, max_size=3))) + A_LOCK[end:]
    read = parse_lock(text)
    if read:
        document = tomllib.loads(text)["files"]
        for path, stanza in read.items():
            assert document[path].items() >= {"id": stanza.file.id, "mode": stanza.file.mode}.items()


STANZA = f'[files."a"]\nid = "{"1" * 40}"\nmode = "100644"\ntemplate = "t"\n'


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 6_000,
        "x = " + "1" * 5_000,
        "x = " + "{a=" * 3_000,
        "a." * 24_000 + "a = 1",
        f"[{'a.' * 24_000}a]",
        "[[" * 20_000,
        "x = " + "'" * 3 + "a" * 60_000,
        'x = """' + "\\" * 60_000,
        f'{STANZA}answers = "{"a" * 100_000}"\n',
        f'{STANZA}answers = "{chr(92) * 2 * 30_000}\n',
        f"{STANZA}answers = '{'a' * 60_000}\n",
        f"{STANZA}{' ' * 60_000}x\n",
        f"{STANZA}answers{' ' * 60_000}x\n",
        STANZA * 2,
        f"{STANZA}id = 1\n",
        f"{STANZA}when = 1979-05-27T07:32:00Z\n",
        f"{STANZA}x = 9e99999\n",
        f"<<<<<<< HEAD\n{STANZA}=======\n>>>>>>> other\n",
        '[files."\\ud800"]\n',
        '[files."\\U00110000"]\n',
        "[files]\nb = 3\n",
        "files = 3\n",
        f"\ufeff{STANZA}",
        "\0" * 60_000,
        '{"version": 1}',
        "\ud800",
    ],
)
def test_a_hostile_lock_is_none(text: str) -> None:
    """Nesting, numbers, quadratic keys, surrogates and conflict markers: no record, and no exception."""
    assert parse_lock(f"version = 1\n{text}") == {}
    assert parse_lock(text) == {}


def test_a_long_lock_is_read_in_linear_work() -> None:
    """Two hundred files are read with twice the calls of one hundred; a lock above 64 kB is not looked at."""

    def calls(files: int) -> int:
        counted: Counter[str] = Counter()
        text = format_lock(
            {f"f{n}": Stanza(file=FileId(id="1" * 40, mode="100644"), template="t") for n in range(files)}
        )
        sys.setprofile(lambda frame, event, arg: counted.update([event]))
        try:
            assert len(parse_lock(text)) in (files, 0)
        finally:
            sys.setprofile(None)
        return counted.total()

    assert calls(200) < 2.2 * calls(100)
    assert calls(2_000) < 30


@steady
@given(st.text())
def test_any_text_is_a_lock_or_none(text: str) -> None:
    """A lock that a person mangled is treated as absent, never crashed on."""
    assert isinstance(parse_lock(text), dict)


def test_stanzas_that_make_no_sense_are_left_out() -> None:
    """Ids that are no blob ids and values of the wrong type do not become records."""
    text = 'version = 1\n[files.a]\nid = "x"\nmode = "100644"\ntemplate = "t"\n[files]\nb = 3\n'
    assert parse_lock(text.replace("[files]\nb = 3\n", "")) == {}
    assert parse_lock("version = 2\n") == parse_lock("version = 1\nfiles = 3\n") == {}


def test_changesets_on_different_files_change_lines_that_git_can_merge() -> None:
    """Between the lines of two neighbouring stanzas that change there are lines that do not."""
    old = {path: Stanza(file=FileId(id="1" * 40, mode="100644"), template="t", config="2" * 40) for path in "ab"}
    new = Stanza(file=FileId(id="3" * 40, mode="100755"), template="t", config="4" * 40)
    before, first, second = (format_lock(old | change).splitlines() for change in ({}, {"a": new}, {"b": new}))
    changed = [{i for i, line in enumerate(before) if line != after[i]} for after in (first, second)]
    assert max(changed[0]) + 1 < min(changed[1])
    tomllib.loads(format_lock(old))


@steady
@given(st.dictionaries(paths, st.none() | files, max_size=4), st.sampled_from(["sync", "adopt", "node-22"]))
def test_trailers_round_trip(proposed: dict[str, FileId | None], changeset: str) -> None:
    """What a commit message proposes is read back, also below other text."""
    message = f"Update Dockerfile\n\nWhy: because.\n\n{format_trailers(changeset, proposed)}\n"
    read = parse_trailers(message)
    assert read and (read.changeset, read.proposed, read.digest) == (changeset, proposed, digest(proposed))


def test_trailers_that_contradict_each_other_are_none() -> None:
    """A message edited by hand, or one without trailers, says nothing of what the bot proposed."""
    message = format_trailers("sync", {"a": FileId(id="1" * 40, mode="100644")})
    assert parse_trailers(message.replace("100644", "100755")) is None
    assert parse_trailers("Fix the build\n") is None


@steady
@given(st.dictionaries(paths, st.none() | files, min_size=1, max_size=4), st.text(max_size=50), st.booleans())
def test_a_body_remembers_what_it_proposed(proposed: dict[str, FileId | None], body: str, crlf: bool) -> None:
    """Whatever the text around it and the line ends of a browser; the mark still tells that nobody changed it."""
    block = format_trailers("sync", proposed)
    written = with_markers(body, block)
    if crlf:
        written = written.replace("\r\n", "\n").replace("\n", "\r\n")
    found = proposal_in(written)
    hidden = not any(end in block for end in ("-->", "--!>"))
    assert (found.proposed if found else None) == (proposed if hidden else None)
    if "\r" not in body:
        assert is_untouched(written)
        assert not is_untouched(written.replace("<!-- syncbot:proposed", "<!-- x", 1)) or not hidden


def test_a_proposal_that_does_not_fit_or_cannot_be_hidden_is_left_out() -> None:
    """GitHub refuses a longer body, and nothing of it may show."""
    file = FileId(id="a" * 40, mode="100644")
    block = format_trailers("sync", {"a": file})
    assert proposal_in(with_markers("x" * 65_000, block)) is not None
    assert len(with_markers("x" * 65_000, block)) <= 65_536
    assert with_markers("x" * 65_300, block) == with_markers("x" * 65_300)
    for path in ("a-->b", "a--!>b"):
        assert with_markers("x", format_trailers("sync", {path: file})) == with_markers("x")


def test_a_proposal_that_a_person_changed_is_none() -> None:
    """The digest tells; and of several the last counts, which is the bot's own."""
    file = FileId(id="a" * 40, mode="100644")
    block, other = format_trailers("sync", {"a": file}), format_trailers("sync", {"b": file})
    assert proposal_in(with_markers("x", block).replace("a" * 40, "b" * 40)) is None
    assert proposal_in("nothing") is None
    found = proposal_in(with_markers(f"<!-- syncbot:proposed\n{other}\n-->", block))
    assert found is not None
    assert found.proposed == {"a": file}

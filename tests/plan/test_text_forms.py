"""The lock and the trailers: what is written is read back, and nonsense is no record."""

from __future__ import annotations

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.model import FileId
from syncbot.plan.lock import Stanza, format_lock, parse_lock
from syncbot.plan.trailers import digest, format_trailers, parse_trailers

steady = settings(derandomize=True, deadline=None)
oids = st.text("0123456789abcdef", min_size=40, max_size=40)
files = st.builds(FileId, id=oids, mode=st.sampled_from(["100644", "100755"]))
paths = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).map(lambda text: f"a/{text}")
stanzas = st.builds(Stanza, file=files, template=st.text(min_size=1), config=st.none() | oids)


@steady
@given(st.dictionaries(st.text(min_size=1), stanzas, max_size=4))
def test_lock_round_trips(lock: dict[str, Stanza]) -> None:
    """Any stanzas, hostile paths included, are read back as they were, from valid TOML."""
    encodable = {path: s for path, s in lock.items() if _is_text(path) and _is_text(s.template)}
    assert parse_lock(format_lock(encodable)) == encodable


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


def _is_text(text: str) -> bool:
    return text.isprintable() or all(ord(c) < 0xD800 or ord(c) > 0xDFFF for c in text)

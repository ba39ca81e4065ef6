"""Which paths change owner between two CODEOWNERS: by GitHub's rules, by each path, and bounded."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.formats import owner_changes as module
from syncbot.formats.codeowners import read_codeowners
from syncbot.formats.owner_changes import FIRST_PATHS, MOST_MOVES, OwnerChanges, Owners, owner_changes, same_owners

PATHS = ("Dockerfile", "docs/a.md", "src/app.js", "src/deep/b.js")
NOBODY: Owners = ()
BACK: dict[str, tuple[Owners, Owners]] = dict.fromkeys(PATHS[2:], (("@b",), ("@a",)))
ROWS: tuple[tuple[str, str, str, dict[str, tuple[Owners, Owners]]], ...] = (
    ("nothing changes", "* @a", "* @a", {}),
    ("another owner of all", "* @a", "* @b", dict.fromkeys(PATHS, (("@a",), ("@b",)))),
    ("a later line takes a path", "* @a", "* @a\n/Dockerfile @p", {"Dockerfile": (("@a",), ("@p",))}),
    ("an earlier line takes nothing", "* @a", "/Dockerfile @p\n* @a", {}),
    ("an earlier line that a later one hides", "/Dockerfile @p\n* @a", "* @a", {}),
    ("a line is gone, the one above it wins", "* @a\n/src/ @b", "* @a", BACK),
    ("nobody was named at all", "", "/docs/ @d", {"docs/a.md": (None, ("@d",))}),
    ("nobody is named any more", "/docs/ @d", "", {"docs/a.md": (("@d",), None)}),
    ("a line without owners is not no line", "", "/docs/", {"docs/a.md": (None, NOBODY)}),
    ("a line without owners takes a path away", "* @a", "* @a\n*.js", dict.fromkeys(PATHS[2:], (("@a",), NOBODY))),
    ("no line any more where one named nobody", "/docs/", "/src/", {
        "docs/a.md": (NOBODY, None), "src/app.js": (None, NOBODY), "src/deep/b.js": (None, NOBODY)}),
    ("one more owner", "/Dockerfile @a", "/Dockerfile @a @p", {"Dockerfile": (("@a",), ("@a", "@p"))}),
    ("the same owners in another order", "* @a @b", "* @b @a", {}),
    ("the same owners in other letters", "* @Acme/Web", "* @acme/web", {}),
    ("the same owners by another pattern", "/src/ @a", "/src/** @a", {}),
    ("lines in another order, which decides", "/src/ @a\n*.js @b", "*.js @b\n/src/ @a", BACK),
    ("lines in another order, which does not matter", "/src/ @a\n/docs/ @b", "/docs/ @b\n/src/ @a", {}),
    ("right inside a folder alone", "* @a", "* @a\nsrc/* @b", {"src/app.js": (("@a",), ("@b",))}),
    ("a folder with all below", "* @a", "* @a\nsrc/ @b", dict.fromkeys(PATHS[2:], (("@a",), ("@b",)))),
    ("case matters in a path", "* @a", "* @a\n/dockerfile @b", {}),
    ("a line that GitHub skips takes nothing", "* @a", "* @a\n!Dockerfile @b\n[D]ockerfile @b", {}),
    ("a comment owns nothing", "* @a", "* @a\n# /Dockerfile @b", {}),
    ("a line that GitHub skips from now on", "* @a\n/src/ @b", "* @a\n/src/ @b nobody", BACK),
    ("the block below the team's later line", "/Dockerfile @p\n/Dockerfile @a", "/Dockerfile @a\n/Dockerfile @p", {
        "Dockerfile": (("@a",), ("@p",))}),
)  # fmt: skip


def changes(before: str, after: str, *kept: str, added: tuple[str, ...] = ()) -> OwnerChanges:
    return owner_changes(read_codeowners(before.encode()), read_codeowners(after.encode()), kept=kept, added=added)


def by_path(told: OwnerChanges) -> dict[str, tuple[Owners, Owners]]:
    return {path: (move.before, move.after) for move in told.moved for path in move.paths}


@pytest.mark.parametrize(("row", "before", "after", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_by_githubs_rules(row: str, before: str, after: str, expected: dict[str, tuple[Owners, Owners]]) -> None:
    """From whom to whom each path goes, written by hand; what is not named stays whose it was."""
    told = changes(before, after, *PATHS)
    assert by_path(told) == expected, row
    assert (told.looked_at, told.left_out, told.further) == (len(PATHS), 0, 0)


LINE = st.tuples(
    st.sampled_from(("*", "/a", "a/", "*.b", "/a/*", "**/b", "!a", "/c/a.b")),
    st.sampled_from(("", " @x", " @y", " @X")),
).map("".join)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(LINE, max_size=5), st.lists(LINE, max_size=3), st.lists(LINE, max_size=3))
def test_the_same_as_looking_at_every_path(shared: list[str], old: list[str], new: list[str]) -> None:
    """That lines which both begin with are not looked at changes nothing of what is said."""
    before, after = ("\n".join((*shared, *own)) for own in (old, new))
    paths = ("a", "a/b", "a/c/b", "c/a.b", "d")
    owners = {path: tuple(read_codeowners(text.encode()).owners(path) for text in (before, after)) for path in paths}
    assert by_path(changes(before, after, *paths)) == {p: o for p, o in owners.items() if not same_owners(*o)}


def test_added_paths_were_nobodys() -> None:
    """They lead, go from nobody to who owns them, and are not told where nobody comes to."""
    told = changes("* @a", "* @a\n/x @p\n/y", "z", added=("x", "y", "w"))
    assert [(m.added, m.before, m.after, m.paths) for m in told.moved] == [
        (True, None, ("@a",), ("w",)),
        (True, None, ("@p",), ("x",)),
    ]


def test_many_paths_stay_short() -> None:
    """Paths of one move are counted, and the first named; moves beyond the most common are counted together."""
    many = tuple(f"src/{number:05}.js" for number in range(5_000))
    (move,) = changes("* @a", "* @b", *many).moved
    assert (move.count, move.paths) == (5_000, many[:FIRST_PATHS])
    lines = "\n".join(f"/{path} @owner{number}" for number, path in enumerate(many[:200]))
    told = changes("", lines, *many)
    assert (len(told.moved), told.further) == (MOST_MOVES, 200 - MOST_MOVES)


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With too many paths and lines some paths are left out, never those added, and their number is told."""
    monkeypatch.setattr(module, "MOST_MATCHES", 100)
    many = tuple(f"src/{number:05}.js" for number in range(1_000))
    told = changes("* @a", "* @b", *many, added=("zzz",))
    assert told.moved[0].paths == ("zzz",)
    assert 0 < told.looked_at < 100
    assert told.looked_at + told.left_out == 1_001

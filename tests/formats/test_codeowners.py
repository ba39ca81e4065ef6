"""CODEOWNERS: GitHub's rules row by row, gitignore's by git itself, and the sandbox's reader held to the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.formats.codeowners import MAX_BYTES, read_codeowners
from syncbot.sandbox import codeowners as sandbox
from tests.formats.owner_rules import ROWS, RULES

LINE = st.text(alphabet="ab/*?\\ #!@[].\t", max_size=12)
PATH = st.lists(st.sampled_from(("a", "b", "ab", "a b", "#a", ".a")), min_size=1, max_size=4).map("/".join)
PATTERN = st.text(alphabet="ab/*?", min_size=1, max_size=9)


def by_sandbox(text: str, path: str) -> tuple[str, ...]:
    return sandbox.owners_of(sandbox.parse(text.encode()), path)


def test_enough_rules() -> None:
    """Each documented rule has a row, and there are at least 60 rows."""
    assert len(ROWS) >= 60
    assert all(RULES.values())


@pytest.mark.parametrize(("rule", "text", "path", "owners"), ROWS)
def test_github_s_rules(rule: str, text: str, path: str, owners: str | None) -> None:
    """Who owns a path, by the rule that the row stands under; the sandbox's GitHub says the same."""
    expected = None if owners is None else tuple(owners.split())
    assert read_codeowners(text.encode()).owners(path) == expected, rule
    assert by_sandbox(text, path) == (expected or ()), rule


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(LINE, max_size=3).map("\n".join), PATH)
def test_two_readers_agree(text: str, path: str) -> None:
    """The product's reader and the sandbox's, written apart, give any path the same owners."""
    assert (read_codeowners(text.encode()).owners(path) or ()) == by_sandbox(text, path)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(PATTERN.map("{} @a".format) | LINE, PATH)
def test_two_readers_agree_on_patterns(text: str, path: str) -> None:
    """The same where more patterns are well formed."""
    assert (read_codeowners(text.encode()).owners(path) or ()) == by_sandbox(text, path)


@settings(derandomize=True, deadline=None, max_examples=5)
@given(st.lists(st.tuples(PATTERN, PATH), min_size=120, max_size=120))
def test_git_reads_patterns_the_same_way(
    tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[str, str]]
) -> None:
    """What GitHub leaves to gitignore, git decides: all patterns but the documented exception, `docs/*`."""
    root = tmp_path_factory.mktemp("ignored")
    shared = [(p, path) for p, path in cases if not read_codeowners(p.encode()).diagnostics and not p.endswith("/*")]
    for number, (pattern, _) in enumerate(shared):
        Path(root, str(number)).mkdir()
        Path(root, str(number), ".gitignore").write_text(f"{pattern}\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    asked = "".join(f"{number}/{path}\0" for number, (_, path) in enumerate(shared))
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        input=asked.encode(),
        cwd=root,
        capture_output=True,
        check=False,
    )
    ignored = set(done.stdout.decode().split("\0"))
    for number, (pattern, path) in enumerate(shared):
        matched = read_codeowners(f"{pattern} @a".encode()).owners(path) is not None
        assert matched == (f"{number}/{path}" in ignored), (pattern, path)


def test_too_large() -> None:
    """GitHub does not load a file of 3 MB: nobody owns anything, and one diagnostic says why."""
    content = b"* @a\n".ljust(MAX_BYTES, b"\n")
    assert read_codeowners(content).owners("x") is None
    assert [found.code for found in read_codeowners(content).diagnostics] == ["owners-size"]
    assert read_codeowners(content[1:]).owners("x") is None
    assert read_codeowners(content[:-1]).owners("x") == ("@a",)
    assert sandbox.parse(content) == ()


def test_skipped_lines_are_said_with_their_place() -> None:
    """Path, line, column and code of each."""
    read = read_codeowners(b"* @a\n!x @a\n/y @a bad\n", "CODEOWNERS")
    assert [(found.path, found.line, found.column, found.code) for found in read.diagnostics] == [
        ("CODEOWNERS", 2, 1, "owners-pattern"),
        ("CODEOWNERS", 3, 7, "owners-form"),
    ]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.binary(max_size=80), st.text(alphabet="ab/.*", max_size=12))
def test_any_bytes_are_read(content: bytes, path: str) -> None:
    """Whatever stands in the file, it is read."""
    read_codeowners(content, "CODEOWNERS").owners(path)
    sandbox.owners_of(sandbox.parse(content), path)


def test_ownerships_are_of_the_line_that_counts() -> None:
    """Of two lines with one pattern only the last can ever decide."""
    assert read_codeowners(b"/x @a @b\n/x @c\n/y\n").ownerships == {("/x", "@c")}


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 60 + "b", "a" * 250),
        ("/" + "*a?" * 40 + "b", "a" * 250 + "/x"),
        ("**/a/" * 60 + "b", "a/" * 400 + "c"),
        ("/" + "**/" * 200 + "b", "a/" * 400 + "c"),
        ("/" + "**/*a*/" * 40 + "**/", "ba/" * 400 + "c" * 250),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    """A repo may hold any pattern: with a reader that tries every way to share a path out, this test would not end."""
    owners = read_codeowners(f"{pattern} @a".encode()).owners(path)
    assert owners == (("@a",) if pattern.endswith("**/") else None)

"""CODEOWNERS as GitHub reads it: who owns a path, which lines are skipped, and what the check says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.check.codeowners import check_codeowners, check_ownership, effective_owners
from tests.check.renderings import rendering, with_file

# (the lines, the path, its owners): examples of GitHub's documentation first, then what people get wrong.
OWNERS = [
    ("* @a", "any/where/x.js", "@a"),
    ("*.js @js", "x.js", "@js"),
    ("*.js @js", "deep/er/x.js", "@js"),
    ("*.js @js", "x.ts", None),
    ("/build/logs/ @a", "build/logs/deep/x", "@a"),
    ("/build/logs/ @a", "src/build/logs/x", None),
    ("docs/* @a", "docs/getting-started.md", "@a"),
    ("docs/* @a", "docs/build-app/troubleshooting.md", None),
    ("apps/ @a", "apps/x", "@a"),
    ("apps/ @a", "deep/apps/er/x", "@a"),
    ("apps/ @a", "apps", None),
    ("/docs/ @a", "docs/x/y", "@a"),
    ("/scripts/ @a @b", "scripts/x", "@a @b"),
    ("**/logs @a", "build/logs", "@a"),
    ("**/logs @a", "deeply/nested/logs/x", "@a"),
    ("**/logs @a", "logs", "@a"),
    ("/apps/ @a\n/apps/github", "apps/github/x", ""),
    ("/apps/ @a\n/apps/github @b", "apps/github", "@b"),
    ("* @a\nDockerfile @b", "service/Dockerfile", "@b"),
    ("* @a\n/Dockerfile @b", "service/Dockerfile", "@a"),
    ("/Dockerfile @b\n* @a", "Dockerfile", "@a"),
    ("CODEOWNERS @a", ".github/CODEOWNERS", "@a"),
    ("CODEOWNERS @a", "CODEOWNERS", "@a"),
    ("/.github/syncbot.lock @a", ".github/syncbot.lock", "@a"),
    ("/dockerfile @a", "Dockerfile", None),
    ("a/**/b @a", "a/b", "@a"),
    ("a/**/b @a", "a/x/y/b", "@a"),
    ("a/** @a", "a/x/y", "@a"),
    ("a/** @a", "a", None),
    ("a?c @a", "abc", "@a"),
    ("a?c @a", "a/c", None),
    ("src/*.js @a", "src/x.js", "@a"),
    ("src/*.js @a", "src/deep/x.js", None),
    ("src/*.js @a", "lib/src/x.js", None),
    ("with\\ space.txt @a", "with space.txt", "@a"),
    ("* @a # and why", "x", "@a"),
    ("# * @a", "x", None),
    ("  * @a", "x", "@a"),
    ("* @a\r", "x", "@a"),
    ("* a@example.com", "x", "a@example.com"),
    ("* @org/team.name_1", "x", "@org/team.name_1"),
    ("* @a\n!Dockerfile @b", "Dockerfile", "@a"),
    ("* @a\n[D]ockerfile @b", "Dockerfile", "@a"),
    ("* @a\n/Dockerfile @b nobody", "Dockerfile", "@a"),
    ("* @a\n\\#file @b", "#file", "@a"),
    ("/ @a", "x", "@a"),
    ("", "x", None),
]


@pytest.mark.parametrize(("text", "path", "owners"), OWNERS)
def test_who_owns_a_path(text: str, path: str, owners: str | None) -> None:
    """The last line that matches decides; a line that GitHub skips decides nothing."""
    found = effective_owners(text.encode(), path)
    assert found == (None if owners is None else tuple(owners.split()))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.binary(max_size=80), st.text(alphabet="ab/.*", max_size=12))
def test_any_bytes_are_read(content: bytes, path: str) -> None:
    """Whatever stands in the file, it is read, and at worst found fault with."""
    effective_owners(content, path)
    list(check_codeowners(".github/CODEOWNERS", content))


def test_the_teams_lines_may_say_anything_that_does_not_take_an_owned_path() -> None:
    """Lines above the block are overridden by it."""
    base = rendering()
    path = ".github/CODEOWNERS"
    text = base.files[path].content.decode()
    assert list(check_ownership(with_file(base, path, f"/Dockerfile @acme/payments\n{text}"))) == []


def test_a_file_that_github_does_not_read() -> None:
    """In another folder, in other letters, or shadowed by one that GitHub finds first."""
    base = rendering()
    text = base.files[".github/CODEOWNERS"].content.decode()
    codes = {
        "docs/CODEOWNERS": [".github/CODEOWNERS and never this one"],
        "src/CODEOWNERS": ["looks for it at"],
        ".github/codeowners": ["looks for it at"],
    }
    for path, said in codes.items():
        findings = [finding for finding in check_ownership(with_file(base, path, text)) if finding.path == path]
        assert [words in finding.message for words, finding in zip(said, findings, strict=True)] == [True]


def test_too_large() -> None:
    """GitHub ignores a file of more than 3 MB as a whole."""
    content = b"# BEGIN syncbot\n/a @a\n# END syncbot\n".rjust(3 * 1024 * 1024 + 1, b"\n")
    assert [finding.code for finding in check_codeowners("CODEOWNERS", content)] == ["owners-size"]

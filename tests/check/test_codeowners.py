"""What the check says of a rendered CODEOWNERS; how it is read is tested with the reader."""

from __future__ import annotations

from syncbot.check.codeowners import check_ownership
from tests.check.renderings import rendering, with_file


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

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


BLOCK_END = "# END syncbot"


def in_the_block(line: str) -> list[tuple[str, int, str]]:
    """(code, line, message) of what is found with one more line in the block, as its last."""
    base = rendering()
    path = ".github/CODEOWNERS"
    text = base.files[path].content.decode()
    changed = with_file(base, path, text.replace(BLOCK_END, f"{line}\n{BLOCK_END}"))
    return [(found.code, found.line, found.message) for found in check_ownership(changed)]


def test_a_later_line_that_takes_an_owned_path() -> None:
    """Whoever it names, or nobody: the finding stands at the line that decides, with the path and both owners."""
    text = rendering().files[".github/CODEOWNERS"].content.decode()
    line = text.count("\n", 0, text.index(BLOCK_END)) + 1
    lost = "Dockerfile belongs to {} by this line, not to @acme/platform"
    assert in_the_block("/Dockerfile @acme/payments") == [("owners-lost", line, lost.format("@acme/payments"))]
    assert ("owners-lost", line, lost.format("nobody")) in in_the_block("/Dockerfile")
    assert in_the_block("/Dockerfile @acme/payments @acme/platform") == []
    codes = {code for code, _, _ in in_the_block("Docker* @acme/payments")}
    assert codes == {"owners-lost"}


def test_a_line_of_the_block_that_takes_what_is_not_owned() -> None:
    """Starters are the team's: the block gives them to nobody else, however broad one of its patterns is."""
    base = rendering()
    theirs = base.files.keys() - set(base.owned_paths)
    assert not [found for found in check_ownership(base) if found.code == "owners-taken"]
    ((_, _, message),) = (found for found in in_the_block("* @acme/platform") if found[0] == "owners-taken")
    assert message == (
        f"{min(theirs)} and {len(theirs) - 1} more, which the platform does not own, would go to @acme/platform"
    )

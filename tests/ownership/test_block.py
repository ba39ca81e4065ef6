"""Ownership `block`: the block is found, put last, and no line of the team's is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.model.files import Ownership
from syncbot.ownership import MalformedBlock, owned_part, with_owned_part, without_owned_part

BLOCK = b"# BEGIN syncbot: owned\n/Dockerfile @acme/platform\n# END syncbot\n"
steady = settings(derandomize=True, deadline=None)
lines = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])).filter(
        lambda line: not line.startswith(("# BEGIN syncbot", "# END syncbot"))
    )
)


def put(live: bytes, block: bytes = BLOCK) -> bytes:
    return with_owned_part(Ownership.BLOCK, live, block)


@steady
@given(lines, st.booleans())
def test_the_block_comes_last_and_the_teams_lines_stay(team: list[str], ended: bool) -> None:
    """Over any file: the block is its end, every line stays in order, and a second time changes nothing."""
    live = ("\n".join(team) + ("\n" if ended and team else "")).encode()
    once = put(live)
    assert once.endswith(BLOCK) and owned_part(Ownership.BLOCK, once) == BLOCK
    kept = once.removesuffix(BLOCK).decode().split("\n")
    assert [line for line in kept if line.strip()] == [line for line in team if line.strip()]
    assert put(once) == once


@steady
@given(lines)
def test_a_block_that_is_taken_out_leaves_the_teams_lines(team: list[str]) -> None:
    """As the file was before, but for blank lines at its end; of a file with nothing else in it nothing is left."""
    live = "".join(f"{line}\n" for line in team).encode()
    left = without_owned_part(Ownership.BLOCK, put(live))
    kept = [line for line in (left or b"").decode().split("\n") if line.strip()]
    assert kept == [line for line in team if line.strip()]
    assert (left is None) == (not live.strip())
    assert left is None or (left.endswith(b"\n") and not left.endswith(b"\n\n"))


@steady
@given(lines, lines)
def test_lines_below_the_block_move_above_it(above: list[str], below: list[str]) -> None:
    """A line put below the block is an edit of the owned part; the restore keeps it, above the block."""
    head = "".join(f"{line}\n" for line in above).encode()
    tail = "".join(f"{line}\n" for line in below).encode()
    restored = put(head + BLOCK + tail)
    kept = restored.removesuffix(BLOCK).decode().split("\n")
    assert restored.endswith(BLOCK)
    assert [line for line in kept if line.strip()] == [line for line in above + below if line.strip()]


def test_a_new_block_replaces_the_old() -> None:
    """The block is replaced where it stands; the team's lines above keep every byte."""
    live = b"* @acme/shop\n\n" + BLOCK
    other = BLOCK.replace(b"/Dockerfile", b"/compose.yml")
    assert put(live, other) == b"* @acme/shop\n\n" + other


def test_no_block_is_no_part() -> None:
    """A file without markers holds no owned part; with ownership `file` all of it is owned."""
    assert owned_part(Ownership.BLOCK, b"* @acme/shop\n") is None
    assert owned_part(Ownership.FILE, b"* @acme/shop\n") == b"* @acme/shop\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (BLOCK + BLOCK, "line 4: a second begin marker"),
        (b"# BEGIN syncbot\nx\n", "the end marker of the syncbot block is gone"),
        (b"x\n# END syncbot\n", "the begin marker of the syncbot block is gone"),
        (b"# END syncbot\n# BEGIN syncbot\n", "line 1: the syncbot block ends before it begins"),
        (b"# BEGIN syncbot\n# END syncbot\n# END syncbot\n", "line 3: a second end marker"),
    ],
)
def test_markers_that_do_not_pair_up_are_said(content: bytes, says: str) -> None:
    """Duplicated, half-deleted or swapped markers are named with their line, and nothing is written."""
    for act in (lambda: owned_part(Ownership.BLOCK, content), lambda: put(content)):
        with pytest.raises(MalformedBlock, match=says):
            act()

"""Owned edits as a function of values: what can never be held against anybody, whatever the files hold."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.model.files import File, FileId, Ownership, blob_id
from syncbot.ownership import owned_part
from syncbot.plan.files.guard import Versions, guarded_paths, owned_edits
from syncbot.plan.files.lock import Stanza
from syncbot.report.annotations import annotation

MARKED = b"# BEGIN syncbot\nours\n# END syncbot\n"
contents = st.lists(st.sampled_from((b"a\n", b"b\n", b"\xff", MARKED, b"# BEGIN syncbot\n", b"")), max_size=4).map(
    b"".join
)
files = st.none() | st.builds(File, content=contents, mode=st.sampled_from(("100644", "100755")))


def stanza(part: bytes) -> Stanza:
    return Stanza(file=FileId(id=blob_id(part), mode="100644"), template="service")


@settings(derandomize=True, deadline=None, max_examples=300)
@given(files, files, files, contents)
def test_what_is_as_it_was_is_no_edit(start: File | None, base: File | None, head: File | None, part: bytes) -> None:
    """Equal to the start or to the base is none; lines always lie in the head."""
    lock = {"f": stanza(part)}
    for same in (start, base):
        assert list(owned_edits("f", lock, Versions(start=start, base=base, head=same))) == []
    for edit in owned_edits("f", lock, Versions(start=start, base=base, head=head)):
        lines = head.content.count(b"\n") + 1 if head else 0
        assert 0 <= edit.line <= max(lines, 1)
        assert edit.what


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(st.sampled_from((b"* @a\n", b"/x @b\n", b"# c\n")), max_size=3).map(b"".join))
def test_lines_above_a_block_are_never_an_edit(above: bytes) -> None:
    """Whatever a team writes above the block."""
    start = File(content=b"* @team\n" + MARKED)
    part = owned_part(Ownership.BLOCK, start.content)
    assert part is not None
    seen = Versions(start=start, base=start, head=File(content=above + MARKED))
    assert list(owned_edits("CODEOWNERS", {"CODEOWNERS": stanza(part)}, seen)) == []


def test_a_formatters_layout_is_no_edit() -> None:
    """No later pull request would undo it; a comment beside it is one."""
    start = File(content=b'a: "x"\n')
    lock = {"compose.yml": stanza(start.content)}
    for text, edits in ((b"a: 'x'\n", 0), (b"a: 'x' # mine\n", 1)):
        seen = Versions(start=start, base=start, head=File(content=text))
        assert len(list(owned_edits("compose.yml", lock, seen))) == edits


def test_without_a_lock_nothing_is_guarded() -> None:
    """And with one, the lock itself as well."""
    assert guarded_paths({}) == ()
    assert guarded_paths({"b": stanza(b""), "a": stanza(b"")}) == ("a", "b", ".github/syncbot.lock")


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(max_size=20), st.text(max_size=20))
def test_an_annotation_is_one_line(path: str, message: str) -> None:
    """No path and no message can end the command or begin another."""
    line = annotation(path, 1, 2, message)
    assert "\n" not in line and "\r" not in line
    assert line.startswith("::error file=")
    assert line.split("::")[1].count(",") == 3

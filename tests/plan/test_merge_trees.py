"""The three-way merge by path: the branch's changes on the base's tree, and what is left to people."""

from __future__ import annotations

from syncbot.model.blobs import LiveFile, Trees
from syncbot.model.files import blob_id
from syncbot.plan.actions import FileWrite, ReuseBlob
from syncbot.plan.pulls.merge_trees import Merged, contested_blobs, merge_trees

TEXTS = {blob_id(text): text for text in (b"1\n2\n3\n", b"a\n2\n3\n", b"1\n2\nc\n", b"a\n2\nc\n", b"x\n")}


def tree(file_mode: str = "100644", /, **files: bytes) -> dict[str, LiveFile]:
    return {path: LiveFile(id=blob_id(text), mode=file_mode) for path, text in files.items()}


def merged(ancestor: dict[str, LiveFile], base: dict[str, LiveFile], branch: dict[str, LiveFile]) -> Merged:
    return merge_trees(Trees(ancestor=ancestor, base=base, branch=branch), frozenset({"owned"}), TEXTS)


def test_what_only_the_branch_changed_is_taken_from_it() -> None:
    """Added, changed and removed files of the branch, with their modes; what only the base changed stays the base's."""
    ancestor = tree(same=b"x\n", edited=b"1\n2\n3\n", gone=b"x\n", theirs=b"x\n")
    base = ancestor | tree(theirs=b"1\n2\n3\n")
    branch = tree(same=b"x\n", edited=b"a\n2\n3\n", theirs=b"x\n") | tree("100755", added=b"x\n")
    assert merged(ancestor, base, branch) == Merged(
        changes=(
            ReuseBlob(path="added", id=blob_id(b"x\n"), mode="100755"),
            ReuseBlob(path="edited", id=blob_id(b"a\n2\n3\n"), mode="100644"),
            FileWrite(path="gone", content=None),
        ),
        conflicts=(),
    )


def test_what_both_changed_is_merged_by_lines() -> None:
    """A file of the team's that both sides changed in different places keeps both changes."""
    result = merged(tree(f=b"1\n2\n3\n"), tree(f=b"a\n2\n3\n"), tree(f=b"1\n2\nc\n"))
    assert result == Merged(changes=(FileWrite(path="f", content=b"a\n2\nc\n"),), conflicts=())


def test_what_cannot_be_merged_is_left_to_people() -> None:
    """The same lines changed, a file removed on one side, or another mode: a conflict, by name."""
    ancestor = tree(lines=b"1\n2\n3\n", gone=b"1\n2\n3\n", mode=b"1\n2\n3\n")
    base = tree(lines=b"a\n2\n3\n", mode=b"a\n2\n3\n")
    branch = tree(lines=b"x\n", gone=b"x\n") | tree("100755", mode=b"1\n2\nc\n")
    assert merged(ancestor, base, branch).conflicts == ("gone", "lines", "mode")


def test_our_own_paths_are_not_its_business() -> None:
    """Owned paths and the lock are resolved from what is desired, not here; their texts are not asked for."""
    sides = tree(owned=b"1\n2\n3\n"), tree(owned=b"a\n2\n3\n"), tree(owned=b"x\n")
    assert merged(*sides) == Merged(changes=(), conflicts=())
    trees = Trees(ancestor=sides[0], base=sides[1], branch=sides[2])
    assert contested_blobs(trees, frozenset({"owned"})) == frozenset()
    assert contested_blobs(trees, frozenset()) == {blob_id(text) for text in (b"1\n2\n3\n", b"a\n2\n3\n", b"x\n")}


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    """What the branch did and the base did as well needs nothing."""
    assert merged(tree(f=b"1\n2\n3\n"), tree(f=b"x\n"), tree(f=b"x\n")) == Merged(changes=(), conflicts=())

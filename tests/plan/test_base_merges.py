"""Which commits are merges of the base and nothing else, by their parents and by what they hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.model.blobs import LiveFile, Trees
from syncbot.model.files import blob_id
from syncbot.model.pull_request import MergedBase, PullRequest
from syncbot.plan.pulls.base_merges import MOST_RUNS, Run, runs, without_base_merges
from tests.plan.builders import observation, pull_request

BOT, MERGE, BOT_2, MERGE_2 = ("b1", ("m0",)), ("x1", ("b1", "m1")), ("b2", ("x1",)), ("x2", ("b2", "m2"))


def test_runs_between_commits_of_the_bot() -> None:
    """Merges in a row are one run, told by its last; the bot's own merges are its commits."""
    again = ("x3", ("x1", "m3"))
    assert runs([BOT, MERGE], ["x1"]) == (Run(before="b1", base="m1", last="x1"),)
    assert runs([BOT, MERGE, again], ["x1", "x3"]) == (Run(before="b1", base="m3", last="x3"),)
    found = runs([BOT, MERGE, BOT_2, MERGE_2], ["x1", "x2"])
    assert found == (Run(before="b1", base="m1", last="x1"), Run(before="b2", base="m2", last="x2"))
    assert runs([BOT, ("b2", ("b1", "m1"))], []) == ()


@pytest.mark.parametrize(
    ("commits", "merges"),
    [
        ([BOT, ("x1", ("b1",))], ["x1"]),
        ([BOT, ("x1", ("b1", "m1", "m2"))], ["x1"]),
        ([BOT, ("x1", ("m1", "b1"))], ["x1"]),
        ([BOT, ("f1", ("m0",)), ("x1", ("b1", "f1"))], ["x1"]),
        ([BOT, ("b2", ("b1",)), ("x1", ("b2", "b1"))], ["x1"]),
        ([("x1", ("m0", "m1"))], ["x1"]),
        ([("b1", ())], []),
    ],
)
def test_what_is_no_merge_of_the_base(commits: list[tuple[str, tuple[str, ...]]], merges: list[str]) -> None:
    """One parent, three, the other way round, a branch that is not the base, nothing of the bot's before it."""
    assert runs(commits, merges) is None


def test_so_many_runs_are_not_looked_at() -> None:
    """Each costs requests."""
    commits: list[tuple[str, tuple[str, ...]]] = [("b0", ("m",))]
    for number in range(MOST_RUNS + 1):
        commits += [(f"x{number}", (f"b{number}", f"m{number}")), (f"b{number + 1}", (f"x{number}",))]
    merges = [oid for oid, _ in commits if oid.startswith("x")]
    assert runs(commits, merges) is None
    assert len(runs(commits[:-2], merges) or ()) == MOST_RUNS


TEXTS = st.sampled_from(("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n", "x\n", ""))
FILES = st.dictionaries(st.sampled_from(("one", "two", "three")), TEXTS)


def tree(files: dict[str, str]) -> dict[str, LiveFile]:
    return {path: LiveFile(id=blob_id(text.encode()), mode="100644") for path, text in files.items()}


def judged(ancestor: dict[str, str], base: dict[str, str], branch: dict[str, str], result: dict[str, str]) -> bool:
    """Whether people committed, by a merge that holds `result`."""
    trees = Trees(ancestor=tree(ancestor), base=tree(base), branch=tree(branch))
    merged = MergedBase(trees=trees, result=tree(result))
    pull: PullRequest = pull_request(3, "OPEN", {}, people_committed=True, merged_bases=(merged,))
    texts = {text for files in (ancestor, base, branch) for text in files.values()}
    seen = observation({}, pull_requests=(pull,), blobs={blob_id(text.encode()): text.encode() for text in texts})
    (found,) = without_base_merges(seen).pull_requests
    assert (
        without_base_merges(replace(seen, pull_requests=(replace(pull, merged_bases=()),)))
        .pull_requests[0]
        .people_committed
    )
    return found.people_committed


def test_a_clean_merge_and_an_evil_one() -> None:
    """By hand: both sides' lines are there, and nothing else; a line more, less, or one file more is somebody's."""
    ancestor, base, branch = {"one": "a\nb\nc\n"}, {"one": "A\nb\nc\n", "two": "x\n"}, {"one": "a\nb\nC\n"}
    assert not judged(ancestor, base, branch, {"one": "A\nb\nC\n", "two": "x\n"})
    for evil in (
        {"one": "A\nb\nC\n"},
        {"one": "A\nb\nc\n", "two": "x\n"},
        {"one": "A\nb\nC\nd\n", "two": "x\n"},
        {"one": "A\nb\nC\n", "two": "x\n", "three": ""},
    ):
        assert judged(ancestor, base, branch, evil)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(FILES, FILES, FILES, FILES)
def test_a_line_of_neither_side_is_somebodys(
    ancestor: dict[str, str], base: dict[str, str], branch: dict[str, str], result: dict[str, str]
) -> None:
    """Whatever was merged: a result that holds a line which neither side has is never nobody's work."""
    told = {**result, "one": result.get("one", "") + "mine\n"}
    assert judged(ancestor, base, branch, told)

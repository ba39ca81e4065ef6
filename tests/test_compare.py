"""`make compare`: what it takes for a difference, and what a row of its file lets pass."""

from __future__ import annotations

import pytest

from scripts.compare import Difference, Row, differences, plain

OID, OTHER = "1a" * 20, "2b" * 20


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ('{"repos": [{"repo": "a", "state": "x"}]}', '{"repos": [{"repo": "a", "state": "y"}]}', "repos[a].state"),
        ('{"a": 1}', '{"a": 1, "b": 2}', "b"),
        ('{"a": 1}', '{"a": true}', "a"),
        ('{"a": [1, 2]}', '{"a": [1]}', "a[1]"),
        ('{"a": "one\\ntwo"}', '{"a": "one\\n2"}', "a:2"),
        ("a table\nof text\n", "a table\nof texts\n", ":2"),
        ('{"a": 1}', "Traceback", ""),
    ],
)
def test_each_difference_has_its_place(before: str, after: str, path: str) -> None:
    """Whatever differs is found once, at the place where it stands."""
    assert [each.path for each in differences({"plan": before}, {"plan": after})] == [path]


def test_a_command_that_one_of_them_lacks() -> None:
    """An output that only one of the two has is a difference, not something to skip."""
    assert [each.command for each in differences({"plan": "{}"}, {"plan": "{}", "status": "{}"})] == ["status"]


def test_what_differs_from_run_to_run_is_none() -> None:
    """Ids, times, ports and temporary folders are other ones each time; which of them are the same is kept."""
    one = f"{OID} {OTHER} {OID} at 2026-11-20T09:00:00Z on http://127.0.0.1:4001/x in /tmp/a/b"
    other = f"{OTHER} {OID} {OTHER} at 2027-01-01T10:00:00+00:00 on http://127.0.0.1:5/x in /tmp/c"
    assert plain(one) == plain(other)
    assert plain("<!-- syncbot:body 7115dd57e52a2726 -->") == plain("<!-- syncbot:body e716e59a0e606b8e -->")
    assert plain(f"{OID} {OTHER} {OID}") != plain(f"{OID} {OTHER} {OTHER}")


def test_a_row_allows_what_it_names_and_no_more() -> None:
    """Brackets in a pattern are brackets, a star is anything."""
    row = Row("* plan", "repos[acme/*].state", "…")
    assert row.allows(Difference("2 plan", "repos[acme/a].state", "x", "y"))
    assert not row.allows(Difference("2 plan", "repos[acme/a].states", "x", "y"))
    assert not row.allows(Difference("2 status", "repos[acme/a].state", "x", "y"))

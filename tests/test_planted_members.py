"""A member more in any enum is found: by mypy where no case is left for it, by its table where that has no row.

This is what keeps a new file state from being written over: in a copy of the tree every enum gets a member that
nobody thought of.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planting import enums, imported, named_by_tables, named_by_types, planted_copy


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted_copy(tmp_path_factory.mktemp("planted"))


def test_every_enum_notices_a_fresh_member(planted: Path) -> None:
    """Each enum below syncbot/, the sandbox aside, is named by mypy, by a total table or by a row of test_tables."""
    found = named_by_tables(planted)
    assert sorted(enums(planted).keys() - found - named_by_types(planted)) == []


def test_a_state_without_a_row_plans_nothing(planted: Path) -> None:
    """The plan cannot even be imported, and the message names what is missing."""
    done = imported(planted, "syncbot.plan.pulls.plan_repo")
    assert done.returncode == 1
    assert "TypeError: no row for FileState.PLANTED" in done.stderr


def test_a_check_that_is_taken_away_is_missed(planted: Path) -> None:
    """A table that is not checked any more leaves its enum unnamed: the first test would fail."""
    path = planted / "syncbot" / "report" / "why.py"
    text = path.read_text(encoding="utf-8")
    unchecked = text.replace("_BLOCKERS = total(\n    Blocker,", "_BLOCKERS = dict(")
    assert unchecked != text
    path.write_text(unchecked, encoding="utf-8")
    try:
        found = named_by_tables(planted)
    finally:
        path.write_text(text, encoding="utf-8")
    assert "FileState" in found and "Blocker" not in found

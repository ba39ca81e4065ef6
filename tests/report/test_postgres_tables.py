"""What the Postgres reports say of a state stands in tables that have a row for each."""

from __future__ import annotations

from syncbot.postgres.comparison import State
from syncbot.report.postgres import MOVE_STATES, STYLES, MoveState


def test_every_state_has_a_row() -> None:
    """A state without one would fail only where it is first seen."""
    assert MOVE_STATES.keys() == set(MoveState)
    assert STYLES.keys() == set(State)

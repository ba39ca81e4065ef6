"""A scripted server for tests of the connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.github.standin import StandIn, stand_in


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running

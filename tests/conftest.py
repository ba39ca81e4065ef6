"""Says at the end how much the sweeps swept: what tests record as a `count of …` property, added up."""

from __future__ import annotations

from collections import Counter

import pytest

PREFIX = "count of "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if report.when == "call" and name.startswith(PREFIX):
                    counts[name.removeprefix(PREFIX)] += value
    for name, count in sorted(counts.items()):
        terminalreporter.write_line(f"{name}: {count}")

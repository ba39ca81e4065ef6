"""The benchmarks run, and count what they say they count. No number here is a time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RENDER = {"by_runtime", "copier_repos_per_second", "copier_sample", "owned_files", "ratio", "repos", "repos_per_second"}
PLAN = {"latency_seconds", "peak_memory_mb", "processor_seconds", "seconds"}
BY_HAND = {"copier_and_diff_seconds", "copier_sample", "ratio"}


@pytest.mark.full
def test_quick_run() -> None:
    """`--quick` prints every measurement as JSON; a fleet in sync takes a query for each 25 repos and no write."""
    command = [sys.executable, "-m", "benchmarks", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured.keys() == {"machine", "plan_20", "plan_40", "render", "open_5_under_limits"}
    for size, queries in ((20, 2), (40, 3)):  # a survey for each 25, and the search for repos that left
        numbers = measured[f"plan_{size}"]
        counted = {name: numbers[name] for name in ("repos", "in_sync", "exit_code", "requests", "writes")}
        assert counted == {"repos": size, "in_sync": size, "exit_code": 0, "requests": queries, "writes": 0}
        assert numbers.keys() >= PLAN
    assert measured["plan_20"].keys() >= BY_HAND
    assert measured["render"].keys() >= RENDER

"""What `syncbot plan` costs over a fleet in sync: requests, seconds, memory; and what the same takes without it.

The command runs as a user runs it, in a process of its own, against a sandbox in another.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from syncbot.app.workspace import load_workspace
from syncbot.model.files import LOCK_PATH

Numbers = dict[str, float | int]
ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A fleet behind a sandbox: its folder, the config and the environment to run syncbot in."""

    folder: Path
    config: Path
    url: str
    environment: Mapping[str, str]

    def stats(self) -> dict[str, Any]:
        """What the sandbox counted: `requests` by kind, and `writes`."""
        with urlopen(f"{self.url}/_sandbox/stats") as answer:
            return dict(json.load(answer))


@contextmanager
def served(size: int, latency: float) -> Iterator[Served]:
    """A fleet of `size` in sync; `latency` seconds are added to every answer."""
    with tempfile.TemporaryDirectory(prefix="syncbot-bench-") as folder:
        command = [sys.executable, "-m", "benchmarks.server", folder, str(size), str(latency)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            ready = json.loads(server.stdout.readline() or "null")
            assert ready, "the benchmark's server did not start"
            yield Served(folder=Path(folder), config=Path(ready.pop("config")), **ready)


def measure(size: int, latency: float, copier_sample: int = 0) -> Numbers:
    """One `plan` over `size` repos; with `copier_sample`, also `copier copy` and `diff -r` on that many checkouts."""
    with served(size, latency) as fleet:
        numbers = _plan(fleet) | {"latency_seconds": latency}
        if copier_sample:
            by_hand = _by_hand(fleet, copier_sample) * size
            numbers |= {
                "copier_sample": copier_sample,
                "copier_and_diff_seconds": round(by_hand, 1),
                "ratio": round(by_hand / numbers["seconds"], 1),
            }
    return numbers


def _plan(fleet: Served) -> Numbers:
    written = fleet.folder / "plan.json"
    command: list[str | Path] = [SCRIPTS / "syncbot", "plan", "--format", "json", "--config", str(fleet.config)]
    started = time.perf_counter()
    with written.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, env=os.environ | fleet.environment)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    assert written.stat().st_size, f"syncbot plan wrote nothing and exited with {process.returncode}"
    summary = json.loads(written.read_bytes())["summary"]
    counted = fleet.stats()
    return {
        "repos": summary["repos"],
        "in_sync": summary["in_sync"],
        "exit_code": process.returncode,
        "requests": sum(counted["requests"].values()),
        "writes": counted["writes"],
        "seconds": round(seconds, 2),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_memory_mb": round(usage.ru_maxrss / 1024),
    }


def _by_hand(fleet: Served, sample: int) -> float:
    """Seconds a repo for `copier copy` and `diff -r` against a checkout that is there already."""
    repos = load_workspace(fleet.config).fleet.repos
    # A plain folder spares Copier a clone of the templates for each repo.
    template = fleet.folder / "template"
    shutil.copytree(fleet.config.parents[1], template, ignore=shutil.ignore_patterns(".git"))
    durations = []
    for number, repo in enumerate(repos[:: len(repos) // sample][:sample]):
        checkout, copied, data = (fleet.folder / f"{kind}-{number}" for kind in ("checkout", "copied", "data"))
        subprocess.run(["git", "clone", "--quiet", f"{fleet.url}/{repo.name}.git", checkout], check=True)
        data.write_text(json.dumps(dict(repo.answers)))
        copy: list[str | Path] = [
            SCRIPTS / "copier",
            "copy",
            "--quiet",
            "--defaults",
            "--data-file",
            data,
            template,
            copied,
        ]
        started = time.perf_counter()
        subprocess.run(copy, check=True)
        compared = subprocess.run(["diff", "-rq", "--exclude=.git", copied, checkout], capture_output=True, check=False)
        durations.append(time.perf_counter() - started)
        assert compared.stdout == f"Only in {checkout}/.github: {Path(LOCK_PATH).name}\n".encode(), compared.stdout
    return statistics.mean(durations)

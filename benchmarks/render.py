"""How fast desired state is computed: the fast path on one core, against `copier.run_copy` in the same process."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from syncbot.render import load_templates
from syncbot.render.copier_run import CopierRender, verify

ROOT = Path(__file__).resolve().parents[1]
REPOS = 2_000
SAMPLE = 20


def fleet(size: int) -> list[dict[str, object]]:
    """Answers of `size` services, no two alike."""
    memory = ("4MB", "16MB", "64MB")
    return [
        {
            "service_name": f"service-{index:05}",
            "organization": "acme",
            "team": f"@acme/team-{index % 40}",
            "owners": "@acme/platform",
            "runtime": "node",
            "node_version": ("18", "20", "22", "24")[index % 4],
            "port": 3000 + index % 2000,
            "postgres_version": ("14", "15", "16", "17", "18", "none")[index % 6],
            "postgres_parameters": {
                "work_mem": memory[index % 3],
                "max_connections": 100 + index % 50,
                "shared_buffers": f"{index % 7 + 1}GB",
                "random_page_cost": 1.1,
            },
        }
        for index in range(size)
    ]


def measure(repos: int = REPOS, sample: int = SAMPLE) -> dict[str, float | int]:
    """Load once, render the owned files of every repo with their blob ids, then a sample with Copier, compared.

    Rates are per second of processor time, so that a busy machine does not count against either.
    """
    started = time.perf_counter()
    templates = load_templates(ROOT)
    loaded = time.perf_counter() - started

    answers = fleet(repos)
    started = time.process_time()
    files = sum(
        len({path: file.file_id for path, file in templates.render_owned("service", each).items()}) for each in answers
    )
    fast = repos / (time.process_time() - started)

    durations = []
    with CopierRender(ROOT) as copier:
        for each in answers[:: repos // sample]:
            started = time.process_time()
            copied = copier.render("service", each)
            durations.append(time.process_time() - started)
            verify(templates.render("service", each), copied)
    slow = 1 / statistics.mean(durations)
    return {
        "load_seconds": round(loaded, 3),
        "repos": repos,
        "owned_files": files,
        "repos_per_second": round(fast),
        "copier_sample": len(durations),
        "copier_repos_per_second": round(slow, 1),
        "ratio": round(fast / slow, 1),
    }

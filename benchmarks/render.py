"""How fast desired state is computed: the fast path on one core, against `copier.run_copy` in the same process."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from syncbot.render import Templates, load_templates
from syncbot.render.copier_run import CopierRender, verify

ROOT = Path(__file__).resolve().parents[1]
REPOS = 2_000
SAMPLE = 20
VERSIONS = {
    "node": ("node_version", ("18", "20", "22", "24")),
    "python": ("python_version", ("3.11", "3.12", "3.13", "3.14")),
    "go": ("go_version", ("1.24", "1.25", "1.26", "1.27")),
}
"""Of each runtime the answer that holds its version, and what services are on."""


def fleet(size: int, runtime: str = "node") -> list[dict[str, object]]:
    """Answers of `size` services on one runtime, no two alike."""
    memory = ("4MB", "16MB", "64MB")
    answer, versions = VERSIONS[runtime]
    return [
        {
            "service_name": f"service-{index:05}",
            "organization": "acme",
            "team": f"@acme/team-{index % 40}",
            "owners": "@acme/platform",
            "runtime": runtime,
            answer: versions[index % 4],
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


def measure(repos: int = REPOS, sample: int = SAMPLE) -> dict[str, object]:
    """Load once, render the owned files of every repo with their blob ids, then a sample with Copier, compared.

    `repos` for each runtime; the slowest counts. Rates are per second of processor time, so that a busy machine does
    not count against either.
    """
    started = time.perf_counter()
    templates = load_templates(ROOT)
    loaded = time.perf_counter() - started

    measured = {runtime: _fast(templates, fleet(repos, runtime)) for runtime in VERSIONS}
    fast = min(rate for rate, _ in measured.values())
    copied = [each for runtime in VERSIONS for each in fleet(repos, runtime)[:: len(VERSIONS) * repos // sample]]
    slow = _copier(templates, copied)
    return {
        "load_seconds": round(loaded, 3),
        "repos": repos * len(VERSIONS),
        "owned_files": sum(files for _, files in measured.values()),
        "repos_per_second": round(fast),
        "by_runtime": {runtime: round(rate) for runtime, (rate, _) in measured.items()},
        "copier_sample": len(copied),
        "copier_repos_per_second": round(slow, 1),
        "ratio": round(fast / slow, 1),
    }


def _fast(templates: Templates, answers: list[dict[str, object]]) -> tuple[float, int]:
    """Repos a second, and how many owned files."""
    started = time.process_time()
    files = sum(
        len({path: file.file_id for path, file in templates.render_owned("service", each).items()}) for each in answers
    )
    return len(answers) / (time.process_time() - started), files


def _copier(templates: Templates, answers: list[dict[str, object]]) -> float:
    """Repos a second with `copier.run_copy`, each held against the fast path."""
    durations = []
    with CopierRender(templates.sources) as copier:
        for each in answers:
            started = time.process_time()
            copied = copier.render("service", each)
            durations.append(time.process_time() - started)
            verify(templates.render("service", each), copied)
    return 1 / statistics.mean(durations)

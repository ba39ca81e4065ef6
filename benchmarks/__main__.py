"""`python -m benchmarks [--quick]`: every measurement as one JSON document on standard output."""

from __future__ import annotations

import argparse
import json
import os
import platform

from benchmarks import limits, plan, render

LATENCY = 0.08
"""Seconds added to every answer, as far away as GitHub is."""


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure syncbot; prints JSON.")
    parser.add_argument("--quick", action="store_true", help="small fleets: shows that it works, measures little")
    measured = _measured(20, 40, 50, 1, 5) if parser.parse_args().quick else _measured(1_000, 10_000, 2_000, 20, 300)
    print(json.dumps(measured, indent=1))


def _measured(small: int, large: int, rendered: int, sample: int, opened: int) -> dict[str, object]:
    # Rendering last: a process is charged with the memory that its parent held when it was started.
    return {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        f"plan_{small}": plan.measure(small, LATENCY, copier_sample=sample),
        f"plan_{large}": plan.measure(large, LATENCY),
        "render": render.measure(rendered, sample),
        f"open_{opened}_under_limits": limits.measure(opened),
    }


if __name__ == "__main__":
    main()

"""The three lock files: the smaller ones hold nothing that the larger ones do not."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def pins(name: str) -> set[str]:
    """`click==8.5.1` and its like."""
    return set(re.findall(r"(?m)^[a-z0-9-]+==\S+", (ROOT / name).read_text()))


def test_the_demo_and_the_quick_tests_run_on_the_versions_of_the_whole_suite() -> None:
    """`make demo`, then `make quick`, then `make test` never change what is installed, they add to it."""
    demo, quick, whole = (pins(f"requirements{part}.lock") for part in ("-demo", "-quick", ""))
    assert demo < quick < whole


def test_every_package_is_held_by_hash() -> None:
    """pip's --require-hashes asks for one at each package; this says which lacks it, without installing."""
    for name in ("requirements-demo.lock", "requirements-quick.lock", "requirements.lock"):
        entries = re.split(r"(?m)^(?=[a-z0-9-]+==)", (ROOT / name).read_text())[1:]
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []

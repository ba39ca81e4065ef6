"""Version knowledge: what is said of a version on a day, and that the data is complete."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest

from syncbot.check.versions import ANSWERS, SOON, answer_notes, not_to_be_new, products, version_notes

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("product", "version", "codes"),
    [
        ("node", "18", ["version-ended"]),
        ("node", "20.11.1", ["version-ended"]),
        ("node", "22", []),
        ("node", "24.1", []),
        ("node", "25", ["version-ended", "version-odd"]),
        ("node", "26", []),
        ("node", "99", ["version-unknown"]),
        ("node", "banana", ["version-unknown"]),
        ("python", "3.10", ["version-ended"]),
        ("python", "3.11.4", []),
        ("python", "3.15", []),
        ("python", "3", ["version-unknown"]),
        ("python", "2.7", ["version-unknown"]),
        ("go", "1.25", ["version-ended"]),
        ("go", "1.27.3", []),
        ("postgres", "14", ["version-ended"]),
        ("postgres", "18", []),
        ("postgres", "9.6", ["version-unknown"]),
        ("postgres", "none", []),
        ("rds-postgres", "14", []),
        ("cobol", "1", []),
    ],
)
def test_what_is_said_of_a_version(product: str, version: str, codes: list[str]) -> None:
    """Ended, odd, unknown, or nothing to say, on a day in November 2026."""
    assert [note.code for note in version_notes(product, version, TODAY)] == codes


@pytest.mark.parametrize(
    ("left", "codes"), [(91, []), (90, ["version-ending"]), (0, ["version-ending"]), (-1, ["version-ended"])]
)
def test_ninety_days_before_the_end_it_is_said(left: int, codes: list[str]) -> None:
    """From 90 days before up to and on the last day; the day after it has ended."""
    day = date(2027, 4, 30) - timedelta(days=left)
    assert [note.code for note in version_notes("node", "22", day)] == codes


def test_a_release_before_its_long_term_support() -> None:
    """An even Node in its first months is not for services yet."""
    assert [note.code for note in version_notes("node", "26", date(2026, 9, 1))] == ["version-not-lts"]


def test_only_the_runtime_in_use_counts() -> None:
    """A Python service that inherits the fleet's Node version is not told about Node."""
    answers = {"runtime": "python", "node_version": "18", "python_version": "3.9", "postgres_version": "13", "port": 1}
    assert [(note.subject, note.code) for note in answer_notes(answers, TODAY)] == [
        ("python_version", "version-ended"),
        ("postgres_version", "version-ended"),
    ]
    assert len(answer_notes({"node_version": "18", "go_version": "1.20"}, TODAY)) == 2


def test_it_is_light_to_import() -> None:
    """`plan` and `apply` import it: neither a YAML reader, nor a schema, nor a linter comes along."""
    code = (
        "import sys, syncbot.check.versions;"
        "sys.exit(' '.join({'ruamel', 'jsonschema', 'subprocess', 'jinja2'} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_data_names_its_source_and_its_day() -> None:
    """Every product that an answer names is known, with a source, a day, and dates in order."""
    for product in ANSWERS.values():
        known = products()[product]
        assert known.source.startswith("https://")
        assert date(2025, 1, 1) < known.as_of < TODAY
        ends = [release.until for release in known.releases.values() if release.until]
        assert all(release.lts < release.until for release in known.releases.values() if release.lts and release.until)
        assert ends
        assert timedelta(days=90) == SOON


@pytest.mark.parametrize(
    ("product", "version", "day", "said"),
    [
        ("node", "42", "2026-11-25", "Node 42 is not known (as of "),
        ("node", "18", "2025-04-30", ""),
        ("node", "18", "2025-05-01", "Node 18 has had no fixes since 2025-04-30"),
        ("node", "25", "2026-05-01", ""),
        ("rds-postgres", "99", "2026-11-25", "Postgres on RDS 99 is not known"),
        ("perl", "5", "2026-11-25", ""),
    ],
)
def test_what_nobody_should_move_to(product: str, version: str, day: str, said: str) -> None:
    """Unknown, or past its end on that day; what ends soon, or is odd, may be chosen."""
    told = not_to_be_new(product, version, date.fromisoformat(day))
    assert told.startswith(said) and bool(told) == bool(said)

"""Markdown: what a job summary shows before the tables."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from syncbot.report.markdown import apply_markdown, plan_markdown, status_markdown

from .samples import NOW, OUTCOMES, REPORT, STUCK, WARNED


@pytest.mark.parametrize("document", [plan_markdown, lambda report: status_markdown(report, NOW)])
def test_what_to_know_before_an_apply(document: object) -> None:
    """Brakes and exemptions about to end are a list, as code, so that an owner named in one is not pinged."""
    report = replace(REPORT, brakes=("too much",), notices=("acme/a: for Dockerfile (@acme/a) ends on 2026-12-01",))
    text = document(report)  # type: ignore[operator]
    assert "\n\n- apply will stop: `too much`\n- `acme/a: for Dockerfile (@acme/a) ends on 2026-12-01`\n\n" in text


@pytest.mark.parametrize("document", [plan_markdown, lambda report: status_markdown(report, NOW)])
def test_versions_to_move_away_from(document: object) -> None:
    """One line a version, however many repos it concerns."""
    said = "- `Node 20 has had no fixes since 2026-04-30: 4 repos (a, b, c and 1 more)`"
    assert f"\n\n{said}\n\n" in document(WARNED)  # type: ignore[operator]


def test_nothing_to_know_is_nothing_said() -> None:
    """Without brakes and notices there is no empty list."""
    assert "\n- apply will stop" not in plan_markdown(REPORT)


def test_status_says_why_a_pull_request_stands_still() -> None:
    """The code in its row, the reason below the table; in the plan the reasons stand above already."""
    page = status_markdown(STUCK, NOW)
    assert "| people committed, bot-loop |" in page and "| to close (left-fleet) |" in page
    stuck = ("held", "bot-loop", "not-now", "base-switched", "left-fleet")
    assert re.findall(r"^- `(\S+)`: `", page, re.MULTILINE) == list(stuck)
    assert plan_markdown(STUCK).count("- `held`: `@ada asked to hold it`") == 1


def test_uncommitted_changes_are_said() -> None:
    """In a list above all else, after an apply that was allowed to."""
    dirty = replace(REPORT, source=replace(REPORT.source, differing=("copier.yml",)))
    for report, times in ((dirty, 1), (REPORT, 0)):
        page = apply_markdown(report, OUTCOMES)
        assert page.count("- templates or config have uncommitted changes here") == times

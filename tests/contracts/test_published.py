"""The contract tests are skipped for one reason only, and never where it would go unseen."""

from __future__ import annotations

import shutil

import pytest

from .conftest import published


@pytest.mark.parametrize(
    ("ci", "npm", "outcome"),
    [
        ("", None, pytest.skip.Exception),
        ("1", None, pytest.skip.Exception),
        ("1", "/usr/bin/npm", pytest.fail.Exception),
    ],
    ids=["at home without npm", "CI without npm", "CI with npm"],
)
def test_absent_schemas_skip_or_fail(
    monkeypatch: pytest.MonkeyPatch, ci: str, npm: str | None, outcome: type[BaseException]
) -> None:
    """In CI with npm, a schema that is not there is a failure; else the reason is said."""
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(shutil, "which", lambda name: npm)
    with pytest.raises(outcome, match="npm ci"):
        published("graphql-schema/gone.graphql")

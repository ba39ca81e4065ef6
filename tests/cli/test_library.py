"""docs/library.md, run: what stands there as Python is what is run here."""

from __future__ import annotations

import re

import pytest

from tests.cli.harness import PROJECT, Platform

PAGE = (PROJECT / "docs" / "library.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"<!-- run: (\w+) -->\n```python\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def own_repo(fleet: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The platform team's repo as the present folder, with the environment that the commands get."""
    monkeypatch.chdir(fleet.root)
    for name, value in (fleet.environment | {"SYNCBOT_NOW": fleet.now()}).items():
        monkeypatch.setenv(name, value)
    return fleet


def test_the_page_plans_and_applies(own_repo: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    """The first block says what `syncbot plan` says and writes nothing; the second opens what the first announced."""
    names: dict[str, object] = {}
    exec(BLOCKS["plan"], names)
    first, *lines = capsys.readouterr().out.splitlines()
    planned = own_repo.plan("orders")
    assert first.split() == ["acme/orders", "drifted"]
    assert {tuple(line.split()[1:]) for line in lines if " file " in line} == set(planned.states("acme/orders").items())
    assert [line.split() for line in lines if "pull request" in line] == [
        ["pull", "request", "adopt", "OpenPullRequest", planned.changesets("acme/orders")["adopt"]["reason_code"]]
    ]

    # The tests' Node is past its end, which is a brake; the page allows none.
    exec(BLOCKS["apply"].replace("allowed=()", "allowed=('unknown-version',)"), names)
    assert capsys.readouterr().out == f"acme/orders adopt opened {own_repo.pull('acme/orders').html_url}\n"
    assert own_repo.plan("orders").writes == 0


def test_the_page_is_short() -> None:
    """A fleet is planned in about twelve lines."""
    assert len(BLOCKS["plan"].strip().splitlines()) <= 12

"""The label, which is not essential: given, given later, or refused for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncbot.sandbox import rest_issues
from syncbot.sandbox.issues import labels_of
from syncbot.sandbox.pulls import get_pull
from syncbot.sandbox.refusal import Refusal
from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import find, make_repo

REPO = "acme/orders"


def labels(platform: Platform) -> list[str]:
    forge, repo = platform.sandbox.forge, find(platform.sandbox, REPO)
    return [label.name for label in labels_of(forge, get_pull(forge, repo, 1).id)]


def age(platform: Platform, days: int) -> None:
    """Let the pull request have been opened that long ago."""
    forge, repo = platform.sandbox.forge, find(platform.sandbox, REPO)
    opened = forge.clock.now() - timedelta(days=days)
    forge.store.update("pulls", get_pull(forge, repo, 1).id, created_at=f"{opened:%Y-%m-%dT%H:%M:%SZ}")


@pytest.mark.parametrize("status", [403, 404, 422])
def test_a_label_that_is_refused(platform: Platform, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """Nothing is reported as done that was not; after a week it is no longer asked for, but along with an update."""

    def refuse(*_: object) -> object:
        raise Refusal(status, "No label for you")

    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    with monkeypatch.context() as refusing:
        refusing.setattr(rest_issues, "add_labels", refuse)
        assert platform.apply().pulls() == [(REPO, "opened")]
        again = platform.apply()
        assert (again.exit_code, again.pulls(), again.writes) == (0, [(REPO, "unchanged")], 1)
        assert again.changesets(REPO)["adopt"]["reason_code"] == "unlabelled"
        age(platform, 8)
        later = platform.apply()
        assert (later.writes, later.changesets(REPO)["adopt"]["reason_code"]) == (0, "up-to-date")
    assert labels(platform) == []
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert labels(platform) == ["syncbot"]
    assert platform.apply().writes == 0

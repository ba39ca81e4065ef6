"""One repository of git for all histories of a module, so that each merge is asked of git once."""

from __future__ import annotations

import pytest

from tests.oracle.git import Git


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    return Git(tmp_path_factory.mktemp("git"))

"""Each test has a platform repo and a sandbox of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.harness import Platform, platform_in
from tests.sandbox_support import make_repo


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with platform_in(tmp_path) as platform:
        yield platform


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Two repos with nothing in them, so that each gets a pull request, and a committed config."""
    for name in ("orders", "search"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": f"# {name}\n"})
    platform.fleet("orders", "search")
    return platform

"""The repo's own templates, loaded once, and a platform repo with a sandbox for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncbot.render import Templates, load_templates
from tests.cli.harness import PROJECT, Platform, platform_in


@pytest.fixture(scope="session")
def templates() -> Templates:
    return load_templates(PROJECT)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with platform_in(tmp_path) as platform:
        yield platform

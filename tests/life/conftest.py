"""A small platform and a sandbox of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncbot.sandbox.server import Sandbox
from tests.life.small import SmallPlatform


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[SmallPlatform]:
    with Sandbox(tmp_path / "data") as sandbox:
        yield SmallPlatform(tmp_path / "platform", sandbox)

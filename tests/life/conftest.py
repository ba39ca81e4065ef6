"""A small platform and a sandbox of its own for each test; for sweeps, one that is prepared once and copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncbot.sandbox.server import Sandbox
from tests.clock import START
from tests.life.prepared import Prepared, prepare
from tests.life.small import SmallPlatform


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[SmallPlatform]:
    with Sandbox(tmp_path / "data") as sandbox:
        sandbox.forge.clock.set(START)
        yield SmallPlatform(tmp_path / "platform", sandbox)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("prepared"))

"""One rendering by Copier, for tests that hold ours against it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from syncbot.model.files import File
from syncbot.render.copier_run import CopierRender
from syncbot.render.sources import read_sources


def render_with_copier(root: Path, template: str, answers: Mapping[str, object]) -> Mapping[str, File]:
    """One repo rendered by Copier; for several, enter a `CopierRender` once. Raises RenderError."""
    with CopierRender(read_sources(root)) as copier:
        return copier.render(template, answers)

"""The same rendering by Copier itself: the check on the fast path before anything is published, and scaffolding.

The only module that imports copier. Runs one at a time: `run_copy` changes the working directory while it renders.
"""

from __future__ import annotations

import copy
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Self

from copier import Settings, run_copy

from syncbot.errors import RenderError
from syncbot.model.files import EXECUTABLE, REGULAR, File
from syncbot.render.budget import BUDGET, said
from syncbot.render.sources import Sources


class CopierRender:
    """Renders with Copier from a copy of the very files that the fast path renders, removed on leaving.

    The copy is a plain folder, without links: Copier looks for no tags in it, and sees no change made during the run.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._files = frozenset(sources.files.items())
        self._cleanup = ExitStack()
        self._snapshot: Path | None = None

    def __enter__(self) -> Self:
        folder = tempfile.TemporaryDirectory(prefix="syncbot-copier-")
        snapshot = Path(self._cleanup.enter_context(folder)) / "snapshot"
        self._sources.write(snapshot)
        self._snapshot = snapshot
        return self

    def __exit__(self, *error: object) -> None:
        self._snapshot = None
        self._cleanup.close()

    def render(self, template: str, answers: Mapping[str, object]) -> Mapping[str, File]:
        """Every file that Copier writes for these answers, by path.

        Raises RenderError for what Copier refuses. Copier's own settings file is not read. What was asked before in
        this process is not asked again: it takes half a second.
        """
        if self._snapshot is None:
            raise RuntimeError("CopierRender renders only inside its with block")
        return _rendered(_Asked(self._files, template, repr(sorted(answers.items())), answers, self))

    def ask(self, template: str, given: Mapping[str, object], defaults: Mapping[str, object]) -> Mapping[str, object]:
        """Every answer, after Copier has asked on this terminal for those not in `given`; nothing is written.

        `defaults` come before the template's own. Raises RenderError for what Copier refuses, and where the person
        breaks it off.
        """
        if self._snapshot is None:
            raise RuntimeError("CopierRender asks only inside its with block")
        try:
            with tempfile.TemporaryDirectory(prefix="syncbot-copier-") as folder:
                worker = run_copy(
                    str(self._snapshot),
                    Path(folder) / "nothing",
                    data={**copy.deepcopy(dict(given)), "template": template},
                    user_defaults=copy.deepcopy(dict(defaults)),
                    settings=Settings(),
                    pretend=True,
                    quiet=True,
                )
        except KeyboardInterrupt as error:
            raise RenderError("broken off: nothing was written") from error
        except Exception as error:
            raise RenderError(f"copier: {said(error)}") from error
        return dict(worker.answers.user)

    def scaffold(self, template: str, answers: Mapping[str, object], target: Path) -> None:
        """As `render`, into the folder `target`. Raises RenderError for what Copier refuses."""
        if self._snapshot is None:
            raise RuntimeError("CopierRender renders only inside its with block")
        try:
            with BUDGET.longer():
                run_copy(
                    str(self._snapshot),
                    target,
                    data={**copy.deepcopy(dict(answers)), "template": template},
                    settings=Settings(),
                    defaults=True,
                    quiet=True,
                )
        except Exception as error:
            raise RenderError(f"copier: {said(error)}") from error


@dataclass(frozen=True, slots=True)
class _Asked:
    """What Copier is asked to render: equal where it would write the same."""

    files: frozenset[tuple[str, File]]
    template: str
    text: str
    answers: Mapping[str, object] = field(compare=False)
    copier: CopierRender = field(compare=False)


@lru_cache(maxsize=64)
def _rendered(asked: _Asked) -> Mapping[str, File]:
    with tempfile.TemporaryDirectory(prefix="syncbot-copier-") as folder:
        target = Path(folder) / "rendered"
        asked.copier.scaffold(asked.template, asked.answers, target)
        return read_folder(target)


def read_folder(folder: Path) -> Mapping[str, File]:
    """The regular files under `folder` with git's modes: executable by its owner, or not."""
    files: dict[str, File] = {}
    for directory, _, names in os.walk(folder):
        for name in names:
            path = Path(directory, name)
            mode = EXECUTABLE if path.stat().st_mode & stat.S_IXUSR else REGULAR
            files[path.relative_to(folder).as_posix()] = File(content=path.read_bytes(), mode=mode)
    return files


def verify(fast: Mapping[str, File], copied: Mapping[str, File]) -> None:
    """Raise RenderError naming the first path that the two renderings differ in."""
    for path in sorted(fast.keys() | copied.keys()):
        ours, theirs = fast.get(path), copied.get(path)
        if ours == theirs:
            continue
        if ours is None or theirs is None:
            raise RenderError(f"{path}: rendered only by {'copier' if ours is None else 'syncbot'}")
        what = "mode" if ours.content == theirs.content else "content"
        raise RenderError(f"{path}: syncbot and copier render another {what}; nothing is published")

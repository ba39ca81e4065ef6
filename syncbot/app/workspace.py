"""The workspace: the platform team's own repo as it lies on disk, loaded and checked."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from syncbot.config import load_fleet
from syncbot.errors import ConfigError, SyncbotError
from syncbot.formats.diagnostics import Diagnostic, did_you_mean, nearest
from syncbot.model.files import EXECUTABLE, REGULAR, File
from syncbot.model.fleet import Fleet, Repo, Source
from syncbot.render import Templates, load_templates
from syncbot.render.revision import source


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The fleet, the templates and the commit they came from. `root` is the folder that holds `copier.yml`."""

    root: Path
    config: Path
    templates: Templates
    fleet: Fleet
    source: Source

    @property
    def config_path(self) -> str:
        """The config file as it is called inside the platform team's repo."""
        return self.config.absolute().relative_to(self.root).as_posix()


def load_workspace(config: Path) -> Workspace:
    """Read config and templates. Raises ConfigError with all that is wrong."""
    root = root_of(config)
    templates = load_templates(root)
    fleet = load_fleet(config, templates.specs)
    # A config file that is a link stands where it leads to: that is what a commit has of it.
    name = os.path.relpath(config.resolve(), root.resolve())
    mode = EXECUTABLE if config.stat().st_mode & stat.S_IXUSR else REGULAR
    read = {**templates.sources.files, name: File(content=config.read_bytes(), mode=mode)}
    return Workspace(root=root, config=config, templates=templates, fleet=fleet, source=source(root, read))


def root_of(config: Path) -> Path:
    """The nearest folder above the config file that holds `copier.yml`. Raises ConfigError."""
    for folder in config.absolute().parents:
        if (folder / "copier.yml").is_file():
            return folder
    raise ConfigError(
        Diagnostic(path=str(config), message="no copier.yml in its folder or any above: where are the templates?")
    )


def selected(fleet: Fleet, names: Sequence[str]) -> tuple[Repo, ...]:
    """The repos named, with or without their owner; all where none is named. Raises SyncbotError."""
    if not names:
        return fleet.repos
    known = {name.lower(): repo for repo in fleet.repos for name in (repo.name, repo.name.partition("/")[2])}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        raise SyncbotError(f"{unknown[0]} is not in the fleet{did_you_mean(nearest(unknown[0].lower(), known))}")
    wanted = {known[name.lower()].name for name in names}
    return tuple(repo for repo in fleet.repos if repo.name in wanted)

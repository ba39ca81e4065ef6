"""The history of the platform team's repo: its templates and its config at earlier commits, each read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, cached_property

from syncbot.app.workspace import Workspace
from syncbot.config import read_fleet
from syncbot.errors import SyncbotError
from syncbot.model.fleet import Repo
from syncbot.plan.files.attribution import Step
from syncbot.plan.files.desired import with_locations
from syncbot.render import Templates
from syncbot.render.history import EarlierTemplates, commits_since, commits_touching, config_at, day_of, file_at

DEPTH = 20
"""How many earlier commits are tried for a repo without a lock."""
MOST = 50
"""Commits to the config's repo between a delivery and now that are looked at; and at so many the config is read."""


class ConfigHistory:
    """What earlier commits held. `earlier` has their templates by the ids of their trees, shared by commits."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._configs: dict[str, str] = {}
        self._entries: dict[str, Repo] = {}
        self._asked: set[str] = set()
        self.earlier = EarlierTemplates(workspace.root, workspace.templates)
        self.at = cache(self._load)
        self.steps = cache(self._steps_since)
        self.day = cache(self._day_of)
        self.with_same_config = cache(self._with_same_config)

    @property
    def is_known(self) -> bool:
        """Whether there is any."""
        return self._workspace.source.commit is not None

    @property
    def present(self) -> str:
        """The tree that is rendered from now, committed or not."""
        return self._workspace.templates.tree

    def templates(self, tree: str) -> Templates:
        """The templates of a tree. Raises SyncbotError where they cannot be found or loaded."""
        found = self.earlier.of(tree)
        if found is None:
            raise SyncbotError("these templates are not to be had")
        return found

    def repo_at(self, commit: str, name: str) -> Repo | None:
        """The repo as the config had it at a commit. For this a run reads the config at MOST commits, and no more."""
        if commit not in self._asked and len(self._asked) >= MOST:
            return None
        self._asked.add(commit)
        loaded = self.at(commit)
        return loaded[1].get(name) if loaded else None

    @cached_property
    def latest(self) -> tuple[str, ...]:
        """The `DEPTH` newest commits that changed templates or config, newest first."""
        return commits_touching(self._workspace.root, DEPTH)

    def deliveries(
        self, commit: str, name: str, locations: Mapping[str, str], today: date
    ) -> Iterator[tuple[Templates, Repo, Mapping[str, object]]]:
        """By which templates, entry and answers a delivery from this commit may have been rendered for a repo."""
        loaded = self.at(commit)
        repo = loaded[1].get(name) if loaded else None
        if not loaded or not repo:
            return
        templates = loaded[0]
        for answers in repo.answers_once(today):
            yield templates, repo, with_locations(templates.specs[repo.template], answers, locations)

    def _day_of(self, commit: str) -> date | None:
        """The day of a commit, where that is known."""
        return day_of(self._workspace.root, commit)

    def tree(self, commit: str) -> str:
        """The tree of the templates at a commit, empty where there are none."""
        return self.earlier.tree_at(commit) or ""

    def _with_same_config(self, commit: str) -> str:
        """The commit that stands for all that have the same config: to know it, one has to be read."""
        return self._configs.setdefault(config_at(self._workspace.root, commit), commit)

    def _steps_since(self, commit: str) -> tuple[Step, ...] | None:
        """What changed templates or config after this commit; None where that is not known, or is more than MOST."""
        found = commits_since(self._workspace.root, commit, MOST)
        if found is None or len(found) > MOST:
            return None
        steps = tuple(Step(commit=each, tree=self.tree(each.id)) for each in found)
        # What is not committed is a step as well.
        return (*steps, Step(commit=None, tree=self.present)) if self._workspace.source.dirty else steps

    def _load(self, commit: str) -> tuple[Templates, Mapping[str, Repo]] | None:
        """Templates, and repos by name, at a commit that is part of the history; None where they are not whole."""
        workspace = self._workspace
        if commit == workspace.source.commit and not workspace.source.dirty:
            return workspace.templates, {repo.name: repo for repo in workspace.fleet.repos}
        templates = self.earlier.at(commit)
        config = file_at(workspace.root, commit, workspace.config_path) if templates else None
        if templates is None or config is None:
            return None
        try:
            fleet = read_fleet(config, workspace.config_path, templates.specs)
        except SyncbotError:
            return None
        return templates, {repo.name: self._shared(repo) for repo in fleet.repos}

    def _shared(self, repo: Repo) -> Repo:
        """The entry as an earlier one that is equal to it: most are, from commit to commit, and a fleet is large."""
        known = self._entries.get(repo.name)
        self._entries[repo.name] = known if known == repo else repo
        return self._entries[repo.name]

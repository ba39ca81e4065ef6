"""The history of the platform team's repo: its templates and its config at earlier commits, each read once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from syncbot.cli.workspace import Workspace
from syncbot.config import load_fleet
from syncbot.errors import SyncbotError
from syncbot.model import Repo
from syncbot.plan.causes import Step
from syncbot.render import Templates, load_templates
from syncbot.render.history import commits_since, day_of, is_ancestor, sources_of, templates_at

MOST = 50
"""Commits to the config's repo between a delivery and now that are looked at; and at so many the config is read."""
_WORK_TREE = "what is not committed"
"""Names the templates as they lie there, where they are not as the commit has them."""


class ConfigHistory:
    """What earlier commits held. Templates are told apart by the ids of their trees, and shared by commits."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._templates: dict[str, Templates | SyncbotError] = {}
        self._commits: dict[str, str] = {}
        self._configs: dict[str, str] = {}
        self._entries: dict[str, Repo] = {}
        self._asked: set[str] = set()
        self.at = cache(self._load)
        self.steps = cache(self._steps_since)
        self.day = cache(self._day_of)
        self._sources = cache(self._sources_of)
        self._templates[self.present] = workspace.templates

    @property
    def is_known(self) -> bool:
        """Whether there is any."""
        return self._workspace.source.commit is not None

    @property
    def present(self) -> str:
        """The tree that is rendered from now."""
        source = self._workspace.source
        return self.tree(source.commit) if source.commit and not source.dirty else _WORK_TREE

    def templates(self, tree: str) -> Templates:
        """The templates of a tree that was named before. Raises SyncbotError where they cannot be loaded."""
        if tree not in self._templates and (loaded := self.at(self._commits[tree])):
            self._templates.setdefault(tree, loaded[0])
        found = self._templates.get(tree) or SyncbotError("these templates are not to be had")
        if isinstance(found, SyncbotError):
            raise found
        return found

    def repo_at(self, commit: str, name: str) -> Repo | None:
        """The repo as the config had it at a commit. For this a run reads the config at MOST commits, and no more."""
        if commit not in self._asked and len(self._asked) >= MOST:
            return None
        self._asked.add(commit)
        loaded = self.at(commit)
        return loaded[1].get(name) if loaded else None

    def _day_of(self, commit: str) -> date | None:
        """The day of a commit, where that is known."""
        return day_of(self._workspace.root, commit)

    def tree(self, commit: str) -> str:
        """The name of the templates at a commit."""
        return self._sources(commit)[0]

    def with_same_config(self, commit: str) -> str:
        """The commit that stands for all that have the same config: to know it, one has to be read."""
        return self._configs[self._sources(commit)[1]]

    def _sources_of(self, commit: str) -> tuple[str, str]:
        tree, config = sources_of(self._workspace.root, commit)
        self._commits.setdefault(tree, commit)
        self._configs.setdefault(config, commit)
        return tree, config

    def _steps_since(self, commit: str) -> tuple[Step, ...] | None:
        """What changed templates or config after this commit; None where that is not known, or is more than MOST."""
        found = commits_since(self._workspace.root, commit, MOST)
        if found is None or len(found) > MOST:
            return None
        steps = tuple(Step(commit=each, tree=self.tree(each.id)) for each in found)
        return (*steps, Step(commit=None, tree=_WORK_TREE)) if self.present == _WORK_TREE else steps

    def _load(self, commit: str) -> tuple[Templates, Mapping[str, Repo]] | None:
        """Templates, and repos by name, at a commit that is part of the history; None where they are not whole."""
        workspace = self._workspace
        if commit == workspace.source.commit and not workspace.source.dirty:
            return workspace.templates, {repo.name: repo for repo in workspace.fleet.repos}
        if not is_ancestor(workspace.root, commit):
            return None
        tree = self.tree(commit)
        with templates_at(workspace.root, commit) as folder:
            if folder is None:
                return None
            try:
                if tree not in self._templates:
                    self._templates[tree] = load_templates(folder)
                templates = self.templates(tree)
                fleet = load_fleet(folder / workspace.config_path, templates.specs)
            except SyncbotError as error:
                self._templates.setdefault(tree, error)
                return None
        return templates, {repo.name: self._shared(repo) for repo in fleet.repos}

    def _shared(self, repo: Repo) -> Repo:
        """The entry as an earlier one that is equal to it: most are, from commit to commit, and a fleet is large."""
        known = self._entries.get(repo.name)
        self._entries[repo.name] = known if known == repo else repo
        return self._entries[repo.name]

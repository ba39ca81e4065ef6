"""Earlier configs: what earlier commits of the platform team's repo rendered for one repo.

Needed where the lock does not say what was delivered, or where the base of a merge is not to be had from the repo.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from syncbot.app.config_history import ConfigHistory
from syncbot.errors import SyncbotError
from syncbot.model.files import FileId
from syncbot.plan.file_status import Desired
from syncbot.plan.files.compare import EarlierRenderings
from syncbot.plan.files.desired import desired_files
from syncbot.plan.pulls.data_needs import bases_to_render, lacks_record
from syncbot.plan.pulls.plan_repo import RepoFacts


class EarlierConfigs:
    """Renders with earlier commits, and only when a repo needs it."""

    def __init__(self, history: ConfigHistory, today: date) -> None:
        self._history = history
        self._today = today

    def renderings(self, facts: RepoFacts) -> EarlierRenderings:
        """Owned parts by path and id, from the commits that may say what was delivered to this repo."""
        found: dict[str, dict[FileId, bytes]] = {}
        for commit in self._commits_for(facts):
            for wanted in self._desired(commit, facts):
                if wanted.part is not None and wanted.file_id:
                    found.setdefault(wanted.path, {}).setdefault(wanted.file_id, wanted.part)
        return found

    def _commits_for(self, facts: RepoFacts) -> tuple[str, ...]:
        bases = bases_to_render(facts)
        latest = self._history.latest if lacks_record(facts) else ()
        return (*latest, *sorted(bases - set(latest)))

    def _desired(self, commit: str, facts: RepoFacts) -> Iterator[Desired]:
        for templates, repo, answers in self._history.deliveries(commit, facts.repo.name, facts.locations, self._today):
            try:
                rendered = templates.render_owned(repo.template, answers)
                yield from desired_files(templates.specs[repo.template], repo, rendered, facts.observation.files, {})
            except SyncbotError:
                continue

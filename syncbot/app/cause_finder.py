"""Causes of what a plan shows: the two points of each file, rendered by the history of the platform team's repo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from syncbot import __version__
from syncbot.app.config_history import ConfigHistory
from syncbot.errors import RenderError, SyncbotError
from syncbot.model.files import REGULAR, File, FileId, Ownership
from syncbot.model.fleet import Repo
from syncbot.model.templates import MoveSpec
from syncbot.ownership import MalformedBlock, owned_part
from syncbot.plan.causes import Cause, ConfigCommit, SeveralChanges
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.attribution import Change, RenderedFiles, causes
from syncbot.plan.files.desired import with_locations
from syncbot.plan.files.lock import Lock
from syncbot.plan.files.points import Point
from syncbot.plan.pulls.code_owners import recorded_unclaimed
from syncbot.plan.pulls.moves import of_changeset
from syncbot.plan.repo_plan import RepoPlan

_TEMPLATE = "template"
"""Stands among the answers: another template is another answer to its question."""


class CauseFinder:
    """Says of each file in a plan that is wanted otherwise than it was delivered why that is so."""

    def __init__(self, history: ConfigHistory, today: date) -> None:
        self._history = history
        self._today = today

    def explained(self, plan: RepoPlan, repo: Repo, lock: Lock) -> RepoPlan:
        """The plan with the causes of its files."""
        wanting = [file for file in plan.files if file.delivered and file.config and file.delivered != file.desired]
        if not wanting or not self._history.is_known:
            return plan
        found = _OneRepo(self._history, plan, repo, lock, self._today).causes(wanting)

        def told(files: Iterable[FileStatus]) -> tuple[FileStatus, ...]:
            return tuple(replace(file, causes=found.get(file.path, ())) for file in files)

        changesets = tuple(
            replace(changeset, files=of_changeset(changeset, told(changeset.files), self._moves(repo)))
            for changeset in plan.changesets
        )
        return replace(plan, files=told(plan.files), changesets=changesets)

    def _moves(self, repo: Repo) -> tuple[MoveSpec, ...]:
        spec = self._history.templates(self._history.present).specs.get(repo.template)
        return spec.moves if spec else ()


class _OneRepo:
    def __init__(self, history: ConfigHistory, plan: RepoPlan, repo: Repo, lock: Lock, today: date) -> None:
        self._history = history
        self._repo = repo
        self._lock = lock
        self._today = today
        self._locations = plan.locations
        self._ownership = {file.path: file.ownership for file in plan.files}
        self._renderings = RenderedFiles(self._render)

    def causes(self, files: Sequence[FileStatus]) -> Mapping[str, tuple[Cause, ...]]:
        found: dict[str, tuple[Cause, ...]] = {}
        for commit in dict.fromkeys(file.config for file in files if file.config):
            delivered = {file.path: file.delivered for file in files if file.config == commit}
            for change in self._changes(commit, delivered):
                found |= causes(change, change.recorded, self._renderings, self._answers_at)
            left = delivered.keys() - found.keys()
            found |= dict.fromkeys(left, (SeveralChanges(since=self._history.day(commit)),))
        return found

    def _changes(self, commit: str, delivered: Mapping[str, FileId | None]) -> Iterator[Change]:
        """What lies between that commit and now, for the files that it rendered with the same answers."""
        entry = self._history.repo_at(commit, self._repo.name)
        if not entry:
            return
        tree = self._history.tree(commit)
        left = dict(delivered)
        given = list(_given(entry, self._today))
        for answers in given:
            proved = {path: left[path] for path in left if self._id(path, tree, answers) == left[path]}
            left = {path: id for path, id in left.items() if path not in proved}
            if proved:
                yield self._change(commit, answers, proved)
        if left:
            yield self._change(commit, given[0], left)

    def _change(self, commit: str, answers: Mapping[str, object], recorded: Mapping[str, FileId | None]) -> Change:
        present = next(_given(self._repo, self._today))
        old = self._history.tree(commit)
        return Change(
            old=Point(tree=old, answers=answers),
            new=Point(tree=self._history.present, answers=present),
            steps=self._history.steps(commit),
            since=self._history.day(commit),
            recorded=recorded,
            tools={path: tool for path in recorded if path in self._lock and (tool := self._lock[path].tool)},
            tool=__version__,
            secrets=self._secrets(old, answers) | self._secrets(self._history.present, present),
        )

    def _secrets(self, tree: str, answers: Mapping[str, object]) -> frozenset[str]:
        spec = self._history.templates(tree).specs.get(str(answers[_TEMPLATE]))
        return frozenset(name for name, question in spec.questions.items() if question.secret) if spec else frozenset()

    def _id(self, path: str, tree: str, answers: Mapping[str, object]) -> FileId | SyncbotError | None:
        file = self._renderings.file(path, tree, answers)
        return file.file_id if isinstance(file, File) else file

    def _answers_at(self, commit: ConfigCommit) -> Mapping[str, object] | None:
        entry = self._history.repo_at(self._history.with_same_config(commit.id), self._repo.name)
        return next(_given(entry, self._today)) if entry else None

    def _render(self, point: Point) -> Mapping[str, File]:
        """The owned parts, by the paths at which the repo keeps them. Raises SyncbotError."""
        templates = self._history.templates(point.tree)
        name = str(point.answers[_TEMPLATE])
        spec = templates.specs.get(name)
        if spec is None:
            raise RenderError(f"unknown template {name!r}")
        # What these templates do not ask, a config beside them would not have answered.
        asked = {answer: value for answer, value in point.answers.items() if answer in spec.questions}
        # Which paths CODEOWNERS claims is no cause: it is as it was recorded on both sides.
        answers = with_locations(spec, asked, self._locations, sorted(recorded_unclaimed(self._lock)))
        files = templates.render_owned(name, answers)
        placed = {self._locations.get(path, path): file for path, file in files.items()}
        return {path: self._part(path, file) for path, file in placed.items()}

    def _part(self, path: str, file: File) -> File:
        ownership = self._ownership.get(path, Ownership.FILE)
        try:
            part = owned_part(ownership, file.content)
        except MalformedBlock as error:
            raise RenderError(f"{path}: {error}") from error
        return File(content=part or b"", mode=file.mode if ownership is Ownership.FILE else REGULAR)


def _given(repo: Repo, today: date) -> Iterator[Mapping[str, object]]:
    """The answers that a delivery by this entry may have been rendered with: as they count today, then others."""
    return ({_TEMPLATE: repo.template, **answers} for answers in repo.answers_once(today))

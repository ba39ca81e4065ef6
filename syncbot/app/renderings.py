"""How a repo is rendered at any point: now, as its lock says that it was, and as earlier commits had it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain

from syncbot.app.config_history import ConfigHistory
from syncbot.app.workspace import Workspace
from syncbot.errors import RenderError
from syncbot.formats.moves import Unread, read_move
from syncbot.model.blobs import known_text
from syncbot.model.templates import MoveSpec
from syncbot.plan.files.desired import desired_files, with_locations
from syncbot.plan.files.lock import Stanza
from syncbot.plan.files.points import Point, Rendering, Values
from syncbot.plan.pulls.data_needs import lacks_record
from syncbot.plan.pulls.known import Renderings
from syncbot.plan.pulls.partition import merged_values
from syncbot.plan.pulls.plan_repo import RepoFacts
from syncbot.render import Templates


class RendererOfRepos:
    """Renders with the templates of now and of earlier commits, which are loaded only when a repo needs them."""

    def __init__(self, workspace: Workspace, history: ConfigHistory, today: date) -> None:
        self._workspace, self._history, self._today = workspace, history, today

    def of(self, facts: RepoFacts) -> Renderings:
        """Everything by which the plan of this repo tells what was delivered from what is wanted."""
        spec = self._workspace.templates.specs[facts.repo.template]
        differing = {wanted.path for wanted in facts.differing}
        stanzas = {path: stanza for path, stanza in facts.lock.items() if path in differing}
        told = Renderings(
            moves=spec.moves,
            target=self._target(facts),
            render=_Renderer(self, facts).render,
            reads=read_value,
            recorded={path: tuple(self._recorded(path, stanza, facts)) for path, stanza in stanzas.items()},
            places={wanted.listed_as: wanted.path for wanted in facts.desired if wanted.listed_as},
        )
        if not lacks_record(facts) and not _shows_another(told, facts):
            return told
        latest = reversed(self._history.latest)
        return replace(told, known=tuple(chain.from_iterable(self._points(each, facts) for each in latest)))

    def templates(self, point: Point) -> Templates | None:
        """Those of a point; None where no commit has them, or they cannot be loaded."""
        return self._history.earlier.of(point.tree, point.config)

    def _target(self, facts: RepoFacts) -> Point:
        templates = self._workspace.templates
        given = facts.repo.answers_on(self._today)
        spec = templates.specs[facts.repo.template]
        answers = with_locations(spec, given, facts.locations, facts.unclaimed or ())
        return Point(tree=templates.tree, answers=answers, config=self._workspace.source.commit)

    def _recorded(self, path: str, stanza: Stanza, facts: RepoFacts) -> Iterator[Point]:
        """The points that a stanza names: of its own tree and answers, or what its config commit had for this repo."""
        if stanza.tree and stanza.answers is not None:
            yield Point(tree=stanza.tree, answers=stanza.answers, config=stanza.config, only=path)
        elif stanza.config:
            yield from self._points(stanza.config, facts)

    def _points(self, commit: str, facts: RepoFacts) -> Iterator[Point]:
        for templates, _, answers in self._history.deliveries(commit, facts.repo.name, facts.locations, self._today):
            yield Point(tree=templates.tree, answers=answers, config=commit)


class _Renderer:
    """Renders one repo at any point, each once."""

    def __init__(self, repos: RendererOfRepos, facts: RepoFacts) -> None:
        self._repos, self._facts = repos, facts
        self._known: dict[str, Rendering | None] = {}

    def render(self, point: Point, values: Values) -> Rendering | None:
        """The rendering; None where it does not render, or the template's tree is not to be had."""
        key = repr((point.tree, point.only, sorted(point.answers.items()), sorted(values.items())))
        if key not in self._known:
            self._known[key] = self._render(point, values)
        return self._known[key]

    def _render(self, point: Point, values: Values) -> Rendering | None:
        name, templates = self._facts.repo.template, self._repos.templates(point)
        spec = templates.specs.get(name) if templates else None
        if templates is None or spec is None:
            return None
        asked = {answer: value for answer, value in values.items() if answer in spec.questions}
        answers = {**point.answers, **asked}
        moves = tuple(move.answer for move in spec.moves)
        try:
            if point.only is None:
                resolved = templates.resolved(name, answers)
                rendered = templates.owned_files(name, resolved)
                shown = {answer: resolved[answer] for answer in moves if answer in resolved}
            else:
                file = templates.render_file(name, point.only, answers)
                read = templates.answers_read(name, point.only)
                listed = next(e.path for e in spec.owned if point.only in (e.path, *e.locations))
                rendered = {listed: file} if file else {}
                shown = dict(templates.completed(name, answers, tuple(m for m in moves if m in read)) or {})
            wanted = desired_files(spec, self._facts.repo, rendered, self._facts.observation.files, self._facts.lock)
        except RenderError:
            return None
        return Rendering(files={each.path: each for each in wanted if point.only in (None, each.path)}, values=shown)


def _shows_another(told: Renderings, facts: RepoFacts) -> bool:
    """Whether a live file shows a version that is neither wanted nor truly recorded: an earlier commit may have asked
    for it, and the team brought it by hand."""
    merged, seen = merged_values(facts.observation), facts.observation
    differing = {wanted.path for wanted in facts.differing}
    for move in told.moves:
        for path in differing.intersection(told.places.get(path, path) for path in move.paths):
            entry = seen.files.get(path)
            text = known_text(seen.blobs, entry.id) if entry else None
            shown = told.reads(move, text) if text is not None else None
            recorded = [told.render(point, {}) for point in told.recorded.get(path, ())]
            proved = [
                each
                for each in recorded
                if each and (file := each.file_id(path)) and file.id == facts.lock[path].file.id
            ]
            rendered = [each for each in (told.render(told.target, {}), *proved) if each]
            values = {str(each.values.get(move.answer)) for each in rendered}
            if shown is not None and shown not in values | merged.get(move.answer, frozenset()):
                return True
    return False


def read_value(move: MoveSpec, content: bytes) -> str | None:
    """The value as an answer has it, also that which means that there is none; None where it cannot be told."""
    value = read_move(move, content)
    if isinstance(value, Unread):
        return move.absent if value is Unread.ABSENT else None
    return value

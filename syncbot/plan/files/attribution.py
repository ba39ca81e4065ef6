"""Attribution: why what is desired differs from what was delivered, found out by rendering. Pure: rendering is given.

Answers are set back one at a time from the new side, then together; a commit of the config's repo is a cause where the
file renders differently before and after it for the same answers, and that was not undone since. Which files a commit
touches says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations, islice

from syncbot.errors import SyncbotError
from syncbot.model.files import File, FileId
from syncbot.plan.causes import (
    AnswerCause,
    Cause,
    ConfigCommit,
    NoValue,
    SeveralChanges,
    TemplateCause,
    ToolCause,
    Unproved,
)
from syncbot.plan.files.answer_causes import Difference, bearing_on, differences, set_back
from syncbot.plan.files.points import Point
from syncbot.plan.files.undone import lasting

_TRIED = 50
"""Sets of answers that are tried where earlier templates refuse the present ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A commit of the config's repo (None: what is not committed) and the name of its templates, as in `Point`."""

    commit: ConfigCommit | None
    tree: str


Render = Callable[[Point], Mapping[str, File]]
"""The owned parts by path. Raises SyncbotError where the templates refuse the answers, or are none."""

AnswersAt = Callable[[ConfigCommit], Mapping[str, object] | None]
"""The repo's answers as a commit had them; None where that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What lies between a delivery to one repo and now.

    `steps` are the commits after that of `old`, oldest first, up to what `new` is rendered from; None where the history
    cannot be read or is too long. `recorded` are the ids of what was delivered, by path, and `tools` the versions of
    syncbot that rendered it, where those are recorded; `tool` is the present one. `moves` are answers whose change is
    an event of its own, and no cause here; values of `secrets` are never shown.
    """

    old: Point
    new: Point
    steps: tuple[Step, ...] | None
    since: date | None = None
    recorded: Mapping[str, FileId | None] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    tool: str = ""
    moves: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


class RenderedFiles:
    """Renderings of one repo, each made once: a file at a path, None where there is none, `REFUSED` where refused."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._made: dict[tuple[str, str], Mapping[str, File] | SyncbotError] = {}

    def file(self, path: str, tree: str, answers: Mapping[str, object]) -> File | SyncbotError | None:
        """The file for these templates and answers; the error where they refuse."""
        key = tree, repr(sorted(answers.items(), key=lambda item: item[0]))
        if key not in self._made:
            try:
                self._made[key] = self._render(Point(tree=tree, answers=answers))
            except SyncbotError as error:
                self._made[key] = error
        made = self._made[key]
        return made if isinstance(made, SyncbotError) else made.get(path)


def causes(
    change: Change, paths: Iterable[str], renderings: RenderedFiles, answers_at: AnswersAt
) -> Mapping[str, tuple[Cause, ...]]:
    """For each path why it differs now from what was delivered: answers, then commits, oldest first, then the rest."""
    return {path: tuple(_causes(change, path, renderings, answers_at)) for path in paths}


def _causes(change: Change, path: str, renderings: RenderedFiles, answers_at: AnswersAt) -> list[Cause]:
    old, new = change.old, change.new
    before = renderings.file(path, old.tree, old.answers)
    after = renderings.file(path, new.tree, new.answers)
    found: list[Cause] = []
    if before != after and not isinstance(after, SyncbotError):
        found += _answers(change, path, renderings, new.tree, answers_at)
        found += _templates(change, path, renderings, new.answers)
        if not found:  # Either alone would do: seen from the old side, each does.
            found += _answers(change, path, renderings, old.tree, answers_at)
            found += _templates(change, path, renderings, old.answers)
    return found + _record(change, path, before)


def _answers(
    change: Change, path: str, renderings: RenderedFiles, tree: str, answers_at: AnswersAt
) -> list[AnswerCause]:
    new = change.new.answers

    def look(back: frozenset[Difference]) -> File | SyncbotError | None:
        return renderings.file(path, tree, set_back(change.old.answers, new, back))

    changed = differences(change.old.answers, new, change.moves, change.secrets)
    return [_dated(_cause(change, each), each, change, answers_at) for each in bearing_on(changed, look)]


def _cause(change: Change, changed: Difference) -> AnswerCause:
    if changed.answer in change.secrets:
        return AnswerCause(answer=changed.answer, before=NoValue.SECRET, after=NoValue.SECRET)
    return AnswerCause(answer=changed.answer, key=changed.key, before=changed.before, after=changed.after)


def _dated(cause: AnswerCause, changed: Difference, change: Change, answers_at: AnswersAt) -> AnswerCause:
    """With the commit since which the answer is what it is."""
    newest = None
    for step in reversed(change.steps or ()):
        answers = answers_at(step.commit) if step.commit else change.new.answers
        if answers is None:
            return cause
        if repr(changed.value_in(answers)) != repr(changed.after):
            break
        newest = step.commit
    return replace(cause, commit=newest)


def _templates(
    change: Change, path: str, renderings: RenderedFiles, answers: Mapping[str, object]
) -> list[TemplateCause | SeveralChanges]:
    if change.old.tree == change.new.tree:
        return []
    if change.steps is None:
        ends = [renderings.file(path, tree, answers) for tree in (change.old.tree, change.new.tree)]
        return [] if ends[0] == ends[1] else [SeveralChanges(since=change.since)]
    steps = (Step(commit=None, tree=change.old.tree), *change.steps)

    def seen(given: Mapping[str, object]) -> list[File | SyncbotError | None]:
        return [renderings.file(path, step.tree, given) for step in steps]

    files = seen(answers)
    named = _lasting_steps(files)
    if any(isinstance(file, SyncbotError) for file in files):
        named = _with_refusals(files, next(filter(_is_whole, map(seen, _earlier(change))), seen(change.old.answers)))
    return [TemplateCause(commit=steps[number].commit) for number in sorted(named)]


def _earlier(change: Change) -> Iterator[Mapping[str, object]]:
    """Answers that earlier templates may know where they refuse the present ones: as near to these as possible."""
    old, new = change.old.answers, change.new.answers
    changed = differences(old, new, change.moves, change.secrets)
    groups = (group for size in (1, 2) for group in combinations(changed, size))
    return (set_back(old, new, group) for group in islice(groups, _TRIED))


def _is_whole(files: Sequence[File | SyncbotError | None]) -> bool:
    return not any(isinstance(file, SyncbotError) for file in files)


def _with_refusals(
    files: Sequence[File | SyncbotError | None], earlier: Sequence[File | SyncbotError | None]
) -> set[int]:
    """As `_lasting_steps`, by earlier answers, and by the present ones where those show no change."""
    named = _lasting_steps(earlier)
    named |= {number for number in _lasting_steps(files) if earlier[number] == earlier[number - 1]}
    first = next((number for number, file in enumerate(files) if not isinstance(file, SyncbotError)), 0)
    if isinstance(earlier[first], SyncbotError):  # Neither renders on both sides of it.
        named.add(first)
    return named - {0}


def _lasting_steps(files: Sequence[File | SyncbotError | None]) -> set[int]:
    """The numbers of the steps that changed the file for good; those at which it does not render are passed over."""
    known = [(number, file) for number, file in enumerate(files) if not isinstance(file, SyncbotError)]
    return {known[number][0] for number in lasting([file for _, file in known])}


def _record(change: Change, path: str, before: File | SyncbotError | None) -> list[Cause]:
    if path not in change.recorded or isinstance(before, SyncbotError):
        return []
    if change.recorded[path] == (before.file_id if before else None):
        return []
    tool = change.tools.get(path, change.tool)
    return [Unproved() if tool == change.tool else ToolCause(before=tool, after=change.tool)]

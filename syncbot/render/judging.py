"""Answers that a template refuses: each question is judged once for each set of the answers that bear on it.

In: the questions, and what a repo answers. Out: every refusal, not the first alone. What fails in another way (an
answer that is missing, a mistake in the template) is none: it is said where the repo is rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from syncbot.render.budget import said
from syncbot.render.questions import RefusedAnswer, Rule, leading_to

Answers = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is not taken, or a default that does not suit the answers.

    `bearing` are the other answers given that bear on it, in the order of the questions.
    """

    name: str
    reason: str
    bearing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The questions that lead to some answers, in order, what of them is given, and what was found out before."""

    rules: tuple[Rule, ...]
    given: tuple[str, ...]
    completed: dict[tuple[str, ...], Answers | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """The questions to judge that the same given answers bear on, each with its part, and what was found out before."""

    given: tuple[str, ...]
    judged: list[tuple[Rule, _Part]] = field(default_factory=list)
    refused: dict[tuple[str, ...], tuple[Refusal, ...]] = field(default_factory=dict)


class Judge:
    """Judges the answers of many repos by one set of questions."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._groups: dict[frozenset[str], tuple[_Group, ...]] = {}
        self._parts: dict[tuple[frozenset[str], tuple[str, ...]], _Part] = {}

    def refusals(self, given: Answers) -> Iterator[Refusal]:
        """What is refused of these answers."""
        names, texts = frozenset(given), {name: repr(value) for name, value in given.items()}
        if names not in self._groups:
            self._groups[names] = tuple(self._grouped(names))
        for group in self._groups[names]:
            key = tuple([texts[name] for name in group.given])
            if key not in group.refused:
                found = (_judged(part, rule, given) for rule, part in group.judged)
                group.refused[key] = tuple(refusal for refusal in found if refusal)
            yield from group.refused[key]

    def completed(self, given: Answers, names: tuple[str, ...]) -> Answers | None:
        """These answers completed with their defaults, None where that fails; without those that nobody asks."""
        part = self._part(frozenset(given), names)
        key = tuple(repr(given[name]) for name in part.given)
        if key not in part.completed:
            part.completed[key] = _completed(part, names, given)
        return part.completed[key]

    def _grouped(self, given: frozenset[str]) -> Iterable[_Group]:
        groups: dict[tuple[str, ...], _Group] = {}
        for rule in self._rules.values():
            if rule.name in given or rule.validator is not None or rule.choices is not None:
                part = self._part(given, (rule.name,))
                groups.setdefault(part.given, _Group(given=part.given)).judged.append((rule, part))
        return groups.values()

    def _part(self, given: frozenset[str], names: tuple[str, ...]) -> _Part:
        if (given, names) not in self._parts:
            rules = leading_to(self._rules.values(), names, given)
            known = tuple(rule.name for rule in rules if rule.name in given)
            self._parts[given, names] = _Part(rules=rules, given=known)
        return self._parts[given, names]


def _judged(part: _Part, judged: Rule, given: Answers) -> Refusal | None:
    relevant = {name: given[name] for name in part.given}
    answers = dict(relevant)
    for rule in part.rules:
        try:
            rule.resolve(relevant, answers)
        except RefusedAnswer as error:
            # Another question's refusal is told there; here its answer counts as it was given.
            if rule is judged:
                bearing = tuple(name for name in part.given if name not in (judged.name, "template"))
                return Refusal(name=judged.name, reason=said(error), bearing=bearing)
        except Exception:
            return None
    return None


def _completed(part: _Part, names: tuple[str, ...], given: Answers) -> Answers | None:
    relevant = {name: given[name] for name in part.given}
    answers = dict(relevant)
    try:
        for rule in part.rules:
            rule.resolve(relevant, answers)
    except Exception:
        return None
    return {name: answers[name] for name in names if name in answers}

"""Which of the answers that changed bear on a file: what they were, what they are, and a look at the file with some of
them set back. Pure.

Those are named without which the others would not have led from the old file to the new one: each that alters it when
it alone is set back, and where these are not all, the smallest groups that alter it together. Two that cancel out are
no cause.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from syncbot.errors import SyncbotError
from syncbot.model.files import File
from syncbot.plan.causes import NoValue

_LARGEST, _MOST = 3, 300
"""Groups of up to so many answers are tried, where there are no more than so many of that size: all of two among 24
answers, of three among 12. Beyond, a group is found by leaving out of all what does not matter, one by one: one that
cannot be smaller, perhaps not the only one."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Difference:
    """An answer that changed, or where it was a mapping and is one, a `key` of it."""

    answer: str
    key: str | None = None
    before: object
    after: object

    def value_in(self, answers: Mapping[str, object]) -> object:
        """What these answers have in its place."""
        value = answers.get(self.answer, NoValue.NOT_GIVEN)
        if self.key is None:
            return value
        return value.get(self.key, NoValue.NOT_GIVEN) if isinstance(value, Mapping) else NoValue.NOT_GIVEN


Look = Callable[[frozenset[Difference]], File | SyncbotError | None]
"""The file with these set back; None where there is none then, the error where the templates refuse it."""


def differences(
    old: Mapping[str, object], new: Mapping[str, object], moves: Collection[str], whole: Collection[str]
) -> tuple[Difference, ...]:
    """What changed between the answers, in the order of the new ones; `moves` are left out, `whole` have no keys."""
    names = [name for name in dict.fromkeys((*new, *old)) if name not in moves]
    sides = ((name, _given(old, name), _given(new, name)) for name in names)
    return tuple(found for name, before, after in sides for found in _differences(name, before, after, name in whole))


def set_back(
    old: Mapping[str, object], new: Mapping[str, object], back: Collection[Difference]
) -> Mapping[str, object]:
    """The new answers, but these as they were."""
    answers = dict(new)
    for each in back:
        if each.key is None:
            value = each.before
        else:
            value = _merged(each, answers[each.answer])
            # Whole again, it is in the old order too.
            value = old[each.answer] if _is_same(value, old[each.answer]) else value
        if value is NoValue.NOT_GIVEN:
            answers.pop(each.answer, None)
        else:
            answers[each.answer] = value
    return answers


def bearing_on(changed: Sequence[Difference], look: Look) -> tuple[Difference, ...]:
    """Those of them that bear on the file, in their order."""
    now = look(frozenset())
    everything = frozenset(changed)
    if isinstance(now, SyncbotError) or look(everything) == now:
        return ()
    named = {each for each in changed if _alters(each, changed, look)}
    pairs = combinations(named, 2) if comb(len(named), 2) <= _MOST else ()
    cancelling = {each for pair in pairs if look(frozenset(pair)) == now for each in pair}
    named -= cancelling
    while look(everything - named) != now:
        left = [each for each in changed if each not in named]
        group = _group([each for each in left if each not in cancelling], look) or _group(left, look)
        if not group:
            named = named or set(everything)
            break
        named |= group
    return tuple(each for each in changed if each in named)


def _alters(one: Difference, changed: Sequence[Difference], look: Look) -> bool:
    """Whether the file is another with this one set back.

    Where that is refused, it is tried beside others set back as well; if it is refused there too, it counts.
    """
    alone = look(frozenset({one}))
    if not isinstance(alone, SyncbotError):
        return alone != look(frozenset())
    others = [each for each in changed if each is not one]
    for groups in (combinations(others, 1), combinations(others, 2), [others]):
        pairs = [(look(frozenset(group)), look(frozenset((*group, one)))) for group in groups]
        told = [pair for pair in pairs if not any(isinstance(each, SyncbotError) for each in pair)]
        if told:
            return any(without != with_it for without, with_it in told)
    return True


def _group(left: Sequence[Difference], look: Look) -> set[Difference]:
    """The smallest groups that alter the file when they are set back; none where nothing does."""
    now = look(frozenset())

    def alters(group: Collection[Difference]) -> bool:
        seen = look(frozenset(group))
        return not isinstance(seen, SyncbotError) and seen != now

    for size in range(1, _LARGEST + 1):
        groups = combinations(left, size) if comb(len(left), size) <= _MOST else ()
        found = {each for group in groups if alters(group) for each in group}
        if found:
            return found
    if not alters(left):
        return set()
    needed = list(left)
    for each in (*left, *left):  # Twice: without the one, the other may be refused.
        fewer = [other for other in needed if other is not each]
        needed = fewer if alters(fewer) else needed
    return set(needed)


def _differences(name: str, before: object, after: object, is_whole: bool) -> Iterator[Difference]:
    # By their text, since 1, 1.0 and true are equal in Python.
    if repr(before) == repr(after):
        return
    if is_whole or not isinstance(before, Mapping) or not isinstance(after, Mapping) or _is_same(before, after):
        yield Difference(answer=name, before=before, after=after)
        return
    for key in dict.fromkeys((*after, *before)):
        old, new = _given(before, key), _given(after, key)
        if repr(old) != repr(new):
            yield Difference(answer=name, key=key, before=old, after=new)


def _given(answers: Mapping[str, object], name: str) -> object:
    return answers.get(name, NoValue.NOT_GIVEN)


def _merged(changed: Difference, value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping) and changed.key is not None
    if changed.before is NoValue.NOT_GIVEN:
        return {key: each for key, each in value.items() if key != changed.key}
    return {**value, changed.key: changed.before}


def _is_same(one: object, other: object) -> bool:
    """Whether both are the same mapping but for the order of their keys."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return False
    return one.keys() == other.keys() and all(repr(one[key]) == repr(other[key]) for key in one)

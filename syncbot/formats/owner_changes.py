"""Which paths change owner between two CODEOWNERS: what each says and the repo's paths in, a summary of bounded size
out, after bounded work. The last line that matches wins, in both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain, takewhile

from syncbot.formats.codeowners import Codeowners, Rule

Owners = tuple[str, ...] | None
"""Who owns a path: empty where the last line that matches names nobody, None where no line matches."""

FIRST_PATHS = 5
"""How many paths of a move are named."""
MOST_MOVES = 50
"""How many different moves are named."""
MOST_MATCHES = 10_000_000
"""How often a path is held against a pattern at most: a second or two of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersMoved:
    """`count` paths that go from the same owners to the same owners; `paths` are the first of them.

    `added`: they were not there before, so that nobody owned them.
    """

    before: Owners
    after: Owners
    added: bool = False
    count: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerChanges:
    """The moves, those of most paths first but for added paths, which lead; `further` paths are in moves not named.

    `left_out` paths were not looked at, for there are too many paths and lines. `listed_in_full` is false where GitHub
    did not list all paths of the repo.
    """

    moved: tuple[OwnersMoved, ...] = ()
    further: int = 0
    looked_at: int = 0
    left_out: int = 0
    listed_in_full: bool = True


@dataclass(slots=True)
class _Tally:
    count: int = 0
    paths: list[str] = field(default_factory=list)


def owner_changes(
    before: Codeowners,
    after: Codeowners,
    *,
    kept: Collection[str],
    added: Collection[str] = (),
    listed_in_full: bool = True,
) -> OwnerChanges:
    """The changes of owner of the paths that are `kept`, and who comes to own those `added`."""
    deciding = _differing_rules(before, after)
    cost, cost_in_full = len(deciding), len(before.rules) + len(after.rules)
    tallies: dict[tuple[bool, Owners, Owners], _Tally] = defaultdict(_Tally)
    spent = looked_at = 0
    for path, is_new in chain(((path, True) for path in sorted(added)), ((path, False) for path in sorted(kept))):
        if spent >= MOST_MATCHES:
            break
        spent, looked_at = spent + cost, looked_at + 1
        if not is_new and not any(rule.matches(path) for rule in deciding):
            continue
        spent += cost_in_full
        then, now = None if is_new else before.owners(path), after.owners(path)
        if now if is_new else not same_owners(then, now):
            tally = tallies[is_new, then, now]
            tally.count += 1
            tally.paths += [path] if len(tally.paths) < FIRST_PATHS else []
    moved = sorted(_moves(tallies), key=lambda move: (not move.added, -move.count, move.paths))
    return OwnerChanges(
        moved=tuple(moved[:MOST_MOVES]),
        further=sum(move.count for move in moved[MOST_MOVES:]),
        looked_at=looked_at,
        left_out=len(added) + len(kept) - looked_at,
        listed_in_full=listed_in_full,
    )


def same_owners(one: Owners, other: Owners) -> bool:
    """Whether both are the same people, in whatever order and letters; nobody named differs from no line."""
    if one is None or other is None:
        return one is other
    return {owner.casefold() for owner in one} == {owner.casefold() for owner in other}


def _moves(tallies: dict[tuple[bool, Owners, Owners], _Tally]) -> Iterator[OwnersMoved]:
    for (added, then, now), tally in tallies.items():
        yield OwnersMoved(before=then, after=now, added=added, count=tally.count, paths=tuple(tally.paths))


def _differing_rules(before: Codeowners, after: Codeowners) -> tuple[Rule, ...]:
    """The lines, one a pattern, of which one decides wherever the owners differ: those below what both begin with."""
    old, new = before.rules, after.rules
    alike = ((one.pattern, one.owners) == (other.pattern, other.owners) for one, other in zip(old, new, strict=False))
    shared = sum(1 for _ in takewhile(bool, alike))
    return tuple({rule.pattern: rule for rule in (*old[shared:], *new[shared:])}.values())

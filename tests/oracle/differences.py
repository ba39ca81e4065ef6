"""Where syncbot's planner may differ from the model, and why; all else is a failure."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from tests.oracle import lock as locks
from tests.oracle.model import Moment, Plan
from tests.oracle.template import blob_id


class Explained(StrEnum):
    """Each with the reason."""

    ANOTHER_POINT = "several points render the same file: which of them the lock names decides nothing"


def differences(moment: Moment, ours: Plan, theirs: Plan) -> Iterator[str]:
    """What differs and is not explained, in words."""
    for name in sorted(ours.changesets.keys() | theirs.changesets.keys()):
        one, other = ours.changesets.get(name), theirs.changesets.get(name)
        if one is None or other is None:
            yield f"{name} is proposed by {'the model' if one is None else 'syncbot'} alone"
            continue
        if one.moves != other.moves:
            yield f"{name} moves {one.moves}, in the model {other.moves}"
        for path in sorted(one.writes.keys() | other.writes.keys()):
            if one.writes.get(path, "") != other.writes.get(path, ""):
                yield f"{name} in {path}: {one.writes.get(path, '')!r}, in the model {other.writes.get(path, '')!r}"
        if one.digests != other.digests:
            yield f"{name} takes {sorted(one.digests)} from the target, in the model {sorted(other.digests)}"
        if one.lock != other.lock and explained_lock(moment, one.lock, other.lock) is None:
            yield f"{name} writes another lock"


def explained_lock(moment: Moment, ours: str | None, theirs: str | None) -> Explained | None:
    """Why two locks that differ say the same."""
    one, other = locks.read(ours), locks.read(theirs)
    if one is None or other is None or one.stanzas.keys() != other.stanzas.keys():
        return None
    pairs = [(path, stanza, other.stanzas[path]) for path, stanza in one.stanzas.items()]
    same = all(_same(moment, path, stanza, their) for path, stanza, their in pairs if stanza != their)
    return Explained.ANOTHER_POINT if same else None


def _same(moment: Moment, path: str, one: locks.Stanza | None, other: locks.Stanza | None) -> bool:
    """Whether both record the same content, each at a point that gives it."""
    if one is None or other is None or one.id != other.id:
        return False
    return _gives(moment, path, one) and _gives(moment, path, other)


def _gives(moment: Moment, path: str, stanza: locks.Stanza) -> bool:
    text = (moment.renderer.maybe(stanza.point) or {}).get(path) if stanza.point else None
    return text is not None and blob_id(text) == stanza.id

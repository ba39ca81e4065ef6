"""The states of an owned file, and all that follows from each: one row a state. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncbot.tables import total

SYNC, ADOPT, TAKEOVER = "sync", "adopt", "takeover"
"""The changesets by name: what syncbot delivered before or the repo lacks; all of it at first contact; and, later, what
is the repo's own so far."""


KINDS = (SYNC, ADOPT, TAKEOVER)


class FileState(StrEnum):
    """What a file is, by what is desired, what is live and what was delivered."""

    IN_SYNC = "in-sync"
    MISSING = "missing"
    BEHIND = "behind"
    REVERTED = "reverted"
    EDITED = "edited"
    DIVERGED = "diverged"
    OVERRIDDEN = "overridden"
    DELETED = "deleted"
    UNMANAGED = "unmanaged"
    RETIRED = "retired"
    EXEMPT = "exempt"
    BY_HAND = "by-hand"
    BLOCKED = "blocked"


class Novelty(StrEnum):
    """What merging would be for the repo, as the limit on unproven changes counts it."""

    FIRST = "first"
    CHANGE = "change"
    RESTORE = "restore"


class Gone(StrEnum):
    """Why a file that was proposed is not any more."""

    AS_DESIRED = "as-desired"
    EXEMPT = "exempt"
    DECLINED = "declined"


class Heading(StrEnum):
    """Under what `status` lists the files that differ and are not proposed, in this order."""

    OVERRIDDEN = "Did not get the change"
    LEFT_ALONE = "Left alone"
    BY_HAND = "Moved by hand"
    BLOCKED = "Blocked"
    RETIRED = "Retired, but edited"
    EXEMPT = "Exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """How a file in this state is proposed: the changeset it goes into, the verb of a title, and why in a table.

    `overwrites_edits` says that lines which syncbot did not deliver would go, unless `merges`: then they are merged
    with what is desired where that is clean. `desired_changed` says that the template or the answers did.
    """

    changeset: str = SYNC
    novelty: Novelty = Novelty.CHANGE
    verb: str = "Update"
    why: str = ""
    overwrites_edits: bool = False
    merges: bool = False
    desired_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """All that follows from a state. Without `proposing` nothing is ever written.

    `as_desired`: live is what is desired. `unknown`: something in the way hides what is there.
    `holds_back`: a change that is proposed whole or not at all waits for this file.
    `live_as_delivered`, `delivered_and_gone`: what its history is asked for, see `plan.pulls.suppression`.
    `gone`: why a file that was proposed is not any more. `heading`: where `status` lists it without a proposal.
    `told_by_sign`: the sign in front of its path says enough.
    """

    meaning: str
    drift: bool = True
    proposing: Proposing | None = None
    as_desired: bool = False
    unknown: bool = False
    holds_back: bool = False
    live_as_delivered: bool = False
    delivered_and_gone: bool = False
    gone: Gone | None = None
    heading: Heading | None = None
    told_by_sign: bool = False


_UNKNOWN = Treatment(meaning="a state without a row", unknown=True, holds_back=True, heading=Heading.BLOCKED)

TREATMENTS = total(
    FileState,
    {
        FileState.IN_SYNC: Treatment(
            meaning="live is as desired, or differs from it in layout alone, as a formatter leaves it",
            drift=False,
            as_desired=True,
            gone=Gone.AS_DESIRED,
            told_by_sign=True,
        ),
        FileState.MISSING: Treatment(
            meaning="there is no such file, and none was ever delivered",
            proposing=Proposing(novelty=Novelty.FIRST, verb="Add", why="the template has it, this repo did not"),
            told_by_sign=True,
        ),
        FileState.BEHIND: Treatment(
            meaning="live is as delivered, but for its layout; the desired content has changed",
            proposing=Proposing(why="the template changed since it was last delivered here", desired_changed=True),
            live_as_delivered=True,
            told_by_sign=True,
        ),
        FileState.REVERTED: Treatment(
            meaning="as `behind`, but the desired content was merged before and a person took it back",
            proposing=Proposing(),
        ),
        FileState.EDITED: Treatment(
            meaning="a person changed it since it was delivered; the desired content has not changed",
            proposing=Proposing(
                novelty=Novelty.RESTORE,
                verb="Restore",
                why="it was edited here since it was delivered",
                overwrites_edits=True,
            ),
        ),
        FileState.DIVERGED: Treatment(
            meaning="both changed",
            proposing=Proposing(
                why="the template changed, and so did this repo",
                overwrites_edits=True,
                merges=True,
                desired_changed=True,
            ),
        ),
        FileState.OVERRIDDEN: Treatment(
            meaning=(
                "as `diverged`, and the change did not arrive: other lines stand where it would, and were merged like "
                "that with the bot's pull request"
            ),
            proposing=Proposing(overwrites_edits=True),
        ),
        FileState.DELETED: Treatment(
            meaning="it was delivered and is gone",
            proposing=Proposing(novelty=Novelty.RESTORE, verb="Restore", why="it was delivered before and is gone"),
            delivered_and_gone=True,
            told_by_sign=True,
        ),
        FileState.UNMANAGED: Treatment(
            meaning="there is a file that the bot did not deliver",
            proposing=Proposing(
                changeset=TAKEOVER,
                novelty=Novelty.FIRST,
                why="the template has it too, and this repo's differs",
                overwrites_edits=True,
            ),
        ),
        FileState.RETIRED: Treatment(
            meaning="it is to go, and is still there",
            proposing=Proposing(verb="Remove", why="it is no longer owned here"),
            heading=Heading.RETIRED,
        ),
        FileState.EXEMPT: Treatment(
            meaning="the config exempts it for the time being",
            drift=False,
            holds_back=True,
            gone=Gone.EXEMPT,
            heading=Heading.EXEMPT,
        ),
        FileState.BY_HAND: Treatment(
            meaning="it shows a version that syncbot never rendered here: somebody moved it by hand",
            holds_back=True,
            heading=Heading.BY_HAND,
        ),
        FileState.BLOCKED: Treatment(
            meaning=(
                "something is in the way: a symlink, a folder, a binary, CRLF line ends, a name in another case, "
                "an unknown Postgres major, a file that it needs and that is not there"
            ),
            unknown=True,
            holds_back=True,
            heading=Heading.BLOCKED,
        ),
    },
)


def treatment(state: FileState) -> Treatment:
    """What follows from the state. One that the table does not know is drift, and writes nothing."""
    return TREATMENTS.get(state, _UNKNOWN)

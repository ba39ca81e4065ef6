"""Who owns what, before and after a pull request that writes a CODEOWNERS: as Markdown for its body, and as JSON.

Values in, strings out. Owners and paths appear as code only, so that nobody is pinged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syncbot.formats.owner_changes import OwnerChanges, Owners, OwnersMoved
from syncbot.plan.pulls.owners import writes_codeowners
from syncbot.plan.repo_plan import Changeset
from syncbot.report.markdown_escape import cell, cut
from syncbot.report.wording import count

_ROWS = 10
"""How many moves the body shows."""
_TABLE_LIMIT = 8_000
_LONG = 200
"""Characters of a path, or of a list of owners, that are shown."""
_HEADING = "### Who owns what, before and after"


def owners_section(changeset: Changeset) -> str:
    """The section of the pull request's body; empty where it writes no CODEOWNERS."""
    if not writes_codeowners(changeset):
        return ""
    changes = changeset.owner_changes
    if changes is None:
        text = "Which paths change owner cannot be told: what stands in the place of CODEOWNERS is no file."
    elif changes.moved:
        text = cut(_table(changes), _TABLE_LIMIT).rstrip()
    else:
        text = "No path of this repo changes owner."
    return "\n\n".join((_HEADING, text, *(_limits(changes) if changes else ())))


def owner_changes_json(changes: OwnerChanges | None) -> dict[str, Any] | None:
    """As docs/json.md has it; None where it was not asked, or could not be told."""
    if changes is None:
        return None
    return {
        "moved": [_move_json(move) for move in changes.moved],
        "further": changes.further,
        "looked_at": changes.looked_at,
        "left_out": changes.left_out,
        "listed_in_full": changes.listed_in_full,
    }


def _move_json(move: OwnersMoved) -> dict[str, Any]:
    return {
        "before": None if move.before is None else list(move.before),
        "after": None if move.after is None else list(move.after),
        "added": move.added,
        "count": move.count,
        "paths": list(move.paths),
    }


def _table(changes: OwnerChanges) -> str:
    rows = [f"| {_before(move)} | {_who(move.after)} | {_paths(move)} |" for move in changes.moved[:_ROWS]]
    further = changes.further + sum(move.count for move in changes.moved[_ROWS:])
    note = [f"\n{count(further, 'more path')} of other owners change too."] if further else []
    return "\n".join(("| Before | After | Paths |", "|---|---|---|", *rows, *note))


def _before(move: OwnersMoved) -> str:
    return "not there yet" if move.added else _who(move.before)


def _who(owners: Owners) -> str:
    if owners is None:
        return "nobody: no line matches"
    return cell(_short(" ".join(owners))) if owners else "nobody: by a line without owners"


def _paths(move: OwnersMoved) -> str:
    named = ", ".join(cell(_short(path)) for path in move.paths)
    more = move.count - len(move.paths)
    return f"{named} and {more:,} more" if more else named


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _limits(changes: OwnerChanges) -> Iterator[str]:
    if not changes.listed_in_full:
        yield "GitHub does not list all files of a repo as large as this one: what it did list is said here."
    if changes.left_out:
        yield (
            f"There are too many paths and lines to look at all: {changes.looked_at:,} paths were, "
            f"{changes.left_out:,} were not."
        )

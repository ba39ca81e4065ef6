"""What moves, in words: labels and values in; titles, and phrases for a body out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from syncbot.plan.repo_plan import Moved
from syncbot.report.markdown_escape import code
from syncbot.report.wording import listed, one_line
from syncbot.tables import total

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .+-]*[A-Za-z0-9+])?")


class Step(StrEnum):
    """What becomes of the thing itself: another value of it, or there was none of it, or there is none any more."""

    MOVE = "Move"
    ADD = "Add"
    REMOVE = "Remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """Of one step: behind the verb in a title, the same where that is too long, and in a body."""

    title: str
    short: str
    body: str


_WORDS = total(
    Step,
    {
        Step.MOVE: _Words(
            title="{label} {before} to {after}", short="{label} to {after}", body="{label} {before} → {after}"
        ),
        Step.ADD: _Words(title="{label} {after}", short="{label}", body="{label} {after} (new)"),
        Step.REMOVE: _Words(title="{label} {before}", short="{label}", body="{label} {before} (removed)"),
    },
)


def moved_words(moved: Moved) -> str:
    """What merging does, in the imperative: `Move Node 18 to 22`, `Add Postgres 17`, `Remove Postgres 16`."""
    return f"{step(moved)} {_said(moved)}"


def moved_phrase(moved: Moved) -> str:
    """The same in Markdown for a body: `Node 18 → 22`, `Postgres 17 (new)`, `Postgres 16 (removed)`.

    A value that is no plain word is a code span: it pings nobody and closes nothing.
    """
    before, after = _safe(str(moved.before)), _safe(str(moved.after))
    return _WORDS[step(moved)].body.format(label=_safe(moved.spec.label), before=before, after=after)


def step(moved: Moved) -> Step:
    """What becomes of the thing itself."""
    if moved.spec.absent is not None and str(moved.before) == moved.spec.absent:
        return Step.ADD
    return Step.REMOVE if moved.spec.absent is not None and str(moved.after) == moved.spec.absent else Step.MOVE


def moves_title(moves: Sequence[Moved], limit: int) -> str:
    """All of them, of which there is at least one, in one imperative line of at most `limit` characters.

    `Move Node 18 to 22 and Debian bookworm to trixie`, `Move Node 18 to 22, add Postgres 17`; where that is too long,
    the first ones: `Move Node 18 to 22 and 2 more`; at last the first without its old value, cut where it must be.
    """
    titles = (_joined(moves[:number], len(moves) - number) for number in range(len(moves), 0, -1))
    return next((title for title in titles if len(title) <= limit), _cut(moves[0], len(moves) - 1, limit))


def _cut(first: Moved, more: int, limit: int) -> str:
    label, after = one_line(first.spec.label), one_line(str(first.after))
    said = f"{step(first)} {_WORDS[step(first)].short.format(label=label, after=after)}"
    end = f" and {more} more" if more else ""
    return said[: limit - len(end)].rstrip() + end


def _joined(moves: Sequence[Moved], more: int) -> str:
    """Each verb once, with all that it says; the last one with how many more there are."""
    by_step: dict[Step, list[str]] = {}
    for moved in moves:
        by_step.setdefault(step(moved), []).append(_said(moved))
    list(by_step.values())[-1].extend([f"{more} more"] if more else [])
    phrases = [f"{verb} {listed(said)}" for verb, said in by_step.items()]
    return ", ".join([phrases[0], *(phrase[0].lower() + phrase[1:] for phrase in phrases[1:])])


def _said(moved: Moved) -> str:
    """Behind the verb of a title."""
    before, after = one_line(str(moved.before)), one_line(str(moved.after))
    return _WORDS[step(moved)].title.format(label=one_line(moved.spec.label), before=before, after=after)


def _safe(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else code(text)

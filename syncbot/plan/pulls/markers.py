"""Markers: how the bot knows again what it has told people, so that it says it once, and asks it once. Pure.

The mark is a Markdown comment, which GitHub does not show; who wrote it does not matter, since all it does is keep the
bot quiet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from syncbot.model.pull_request import Comment
from syncbot.plan.pulls.trailers import Trailers, parse_trailers

_PROPOSED, _END = "<!-- syncbot:proposed", "-->"
_ENDS = (_END, "--!>")
# GitHub takes 65,536 characters; the mark is put below it.
_MOST = 65_400


def marker(about: str, paths: Iterable[str]) -> str:
    """The hidden mark of what is said `about` these paths."""
    name = hashlib.sha256("\n".join(sorted(paths)).encode()).hexdigest()[:16]
    return f"<!-- syncbot:{about} {name} -->"


def with_markers(body: str, proposal: str = "") -> str:
    """The body with a mark by which the bot knows that nobody changed it, and with the hidden `proposal` before that.

    The proposal (a trailer block) outlives the commits, which people squash and reword. It is left out where it would
    be too long or could not be hidden.
    """
    hidden = f"{_PROPOSED}\n{proposal}\n{_END}"
    if proposal and len(body) + len(hidden) <= _MOST and not any(end in proposal for end in _ENDS):
        body = f"{body.rstrip()}\n\n{hidden}"
    return f"{body.rstrip()}\n\n{marker('body', [body.strip()])}\n"


def is_untouched(body: str) -> bool:
    """Whether the body is as the bot wrote it."""
    text, _, _ = body.replace("\r\n", "\n").rpartition("<!-- syncbot:body ")
    return with_markers(text).strip() == body.replace("\r\n", "\n").strip()


def proposal_in(body: str) -> Trailers | None:
    """What the body says was proposed, or None."""
    last: list[str] | None = None
    hidden: list[str] | None = None
    for line in body.replace("\r\n", "\n").split("\n"):
        if hidden is None:
            hidden = [] if line == _PROPOSED else None
        elif line == _END:
            last, hidden = hidden, None
        else:
            hidden.append(line)
    return parse_trailers("\n".join(last)) if last else None


def has_marker(about: str, paths: Iterable[str], comments: Iterable[Comment]) -> bool:
    """Whether one of the comments carries that mark."""
    wanted = marker(about, paths)
    return any(wanted in comment.body for comment in comments)

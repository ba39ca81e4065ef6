"""Said: how the bot knows again what it has told people, so that it says it once. Pure.

The mark is a Markdown comment, which GitHub does not show; who wrote it does not matter, since all it does is keep the
bot quiet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from syncbot.model import Comment


def mark(about: str, paths: Iterable[str]) -> str:
    """The hidden mark of what is said `about` these paths."""
    name = hashlib.sha256("\n".join(sorted(paths)).encode()).hexdigest()[:16]
    return f"<!-- syncbot:{about} {name} -->"


def signed(body: str) -> str:
    """The body with a mark by which the bot knows that nobody changed it."""
    return f"{body.rstrip()}\n\n{mark('body', [body.strip()])}\n"


def is_own(body: str) -> bool:
    """Whether the body is as the bot wrote it."""
    text, _, _ = body.replace("\r\n", "\n").rpartition("<!-- syncbot:body ")
    return signed(text).strip() == body.replace("\r\n", "\n").strip()


def is_said(about: str, paths: Iterable[str], comments: Iterable[Comment]) -> bool:
    """Whether one of the comments carries that mark."""
    wanted = mark(about, paths)
    return any(wanted in comment.body for comment in comments)

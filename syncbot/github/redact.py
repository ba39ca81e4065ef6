"""Redaction: text in, the same text without secrets out. Every log line and error passes here.

Two nets: whatever secret this process holds, exactly, and whatever looks like one of GitHub's. Never raises, and
knows nothing of where the text goes.
"""

from __future__ import annotations

import logging
import re

HIDDEN = "***"

# GitHub's "About authentication to GitHub" lists the prefixes. Installation tokens become `ghs_<app id>_<JWT>`.
_LOOKS = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"\bgithub_pat_[A-Za-z0-9_]+"),
    re.compile(r"\bgh[a-z]_[A-Za-z0-9_.-]{8,}"),
    re.compile(r"\bv1\.[0-9a-f]{40}\b"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*"),
    re.compile(r"(?<=://)[^/\s@]+(?=@)"),
    re.compile(r"\b(?<=bearer |[ :]basic )[A-Za-z0-9+/=._~-]{16,}", re.IGNORECASE),
)
_SHORTEST = 8
_CARRIERS = ("github.Requester", "github.Auth", "github.GithubRetry", "urllib3.connectionpool", "urllib3.util.retry")

_held: set[str] = set()


def register_secret(secret: str) -> None:
    """Remember a secret of this process; of several lines, each line that is long enough as well."""
    pieces = {secret, secret.replace("\n", "\\n"), *secret.splitlines()}
    _held.update(piece for piece in pieces if len(piece) >= _SHORTEST and not piece.startswith("-----"))


def redact(text: str) -> str:
    """The text with `***` for every secret."""
    for pattern in _LOOKS:
        text = pattern.sub(HIDDEN, text)
    for secret in sorted(_held, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


class Redaction(logging.Filter):
    """Lets every record through, without secrets: its message, its traceback and its stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        record.exc_text = record.exc_text and redact(record.exc_text)
        record.stack_info = record.stack_info and redact(record.stack_info)
        return True


def guard_loggers() -> None:
    """Redact what the libraries log, whoever listens: PyGithub's DEBUG lines hold whole answers, tokens included."""
    for name in _CARRIERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, Redaction) for known in logger.filters):
            logger.addFilter(Redaction())

"""The log: what syncbot does as it does it, on stderr, without secrets at any level."""

from __future__ import annotations

import logging

from syncbot.cli.output import say
from syncbot.github.redact import Redaction, guard_loggers

LEVELS = ("debug", "info", "warning")
_LOGGERS = ("syncbot", "github", "urllib3")


class _Stderr(logging.Handler):
    """Writes to stderr as it is now: a progress bar or a test may have taken its place."""

    def emit(self, record: logging.LogRecord) -> None:
        say(self.format(record))


def log_to_stderr(level: str) -> None:
    """Log from `level` up; what the libraries say below INFO (whole requests and answers) is left out."""
    wanted = getattr(logging, level.upper())
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(wanted if name == "syncbot" else max(wanted, logging.INFO))
        for handler in [known for known in logger.handlers if isinstance(known, _Stderr)]:
            logger.removeHandler(handler)
        logger.addHandler(_handler())
    guard_loggers()


def _handler() -> logging.Handler:
    handler = _Stderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S"))
    handler.addFilter(Redaction())
    return handler

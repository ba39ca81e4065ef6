"""What is printed: reports as text, documents as data, words on stderr. Under GitHub Actions none of it is a command.

The runner takes workflow commands from any line of a step's output, in two syntaxes: `::name::` where a line begins
with it, `##[name]` anywhere in a line. So everything printed stands between `::stop-commands::` of a fresh word and
that word's end, and since the runner reads stdout and stderr apart, in no certain order, what looks like a command is
altered all the same. A stream that is a regular file is left as it is: the runner does not read it.
Source: ActionCommand and ActionCommandManager of actions/runner.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO

import click

_AT_LINE_START = re.compile(r"((?:^|\r)\s*):(?=:)", re.MULTILINE)
_ANYWHERE = "##["


class GuardedStream:
    """A text stream whose lines the runner takes for nothing but text. What is written comes out a line at a time."""

    def __init__(self, stream: TextIO, word: str) -> None:
        self._stream = stream
        self._word = word
        self._line = ""
        self._begun = False

    @property
    def encoding(self) -> str:
        return self._stream.encoding

    @property
    def errors(self) -> str | None:
        return self._stream.errors

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Take the text; a line is passed on when it is whole."""
        lines, end, self._line = (self._line + text).rpartition("\n")
        if end:
            self._begin()
            self._stream.write(harmless(lines) + end)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def command(self, line: str) -> None:
        """A workflow command of our own, outside of the guard. Its values are escaped already."""
        self.end()
        self._stream.write(f"{line}\n")

    def data(self, document: str) -> None:
        """A JSON document, which needs no guard: its lines begin with no text, and its strings are escaped."""
        self.end()
        self._stream.write(document.replace(_ANYWHERE, "#\\u0023[") + "\n")

    def end(self) -> None:
        """Pass on what is left, and let the runner read commands again."""
        if self._line:
            self.write("\n")
        if self._begun:
            self._begun = False
            self._stream.write(f"::{self._word}::\n")

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._stream.write(f"::stop-commands::{self._word}\n")


def harmless(text: str) -> str:
    r"""Without workflow commands: `\::` where a line begins and `##\[`, which Markdown shows as they were."""
    return _AT_LINE_START.sub(r"\1\\:", text).replace(_ANYWHERE, "##\\[")


@contextmanager
def guarded(environment: Mapping[str, str]) -> Iterator[None]:
    """Within it no output ends the run for its encoding, and under GitHub Actions none of it is a command."""
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    word = secrets.token_hex(16)
    streams = [GuardedStream(stream, word) for stream in before] if environment.get("GITHUB_ACTIONS") else []
    if streams:
        out, err = (guard if _is_read(plain) else plain for guard, plain in zip(streams, before, strict=True))
        sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream in streams:
            with suppress(OSError, ValueError):
                stream.end()
                stream.flush()


def say_data(document: str) -> None:
    """A JSON document on stdout."""
    if isinstance(sys.stdout, GuardedStream):
        sys.stdout.data(document)
        sys.stdout.flush()
    else:
        click.echo(document)


def say_command(line: str) -> None:
    """A workflow command on stdout."""
    if isinstance(sys.stdout, GuardedStream):
        sys.stdout.command(line)
    else:
        click.echo(line)


def say(text: str) -> None:
    """A word on stderr; nobody's work ends because stderr is closed or full."""
    with suppress(OSError, ValueError):
        click.echo(text, err=True)


def forget_stdout() -> None:
    """Send what is still buffered for stdout nowhere: it cannot be written, and Python would try again at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _is_read(stream: TextIO) -> bool:
    """Whether the runner may read it: whatever is no regular file."""
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return True

"""Unified diffs of what would be written: values in, text out. Bytes that would steer a terminal are made visible."""

from __future__ import annotations

from difflib import unified_diff

from syncbot.model.files import Ownership
from syncbot.plan.file_status import FileStatus
from syncbot.report.wording import one_line, printable

_NO_NEWLINE = "\n\\ No newline at end of file\n"


def file_diff(status: FileStatus) -> str:
    """The diff from the live file to the proposed one, with git's headers; empty without a proposal."""
    proposal = status.proposal
    if proposal is None:
        return ""
    path = one_line(status.path)
    body = unified_diff(
        _lines(proposal.before),
        _lines(proposal.content),
        "/dev/null" if proposal.before is None else f"a/{path}",
        "/dev/null" if proposal.content is None else f"b/{path}",
    )
    return _modes(status) + "".join(_ended(line) for line in body)


def patch(path: str, before: str, after: str) -> str:
    """The change of one text file as `git apply` takes it: every byte as it is."""
    tab = "\t" if " " in path else ""  # or the rest of the name would be taken for a date
    changes = unified_diff(_lines(before.encode()), _lines(after.encode()), f"a/{path}{tab}", f"b/{path}{tab}")
    return "".join(line if line.endswith("\n") else line + _NO_NEWLINE for line in changes)


def _modes(status: FileStatus) -> str:
    """The lines that git puts above a diff where the mode changes."""
    live, proposal = status.live, status.proposal
    if not (live and proposal and proposal.content is not None) or status.ownership is not Ownership.FILE:
        return ""
    return "" if live.mode == proposal.mode else f"old mode {live.mode}\nnew mode {proposal.mode}\n"


def _lines(content: bytes | None) -> list[str]:
    """Lines with their ends; only LF ends one, as in git."""
    text = (content or b"").decode("utf-8", "replace")
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _ended(line: str) -> str:
    # A header line ends in a tab-less name and LF; a content line lacks LF only where its file does.
    return printable(line) if line.endswith("\n") else printable(line) + _NO_NEWLINE

"""Markdown that holds text from repos: whatever the text is, it stays code, closes nothing and pings nobody.

Text in, Markdown out. GitHub reads no mention inside code, and code ends only at as many backticks as began it.
"""

from __future__ import annotations

import html
import re

from syncbot.report.wording import one_line, printable

_BACKTICKS = re.compile(r"`+")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def fence(text: str, language: str = "") -> str:
    """A fenced block, its fence longer than any run of backticks in the text."""
    marks = "`" * max(3, 1 + _longest_run(text))
    body = printable(text)
    return f"{marks}{language}\n{body}{'' if body.endswith(chr(10)) else chr(10)}{marks}"


def code(text: str) -> str:
    """A code span on one line."""
    line = one_line(text)
    if not line:
        return "` `"
    marks = "`" * (1 + _longest_run(line))
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{marks}{pad}{line}{pad}{marks}"


def cell(text: str) -> str:
    """A code span fit for a table's cell, where a bar would end it even inside code."""
    line = one_line(text)
    if "|" not in line:
        return code(line)
    return f"<code>{''.join(c if c.isalnum() or c == ' ' else f'&#{ord(c)};' for c in line)}</code>"


def details(summary: str, body: str) -> str:
    """A block folded away under `summary`, which is taken as text; `body` is Markdown."""
    return f"<details><summary><code>{html.escape(one_line(summary))}</code></summary>\n\n{body}\n\n</details>"


def commit_link(repository: str | None, commit: str) -> str | None:
    """`owner/name@commit`, which GitHub links by itself, on every host; None where the repository is not so named."""
    return f"{repository}@{commit}" if repository and _REPOSITORY.fullmatch(repository) else None


def folded(heading: str, body: str) -> str:
    """A section folded away under a heading of our own."""
    return f"<details><summary>{heading}</summary>\n\n{body}\n\n</details>"


def cut(text: str, limit: int) -> str:
    """The text, at most about `limit` characters of it, cut at a line's end and saying so."""
    if len(text) <= limit:
        return text
    kept = text[: max(0, text.rfind("\n", 0, limit))]
    left_out = text[len(kept) :].strip("\n").count("\n") + 1
    return f"{kept}\n… {left_out} more lines\n"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)

"""What a .dockerignore leaves in or out that it should not: text and the paths a Dockerfile copies in, findings out.

Patterns are Docker's: Go's filepath.Match with `**`, rooted at the build context, the last match wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from syncbot.check.dockerfile import command_words, copied_files
from syncbot.check.types import Rendering, finding
from syncbot.formats.diagnostics import Diagnostic, Severity
from syncbot.formats.dockerfile import is_dockerfile

SHOULD_BE_IGNORED = (".git", ".env")
"""History and secrets: neither has any business in an image."""


def check_dockerignore(rendering: Rendering) -> Iterator[Diagnostic]:
    """Broken patterns, copied files that are ignored, and secrets that are not."""
    for path, file in rendering.files.items():
        if path in (".dockerignore", "Dockerfile.dockerignore"):
            yield from _check(path, file.content, rendering)


def _check(path: str, content: bytes, rendering: Rendering) -> Iterator[Diagnostic]:
    rules = []
    seen: dict[str, int] = {}
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text in seen:
            yield finding(
                path,
                "ignore-twice",
                f"{text!r} stands on line {seen[text]} already",
                line=number,
                severity=Severity.WARNING,
            )
        seen.setdefault(text, number)
        if _pattern(text.removeprefix("!").strip()) is None:
            yield finding(path, "ignore-syntax", f"{text!r} is not a pattern of Docker's", line=number)
        else:
            rules.append((number, text))
    for copied, dockerfile in _copied(rendering):
        ignored = _ignored_by(rules, copied)
        if ignored:
            yield finding(path, "copy-ignored", f"ignores {copied}, which {dockerfile} copies", line=ignored)
    for name in SHOULD_BE_IGNORED:
        if not _ignored_by(rules, name):
            yield finding(path, "ignore-secret", f"{name} is not ignored: `COPY .` would put it into the image")


def _copied(rendering: Rendering) -> Iterator[tuple[str, str]]:
    for path, file in rendering.files.items():
        if is_dockerfile(path):
            yield from ((source, path) for _, source in copied_files(file.content) if source not in {"", "."})
            yield from ((word, path) for word in command_words(file.content) if word in rendering.files)


def _ignored_by(rules: list[tuple[int, str]], path: str) -> int:
    """The line whose pattern ignores the path, 0 if none does or a later one takes it back."""
    found = 0
    parts = path.split("/")
    candidates = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    for number, text in rules:
        pattern = _pattern(text.removeprefix("!").strip())
        if pattern and any(pattern.fullmatch(candidate) for candidate in candidates):
            found = 0 if text.startswith("!") else number
    return found


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    """The pattern as a regular expression, None where Docker refuses it."""
    rest, expression = text.strip("/").removeprefix("./"), ""
    if not rest:
        return None
    while rest:
        token = re.match(r"\*\*/?|\*|\?|\[\^?(?:\\.|[^\]\\])+\]|\\.|[^\\\[]", rest)
        if token is None:
            return None
        rest = rest[token.end() :]
        expression += _expression(token[0])
    try:
        return re.compile(expression)
    except re.error:
        return None


def _expression(token: str) -> str:
    known = {"**": ".*", "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    if token in known:
        return known[token]
    if token.startswith("["):
        # Go knows no operations on sets, for which Python keeps these signs.
        return "[" + re.sub(r"(?<!\\)([\[&|~]|(?<=-)-)", r"\\\1", token[1:])
    return re.escape(token[-1])

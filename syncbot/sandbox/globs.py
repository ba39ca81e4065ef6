"""Glob patterns with GitHub's meaning, for branches and for CODEOWNERS: `*` stops at a slash, `**` does not."""

from __future__ import annotations

import re
from functools import lru_cache

TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=256)
def branch_pattern(pattern: str) -> re.Pattern[str]:
    """A branch protection rule's pattern, to be matched in full."""
    return re.compile("".join(MEANING.get(token) or re.escape(token) for token in TOKEN.findall(pattern)))


def owner_match(pattern: str, path: str) -> bool:
    """Whether a CODEOWNERS pattern matches a file: `docs/` is all below, `docs/*` only what is right inside."""
    names = pattern.strip("/").split("/")
    anchored = pattern.startswith("/") or len(names) > 1
    files = path.split("/")
    depths = range(1 if anchored else len(files))
    # A match of a folder above the file is a match of the file, unless the pattern ends in a lone `*`.
    lengths = [len(files)] if names[-1] == "*" and not pattern.endswith("/") else range(1, len(files) + 1)
    wanted = [length for length in lengths if length < len(files) or not pattern.endswith("/")]
    return any(_match(names, files[start:end]) for start in depths for end in wanted)


def _match(names: list[str], files: list[str]) -> bool:
    """One name of the pattern for one of the path; `**` for any number, one at least where it comes last."""
    if not names or not files:
        return not names and not files
    name, *others = names
    if name != "**":
        return bool(_name(name).fullmatch(files[0])) and _match(others, files[1:])
    return not others or any(_match(others, files[skipped:]) for skipped in range(len(files)))


@lru_cache(maxsize=256)
def _name(name: str) -> re.Pattern[str]:
    """What stands between two slashes."""
    parts = re.findall(r"\\.|\*+|\?|.", name, re.DOTALL)
    return re.compile(
        "".join({"*": "[^/]*", "?": "."}.get(part[0]) or re.escape(part[-1]) for part in parts), re.DOTALL
    )

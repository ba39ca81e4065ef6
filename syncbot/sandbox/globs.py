"""Glob patterns as regular expressions, with GitHub's meaning: `*` stops at a slash, `**` does not."""

from __future__ import annotations

import re
from functools import lru_cache

TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=256)
def branch_pattern(pattern: str) -> re.Pattern[str]:
    """A branch protection rule's pattern, to be matched in full."""
    return re.compile(_translated(pattern))


@lru_cache(maxsize=256)
def owner_pattern(pattern: str) -> re.Pattern[str]:
    """A CODEOWNERS pattern, to be matched in full: `docs/` is all below, `docs/*` only what is right inside."""
    body = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in body
    below = "" if anchored and body.endswith("/*") else "(?:/.*)?"
    end = "/.*" if pattern.endswith("/") else below
    return re.compile(("" if anchored else "(?:.*/)?") + _translated(body) + end)


def _translated(pattern: str) -> str:
    return "".join(MEANING.get(token) or re.escape(token) for token in TOKEN.findall(pattern))

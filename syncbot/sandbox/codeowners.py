"""Who owns which file by a repository's CODEOWNERS, as the base branch has it; the last pattern that matches wins."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile

from .forge import Forge
from .globs import owner_match
from .records import RepoRow
from .roles import may_write, team_members

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
TOO_LARGE = 3 << 20  # bytes from which on GitHub does not load the file
WORD = re.compile(r"(?:\\.|[^\\\s])+|\\")
BAD_PATTERN = re.compile(r"!|.*[\[\]]|\\#|/\Z|.*//|(?:\\.|[^\\])*\\\Z|\./|@[\w/.-]+\Z|.*\\/")
OWNER = re.compile(r"@\w(?:[\w-]*\w)?(?:/[\w.-]+)?|[^@\s]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
Rule = tuple[str, tuple[str, ...]]  # (pattern, owners as written)


def rules_at(forge: Forge, repo: RepoRow, commit: str) -> tuple[Rule, ...]:
    """The rules of the first CODEOWNERS of a commit, in its order; none without one."""
    git = forge.git(repo)
    for place in PLACES:
        entry = git.entry(commit, place)
        if entry and (content := git.blob(entry.oid)) is not None:
            return parse(content)
    return ()


def parse(content: bytes) -> tuple[Rule, ...]:
    """The rules of one file; none of one that is too large."""
    return tuple(_rules(content.decode("utf-8", "replace"))) if len(content) < TOO_LARGE else ()


def owners_of(rules: tuple[Rule, ...], path: str) -> tuple[str, ...]:
    """The owners of a path as written (`@pat`, `@acme/platform`); none where nobody owns it."""
    for pattern, owners in reversed(rules):
        if owner_match(pattern, path):
            return owners
    return ()


def people(forge: Forge, repo: RepoRow, owners: tuple[str, ...]) -> frozenset[str]:
    """The logins behind owners, of those who may write in the repository. An App is never one."""
    logins: set[str] = set()
    for owner in owners:
        name = owner.removeprefix("@")
        organization, slash, team = name.partition("/")
        logins.update(team_members(forge, organization, team) if slash else (name,))
    return frozenset(login for login in logins if not login.endswith("[bot]") and may_write(forge, repo, login))


def _rules(text: str) -> Iterable[Rule]:
    """The lines that count: one that GitHub cannot parse is skipped."""
    for line in text.split("\n"):
        words = tuple(takewhile(lambda word: not word.startswith("#"), WORD.findall(line)))
        if words and not BAD_PATTERN.match(words[0]) and all(map(OWNER.fullmatch, words[1:])):
            yield words[0], words[1:]

"""Who owns which file by a repository's CODEOWNERS, as the base branch has it; the last pattern that matches wins."""

from __future__ import annotations

from collections.abc import Iterable

from .forge import Forge
from .globs import owner_pattern
from .records import RepoRow
from .roles import may_write, team_members

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
Rule = tuple[str, tuple[str, ...]]  # (pattern, owners as written)


def rules_at(forge: Forge, repo: RepoRow, commit: str) -> tuple[Rule, ...]:
    """The rules of the first CODEOWNERS of a commit, in its order; none without one."""
    git = forge.git(repo)
    for place in PLACES:
        entry = git.entry(commit, place)
        if entry and (content := git.blob(entry.oid)) is not None:
            return tuple(_rules(content.decode("utf-8", "replace")))
    return ()


def owners_of(rules: tuple[Rule, ...], path: str) -> tuple[str, ...]:
    """The owners of a path as written (`@pat`, `@acme/platform`); none where nobody owns it."""
    for pattern, owners in reversed(rules):
        if owner_pattern(pattern).fullmatch(path):
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
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            yield words[0], tuple(words[1:])

"""Search over pull requests, in GitHub's query language, and nodes by id. Writes nothing.

https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests: repositories and
owners are alternatives, all other terms must hold; a word that is no qualifier must stand in the title or the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .forge import Forge
from .graphql_git import Resolver
from .graphql_pages import page, refused
from .graphql_values import Info, PullNode, RepoNode, repo_node
from .issues import labels_of
from .records import Identity, PullRow, RepoRow
from .refusal import Refusal

MAX_RESULTS = 1000
TERM = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)"|(\S+))', re.IGNORECASE)

Test = Callable[[Forge, RepoRow, PullRow, str], bool]


def search(_: object, info: Info, query: str, type: str, **bounds: Any) -> dict[str, object]:
    """Newest first; no more than 1,000 can be paged through, though all are counted."""
    asked = info.context
    found = _found(asked.forge, asked.who, query)

    def wrap(one: tuple[RepoRow, PullRow]) -> PullNode:
        return PullNode(repo=repo_node(asked.forge, one[0]), row=one[1])

    return {**page("search", found[:MAX_RESULTS], wrap=wrap, **bounds), "issueCount": len(found)}


def node(_: object, info: Info, id: str) -> PullNode | RepoNode:
    """A pull request or repository by its id; nothing else is looked up by id."""
    asked = info.context
    kind, _, number = id.partition("_")
    missing = refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")
    pull = asked.forge.store.one(PullRow, "SELECT * FROM pulls WHERE id = ?", number) if kind == "PR" else None
    if kind not in ("PR", "R") or (kind == "PR" and pull is None) or not number.isdecimal():
        raise missing
    try:
        row = asked.forge.by_id(pull.repo_id if pull else int(number))
    except Refusal:
        raise missing from None
    if not asked.forge.sees(asked.who, row):
        raise missing
    repo = repo_node(asked.forge, row)
    return PullNode(repo=repo, row=pull) if pull else repo


def nodes(_: object, info: Info, ids: list[str]) -> list[object]:
    return [_or_error(info, one) for one in ids]


def _or_error(info: Info, id: str) -> object:
    """An id that leads nowhere is null with an error, and spares the others."""
    try:
        return node(None, info, id)
    except Exception as error:
        return error


def _found(forge: Forge, who: Identity, query: str) -> list[tuple[RepoRow, PullRow]]:
    terms = [_term(match) for match in TERM.finditer(query)]
    places = [(name, value.casefold()) for minus, name, value in terms if name in PLACES and not minus]
    rest = [term for term in terms if term[1] not in PLACES]
    repos = {row.id: row for row in forge.store.all(RepoRow, "SELECT * FROM repos") if forge.sees(who, row)}
    pulls = forge.store.all(PullRow, "SELECT * FROM pulls ORDER BY created_at DESC, id DESC")
    return [
        (repos[pull.repo_id], pull)
        for pull in pulls
        if pull.repo_id in repos
        and _in_place(repos[pull.repo_id], places)
        and all(_holds(forge, repos[pull.repo_id], pull, term) for term in rest)
    ]


def _term(match: re.Match[str]) -> tuple[bool, str, str]:
    """Whether it is negated, the qualifier (empty for a mere word), and the value."""
    value = match[4] if match[3] is None else match[3]
    return bool(match[1]), (match[2] or "").lower(), value


def _in_place(repo: RepoRow, places: list[tuple[str, str]]) -> bool:
    wanted = {value for _, value in places}
    return not places or repo.owner.casefold() in wanted or repo.full_name.casefold() in wanted


def _holds(forge: Forge, repo: RepoRow, pull: PullRow, term: tuple[bool, str, str]) -> bool:
    minus, name, value = term
    test = TESTS.get(name)
    if test is None:
        words = f"{name}:{value}" if name else value
        return minus != (words.casefold() in f"{pull.title}\n{pull.body or ''}".casefold())
    return minus != test(forge, repo, pull, value)


def _is(_: Forge, repo: RepoRow, pull: PullRow, value: str) -> bool:
    return {
        "pr": True,
        "open": pull.state == "open",
        "closed": pull.state == "closed",
        "merged": pull.merged_at is not None,
        "unmerged": pull.merged_at is None,
        "draft": bool(pull.draft),
        "archived": bool(repo.archived),
        "public": not repo.private,
        "private": bool(repo.private),
    }.get(value.lower(), False)


def _author(_: Forge, _repo: RepoRow, pull: PullRow, value: str) -> bool:
    app, _slash, name = value.rpartition("/")
    login = f"{name}[bot]" if app == "app" else value
    return pull.author.casefold() == login.casefold()


def _label(forge: Forge, _: RepoRow, pull: PullRow, value: str) -> bool:
    return value.casefold() in (label.name.casefold() for label in labels_of(forge, pull.id))


PLACES = ("org", "user", "repo")
TESTS: Mapping[str, Test] = {
    "is": _is,
    "type": _is,
    "state": _is,
    "author": _author,
    "label": _label,
    "head": lambda _, __, pull, value: pull.head_ref.startswith(value),
    "base": lambda _, __, pull, value: pull.base_ref.startswith(value),
    "archived": lambda _, repo, __, value: bool(repo.archived) == (value == "true"),
    "draft": lambda _, __, pull, value: bool(pull.draft) == (value == "true"),
}

RESOLVERS: dict[str, dict[str, Resolver]] = {"Query": {"node": node, "nodes": nodes, "search": search}}

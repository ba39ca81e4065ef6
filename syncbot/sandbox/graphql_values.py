"""The values that GraphQL resolvers hand to one another: rows and git objects with the repository they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from graphql import GraphQLResolveInfo

from .forge import Forge
from .graphql_cost import Cost
from .records import Identity, PullRow, RepoRow
from .repository import HEADS, Entry, GitObject, Repository
from .representations import node_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The context of one execution: the forge, who asks, and what it costs."""

    forge: Forge
    who: Identity
    cost: Cost


Info: TypeAlias = GraphQLResolveInfo[Request]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoNode:
    row: RepoRow
    git: Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class RefNode:
    """A ref; `prefix` + `name` is its full name."""

    repo: RepoNode
    prefix: str
    name: str
    oid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectNode:
    """A commit, tree, blob or annotated tag."""

    repo: RepoNode
    object: GitObject

    @property
    def oid(self) -> str:
        return str(self.object.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryNode:
    repo: RepoNode
    entry: Entry
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullNode:
    repo: RepoNode
    row: PullRow


def repo_node(forge: Forge, row: RepoRow) -> RepoNode:
    """A repository with its git data."""
    return RepoNode(row=row, git=forge.git(row))


def branch_node(repo: RepoNode, name: str) -> RefNode | None:
    """A branch by its name, or None."""
    oid = repo.git.branch(name)
    return RefNode(repo=repo, prefix=HEADS, name=name, oid=oid) if oid else None


def object_node(repo: RepoNode, expression: str) -> ObjectNode | None:
    """What a revision expression names, or None."""
    found = repo.git.object(expression)
    return ObjectNode(repo=repo, object=found) if found else None


def actor(forge: Forge, login: str | None) -> dict[str, object] | None:
    """An account as GraphQL shows it: a Bot without the `[bot]` that REST adds."""
    if login is None:
        return None
    user = forge.user(login)
    shown = user.login.removesuffix("[bot]")
    path = f"apps/{shown}" if user.type == "Bot" else shown
    return {
        "__typename": user.type,
        "id": node_id(user.type, user.id),
        "login": shown,
        "name": None,
        "url": f"{forge.url}/{path}",
    }

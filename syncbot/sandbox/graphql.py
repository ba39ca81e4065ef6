"""The GraphQL endpoint. In: a request's token and body. Out: GitHub's answer, its refusals included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import (
    graphql_git,
    graphql_mutations,
    graphql_people,
    graphql_pulls,
    graphql_rules,
    graphql_search,
    graphql_talk,
)
from .forge import Forge
from .graphql_cost import MAX_NODES, Cost, cost
from .graphql_git import Resolver
from .graphql_pages import refused
from .graphql_values import Info, PullNode, RepoNode, Request, actor
from .identity import authenticate
from .records import Identity
from .refusal import Refusal
from .rest import token_of

PARTS = (graphql_git, graphql_mutations, graphql_people, graphql_pulls, graphql_rules, graphql_search, graphql_talk)
PATH = "/api/graphql"
DOCUMENTS = 256  # parsed and validated documents that are kept


def graphql_route(forge: Forge) -> Route:
    """The route that answers GraphQL over this forge."""

    async def endpoint(http: HTTPRequest) -> Response:
        body = await http.body()
        status, answer, headers = await run_in_threadpool(respond, forge, http.headers.get("authorization"), body)
        return JSONResponse(answer, status, headers)

    return Route(PATH, endpoint, methods=["POST"])


def respond(forge: Forge, authorization: str | None, body: bytes) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    """HTTP status, JSON and headers for one request; `authorization` is the header's value."""
    headers: Mapping[str, str] = {}
    try:
        with forge.lock:
            who = _identity(forge, authorization)
            try:
                return 200, answer(forge, who, *_question(body)), forge.meter.headers(who.account, "graphql")
            finally:
                headers = forge.meter.headers(who.account, "graphql")
    except Refusal as refusal:
        return refusal.status, refusal.body(), {**headers, **refusal.headers}
    except GraphQLError as error:
        return 200, {"errors": [_error(error)]}, headers


def answer(
    forge: Forge, who: Identity, text: str, variables: Mapping[str, Any], operation: str | None = None
) -> dict[str, Any]:
    """What GitHub says to this document: `data` as far as there is any, and `errors`. Needs the lock."""
    document, errors = _document(text)
    if document is None or errors:
        return {"errors": [_error(error) for error in errors]}
    chosen = get_operation_ast(document, operation)
    if chosen is None:
        return {"errors": [{"message": "An operation name is required"}]}
    result = _executed(forge, who, document, chosen, variables)
    data = {} if result.data is None else {"data": result.data}
    return {**data, "errors": [_error(error) for error in result.errors]} if result.errors else data


def _executed(
    forge: Forge,
    who: Identity,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> ExecutionResult:
    price = cost(document, operation, variables)
    mutates = operation.operation is OperationType.MUTATION
    if mutates:
        forge.counters.write()
    _admit(forge, who, operation, 5 if mutates else 1, price.points)
    if price.nodes > MAX_NODES:
        return ExecutionResult(None, [_too_many(price)])
    return execute_sync(
        schema(),
        document,
        variable_values=dict(variables),
        operation_name=operation.name.value if operation.name else None,
        context_value=Request(forge=forge, who=who, cost=price),
    )


def _admit(forge: Forge, who: Identity, operation: OperationDefinitionNode, points: int, price: int) -> None:
    """Counts the request and charges its price. Raises Refusal (too fast) or GraphQLError (too much this hour)."""
    if forge.meter.limits.off:
        return
    roots = {node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode)}
    account, name = who.account, forge.shown_account(who)
    forge.meter.admit(account, name, resource="graphql", points=points, content="createCommitOnBranch" in roots)
    try:
        forge.meter.charge(account, name, price)
    except Refusal as refusal:
        raise refused("RATE_LIMITED", refusal.message) from refusal


def _too_many(price: Cost) -> GraphQLError:
    return refused(
        "MAX_NODE_LIMIT_EXCEEDED",
        f"This query requests up to {price.nodes:,} possible nodes which exceeds the maximum limit of {MAX_NODES:,}.",
    )


@cache
def schema() -> GraphQLSchema:
    """The sandbox's schema with its resolvers."""
    text = files(__package__).joinpath("schema.graphql").read_text(encoding="utf-8")
    built = build_schema(text)
    for resolvers in (RESOLVERS, *(part.RESOLVERS for part in PARTS)):
        for name, fields in resolvers.items():
            kind = cast(GraphQLObjectType, built.type_map[name])
            for field, resolve in fields.items():
                kind.fields[field].resolve = resolve
    cast(GraphQLInterfaceType, built.type_map["GitObject"]).resolve_type = graphql_git.kind
    cast(GraphQLInterfaceType, built.type_map["Node"]).resolve_type = _node_kind
    cast(GraphQLUnionType, built.type_map["SearchResultItem"]).resolve_type = _node_kind
    return built


def _node_kind(node: PullNode | RepoNode, *_: object) -> str:
    return "PullRequest" if isinstance(node, PullNode) else "Repository"


@lru_cache(maxsize=DOCUMENTS)
def _document(text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    try:
        document = parse(text)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(schema(), document))


def _error(error: GraphQLError) -> dict[str, Any]:
    """GitHub's shape: `type` stands beside `message`, not in `extensions`."""
    kind = (error.extensions or {}).get("type")
    return {
        **({"type": kind} if kind else {}),
        **({"path": error.path} if error.path else {}),
        **({"locations": [place.formatted for place in error.locations]} if error.locations else {}),
        "message": error.message,
    }


def _identity(forge: Forge, authorization: str | None) -> Identity:
    if not authorization:
        raise Refusal(401, "This endpoint requires you to be authenticated.")
    return authenticate(forge, token_of(authorization))


def _question(body: bytes) -> tuple[str, Mapping[str, Any], str | None]:
    try:
        asked = json.loads(body)
    except ValueError:
        raise Refusal(400, "Problems parsing JSON") from None
    text = asked.get("query") if isinstance(asked, dict) else None
    if not isinstance(text, str):
        raise GraphQLError("A query attribute must be specified and must be a string.")
    return text, asked.get("variables") or {}, asked.get("operationName")


def _rate_limit(_: object, info: Info, dryRun: bool = False) -> dict[str, object]:
    """Without limits the hour starts anew with each request: the sandbox charges, but does not run out."""
    asked = info.context
    rate = asked.forge.meter.rate(asked.who.account, "graphql")
    spent = asked.cost.points if asked.forge.limits.graphql is None else 0
    return {
        "cost": asked.cost.points,
        "limit": rate["limit"],
        "nodeCount": asked.cost.nodes,
        "remaining": rate["remaining"] - spent,
        "resetAt": datetime.fromtimestamp(rate["reset"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "used": rate["used"] + spent,
    }


def _viewer(_: object, info: Info) -> dict[str, object]:
    """Who asks; an App is shown with its `[bot]` here, and here alone."""
    asked = info.context
    return {**(actor(asked.forge, asked.who.login) or {}), "login": asked.who.login}


RESOLVERS: dict[str, dict[str, Resolver]] = {"Query": {"rateLimit": _rate_limit, "viewer": _viewer}}

"""GitHub's REST API under `/api/v3`: finds the handler, says who is asking, turns refusals into GitHub's answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import rest_checks, rest_content, rest_git, rest_issues, rest_pulls, rest_repos
from .call import Answer, Call
from .forge import Forge
from .refusal import DOCUMENTATION, Refusal

PREFIX = "/api/v3"
Handler = Callable[[Call], Answer]
READS = ("GET", "HEAD")

# Checks come first: `/commits/{ref:path}/status` must not be taken for a commit of that name.
TABLE: tuple[tuple[str, str, Handler], ...] = (
    *rest_repos.ROUTES,
    *rest_checks.ROUTES,
    *rest_git.ROUTES,
    *rest_content.ROUTES,
    *rest_pulls.ROUTES,
    *rest_issues.ROUTES,
)


def rest_routes(forge: Forge) -> list[Route]:
    """Every REST route over this forge."""
    return [_route(forge, method, path, handler) for method, path, handler in TABLE]


def token_of(authorization: str | None) -> str | None:
    """The token in an Authorization header: `token …`, `Bearer …`, or the password of Basic."""
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return value.strip() or None
    try:
        return base64.b64decode(value.encode(), validate=True).decode().partition(":")[2] or None
    except ValueError:
        return ""


def refused(refusal: Refusal) -> Response:
    """A refusal as GitHub sends it."""
    return JSONResponse(refusal.body(), refusal.status)


def _route(forge: Forge, method: str, path: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_respond, forge, request, body, handler)

    return Route(PREFIX + path, endpoint, methods=[method])


def _respond(forge: Forge, request: Request, body: bytes, handler: Handler) -> Response:
    try:
        with forge.store.transaction():
            call = _call(forge, request, body)
            moved = _moved(call)
            answer = moved or handler(call)
    except Refusal as refusal:
        return refused(refusal)
    headers = {**answer.headers, "X-GitHub-Media-Type": "github.v3; format=json"}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return JSONResponse(answer.body, answer.status, headers)


def _call(forge: Forge, request: Request, body: bytes) -> Call:
    return Call(
        forge=forge,
        who=forge.authenticate(token_of(request.headers.get("authorization"))),
        method=request.method,
        url=forge.url + request.url.path,
        params=request.path_params,
        query=dict(request.query_params),
        body=_parsed(body) if request.method not in READS else {},
    )


def _parsed(body: bytes) -> Mapping[str, object]:
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Refusal(400, "Problems parsing JSON") from error
    # Labels may come as a bare list.
    if isinstance(value, list):
        return {"labels": value}
    if not isinstance(value, dict):
        raise Refusal(400, "Body should be a JSON object")
    return value


def _moved(call: Call) -> Answer | None:
    """GitHub's redirect for a repository asked for by a former name: by id, and without the query."""
    if "repo" not in call.params:
        return None
    repo = call.repo
    asked = f"{call.params['owner']}/{call.params['repo']}"
    if asked.casefold() == repo.full_name.casefold():
        return None
    rest = call.url.removeprefix(f"{call.forge.api_url}/repos/{asked}")
    location = f"{call.forge.api_url}/repositories/{repo.id}{rest}"
    reading = call.method in READS
    message = "Moved Permanently" if reading else "Temporary Redirect"
    body = {"message": message, "url": location, "documentation_url": DOCUMENTATION}
    return Answer(status=301 if reading else 307, body=body, headers={"Location": location})

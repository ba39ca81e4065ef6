"""GitHub's REST API under `/api/v3`: finds the handler, says who is asking, turns refusals into GitHub's answers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import rest_apps, rest_checks, rest_content, rest_git, rest_issues, rest_pulls, rest_repos, rest_rules
from .automerge import settle
from .call import Answer, Call
from .forge import Forge
from .identity import authenticate
from .refusal import DOCUMENTATION, Refusal

PREFIX = "/api/v3"
Handler = Callable[[Call], Answer]
READS = ("GET", "HEAD")
# What makes a commit, ref, pull request, comment or review counts as content.
CONTENT = re.compile(
    r"^POST .*/(git/commits|git/refs|merges|pulls|issues/\d+/comments|pulls/\d+/reviews)$"
    r"|^(PUT|DELETE) .*/contents/"
)

# Checks and rules come first: `/commits/{ref:path}/status` must not be taken for a commit of that name.
TABLE: tuple[tuple[str, str, Handler], ...] = (
    *rest_apps.ROUTES,
    *rest_repos.ROUTES,
    *rest_checks.ROUTES,
    *rest_rules.ROUTES,
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
    return JSONResponse(refusal.body(), refusal.status, refusal.headers)


def _route(forge: Forge, method: str, path: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_respond, forge, request, body, handler)

    return Route(PREFIX + path, endpoint, methods=[method])


def _respond(forge: Forge, request: Request, body: bytes, handler: Handler) -> Response:
    limits: Mapping[str, str] = {}
    try:
        with forge.store.transaction():
            call = _call(forge, request, body)
            limits = _admitted(call, request.url.path)
            moved = _moved(call)
            answer = moved or handler(call)
            if call.method not in READS:
                settle(forge)
    except Refusal as refusal:
        refusal.headers = {**limits, **refusal.headers}
        return refused(refusal)
    headers = {**limits, **answer.headers, "X-GitHub-Media-Type": "github.v3; format=json"}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return JSONResponse(answer.body, answer.status, headers)


def _admitted(call: Call, path: str) -> Mapping[str, str]:
    """Counts the request and answers its headers. Raises Refusal where a limit is reached."""
    meter, who = call.forge.meter, call.who
    if meter.limits.off or path == f"{PREFIX}/rate_limit":
        return {}
    content = bool(CONTENT.search(f"{call.method} {path}"))
    points = 1 if call.method in READS else 5
    meter.admit(who.account, call.forge.shown_account(who), resource="core", points=points, content=content)
    return meter.headers(who.account, "core")


def _call(forge: Forge, request: Request, body: bytes) -> Call:
    return Call(
        forge=forge,
        who=authenticate(forge, token_of(request.headers.get("authorization"))),
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
    if "repo" not in call.params or call.who.app is not None:
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

"""Refusals: what GitHub's no means. Status, headers and body in, one `Refusal` out, and judged nowhere else. Pure.

Decided by status, headers and the fields that GitHub documents for programs (`errors[].code`, the `type` of a GraphQL
error, `documentation_url`). Sentences are read only where GitHub gives nothing else, and then as a line's beginning:
the names of branches, rules and checks, which anybody chooses, stand elsewhere in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from syncbot.errors import Refusal

_BY_STATUS: Mapping[int, Refusal] = {
    HTTPStatus.UNAUTHORIZED: Refusal.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN: Refusal.FORBIDDEN,
    HTTPStatus.NOT_FOUND: Refusal.NOT_FOUND,
    HTTPStatus.CONFLICT: Refusal.STALE,
    HTTPStatus.GONE: Refusal.GONE,
    HTTPStatus.PRECONDITION_FAILED: Refusal.STALE,
    HTTPStatus.UNPROCESSABLE_ENTITY: Refusal.VALIDATION,
    HTTPStatus.TOO_MANY_REQUESTS: Refusal.SECONDARY_LIMIT,
    HTTPStatus.BAD_GATEWAY: Refusal.OVERLOADED,
    HTTPStatus.SERVICE_UNAVAILABLE: Refusal.OVERLOADED,
    HTTPStatus.GATEWAY_TIMEOUT: Refusal.OVERLOADED,
}

_BY_TYPE: Mapping[str, Refusal] = {
    "NOT_FOUND": Refusal.NOT_FOUND,
    "FORBIDDEN": Refusal.FORBIDDEN,
    "INSUFFICIENT_SCOPES": Refusal.FORBIDDEN,
    "STALE_DATA": Refusal.STALE,
    "UNPROCESSABLE": Refusal.VALIDATION,
    "RATE_LIMITED": Refusal.PRIMARY_LIMIT,
    # Since 2025, with the code `graphql_rate_limit`.
    "RATE_LIMIT": Refusal.PRIMARY_LIMIT,
    "RESOURCE_LIMITS_EXCEEDED": Refusal.OVERLOADED,
    "MAX_NODE_LIMIT_EXCEEDED": Refusal.OVERLOADED,
    "SERVICE_UNAVAILABLE": Refusal.SERVER,
    "INTERNAL": Refusal.SERVER,
}

# "Rate limits for the REST API": limits refuse with 403 or 429. Without a header, the body's sentence is the only mark;
# older GitHub Enterprise Servers speak of abuse.
_PRIMARY_WORDS = re.compile(r"API rate limit (already )?exceeded\b", re.IGNORECASE)
_SECONDARY_WORDS = re.compile(
    r"You have (exceeded a secondary rate limit|triggered an abuse detection mechanism)\b", re.IGNORECASE
)
_LIMITS_PAGE = re.compile(r"^https://docs\.github\.com/\S*[/#](about-)?(secondary-)?rate-limit")

# A 422 of these kinds carries no code, or only `custom`. A line begins with the sentence, behind a bullet at most.
_UNSIGNED = re.compile(r"^[\s*-]*Commits must have verified signatures\b", re.MULTILINE)
_REF_EXISTS, _REF_MOVED = "Reference already exists", "Update is not a fast forward"
_PULL_EXISTS = "A pull request already exists for "


def refusal_of(status: int, headers: Mapping[str, str], body: Any) -> Refusal | None:
    """Why the request was refused; None where it was carried out. `headers` have lower-case names.

    A GraphQL answer of status 200 is refused only as a whole, by a limit: its other errors are `refusal_of_error`'s.
    """
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return next(filter(None, map(_limit_of_error, _errors(body))), None)
    if status < HTTPStatus.BAD_REQUEST:
        return Refusal.REDIRECTED
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS) and (limit := _limit(headers, body)):
        return limit
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return _invalid(body)
    return _BY_STATUS.get(status, Refusal.SERVER if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Refusal.OTHER)


def refusal_of_error(error: Mapping[str, Any]) -> Refusal:
    """Why GitHub refused a field of a GraphQL query or mutation; SERVER where it failed without a type."""
    kind = error.get("type")
    return _BY_TYPE.get(kind, Refusal.OTHER) if isinstance(kind, str) and kind else Refusal.SERVER


def _limit(headers: Mapping[str, str], body: Any) -> Refusal | None:
    message, page = _text(body, "message"), _text(body, "documentation_url")
    if headers.get("x-ratelimit-remaining") == "0" or _PRIMARY_WORDS.match(message):
        return Refusal.PRIMARY_LIMIT
    if "retry-after" in headers or _SECONDARY_WORDS.match(message) or _LIMITS_PAGE.match(page):
        return Refusal.SECONDARY_LIMIT
    return None


def _limit_of_error(error: Mapping[str, Any]) -> Refusal | None:
    """The limit that refused a whole GraphQL request; the secondary one gives its error no type."""
    if refusal_of_error(error) is Refusal.PRIMARY_LIMIT:
        return Refusal.PRIMARY_LIMIT
    is_whole = not error.get("type") and not error.get("path")
    return Refusal.SECONDARY_LIMIT if is_whole and _SECONDARY_WORDS.match(_text(error, "message")) else None


def _invalid(body: Any) -> Refusal:
    """What a 422 means: by the code of one of its errors, else by its sentence."""
    for error in _errors(body):
        if error.get("code") == "already_exists":
            return Refusal.ALREADY_EXISTS
        if error.get("code") == "custom" and _text(error, "message").startswith(_PULL_EXISTS):
            return Refusal.ALREADY_EXISTS
    message = _text(body, "message")
    if message == _REF_EXISTS:
        return Refusal.ALREADY_EXISTS
    if message == _REF_MOVED:
        return Refusal.STALE
    return Refusal.SIGNATURE_REQUIRED if _UNSIGNED.search(message) else Refusal.VALIDATION


def _errors(body: Any) -> Iterator[Mapping[str, Any]]:
    errors = body.get("errors") if isinstance(body, dict) else None
    yield from (error for error in errors if isinstance(error, dict)) if isinstance(errors, list) else ()


def _text(body: Any, key: str) -> str:
    value = body.get(key) if isinstance(body, dict) else None
    return value if isinstance(value, str) else ""

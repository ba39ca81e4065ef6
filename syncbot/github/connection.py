"""The connection: requests go in, JSON comes out, and every failure is one of three errors that a person understands.

Reads and writes have a client each: PyGithub spaces whatever is a POST, GraphQL reads too. A write is never resent
by itself, since a lost answer does not mean a lost write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from github import Auth, Github, GithubException, GithubRetry

from syncbot.errors import ForgeError, RepoError

Json = Mapping[str, Any]

DEFAULT_API_URL = "https://api.github.com"
DEFAULT_GRAPHQL_URL = "https://api.github.com/graphql"

_SPLIT_AND_RETRY = frozenset({502, 503, 504})
_RATE_LIMITED = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where GitHub is and who asks, as GitHub Actions sets it in the environment."""

    api_url: str
    graphql_url: str
    token: str

    def __repr__(self) -> str:
        return f"Endpoint(api_url={self.api_url!r})"


def endpoint(environment: Mapping[str, str]) -> Endpoint:
    """GITHUB_API_URL, GITHUB_GRAPHQL_URL and GITHUB_TOKEN; without URLs it is github.com. Raises ForgeError."""
    token = environment.get("GITHUB_TOKEN", "").strip()
    if not token:
        raise ForgeError("GITHUB_TOKEN is not set: syncbot needs a token that may read the fleet's repos")
    api_url = environment.get("GITHUB_API_URL", DEFAULT_API_URL).rstrip("/")
    graphql_url = environment.get("GITHUB_GRAPHQL_URL", "") or _graphql_url(api_url)
    for name, url in (("GITHUB_API_URL", api_url), ("GITHUB_GRAPHQL_URL", graphql_url)):
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ForgeError(f"{name} is {url!r}: expected an http or https URL")
    if urlsplit(api_url).netloc != urlsplit(graphql_url).netloc:
        raise ForgeError(f"GITHUB_API_URL ({api_url}) and GITHUB_GRAPHQL_URL ({graphql_url}) name different hosts")
    return Endpoint(api_url=api_url, graphql_url=graphql_url, token=token)


class TooHeavyError(Exception):
    """GitHub gave up on a GraphQL query: ask for less at a time."""


class Connection:
    """One identity's access to GitHub, counting what it sends (`graphql`, `rest`, `writes`)."""

    def __init__(self, where: Endpoint, *, seconds_between_writes: float) -> None:
        self._where = where
        self._reader = _client(where, 0)
        self._writer = _client(where, seconds_between_writes)
        self.graphql = 0
        self.rest = 0
        self.writes = 0

    def close(self) -> None:
        """Close the sockets."""
        self._reader.close()
        self._writer.close()

    def query(self, document: str, variables: Json) -> tuple[Json, list[Json]]:
        """The data and the errors of a GraphQL read. Raises ForgeError, and TooHeavyError where less may pass."""
        self.graphql += 1
        body = {"query": document, "variables": variables}
        try:
            _, answer = self._reader.requester.requestJsonAndCheck("POST", self._where.graphql_url, input=body)
        except GithubException as error:
            if error.status in _SPLIT_AND_RETRY:
                raise TooHeavyError(_message(error)) from None
            raise self._as_forge_error(error) from None
        except requests.RequestException as error:
            raise self._unreachable(error) from None
        if not isinstance(answer, dict) or not ("data" in answer or "errors" in answer):
            raise ForgeError(f"{self._where.graphql_url} does not answer as GitHub's GraphQL API does")
        return _data(answer), answer.get("errors") or []

    def write(self, method: str, path: str, body: Json) -> Json:
        """One REST write. Raises RepoError where this repo refuses it, ForgeError where GitHub refuses us."""
        self.rest += 1
        self.writes += 1
        try:
            _, answer = self._writer.requester.requestJsonAndCheck(method, path, input=body)
        except GithubException as error:
            if error.status == requests.codes.unauthorized:
                raise self._as_forge_error(error) from None
            raise RepoError(f"http-{error.status}", f"{method} {path}: {error.status} {_message(error)}") from None
        except requests.RequestException as error:
            raise self._unreachable(error) from None
        return answer if isinstance(answer, dict) else {}

    def _as_forge_error(self, error: GithubException) -> ForgeError:
        if error.status == requests.codes.unauthorized:
            return ForgeError(f"{self._where.api_url} refuses GITHUB_TOKEN: {_message(error)}")
        if error.status == requests.codes.not_found:
            return ForgeError(f"{self._where.graphql_url} is not there (404): is GITHUB_GRAPHQL_URL right?")
        return ForgeError(f"{self._where.graphql_url} answers {error.status}: {_message(error)}")

    def _unreachable(self, error: requests.RequestException) -> ForgeError:
        sort = "took too long to answer" if isinstance(error, requests.Timeout) else "cannot be reached"
        return ForgeError(f"{self._where.api_url} {sort}: is the network up, and GITHUB_API_URL right?")


def _client(where: Endpoint, seconds_between_writes: float) -> Github:
    # Never 5xx: a write may have been done all the same, and a read is split instead.
    retry = GithubRetry(
        total=5,
        connect=2,
        read=0,
        other=0,
        status_forcelist=[_RATE_LIMITED],
        allowed_methods={"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"},
    )
    return Github(
        auth=Auth.Token(where.token),
        base_url=where.api_url,
        retry=retry,
        seconds_between_requests=None,
        seconds_between_writes=seconds_between_writes or None,
        user_agent="syncbot",
        lazy=True,
    )


def _graphql_url(api_url: str) -> str:
    """The GraphQL address beside a REST one: GitHub Enterprise Server has /api/v3 and /api/graphql."""
    return f"{api_url.removesuffix('/v3')}/graphql"


def _data(answer: Json) -> Json:
    """The data of an answer that may carry errors; TooHeavyError where there is nothing but a time-out."""
    data = answer.get("data")
    errors = answer.get("errors") or []
    if any(error.get("type") == "RATE_LIMITED" for error in errors):
        raise ForgeError(f"GitHub's rate limit is used up: {errors[0].get('message', '')}")
    if any(not error.get("path") for error in errors) or data is None:
        raise TooHeavyError("; ".join(str(error.get("message")) for error in errors))
    return data if isinstance(data, dict) else {}


def _message(error: GithubException) -> str:
    data = error.data if isinstance(error.data, dict) else {}
    details = [item.get("message") or item.get("code") for item in data.get("errors") or [] if isinstance(item, dict)]
    return "; ".join(str(text) for text in (data.get("message"), *details) if text) or "no message"

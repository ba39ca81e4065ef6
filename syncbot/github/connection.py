"""The connection: what the steps ask of GitHub goes in, JSON comes out, every failure as an error people understand.

ForgeError: nothing can be done for any repo. RepoError: this repo refuses. UncertainError: a write may or may not
have been done. OutOfTime: the rest is for the next run. TooHeavyError: ask for less at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from github import Auth

from syncbot.clock import REAL, Clock
from syncbot.errors import FailureCode, ForgeError, Refusal, RepoError, refused_code
from syncbot.github.app import InstallationTokens, InstallationTransport
from syncbot.github.client import Client, Request, UncertainError
from syncbot.github.endpoint import Endpoint, PersonalToken
from syncbot.github.pacing import Pacer
from syncbot.github.refusals import refusal_of_error
from syncbot.github.throttle import OutOfTime, RunContext, Waiting
from syncbot.github.transport import Response, Transport

__all__ = [
    "Author",
    "Connection",
    "Endpoint",
    "Json",
    "OutOfTime",
    "Proof",
    "TooHeavyError",
    "UncertainError",
    "proves",
]

Json = Mapping[str, Any]

Proof = Callable[[Any], bool]
"""Whether the answer to a write is what GitHub says once it is done: any other 2xx may be a proxy's. May raise what
reading a body of another shape raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """The name and e-mail address of a commit's author."""

    name: str
    email: str


class TooHeavyError(Exception):
    """GitHub gave up on a GraphQL query: ask for less at a time."""


def _in_silence(until: float, why: str) -> None:
    """Where nobody watches."""


class Connection:
    """One identity's access to GitHub for one run, counting what it sends.

    `owner` is whose installation a GitHub App uses; `deadline` is in seconds since the epoch, by `clock`.
    """

    def __init__(
        self,
        where: Endpoint,
        *,
        owner: str = "",
        seconds_between_writes: float,
        clock: Clock = REAL,
        waiting: Waiting = _in_silence,
        deadline: float | None = None,
    ) -> None:
        self.where = where
        self._context = RunContext(clock=clock, pacer=Pacer(seconds_between_writes), waiting=waiting, deadline=deadline)
        self.tokens: InstallationTokens | None = None
        self._sender = self._sender_for(owner)
        self._client = Client(self._sender, self._context, where.api_url)
        self.scopes: tuple[str, ...] | None = None
        self.author: Author | None = None
        """Whom GitHub took for the author of what this identity committed last."""
        # Until GraphQL has answered as GitHub does, a wrong address is likelier than one bad answer.
        self._heard = False

    @property
    def graphql(self) -> int:
        """GraphQL requests sent."""
        return self._context.counts.graphql

    @property
    def rest(self) -> int:
        """REST requests sent."""
        return self._context.counts.rest

    @property
    def writes(self) -> int:
        """Requests among them that change something."""
        return self._context.counts.writes

    @property
    def may_write_workflows(self) -> bool:
        """Whether workflow files may be written, by an App's permissions or a token's scopes; unknown is yes."""
        if self.tokens:
            granted = self.tokens.installation().get("permissions") or {}
            return bool(granted.get("workflows") == "write")
        return not self.scopes or "workflow" in self.scopes

    def pause(self, seconds: float, why: str) -> None:
        """Let time pass for GitHub to work something out. Raises OutOfTime."""
        self._context.wait(self._context.clock.now() + seconds, why)

    def close(self) -> None:
        """Close the sockets."""
        self._sender.close()
        if self.tokens:
            self.tokens.close()

    def query(self, document: str, variables: Json) -> tuple[Json, list[Json]]:
        """The data and the errors of a GraphQL read.

        Raises ForgeError, OutOfTime, and TooHeavyError where less may pass.
        """
        try:
            answer = self._checked(self._client.read(self._graphql(document, variables, write=False)))
        except RepoError as error:
            raise TooHeavyError(str(error)) from None
        if answer.refusal is Refusal.OVERLOADED or (self._heard and answer.refusal is Refusal.REDIRECTED):
            raise TooHeavyError(answer.message)
        if answer.refusal is Refusal.NOT_FOUND:
            raise ForgeError(f"{self.where.graphql_url} is not there (404): is GITHUB_GRAPHQL_URL right?")
        if answer.refusal:
            raise ForgeError(f"{self.where.graphql_url} answers {answer.status}: {answer.message}")
        if not _is_graphql(answer.body):
            said = f"{self.where.graphql_url} does not answer as GitHub's GraphQL API does"
            raise TooHeavyError(said) if self._heard else ForgeError(said)
        self._heard = True
        return _data(answer.body), answer.body.get("errors") or []

    def mutate(self, document: str, variables: Json, proof: Proof) -> Json:
        """The data of a GraphQL mutation, all of whose fields were carried out as `proof` finds in it.

        Raises RepoError with code `graphql-<type>`, UncertainError, ForgeError and OutOfTime.
        """
        answer = self._checked(self._client.write(self._graphql(document, variables, write=True)))
        body = _accepted(self.where.graphql_url, answer).body
        if not _is_graphql(body):
            raise _unproved(self.where.graphql_url)
        for error in body.get("errors") or []:
            raise _mutation_error(error)
        if not (isinstance(body.get("data"), dict) and proves(proof, body["data"])):
            raise _unproved(self.where.graphql_url)
        return cast(Json, body["data"])

    def read(self, path: str) -> Any:
        """What a REST GET answers: an object, or a list of them. Raises RepoError, ForgeError and OutOfTime."""
        answer = self._checked(self._client.read(Request(method="GET", url=path)))
        if answer.refusal in (Refusal.SERVER, Refusal.OVERLOADED):
            said = f"{path} keeps answering {answer.status}: {answer.message}"
            raise RepoError(FailureCode.UNREADABLE, said, answer.refusal)
        body = _accepted(f"GET {path}", answer).body
        if not isinstance(body, dict | list):
            raise RepoError(FailureCode.UNREADABLE, f"{path} answers something that is not GitHub's", Refusal.LOST)
        return body

    def write(self, method: str, path: str, body: Json, proof: Proof) -> Any:
        """The answer to one REST write that was carried out, as `proof` finds in it.

        Raises RepoError where this repo refuses it, UncertainError where it may have been done, ForgeError where
        GitHub refuses us, OutOfTime.
        """
        answer = self._checked(self._client.write(Request(method=method, url=path, body=body, write=True)))
        accepted = _accepted(f"{method} {path}", answer).body
        if not proves(proof, accepted):
            raise _unproved(f"{method} {path}")
        return accepted

    def _sender_for(self, owner: str) -> Transport:
        credentials = self.where.credentials
        if isinstance(credentials, PersonalToken):
            return Transport(self.where.api_url, Auth.Token(credentials.token))
        self.tokens = InstallationTokens(credentials, owner, self.where.api_url, self._context)
        return InstallationTransport(self.where.api_url, self.tokens)

    def _graphql(self, document: str, variables: Json, *, write: bool) -> Request:
        body = {"query": document, "variables": variables}
        return Request(method="POST", url=self.where.graphql_url, body=body, kind="graphql", write=write)

    def _checked(self, answer: Response) -> Response:
        """The answer, unless it refuses the identity. Raises ForgeError."""
        if answer.refusal is Refusal.UNAUTHORIZED:
            name = "the App's token" if self.tokens else "GITHUB_TOKEN"
            raise ForgeError(f"{self.where.api_url} refuses {name}: {answer.message}")
        if "x-oauth-scopes" in answer.headers:
            self.scopes = tuple(scope.strip() for scope in answer.headers["x-oauth-scopes"].split(",") if scope.strip())
        return answer


def proves(proof: Proof, body: Any) -> bool:
    """Whether the answer proves that the write was done; one of another shape does not."""
    try:
        return proof(body)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return False


def _unproved(request: str) -> UncertainError:
    said = f"{request}: the answer does not prove that it was done; it may have been done"
    return UncertainError(FailureCode.LOST, said, Refusal.LOST)


def _is_graphql(body: object) -> bool:
    if not isinstance(body, dict) or not ("data" in body or "errors" in body):
        return False
    errors = body.get("errors", [])
    shaped = isinstance(errors, list) and all(isinstance(error, dict) for error in errors)
    return shaped and isinstance(body.get("data", {}), dict | None)


def _accepted(request: str, answer: Response) -> Response:
    """The answer to a request that GitHub carried out; a redirect (307, after a rename) was not. Raises RepoError."""
    if answer.refusal:
        raise RepoError(
            refused_code("http", answer.status), f"{request}: {answer.status} {answer.message}", answer.refusal
        )
    return answer


def _mutation_error(error: Json) -> RepoError:
    """What an error of a mutation says; where GitHub failed, it may have been done."""
    refusal, message = refusal_of_error(error), f"{error.get('message')}"
    if refusal is Refusal.SERVER:
        return UncertainError(FailureCode.LOST, f"{message}; it may have been done", refusal)
    return RepoError(refused_code("graphql", error["type"]), message, refusal)


def _data(body: Json) -> Json:
    """The data of an answer that may carry errors; TooHeavyError where there is nothing but a time-out."""
    data = body.get("data")
    errors = body.get("errors") or []
    if any(not error.get("path") for error in errors) or data is None:
        raise TooHeavyError("; ".join(str(error.get("message")) for error in errors))
    return cast(Json, data)

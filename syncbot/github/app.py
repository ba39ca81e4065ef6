"""A GitHub App at work: tokens for its installation on one owner, each replaced before it ends.

The App signs a JWT with its key, gets an hour's token for it, and everything else travels with that.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from github import Auth

from syncbot.clock import Clock
from syncbot.errors import ForgeError, Refusal, RepoError
from syncbot.github.client import Client, Request
from syncbot.github.endpoint import App, sign
from syncbot.github.pacing import here
from syncbot.github.redact import register_secret
from syncbot.github.throttle import RunContext
from syncbot.github.transport import Response, Transport

REFRESH = 300.0
"""Seconds before its end at which an installation token (one hour) is replaced: the longest request fits in."""

# GitHub allows ten minutes, and advises to date it back for clocks that differ.
_JWT_AGE, _JWT_LIFE = 60, 480
_log = logging.getLogger(__name__)


class InstallationTokens:
    """The tokens of an App's installation on one owner, each in use until shortly before its end."""

    def __init__(self, app: App, owner: str, api_url: str, context: RunContext) -> None:
        self._app = app
        self._owner = owner
        self._clock = context.clock
        self._sender = Transport(api_url, _app_auth(app, context.clock))
        self._client = Client(self._sender, context, api_url)
        self._installation: Mapping[str, Any] = {}
        self._token = ""
        self._ends = 0.0

    def close(self) -> None:
        self._sender.close()

    def forget(self) -> None:
        """The token was refused: get another."""
        self._ends = 0.0

    def token(self) -> str:
        """A token good for the next minutes. Raises ForgeError and OutOfTime."""
        if self._clock.now() >= self._ends - REFRESH:
            self._obtain()
        return self._token

    def installation(self) -> Mapping[str, Any]:
        """GitHub's record of the installation, with `permissions` and `app_slug`. Raises ForgeError."""
        if not self._installation:
            self._installation = self._find()
        return self._installation

    def _obtain(self) -> None:
        number = self.installation()["id"]
        # May be sent again: a token that nobody received does no harm.
        answer = self._read(Request(method="POST", url=f"/app/installations/{number}/access_tokens", body={}))
        if answer.refusal or not isinstance(answer.body, dict):
            raise ForgeError(f"GitHub gives the App {self._app.app_id} no token for {self._owner}: {answer.message}")
        self._token = str(answer.body["token"])
        register_secret(self._token)
        ends = datetime.fromisoformat(str(answer.body["expires_at"])).timestamp()
        self._ends = here(ends, answer.headers, self._clock.now())
        _log.info("new token for %s, good until %s", self._owner, answer.body["expires_at"])

    def _find(self) -> Mapping[str, Any]:
        owner = quote(self._owner, safe="")
        for place in ("orgs", "users"):
            answer = self._get(f"/{place}/{owner}/installation")
            if answer.refusal is None and isinstance(answer.body, dict):
                return answer.body
            if answer.refusal is not Refusal.NOT_FOUND:
                raise self._unknown(answer)
        app = self._get("/app")
        if app.refusal or not isinstance(app.body, dict):
            raise self._unknown(app)
        raise ForgeError(f"the GitHub App {app.body.get('slug')} is not installed for {self._owner}: install it there")

    def _get(self, path: str) -> Response:
        return self._read(Request(method="GET", url=path))

    def _read(self, request: Request) -> Response:
        """The answer; what is no single repo's failure elsewhere is everybody's here. Raises ForgeError."""
        try:
            return self._client.read(request)
        except RepoError as error:
            raise ForgeError(str(error)) from None

    def _unknown(self, answer: Response) -> ForgeError:
        return ForgeError(
            f"GitHub refuses the App {self._app.app_id} with this private key ({answer.status}): {answer.message}"
        )


class InstallationTransport(Transport):
    """The transport of an App's installation: its token travels with each request."""

    def __init__(self, api_url: str, tokens: InstallationTokens) -> None:
        super().__init__(api_url, _InstallationAuth(tokens))
        self._tokens = tokens

    def ready(self) -> None:
        self._tokens.token()

    def renew(self) -> bool:
        self._tokens.forget()
        return True


class _InstallationAuth(Auth.Auth):
    """PyGithub's view of the tokens."""

    def __init__(self, tokens: InstallationTokens) -> None:
        self._tokens = tokens

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        return self._tokens.token()


def _app_auth(app: App, clock: Clock) -> Auth.AppAuth:
    """A new JWT for each request, dated by the computer's own time: GitHub holds it against its own."""

    def signed(claims: dict[str, Any]) -> str:
        now = int(clock.computer())
        return sign(app.private_key, claims | {"iat": now - _JWT_AGE, "exp": now + _JWT_LIFE})

    return Auth.AppAuth(app.app_id, sign_func=signed)

"""Who asks: the environment in, an `Endpoint` out; and for a GitHub App, tokens that are replaced before they end.

Secrets are held for redaction as soon as they are known, and no `repr` shows them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from github import Auth
from jwt import PyJWTError

from syncbot.errors import ForgeError
from syncbot.github.clock import Clock
from syncbot.github.exchange import Exchange, Pace, Sent
from syncbot.github.redact import hold
from syncbot.github.transport import Answer, Transport

DEFAULT_API_URL = "https://api.github.com"

REFRESH = 300.0
"""Seconds before its end at which an installation token (one hour) is replaced: the longest request fits in."""

# GitHub allows ten minutes, and advises to date it back for clocks that differ.
_JWT_AGE, _JWT_LIFE = 60, 480
_APP_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOKEN = re.compile(r"[!-~]+")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalToken:
    """A token as it was given: a person's, a machine user's, or one that a workflow made."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A GitHub App, by its id (or client id) and its private key in PEM form."""

    app_id: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where GitHub is and who asks."""

    api_url: str
    graphql_url: str
    credentials: PersonalToken | App


def endpoint(environment: Mapping[str, str]) -> Endpoint:
    """From GITHUB_TOKEN, or SYNCBOT_APP_ID with SYNCBOT_APP_PRIVATE_KEY or SYNCBOT_APP_PRIVATE_KEY_FILE.

    GITHUB_API_URL and GITHUB_GRAPHQL_URL are as GitHub Actions sets them; without them it is github.com.
    Raises ForgeError.
    """
    api_url = (environment.get("GITHUB_API_URL") or DEFAULT_API_URL).rstrip("/")
    graphql_url = environment.get("GITHUB_GRAPHQL_URL") or graphql_beside(api_url)
    for name, url in (("GITHUB_API_URL", api_url), ("GITHUB_GRAPHQL_URL", graphql_url)):
        if not _is_web_address(url):
            raise ForgeError(f"{name} is {url!r}: expected an http or https URL")
    if urlsplit(api_url).netloc != urlsplit(graphql_url).netloc:
        raise ForgeError(f"GITHUB_API_URL ({api_url}) and GITHUB_GRAPHQL_URL ({graphql_url}) name different hosts")
    return Endpoint(api_url=api_url, graphql_url=graphql_url, credentials=_credentials(environment))


def graphql_beside(api_url: str) -> str:
    """The GraphQL address beside a REST one: GitHub Enterprise Server has /api/v3 and /api/graphql."""
    return f"{api_url.removesuffix('/v3')}/graphql"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _credentials(environment: Mapping[str, str]) -> PersonalToken | App:
    app_id = environment.get("SYNCBOT_APP_ID", "").strip()
    key = environment.get("SYNCBOT_APP_PRIVATE_KEY", "").strip()
    key_file = environment.get("SYNCBOT_APP_PRIVATE_KEY_FILE", "").strip()
    if app_id or key or key_file:
        return _app(app_id, key, key_file)
    token = environment.get("GITHUB_TOKEN", "").strip()
    if not token:
        raise ForgeError(
            "GITHUB_TOKEN is not set: syncbot needs a token that may read the fleet's repos, "
            "or a GitHub App (SYNCBOT_APP_ID and SYNCBOT_APP_PRIVATE_KEY)"
        )
    if not _TOKEN.fullmatch(token):
        raise ForgeError("GITHUB_TOKEN holds characters that no token has: was it pasted whole, and alone?")
    hold(token)
    return PersonalToken(token=token)


def _app(app_id: str, key: str, key_file: str) -> App:
    if not app_id:
        raise ForgeError("SYNCBOT_APP_PRIVATE_KEY is set and SYNCBOT_APP_ID is not: a GitHub App needs both")
    if not _APP_ID.fullmatch(app_id):
        raise ForgeError("SYNCBOT_APP_ID is no App id: expected digits, or the App's client id")
    if bool(key) == bool(key_file):
        word = "one of them, not both" if key else "one of them"
        raise ForgeError(f"set SYNCBOT_APP_PRIVATE_KEY or SYNCBOT_APP_PRIVATE_KEY_FILE beside SYNCBOT_APP_ID: {word}")
    name = "SYNCBOT_APP_PRIVATE_KEY"
    if key_file:
        name, key = "SYNCBOT_APP_PRIVATE_KEY_FILE", _contents(key_file)
    # A workflow's secret is often stored as one line.
    key = key.replace("\\n", "\n").strip() + "\n"
    hold(key)
    try:
        _sign(key, {})
    except (PyJWTError, ValueError, TypeError):
        raise ForgeError(f"{name} holds no private key in PEM form: GitHub offers it as a .pem download") from None
    return App(app_id=app_id, private_key=key)


def _contents(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError as error:
        raise ForgeError(f"SYNCBOT_APP_PRIVATE_KEY_FILE: cannot read {path}: {error.strerror}") from None
    except ValueError:
        return ""


def _sign(key: str, claims: Mapping[str, Any]) -> str:
    jwt = Auth.AppAuth.create_jwt_sign(key, "RS256")(dict(claims))
    text = jwt if isinstance(jwt, str) else jwt.decode()
    hold(text)
    return text


class FixedSender(Transport):
    """The transport of a token that cannot be renewed."""

    def __init__(self, api_url: str, credentials: PersonalToken) -> None:
        super().__init__(api_url, Auth.Token(credentials.token))

    def renew(self) -> bool:
        return False


class AppSender(Transport):
    """The transport of an App itself: a new JWT for each request, dated by the run's clock."""

    def __init__(self, api_url: str, app: App, clock: Clock) -> None:
        def sign(claims: dict[str, Any]) -> str:
            now = int(clock.now())
            return _sign(app.private_key, claims | {"iat": now - _JWT_AGE, "exp": now + _JWT_LIFE})

        super().__init__(api_url, Auth.AppAuth(app.app_id, sign_func=sign))

    def renew(self) -> bool:
        return False


class InstallationSender(Transport):
    """The transport of an App's installation."""

    def __init__(self, api_url: str, tokens: InstallationTokens) -> None:
        super().__init__(api_url, _InstallationAuth(tokens))
        self._tokens = tokens

    def renew(self) -> bool:
        self._tokens.forget()
        return True


class InstallationTokens:
    """The tokens of an App's installation on one owner, each in use until shortly before its end."""

    def __init__(self, app: App, owner: str, api_url: str, pace: Pace) -> None:
        self._app = app
        self._owner = owner
        self._clock = pace.clock
        self._sender = AppSender(api_url, app, pace.clock)
        self._exchange = Exchange(self._sender, pace, api_url)
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
        answer = self._exchange.read(Sent(method="POST", url=f"/app/installations/{number}/access_tokens", body={}))
        if answer.status != HTTPStatus.CREATED or not isinstance(answer.body, dict):
            raise ForgeError(f"GitHub gives the App {self._app.app_id} no token for {self._owner}: {answer.message}")
        self._token = str(answer.body["token"])
        hold(self._token)
        self._ends = datetime.fromisoformat(str(answer.body["expires_at"])).timestamp()
        _log.info("new token for %s, good until %s", self._owner, answer.body["expires_at"])

    def _find(self) -> Mapping[str, Any]:
        owner = quote(self._owner, safe="")
        for place in ("orgs", "users"):
            answer = self._get(f"/{place}/{owner}/installation")
            if answer.status == HTTPStatus.OK and isinstance(answer.body, dict):
                return answer.body
            if answer.status != HTTPStatus.NOT_FOUND:
                raise self._unknown(answer)
        app = self._get("/app")
        if app.status != HTTPStatus.OK or not isinstance(app.body, dict):
            raise self._unknown(app)
        raise ForgeError(f"the GitHub App {app.body.get('slug')} is not installed for {self._owner}: install it there")

    def _get(self, path: str) -> Answer:
        return self._exchange.read(Sent(method="GET", url=path))

    def _unknown(self, answer: Answer) -> ForgeError:
        return ForgeError(
            f"GitHub refuses the App {self._app.app_id} with this private key ({answer.status}): {answer.message}"
        )


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

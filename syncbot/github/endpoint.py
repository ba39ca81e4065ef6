"""The endpoint, and who asks: the environment in, an `Endpoint` out. Sends nothing.

Secrets are held for redaction as soon as they are known, and no `repr` shows them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from github import Auth
from jwt import PyJWTError

from syncbot.errors import SyncbotError
from syncbot.github.redact import register_secret

DEFAULT_API_URL = "https://api.github.com"

_APP_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOKEN = re.compile(r"[!-~]+")


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
    Raises SyncbotError.
    """
    api_url = (environment.get("GITHUB_API_URL") or DEFAULT_API_URL).rstrip("/")
    graphql_url = environment.get("GITHUB_GRAPHQL_URL") or graphql_beside(api_url)
    for name, url in (("GITHUB_API_URL", api_url), ("GITHUB_GRAPHQL_URL", graphql_url)):
        if not _is_web_address(url):
            raise SyncbotError(f"{name} is {url!r}: expected an http or https URL")
    if urlsplit(api_url).netloc != urlsplit(graphql_url).netloc:
        raise SyncbotError(f"GITHUB_API_URL ({api_url}) and GITHUB_GRAPHQL_URL ({graphql_url}) name different hosts")
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
        raise SyncbotError(
            "GITHUB_TOKEN is not set: syncbot needs a token that may read the fleet's repos, "
            "or a GitHub App (SYNCBOT_APP_ID and SYNCBOT_APP_PRIVATE_KEY)"
        )
    if not _TOKEN.fullmatch(token):
        raise SyncbotError("GITHUB_TOKEN holds characters that no token has: was it pasted whole, and alone?")
    register_secret(token)
    return PersonalToken(token=token)


def _app(app_id: str, key: str, key_file: str) -> App:
    if not app_id:
        raise SyncbotError("SYNCBOT_APP_PRIVATE_KEY is set and SYNCBOT_APP_ID is not: a GitHub App needs both")
    if not _APP_ID.fullmatch(app_id):
        raise SyncbotError("SYNCBOT_APP_ID is no App id: expected digits, or the App's client id")
    if bool(key) == bool(key_file):
        word = "one of them, not both" if key else "one of them"
        raise SyncbotError(f"set SYNCBOT_APP_PRIVATE_KEY or SYNCBOT_APP_PRIVATE_KEY_FILE beside SYNCBOT_APP_ID: {word}")
    name = "SYNCBOT_APP_PRIVATE_KEY"
    if key_file:
        name, key = "SYNCBOT_APP_PRIVATE_KEY_FILE", _contents(key_file)
    # A workflow's secret is often stored as one line.
    key = key.replace("\\n", "\n").strip() + "\n"
    register_secret(key)
    try:
        sign(key, {})
    except (PyJWTError, ValueError, TypeError):
        raise SyncbotError(f"{name} holds no private key in PEM form: GitHub offers it as a .pem download") from None
    return App(app_id=app_id, private_key=key)


def _contents(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError as error:
        raise SyncbotError(f"SYNCBOT_APP_PRIVATE_KEY_FILE: cannot read {path}: {error.strerror}") from None
    except ValueError:
        return ""


def sign(key: str, claims: Mapping[str, Any]) -> str:
    """A JWT by a private key in PEM form. Raises ValueError, TypeError and PyJWTError for what is no such key."""
    jwt = Auth.AppAuth.create_jwt_sign(key, "RS256")(dict(claims))
    text = jwt if isinstance(jwt, str) else jwt.decode()
    register_secret(text)
    return text

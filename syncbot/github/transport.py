"""The transport: one request sent once through PyGithub, and what came back, whatever its status.

PyGithub's own retries and throttle are off: it would send a POST again after a 502, which may have been done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
from github import Auth, Github
from urllib3.exceptions import NameResolutionError, NewConnectionError

from syncbot.errors import ForgeError, Refusal
from syncbot.github.redact import guard_loggers, redact
from syncbot.github.refusals import refusal_of

TIMEOUT = 15
"""Seconds to wait for an answer; GitHub itself gives up after ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers with lower-case names, and the JSON; None where the body is empty or an error page."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def refusal(self) -> Refusal | None:
        """Why GitHub refused, None where it did not."""
        return refusal_of(self.status, self.headers, self.body)

    @property
    def message(self) -> str:
        """What GitHub says about a refusal, its details included; should it repeat a secret, without that."""
        data = self.body if isinstance(self.body, dict) else {}
        errors = [item for item in data.get("errors") or [] if isinstance(item, dict)]
        details = [item.get("message") or item.get("code") for item in errors]
        return redact("; ".join(str(text) for text in (data.get("message"), *details) if text)) or "no message"


class NotSentError(Exception):
    """The server could not be reached: the request was certainly not carried out."""


class LostError(Exception):
    """The request was sent and no whole answer came back: whether it was carried out is unknown."""


class Transport:
    """One identity's client."""

    def __init__(self, api_url: str, auth: Auth.Auth) -> None:
        guard_loggers()
        self._api_url = api_url
        self._github = Github(
            auth=auth,
            base_url=api_url,
            timeout=TIMEOUT,
            user_agent="syncbot",
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )

    def close(self) -> None:
        self._github.close()

    def renew(self) -> bool:
        """After a 401: whether there is a fresh token to try with."""
        return False

    def send(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Answer:
        """`url` is a path below the API's address, or a full address there.

        Raises NotSentError, LostError, and ForgeError for a redirect to another place.
        """
        try:
            status, headers, text = self._github.requester.requestJson(method, url, input=body)
        except requests.RequestException as error:
            if _never_connected(error):
                raise NotSentError("cannot be reached") from None
            late = isinstance(error, requests.Timeout)
            raise LostError("took too long to answer" if late else "broke the connection off") from None
        except RuntimeError as error:
            raise ForgeError(f"{self._api_url}: {error}") from None
        return Answer(status=status, headers=headers, body=_parsed(status, text))


def _parsed(status: int, text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        # What begins as JSON was cut short; anything else is some other server's page.
        if status < HTTPStatus.BAD_REQUEST and text.startswith(("{", "[")):
            raise LostError("answers with half an answer") from None
        return None


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | NameResolutionError)

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

from syncbot.errors import Refusal
from syncbot.github.bounded import ANSWER_SECONDS, MOST_BYTES, BoundedConnection, TooLargeError, TooLateError
from syncbot.github.redact import guard_loggers, redact
from syncbot.github.refusals import refusal_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
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
        said = [str(text) for text in (data.get("message"), *details) if text]
        if self.refusal is Refusal.REDIRECTED:
            said.insert(0, f"a redirect to {self.headers.get('location', 'nowhere')}, which is not followed")
        return redact("; ".join(said)) or "no message"


class NotSentError(Exception):
    """The server could not be reached: the request was certainly not carried out."""


class LostError(Exception):
    """The request was sent and no whole answer came back: whether it was carried out is unknown."""


class BadAnswerError(LostError):
    """What came back is no answer: half of one, one without end or far too large, or not JSON."""


class EndlessError(BadAnswerError):
    """An answer that was cut off, for its time or its size: another attempt would be no better."""


class Transport:
    """One identity's client."""

    def __init__(self, api_url: str, auth: Auth.Auth) -> None:
        guard_loggers()
        self._api_url = api_url
        self._connection = BoundedConnection(api_url)
        self._github = Github(
            auth=auth,
            base_url=api_url,
            user_agent="syncbot",
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )

    def close(self) -> None:
        self._connection.close()
        self._github.close()

    def renew(self) -> bool:
        """After a 401: whether there is a fresh token to try with."""
        return False

    def ready(self) -> None:
        """Before a request and its time: get what it needs, which may take requests of its own."""

    def send(
        self, method: str, url: str, body: Mapping[str, Any] | None = None, *, seconds: float = ANSWER_SECONDS
    ) -> Response:
        """`url` is a path below the API's address, or a full address there; the answer may take `seconds`.

        A redirect is an answer, and is followed nowhere. Raises NotSentError and LostError.
        """
        requester = self._github.requester
        self.ready()
        try:
            with self._connection.within(seconds):
                status, headers, text = requester.requestJson(method, url, input=body, cnx=self._connection)
        except TooLargeError:
            raise EndlessError(f"answers with more than {MOST_BYTES >> 20} MB") from None
        except TooLateError:
            raise EndlessError(f"did not finish its answer within {seconds:.0f} s") from None
        except requests.TooManyRedirects:
            raise EndlessError("redirects again and again") from None
        except requests.RequestException as error:
            if _never_connected(error):
                raise NotSentError("cannot be reached") from None
            late = isinstance(error, requests.Timeout)
            raise LostError("took too long to answer" if late else "broke the connection off") from None
        except RuntimeError:
            # PyGithub's way to say that a 301 leads elsewhere.
            return Response(status=HTTPStatus.MOVED_PERMANENTLY, headers=self._connection.answered, body=None)
        except ValueError:
            # PyGithub takes the limits in an answer's headers for numbers.
            raise BadAnswerError("answers with headers that are not GitHub's") from None
        return Response(status=status, headers=headers, body=_parsed(status, text))


def _parsed(status: int, text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        # What begins as JSON was cut short; anything else is some other server's page.
        if status < HTTPStatus.BAD_REQUEST and text.startswith(("{", "[")):
            raise BadAnswerError("answers with half an answer") from None
        return None


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | NameResolutionError)

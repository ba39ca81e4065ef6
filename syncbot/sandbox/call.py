"""One REST request as its handlers see it, and what they answer. Knows HTTP's words, no socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from .forge import Forge
from .records import Identity, RepoRow
from .refusal import Refusal, not_found, not_supplied

MAX_PAGE = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, a JSON value (None: no body) and further headers."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request whose sender is known. `params` come from the path, `url` is without the query."""

    forge: Forge
    who: Identity
    method: str
    url: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, object]

    @property
    def repo(self) -> RepoRow:
        """The repository that the path names. Raises Refusal 404."""
        return self.forge.repo(self.who, self.params["owner"], self.params["repo"])

    @property
    def number(self) -> int:
        return self.integer("number")

    def integer(self, name: str) -> int:
        """A path parameter that is a number. Raises Refusal 404."""
        value = self.params[name]
        if not value.isdecimal():
            raise not_found()
        return int(value)

    def text(self, name: str) -> str:
        """A field of the body that must be there. Raises Refusal 422."""
        value = self.optional_text(name)
        if value is None:
            raise not_supplied(name)
        return value

    def optional_text(self, name: str) -> str | None:
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise Refusal(422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a string.")
        return value

    def flag(self, name: str) -> bool:
        """A field of the body that is true or false, false where it is absent. Raises Refusal 422."""
        value = self.body.get(name, False)
        if not isinstance(value, bool):
            raise Refusal(422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a boolean.")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A field of the body that is a list of strings. Raises Refusal 422."""
        value = self.body.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Refusal(422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not an array.")
        return tuple(value)

    def page(self, items: Sequence[T]) -> tuple[Sequence[T], Mapping[str, str]]:
        """The part of `items` that `page` and `per_page` ask for, and the `Link` header that goes with it."""
        size = min(max(_number(self.query.get("per_page"), 30), 1), MAX_PAGE)
        page = max(_number(self.query.get("page"), 1), 1)
        last = max(-(-len(items) // size), 1)
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        backward = ("prev", "first") if page > 1 else ()
        forward = ("next", "last") if page < last else ()
        header = ", ".join(f'<{self._page_url(links[name])}>; rel="{name}"' for name in (*backward, *forward))
        return items[(page - 1) * size : page * size], {"Link": header} if header else {}

    def _page_url(self, page: int) -> str:
        return f"{self.url}?{urlencode({**self.query, 'page': page})}"


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default

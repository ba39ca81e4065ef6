"""How the sandbox says no: GitHub's status codes and GitHub's sentences."""

from __future__ import annotations

from collections.abc import Mapping

DOCUMENTATION = "https://docs.github.com/rest"


class Refusal(Exception):
    """GitHub's "no": an HTTP status, a message and, for 422, the list of errors."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: tuple[dict[str, str], ...] = (),
        *,
        documentation: str = DOCUMENTATION,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.documentation = documentation
        self.headers = dict(headers or {})
        self.status = status
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, object]:
        """The JSON body GitHub sends with it."""
        errors = {"errors": list(self.errors)} if self.errors else {}
        return {
            "message": self.message,
            **errors,
            "documentation_url": self.documentation,
            "status": str(self.status),
        }


def not_found() -> Refusal:
    return Refusal(404, "Not Found")


def empty_repository() -> Refusal:
    return Refusal(409, "Git Repository is empty.")


def invalid(resource: str, field: str, code: str = "invalid") -> Refusal:
    """422 for a field whose value is wrong (`invalid`, `missing_field`, `already_exists`)."""
    return Refusal(422, "Validation Failed", ({"resource": resource, "field": field, "code": code},))


def custom(resource: str, message: str) -> Refusal:
    """422 with a sentence of its own."""
    return Refusal(422, "Validation Failed", ({"resource": resource, "code": "custom", "message": message},))


def not_supplied(name: str) -> Refusal:
    return Refusal(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')

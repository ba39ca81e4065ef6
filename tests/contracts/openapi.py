"""In: GitHub's OpenAPI document, and HTTP exchanges. Out: what each answer breaks of it. Sends no request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from jsonschema.validators import extend
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

BASE = "urn:github"
OF_MANY_SEGMENTS = {"ref", "path", "basehead", "branch"}  # GitHub lets these parameters hold slashes

ERROR = "/components/schemas/basic-error"
# Left out of the description of most operations, and answered by all of them.
ANYWHERE = {
    401: "the token is unknown, or there is none",
    403: "the token lacks the permission, or the repository is archived",
    404: "the repository is missing, or the token may not see it",
}
# Left out of the description of one operation.
SOMEWHERE = {
    ("POST", "/repos/{owner}/{repo}/statuses/{sha}", 422): "an unknown state or commit",
}


def _enum(validator: Any, values: list[Any], instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """GitHub leaves null out of the values of what it marks nullable, and answers null."""
    if not (instance is None and schema.get("nullable")):
        yield from OAS30Validator.VALIDATORS["enum"](validator, values, instance, schema)


def _one_of(validator: Any, options: list[Any], instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """GitHub says oneOf where several of the options hold (an error, an error with a list): one is enough."""
    if "discriminator" in schema and isinstance(instance, dict):
        yield from OAS30Validator.VALIDATORS["oneOf"](validator, options, instance, schema)
    else:
        yield from OAS30Validator.VALIDATORS["anyOf"](validator, options, instance, {})


def _all_of(validator: Any, options: list[Any], instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """GitHub says allOf of a user and an enterprise where it lists installations, and means either, or null."""
    either = schema.get("nullable") and len(options) > 1
    yield from OAS30Validator.VALIDATORS["anyOf" if either else "allOf"](validator, options, instance, schema)


Validator = extend(OAS30Validator, {"allOf": _all_of, "enum": _enum, "oneOf": _one_of})


class Contract:
    """GitHub's REST API as published: finds an exchange's operation, and checks status and body against it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._paths = document["paths"]
        self._document = document
        self._templates = sorted(self._paths, key=_generality)
        self._patterns = {template: _pattern(template) for template in self._templates}
        resource = Resource(contents=document, specification=DRAFT4)
        self._registry: Registry[Any] = Registry().with_resource(BASE, resource)
        self._validators: dict[str, Any] = {}

    def template(self, method: str, path: str) -> str | None:
        """The path template of the published operation that answers this request, the most literal one first."""
        for template in self._templates:
            if self._patterns[template].fullmatch(path) and method.lower() in self._paths[template]:
                return template
        return None

    def check_exchange(self, method: str, path: str, status: int, body: bytes) -> list[str]:
        """What is wrong with this answer, a line each; empty if GitHub could have given it."""
        template = self.template(method, path)
        if template is None:
            return [f"{method} {path}: no such operation"]
        where = f"{method} {template} {status}"
        responses = self._paths[template][method.lower()]["responses"]
        if str(status) in responses:
            pointer = f"/paths/{_escaped(template)}/{method.lower()}/responses/{status}"
            problems = self._documented(pointer, responses[str(status)], status, body)
        elif status in ANYWHERE or (method, template, status) in SOMEWHERE:
            problems = self._problems(ERROR, body)
        else:
            problems = iter(["undocumented status"])
        return [f"{where}: {problem}" for problem in problems]

    def _documented(self, pointer: str, response: dict[str, Any], status: int, body: bytes) -> Iterator[str]:
        if "$ref" in response:
            pointer = response["$ref"].removeprefix("#")
            response = self._document["components"]["responses"][pointer.rpartition("/")[2]]
        content = response.get("content", {})
        if content:
            media = "application/json" if "application/json" in content else next(iter(content))
            pointer = f"{pointer}/content/{_escaped(media)}/schema"
            yield from self._problems(pointer, body)
            if status < 400 and _is_json(body):
                yield from self._strangers({"$ref": f"#{pointer}"}, json.loads(body), "$")
        elif status >= 400:  # described in words alone
            yield from self._problems(ERROR, body)
        elif body:
            yield "a body where none is documented"

    def _problems(self, pointer: str, body: bytes) -> Iterator[str]:
        if not _is_json(body):
            yield "not JSON"
            return
        for error in self._validator(pointer).iter_errors(json.loads(body)):
            yield f"{error.json_path}: {_deepest(error)}"

    def _strangers(self, schema: dict[str, Any], value: Any, where: str) -> Iterator[str]:
        """Keys that GitHub's description does not know; it allows them, but then they are our invention."""
        options = list(self._flattened(schema))
        if isinstance(value, list):
            items = {"anyOf": [option["items"] for option in options if "items" in option]}
            for i, item in enumerate(value):
                yield from self._strangers(items, item, f"{where}[{i}]")
        if not isinstance(value, dict) or any(option.get("additionalProperties") for option in options):
            return
        known = [option["properties"] for option in options if "properties" in option]
        for key in value if known else ():
            below = {"anyOf": [properties[key] for properties in known if key in properties]}
            if below["anyOf"]:
                yield from self._strangers(below, value[key], f"{where}.{key}")
            else:
                yield f"{where}.{key}: unknown key"

    def _flattened(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The schema and all that it refers to or combines."""
        while "$ref" in schema:
            schema = self._resolve(schema["$ref"])
        yield schema
        for word in ("allOf", "anyOf", "oneOf"):
            for option in schema.get(word, ()):
                yield from self._flattened(option)

    def _resolve(self, ref: str) -> dict[str, Any]:
        found = self._document
        for token in ref.removeprefix("#/").split("/"):
            found = found[unquote(token).replace("~1", "/").replace("~0", "~")]
        return found

    def _validator(self, pointer: str) -> Any:
        if pointer not in self._validators:
            self._validators[pointer] = Validator(
                {"$ref": f"{BASE}#{pointer}"}, registry=self._registry, format_checker=oas30_format_checker
            )
        return self._validators[pointer]


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _deepest(error: Any) -> str:
    """The message of an error, or of the alternative that came nearest where there are several."""
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def _generality(template: str) -> tuple[int, int]:
    return template.count("{"), -len(template)


def _pattern(template: str) -> re.Pattern[str]:
    if template.endswith("/{path}"):  # the root folder has no path
        return re.compile(_pattern(template.removesuffix("/{path}")).pattern + "(?:/.+)?")
    parts = re.split(r"\{(\w+)\}", template)
    pieces = [re.escape(part) if i % 2 == 0 else _parameter(part) for i, part in enumerate(parts)]
    return re.compile("".join(pieces))


def _parameter(name: str) -> str:
    return ".+" if name in OF_MANY_SEGMENTS else "[^/]+"


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")

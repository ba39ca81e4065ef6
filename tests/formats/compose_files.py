"""Generated Compose files, in the many ways in which YAML can be written, and a plain reading of them.

The plain reading is PyYAML's, with variables put in by a few lines of its own: the truth that the reader is held to.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import indent

import yaml  # type: ignore[import-untyped]

UNKNOWN = "\0"
IMAGES = (
    "postgres:17",
    "postgres:${PG_MAJOR:-17}-alpine",
    "${POSTGRES_IMAGE:-postgis/postgis:${PG-16}-3.5}",
    "registry.acme.example:5000/team/api:1.2.3",
    "${REGISTRY}/app:$TAG",
    "${REGISTRY:?which}/app:1",
    "ghcr.io/acme/app@sha256:16bc17c64a573ef34162af9298258d1aec548232985b33ed7b1eac33ba35ca9c",
    "redis",
    "acme/price$$:1",
)
VOLUMES: tuple[object, ...] = (
    "data:/var/lib/postgresql/data",
    "./conf/app.yml:/etc/app.yml:ro",
    "${DATA_DIR:-./data}:/data",
    "${CACHE:-cache}:${CACHE_DIR:-/cache}:rw",
    "/anonymous",
    "~/keys:/keys",
    {"type": "bind", "source": "./src", "target": "/src"},
    {"type": "volume", "source": "data", "target": "${TARGET:-/data}", "read_only": True},
    {"type": "tmpfs", "target": "/tmp"},
)
BUILDS: tuple[object, ...] = (".", "./db", {"context": ".", "dockerfile": "docker/Dockerfile", "args": {"A": "1"}})
MORE: tuple[tuple[str, object], ...] = (
    ("ports", ["8080:80", "127.0.0.1:${PORT:-5432}:5432/tcp"]),
    ("ports", [{"target": 5432, "published": "5433"}]),
    ("environment", {"POSTGRES_PASSWORD": "x", "NAME": "on", "EMPTY": None}),
    ("environment", ["POSTGRES_USER=a", "NAME"]),
    ("command", ["postgres", "-c", "max_connections=200"]),
    ("command", "npm start # not a comment, quoted or not"),
    ("restart", "unless-stopped"),
    ("profiles", ["tools"]),
    ("labels", {"image": "postgres:9", "a.b/c": "yes: no"}),
    ("healthcheck", {"test": ["CMD-SHELL", "pg_isready -U $$POSTGRES_USER"], "interval": "10s", "retries": 5}),
)
NAMES = ("db", "app", "web-1", "cache", "postgres", "worker_2", "on", "1", "a.b")


@dataclass(slots=True)
class Writer:
    """Writes a value as YAML, each part in a style drawn by `rng`; equal parts may become an anchor and aliases."""

    rng: random.Random
    anchors: dict[str, str] = field(default_factory=dict)

    def block(self, value: object) -> str:
        """The text of a value behind a key or a dash: on the same line, or on lines of its own."""
        known = json.dumps(value, sort_keys=True)
        if known in self.anchors and self.rng.random() < 0.7:
            return f" *{self.anchors[known]}\n"
        anchor = ""
        if isinstance(value, dict | list | str) and value and known not in self.anchors and self.rng.random() < 0.25:
            self.anchors[known] = f"a{len(self.anchors)}"
            anchor = f" &{self.anchors[known]}"
        if not isinstance(value, dict | list) or not value or self.rng.random() < 0.25:
            return f"{anchor} {self.flow(value)}{self.comment()}\n"
        if isinstance(value, dict):
            lines = "".join(f"{self.key(key)}:{self.block(part)}" for key, part in value.items())
        else:
            lines = "".join(f"-{self.block(part)}" for part in value)
        return f"{anchor}{self.comment()}\n{indent(lines, ' ' * self.rng.choice((2, 4)))}"

    def flow(self, value: object) -> str:
        """The value on one line."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(key)}: {self.flow(part)}" for key, part in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + self.rng.choice(("", ",")) * bool(value) + "]"
        return self.scalar(value) if isinstance(value, str) else json.dumps(value)

    def scalar(self, text: str) -> str:
        """A string plain where YAML lets it be, else in quotes."""
        is_plain = re.fullmatch(r"[A-Za-z./][A-Za-z0-9./:_@-]*[A-Za-z0-9]", text) and text not in {"on", "yes", "no"}
        styles = [json.dumps(text), "'" + text.replace("'", "''") + "'", *([text] if is_plain else [])]
        return self.rng.choice(styles)

    def key(self, text: str) -> str:
        return self.scalar(text)

    def comment(self) -> str:
        return self.rng.choice(("", "", "", " # image: postgres:9"))


def generated(seed: int) -> str:
    """One valid Compose file."""
    rng = random.Random(seed)
    writer = Writer(rng)
    services = {name: _service(rng) for name in rng.sample(NAMES, rng.randint(1, 4))}
    text = f"name: shop\nservices:{writer.block(services)}"
    if rng.random() < 0.4:
        text = _merged(text, rng)
    text += "volumes:\n  data: {}\n  cache:\n"
    if rng.random() < 0.2:
        text = text.replace("\n", "\r\n")
    return ("\ufeff" if rng.random() < 0.1 else "") + text


def _service(rng: random.Random) -> dict[str, object]:
    service: dict[str, object] = {}
    if rng.random() < 0.8:
        service["image"] = rng.choice(IMAGES)
    if not service or rng.random() < 0.2:
        service["build"] = rng.choice(BUILDS)
    if rng.random() < 0.7:
        service["volumes"] = rng.sample(VOLUMES, rng.randint(1, 3))
    service |= dict(rng.sample(MORE, rng.randint(0, 3)))
    order = list(service.items())
    rng.shuffle(order)
    return dict(order)


def _merged(text: str, rng: random.Random) -> str:
    """One more service that takes its parts from an extension by merge keys."""
    image, other = rng.sample(IMAGES, 2)
    base = f"x-base: &base\n  image: {json.dumps(image)}\n  volumes: ['data:/base']\nx-more: &more {{init: true}}\n"
    own = f", image: {json.dumps(other)}" if rng.random() < 0.5 else ""
    keys = rng.choice(("<<: *base", "<<: [*more, *base]"))
    head, services, body = text.partition("services:\n")
    margin = " " * (len(body) - len(body.lstrip(" ")))
    return f"{base}{head}{services}{margin}merged: {{{keys}{own}}}\n{body}" if services else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What a plain reading finds: for each service its image, None without, and (source, target) of its mounts."""

    services: Mapping[str, tuple[str | None, tuple[tuple[str, str], ...]]]


class _Words(yaml.SafeLoader):  # type: ignore[misc]
    """PyYAML with words and numbers left as text, for which YAML 1.1 has other meanings than Compose."""


_Words.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in found if tag.endswith((":merge", ":null"))]
    for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def plainly(text: str) -> Plain:
    """The file by PyYAML, with each variable's default put in, innermost first."""
    services = yaml.load(text.removeprefix("\ufeff"), _Words)["services"]
    return Plain(
        services={
            name: (
                put_in(service["image"]) if "image" in service else None,
                tuple(map(_mount, service.get("volumes") or ())),
            )
            for name, service in services.items()
        }
    )


def put_in(text: str) -> str:
    """The text with defaults for variables, by repeated replacement of what holds no other variable."""
    text = text.replace("$$", "\1")
    while (found := re.sub(r"\$\{\w+(?:(:?-)([^${}]*)|:?[?+][^${}]*)?\}|\$\w+", _value, text)) != text:
        text = found
    return text.replace("\1", "$")


def _value(found: re.Match[str]) -> str:
    return found[2] if found[1] else UNKNOWN


def _mount(entry: object) -> tuple[str, str]:
    if isinstance(entry, dict):
        return put_in(entry.get("source", "")), put_in(entry["target"])
    source, colon, rest = put_in(str(entry)).partition(":")
    return (source, rest.partition(":")[0]) if colon else ("", source)

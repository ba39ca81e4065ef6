"""Compose files: the published schema, and what it cannot say: names that lead nowhere, ports taken twice, cycles.

Rules are those of the Compose specification (docs.docker.com/reference/compose-file). Rendered text in, findings out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from syncbot.check.graph import reachable
from syncbot.check.ports import published
from syncbot.check.schema import COMPOSE, schema_findings
from syncbot.check.types import Rendering
from syncbot.formats.compose import as_list, is_compose, mount_of
from syncbot.formats.diagnostics import Diagnostic, Severity
from syncbot.formats.images import Image, parse_image, postgres_image
from syncbot.formats.variables import UNSET, substitute
from syncbot.formats.yaml import Path, Reading, read_yaml

_TOP_LEVEL = {"networks": {"default"}, "secrets": set[str](), "configs": set[str]()}
_OFFICIAL = frozenset({"postgres", "postgis"})
"""Images that keep their data where the official one does."""
POSTGRES_DATA_MOVED = 18
"""From this major on the official image keeps its data below /var/lib/postgresql, before in .../data."""


def check_compose(path: str, content: bytes) -> Iterator[Diagnostic]:
    """Syntax, schema and meaning of one Compose file."""
    document = read_yaml(content, path=path)
    yield from document.diagnostics
    if document.value is None:
        return
    yield from schema_findings(path, document, COMPOSE)
    compose = _Compose.of(path, document)
    if compose:
        yield from compose.findings()


def check_mounts(rendering: Rendering) -> Iterator[Diagnostic]:
    """Bind mounts, env files and build files of the repo's own that no file of the scaffolded repo answers to."""
    for path, file in rendering.files.items():
        compose = _Compose.of(path, read_yaml(file.content, path=path)) if is_compose(path) else None
        if compose is None:
            continue
        for at, source in compose.own_files():
            if source not in rendering.files and not any(name.startswith(f"{source}/") for name in rendering.files):
                yield compose.finding(
                    "mount-missing", f"{source} is used here, and the template does not render it", *at
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compose:
    """One file whose services are mappings, which is all that can be said of it without a schema."""

    path: str
    document: Reading
    top: Mapping[str, object]
    services: Mapping[str, Mapping[str, object]]

    @classmethod
    def of(cls, path: str, document: Reading) -> _Compose | None:
        top = document.value
        services = top.get("services") if isinstance(top, dict) else None
        if not isinstance(top, dict) or not isinstance(services, dict):
            return None
        known = {str(name): service for name, service in services.items() if isinstance(service, dict)}
        return cls(path=path, document=document, top=top, services=known)

    def finding(self, code: str, message: str, *at: str | int, severity: Severity = Severity.ERROR) -> Diagnostic:
        place = self.document.place(*at)
        return Diagnostic(path=self.path, place=place, code=code, severity=severity, message=message)

    def findings(self) -> Iterator[Diagnostic]:
        if "version" in self.top:
            yield self.finding(
                "compose-version",
                "`version` has no meaning any more, and Compose warns of it",
                "version",
                severity=Severity.WARNING,
            )
        yield from self._volumes()
        for kind, implied in _TOP_LEVEL.items():
            yield from self._references(kind, implied)
        yield from self._dependencies()
        yield from self._ports()
        for name, service in self.services.items():
            yield from self._service(name, service)

    def own_files(self) -> Iterator[tuple[Path, str]]:
        """Where a path of the repo itself is named, and that path without its leading `./`."""
        for name, service in self.services.items():
            for index, mount in enumerate(as_list(service.get("volumes"))):
                source = mount_of(mount).source
                if source.startswith("./") and len(source) > 2:
                    yield ("services", name, "volumes", index), source[2:].rstrip("/")
            for index, entry in enumerate(as_list(service.get("env_file"))):
                if isinstance(entry, str):
                    yield ("services", name, "env_file", index), entry.removeprefix("./")
            build = service.get("build")
            context = build.get("context", ".") if isinstance(build, dict) else build
            if isinstance(context, str) and "://" not in context and "$" not in context:
                file = str(build.get("dockerfile", "Dockerfile")) if isinstance(build, dict) else "Dockerfile"
                folder = context.removeprefix("./").strip("/").removeprefix(".")
                yield ("services", name, "build"), f"{folder}/{file}" if folder else file

    def _volumes(self) -> Iterator[Diagnostic]:
        defined = _names(self.top.get("volumes"))
        used = set()
        for name, service in self.services.items():
            targets: dict[str, int] = {}
            for index, mount in enumerate(as_list(service.get("volumes"))):
                at = ("services", name, "volumes", index)
                found = mount_of(mount)
                source, target = found.source, found.target
                if target in targets and UNSET not in target:
                    yield self.finding("mount-twice", f"{name} mounts something at {target} already", *at)
                targets.setdefault(target, index)
                if not source or source[0] in "./~" or UNSET in source or found.is_bind:
                    continue
                used.add(source)
                if source not in defined:
                    yield self.finding(
                        "undefined-volume", f"{name} uses the volume {source}, which is not defined", *at
                    )
        for name in sorted(defined - used):
            yield self.finding(
                "unused-volume", f"the volume {name} is used by no service", "volumes", name, severity=Severity.WARNING
            )

    def _references(self, kind: str, implied: set[str]) -> Iterator[Diagnostic]:
        defined = _names(self.top.get(kind)) | implied
        for name, service in self.services.items():
            for used in sorted(_names(service.get(kind)) - defined):
                yield self.finding(
                    f"undefined-{kind[:-1]}",
                    f"{name} uses the {kind[:-1]} {used}, which is not defined",
                    "services",
                    name,
                    kind,
                )

    def _dependencies(self) -> Iterator[Diagnostic]:
        needs = {name: _names(service.get("depends_on")) for name, service in self.services.items()}
        for name, targets in needs.items():
            at = ("services", name, "depends_on")
            for target in sorted(targets):
                if target not in self.services:
                    yield self.finding(
                        "undefined-service", f"{name} depends on {target}, which is no service", *at, target
                    )
                elif name in reachable(target, needs):
                    yield self.finding("cycle", f"{name} and {target} wait for each other", *at, target)
                else:
                    yield from self._condition(name, target)

    def _condition(self, name: str, target: str) -> Iterator[Diagnostic]:
        depends = self.services[name].get("depends_on")
        condition = depends.get(target) if isinstance(depends, dict) else None
        healthy = isinstance(condition, dict) and condition.get("condition") == "service_healthy"
        check = self.services[target].get("healthcheck")
        off = isinstance(check, dict) and (check.get("disable") is True or as_list(check.get("test"))[:1] == ["NONE"])
        at = ("services", name, "depends_on", target)
        if healthy and (off or (check is None and "build" not in self.services[target])):
            yield self.finding("no-healthcheck", f"{name} waits until {target} is healthy, which it never says", *at)
        elif check is not None and not off and not healthy:
            yield self.finding(
                "not-awaited",
                f"{target} has a health check, and {name} does not wait for it",
                *at,
                severity=Severity.WARNING,
            )

    def _ports(self) -> Iterator[Diagnostic]:
        taken: dict[str, str] = {}
        for name, service in self.services.items():
            for index, port in enumerate(as_list(service.get("ports"))):
                at = ("services", name, "ports", index)
                host = published(port)
                if host is None:
                    yield self.finding("port-syntax", f"{port!r} is no port mapping", *at)
                elif host in taken:
                    yield self.finding("port-twice", f"{taken[host]} publishes {host} already", *at)
                elif host:
                    taken[host] = name

    def _service(self, name: str, service: Mapping[str, object]) -> Iterator[Diagnostic]:
        at = ("services", name)
        if not {"image", "build", "extends", "provider"} & service.keys():
            yield self.finding("no-image", f"{name} has neither an image nor a build", *at)
        image = service.get("image")
        if isinstance(image, str) and "build" not in service:
            parsed = parse_image(substitute(image))
            if not parsed.digest and parsed.tag in {"", "latest"} and UNSET not in parsed.path:
                yield self.finding("image-tag", f"{image} is another image every day: name its version", *at, "image")
            yield from self._postgres(name, service, parsed)

    def _postgres(self, name: str, service: Mapping[str, object], image: Image) -> Iterator[Diagnostic]:
        found = postgres_image(image) if image.name in _OFFICIAL else None
        if found is None or found.major is None:
            return
        major = found.major
        right = "/var/lib/postgresql" if major >= POSTGRES_DATA_MOVED else "/var/lib/postgresql/data"
        targets = {mount_of(mount).target.rstrip("/") for mount in as_list(service.get("volumes"))}
        if right not in targets:
            yield self.finding(
                "postgres-data",
                f"Postgres {major} keeps its data at {right}, and nothing is mounted there",
                "services",
                name,
                "volumes",
            )
        yield from self._pg_isready(name, service)

    def _pg_isready(self, name: str, service: Mapping[str, object]) -> Iterator[Diagnostic]:
        check = service.get("healthcheck")
        test = check.get("test") if isinstance(check, dict) else None
        words = test.split() if isinstance(test, str) else [str(word) for word in as_list(test)]
        text = " ".join(words)
        at = ("services", name, "healthcheck", "test")
        if "pg_isready" not in text:
            yield self.finding(
                "pg-isready",
                f"{name} runs Postgres and does not ask pg_isready whether it answers",
                *at,
                severity=Severity.WARNING,
            )
        elif not re.search(r"(-h|--host)[ =]\S", text):
            yield self.finding(
                "pg-isready",
                "pg_isready without -h asks the socket, which answers while the image still initialises",
                *at,
                severity=Severity.WARNING,
            )


def _names(value: object) -> set[str]:
    """The names in a list, or the keys of a mapping; a mapping in a list names its `source`."""
    if isinstance(value, dict):
        return {str(key) for key in value}
    named = (item.get("source") if isinstance(item, dict) else item for item in as_list(value))
    return {name for name in named if isinstance(name, str)}

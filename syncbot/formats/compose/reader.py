"""A Compose file as YAML: text in, its services out, with anchors, merge keys, `extends` and defaults resolved. Pure.

Source: the Compose specification (docs.docker.com/reference/compose-file). What only the schema says is not checked
here: a part of the wrong type is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.variables import UNSET, substitute
from syncbot.formats.yaml import read_yaml

_NAME = re.compile(rb"""(?:name|'name'|"name")[ \t]*:[ \t]""")
_FILE = re.compile(r"(?:docker-)?compose(?:\.[A-Za-z0-9_-]+)?\.ya?ml")
_MAX_EXTENDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """`source` is a path, a volume's name, or empty for an anonymous volume; `is_bind` where the long form says so."""

    source: str
    target: str
    is_bind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service. Texts have their variables replaced by the defaults, `UNSET` where there is none.

    `image` is empty where none is given, `image_text` is that as written. `build` is what is built, as written; None
    without. `environment` are the values by name, `UNSET` for one that only the shell has; `has_env_file`: files,
    which are not read here, give it more. `ports` are the container's. `elsewhere` is a file that it extends, which is
    not read here either.
    """

    name: str
    image: str
    image_text: str
    build: object
    environment: Mapping[str, str]
    has_env_file: bool
    mounts: tuple[Mount, ...]
    ports: tuple[str, ...]
    command: str
    elsewhere: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """All services, those of profiles too. `includes` are files whose services run as well, and are not known here.

    `name` is the project's, empty where the file gives none. `volumes` are the names that named volumes have for
    Docker, where the file gives them: without one, Docker's begins with the project's.
    """

    services: tuple[Service, ...]
    includes: tuple[str, ...]
    name: str = ""
    volumes: Mapping[str, str] = field(default_factory=dict)


def is_compose(path: str) -> bool:
    """compose.yaml, docker-compose.yml and their overrides, in any folder."""
    return bool(_FILE.fullmatch(path.rpartition("/")[2]))


def read_compose(content: bytes, path: str = "") -> Compose | Diagnostic:
    """The file's services in order; what is wrong first, where it is no YAML that Compose would take."""
    if all(not line.strip() or line.lstrip().startswith(b"#") for line in content.splitlines()):
        return Compose(services=(), includes=())
    reading = read_yaml(content, path=path)
    if reading.diagnostics:
        return reading.diagnostics[0]
    top = reading.value
    if not isinstance(top, Mapping):
        return Diagnostic(path=path, place=reading.place(), code="compose", message="expected a mapping")
    services = _mapping(top.get("services")) if "services" in top else _first_format(top)
    return Compose(
        services=tuple(_service(str(name), services) for name in services),
        includes=tuple(_included(entry) for entry in as_list(top.get("include"))),
        name=substitute(str(top.get("name") or "")),
        volumes=_named(_mapping(top.get("volumes"))),
    )


def project_name(content: bytes) -> str:
    """The project's name, empty where the file gives none: read from its own line, since it stands at the top level."""
    for line in content.splitlines():
        if _NAME.match(line):
            value = read_yaml(line).value
            name = value.get("name") if isinstance(value, Mapping) else None
            return name if isinstance(name, str) else ""
    return ""


def _first_format(top: Mapping[object, object]) -> Mapping[object, object]:
    """The services of a file of Compose's first format, which stand at the top."""
    return {name: part for name, part in top.items() if isinstance(part, Mapping) and {"image", "build"} & part.keys()}


def mount_of(entry: object) -> Mount:
    """One entry of `volumes`: the short text or the long form."""
    if isinstance(entry, Mapping):
        source, target = (substitute(str(entry.get(key) or "")) for key in ("source", "target"))
        return Mount(source=source, target=target, is_bind=entry.get("type") == "bind")
    parts = substitute(str(entry)).split(":")
    return Mount(source=parts[0] if len(parts) > 1 else "", target=parts[1] if len(parts) > 1 else parts[0])


def as_list(value: object) -> list[object]:
    """A list as it is, nothing as an empty one, and a single value as a list of it."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _included(entry: object) -> str:
    path = entry.get("path") if isinstance(entry, Mapping) else entry
    return ", ".join(map(str, as_list(path)))


def _service(name: str, services: Mapping[object, object]) -> Service:
    service, elsewhere = _extended(name, services)
    image = service.get("image")
    text = "" if image is None else str(image)
    return Service(
        name=name,
        image=substitute(text),
        image_text=text,
        build=service.get("build"),
        environment=_variables(service.get("environment")),
        has_env_file=bool(service.get("env_file")),
        mounts=tuple(mount_of(entry) for entry in as_list(service.get("volumes"))),
        ports=tuple(_port(entry) for key in ("ports", "expose") for entry in as_list(service.get(key))),
        command=" ".join(str(word) for word in as_list(service.get("command"))),
        elsewhere=elsewhere,
    )


def _extended(name: str, services: Mapping[object, object]) -> tuple[Mapping[object, object], str]:
    """The service with what it extends below it, and the file where what it extends stands, if in another."""
    found: dict[object, object] = {}
    following: object = name
    for _ in range(_MAX_EXTENDS):
        service = _mapping(services.get(following))
        found = _merged(service, found)
        extends = service.get("extends")
        if extends is None:
            return found, ""
        target = extends if isinstance(extends, Mapping) else {"service": extends}
        if target.get("file") is not None:
            return found, str(target["file"])
        following = target.get("service")
    return found, "itself"


def _merged(below: Mapping[object, object], above: Mapping[object, object]) -> dict[object, object]:
    """What extends wins, but for the lists and mappings that Compose adds up."""
    merged = {**below, **above}
    for key in ("environment", "volumes", "ports", "expose"):
        both = [part for part in (below.get(key), above.get(key)) if part is not None]
        if len(both) > 1:
            merged[key] = [entry for part in both for entry in _entries(part)]
    return merged


def _entries(part: object) -> list[object]:
    if isinstance(part, Mapping):
        return [key if value is None else f"{key}={value}" for key, value in part.items()]
    return as_list(part)


def _variables(environment: object) -> Mapping[str, str]:
    """The variables of either form; of two with one name the last."""
    pairs = (str(entry).partition("=") for entry in _entries(environment))
    return {name: substitute(value) if equals else UNSET for name, equals, value in pairs}


def _named(volumes: Mapping[object, object]) -> Mapping[str, str]:
    """Docker's names of volumes: `name`, or the key itself for one that is made elsewhere."""
    named: dict[str, str] = {}
    for key, volume in volumes.items():
        told = _mapping(volume)
        external = told.get("external")
        name = told.get("name") or _mapping(external).get("name") or (key if external else None)
        if name is not None:
            named[str(key)] = substitute(str(name))
    return named


def _port(entry: object) -> str:
    """The container's port, or range of ports."""
    text = str(entry.get("target", "")) if isinstance(entry, Mapping) else str(entry)
    return substitute(text).rpartition(":")[2].partition("/")[0]


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}

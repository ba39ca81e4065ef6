"""Which Postgres a Compose file runs: its services in, those that are a Postgres or may be one out. Pure.

*Unknown* is an answer of its own, and never means that there is none: `major` is None, and `why` says what could not be
read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from syncbot.formats.compose.reader import Compose, Service, read_compose
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.dockerfile import read_dockerfile
from syncbot.formats.images import is_tool, parse_image, postgres_image
from syncbot.formats.variables import UNSET, substitute
from syncbot.formats.yaml import quoted

_DATA = re.compile(r"/var/lib/(?:postgresql|pgsql)(?:/.*)?|/bitnami/postgresql(?:/.*)?|/home/postgres/pgdata(?:/.*)?")
_PORT = "5432"
# What a server is told and a client has no use for.
_SERVER_VARIABLES = re.compile(r"PGDATA|POSTGRES_(?:INITDB_ARGS|INITDB_WALDIR|HOST_AUTH_METHOD)|POSTGRESQL_PASSWORD")
# What a server needs and a client may have as well; the client knows a host besides.
_ACCOUNT_VARIABLES = re.compile(r"POSTGRES_(?:PASSWORD|USER|DB)(?:_FILE)?")
_HOST_VARIABLES = re.compile(r".*(?:HOST|HOSTNAME|SERVER|ADDR|URL|URI|DSN)")
_SPEAKING = re.compile(r"postgres|postgis|pgvector|timescale|(?:^|[^a-z])pg(?:[^a-z]|sql|$)", re.IGNORECASE)
_OTHER = re.compile(
    r"mysql|maria|mongo|mssql|sqlserver|oracle|cassandra|clickhouse|redis|valkey|elastic|neo4j|couch|dynamo|influx"
    r"|sqlite|cockroach|yugabyte|surreal|qdrant|etcd",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:.*[-_.])?(?:db|database|pg|pgsql|postgres|postgresql)(?:[-_.\d].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A service that is a Postgres, or may be one. `major` is None where it cannot be told; `why` says why not.

    `service` is empty where it is not known which, or whether any: the file could not be read, or leads to others.
    `source` is the image or build as written: the same text stands for the same server.
    """

    service: str
    major: int | None
    why: str = ""
    source: object = None


@lru_cache(maxsize=512)
def postgres_servers_in(content: bytes) -> tuple[PostgresServer, ...]:
    """The servers of a Compose file's text."""
    return postgres_servers(read_compose(content))


def postgres_servers(compose: Compose | Diagnostic) -> tuple[PostgresServer, ...]:
    """The servers in order. None at all means that the file surely runs no Postgres."""
    if isinstance(compose, Diagnostic):
        line = f" (line {compose.line})" if compose.line else ""
        return (PostgresServer(service="", major=None, why=f"it is no valid YAML: {compose.message}{line}"),)
    sure = tuple(server for service in compose.services if (server := _server(service)))
    if not sure:
        # Weak signs count where the file has no other Postgres: beside one they are those of its client.
        sure = tuple(_unread(service) for service in compose.services if _may_be(service))
    included = (f"it includes {quoted(path)}, which is not read here" for path in compose.includes)
    return (*sure, *(PostgresServer(service="", major=None, why=why) for why in included))


def _server(service: Service) -> PostgresServer | None:
    """The service as a server, where its image or its use says that it is one."""
    if service.elsewhere and not (service.image or service.build):
        return PostgresServer(
            service=service.name,
            major=None,
            why=f"it extends a service of {quoted(service.elsewhere)}, which is not read here",
            source=("extends", service.elsewhere),
        )
    image = _base_image(service.build) or service.image
    found = postgres_image(parse_image(image)) if image else None
    if found and found.major is not None and (service.build is None or image != service.image):
        return PostgresServer(service=service.name, major=found.major, source=_source(service))
    speaks = _SPEAKING.search(service.image_text if UNSET in service.image else _built(service))
    return _unread(service) if found or (_is_open(service) and (speaks or _is_used_as_server(service))) else None


def _is_used_as_server(service: Service) -> bool:
    """Postgres' data folder, its port, or settings that only a server takes, on an image that is no other product's."""
    mounted = any(_DATA.fullmatch(mount.target) for mount in service.mounts)
    told = any(_SERVER_VARIABLES.fullmatch(name) for name in service.environment)
    return mounted or told or _PORT in service.ports or service.command.split(" ")[0] == "postgres"


def _may_be(service: Service) -> bool:
    """An account for Postgres and no host to find it at; or the name of a database on something that is built here."""
    account = any(_ACCOUNT_VARIABLES.fullmatch(name) for name in service.environment)
    client = any(_HOST_VARIABLES.fullmatch(name) for name in service.environment)
    nameless = service.build is not None or UNSET in parse_image(service.image).path
    return _is_open(service) and ((account and not client) or (nameless and bool(_NAME.fullmatch(service.name))))


def _is_open(service: Service) -> bool:
    """Whether the image leaves open what runs in it: it is no program that only works with a Postgres elsewhere."""
    return not is_tool(parse_image(service.image)) and not _OTHER.search(f"{service.image_text} {_built(service)}")


def _base_image(build: object) -> str:
    """The image that a Dockerfile inside the Compose file rests on; empty where there is none."""
    if not isinstance(build, Mapping) or build.get("target") or build.get("args"):
        return ""
    # Compose puts in its own variables before Docker sees the text.
    inline = build.get("dockerfile_inline")
    return read_dockerfile(substitute(inline).encode()).final_image if isinstance(inline, str) else ""


def _built(service: Service) -> str:
    """The folder and the file that are built, as written."""
    build = service.build
    if isinstance(build, Mapping):
        return " ".join(str(build[key]) for key in ("context", "dockerfile", "dockerfile_inline") if key in build)
    return "" if build is None else str(build)


def _unread(service: Service) -> PostgresServer:
    """The service with the reason why its major is not told."""
    text = service.image_text
    if service.build is not None:
        why = "it is built from a Dockerfile, which is not read here"
    elif UNSET in service.image:
        why = f"{quoted(text)} has a variable without a default"
    elif not text:
        why = "it has no image"
    else:
        why = f"the tag of {quoted(text)} does not say"
    return PostgresServer(service=service.name, major=None, why=why, source=_source(service))


def _source(service: Service) -> object:
    """What stands in the file for the server: the same says the same."""
    return service.image_text, str(service.build)

"""Container image references, and what the tag of a known image says of the Postgres in it. Pure.

Source of the grammar: distribution/reference. What a tag means is from each image's own page; an image or a tag that
is not known is an answer of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_OLDEST, _NEWEST = 8, 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """`registry:5000/path/name:tag@sha256:…` in its parts; what is not given is empty."""

    registry: str
    path: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        """The last part of the path: `postgres` of every mirror of it."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresImage:
    """An image that is a Postgres server, or may be one. `major` is None where its tag does not say which."""

    major: int | None


def parse_image(reference: str) -> Image:
    """The parts of a reference. The first one is a registry if it has a dot or a port, or is `localhost`."""
    rest, _, digest = reference.strip().partition("@")
    first, slash, others = rest.partition("/")
    is_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, rest = (first, others) if is_registry else ("", rest)
    folder, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return Image(registry=registry, path=f"{folder}{slash}{name}", tag=tag, digest=digest)


_LEADING = re.compile(r"v?(\d+)(?:(?:alpha|beta|rc)\d+)?(?:[-_+.].*)?")
"""The version of the image is that of Postgres: `17`, `17.2-alpine`, `17-3.5`, `17beta1`."""
_MARKER = re.compile(r"(?:.*[-_.])?(?:pg|postgres)_?(\d+)(?:[-_.+].*)?", re.IGNORECASE)
"""The version is another product's, and Postgres' stands beside it: `pg17`, `2.17.2-pg16`, `release_PG17_1.6.0`."""
_BASE_FIRST = re.compile(r"(?:ubi|centos|rhel)\d+-(\d+)(?:[.-].*)?")
"""The distribution comes first: `ubi9-17.2-2520`."""
_BASE_BEFORE = re.compile(r"(?:.*-)?(?:alpine|debian)-(\d+)(?:-slim)?")
"""The distribution stands before Postgres' version: `4.0.1-alpine-16`."""
_NUMBERED_NAME = re.compile(r"(?:postgresql|spilo)-(\d+)(?:-[a-z0-9]+)*")
"""The major is in the name: `rhel9/postgresql-16`, `spilo-17`."""

# The last part of a path, or the last two, and how the tags tell the major. Mirrors keep the name. Where one name has
# been given to images of both kinds, a marker counts first.
_TAGS: dict[str, tuple[re.Pattern[str], ...]] = {
    "alloydbomni": (_LEADING,),
    "apache/age": (_MARKER,),
    "citus": (_MARKER,),
    "crunchy-postgres": (_BASE_FIRST,),
    "crunchy-postgres-gis": (_BASE_FIRST,),
    "orioledb": (_MARKER,),
    "paradedb": (_MARKER,),
    "percona-distribution-postgresql": (_LEADING,),
    "pg_mooncake": (_LEADING,),
    "pgautoupgrade": (_LEADING,),
    "pgduckdb": (_LEADING,),
    "pgroonga": (_BASE_BEFORE,),
    "pgrouting": (_LEADING,),
    "pgvecto-rs": (_MARKER,),
    "pgvector": (_MARKER,),
    "postgis": (_MARKER, _LEADING),
    "postgres": (_MARKER, _LEADING),
    "postgres-documentdb": (_LEADING,),
    "postgresql": (_MARKER, _LEADING),
    "postgresql-repmgr": (_LEADING,),
    "timescaledb": (_MARKER,),
    "timescaledb-ha": (_MARKER,),
    "timescaledb-postgis": (_MARKER,),
    "vchord-postgres": (_MARKER,),
    "vchord-suite": (_MARKER,),
}
_MAY_BE = re.compile(r"postgres|postgis|timescale|paradedb|citus|spilo|alloydb|pgvect|(?:^|[-_./\0])pg", re.IGNORECASE)
# Programs that work with a Postgres and hold none.
_TOOL = re.compile(
    r"exporter|backup|dump|restore|pgadmin|phppgadmin|bouncer|pgpool|pgcat|odyssey|pgweb|pghero|pgbadger|pganalyze"
    r"|pgbackrest|barman|wal-g|postgrest|postgraphile|pgsync|pgloader|pg-?meta|postgres-meta|operator|client|migrat"
    r"|proxy|adminer|metabase|watch|monitor",
    re.IGNORECASE,
)


def postgres_image(image: Image) -> PostgresImage | None:
    """The Postgres that an image runs; None for an image that is something else.

    An image that is not known, and whose name speaks of Postgres, may be one: its major is not told.
    """
    name, two = image.name.lower(), "/".join(image.path.lower().split("/")[-2:])
    if numbered := _NUMBERED_NAME.fullmatch(name):
        return PostgresImage(major=_plausible(numbered[1]))
    shapes = _TAGS.get(two) or _TAGS.get(name, ())
    found = next(filter(None, (shape.fullmatch(image.tag) for shape in shapes)), None)
    if found:
        return PostgresImage(major=_plausible(found[1]))
    may_be = shapes or (_MAY_BE.search(image.path) and not is_tool(image))
    return PostgresImage(major=None) if may_be else None


class Libc(StrEnum):
    """The C library in an image, by which Postgres sorts text: an index that one made is wrong to the other."""

    GLIBC = "Debian"
    MUSL = "Alpine"


_ALPINE_BY_ITSELF = frozenset({"timescaledb"})
_DEBIAN_BY_ITSELF = frozenset({"pgvector", "postgis", "postgres"})


def libc_of(image: Image) -> Libc | None:
    """The image's C library; None where neither its name nor its tag says it."""
    if "alpine" in image.tag or image.name in _ALPINE_BY_ITSELF:
        return Libc.MUSL
    return Libc.GLIBC if image.name in _DEBIAN_BY_ITSELF and not image.digest else None


def is_tool(image: Image) -> bool:
    """Whether the image's name is that of a program that works with databases and holds none: a backup, a pooler."""
    return bool(_TOOL.search(image.name))


def _plausible(digits: str) -> int | None:
    """The number, where Postgres has or may come to have such a major: `1.4` is the version of somebody's own image."""
    major = int(digits)
    return major if _OLDEST <= major <= _NEWEST else None

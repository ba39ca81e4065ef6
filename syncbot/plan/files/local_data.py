"""Local data: what a changed Compose file does to the database on a developer's machine. Text in, values out. Pure.

A container's data outlives it in a volume. Under another name of project or volume, or at another mount, the new
server begins with nothing; in the same one it finds the users and databases of before, in the order that the C
library of before gave to text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from syncbot.formats.compose import Compose, Mount, PostgresServer, Service, postgres_servers, read_compose
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.images import Libc, libc_of, parse_image
from syncbot.formats.variables import UNSET

_DATA = ("/var/lib/postgresql", "/var/lib/pgsql", "/bitnami/postgresql", "/home/postgres/pgdata")
_NOT_IN_A_PROJECT = re.compile(r"[^a-z0-9_-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """One Postgres of a Compose file.

    `project` is Compose's name for it all: the folder's, where it `is_named` by nothing in the file. `volume` is
    Docker's name of the volume, or a path where it `is_bind`; empty for one without a name. `image` is empty where it
    is built. None stands for what the file does not tell.
    `is_own`: the volume is the project's, so that nothing else uses it.
    """

    project: str
    service: str
    image: str | None
    major: int | None
    libc: Libc | None
    volume: str | None
    mount: str
    user: str | None
    database: str | None
    is_bind: bool = False
    is_own: bool = True
    is_named: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalData:
    """The server of before and the one that takes its place."""

    old: LocalServer
    new: LocalServer

    @property
    def is_kept(self) -> bool:
        """Whether the new server starts on the data of the old one."""
        where = self.old.volume, self.old.mount
        return bool(self.old.volume) and where == (self.new.volume, self.new.mount)

    @property
    def is_known(self) -> bool:
        """Whether the file says which volume is whose."""
        return self.old.volume is not None and self.new.volume is not None

    @property
    def is_locked_out(self) -> bool:
        """Whether the data is there, and the new user or database is not: both are made with an empty volume alone."""
        both = (self.old.user, self.new.user), (self.old.database, self.new.database)
        return self.is_kept and any(_differ(*pair) for pair in both)

    @property
    def is_sorted_otherwise(self) -> bool:
        """Whether indexes on the same data may be wrong: another C library made them, or one that is not known."""
        return (
            self.is_kept and self.old.image != self.new.image and (self.old.libc != self.new.libc or not self.old.libc)
        )

    @property
    def is_unreadable(self) -> bool:
        """Whether the new server refuses the data: each major has a format of its own."""
        return self.is_kept and _differ(self.old.major, self.new.major)

    @property
    def is_unsure(self) -> bool:
        """Whether nobody can say from the files if the new server can use the data that it finds."""
        old, new = self.old, self.new
        pairs: tuple[tuple[object, object], ...] = ((old.user, new.user), (old.database, new.database))
        if old.image != new.image:
            pairs = (*pairs, (old.major, new.major))
        return self.is_kept and any(was != now and None in (was, now) for was, now in pairs)

    @property
    def matters(self) -> bool:
        """Whether there is anything to say."""
        told = self.is_unreadable or self.is_locked_out or self.is_sorted_otherwise or self.is_unsure
        return not self.is_kept or told


def local_data(before: bytes, after: bytes, folder: str) -> LocalData | None:
    """What becomes of the data, None where nothing does, or where there was no Postgres, or is none then.

    Of several servers, each with its old one by name, the first of which there is something to say. `folder` is that in
    which the file lies on a developer's machine.
    """
    old, new = (_servers(content, folder) for content in (before, after))
    if not old or not new:
        return None
    named = {server.service: server for server in old}
    pairs = [(named[heir.service], heir) for heir in new if heir.service in named] or [(old[0], new[0])]
    each = (LocalData(old=was, new=now) for was, now in pairs)
    return next((found for found in each if found.matters), None)


def _differ(was: object, now: object) -> bool:
    """Whether the files say of both, and not the same."""
    return None not in (was, now) and was != now


def _servers(content: bytes, folder: str) -> list[LocalServer]:
    compose = read_compose(content)
    if isinstance(compose, Diagnostic):
        return []
    services = {service.name: service for service in compose.services}
    return [
        _server(services[server.service], server, compose, folder)
        for server in postgres_servers(compose)
        if server.service
    ]


def _server(service: Service, server: PostgresServer, compose: Compose, folder: str) -> LocalServer:
    project = compose.name or _NOT_IN_A_PROJECT.sub("", folder.lower()).lstrip("_-")
    mount = next((each for each in service.mounts if each.target.startswith(_DATA)), None)
    user = _told(service, "POSTGRES_USER", "postgres")
    return LocalServer(
        project=project,
        service=service.name,
        image=None if UNSET in service.image else service.image,
        major=server.major,
        libc=None if service.build is not None or UNSET in service.image else libc_of(parse_image(service.image)),
        volume=_volume(mount, compose, project) if mount or not service.elsewhere else None,
        mount=mount.target.rstrip("/") if mount else "",
        user=user,
        database=_told(service, "POSTGRES_DB", user),
        is_bind=bool(mount and _is_path(mount)),
        is_own=not mount or _is_path(mount) or mount.source not in compose.volumes,
        is_named=bool(compose.name),
    )


def _volume(mount: Mount | None, compose: Compose, project: str) -> str | None:
    if mount is None or not mount.source:
        return ""
    name = mount.source if _is_path(mount) else compose.volumes.get(mount.source, f"{project}_{mount.source}")
    return None if UNSET in name else name


def _is_path(mount: Mount) -> bool:
    return mount.is_bind or mount.source.startswith((".", "/", "~"))


def _told(service: Service, name: str, default: str | None) -> str | None:
    """A variable as the official image reads it; None where it comes from elsewhere."""
    if f"{name}_FILE" in service.environment:
        return None
    value = service.environment.get(name)
    if value is None:
        is_official = service.build is None and parse_image(service.image).name != "postgresql"
        return default if is_official and not service.has_env_file else None
    return None if UNSET in value else value or default

"""Compose files: services with their images, mounts and ports, and which Postgres they run.

compose = read_compose(content, path="compose.yaml")      # Compose, or a Diagnostic that says why it is unreadable
servers = postgres_servers(compose)                       # one for each service that is a Postgres, or may be one
"""

from syncbot.formats.compose.reader import (
    Compose,
    Mount,
    Service,
    as_list,
    is_compose,
    mount_of,
    project_name,
    read_compose,
)
from syncbot.formats.compose.servers import PostgresServer, postgres_servers, postgres_servers_in

__all__ = [
    "Compose",
    "Mount",
    "PostgresServer",
    "Service",
    "as_list",
    "is_compose",
    "mount_of",
    "postgres_servers",
    "postgres_servers_in",
    "project_name",
    "read_compose",
]

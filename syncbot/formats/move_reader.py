"""The names of what `syncbot.formats.moves` reads, apart from the readers: each command knows them from its start."""

from __future__ import annotations

from enum import StrEnum


class MoveReader(StrEnum):
    """What finds a move's value in a live file.

    Of a Dockerfile: the version in the tag of the base image that the move names, or the Debian release in the tags of
    its base images, by code name. Of a Compose file: the major of its Postgres server. Of an RDS parameter group as
    JSON (Terraform, CloudFormation, AWS CLI): the Postgres major of its family.
    """

    BASE_VERSION = "base-version"
    BASE_SUITE = "base-suite"
    COMPOSE_POSTGRES = "compose-postgres"
    PARAMETER_GROUP = "parameter-group"

"""A parameter group on RDS, by boto3: its name in, `LiveGroup` out.

Account, region and endpoint come from the environment as for every AWS program (AWS_ENDPOINT_URL among them).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syncbot.errors import SyncbotError
from syncbot.formats.parameter_group import described_group
from syncbot.postgres.comparison import LiveGroup
from syncbot.postgres.live.extras import extra


def read_group(name: str) -> LiveGroup:
    """The group's family and what people set in it. Raises SyncbotError."""
    boto3, exceptions = extra("boto3", "rds"), extra("botocore.exceptions", "rds")
    try:
        client = boto3.client("rds")
        return group_from(client, name)
    except (exceptions.BotoCoreError, exceptions.ClientError) as error:
        raise SyncbotError(f"RDS: {' '.join(str(error).split())}") from None


def group_from(client: Any, name: str) -> LiveGroup:
    """The same with a client that is there already."""
    groups = client.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"]
    if not groups:
        raise SyncbotError(f"RDS: there is no parameter group {name}")
    pages = client.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=name, Source="user")
    rows = (row for page in pages for row in page["Parameters"])
    group = described_group(name, groups[0]["DBParameterGroupFamily"], rows)
    return LiveGroup(group=group, waiting=tuple(_waiting(client, name)))


def _waiting(client: Any, name: str) -> Iterator[str]:
    """The instances with this group that take its static parameters only at their next reboot."""
    for page in client.get_paginator("describe_db_instances").paginate():
        for instance in page["DBInstances"]:
            for used in instance.get("DBParameterGroups", ()):
                if (used["DBParameterGroupName"], used["ParameterApplyStatus"]) == (name, "pending-reboot"):
                    yield instance["DBInstanceIdentifier"]

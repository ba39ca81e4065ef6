"""`syncbot postgres`: parameters checked, compared with what runs, moved to another major, read in from files."""

from __future__ import annotations

import click

from syncbot.cli.postgres_check import check
from syncbot.cli.postgres_diff import diff
from syncbot.cli.postgres_import import import_file
from syncbot.cli.postgres_upgrade import upgrade


@click.group()
def postgres() -> None:
    """Postgres parameters: one source for the container and for RDS."""


for command in (check, upgrade, diff, import_file):
    postgres.add_command(command)

"""`syncbot postgres diff`: what a service wants against what runs. Reads only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click

from syncbot.app.postgres_fleet import service_for
from syncbot.app.session import open_session
from syncbot.app.workspace import selected
from syncbot.cli.options import CONFIG, show
from syncbot.cli.postgres_check import FORMAT
from syncbot.errors import SyncbotError
from syncbot.postgres.comparison import LiveServer, Side, Size, compare_group, compare_server, differing, formulas
from syncbot.postgres.formula import FormulaError
from syncbot.postgres.instances import CLASSES
from syncbot.postgres.live.container import read_container
from syncbot.postgres.live.rds import read_group
from syncbot.postgres.live.server import read_server
from syncbot.postgres.service import Service
from syncbot.postgres.units import NumberError, parse_real
from syncbot.report import postgres as report
from syncbot.report.postgres import Comparison


class Memory(click.ParamType[int]):
    """An amount of memory such as `16GB`, in Postgres' units, as bytes."""

    name = "memory"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            amount = int(parse_real(str(value), "B"))
        except NumberError as error:
            self.fail(f"{value!r} {error}", param, ctx)
        if amount <= 0:
            self.fail(f"{value!r} is no amount of memory", param, ctx)
        return amount


@click.command(short_help="Compare a service's parameters with a running server, a container or an RDS group.")
@click.argument("repo", required=False)
@click.option(
    "--dsn", envvar="SYNCBOT_POSTGRES_DSN", help="A running server: postgresql://… (also from the environment)."
)
@click.option("--rds-group", metavar="NAME", help="A parameter group on RDS, with AWS's usual environment.")
@click.option("--container", metavar="NAME", help="A local container, asked by docker exec.")
@click.option("--side", type=click.Choice(["local", "rds"]), help="What --dsn is; told from the server if not given.")
@click.option(
    "--instance-class", type=click.Choice(sorted(CLASSES)), metavar="CLASS", help="For formulas: db.r6g.large."
)
@click.option("--memory", type=Memory(), help="For formulas: DBInstanceClassMemory itself, such as 15GB.")
@click.option("--vcpu", type=click.IntRange(1), help="For formulas: DBInstanceVCPU.")
@CONFIG
@FORMAT
def diff(
    repo: str | None,
    dsn: str | None,
    rds_group: str | None,
    container: str | None,
    side: Side | None,
    instance_class: str | None,
    memory: int | None,
    vcpu: int | None,
    config: Path,
    output: str,
) -> None:
    """Compare what a service wants with what runs: equal, differs, pending reboot, only here.

    Several targets may be given at once. Exits with 3 if anything differs.
    """
    if not (dsn or rds_group or container):
        raise click.UsageError("name at least one of --dsn, --rds-group and --container")
    name, service = _service(config, repo)
    size = _size(instance_class, memory, vcpu)
    comparisons = []
    try:
        for target, kind, server in _servers(dsn, container):
            chosen = side if side and kind == "server" else "rds" if server.is_rds else "local"
            _need_size(service, chosen, size)
            rows = compare_server(service, server, chosen, size)
            comparisons.append(Comparison(target=f"{target}, Postgres {server.version}", kind=kind, rows=rows))
        if rds_group:
            rows = compare_group(service, read_group(rds_group), size)
            comparisons.append(Comparison(target=f"parameter group {rds_group}", kind="rds-group", rows=rows))
    except FormulaError as error:
        raise SyncbotError(f"formula: {error}") from None
    show(
        output,
        json=lambda: report.parity_json(name, comparisons),
        markdown=lambda: report.parity_markdown(name, comparisons),
        text=lambda: report.parity_text(name, comparisons),
    )
    if any(differing(each.rows) for each in comparisons):
        sys.exit(3)


def _service(config: Path, name: str | None) -> tuple[str, Service]:
    """The repo named, or the only one with Postgres. Raises SyncbotError and RenderError."""
    session = open_session(config)
    workspace = session.workspace
    repos = selected(workspace.fleet, (name,) if name else ())
    found = [(repo.name, service) for repo in repos if (service := service_for(workspace, repo, session.today))]
    if len(found) != 1:
        raise SyncbotError(
            f"{name} has no Postgres" if name else f"name one repo: {len(found)} in the fleet have Postgres"
        )
    return found[0]


def _servers(
    dsn: str | None, container: str | None
) -> Iterator[tuple[str, Literal["server", "container"], LiveServer]]:
    if dsn:
        yield "the server", "server", read_server(dsn)
    if container:
        yield f"container {container}", "container", read_container(container)


def _size(instance_class: str | None, memory: int | None, vcpu: int | None) -> Size | None:
    known = CLASSES[instance_class] if instance_class else None
    if memory is None and known is None:
        return None
    return Size(
        memory_bytes=memory if memory is not None else known.memory_bytes if known else 0,
        vcpu=vcpu or (known.vcpu if known else 2),
    )


def _need_size(service: Service, side: Side, size: Size | None) -> None:
    if side == "rds" and size is None and formulas(service):
        names = ", ".join(formulas(service))
        raise click.UsageError(f"{names}: a formula; give --instance-class or --memory to know its value")

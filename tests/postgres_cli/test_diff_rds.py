"""`syncbot postgres diff --rds-group` against moto's server, which holds what it is given and checks nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

from syncbot.formats.parameter_group import described_group
from syncbot.postgres.comparison import LiveGroup, State, compare_group
from syncbot.postgres.declared import read_declared
from syncbot.postgres.live.rds import group_from
from syncbot.postgres.service import Service
from tests.cli.harness import PlatformRepo, Result
from tests.postgres_cli.conftest import MAJOR, PARAMETERS

SERVICE = Service(major=MAJOR, rds_major=MAJOR, source=read_declared(PARAMETERS))
NAME = "shop-postgres16"


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of RDS as the environment says; the account starts out empty."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    settings = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_DEFAULT_REGION": "eu-central-1"}
    for name, value in (settings | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}).items():
        monkeypatch.setenv(name, value)
    try:
        yield boto3.client("rds")
    finally:
        server.stop()


@pytest.fixture
def shop(platform: PlatformRepo) -> PlatformRepo:
    answers = {"node_version": "22", "postgres_version": str(MAJOR), "postgres_parameters": PARAMETERS}
    platform.fleet("shop", answers=answers)
    return platform


def create(rds: Any, *, family: str = "postgres16", **changes: str) -> None:
    """The group as it would be rendered, 20 parameters a call, with these changes."""
    rds.create_db_parameter_group(DBParameterGroupName=NAME, DBParameterGroupFamily=family, Description="shop")
    entries = SERVICE.source.rds(MAJOR).parameters
    given = {each.name: (each.value, each.apply_method) for each in entries}
    given |= {name.replace("__", "."): (value, "immediate") for name, value in changes.items()}
    parameters = [
        {"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}
        for name, (value, method) in given.items()
    ]
    for start in range(0, len(parameters), 20):
        rds.modify_db_parameter_group(DBParameterGroupName=NAME, Parameters=parameters[start : start + 20])


def diff(platform: PlatformRepo, *arguments: str) -> Result:
    return platform.run("postgres", "diff", "--rds-group", NAME, "--format", "json", *arguments)


def states(done: Result) -> dict[str, str]:
    return {row["name"]: row["state"] for row in json.loads(done.stdout)["targets"][0]["parameters"]}


def test_equal(rds: Any, shop: PlatformRepo) -> None:
    """A group with what we render is equal, formulas and RDS's own parameters included."""
    create(rds)
    done = diff(shop)
    assert (done.exit_code, done.stderr) == (0, "")
    assert states(done) == dict.fromkeys(
        ("family", "jit", "max_connections", "rds.force_ssl", "shared_buffers", "work_mem"), "equal"
    )


def test_other_spellings_are_equal(rds: Any, shop: PlatformRepo) -> None:
    """`off` for 0, and blanks in a formula, mean the same."""
    create(rds, jit="off", shared_buffers="{DBInstanceClassMemory / 32768}")
    assert diff(shop).exit_code == 0


def test_every_difference_in_its_kind(rds: Any, shop: PlatformRepo) -> None:
    """Another value, another family, one that only the group has, one that it lacks."""
    create(rds, family="postgres15", work_mem="1024", log_statement="ddl")
    done = diff(shop)
    assert done.exit_code == 3
    found = states(done)
    assert (found["work_mem"], found["log_statement"], found["family"]) == ("differs", "only here", "differs")
    assert found["max_connections"] == "equal"
    shown = shop.run("postgres", "diff", "--rds-group", NAME)
    assert shown.exit_code == 3 and "only here" in shown.stdout


def test_a_formulas_value_for_the_class(rds: Any, shop: PlatformRepo) -> None:
    """What the formula comes to on that instance stands beside it."""
    create(rds)
    done = diff(shop, "--instance-class", "db.r6g.large")
    row = next(row for row in json.loads(done.stdout)["targets"][0]["parameters"] if row["name"] == "shared_buffers")
    assert row["remark"] == f"is {16 * 2**30 // 32768} x 8kB"


def test_no_such_group(rds: Any, shop: PlatformRepo) -> None:
    """An error in a sentence, whatever RDS answers."""
    done = diff(shop)
    assert done.exit_code == 2 and done.stderr.startswith("error: RDS: ")


def test_no_rds_there(shop: PlatformRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that answers nothing is an error in a sentence."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    done = diff(shop)
    assert done.exit_code == 2 and done.stderr.startswith("error: RDS: Could not connect")


class Pages:
    """A paginator with one page."""

    def __init__(self, page: dict[str, Any]) -> None:
        self._page = page

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [self._page]


class Rds:
    """RDS as Amazon documents it where moto differs: it lists its own values too, and says who waits for a reboot."""

    def describe_db_parameter_groups(self, DBParameterGroupName: str) -> dict[str, Any]:
        group = {"DBParameterGroupName": DBParameterGroupName, "DBParameterGroupFamily": "postgres16"}
        return {"DBParameterGroups": [group] if DBParameterGroupName == NAME else []}

    def get_paginator(self, operation: str) -> Pages:
        rows = [
            {"ParameterName": each.name, "ParameterValue": each.value, "Source": "user"}
            for each in SERVICE.source.rds(MAJOR).parameters
        ]
        rows += [{"ParameterName": "autovacuum", "ParameterValue": "1", "Source": "engine-default"}]
        rows += [{"ParameterName": "application_name", "Source": "engine-default"}]
        used = {"DBParameterGroupName": NAME, "ParameterApplyStatus": "pending-reboot"}
        instances = [{"DBInstanceIdentifier": "shop-1", "DBParameterGroups": [used]}, {"DBInstanceIdentifier": "x"}]
        return Pages({"describe_db_parameters": {"Parameters": rows}}.get(operation, {"DBInstances": instances}))


def test_pending_reboot() -> None:
    """An instance that has yet to be rebooted does not run with the group's static parameters."""
    group = group_from(Rds(), NAME)
    assert group.waiting == ("shop-1",)
    rows = {row.name: row for row in compare_group(SERVICE, group, None)}
    assert rows["max_connections"].state is State.PENDING and "shop-1" in rows["max_connections"].remark
    assert rows["work_mem"].state is State.EQUAL
    assert "autovacuum" not in rows


def test_the_family_still_attached() -> None:
    """During a move both families are right, each with the values of its own major."""
    source = read_declared({"work_mem": "64MB"})
    moving = Service(major=17, rds_major=16, source=source)
    rows = [{"ParameterName": "work_mem", "ParameterValue": "65536"}]
    for family in ("postgres16", "postgres17"):
        group = LiveGroup(group=described_group("x", family, rows))
        assert {row.state for row in compare_group(moving, group, None)} == {State.EQUAL}
    other = LiveGroup(group=described_group("x", "postgres14", rows))
    assert [row.name for row in compare_group(moving, other, None) if row.state is State.DIFFERS] == ["family"]

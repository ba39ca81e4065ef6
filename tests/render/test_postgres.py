"""One list of parameters, two renderings: equal value for value, by a table and by a real server where there is one."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from syncbot.render import Templates
from syncbot.render.environment import make_environment
from tests.render.conftest import ROOT
from tests.render.test_service_files import ANSWERS

# name, value as people write it, postgresql.conf's value, RDS's value
TABLE = (
    ("work_mem", "64MB", "64MB", "65536"),
    ("work_mem", 4096, "4096", "4096"),
    ("shared_buffers", "1.5GB", "'1.5GB'", "196608"),
    ("shared_buffers", "256 MB", "'256 MB'", "32768"),
    ("max_wal_size", "2GB", "2GB", "2048"),
    ("track_activity_query_size", "16kB", "16kB", "16384"),
    ("max_connections", 200, "200", "200"),
    ("max_connections", 200.0, "200.0", "200"),
    ("autovacuum_work_mem", -1, "-1", "-1"),
    ("checkpoint_timeout", "5min", "5min", "300"),
    ("statement_timeout", "1h", "1h", "3600000"),
    ("autovacuum_naptime", "30s", "30s", "30"),
    ("vacuum_cost_delay", "1.5ms", "'1.5ms'", "1.5"),
    ("random_page_cost", 1.1, "1.1", "1.1"),
    ("checkpoint_completion_target", "0.9", "0.9", "0.9"),
    ("jit", True, "on", "1"),
    ("jit", "no", "off", "0"),
    ("track_io_timing", 1, "on", "1"),
    ("synchronous_commit", False, "'off'", "off"),
    ("default_transaction_isolation", "read committed", "'read committed'", "read committed"),
    ("shared_preload_libraries", "it's", "'it''s'", "it's"),
    ("shared_preload_libraries", "a\\b", "'a\\\\b'", "a\\b"),
    ("shared_preload_libraries", "${a}%{b}", "'${a}%{b}'", "$${a}%%{b}"),
)
SHARE_A_MOST = ("autovacuum_max_workers", "max_connections", "max_wal_senders", "max_worker_processes")
CATALOGUE: dict[str, list] = (
    make_environment(ROOT).get_template("templates/service/includes/postgres.jinja").module.parameters
)  # type: ignore[attr-defined]


def rendered(templates: Templates, parameters: dict[str, object]) -> tuple[str, dict[str, dict[str, str]]]:
    """postgresql.conf's text and the parameter group's entries by name."""
    files = templates.render_owned("service", {**ANSWERS, "postgres_parameters": parameters})
    group = json.loads(files["postgres/rds-parameter-group.tf.json"].content)
    (resource,) = group["resource"]["aws_db_parameter_group"].values()
    return files["postgres/postgresql.conf"].content.decode(), {row["name"]: row for row in resource["parameter"]}


@cache
def server() -> str | None:
    """A Postgres server program, if this machine has one."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return shutil.which("postgres") or (str(installed[-1]) if installed else None)


def real_value(folder: Path, name: str, conf: str) -> str:
    """What a real server makes of `conf`, in the parameter's base unit (`postgres -C`); starts nothing."""
    (folder / "postgresql.conf").write_text(conf)
    done = subprocess.run([str(server()), "-C", name, "-D", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def as_rds(name: str, value: str) -> str:
    return {"on": "1", "off": "0"}[value] if CATALOGUE[name][0] == "bool" else value


@pytest.mark.parametrize(("name", "value", "conf", "rds"), TABLE)
def test_both_renderings_say_the_same(
    templates: Templates, tmp_path: Path, name: str, value: object, conf: str, rds: str
) -> None:
    """The human value stays in postgresql.conf, the base-unit value is in the group, and a real server agrees."""
    text, group = rendered(templates, {name: value})
    assert f"\n{name} = {conf}\n" in text
    assert "\nlisten_addresses = '*'\n" in text
    assert group[name]["value"] == rds
    if server():
        plain = rds.replace("$${", "${").replace("%%{", "%{")  # Terraform's own escapes
        assert as_rds(name, real_value(tmp_path, name, text)) == plain


def test_limits_of_every_parameter(templates: Templates, tmp_path: Path) -> None:
    """At its least and its most, each parameter renders to the same value twice; a real server reads that value."""
    for bound in (3, 4):
        parameters = {name: row[bound] for name, row in CATALOGUE.items() if row[bound] is not None}
        parameters |= {name: row[5][bound - 4] for name, row in CATALOGUE.items() if row[5]}
        parameters |= {name: bound == 3 for name, row in CATALOGUE.items() if row[0] == "bool"}
        parameters |= {name: 1000 for name in SHARE_A_MOST if bound == 4}
        _, group = rendered(templates, dict(parameters))
        assert group.keys() == parameters.keys()
        for name, value in parameters.items() if server() else ():
            text, _ = rendered(templates, {name: value})
            assert as_rds(name, real_value(tmp_path, name, text)) == group[name]["value"], name


def test_static_parameters_wait_for_a_reboot(templates: Templates) -> None:
    """RDS refuses `immediate` for a parameter that only a restart changes (context postmaster)."""
    _, group = rendered(templates, {"shared_buffers": "1GB", "work_mem": "4MB"})
    assert group["shared_buffers"]["apply_method"] == "pending-reboot"
    assert group["work_mem"]["apply_method"] == "immediate"


def test_the_catalogue_is_the_servers_own() -> None:
    """Names, types and contexts are those of a real server; without one, the catalogue's own shape is checked."""
    for name, (kind, unit, context, least, _, labels) in CATALOGUE.items():
        assert kind in {"bool", "integer", "real", "enum", "string"}, name
        assert context in {"postmaster", "sighup", "superuser", "user", "superuser-backend"}, name
        assert not unit or kind in {"integer", "real"}, name
        assert bool(labels) == (kind == "enum"), name
        assert (least is None) or kind in {"integer", "real"}, name
    if server():
        done = subprocess.run([str(server()), "--describe-config"], capture_output=True, text=True, check=True)
        described = {row[0]: row for row in (line.split("\t") for line in done.stdout.splitlines())}
        for name, row in CATALOGUE.items():
            assert described[name][3].lower().replace("boolean", "bool") == row[0], name
            if name != "autovacuum_max_workers":  # needs no restart from Postgres 18 on
                assert described[name][1] == row[2], name

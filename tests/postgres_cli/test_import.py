"""`syncbot postgres import`: what people wrote by hand, as an entry for config/repos.yaml, and nothing dropped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syncbot.formats.parameter_group import read_groups
from syncbot.formats.postgres_conf import Setting, quoted, read_conf
from syncbot.postgres.catalogue import load
from syncbot.postgres.declared import read_declared
from syncbot.postgres.importer import import_conf, import_group, readable
from syncbot.postgres.renames import current
from syncbot.report.postgres_import import entry_yaml, scalar
from tests.cli.harness import Result, run_main

CONF = """\
# Tuned by hand in 2019.
work_mem = 64MB
work_mem = 32MB            # set again
log_statement ddl
listen_addresses = '*'
logging_collector = on
include 'more.conf'
vacuum_defer_cleanup_age = 4
jit = of
shared_buffers = '1.5GB'
application_name = 'it''s: {x} # "y"'
autovaccum = on
shared_preload_libraries = 'pg_cron'
"""
TERRAFORM = """\
# The group of the shop.
resource "aws_db_instance" "shop" { engine = "postgres" }
resource "aws_db_parameter_group" "shop" {
  name   = "shop-${var.environment}"
  family = "postgres16"

  parameter {
    name  = "work_mem"
    value = "65536" # 64MB
  }
  parameter {
    name         = "max_connections"
    value        = 200
    apply_method = "pending-reboot"
  }
  parameter {
    name  = "shared_buffers"
    value = "{DBInstanceClassMemory/32768}"
  }
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  parameter {
    name  = "log_statement"
    value = var.log_statement
  }
  parameter {
    name  = "jit"
    value = "0"
  }
  parameter {
    name  = "no_such_thing"
    value = "1"
  }
  dynamic "parameter" {
    for_each = var.more
    content {
      name  = parameter.key
      value = parameter.value
    }
  }
  lifecycle { create_before_destroy = true }
}
"""


def imported(path: Path, *arguments: str) -> Result:
    return run_main("postgres", "import", str(path), *arguments, environment={})


def entry(done: Result) -> dict[str, object]:
    """The entry as our config reads it."""
    assert (done.exit_code, done.stderr) == (0, "")
    parameters = yaml.safe_load(done.stdout)["postgres_parameters"]
    assert isinstance(parameters, dict)
    return parameters


def test_a_configuration_file(tmp_path: Path) -> None:
    """Values as they were written; what the container or RDS decides, and what no server takes, as comments."""
    file = tmp_path / "postgresql.conf"
    file.write_text(CONF)
    done = imported(file, "--postgres-version", "16")
    assert entry(done) == {
        "work_mem": "32MB",
        "log_statement": "ddl",
        "logging_collector": {"local": True, "reason": "RDS lets nobody change it"},
        "jit": "of",
        "shared_buffers": "1.5GB",
        "application_name": 'it\'s: {x} # "y"',
        "shared_preload_libraries": "pg_cron",
    }
    comments = [line for line in done.stdout.splitlines() if line.startswith("#")]
    for line, reason in (
        ("# line 2: work_mem = 64MB", "line 3 sets it again"),
        ("# line 5: listen_addresses = *", "where a server lies"),
        ("# line 7: include 'more.conf'", "another file"),
        ("# line 8: vacuum_defer_cleanup_age = 4", "removed in Postgres 16"),
        ("# line 12: autovaccum = on", "did you mean autovacuum?"),
    ):
        assert reason in comments[comments.index(line) + 1]
    assert len(comments) == 1 + 2 * 5


def test_the_major_is_told_from_the_file(tmp_path: Path) -> None:
    """The newest one that refuses the fewest of the settings."""
    file = tmp_path / "old.conf"
    file.write_text("vacuum_defer_cleanup_age = 4\nrecovery_prefetch = on\n")
    done = imported(file)
    assert "read as Postgres 15." in done.stdout
    assert entry(done).keys() == {"vacuum_defer_cleanup_age", "recovery_prefetch"}


def expected_of_group() -> dict[str, object]:
    return {
        "work_mem": "64MB",
        "max_connections": 200,
        "shared_buffers": {
            "local": "128MB",
            "rds": "{DBInstanceClassMemory/32768}",
            "reason": "sized by the instance class; a laptop has its own size",
        },
        "rds.force_ssl": {"rds": 1},
        "jit": False,
    }


def test_terraform(tmp_path: Path) -> None:
    """Base units become human ones; a formula gets a local value beside it; what needs Terraform is a comment."""
    file = tmp_path / "shop.tf"
    file.write_text(TERRAFORM)
    done = imported(file)
    assert entry(done) == expected_of_group()
    for told in ("var.log_statement", "parameter.key", "no_such_thing = 1", "local is Postgres' default, 128MB"):
        assert any(told in line for line in done.stdout.splitlines() if line.startswith("#"))


@pytest.mark.parametrize("shape", ["object", "list"])
def test_terraform_json(tmp_path: Path, shape: str) -> None:
    """Terraform's JSON, with a parameter as an object or in a list, and its escapes undone."""
    rows = [
        {"name": "work_mem", "value": "65536"},
        {"name": "log_line_prefix", "value": "$${x}"},
        {"name": "search_path", "value": "$${x}"},
    ]
    group = {"family": "postgres16", "parameter": rows if shape == "list" else rows[0]}
    file = tmp_path / "group.tf.json"
    file.write_text(json.dumps({"resource": {"aws_db_parameter_group": {"x": [group] if shape == "list" else group}}}))
    done = imported(file)
    assert entry(done) == {"work_mem": "64MB"} | ({"search_path": "${x}"} if shape == "list" else {})
    assert ("log_line_prefix = ${x}" in done.stdout) == (shape == "list")


def test_several_groups_in_one_file(tmp_path: Path) -> None:
    """One entry each, under the group's name."""
    body = 'resource "aws_db_parameter_group" "%s" {\n  family = "postgres1%d"\n}\n'
    file = tmp_path / "groups.tf"
    file.write_text(body % ("one", 5) + body % ("two", 6))
    done = imported(file)
    assert "# From groups.tf (one), read as Postgres 15.\npostgres_parameters: {}\n" in done.stdout
    assert "# From groups.tf (two), read as Postgres 16.\npostgres_parameters: {}\n" in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.tf", b"resource {{{", "x.tf:1:1: "),
        ("x.tf", b'variable "a" {}\n', "holds no aws_db_parameter_group"),
        ("x.tf.json", b"{", "not valid JSON"),
        ("x.tf.json", b"[" * 100_000, "not valid JSON"),
        ("x.conf", b"work_mem = \xff", "not UTF-8"),
        ("x.tf", b"\xff", "cannot be read"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """Exit 2 with the place."""
    (tmp_path / name).write_bytes(content)
    done = imported(tmp_path / name)
    assert done.exit_code == 2
    assert said in done.stderr


NAMES = st.sampled_from(
    (
        *("work_mem", "WORK_MEM", "sort_mem", "jit", "fsync", "port", "nope", "search_path", "a.b"),
        *("log_min_messages", "shared_buffers", "vacuum_defer_cleanup_age", "shared_preload_libraries"),
        *("rds.force_ssl", "cluster_name"),
    )
)
SETTING = st.tuples(NAMES, st.sampled_from(["64MB", "on", "-1", "warning"]) | st.text(max_size=8)).map(
    lambda pair: f"{pair[0]} = {quoted(pair[1])}"
)


@given(st.lists(SETTING | st.text(max_size=20), max_size=12))
@settings(derandomize=True, deadline=None, max_examples=300)
@example(["work_mem = 1MB", "sort_mem = 2MB"])
@example(["cluster_name = '\x7f\u2028'"])
@example(["x\x00y"])
def test_no_line_is_dropped(lines: list[str]) -> None:
    """Every setting of the input is in the entry with its value, or its line is in a comment."""
    text = "\n".join(lines)
    found = import_conf(text.encode())
    printed = entry_yaml("x.conf", found)
    parameters = yaml.safe_load(printed)["postgres_parameters"]
    source = {wanted.name: wanted.local for wanted in read_declared(parameters).parameters}
    comments = [line for line in printed.splitlines() if line.startswith("# line ")]
    for setting in read_conf(text.encode()):
        if not isinstance(setting, Setting):
            assert any(line.startswith(f"# line {setting.line}: ") for line in comments)
            continue
        known = current(found.major, setting.name)
        told = any(line.startswith(f"# line {setting.line}: ") for line in comments)
        assert told or source[known or ""] == setting.value, setting


GROUP_VALUES = st.sampled_from(["1", "0", "65536", "{DBInstanceClassMemory/32768}", "off", "pg_cron", "{x"])
ROW = st.fixed_dictionaries({"name": NAMES, "value": GROUP_VALUES | st.text(max_size=6) | st.integers() | st.none()})


@given(st.lists(ROW | st.integers() | st.text(max_size=4), max_size=8))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_no_parameter_of_a_group_is_dropped(rows: list[object]) -> None:
    """Every row is in the entry, by name, or in a comment."""
    document = {"resource": {"aws_db_parameter_group": {"x": {"family": "postgres16", "parameter": rows}}}}
    (group,) = read_groups(document)
    assert len(group.parameters) + len(group.diagnostics) == len(rows)
    found = import_group(group)
    told = len([remark for remark in found.remarks if "Postgres' default" not in remark.message])
    assert len(found.entries) + told == len(rows)
    parameters = yaml.safe_load(entry_yaml("x.tf", found))["postgres_parameters"]
    source = read_declared(parameters)
    assert [wanted.name for wanted in source.parameters] == [wanted.name for wanted in found.entries]


@given(st.text(max_size=12))
@settings(derandomize=True, deadline=None, max_examples=500)
@example("on")
@example("no")
@example("1e3")
@example("0x10")
@example("12:30:45")
@example("~")
@example("\x85\u2028\ufeff\U0001f600\x7f")
def test_yaml_gives_every_text_back(text: str) -> None:
    """As the text that Postgres is given: `on` may come back as a boolean, which reads as `on` again."""
    parameters = yaml.safe_load(f"application_name: {scalar(text)}\n")
    (wanted,) = read_declared(parameters).parameters or (None,)
    if "{" in text and wanted is None:
        return  # a formula for both sides, which is refused as such
    assert wanted and wanted.local == text


@pytest.mark.parametrize("major", [13, 16, 18])
def test_readable_values_mean_the_same(major: int) -> None:
    """For every default in the catalogue, the human spelling is the same number of base units."""
    for parameter in load(major).parameters.values():
        if parameter.type == "integer" and parameter.default and parameter.context != "internal":
            text = readable(parameter, parameter.default)
            group = {"family": f"postgres{major}", "parameter": {"name": parameter.name, "value": parameter.default}}
            (read,) = read_groups({"resource": {"aws_db_parameter_group": {"x": group}}})
            for wanted in import_group(read).entries:
                assert wanted.local is None or wanted.local == text

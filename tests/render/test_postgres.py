"""One list of parameters, two renderings: equal value for value, by a table and by real servers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest

from scripts.postgres_servers import MAJORS, ask
from syncbot.errors import RenderError
from syncbot.formats.parameter_group import read_groups
from syncbot.formats.postgres_conf import read_settings
from syncbot.postgres.rds import parameter_group
from syncbot.render import Templates
from syncbot.render.environment import make_environment
from syncbot.render.sources import read_sources
from tests.render.conftest import ROOT
from tests.render.test_service_files import ANSWERS
from tests.sweeps import FULL

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
    ("search_path", "${a}%{b}", "'${a}%{b}'", "${a}%{b}"),
    ("pg_stat_statements.max", 2000, "2000", "2000"),
)
FORMATS = ("terraform", "cloudformation", "aws-cli")
CATALOGUE: dict[str, dict[str, list]] = (
    make_environment(read_sources(ROOT))
    .get_template("templates/service/includes/postgres_catalogue.jinja")
    .module.catalogue
)  # type: ignore[attr-defined]
BOUNDS = 400 if FULL else 25
VARIANTS = {
    "work_mem": "64MB",
    "shared_buffers": {"local": "32MB", "rds": "{DBInstanceClassMemory/32768}", "reason": "a laptop has no 64 GB # ok"},
    "logging_collector": {"local": True, "reason": "RDS keeps its own logs"},
    "rds.force_ssl": {"rds": "on"},
    "pgaudit.log": {"rds": "ddl", "reason": "the image lacks it"},
}


def rendered(templates: Templates, parameters: dict[str, object], **answers: str) -> tuple[str, dict[int, dict]]:
    """postgresql.conf's text, and the entries of each parameter group by its major."""
    files = templates.render_owned("service", {**ANSWERS, "postgres_parameters": parameters, **answers})
    groups = [
        group
        for path, file in files.items()
        if path.startswith("postgres/rds-")
        for group in read_groups(json.loads(file.content))
    ]
    return files["postgres/postgresql.conf"].content.decode(), {group.major or 0: group.values for group in groups}


@pytest.mark.parametrize(("name", "value", "conf", "rds"), TABLE)
def test_both_renderings_say_the_same(templates: Templates, name: str, value: object, conf: str, rds: str) -> None:
    """The human value stays in postgresql.conf, the base-unit value is in the group, in every format."""
    for group_format in FORMATS:
        text, groups = rendered(templates, {name: value}, postgres_version="16", rds_format=group_format)
        assert f"\n{name} = {conf}\n" in text
        assert "\nlisten_addresses = '*'\n" in text
        assert groups == {16: {name: rds}}


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("major", MAJORS)
def test_limits_of_every_parameter(templates: Templates, major: int) -> None:
    """At its least and its most, each parameter renders to the value that a real server makes of the file's."""
    cases = list(boundaries(str(major)))
    for name, value in random.Random(major).sample(cases, min(BOUNDS, len(cases))):
        text, groups = rendered(templates, {name: value}, postgres_version=str(major))
        (written,) = [entry.value for entry in read_settings(text.encode()) if entry.name == name]
        meant = ask(major, name, written)
        if meant.value is None and "vailable values" in meant.said:
            continue  # built without lz4, zstd or io_uring
        (given,) = groups[major].values()
        kind = CATALOGUE[str(major)][name][0]
        shown = {"on": "1", "off": "0"}[meant.value or ""] if kind == "bool" else meant.value
        assert shown == given or (kind == "real" and float(shown or 0) == pytest.approx(float(given))), (name, meant)


def boundaries(major: str) -> Iterator[tuple[str, object]]:
    """Bounds, labels and both booleans of what RDS lets people set, where no check of the server goes further."""
    for name, (kind, _, _, least, most, labels, fixed) in CATALOGUE[major].items():
        hooked = name.endswith("_buffers") or name in (
            "vacuum_buffer_usage_limit",
            "io_max_concurrency",
            "autovacuum_work_mem",
        )
        if fixed or hooked or name in ("bonjour", "ssl") or name.startswith("debug_") or "." in name:
            continue
        if kind == "bool":
            yield from ((name, value) for value in (True, "off"))
        yield from ((name, label) for label in labels)
        if kind in ("integer", "real"):
            yield from ((name, bound) for bound in (least, most) if bound is not None)


def test_static_parameters_wait_for_a_reboot(templates: Templates) -> None:
    """RDS refuses `immediate` for a parameter that only a restart changes (context postmaster)."""
    parameters = {"shared_buffers": "1GB", "work_mem": "4MB", "autovacuum_max_workers": 4}
    for major, method in (("17", "pending-reboot"), ("18", "immediate")):
        files = templates.render_owned(
            "service", {**ANSWERS, "postgres_version": major, "postgres_parameters": parameters}
        )
        group = json.loads(files["postgres/rds-parameter-group.tf.json"].content)
        (resource,) = group["resource"]["aws_db_parameter_group"].values()
        methods = {row["name"]: row["apply_method"] for row in resource["parameter"]}
        assert methods == {
            "shared_buffers": "pending-reboot",
            "work_mem": "immediate",
            "autovacuum_max_workers": method,
        }


@pytest.mark.parametrize("group_format", FORMATS)
def test_intended_differences(templates: Templates, group_format: str) -> None:
    """Each side gets its own value, or none; the reason stands beside it where a developer looks."""
    text, groups = rendered(templates, dict(VARIANTS), postgres_version="16", rds_format=group_format)
    assert groups == {
        16: {
            "pgaudit.log": "ddl",
            "rds.force_ssl": "1",
            "shared_buffers": "{DBInstanceClassMemory/32768}",
            "work_mem": "65536",
        }
    }
    assert {entry.name: entry.value for entry in read_settings(text.encode())} == {
        "listen_addresses": "*",
        "logging_collector": "on",
        "shared_buffers": "32MB",
        "work_mem": "64MB",
    }
    assert "# On RDS {DBInstanceClassMemory/32768}: a laptop has no 64 GB # ok\nshared_buffers = 32MB\n" in text


@pytest.mark.parametrize("group_format", FORMATS)
def test_during_a_move_both_families(templates: Templates, group_format: str) -> None:
    """One group a family, the old one in a file of its own; Terraform's two have different addresses."""
    moving = {"postgres_version": "17", "rds_postgres_version": "16", "rds_format": group_format}
    _, groups = rendered(templates, {"work_mem": "64MB"}, **moving)
    assert groups == {16: {"work_mem": "65536"}, 17: {"work_mem": "65536"}}
    files = templates.render_owned("service", {**ANSWERS, **moving})
    paths = sorted(path for path in files if path.startswith("postgres/rds-"))
    suffix = {"terraform": "tf", "cloudformation": "cfn", "aws-cli": "cli"}[group_format]
    assert paths == [f"postgres/rds-parameter-group-old.{suffix}.json", f"postgres/rds-parameter-group.{suffix}.json"]
    for path in paths:
        assert f"/{path} " in files[".github/CODEOWNERS"].content.decode()


def test_no_more_in_a_call_than_rds_takes(templates: Templates) -> None:
    """45 parameters are three calls of at most 20, and none is left out."""
    names = [
        name
        for name, row in CATALOGUE["16"].items()
        if row[0] == "bool" and not row[6] and not name.startswith("debug_") and "." not in name
    ][:45]
    answers = {"postgres_version": "16", "rds_format": "aws-cli", "postgres_parameters": dict.fromkeys(names, True)}
    files = templates.render_owned("service", {**ANSWERS, **answers})
    document = json.loads(files["postgres/rds-parameter-group.cli.json"].content)
    sizes = [len(call["Parameters"]) for call in document["modify"]]
    assert len(names) == 45
    assert sizes == [20, 20, 5]
    assert {call["DBParameterGroupName"] for call in document["modify"]} == {document["create"]["DBParameterGroupName"]}


def test_no_parameters_at_all(templates: Templates) -> None:
    """Every format is a document with an empty group."""
    for group_format in FORMATS:
        text, groups = rendered(templates, {}, postgres_version="16", rds_format=group_format)
        assert groups == {16: {}}
        assert text.endswith("listen_addresses = '*'\n")


@pytest.mark.parametrize("name", ["work_mem", "shared_buffers", "jit", "random_page_cost", "log_statement"])
def test_the_template_and_the_catalogue_agree(templates: Templates, name: str) -> None:
    """What the template renders for RDS is what `syncbot.postgres` computes."""
    for value in ("1MB", "128MB", "on", "0", "0.5", "1000", "ddl", "8kB"):
        ours = parameter_group(16, {name: value})
        try:
            _, groups = rendered(templates, {name: value}, postgres_version="16")
        except RenderError:
            continue
        assert groups[16] == {entry.name: entry.value for entry in ours.parameters}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"work_mem": {"local": "1MB"}}, "say why with reason"),
        ({"work_mem": {"reason": "x"}}, "expected local, rds, or both"),
        ({"work_mem": {"local": "1MB", "rds": "2MB", "reason": "a\nb"}}, "a reason on one line"),
        ({"work_mem": {"local": "1MB", "cloud": "2MB", "reason": "a"}}, "takes local, rds and reason"),
        ({"work_mem": {"local": "{DBInstanceClassMemory/32768}", "reason": "a"}}, "is not a number"),
        ({"work_mem": {"rds": "{DBInstanceClassMemory/32768}", "reason": "a"}}, "needs a local value beside it"),
        ({"work_mem": {"local": 64, "rds": '{"; DROP', "reason": "a"}}, "is not a formula"),
        ({"rds.force_ssl": 1}, "only RDS has it, write {rds: 1}"),
        ({"rds.force_ssl": {"local": 1}}, "takes no local value"),
        ({"rds.forse_ssl": {"rds": 1}}, "unknown parameter"),
        ({"fsync": "off"}, "RDS lets nobody change it"),
        ({"io_method": "worker"}, "unknown parameter"),
    ],
)
def test_what_the_template_refuses(templates: Templates, parameters: dict[str, object], said: str) -> None:
    """By itself, so that a scaffold without syncbot is safe too."""
    with pytest.raises(RenderError, match=said):
        rendered(templates, parameters, postgres_version="16")


def test_an_old_family_is_asked_too(templates: Templates) -> None:
    """What the group that still is attached does not know is refused."""
    with pytest.raises(RenderError, match="io_combine_limit"):
        rendered(templates, {"io_combine_limit": 16}, postgres_version="17", rds_postgres_version="16")
    with pytest.raises(RenderError, match="expected none"):
        templates.render_owned("service", {**ANSWERS, "postgres_version": "none", "rds_postgres_version": "16"})

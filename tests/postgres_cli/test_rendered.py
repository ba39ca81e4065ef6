"""Every combination of majors, families and formats starts its real server, which shows what was rendered."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from scripts.postgres_servers import MAJORS, programs
from syncbot.app.postgres_start import Servers
from syncbot.formats.parameter_group import read_groups
from syncbot.formats.postgres_conf import settings
from syncbot.postgres.comparison import LiveServer
from syncbot.render import Templates, load_templates
from tests.cli.harness import PROJECT
from tests.render.test_service_files import ANSWERS

FORMATS = ("terraform", "cloudformation", "aws-cli")
SHARED = {
    "work_mem": "64MB",
    "max_connections": 120,
    "jit": False,
    "autovacuum": "yes",
    "random_page_cost": 1.1,
    "checkpoint_timeout": "7min",
    "statement_timeout": "30s",
    "wal_keep_size": "1GB",
    "vacuum_cost_delay": "1.5ms",
    "synchronous_commit": False,
    "default_transaction_isolation": "repeatable read",
    "search_path": '"$user", app\'s, public',
    "shared_preload_libraries": "pg_stat_statements,auto_explain",
    "pg_stat_statements.max": 2000,
    "auto_explain.log_min_duration": "250ms",
}
APART = {
    "shared_buffers": {"local": "24MB", "rds": "{DBInstanceClassMemory/32768}", "reason": "a laptop has no 64 GB"},
    "effective_cache_size": {"local": "1GB", "rds": "4GB", "reason": "a laptop does other things too"},
    "logging_collector": {"local": True, "reason": "RDS keeps its own logs"},
    "rds.force_ssl": {"rds": 1},
}
LOCAL = {"shared_buffers": "3072", "effective_cache_size": "131072", "logging_collector": "on"}
Start = Callable[[int, str], LiveServer]


@pytest.fixture(scope="module")
def templates() -> Templates:
    return load_templates(PROJECT)


@pytest.fixture(scope="module")
def start(servers: None) -> Iterator[Start]:
    """What a server of that major shows with this file; each distinct file is started once."""
    with ExitStack() as stack:
        started = Servers({major: programs(major) for major in MAJORS}, stack)

        def shown(major: int, conf: str) -> LiveServer:
            answer = started.started_with(major, conf)
            assert isinstance(answer, LiveServer), answer
            return answer

        yield shown


def shown_as_rds(server: LiveServer, name: str) -> str:
    """A server's value as RDS spells it: `on` is 1 for what has no other values."""
    found = next(each for each in server.settings.values() if each.name.lower() == name)
    is_bool = name in ("jit", "autovacuum", "logging_collector")
    return {"on": "1", "off": "0"}[found.value] if is_bool else found.value


@pytest.mark.parametrize("major", MAJORS)
def test_started_and_read_back(templates: Templates, start: Start, major: int) -> None:
    """With every family beside it and in every format: the file's values hold, and are the groups', value for value."""
    for rds_major, group_format in itertools.product(MAJORS, FORMATS):
        answers = {"postgres_version": str(major), "rds_postgres_version": str(rds_major), "rds_format": group_format}
        files = templates.render_owned("service", {**ANSWERS, **answers, "postgres_parameters": SHARED | APART})
        server = start(major, files["postgres/postgresql.conf"].content.decode())
        assert server.major == major
        assert {name: server.settings[name].value for name in LOCAL} == LOCAL
        documents = [json.loads(file.content) for path, file in files.items() if path.startswith("postgres/rds-")]
        groups = {group.major: group.values for each in documents for group in read_groups(each)}
        assert groups.keys() == {major, rds_major}
        for family, parameters in groups.items():
            assert parameters.keys() == (SHARED | APART).keys() - {"logging_collector"}
            assert family
            plain = {name: value for name, value in parameters.items() if name in SHARED}
            cloud = start(family, settings(plain.items()))
            for name, value in plain.items():
                assert shown_as_rds(server, name) == value == shown_as_rds(cloud, name), (family, name)

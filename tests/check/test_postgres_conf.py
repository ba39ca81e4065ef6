"""What `syncbot check` says of single lines of postgresql.conf: a line that a server reads is no mistake."""

from __future__ import annotations

import json

import pytest

from syncbot.check.postgres_conf import check_agreement, check_settings
from syncbot.check.terraform import check_json
from syncbot.check.types import Rendering
from syncbot.formats.parameter_group import KIND
from syncbot.model.files import File


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        (r"log_line_prefix = '\t%m'", []),
        (r"cluster_name = 'it\'s'", []),
        ("seq_page_cost = .5", []),
        ("work_mem = 0x10MB", []),
        ("work_mem = 0xff", []),
        ("work_mem = +64MB", []),
        ("jit on\r", []),
        ("é.x = é", []),
        ("include 'a.conf'", []),
        ("log_filename = pg.log", ["settings-syntax"]),
        ("_a$b = 1", ["settings-syntax"]),
        ("jit = on\x0b", ["settings-syntax"]),
        ("shared_buffers = 1.5GB", ["settings-syntax"]),
        ("work_mem = 64mb", ["settings-unit"]),
        ("JIT = on\njit = off", ["settings-twice"]),
    ],
)
def test_lines(line: str, codes: list[str]) -> None:
    """Each as the server's reader has it, with the line it is on."""
    found = list(check_settings("postgresql.conf", f"# owned\n{line}\n".encode()))
    assert [finding.code for finding in found] == codes
    assert {finding.line for finding in found} <= {2, 3}


def test_an_include_is_not_compared() -> None:
    """It is no parameter that a parameter group could lack."""
    files = {
        "postgres/postgresql.conf": File(content=b"listen_addresses = '*'\ninclude 'a.conf'\n"),
        "group.tf.json": File(content=b'{"resource": {"aws_db_parameter_group": {"x": {"family": "postgres16"}}}}'),
    }
    assert list(check_agreement(Rendering(repo="acme/one", files=files, owned=(), owners=""))) == []


def test_terraforms_blocks_in_lists() -> None:
    """Terraform takes a list wherever it takes a block; what is in it is looked at all the same."""
    group = {"family": "mysql8", "parameter": {"name": "work_mem", "value": "1"}}
    for resource in ({KIND: {"x": group}}, {KIND: {"x": [group]}}, [{KIND: [{"x": group}]}]):
        found = list(check_json("group.tf.json", json.dumps({"resource": resource}).encode()))
        assert [finding.message for finding in found] == ["'mysql8' is no family such as postgres16"]

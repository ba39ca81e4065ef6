"""The codes of findings: each has its row, and docs/check.md says what the row says."""

from __future__ import annotations

import re
from pathlib import Path

from syncbot.check.codes import CODES, Code
from syncbot.check.postgres_conf import check_agreement, check_settings
from syncbot.check.terraform import check_json
from syncbot.check.types import Rendering
from syncbot.model.files import File

ROOT = Path(__file__).parents[2]
CONF = b"work_mem = 64mb\nwork_mem = 1GB\n= 3\n"
GROUP = b'{"output": {}, "resouce": {}, "resource": {"aws_db_parameter_group": {"x": {}}}}'


def test_every_code_has_a_row() -> None:
    """The table is total."""
    assert CODES.keys() == set(Code)


def test_the_page_has_the_rows() -> None:
    """docs/check.md, row by row and in the same order."""
    page = (ROOT / "docs" / "check.md").read_text()
    rows = [f"| `{code}` | {', '.join(text.severities)} | {text.meaning} |" for code, text in CODES.items()]
    assert re.findall(rf"^\| `(?:{'|'.join(Code)})` \|.*$", page, re.MULTILINE) == rows


def test_what_is_found_has_a_code_with_that_severity() -> None:
    """One file for each of them but `postgres`, which another package finds."""
    path = "postgres/postgresql.conf"
    files = {path: File(content=CONF), "group.json": File(content=GROUP)}
    found = [
        *check_settings(path, CONF),
        *check_agreement(Rendering(repo="acme/one", files=files, owned=(), owners="")),
        *check_json("group.tf.json", GROUP),
        *check_json("a.json", b"{"),
    ]
    assert {each.code for each in found} == set(Code) - {Code.POSTGRES}
    assert all(each.severity in CODES[Code(each.code)].severities for each in found)

"""CONTRIBUTING says where a thing is added: each place that it names is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.planting import ROOT

HEADING = "| What you want to add | File:symbol |"
PLACE = re.compile(r"`([\w./-]+\.(?:py|ya?ml)):([\w.]+)`")


def rows() -> dict[str, list[tuple[str, str]]]:
    """The places of each row, (file, symbol), by what is to be added."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition(f"{HEADING}\n|---|---|\n")[2].partition("\n\n")[0]
    cells = (line.strip("|").split("|") for line in table.splitlines())
    return {what.strip(): PLACE.findall(places) for what, places in cells}


def symbols(path: Path) -> Iterator[str]:
    """What a module has at its top level, or a YAML file as a key there."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from re.findall(r"^(\w+):", text, re.MULTILINE)
        return
    for node in ast.parse(text).body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def is_there(path: str, symbol: str) -> bool:
    """Whether the project has this file, and in it that symbol."""
    file = ROOT / path
    return file.is_file() and symbol in symbols(file)


@pytest.mark.parametrize(("what", "places"), rows().items())
def test_each_place_is_there(what: str, places: list[tuple[str, str]]) -> None:
    """Each row names at least one place, and all that it names exist."""
    assert places, what
    assert [f"{path}:{symbol}" for path, symbol in places if not is_there(path, symbol)] == []


def test_the_table_is_read() -> None:
    """What people come for is in it: an empty reading would prove nothing."""
    text = " ".join(rows())
    wanted = "file state, rule about, move, format, reason, brake, limit, check, command, key of the config, question"
    assert [word for word in (*wanted.split(", "), "endpoint") if word not in text] == []


def test_a_place_that_is_gone_is_found() -> None:
    """A file that was moved, and a symbol that was renamed, do not pass."""
    assert is_there("syncbot/plan/states.py", "TREATMENTS")
    assert not is_there("syncbot/plan/state.py", "TREATMENTS")
    assert not is_there("syncbot/plan/states.py", "TREATMENT")
    assert not is_there("templates/service/ownership.yaml", "move")

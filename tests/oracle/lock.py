"""The lock of the model: one stanza a file that stands for itself, one empty header for each file that may come."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import Any

from tests.oracle.template import Point

Stanzas = dict[str, "Stanza | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stanza:
    """What was delivered at a path. An earlier syncbot named the config commit, and not the point."""

    id: str
    config: int
    point: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock as read; `old` if no stanza of it names a point, nor any header is empty."""

    stanzas: Stanzas
    old: bool


def delivered_at(point: Point, text: str | None, oid: str) -> Stanza | None:
    """The stanza of a text that was rendered at a point."""
    return None if text is None else Stanza(id=oid, config=point.config, point=point)


def write(stanzas: Stanzas) -> str:
    """The lock's text, by path."""
    blocks = ["# What syncbot delivered\nversion = 1\n"]
    for path, stanza in sorted(stanzas.items()):
        lines = [f"[files.{_json(path)}]"]
        if stanza:
            lines += [
                f"id = {_json(stanza.id)}",
                'mode = "100644"',
                'template = "service"',
                f"config = {stanza.config}",
            ]
        if stanza and stanza.point:
            tree = _json([list(pair) for pair in stanza.point.tree])
            answers = _json(_json(stanza.point.answers))
            lines += [f"tree = {_json(tree)}", f"tool = {stanza.point.tool}", f"answers = {answers}"]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def write_old(ids: dict[str, str]) -> str:
    """The lock as an earlier syncbot wrote it."""
    stanza = '\n[files.{}]\nid = {}\nmode = "100644"\ntemplate = "service"\nconfig = 0\n'
    return "version = 1\n" + "".join(stanza.format(_json(path), _json(oid)) for path, oid in sorted(ids.items()))


def read(text: str | None) -> Lock | None:
    """A lock, None where it is no TOML. A stanza that can't be read is empty."""
    try:
        files: dict[str, dict[str, Any]] = tomllib.loads(text or "").get("files", {})
    except tomllib.TOMLDecodeError:
        return None
    stanzas = {path: _stanza(table) for path, table in files.items()}
    return Lock(stanzas=stanzas, old=all(stanza and stanza.point is None for stanza in stanzas.values()))


def _stanza(table: dict[str, Any]) -> Stanza | None:
    try:
        if "answers" not in table:
            return Stanza(id=table["id"], config=table.get("config", -1)) if table else None
        tree = tuple((place, number) for place, number in json.loads(table["tree"]))
        answers, config = json.loads(table["answers"]), table["config"]
        return Stanza(
            id=table["id"], config=config, point=Point(tree=tree, answers=answers, tool=table["tool"], config=config)
        )
    except (KeyError, ValueError):
        return None


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)

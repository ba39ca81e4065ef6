"""Edits of `config/repos.yaml` that keep every other byte: comments, quotes, indentation, line ends.

In: the file's text and what to add. Out: the same text with one piece spliced in for each addition, written as its
neighbours are. The result is read again and must be the fleet that was meant. Never touches the disk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from syncbot.config.checks import Specs
from syncbot.config.fleet import parse_fleet
from syncbot.errors import ConfigError
from syncbot.formats import yaml
from syncbot.formats.diagnostics import Diagnostic, Place
from syncbot.formats.yaml.edit import Splice, below, block_item, column, into_flow, is_json, spliced
from syncbot.formats.yaml.nodes import Node, at, plain
from syncbot.formats.yaml.reader import OURS, read_yaml
from syncbot.formats.yaml.write import flow_mapping, scalar
from syncbot.model.fleet import Exemption, Fleet

_BLANK_LINE = re.compile(r"(\r\n|\n)[ \t]*(\r\n|\n)")

Entry = Mapping[str, object]


def add_exemptions(text: str, added: Sequence[tuple[str, Exemption]], *, file: str, specs: Specs) -> str:
    """The text with these exemptions, by repo (`owner/name`), each behind those that the repo has.

    Raises ConfigError, with the line, where that cannot be done without touching something else.
    """
    before = parse_fleet(text, file, specs)
    root = _root(text)
    entries = dict(zip((repo.name for repo in before.repos), _repos(root, file).items, strict=True))
    wanted = _by_repo(added)
    if missing := wanted.keys() - entries.keys():
        raise ConfigError(Diagnostic(path=file, message=f"{min(missing)} is not in the fleet"))
    steps = _Steps.of(text, root)
    splices = [
        _exemptions_splice(text, entries[repo], [_fields(exemption) for exemption in exemptions], steps, file)
        for repo, exemptions in wanted.items()
    ]
    edited = spliced(text, splices)
    line = entries[next(iter(wanted))].place.line if wanted else 0
    after = _read_again(edited, file, specs, line)
    intended = tuple(replace(repo, exemptions=(*repo.exemptions, *wanted.get(repo.name, ()))) for repo in before.repos)
    if after != replace(before, repos=intended):
        differing = (entries[a.name].place.line for a, b in zip(after.repos, intended, strict=False) if a != b)
        raise _unsafe(file, next(differing, line), "this entry would change in another way")
    return edited


def add_repo(text: str, entry: Entry, *, file: str, specs: Specs) -> str:
    """The text with one more repo at the end; `entry` holds its keys as in the file, in that order.

    Raises ConfigError where the entry is not valid there, or where it cannot be added without touching something else.
    """
    before = parse_fleet(text, file, specs)
    repos = _repos(_root(text), file)
    edited = spliced(text, [_repo_splice(text, repos, entry)])
    after = _read_again(edited, file, specs, repos.place.line)
    last = plain(at(_root(edited), ("repos", len(before.repos))))
    if replace(after, repos=after.repos[:-1]) != before or not _same(last, entry):
        raise _unsafe(file, repos.place.line, "the repos would change in another way")
    return edited


def _root(text: str) -> yaml.Mapping:
    """The tree of a text that has just been read as a fleet."""
    root = read_yaml(text, dialect=OURS).root
    assert isinstance(root, yaml.Mapping)
    return root


class _Steps(NamedTuple):
    """How this file indents: a list below its key, and an entry behind its dash."""

    dash: int
    entry: int

    @classmethod
    def of(cls, text: str, root: yaml.Mapping) -> _Steps:
        repos = root.get("repos")
        if root.is_flow or not isinstance(repos, yaml.Sequence) or repos.is_flow or not repos.items:
            return cls(2, 2)
        dash = column(text, repos)
        return cls(dash - _key_column(root, 0), max(2, _key_column(repos.items[0], dash + 2) - dash))


def _by_repo(added: Sequence[tuple[str, Exemption]]) -> Mapping[str, Sequence[Exemption]]:
    wanted: dict[str, list[Exemption]] = {}
    for repo, exemption in added:
        wanted.setdefault(repo, []).append(replace(exemption, reason=exemption.reason.strip()))
    return wanted


def _repos(root: yaml.Mapping, file: str) -> yaml.Sequence:
    pair = root.by_key.get("repos")
    if pair is None or not isinstance(pair.value, yaml.Sequence):
        raise _unsafe(file, (pair.value if pair else root).place.line, "the list of repos stands elsewhere")
    return pair.value


def _key_column(node: Node, otherwise: int) -> int:
    """The column, from 0, of an indented mapping's keys."""
    if not isinstance(node, yaml.Mapping) or node.is_flow or not node.pairs:
        return otherwise
    return node.pairs[0].key.place.column - 1


def _exemptions_splice(text: str, item: Node, added: Sequence[Entry], steps: _Steps, file: str) -> Splice:
    if not isinstance(item, yaml.Mapping):
        raise _unsafe(file, item.place.line, "the entry is an alias")
    if "exemptions" not in item.by_key:
        return _new_exemptions(text, item, added, steps)
    exemptions = item.by_key["exemptions"].value
    if not isinstance(exemptions, yaml.Sequence):
        raise _unsafe(file, exemptions.place.line, "the exemptions are an alias")
    if exemptions.is_flow:
        as_json = is_json(exemptions.items[0] if exemptions.items else item)
        return into_flow(exemptions, [flow_mapping(fields, is_json=as_json) for fields in added])
    dash, last = column(text, exemptions), exemptions.items[-1]
    if isinstance(last, yaml.Mapping) and last.is_flow:
        lines = [f"{' ' * dash}- {flow_mapping(fields, is_json=is_json(last))}" for fields in added]
    else:
        step = max(2, _key_column(last, dash + steps.entry) - dash)
        lines = [line for fields in added for line in block_item(fields, dash, step, as_json=is_json(item))]
    return below(text, exemptions, lines)


def _new_exemptions(text: str, item: yaml.Mapping, added: Sequence[Entry], steps: _Steps) -> Splice:
    as_json = is_json(item)
    key = scalar("exemptions", is_json=as_json)
    if item.is_flow:
        listed = ", ".join(flow_mapping(fields, is_json=as_json) for fields in added)
        return into_flow(item, [f"{key}: [{listed}]"])
    indent = _key_column(item, 0)
    dash = indent + max(0, steps.dash)
    lines = [line for fields in added for line in block_item(fields, dash, steps.entry, as_json=as_json)]
    return below(text, item, [f"{' ' * indent}{key}:", *lines])


def _repo_splice(text: str, repos: yaml.Sequence, entry: Entry) -> Splice:
    last = repos.items[-1] if repos.items else None
    as_json = is_json(last)
    if repos.is_flow:
        return into_flow(repos, [flow_mapping(entry, is_json=as_json)])
    dash = column(text, repos)
    if isinstance(last, yaml.Mapping) and not last.is_flow:
        lines = block_item(entry, dash, max(2, _key_column(last, dash + 2) - dash), as_json=as_json)
    else:
        lines = [f"{' ' * dash}- {flow_mapping(entry, is_json=as_json)}"]
    if len(repos.items) > 1 and _BLANK_LINE.search(text, repos.items[-2].end, repos.items[-1].start):
        lines = ["", *lines]
    return below(text, repos, lines)


def _read_again(text: str, file: str, specs: Specs, line: int) -> Fleet:
    try:
        return parse_fleet(text, file, specs)
    except ConfigError as error:
        first = replace(error.problems[0], path="", place=None)
        raise _unsafe(file, line, str(first)) from None


def _unsafe(file: str, line: int, why: str) -> ConfigError:
    message = f"cannot be edited here: {why}; do it by hand"
    return ConfigError(Diagnostic(path=file, place=Place(line, 1), message=message))


def _fields(exemption: Exemption) -> Entry:
    """As written in the file."""
    what = {"answer": exemption.answer, "keep": exemption.keep} if exemption.answer else {"path": exemption.path}
    fields = {**what, "until": exemption.until, "owner": exemption.owner, "reason": exemption.reason}
    return {key: value for key, value in fields.items() if value is not None}


def _same(left: object, right: object) -> bool:
    """Equal in type as well: 1, 1.0 and true differ."""
    return json.dumps(left, sort_keys=True, default=str) == json.dumps(right, sort_keys=True, default=str)

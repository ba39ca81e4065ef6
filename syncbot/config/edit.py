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

from syncbot.config import tree
from syncbot.config.checks import Specs
from syncbot.config.fleet import parse_fleet
from syncbot.config.marks import Span, spans
from syncbot.config.reader import read_yaml
from syncbot.config.written import flow, flow_mapping, scalar
from syncbot.errors import ConfigError, Problem
from syncbot.model import Exemption, Fleet

_BOM = "\ufeff"
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BLANK_LINE = re.compile(r"(\r\n|\n)[ \t]*(\r\n|\n)")
_DASH = re.compile(r"^( *)-(?=\s)", re.MULTILINE)

Entry = Mapping[str, object]


class _Splice(NamedTuple):
    """Text to put in at an offset."""

    at: int
    text: str


def add_exemption(text: str, repo: str, exemption: Exemption, *, file: str, specs: Specs) -> str:
    """The text with one more exemption for `repo` (`owner/name`). Raises ConfigError."""
    return add_exemptions(text, ((repo, exemption),), file=file, specs=specs)


def add_exemptions(text: str, added: Sequence[tuple[str, Exemption]], *, file: str, specs: Specs) -> str:
    """The text with these exemptions, by repo (`owner/name`), each behind those that the repo has.

    Raises ConfigError, with the line, where that cannot be done without touching something else.
    """
    body = text.removeprefix(_BOM)
    before = parse_fleet(body, file, specs)
    root = spans(body)
    items = dict(zip((repo.name for repo in before.repos), _repos(root, file).children, strict=True))
    wanted = _by_repo(added)
    if missing := wanted.keys() - items.keys():
        raise ConfigError(Problem(file=file, message=f"{min(missing)} is not in the fleet"))
    steps = _Steps.of(body, root)
    splices = [
        _exemptions_splice(body, items[repo], [_fields(exemption) for exemption in exemptions], steps, file)
        for repo, exemptions in wanted.items()
    ]
    edited = _spliced(body, splices)
    line = items[next(iter(wanted))].line if wanted else 0
    after = _read_again(edited, file, specs, line)
    intended = tuple(replace(repo, exemptions=(*repo.exemptions, *wanted.get(repo.name, ()))) for repo in before.repos)
    if after != replace(before, repos=intended):
        differing = (items[a.name].line for a, b in zip(after.repos, intended, strict=False) if a != b)
        raise _unsafe(file, next(differing, line), "this entry would change in another way")
    return text[: len(text) - len(body)] + edited


def add_repo(text: str, entry: Entry, *, file: str, specs: Specs) -> str:
    """The text with one more repo at the end; `entry` holds its keys as in the file, in that order.

    Raises ConfigError where the entry is not valid there, or where it cannot be added without touching something else.
    """
    body = text.removeprefix(_BOM)
    before = parse_fleet(body, file, specs)
    repos = _repos(spans(body), file)
    edited = _spliced(body, [_repo_splice(body, repos, entry)])
    after = _read_again(edited, file, specs, repos.line)
    root = read_yaml(edited).root
    last = tree.at(root, ("repos", len(before.repos))) if root else None
    if replace(after, repos=after.repos[:-1]) != before or last is None or not _same(tree.plain(last), entry):
        raise _unsafe(file, repos.line, "the repos would change in another way")
    return text[: len(text) - len(body)] + edited


class _Steps(NamedTuple):
    """How this file indents: a list below its key, and an entry behind its dash."""

    dash: int
    entry: int

    @classmethod
    def of(cls, text: str, root: Span) -> _Steps:
        repos = root.value("repos")
        if root.is_flow or repos is None or repos.is_flow or not repos.children:
            return cls(2, 2)
        dash = _dash_column(text, repos)
        first = repos.children[0]
        column = first.children[0].column if first.children and not first.is_flow else dash + 2
        return cls(dash - root.children[0].column, max(2, column - dash))


def _by_repo(added: Sequence[tuple[str, Exemption]]) -> Mapping[str, Sequence[Exemption]]:
    wanted: dict[str, list[Exemption]] = {}
    for repo, exemption in added:
        wanted.setdefault(repo, []).append(replace(exemption, reason=exemption.reason.strip()))
    return wanted


def _repos(root: Span, file: str) -> Span:
    repos = root.value("repos")
    if repos is None or repos.is_alias:
        raise _unsafe(file, repos.line if repos else root.line, "the list of repos stands elsewhere")
    return repos


def _exemptions_splice(text: str, item: Span, added: Sequence[Entry], steps: _Steps, file: str) -> _Splice:
    if item.is_alias:
        raise _unsafe(file, item.line, "the entry is an alias")
    exemptions = item.value("exemptions")
    if exemptions is None:
        return _new_exemptions(text, item, added, steps)
    if exemptions.is_alias:
        raise _unsafe(file, exemptions.line, "the exemptions are an alias")
    if exemptions.is_flow:
        is_json = exemptions.children[0].is_json if exemptions.children else item.is_json
        return _into_flow(text, exemptions, [flow_mapping(fields, is_json=is_json) for fields in added])
    dash = _dash_column(text, exemptions)
    last = exemptions.children[-1]
    if last.is_flow:
        lines = [f"{' ' * dash}- {flow_mapping(fields, is_json=last.is_json)}" for fields in added]
    else:
        column = last.children[0].column if last.children else dash + steps.entry
        lines = [line for fields in added for line in _block_item(fields, dash, max(2, column - dash), item.is_json)]
    return _below(text, exemptions, lines)


def _new_exemptions(text: str, item: Span, added: Sequence[Entry], steps: _Steps) -> _Splice:
    if item.is_flow:
        listed = ", ".join(flow_mapping(fields, is_json=item.is_json) for fields in added)
        return _into_flow(text, item, [f"{scalar('exemptions', is_json=item.is_json)}: [{listed}]"])
    column = item.children[0].column
    dash = column + max(0, steps.dash)
    lines = [line for fields in added for line in _block_item(fields, dash, steps.entry, item.is_json)]
    return _below(text, item, [f"{' ' * column}{scalar('exemptions', is_json=item.is_json)}:", *lines])


def _repo_splice(text: str, repos: Span, entry: Entry) -> _Splice:
    last = repos.children[-1] if repos.children else None
    if repos.is_flow:
        return _into_flow(text, repos, [flow_mapping(entry, is_json=bool(last and last.is_json))])
    assert last is not None
    dash = _dash_column(text, repos)
    if last.is_flow or last.is_alias:
        lines = [f"{' ' * dash}- {flow_mapping(entry, is_json=last.is_json)}"]
    else:
        lines = _block_item(entry, dash, max(2, last.children[0].column - dash), last.is_json)
    if len(repos.children) > 1 and _BLANK_LINE.search(text, repos.children[-2].end, last.start):
        lines = ["", *lines]
    return _below(text, repos, lines)


def _block_item(fields: Entry, dash: int, step: int, is_json: bool) -> list[str]:
    """`- path: Dockerfile` and the lines below it; a mapping within is indented once more, and is flow below that."""
    lines = []
    for key, value in fields.items():
        name = f"{' ' * (dash + step)}{scalar(key, is_json=is_json)}:"
        if isinstance(value, Mapping) and value:
            lines.append(name)
            inner = " " * (dash + step + 2)
            lines += [f"{inner}{scalar(k, is_json=is_json)}: {flow(v, is_json=is_json)}" for k, v in value.items()]
        else:
            lines.append(f"{name} {flow(value, is_json=is_json)}")
    lines[0] = " " * dash + "-" + lines[0][dash + 1 :]
    return lines


def _into_flow(text: str, node: Span, pieces: Sequence[str]) -> _Splice:
    """Behind the last value inside the brackets, before a comma or comment that follows it."""
    if node.children:
        return _Splice(node.children[-1].end, "".join(f", {piece}" for piece in pieces))
    bracket = text.index("[" if node.is_list else "{", node.start)
    return _Splice(bracket + 1, ", ".join(pieces))


def _below(text: str, node: Span, lines: Sequence[str]) -> _Splice:
    """On lines of their own below the last line of the node, ended as the file's lines are."""
    usual = _BREAK.search(text)
    end = usual[0] if usual and usual[0] in ("\r\n", "\r") else "\n"
    if node.end > 0 and _BREAK.fullmatch(text[node.end - 1 : node.end]):
        # A block scalar ends with its line.
        return _Splice(node.end, "".join(line + end for line in lines))
    found = _BREAK.search(text, node.end)
    if found is None:
        return _Splice(len(text), "".join(end + line for line in lines))
    return _Splice(found.end(), "".join(line + end for line in lines))


def _dash_column(text: str, items: Span) -> int:
    """The column of an indented list's dashes; an anchor may stand before them."""
    found = _DASH.search(text, items.start, items.children[0].start)
    return len(found[1]) if found else items.column


def _spliced(text: str, splices: Sequence[_Splice]) -> str:
    for at, added in sorted(splices, reverse=True):
        text = text[:at] + added + text[at:]
    return text


def _read_again(text: str, file: str, specs: Specs, line: int) -> Fleet:
    try:
        return parse_fleet(text, file, specs)
    except ConfigError as error:
        problem = error.problems[0]
        raise _unsafe(file, line, f"{problem.key}: {problem.message}" if problem.key else problem.message) from None


def _unsafe(file: str, line: int, why: str) -> ConfigError:
    return ConfigError(Problem(file=file, line=line, column=1, message=f"cannot be edited here: {why}; do it by hand"))


def _fields(exemption: Exemption) -> Entry:
    """As written in the file."""
    what = {"answer": exemption.answer, "keep": exemption.keep} if exemption.answer else {"path": exemption.path}
    fields = {**what, "until": exemption.until, "owner": exemption.owner, "reason": exemption.reason}
    return {key: value for key, value in fields.items() if value is not None}


def _same(left: object, right: object) -> bool:
    """Equal in type as well: 1, 1.0 and true differ."""
    return json.dumps(left, sort_keys=True, default=str) == json.dumps(right, sort_keys=True, default=str)

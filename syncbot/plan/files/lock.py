"""The lock: what was delivered to a repo, one stanza per owned file. Text in, values out, and back.

A stanza stands by itself: it says what its file is a rendering of. It begins with a line that never changes, stanzas
are sorted by path, and a path to which nothing was delivered yet has a header alone (a slot), so that changesets which
touch different files change lines that git can merge. The lock is a record, not an authority: what does not parse is
treated as if there were none.

It is TOML, read by a grammar of its own: a lock stands in the service's repo, where anybody can write anything, and
a general parser has room for nesting and numbers that stop a run. Lines are blank, a comment, `version = 1`, the header
of a stanza, or a key with text; nothing that this takes means anything else in TOML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from syncbot.model.files import REGULAR, FileId

HEADER = """\
# What syncbot delivered to this repo, as it was rendered then. Written by syncbot alone; it holds no settings.
version = 1
"""
_OID = re.compile(r"[0-9a-f]{40}")
_MOST = 65_536
"""Characters of the longest lock that is read: 130 to 150 files. A template that owns more is refused, see `fits`."""
_ANSWERS = 200
"""Characters of one file's answers that there is room for in any case: eight to ten short ones."""
_TOOL = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!_-]{0,39}")
_BASIC = r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"'
_LITERAL = r"'[^'\x00-\x08\x0a-\x1f\x7f]*'"
_END = r"[ \t]*(?:#[^\x00-\x08\x0a-\x1f\x7f]*)?"
_NOTHING = re.compile(_END)
_VERSION = re.compile(rf"version[ \t]*=[ \t]*1{_END}")
_HEADER = re.compile(rf"\[files\.(?P<path>{_BASIC}|[A-Za-z0-9_-]+)\]{_END}")
_PAIR = re.compile(rf"(?P<key>[a-z_]+)[ \t]*=[ \t]*(?P<value>{_BASIC}|{_LITERAL}){_END}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stanza:
    """One delivery: id (of the owned part) and mode as rendered, and what that is a rendering of.

    `tree` is the id of the git tree that holds copier.yml and templates/, `answers` are those given that this file
    reads, no secret among them, and `tool` is syncbot's version. An older lock has none of these: it has but `config`,
    the commit of the platform team's repo.
    """

    file: FileId
    template: str
    config: str | None = None
    tree: str | None = None
    tool: str | None = None
    answers: Mapping[str, object] | None = None


Lock = Mapping[str, Stanza]


def parse_lock(text: str) -> Lock:
    """The stanzas by path, without those that are empty or make no sense; an unreadable lock has none. Never raises."""
    read = {path: _stanza(values) for path, values in _read(text).items()}
    return {path: stanza for path, stanza in read.items() if stanza}


def read_lock(content: bytes | None) -> Lock:
    """As `parse_lock`, of a file's bytes; None where there is no such file."""
    return parse_lock((content or b"").decode("utf-8", "replace"))


def slots_in(text: str) -> frozenset[str]:
    """The paths that have a header in this lock, but no stanza that makes sense. Never raises."""
    return frozenset(_read(text).keys() - parse_lock(text).keys())


def format_lock(lock: Lock, slots: Iterable[str] = ()) -> str:
    """The lock's text, with a header for each of the `slots` that has no stanza; `parse_lock` of it gives the stanzas.

    Where it would be too long to be read again, the longest stanzas lose their answers, and with them tree and tool:
    what is left is the config commit, as in an older lock.
    """
    texts = _formatted(lock, slots)
    for path in sorted(lock, key=lambda path: len(texts[path]), reverse=True):
        if _length(texts) <= _MOST:
            break
        texts[path] = _format_stanza(path, replace(lock[path], tree=None, tool=None, answers=None))
    return HEADER + "".join(texts.values())


def fits(paths: Iterable[str], template: str, slots: Iterable[str] = ()) -> bool:
    """Whether there is room for a repo to which all of these were delivered, by 200 characters of answers each.

    `slots` are the other paths that have a header. For longer answers no template is refused: see `format_lock`.
    """
    unknown = "0" * 40
    stanza = Stanza(
        file=FileId(id=unknown, mode=REGULAR),
        template=template,
        config=unknown,
        tree=unknown,
        tool="0" * 12,
        answers={"": "0" * (_ANSWERS - len('{"":""}'))},
    )
    return _length(_formatted(dict.fromkeys(paths, stanza), slots)) <= _MOST


def _read(text: str) -> Mapping[str, Mapping[str, str]]:
    """The values of each stanza, in one pass over the lines; none where a line is not of the grammar."""
    if len(text) > _MOST:
        return {}
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if not _NOTHING.fullmatch(line)]
    if not lines or not _VERSION.fullmatch(lines[0]):
        return {}
    stanzas: dict[str, dict[str, str]] = {}
    values: dict[str, str] | None = None
    for line in lines[1:]:
        header, pair = _HEADER.fullmatch(line), _PAIR.fullmatch(line)
        if header and (path := _unquote(header["path"])) not in stanzas:
            values = stanzas[path] = {}
        elif pair and values is not None and pair["key"] not in values:
            values[pair["key"]] = _unquote(pair["value"])
        else:
            return {}
    return stanzas


def _unquote(text: str) -> str:
    match text[0]:
        case '"':
            return str(json.loads(text))
        case "'":
            return text[1:-1]
    return text


def _stanza(values: Mapping[str, str]) -> Stanza | None:
    match values:
        case {"id": oid, "mode": mode, "template": template, **rest} if _OID.fullmatch(oid):
            return Stanza(
                file=FileId(id=oid, mode=mode),
                template=template,
                config=_taken(_OID, rest.get("config")),
                tree=_taken(_OID, rest.get("tree")),
                tool=_taken(_TOOL, rest.get("tool")),
                answers=_answers(rest.get("answers", "")),
            )
    return None


def _taken(pattern: re.Pattern[str], text: str | None) -> str | None:
    return text if text is not None and pattern.fullmatch(text) else None


def _answers(text: str) -> Mapping[str, object] | None:
    """The answers, None where the text is not the one that syncbot writes of them, to the character."""
    try:
        answers = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return answers if isinstance(answers, dict) and _as_json(answers) == text else None


def _as_json(answers: Mapping[str, object]) -> str | None:
    """In ASCII: nothing in it ends a line or turns its direction. None where JSON has no word for something."""
    try:
        return json.dumps(answers, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _formatted(lock: Lock, slots: Iterable[str]) -> dict[str, str]:
    stanzas: dict[str, Stanza | None] = {**dict.fromkeys(slots), **lock}
    return {path: _format_stanza(path, stanzas[path]) for path in sorted(stanzas)}


def _length(texts: Mapping[str, str]) -> int:
    return len(HEADER) + sum(map(len, texts.values()))


def _format_stanza(path: str, stanza: Stanza | None) -> str:
    header = f"\n[files.{_quote(path)}]\n"
    if stanza is None:
        return header
    texts = {
        "id": stanza.file.id,
        "mode": stanza.file.mode,
        "template": stanza.template,
        "config": stanza.config,
        "tree": stanza.tree,
        "tool": stanza.tool,
    }
    pairs = "".join(f"{key} = {_quote(text)}\n" for key, text in texts.items() if text is not None)
    answers = _as_json(stanza.answers) if stanza.answers is not None else None
    return f"{header}{pairs}" + (f"answers = {_literal(answers)}\n" if answers is not None else "")


def _literal(text: str) -> str:
    return _quote(text) if "'" in text or "\x7f" in text else f"'{text}'"


def _quote(text: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which JSON leaves bare and TOML forbids.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

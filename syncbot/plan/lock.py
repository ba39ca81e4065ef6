"""The lock: what was delivered to a repo, one stanza per owned file. Text in, values out, and back.

A stanza begins with a line that never changes and stanzas are sorted by path, so that changesets which touch
different files change lines that git can merge. The lock is a record, not an authority: what does not parse is
treated as if there were none.

It is TOML, read by a grammar of its own: a lock stands in the service's repo, where anybody can write anything, and
a general parser has room for nesting and numbers that stop a run. Lines are blank, a comment, `version = 1`, the header
of a stanza, or a key with text; nothing that this takes means anything else in TOML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncbot.model import REGULAR, FileId

HEADER = """\
# What syncbot delivered to this repo, as it was rendered then. Written by syncbot alone; it holds no settings.
version = 1
"""
_OID = re.compile(r"[0-9a-f]{40}")
_MOST = 65_536
"""Characters of the longest lock that is read: 250 to 400 files. A template that owns more is refused, see `fits`."""
_BASIC = r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"'
_LITERAL = r"'[^'\x00-\x08\x0a-\x1f\x7f]*'"
_END = r"[ \t]*(?:#[^\x00-\x08\x0a-\x1f\x7f]*)?"
_NOTHING = re.compile(_END)
_VERSION = re.compile(rf"version[ \t]*=[ \t]*1{_END}")
_HEADER = re.compile(rf"\[files\.(?P<path>{_BASIC}|[A-Za-z0-9_-]+)\]{_END}")
_PAIR = re.compile(rf"(?P<key>[a-z_]+)[ \t]*=[ \t]*(?P<value>{_BASIC}|{_LITERAL}){_END}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stanza:
    """One delivery: id (of the owned part) and mode as rendered, and the template and config commit it came from."""

    file: FileId
    template: str
    config: str | None = None


Lock = Mapping[str, Stanza]


def parse_lock(text: str) -> Lock:
    """The stanzas by path; stanzas that make no sense are left out, an unreadable lock has none. Never raises."""
    read = {path: _stanza(values) for path, values in _read(text).items()}
    return {path: stanza for path, stanza in read.items() if stanza}


def read_lock(content: bytes | None) -> Lock:
    """As `parse_lock`, of a file's bytes; None where there is no such file."""
    return parse_lock((content or b"").decode("utf-8", "replace"))


def format_lock(lock: Lock) -> str:
    """The lock's text; `parse_lock` of it gives the same stanzas."""
    return HEADER + "".join(_format_stanza(path, lock[path]) for path in sorted(lock))


def fits(paths: Iterable[str], template: str) -> bool:
    """Whether the lock of a repo to which all of these were delivered is short enough to be read again."""
    unknown = "0" * 40
    stanza = Stanza(file=FileId(id=unknown, mode=REGULAR), template=template, config=unknown)
    return len(format_lock(dict.fromkeys(paths, stanza))) <= _MOST


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
            config = rest.get("config", "")
            commit = config if _OID.fullmatch(config) else None
            return Stanza(file=FileId(id=oid, mode=mode), template=template, config=commit)
    return None


def _format_stanza(path: str, stanza: Stanza) -> str:
    config = f"config = {_quote(stanza.config)}\n" if stanza.config else ""
    return (
        f"\n[files.{_quote(path)}]\n"
        f"id = {_quote(stanza.file.id)}\n"
        f"mode = {_quote(stanza.file.mode)}\n"
        f"template = {_quote(stanza.template)}\n"
        f"{config}"
    )


def _quote(text: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which JSON leaves bare and TOML forbids.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

"""The lock: what was delivered to a repo, one stanza per owned file. Text in, values out, and back.

A stanza begins with a line that never changes and stanzas are sorted by path, so that changesets which touch
different files change lines that git can merge. The lock is a record, not an authority: what does not parse is
treated as if there were none.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from syncbot.model import FileId

HEADER = """\
# What syncbot delivered to this repo, as it was rendered then. Written by syncbot alone; it holds no settings.
version = 1
"""
_OID = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stanza:
    """One delivery: id (of the owned part) and mode as rendered, and the template and config commit it came from."""

    file: FileId
    template: str
    config: str | None = None


Lock = Mapping[str, Stanza]


def parse_lock(text: str | None) -> Lock:
    """The stanzas by path; stanzas that make no sense are left out, an unreadable lock has none."""
    try:
        document = tomllib.loads(text or "")
    except tomllib.TOMLDecodeError:
        return {}
    stanzas = document.get("files")
    if document.get("version") != 1 or not isinstance(stanzas, dict):
        return {}
    parsed = {path: _stanza(value) for path, value in stanzas.items()}
    return {path: stanza for path, stanza in parsed.items() if stanza}


def format_lock(lock: Lock) -> str:
    """The lock's text; `parse_lock` of it gives the same stanzas."""
    return HEADER + "".join(_format_stanza(path, lock[path]) for path in sorted(lock))


def _stanza(value: object) -> Stanza | None:
    match value:
        case {"id": str(oid), "mode": str(mode), "template": str(template), **rest} if _OID.fullmatch(oid):
            config = rest.get("config")
            commit = config if isinstance(config, str) and _OID.fullmatch(config) else None
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

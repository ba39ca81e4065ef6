"""Parameter groups in files that people wrote: Terraform's own language, by python-hcl2, or JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

from syncbot.errors import ConfigError, Problem
from syncbot.live.extras import extra
from syncbot.postgres.groups import Group, read_groups

_ASIDE = ("__is_block__", "__comments__", "__inline_comments__")


def read_file(path: Path) -> tuple[Group, ...]:
    """The groups in a `.tf` or `.json` file. Raises ConfigError where it cannot be read, or holds none."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(Problem(file=str(path), message=f"cannot be read: {error}")) from None
    groups = read_groups(_json(path, text) if path.suffix == ".json" else _hcl(path, text))
    if not groups:
        raise ConfigError(Problem(file=str(path), message="holds no aws_db_parameter_group"))
    return groups


def _json(path: Path, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(Problem(file=str(path), message=f"not valid JSON: {error}")) from None


def _hcl(path: Path, text: str) -> object:
    hcl2, errors = extra("hcl2", "rds"), extra("lark.exceptions", "rds")
    try:
        return _plain(hcl2.loads(text if text.endswith("\n") else text + "\n"))
    except errors.LarkError as error:
        said = " ".join(str(error).split("Expected one of")[0].split())
        line = getattr(error, "line", 0)
        raise ConfigError(Problem(file=str(path), line=max(line, 0), column=1, message=said)) from None


def _plain(value: object) -> object:
    """As Terraform's JSON has it: hcl2 keeps the quotes of strings, and marks blocks and comments."""
    match value:
        case dict():
            return {_text(key): _plain(inner) for key, inner in value.items() if key not in _ASIDE}
        case list():
            return [_plain(inner) for inner in value]
        case str():
            return _text(value)
    return value


def _text(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(
            r'\\(["\\nrt])', lambda found: {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]), value[1:-1]
        )
    return value

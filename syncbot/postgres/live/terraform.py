"""Parameter groups in files that people wrote: Terraform's own language, by python-hcl2, or JSON."""

from __future__ import annotations

import json
from pathlib import Path

from syncbot.errors import ConfigError
from syncbot.formats.diagnostics import Diagnostic, Place
from syncbot.formats.parameter_group import ParameterGroup, hcl_as_json, read_groups
from syncbot.postgres.live.extras import extra


def read_file(path: Path) -> tuple[ParameterGroup, ...]:
    """The groups in a `.tf` or `.json` file. Raises ConfigError where it cannot be read, or holds none."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(Diagnostic(path=str(path), message=f"cannot be read: {error}")) from None
    groups = read_groups(_json(path, text) if path.suffix == ".json" else _hcl(path, text))
    if not groups:
        raise ConfigError(Diagnostic(path=str(path), message="holds no aws_db_parameter_group"))
    return groups


def _json(path: Path, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(Diagnostic(path=str(path), message=f"not valid JSON: {error}")) from None


def _hcl(path: Path, text: str) -> object:
    hcl2, errors = extra("hcl2", "rds"), extra("lark.exceptions", "rds")
    try:
        return hcl_as_json(hcl2.loads(text if text.endswith("\n") else text + "\n"))
    except errors.LarkError as error:
        said = " ".join(str(error).split("Expected one of")[0].split())
        line = getattr(error, "line", 0)
        place = Place(line, 1) if line > 0 else None
        raise ConfigError(Diagnostic(path=str(path), place=place, message=said)) from None

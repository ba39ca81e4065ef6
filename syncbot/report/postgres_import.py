"""An imported file as the entry for config/repos.yaml: data in, YAML with comments out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.yaml.write import quoted
from syncbot.postgres.declared import DeclaredParameter
from syncbot.postgres.importer import Imported
from syncbot.report.wording import printable

# Words and numbers that any YAML reader gives back as they stand; `on` and `off` come back as booleans of that meaning.
_PLAIN = re.compile(r"0|-?[1-9][0-9]{0,14}|[0-9]+(B|kB|MB|GB|TB|us|ms|min|h|s|d)|[a-z][a-z]+(_[a-z]+)*", re.ASCII)
_NOT_PLAIN = ("true", "false", "yes", "no", "null", "inf", "nan")


def entry_yaml(source: str, imported: Imported, *, name: str = "") -> str:
    """The entry `postgres_parameters`, and whatever did not fit into it as comments."""
    title = f" ({name})" if name else ""
    lines = [f"# From {_comment(source)}{_comment(title)}, read as Postgres {imported.major}."]
    lines += _remarks(imported.remarks)
    lines.append("postgres_parameters:" if imported.entries else "postgres_parameters: {}")
    lines += [f"  {scalar(each.name)}: {_value(each)}" for each in imported.entries]
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """The text as YAML gives it back: bare where that is safe, else in double quotes."""
    if _PLAIN.fullmatch(text) and text not in _NOT_PLAIN:
        return text
    return quoted(text)


def _value(wanted: DeclaredParameter) -> str:
    if wanted.local == wanted.rds and wanted.local is not None:
        return scalar(wanted.local)
    given = {"local": wanted.local, "rds": wanted.rds, "reason": wanted.reason or None}
    return "{" + ", ".join(f"{key}: {scalar(text)}" for key, text in given.items() if text is not None) + "}"


def _remarks(remarks: Sequence[Diagnostic]) -> Iterator[str]:
    for remark in remarks:
        place = f"line {remark.line}: " if remark.line else ""
        yield f"# {place}{_comment(remark.subject)}"
        yield f"#   {_comment(remark.message)}"


def _comment(text: str) -> str:
    return printable(text.replace("\t", " ")).replace("\n", "\\n")

"""The linters that are programs of their own: many files in, one process, findings by file out.

Each is run in an empty folder with an empty home, so that no settings of this computer change what is found. Never
goes online.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from syncbot.formats.diagnostics import Diagnostic, Place, Severity

_FILES_A_CALL = 500
_HADOLINT = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTE, "style": Severity.NOTE}
_ZIZMOR = {"High": Severity.ERROR, "Medium": Severity.WARNING}
Contents = Mapping[tuple[str, str], bytes]
"""Bytes by path and blob id."""


def find_tool(name: str) -> str | None:
    """The program beside this Python, where its wheel puts it, or else on the PATH."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def hadolint(program: str, contents: Contents) -> Iterator[tuple[tuple[str, str], Diagnostic]]:
    """What hadolint says of each Dockerfile."""
    arguments = [program, "--format", "json", "--no-fail", "--no-color", "--config", os.devnull]
    for names, output in _run("hadolint", arguments, contents, "Dockerfile"):
        for entry in output:
            key = names[entry["file"]]
            yield (
                key,
                Diagnostic(
                    path=key[0],
                    place=Place(entry["line"], entry["column"]),
                    code=entry["code"],
                    severity=_HADOLINT.get(entry["level"], Severity.ERROR),
                    message=" ".join(str(entry["message"]).split()),
                    tool="hadolint",
                ),
            )


def zizmor(program: str, contents: Contents) -> Iterator[tuple[tuple[str, str], Diagnostic]]:
    """What zizmor's offline audits say of each workflow file; one that is no YAML it leaves out."""
    arguments = [program, "--offline", "--no-config", "--no-progress", "--no-exit-codes", "--color", "never"]
    for names, output in _run("zizmor", [*arguments, "--quiet", "--format", "json-v1"], contents, "yml"):
        for entry in output:
            for place in _primary(entry):
                key = names[Path(place["symbolic"]["key"]["Local"]["verbatim_path"]).name]
                start = place["concrete"]["location"]["start_point"]
                yield (
                    key,
                    Diagnostic(
                        path=key[0],
                        place=Place(start["row"] + 1, start["column"] + 1),
                        code=entry["ident"],
                        severity=_ZIZMOR.get(entry["determinations"]["severity"], Severity.NOTE),
                        message=f"{entry['desc']}: {place['symbolic']['annotation']}",
                        tool="zizmor",
                    ),
                )


def _primary(entry: Mapping[str, Any]) -> list[Any]:
    return [place for place in entry["locations"] if place["symbolic"]["kind"] == "Primary"][:1]


def _run(
    tool: str, arguments: Sequence[str], contents: Contents, suffix: str
) -> Iterator[tuple[Mapping[str, tuple[str, str]], Any]]:
    """For each call: which file name stands for which content, and the JSON that the program wrote."""
    keys = sorted(contents)
    for start in range(0, len(keys), _FILES_A_CALL):
        names = {f"{index:05}.{suffix}": key for index, key in enumerate(keys[start : start + _FILES_A_CALL])}
        with tempfile.TemporaryDirectory(prefix="syncbot-check-") as folder:
            for name, key in names.items():
                Path(folder, name).write_bytes(contents[key])
            done = subprocess.run(
                [*arguments, *names],
                cwd=folder,
                capture_output=True,
                check=False,
                env={"HOME": folder, "XDG_CONFIG_HOME": folder, "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            )
        try:
            yield names, json.loads(done.stdout)
        except ValueError as error:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ToolFailed(tool, said[-1] if said else f"exit code {done.returncode}") from error


class ToolFailed(Exception):
    """A linter that is installed and could not be run to its end."""

    def __init__(self, tool: str, said: str) -> None:
        super().__init__(f"{tool} failed: {said}")
        self.tool = tool

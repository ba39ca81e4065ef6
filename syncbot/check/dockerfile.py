"""What hadolint does not look at in a Dockerfile: whether the copied files exist in the repo, and who runs the image.

Rendered files in, findings out; nothing is built.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from syncbot.check.types import Rendering, finding
from syncbot.formats.diagnostics import Diagnostic, Severity
from syncbot.formats.dockerfile import Instruction, is_dockerfile, read_dockerfile

_WILD = frozenset("*?[$")


def copied_files(content: bytes) -> Iterator[tuple[int, str]]:
    """Line and source of each COPY or ADD from the repo itself, where the source is a plain path."""
    for instruction in read_dockerfile(content).instructions:
        if instruction.name not in {"COPY", "ADD"} or instruction.flag("from") is not None:
            continue
        for source in instruction.arguments[:-1]:
            if "://" not in source and not source.startswith("<<") and not _WILD & set(source):
                yield instruction.line, source.removeprefix("./").strip("/")


def command_words(content: bytes) -> Iterator[str]:
    """The words of what the image runs, where they stand in a list."""
    for instruction in read_dockerfile(content).instructions:
        if instruction.name in {"CMD", "ENTRYPOINT"} and instruction.rest.startswith("["):
            yield from instruction.arguments


def check_dockerfiles(rendering: Rendering) -> Iterator[Diagnostic]:
    """Sources that no file of the scaffolded repo answers to."""
    for path, file in rendering.files.items():
        if not is_dockerfile(path):
            continue
        for line, source in copied_files(file.content):
            if source in {"", "."} or _exists(source, rendering):
                continue
            yield finding(
                path,
                "copy-missing",
                f"copies {source}, which the template does not render",
                line=line,
                severity=Severity.WARNING,
            )


def check_runtime(path: str, content: bytes) -> Iterator[Diagnostic]:
    """A last stage that runs as root, has no start command, or has a port and no health check."""
    stages = read_dockerfile(content).stages
    if not stages:
        return
    last = stages[-1].instructions
    by_name = {instruction.name: instruction for instruction in last}
    user = by_name.get("USER")
    name = user.rest.partition(":")[0] if user else ""
    if name in {"", "0", "root"}:
        yield finding(path, "runs-as-root", "the image runs as root", line=(user or last[0]).line)
    if not {"CMD", "ENTRYPOINT"} & by_name.keys():
        yield finding(path, "no-command", "the image has no CMD or ENTRYPOINT", line=last[0].line)
    if "EXPOSE" in by_name and "HEALTHCHECK" not in by_name:
        message = "the image exposes a port and has no HEALTHCHECK"
        line = by_name["EXPOSE"].line
        yield finding(path, "no-healthcheck", message, line=line, severity=Severity.WARNING)
    yield from _commands(path, last)


def _commands(path: str, stage: Sequence[Instruction]) -> Iterator[Diagnostic]:
    """What only looks like the exec form: Docker takes broken JSON for a shell command, without a word."""
    for instruction in stage:
        command = instruction.rest.removeprefix("CMD").strip()
        if instruction.name not in {"CMD", "ENTRYPOINT", "HEALTHCHECK"} or not command.startswith("["):
            continue
        try:
            words = json.loads(command)
        except ValueError:
            words = None
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
            yield finding(
                path,
                "exec-form",
                f"{instruction.name}: not a JSON list of strings, so Docker runs it as a shell command",
                line=instruction.line,
            )


def _exists(source: str, rendering: Rendering) -> bool:
    return source in rendering.files or any(path.startswith(f"{source}/") for path in rendering.files)

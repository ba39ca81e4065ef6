"""GitHub workflow files: the published schema, and jobs that wait for no job or for each other.

Rendered text in, findings out; zizmor's audits are in `tools`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from syncbot.check.graph import reachable
from syncbot.check.schema import WORKFLOW, schema_findings
from syncbot.formats.compose import as_list
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.yaml import Reading, read_yaml

_PATH = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_REFERENCE = re.compile(r"needs\.([A-Za-z_][A-Za-z0-9_-]*)")
_COMMIT = re.compile(r"[^@\s]+@[0-9a-f]{40}")


def is_workflow(path: str) -> bool:
    """Where GitHub looks for workflows, and nowhere below."""
    return bool(_PATH.fullmatch(path))


def check_workflow(path: str, content: bytes) -> Iterator[Diagnostic]:
    """Syntax, schema, and the order of the jobs."""
    document = read_yaml(content, path=path)
    yield from document.diagnostics
    if document.value is None:
        return
    yield from schema_findings(path, document, WORKFLOW)
    jobs = document.value.get("jobs") if isinstance(document.value, dict) else None
    if isinstance(jobs, dict):
        known = {str(name): job for name, job in jobs.items() if isinstance(job, dict)}
        yield from _needs(path, document, known)
        yield from _unpinned(path, document, known)


def _needs(path: str, document: Reading, jobs: Mapping[str, Mapping[str, object]]) -> Iterator[Diagnostic]:
    needs = {name: _listed(job.get("needs")) for name, job in jobs.items()}
    for name, targets in needs.items():
        place = document.place("jobs", name, "needs")
        for target in targets:
            if target not in jobs:
                yield Diagnostic(
                    path=path, place=place, code="undefined-job", message=f"{name} needs {target}, which is no job"
                )
            elif name in reachable(target, needs):
                yield Diagnostic(
                    path=path, place=place, code="cycle", message=f"{name} and {target} wait for each other"
                )
        for used in sorted(set(_REFERENCE.findall(str(jobs[name]))) - set(targets)):
            yield Diagnostic(
                path=path, place=place, code="undefined-job", message=f"{name} reads needs.{used}, and does not need it"
            )


def _unpinned(path: str, document: Reading, jobs: Mapping[str, Mapping[str, object]]) -> Iterator[Diagnostic]:
    """Reusable workflows by tag or branch; zizmor looks at steps."""
    for name, job in jobs.items():
        used = job.get("uses")
        if isinstance(used, str) and not used.startswith("./") and not _COMMIT.fullmatch(used):
            place = document.place("jobs", name, "uses")
            yield Diagnostic(
                path=path, place=place, code="unpinned-workflow", message=f"{used} is not pinned to a commit"
            )


def _listed(value: object) -> list[str]:
    return [str(item) for item in as_list(value)]

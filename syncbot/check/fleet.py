"""Every check over a whole fleet: renderings in, findings with the repos they were found in out.

A file is looked at once for each distinct content, and each linter is started once for all files together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from syncbot.check.codeowners import check_codeowners, check_ownership
from syncbot.check.compose import check_compose, check_mounts
from syncbot.check.dockerfile import check_dockerfiles, check_runtime
from syncbot.check.dockerignore import check_dockerignore
from syncbot.check.linters import Contents, ToolFailed, find_tool, hadolint, zizmor
from syncbot.check.owners import check_existence, check_organization
from syncbot.check.postgres_conf import SettingsCheck, check_agreement, check_settings, is_settings
from syncbot.check.schema import schema_missing
from syncbot.check.terraform import check_json
from syncbot.check.types import ContentCheck, Rendering, RenderingCheck
from syncbot.check.unique_names import check_unique_names
from syncbot.check.versions import check_versions
from syncbot.check.workflow import check_workflow, is_workflow
from syncbot.formats.codeowners import LOCATIONS
from syncbot.formats.compose import is_compose
from syncbot.formats.diagnostics import Diagnostic, Found, Severity
from syncbot.formats.dockerfile import is_dockerfile
from syncbot.model.files import blob_id
from syncbot.model.observation import Failure

Key = tuple[str, str]
"""A path and the id of the content there."""
Linter = Callable[[str, Contents], Iterable[tuple[Key, Diagnostic]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A linter that is a program of its own, and the paths it is for."""

    name: str
    applies: Callable[[str], bool]
    run: Linter


CONTENT_CHECKS: tuple[tuple[Callable[[str], bool], ContentCheck], ...] = (
    (is_dockerfile, check_runtime),
    (is_compose, check_compose),
    (is_workflow, check_workflow),
    (is_settings, check_settings),
    (LOCATIONS.__contains__, check_codeowners),
    (lambda path: path.endswith(".json"), check_json),
)
RENDERING_CHECKS: tuple[RenderingCheck, ...] = (
    check_dockerfiles,
    check_dockerignore,
    check_mounts,
    check_ownership,
    check_organization,
    check_agreement,
    check_versions,
)
PROGRAMS = (
    Program(name="hadolint", applies=is_dockerfile, run=hadolint),
    Program(name="zizmor", applies=is_workflow, run=zizmor),
)


class ContentFindings:
    """What is wrong with single files, by path and content: each is looked at once, however often it is asked for."""

    def __init__(self) -> None:
        self._known: dict[Key, tuple[Diagnostic, ...]] = {}

    def of(self, renderings: Sequence[Rendering]) -> Mapping[Key, tuple[Diagnostic, ...]]:
        """The findings in the owned files of all of these; each linter is started once for what is new."""
        contents = {key: content for rendering in renderings for key, content in owned_contents(rendering).items()}
        new = {key: content for key, content in contents.items() if key not in self._known}
        found: dict[Key, list[Diagnostic]] = {key: [] for key in new}
        for key, finding in chain(_content_findings(new), _program_findings(new)):
            found[key].append(finding)
        self._known |= {key: tuple(findings) for key, findings in found.items()}
        return {key: self._known[key] for key in contents}


def check_fleet(
    renderings: Sequence[Rendering],
    *,
    settings: SettingsCheck | None = None,
    unseen: Mapping[str, Failure] | None = None,
) -> tuple[Found, ...]:
    """What is wrong with the owned files, worst first, the same finding in many repos once.

    `settings` is what knows the parameters of Postgres, `unseen` the owners that were looked up and not found; None
    where nobody looked. A tool that is not installed, or fails, is a finding itself.
    """
    found: dict[Diagnostic, dict[str, None]] = defaultdict(dict)
    by_content = ContentFindings().of(renderings)
    for rendering in renderings:
        for finding in chain(
            check_rendering(rendering, by_content, settings=settings), check_existence(rendering, unseen)
        ):
            found[finding][rendering.repo] = None
    for repos, finding in check_unique_names(renderings):
        found[finding] |= dict.fromkeys(repos)
    for finding in _not_checked(by_content):
        found[finding] |= {}
    order = {severity: rank for rank, severity in enumerate(Severity)}
    ranked = sorted(found.items(), key=lambda item: (order[item[0].severity], item[0]))
    place = {rendering.repo: index for index, rendering in enumerate(renderings)}
    return tuple(Found(finding=finding, repos=tuple(sorted(repos, key=place.__getitem__))) for finding, repos in ranked)


def check_rendering(
    rendering: Rendering,
    by_content: Mapping[Key, tuple[Diagnostic, ...]],
    *,
    settings: SettingsCheck | None = None,
) -> Iterator[Diagnostic]:
    """What is wrong with one repo's owned files, by themselves and together; `by_content` holds the former."""
    yield from chain.from_iterable(by_content[key] for key in owned_contents(rendering))
    yield from chain.from_iterable(check(rendering) for check in RENDERING_CHECKS)
    yield from _settings(rendering, settings)


def owned_contents(rendering: Rendering) -> Mapping[Key, bytes]:
    """The owned files that are rendered, by path and content."""
    files = ((path, rendering.files.get(path)) for path in rendering.owned_paths)
    return {(path, blob_id(file.content)): file.content for path, file in files if file}


def _content_findings(contents: Contents) -> Iterator[tuple[Key, Diagnostic]]:
    for key, content in contents.items():
        for applies, check in CONTENT_CHECKS:
            if applies(key[0]):
                yield from ((key, finding) for finding in check(key[0], content))


def _program_findings(contents: Contents) -> Iterator[tuple[Key, Diagnostic]]:
    for program in PROGRAMS:
        wanted = {key: content for key, content in contents.items() if program.applies(key[0])}
        installed = find_tool(program.name)
        if wanted and installed:
            try:
                yield from program.run(installed, wanted)
            except ToolFailed as error:
                finding = Diagnostic(path="", code="not-checked", message=f"not checked: {error}", tool=program.name)
                yield from ((key, finding) for key in wanted)


def _not_checked(contents: Iterable[Key]) -> Iterator[Diagnostic]:
    """What could not be looked at, for want of a tool."""
    said = "not checked: {} is not installed; pip install 'syncbot[checks]'"
    for program in PROGRAMS:
        if any(program.applies(path) for path, _ in contents) and not find_tool(program.name):
            yield Diagnostic(path="", code="not-checked", message=said.format(program.name), tool=program.name)
    if schema_missing() and any(is_compose(path) or is_workflow(path) for path, _ in contents):
        yield Diagnostic(path="", code="not-checked", message=said.format("check-jsonschema"), tool="schema")


def _settings(rendering: Rendering, check: SettingsCheck | None) -> Iterator[Diagnostic]:
    for path, file in rendering.files.items():
        if check and is_settings(path):
            yield from check(path, file.content, rendering.answers)

"""What the shape of the file cannot say: rules between keys, between repos, and with the templates.

In: the tree of repos.yaml and the templates' specs. Out: every breach, as slips. Works on the tree and not on the
models, so that one wrong type elsewhere hides nothing; passes over whatever has the wrong shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from syncbot.config import tree
from syncbot.config.answers import check_name, check_value
from syncbot.config.reader import Slip
from syncbot.config.tree import Node, Path, entry, text_of
from syncbot.config.wording import did_you_mean, key_place
from syncbot.model import TemplateSpec

Specs = Mapping[str, TemplateSpec]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """What every check of one file needs."""

    root: Node
    specs: Specs
    template: str | None
    has_template: bool
    has_team: bool


def check(root: Node, specs: Specs) -> Iterator[Slip]:
    """Every breach of a rule that concerns more than one key, or a template."""
    defaults = entry(root, "defaults")
    scope = _Scope(
        root=root,
        specs=specs,
        template=text_of(entry(defaults, "template")),
        has_template=entry(defaults, "template") is not None,
        has_team=entry(defaults, "team") is not None,
    )
    yield from _template(scope, ("defaults",), defaults)
    repos = entry(root, "repos")
    items = repos.items if isinstance(repos, tree.Sequence) else []
    yield from _default_answers(scope, entry(defaults, "answers"), items)
    yield from _names(scope, items)
    for index, repo in enumerate(items):
        if isinstance(repo, tree.Mapping):
            yield from _repo(scope, ("repos", index), repo)


def _template(scope: _Scope, path: Path, node: Node | None) -> Iterator[Slip]:
    template = entry(node, "template")
    name = text_of(template)
    if template is not None and name is not None and name not in scope.specs:
        known = ", ".join(sorted(scope.specs)) or "none"
        message = f"there is no template {tree.quoted(name)}{did_you_mean(name, scope.specs)}; there are: {known}"
        yield Slip((*path, "template"), template.place, message)


def _default_answers(scope: _Scope, answers: Node | None, repos: list[Node]) -> Iterator[Slip]:
    """A default must suit each template in use that asks for it, and one must."""
    used = {text_of(entry(repo, "template")) or scope.template for repo in repos} or {scope.template}
    specs = [spec for name, spec in sorted(scope.specs.items()) if name in used]
    if not specs or not isinstance(answers, tree.Mapping):
        return
    for name, value in answers.entries.items():
        path: Path = ("defaults", "answers", name)
        asking = [spec for spec in specs if name in spec.questions]
        for spec in asking or specs[:1]:
            yield from _answer(name, value, path, answers.keys[name], spec)


def _names(scope: _Scope, repos: list[Node]) -> Iterator[Slip]:
    """Names differ, by GitHub's rule without regard to case, and are names that GitHub takes."""
    first: dict[str, tuple[int, tree.Place]] = {}
    for index, repo in enumerate(repos):
        node = entry(repo, "name")
        name = text_of(node)
        if node is None or name is None:
            continue
        path: Path = ("repos", index, "name")
        if name in {".", ".."} or name.lower().endswith(".git"):
            yield Slip(path, node.place, f"GitHub has no repository of the name {tree.word(name)}")
        earlier, place = first.setdefault(name.lower(), (index, node.place))
        if earlier != index:
            lines = f"lines {place.line} and {node.place.line}"
            yield Slip(path, node.place, f"{tree.word(name)} is listed twice, on {lines}; case makes no difference")


def _repo(scope: _Scope, path: Path, repo: tree.Mapping) -> Iterator[Slip]:
    yield from _template(scope, path, repo)
    for key, given in (("template", scope.has_template), ("team", scope.has_team)):
        if key not in repo.entries and not given:
            yield Slip((*path, key), repo.place, "required, but missing; set it here or under defaults")
    template = repo.entries.get("template")
    spec = scope.specs.get((text_of(template) if template else scope.template) or "")
    if spec is None:
        return
    answers = repo.entries.get("answers")
    if isinstance(answers, tree.Mapping):
        for name, value in answers.entries.items():
            yield from _answer(name, value, (*path, "answers", name), answers.keys[name], spec)
    yield from _ownership(path, repo.entries.get("ownership"), spec)
    exemptions = repo.entries.get("exemptions")
    if isinstance(exemptions, tree.Sequence):
        for index, exemption in enumerate(exemptions.items):
            yield from _exemption((*path, "exemptions", index), exemption, spec)


def _answer(name: str, value: Node, path: Path, place: tree.Place, spec: TemplateSpec) -> Iterator[Slip]:
    misnamed = tuple(check_name(name, place, path, spec))
    yield from misnamed
    if not misnamed:
        yield from check_value(value, path, spec.questions[name])


def _ownership(path: Path, node: Node | None, spec: TemplateSpec) -> Iterator[Slip]:
    if not isinstance(node, tree.Mapping):
        return
    owned = [file.path for file in spec.owned]
    for name, place in node.keys.items():
        if name not in owned:
            yield Slip((*path, "ownership", name), place, _not_owned(spec, name, owned))


def _exemption(path: Path, node: Node, spec: TemplateSpec) -> Iterator[Slip]:
    file, answer, keep = (entry(node, key) for key in ("path", "answer", "keep"))
    if file is not None and answer is not None:
        yield Slip((*path, "answer"), key_place(node, ("answer",)), "expected path or answer, not both")
    if answer is not None and keep is None:
        yield Slip((*path, "keep"), node.place, "required with answer, but missing: the value that stays")
    if keep is not None and answer is None:
        yield Slip((*path, "keep"), key_place(node, ("keep",)), "expected only beside answer")
    name = text_of(file)
    exemptable = [owned.path for owned in spec.owned] + list(spec.retired)
    elsewhere = {location for owned in spec.owned for location in owned.locations}
    if file is not None and name is not None and name not in elsewhere.union(exemptable):
        yield Slip((*path, "path"), file.place, _not_owned(spec, name, exemptable))
    name = text_of(answer)
    if answer is not None and name is not None:
        misnamed = tuple(check_name(name, answer.place, (*path, "answer"), spec))
        yield from misnamed
        if keep is not None and not misnamed:
            yield from check_value(keep, (*path, "keep"), spec.questions[name])


def _not_owned(spec: TemplateSpec, name: str, owned: list[str]) -> str:
    origin = f"templates/{spec.name}/ownership.yaml lists {', '.join(owned) or 'nothing'}"
    return f"the template does not own {tree.word(name)}{did_you_mean(name, owned)} ({origin})"

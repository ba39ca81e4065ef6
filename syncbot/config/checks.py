"""What the shape of the file cannot say: rules between keys, between repos, and with the templates.

In: the tree of repos.yaml and the templates' specs. Out: every breach, as a diagnostic. Works on the tree and not on
the models, so that one wrong type elsewhere hides nothing; passes over whatever has the wrong shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from syncbot.config.answers import check_name, check_taken_out, check_value
from syncbot.config.commits import check_commits, check_prefixes
from syncbot.config.messages import key_place, mistake, text_of, value_of, word
from syncbot.formats import yaml
from syncbot.formats.diagnostics import Diagnostic, Place, did_you_mean, nearest
from syncbot.formats.yaml.nodes import Content, Node, Pair, Path, followed, items, quoted
from syncbot.model.templates import TemplateSpec

Specs = Mapping[str, TemplateSpec]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """What every check of one file needs."""

    root: Node
    specs: Specs
    template: str | None
    answers: Content | None
    has_template: bool
    has_team: bool


def check(root: Node, specs: Specs) -> Iterator[Diagnostic]:
    """Every breach of a rule that concerns more than one key, or a template."""
    defaults = value_of(root, "defaults")
    scope = _Scope(
        root=root,
        specs=specs,
        template=text_of(value_of(defaults, "template")),
        answers=value_of(defaults, "answers"),
        has_template=value_of(defaults, "template") is not None,
        has_team=value_of(defaults, "team") is not None,
    )
    yield from _template(scope, ("defaults",), defaults)
    yield from check_commits(("commits",), value_of(root, "commits"))
    repos = items(value_of(root, "repos"))
    yield from check_prefixes(value_of(root, "commits"), repos)
    yield from _default_answers(scope, repos)
    yield from _names(scope, repos)
    for index, repo in enumerate(repos):
        if isinstance(repo, yaml.Mapping):
            yield from _repo(scope, ("repos", index), repo)


def _template(scope: _Scope, path: Path, node: Node | None) -> Iterator[Diagnostic]:
    template = value_of(node, "template")
    name = text_of(template)
    if template is not None and name is not None and name not in scope.specs:
        known = ", ".join(sorted(scope.specs)) or "none"
        yield mistake(
            (*path, "template"),
            template.place,
            f"there is no template {quoted(name)}{did_you_mean(nearest(name, scope.specs))}; there are: {known}",
        )


def _default_answers(scope: _Scope, repos: list[Content]) -> Iterator[Diagnostic]:
    """A default must suit each template in use that asks for it, and one must."""
    answers = scope.answers
    used = {text_of(value_of(repo, "template")) or scope.template for repo in repos} or {scope.template}
    specs = [spec for name, spec in sorted(scope.specs.items()) if name in used]
    if not specs or not isinstance(answers, yaml.Mapping):
        return
    for name, pair in answers.by_key.items():
        path: Path = ("defaults", "answers", name)
        asking = [spec for spec in specs if name in spec.questions]
        for spec in asking or specs[:1]:
            yield from _answer(name, pair, path, spec)


def _names(scope: _Scope, repos: list[Content]) -> Iterator[Diagnostic]:
    """Names differ, by GitHub's rule without regard to case, and are names that GitHub takes."""
    first: dict[str, tuple[int, Place]] = {}
    for index, repo in enumerate(repos):
        node = value_of(repo, "name")
        name = text_of(node)
        if node is None or name is None:
            continue
        path: Path = ("repos", index, "name")
        if name in {".", ".."} or name.lower().endswith(".git"):
            yield mistake(path, node.place, f"GitHub has no repository of the name {word(name)}")
        earlier, place = first.setdefault(name.lower(), (index, node.place))
        if earlier != index:
            lines = f"lines {place.line} and {node.place.line}"
            yield mistake(path, node.place, f"{word(name)} is listed twice, on {lines}; case makes no difference")


def _repo(scope: _Scope, path: Path, repo: yaml.Mapping) -> Iterator[Diagnostic]:
    yield from _template(scope, path, repo)
    yield from check_commits((*path, "commits"), repo.get("commits"), value_of(scope.root, "commits"))
    for key, given in (("template", scope.has_template), ("team", scope.has_team)):
        if key not in repo.by_key and not given:
            yield mistake((*path, key), repo.place, "required, but missing; set it here or under defaults")
    template = repo.get("template")
    spec = scope.specs.get((text_of(template) if template else scope.template) or "")
    if spec is None:
        return
    answers = repo.get("answers")
    if isinstance(answers, yaml.Mapping):
        for name, pair in answers.by_key.items():
            yield from _answer(name, pair, (*path, "answers", name), spec, value_of(scope.answers, name))
    yield from _ownership(path, repo.get("ownership"), spec)
    for index, exemption in enumerate(items(repo.get("exemptions"))):
        yield from _exemption((*path, "exemptions", index), exemption, spec)


def _answer(
    name: str, pair: Pair, path: Path, spec: TemplateSpec, default: Content | None = None
) -> Iterator[Diagnostic]:
    misnamed = tuple(check_name(name, pair.key.place, path, spec))
    yield from misnamed
    if not misnamed:
        yield from check_value(followed(pair.value), path, spec.questions[name])
        yield from check_taken_out(followed(pair.value), path, spec.questions[name], default)


def _ownership(path: Path, node: Node | None, spec: TemplateSpec) -> Iterator[Diagnostic]:
    if not isinstance(node, yaml.Mapping):
        return
    owned = [file.path for file in spec.owned]
    for name, pair in node.by_key.items():
        if name not in owned:
            yield mistake((*path, "ownership", name), pair.key.place, _not_owned(spec, name, owned))


def _exemption(path: Path, node: Content, spec: TemplateSpec) -> Iterator[Diagnostic]:
    file, answer, keep = (value_of(node, key) for key in ("path", "answer", "keep"))
    if file is not None and answer is not None:
        yield mistake((*path, "answer"), key_place(node, ("answer",)), "expected path or answer, not both")
    if answer is not None and keep is None:
        yield mistake((*path, "keep"), node.place, "required with answer, but missing: the value that stays")
    if keep is not None and answer is None:
        yield mistake((*path, "keep"), key_place(node, ("keep",)), "expected only beside answer")
    name = text_of(file)
    exemptable = [owned.path for owned in spec.owned] + list(spec.retired)
    elsewhere = {location for owned in spec.owned for location in owned.locations}
    if file is not None and name is not None and name not in elsewhere.union(exemptable):
        yield mistake((*path, "path"), file.place, _not_owned(spec, name, exemptable))
    name = text_of(answer)
    if answer is not None and name is not None:
        misnamed = tuple(check_name(name, answer.place, (*path, "answer"), spec))
        yield from misnamed
        if keep is not None and not misnamed:
            yield from check_value(keep, (*path, "keep"), spec.questions[name])


def _not_owned(spec: TemplateSpec, name: str, owned: list[str]) -> str:
    origin = f"templates/{spec.name}/ownership.yaml lists {', '.join(owned) or 'nothing'}"
    return f"the template does not own {word(name)}{did_you_mean(nearest(name, owned))} ({origin})"

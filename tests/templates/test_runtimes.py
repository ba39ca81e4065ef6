"""A runtime among the choices has all its parts: each part is a row below, and what lacks one is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from syncbot.check import versions
from syncbot.render import Templates, load_templates
from syncbot.render.questions import Rule
from syncbot.report import title
from tests.cli.harness import PROJECT
from tests.render.answers import ENTRIES, MANAGERS
from tests.templates.combinations import BASE

SERVICE = "templates/service"


def _mentions(path: str) -> Callable[[Templates, str], bool]:
    """Whether that file of the template does something for a runtime of its own."""

    def mentions(templates: Templates, runtime: str) -> bool:
        text = templates.sources.files[f"{SERVICE}/{path}"].content.decode()
        return f"has.{runtime}" in text or f"runtime == '{runtime}'" in text

    return mentions


def _file(*conditions: str, named: str) -> Callable[[Templates, str], bool]:
    """Whether a file of that name comes out where the runtime, and all of `conditions`, hold."""

    def file(templates: Templates, runtime: str) -> bool:
        wanted = [f"has.{runtime}", *(f"has.{condition}" for condition in conditions)]
        names = (path.removeprefix(f"{SERVICE}/files/") for path in templates.sources.files)
        return any(named in name and all(each in name for each in wanted) for name in names)

    return file


PARTS: Mapping[str, Callable[[Templates, str], bool]] = {
    "file Dockerfile": _file(named="}Dockerfile{"),
    "file of a web service": _file("web", named="{{ entry_file }}"),
    "file of a worker": _file("worker", named="{{ entry_file }}"),
    "file of a test": _file(named="test"),
    "rule for `entry` in answers.jinja": _mentions("includes/answers.jinja"),
    "question for its version": lambda templates, runtime: f"{runtime}_version" in templates.specs["service"].questions,
    "answer in check/versions.py": lambda _, runtime: versions.ANSWERS.get(f"{runtime}_version") == runtime,
    "runtime in check/versions.py": lambda _, runtime: runtime in versions._RUNTIMES,
    "releases in check/versions.json": lambda _, runtime: bool(versions.products().get(runtime)),
    "name in report/title.py": lambda _, runtime: runtime.title() in title._NAMES.values(),
    "package managers in the tests": lambda _, runtime: bool(MANAGERS.get(runtime)),
    "entries in the tests": lambda _, runtime: bool(ENTRIES.get(runtime)),
}


def missing_parts(root: Path) -> Iterator[str]:
    """What a runtime that can be chosen lacks: a part of the table, or what a question makes of it."""
    templates = load_templates(root)
    known = templates.resolved("service", BASE)
    for runtime in map(str, templates.specs["service"].questions["runtime"].choices or ()):
        yield from (f"{runtime}: {part}" for part, has in PARTS.items() if not has(templates, runtime))
        answers = {**known, "runtime": runtime}
        for rule in templates._rules:
            if not _computes(rule, answers):
                yield f"{runtime}: value of `{rule.name}` in questions.yml"
        has = next(rule for rule in templates._rules if rule.name == "has")
        said = has.cast(has.default(answers)) if has.default else {}
        if not isinstance(said, dict) or not said.get(runtime):
            yield f"{runtime}: `has.{runtime}` in questions.yml"


def _computes(rule: Rule, answers: Mapping[str, object]) -> bool:
    """Whether a default and choices come out for these answers."""
    try:
        for value in (rule.default, rule.choices):
            if value is not None:
                value(answers)
    except Exception:
        return False
    return True


def test_every_runtime_has_every_part() -> None:
    """None of those that can be chosen lacks a part; the tests know the same runtimes."""
    assert list(missing_parts(PROJECT)) == []
    choices = load_templates(PROJECT).specs["service"].questions["runtime"].choices
    assert choices is not None
    assert set(choices) == set(MANAGERS) == set(ENTRIES)


def test_a_runtime_without_its_parts_is_named_with_each(tmp_path: Path) -> None:
    """Ruby among the choices, and nothing else done for it."""
    shutil.copytree(PROJECT / "templates", tmp_path / "templates")
    shutil.copy(PROJECT / "copier.yml", tmp_path)
    questions = tmp_path / SERVICE / "questions.yml"
    planted = questions.read_text().replace("choices: [node, python, go]", "choices: [node, python, go, ruby]")
    assert planted != questions.read_text()
    questions.write_text(planted)
    missing = set(missing_parts(tmp_path))
    assert missing == {f"ruby: {part}" for part in PARTS} | {
        "ruby: value of `package_manager` in questions.yml",
        "ruby: value of `entry` in questions.yml",
        "ruby: value of `debian` in questions.yml",
        "ruby: `has.ruby` in questions.yml",
    }

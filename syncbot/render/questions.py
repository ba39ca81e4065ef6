"""Copier's questions: what a repo answers, checked, cast and completed with defaults exactly as Copier does it.

Never prompts. What Copier can ask and this module cannot is refused by `parse_questions`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from jinja2 import Environment

from syncbot.errors import ConfigError, RenderError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.yaml.copier import copier_load
from syncbot.model.templates import Question
from syncbot.render.budget import OverBudget, said
from syncbot.render.environment import Value, compile_value, objections, variables
from syncbot.render.yaml_files import Document

IMPLEMENTED = frozenset({"type", "choices", "default", "validator", "when", "secret"})
# Remembered for each template of a question: enough for a fleet, and a bound on memory.
RESULTS = 20_000
LONGEST = 10_000
SHOWN_ONLY = frozenset({"help", "placeholder", "qmark", "multiline"})


class RefusedAnswer(ValueError):
    """The question does not take this answer: its type, choices or validator say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One question, compiled: `default`, `choices`, `validator` and `when` are functions of the answers so far.

    `judged_by` are the answers that `when`, choices and validator look at, `completed_by` those that the default does.
    """

    name: str
    type: str
    cast: Callable[[object], object]
    default: Value | None
    choices: Value | None
    validator: Value | None
    when: Value | None
    spec: Question
    judged_by: frozenset[str] = frozenset()
    completed_by: frozenset[str] = frozenset()

    def resolve(self, given: Mapping[str, object], answers: dict[str, object]) -> None:
        """Put this question's answer into `answers`, from `given` or the default. Raises ValueError for a bad one."""
        asked = self.when is None or cast_bool(self.when(answers))
        if self.name in given:
            answers[self.name] = self._checked(given[self.name], answers)
        elif self.default is not None:
            default = self.default(answers)
            answers[self.name] = self._checked(default, answers) if asked else self._cast(default, answers)
        elif asked:
            raise ValueError("required, and has no default")

    def _cast(self, answer: object, answers: Mapping[str, object]) -> object:
        if answer is None and self.type not in {"json", "yaml"}:
            raise RefusedAnswer(f"expected {self.type}, not null")
        try:
            value = self.cast(answer)
        except (TypeError, ValueError) as error:
            raise RefusedAnswer(str(error)) from error
        if self.choices is None:
            return value
        choices = [self.cast(choice) for choice in _choices(self.choices(answers))]
        if choices and value not in choices:
            raise RefusedAnswer(f"{_short(value)} is not one of {', '.join(map(str, choices))}")
        return value

    def _checked(self, answer: object, answers: Mapping[str, object]) -> object:
        value = self._cast(answer, answers)
        if self.validator is not None:
            said = str(self.validator({**answers, self.name: value})).strip()
            if said:
                raise RefusedAnswer(f"{said} (given: {_short(value)})")
        return value


def resolve(rules: Iterable[Rule], given: Mapping[str, object]) -> dict[str, object]:
    """All answers, in the order of the questions.

    Raises RenderError, in one line with the question's name, for a bad, missing or unknown answer.
    """
    answers = dict(given)
    left = set(given)
    for rule in rules:
        if rule.name in left and rule.spec.computed:
            raise RenderError(f"{rule.name}: follows from other answers and takes none itself")
        left.discard(rule.name)
        try:
            rule.resolve(given, answers)
        except (Exception, OverBudget) as error:
            raise RenderError(f"{rule.name}: {said(error)}") from error
    if left:
        raise RenderError(f"{min(left)}: not a question of the template")
    return answers


def leading_to(rules: Iterable[Rule], names: Iterable[str], given: Container[str] = ()) -> tuple[Rule, ...]:
    """The questions of these names and those that bear on their answers, at any remove, in their order.

    What is `given` takes no default, and so depends on no more than what judges it.
    """
    known = {rule.name: rule for rule in rules}
    reached = dict.fromkeys(name for name in names if name in known)
    for name in (waiting := list(reached)):
        rule = known[name]
        for each in rule.judged_by if name in given else rule.judged_by | rule.completed_by:
            if each in known and each not in reached:
                reached[each] = None
                waiting.append(each)
    return tuple(rule for rule in known.values() if rule.name in reached)


def parse_questions(environment: Environment, documents: Iterable[Document]) -> Iterator[Rule | Diagnostic]:
    """A `Rule` for each question, or a `Diagnostic` for what is wrong or not implemented."""
    asked = [
        (document, name, raw)
        for document in documents
        if isinstance(document.value, dict)
        for name, raw in document.value.items()
        if not str(name).startswith("_")
    ]
    names = [str(name) for _, name, _ in asked]
    for index, (document, name, raw) in enumerate(asked):
        problems = [*_question_problems(document, name, raw), *_lint(environment, document, name, raw, names)]
        if str(name) in names[:index]:
            problems.append(document.problem("asked twice", str(name)))
        yield from problems or (_compiled(environment, document, name, raw),)


def _compiled(environment: Environment, document: Document, name: str, raw: Mapping[str, object]) -> Rule | Diagnostic:
    try:
        return _rule(environment, name, raw)
    except Exception as error:
        return document.problem(f"cannot be compiled: {said(error)}", name)
    except OverBudget as error:
        raise ConfigError(document.problem(f"cannot be compiled: {said(error)}", name)) from error


def _lint(
    environment: Environment, document: Document, name: object, raw: object, names: Iterable[str]
) -> Iterator[Diagnostic]:
    for attribute, value in raw.items() if isinstance(raw, dict) else ():
        for source in value if isinstance(value, list) else [value]:
            for _, reason in objections(environment, source, names) if isinstance(source, str) else ():
                yield document.problem(reason, str(name), str(attribute))


def _question_problems(document: Document, name: object, raw: object) -> Iterator[Diagnostic]:
    key = str(name)
    if not isinstance(name, str) or not name.isidentifier() or name in {"now", "make_secret"}:
        yield document.problem("not a name a question can have", key)
    if not isinstance(raw, dict):
        yield document.problem("expected a mapping with at least `type`", key)
        return
    for attribute in raw.keys() - IMPLEMENTED - SHOWN_ONLY:
        yield document.problem("not supported by syncbot", key, str(attribute))
    if raw.get("type") not in CASTS:
        yield document.problem(f"expected one of {', '.join(CASTS)}", key, "type")
    if raw.get("choices") is not None and not _plain_choices(raw["choices"]):
        yield document.problem("expected a list of plain values, or a template that gives one", key, "choices")
    if not isinstance(raw.get("validator", ""), str):
        yield document.problem("expected a template", key, "validator")
    if not isinstance(raw.get("when", True), bool | str):
        yield document.problem("expected true, false or a template", key, "when")
    if not isinstance(raw.get("secret", False), bool):
        yield document.problem("expected true or false", key, "secret")
    elif raw.get("secret") and "default" not in raw:
        yield document.problem("a secret question needs a default", key, "secret")


def _plain_choices(choices: object) -> bool:
    if isinstance(choices, str):
        return "{" in choices
    return isinstance(choices, list) and all(
        isinstance(choice, str | int | float) and "{" not in str(choice) for choice in choices
    )


def _rule(environment: Environment, name: str, raw: Mapping[str, object]) -> Rule:
    choices, when = raw.get("choices") or None, raw.get("when", True)
    return Rule(
        name=name,
        type=str(raw["type"]),
        cast=CASTS[str(raw["type"])],
        default=_value(environment, raw["default"]) if "default" in raw else None,
        choices=_value(environment, choices) if choices else None,
        validator=_value(environment, str(raw["validator"])) if raw.get("validator") else None,
        when=None if when is True else _value(environment, when),
        spec=Question(
            name=name,
            type=str(raw["type"]),
            choices=tuple(choices) if isinstance(choices, list) else None,
            computed=when is False,
            secret=raw.get("secret") is True,
        ),
        judged_by=_read_by(environment, when, choices, raw.get("validator")),
        completed_by=_read_by(environment, raw.get("default")),
    )


def _read_by(environment: Environment, *sources: object) -> frozenset[str]:
    """The answers that these templates may look at."""
    texts = (text for source in sources for text in (source if isinstance(source, list) else [source]))
    return frozenset[str]().union(*(variables(environment, text) for text in texts if isinstance(text, str)))


def _value(environment: Environment, source: object) -> Value:
    """The compiled value; a template is rendered once for each set of the answers that it looks at."""
    compiled = compile_value(environment, source)
    if not isinstance(source, str) or "{" not in source:
        return compiled
    names = sorted(variables(environment, source))
    results: dict[str, object] = {}

    def remembered(answers: Mapping[str, object]) -> object:
        key = repr([answers.get(name, ...) for name in names])
        if key in results:
            return results[key]
        if len(results) >= RESULTS:
            results.clear()
        result = compiled(answers)
        if len(key) + len(str(result)) <= LONGEST:
            results[key] = result
        return result

    return remembered


def _choices(choices: object) -> list[object]:
    parsed = copier_load(choices) if isinstance(choices, str) else choices
    if not isinstance(parsed, list):
        raise ValueError(f"the template's choices are not a list: {_short(parsed)}")
    return parsed


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# ------------------------------------------------- Copier's casts (copier/_tools.py, copier/_user_data.py)


def cast_bool(value: object) -> bool:
    """Numbers by their truth, then YAML's words for true and false, then Python's truth."""
    with suppress(TypeError, ValueError):
        return bool(float(value))  # type: ignore[arg-type]
    if isinstance(value, str):
        word = value.strip().lower()
        if word in {"", "n", "no", "f", "false", "off", "~", "null", "none"}:
            return False
    return bool(value)


def _cast_str(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float | int):
        return str(value)
    if isinstance(value, bytes | bytearray):
        return value.decode()
    raise ValueError(f"expected text, not {_short(value)}")


def _cast_json(value: object) -> object:
    return json.loads(value) if isinstance(value, str | bytes | bytearray) else value


def _cast_yaml(value: object) -> object:
    return copier_load(value) if isinstance(value, str | bytes) else value


CASTS: Mapping[str, Callable[[object], object]] = {
    "bool": cast_bool,
    "float": float,  # type: ignore[dict-item]
    "int": int,  # type: ignore[dict-item]
    "json": _cast_json,
    "path": str,
    "str": _cast_str,
    "yaml": _cast_yaml,
}

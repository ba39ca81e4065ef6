"""Answers held against the questions of a template.

In: the node of an answer and a `TemplateSpec`. Out: what is wrong with it. Never renders, and never knows what an
answer is for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

from syncbot.config.messages import NUMBER, STRING, TRUTH, WHOLE_NUMBER, mistake, shown, wrong_type
from syncbot.formats.diagnostics import Diagnostic, Place, did_you_mean, nearest
from syncbot.formats.yaml.nodes import Content, Mapping, Path, Scalar, Sequence, followed, items, quoted
from syncbot.model.templates import FREE_TYPES, LOCATIONS, UNCLAIMED, Question, TemplateSpec

# Questions that keys of repos.yaml answer, and where those keys stand.
FROM_KEYS = {
    "template": "the key template of the repo or of defaults",
    "service_name": "the repo's name",
    "organization": "the key organization at the top",
    "team": "the key team of the repo or of defaults",
    "owners": "the key owners at the top",
}
SUPPLIED = FROM_KEYS | {LOCATIONS: "the files that the repo has", UNCLAIMED: "what was delivered to the repo"}
"""Every question that takes no answer, and what answers it."""

_EXPECTED = {"str": STRING, "path": STRING, "int": WHOLE_NUMBER, "float": NUMBER, "bool": TRUTH}


def check_name(name: str, place: Place, path: Path, spec: TemplateSpec) -> Iterator[Diagnostic]:
    """Whether the template takes an answer of this name."""
    if name in SUPPLIED:
        yield mistake(path, place, f"not an answer: it is taken from {SUPPLIED[name]}")
        return
    question = spec.questions.get(name)
    if question is None:
        asked = sorted(q.name for q in spec.questions.values() if not q.computed and q.name not in SUPPLIED)
        origin = f"templates/{spec.name}/questions.yml asks {', '.join(asked) or 'nothing'}"
        yield mistake(path, place, f"the template does not ask for it{did_you_mean(nearest(name, asked))} ({origin})")
    elif question.computed:
        yield mistake(path, place, "the template computes it; it takes no answer")


def check_value(node: Content, path: Path, question: Question) -> Iterator[Diagnostic]:
    """Whether the value is of the question's type and among its choices."""
    if isinstance(node, Scalar) and node.value is None:
        expected = _EXPECTED.get(question.type, "a value")
        yield mistake(path, node.place, f"{wrong_type(expected, node)}; leave the key out to take the default")
    elif question.type in FREE_TYPES:
        yield from _free_value(node, path)
    elif not _is_a(question.type, node):
        yield mistake(path, node.place, wrong_type(_EXPECTED[question.type], node))
    elif isinstance(node, Scalar) and question.choices is not None and not _chosen(node, question.choices):
        words = [choice if isinstance(choice, str) else str(choice) for choice in question.choices]
        near = nearest(node.text, words)
        yield mistake(path, node.place, f"expected one of {', '.join(words)}, but {shown(node)}{did_you_mean(near)}")


def check_taken_out(node: Content, path: Path, question: Question, default: Content | None) -> Iterator[Diagnostic]:
    """Whether each null in a mapping takes out a key that the default of that name has."""
    if not isinstance(node, Mapping) or not isinstance(default, Mapping) or question.type not in FREE_TYPES:
        return
    for key, pair in node.by_key.items():
        value = followed(pair.value)
        if isinstance(value, Scalar) and value.value is None and key not in default.by_key:
            message = f"there is nothing to take out: defaults have no {quoted(key)} there"
            yield mistake((*path, key), pair.key.place, f"{message}{did_you_mean(nearest(key, default.by_key))}")


def _is_a(question_type: str, node: Content) -> bool:
    value = node.value if isinstance(node, Scalar) else None
    match question_type:
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        case "bool":
            return isinstance(value, bool)
        case _:
            return isinstance(value, str)


def _chosen(node: Scalar, choices: tuple[object, ...]) -> bool:
    return any(type(choice) is type(node.value) and choice == node.value for choice in choices)


def _free_value(node: Content, path: Path) -> Iterator[Diagnostic]:
    """Answers of type yaml and json hold anything that JSON can."""
    match node:
        case Mapping():
            for key, pair in node.by_key.items():
                yield from _free_value(followed(pair.value), (*path, key))
        case Sequence():
            for index, item in enumerate(items(node)):
                yield from _free_value(item, (*path, index))
        case Scalar(value=date()):
            yield mistake(path, node.place, f"{node.text} is read as a date; quote it: {quoted(node.text)}")
        case Scalar(value=float(number)) if not math.isfinite(number):
            yield mistake(path, node.place, f"expected a finite number, but found {node.text}")

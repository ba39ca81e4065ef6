"""Answers that are mappings: how a repo's own goes together with the fleet's.

One level deep: the value of a key is replaced whole, also where it is a mapping itself. A null of the repo's takes the
key out. Values in, values out.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncbot.model.templates import FREE_TYPES, Question

Values = Mapping[str, object]


def with_defaults(
    questions: Mapping[str, Question], defaults: Values, own: Values
) -> tuple[dict[str, object], dict[str, object]]:
    """All answers of a repo; and those of its own that went together with a default, as the repo has them."""
    answers: dict[str, object] = {**defaults, **own}
    parts: dict[str, object] = {}
    for name in defaults.keys() & own.keys():
        default, part = defaults[name], own[name]
        if isinstance(default, Mapping) and isinstance(part, Mapping) and questions[name].type in FREE_TYPES:
            answers[name], parts[name] = merged(default, part), part
    return answers, parts


def merged(default: Values, own: Values) -> dict[str, object]:
    """The default's keys, then those that the repo adds, without what it takes out."""
    return {key: value for key, value in {**default, **own}.items() if value is not None or key not in own}


def own_part(default: object, wanted: object) -> object:
    """What a repo has to say itself so that, with this default, it gets what is wanted."""
    if not isinstance(default, Mapping) or not isinstance(wanted, Mapping):
        return wanted
    # By their text, since 1, 1.0 and true are equal in Python.
    added = {key: value for key, value in wanted.items() if repr(default.get(key, ...)) != repr(value)}
    return added | {key: None for key in default if key not in wanted}

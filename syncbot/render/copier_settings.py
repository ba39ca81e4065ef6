"""The settings of copier.yml: the few that syncbot implements, with the one value it implements them for.

Everything else Copier offers is refused, so that a template never renders to two results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from syncbot.formats.diagnostics import Diagnostic
from syncbot.render.questions import Rule
from syncbot.render.sources import CONFIG, FOLDER, SECOND_CONFIG, Sources
from syncbot.render.yaml_files import Document

REQUIRED: dict[str, object] = {
    "_subdirectory": "templates/{{ template }}/files",
    "_envops": {"undefined": "jinja2.StrictUndefined"},
}
OPTIONAL: dict[str, object] = {"_templates_suffix": ".jinja"}
WITHOUT_EFFECT_ON_FILES = frozenset(
    {
        "_min_copier_version",
        "_message_before_copy",
        "_message_after_copy",
        "_message_before_update",
        "_message_after_update",
    }
)


def check_settings(sources: Sources, documents: Iterable[Document], rules: Iterable[Rule]) -> Iterator[Diagnostic]:
    """What in copier.yml's settings syncbot does not implement, or Copier would not find."""
    settings: dict[str, object] = {}
    for document in documents:
        if not isinstance(document.value, dict):
            yield document.problem("expected settings and questions")
            continue
        for key, value in document.value.items():
            if str(key).startswith("_"):
                yield from _setting_problems(document, str(key), value, settings)
    for key in REQUIRED.keys() - settings.keys():
        yield Diagnostic(path=CONFIG, subject=key, message=f"missing; expected {REQUIRED[key]!r}")
    if SECOND_CONFIG in sources.files:
        yield Diagnostic(path=SECOND_CONFIG, message=f"Copier refuses a second configuration beside {CONFIG}")
    choices = next((rule.spec.choices for rule in rules if rule.name == "template"), None)
    if choices is None or sorted(map(str, choices)) != list(sources.templates):
        yield Diagnostic(
            path=CONFIG,
            subject="template.choices",
            message=f"expected the folders of {FOLDER}/: [{', '.join(sources.templates)}]",
        )


def _setting_problems(document: Document, key: str, value: object, settings: dict[str, object]) -> Iterator[Diagnostic]:
    if key in settings:
        yield document.problem("set twice", key)
    settings[key] = value
    expected = {**REQUIRED, **OPTIONAL}.get(key, value)
    if value != expected:
        yield document.problem(f"syncbot supports only {expected!r}", key)
    if key not in REQUIRED and key not in OPTIONAL and key not in WITHOUT_EFFECT_ON_FILES:
        yield document.problem("this setting of Copier is not supported by syncbot", key)

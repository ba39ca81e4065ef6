"""What Copier makes of YAML: the one place where syncbot reads words as YAML 1.1 does.

Copier reads copier.yml, the questions and answers of type yaml with PyYAML, where `on` is true, `010` is 8 and `12:30`
is 750. What we render has to be what Copier would render, so its reader decides there; everything else that people
write for syncbot goes by YAML 1.2 (`syncbot.formats.yaml.reader.OURS`).
"""

from __future__ import annotations

import yaml  # type: ignore[import-untyped]
from syncbot.formats.diagnostics import Diagnostic, Place
from syncbot.formats.yaml.nodes import Content, Mapping, Node, Scalar, Sequence, followed

# What PyYAML's constructors raise for `!!int ""`, `!!bool maybe`, `!!timestamp soon` and the 30th of February.
_REFUSALS = (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError)


def copier_value(node: Node, *, path: str = "") -> object:
    """The value as Copier has it, or a `Diagnostic` where Copier would refuse it; `path` is the file's name there."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(_Composer(loader).composed(node))
    except _REFUSALS as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(mark.line + 1, mark.column + 1) if mark else node.place
        reason = getattr(error, "problem", None) or str(error).split("\n", maxsplit=1)[0]
        return Diagnostic(path=path, place=place, code="yaml", message=f"not valid YAML: {reason}")


def copier_load(text: str | bytes) -> object:
    """The value of an answer's text as Copier has it. Raises what PyYAML raises, which Copier shows as well."""
    return yaml.safe_load(text)


class _Composer:
    """Nodes as PyYAML's composer would have made them, one for each of ours, so that its constructor can go on."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self._known: dict[int, yaml.Node] = {}

    def composed(self, node: Node) -> yaml.Node:
        content = followed(node)
        if id(content) not in self._known:
            self._known[id(content)] = self._new(content)
        return self._known[id(content)]

    def _new(self, node: Content) -> yaml.Node:
        mark = yaml.Mark("", node.start, node.place.line - 1, node.place.column - 1, None, None)
        match node:
            case Scalar(text=text):
                is_plain = node.tag == "!" or (node.tag is None and node.is_plain)
                return yaml.ScalarNode(self._tag(node, yaml.ScalarNode, text, (is_plain, not is_plain)), text, mark)
            case Mapping(pairs=pairs):
                value = [(self.composed(pair.key), self.composed(pair.value)) for pair in pairs]
                return yaml.MappingNode(self._tag(node, yaml.MappingNode, None, True), value, mark)
            case Sequence(items=items):
                listed = [self.composed(item) for item in items]
                return yaml.SequenceNode(self._tag(node, yaml.SequenceNode, None, True), listed, mark)

    def _tag(self, node: Content, kind: type, text: str | None, implicit: object) -> str:
        tag = self._loader.resolve(kind, text, implicit) if node.tag in (None, "!") else node.tag
        return str(tag)

"""The one YAML reader and writer: text to nodes with places, values to text, and edits that keep every other byte.

    reading = read_yaml(content, path="compose.yaml")     # never raises; says what is wrong in reading.diagnostics
    root = reading.root                                   # Scalar | Mapping | Sequence | Alias, or None
    services = root.get("services")                       # own key, alias followed
    for name, pair in entries(services).items(): ...      # with merge keys (`<<`) followed
    pair.key.place, pair.value.start, pair.value.end      # line and column from 1; offsets into the text
    scalar.text, scalar.style, scalar.tag, scalar.value   # raw word, quotes, `!reset`, what the core schema makes of it

Words mean the same wherever syncbot reads them: YAML 1.2's core schema. `OURS` is the dialect of what people write for
syncbot, `CORE` of what they write for others.
"""

from syncbot.formats.yaml.meaning import meaning
from syncbot.formats.yaml.nodes import (
    Alias,
    Content,
    Mapping,
    Node,
    Pair,
    Path,
    Scalar,
    Sequence,
    at,
    entries,
    followed,
    items,
    key_path,
    key_text,
    place_of,
    plain,
    quoted,
)
from syncbot.formats.yaml.reader import CORE, OURS, Dialect, Reading, read_documents, read_yaml

__all__ = [
    "CORE",
    "OURS",
    "Alias",
    "Content",
    "Dialect",
    "Mapping",
    "Node",
    "Pair",
    "Path",
    "Reading",
    "Scalar",
    "Sequence",
    "at",
    "entries",
    "followed",
    "items",
    "key_path",
    "key_text",
    "meaning",
    "place_of",
    "plain",
    "quoted",
    "read_documents",
    "read_yaml",
]

"""`config/repos.yaml` to `fleet.Fleet`.

In: the file and the templates' specs. Out: a frozen fleet with the defaults folded into each repo's answers, or one
`ConfigError` with everything that is wrong. Reads that one file; never writes.
"""

from __future__ import annotations

import errno
import gc
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from syncbot.config.answers import FROM_KEYS
from syncbot.config.checks import Specs, check
from syncbot.config.commits import branch_prefixes, commit_rules
from syncbot.config.document import Document, ExemptionEntry, RepoEntry
from syncbot.config.mappings import with_defaults
from syncbot.config.messages import in_words, text_of, value_of, word
from syncbot.errors import ConfigError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.yaml.nodes import Mapping as YamlMapping
from syncbot.formats.yaml.nodes import Node, Scalar, at, followed, items
from syncbot.formats.yaml.reader import OURS, read_yaml
from syncbot.formats.yaml.syntax import decoded
from syncbot.model.files import Ownership
from syncbot.model.fleet import CommitRules, Exemption, Fleet, Limits, Repo

# Stands for a null where a null is never a value, so that no optional key accepts an empty one by accident.
EMPTY = object()
_FREE = frozenset(("answers", "keep", "trailers"))
_REPO = re.compile(r"repos\[(\d+)\]")


def load_fleet(path: Path, specs: Specs, *, shown_as: str | None = None) -> Fleet:
    """The fleet that the file at `path` describes; `shown_as` is the file's name in messages.

    Raises `ConfigError` with every mistake at once, sorted by place.
    """
    file = shown_as or str(path)
    return parse_fleet(read_text(path, file), file, specs)


def read_fleet(content: bytes, file: str, specs: Specs) -> Fleet:
    """The fleet that the bytes of a file describe. Raises `ConfigError` as `parse_fleet`, and for what is no text."""
    return parse_fleet(_decoded(content, file), file, specs)


def parse_fleet(text: str, file: str, specs: Specs) -> Fleet:
    """The fleet that `text` describes; `file` is its name in messages.

    Raises `ConfigError` with every mistake at once, sorted by place.
    """
    with _paused_collection():
        document = _document(text, file, specs)
    shared = {
        name: _asked_by(specs[name].questions, document.defaults.answers)
        for name in {repo.template or document.defaults.template for repo in document.repos}
        if name is not None
    }
    commits = commit_rules(document.commits)
    return Fleet(
        organization=document.organization,
        identities=tuple(document.identities),
        owners=document.owners,
        branch_prefixes=branch_prefixes(document),
        limits=Limits(**document.limits.model_dump()),
        repos=tuple(_repo(document, entry, specs, shared, commits) for entry in document.repos),
    )


def read_text(path: Path, file: str) -> str:
    """The file's text; `file` is its name in messages. Raises ConfigError."""
    try:
        content = _content(path)
    except OSError as error:
        is_link = error.errno == errno.ELOOP
        reason = "it is a symlink, and none is followed" if is_link else (error.strerror or str(error)).lower()
        raise ConfigError(Diagnostic(path=file, message=f"cannot be read: {reason}")) from None
    return _decoded(content, file)


def _decoded(content: bytes, file: str) -> str:
    text = decoded(content, path=file)
    if isinstance(text, Diagnostic):
        raise ConfigError(text)
    return text


def _content(path: Path) -> bytes:
    """The bytes of a regular file. In a pull request a link could lead to what the runner keeps secret."""
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return file.read()


@contextmanager
def _paused_collection() -> Iterator[None]:
    # The tree of a large fleet has a million objects and no cycles: collecting would double the time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _document(text: str, file: str, specs: Specs) -> Document:
    """The validated file; the tree that it was read from is dropped here, before the fleet is built."""
    reading = read_yaml(text, dialect=OURS)
    wrong = list(reading.diagnostics)
    document = None
    if reading.root is not None:
        wrong += check(reading.root, specs)
        try:
            document = Document.model_validate(_values(reading.root))
        except ValidationError as error:
            wrong += (in_words(reading.root, e) for e in error.errors(include_url=False, include_input=False))
    if wrong or document is None:
        raise ConfigError(*sorted({placed(file, reading.root, each) for each in wrong}))
    return document


def _values(node: Node, null: object = EMPTY) -> object:
    """The node as dict, list or scalar; nulls become `null`, and None inside the keys of `_FREE`."""
    match followed(node):
        case YamlMapping(by_key=pairs):
            return {key: _values(pair.value, None if key in _FREE else null) for key, pair in pairs.items()}
        case Scalar(value=value):
            return null if value is None else value
        case listed:
            return [_values(item, null) for item in items(listed)]


def placed(file: str, root: Node | None, wrong: Diagnostic) -> Diagnostic:
    """In this file, and with the name of the repo that has one: `repos[3] (payments-api).team`."""
    subject, found = wrong.subject, _REPO.match(wrong.subject)
    name = found and root and text_of(value_of(at(root, ("repos", int(found[1]))), "name"))
    if found and name:
        subject = f"{found[0]} ({word(name)}){subject[found.end() :]}"
    return replace(wrong, path=file, subject=subject)


def _asked_by(questions: Mapping[str, object], answers: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in answers.items() if name in questions}


def _repo(
    document: Document,
    entry: RepoEntry,
    specs: Specs,
    shared: Mapping[str, Mapping[str, object]],
    commits: CommitRules,
) -> Repo:
    template = entry.template or document.defaults.template or ""
    supplied = {
        "template": template,
        "service_name": entry.name,
        "organization": document.organization,
        "team": entry.team or document.defaults.team,
        "owners": document.owners,
    }
    assert supplied.keys() == FROM_KEYS.keys()
    questions = specs[template].questions
    given = {**entry.answers, **_asked_by(questions, supplied)}
    answers, own_parts = with_defaults(questions, shared[template], given)
    return Repo(
        name=f"{document.organization}/{entry.name}",
        template=template,
        answers=answers if given else shared[template],
        own_parts=own_parts,
        ownership={path: Ownership(value) for path, value in entry.ownership.items()},
        exemptions=tuple(_exemption(exemption) for exemption in entry.exemptions),
        adoption_asked=entry.adopt.asked or document.defaults.adopt.asked,
        commits=commit_rules(entry.commits, commits) if entry.commits.model_fields_set else commits,
    )


def _exemption(entry: ExemptionEntry) -> Exemption:
    return Exemption(
        path=entry.path,
        answer=entry.answer,
        keep=entry.keep,
        until=entry.until,
        owner=entry.owner,
        reason=entry.reason.strip(),
    )

"""`config/repos.yaml` to `model.Fleet`.

In: the file and the templates' specs. Out: a frozen fleet with the defaults folded into each repo's answers, or one
`ConfigError` with everything that is wrong. Reads that one file; never writes.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from syncbot.config.answers import SUPPLIED
from syncbot.config.checks import Specs, check
from syncbot.config.document import Document, ExemptionEntry, RepoEntry
from syncbot.config.reader import Slip, read_yaml
from syncbot.config.tree import Node, key_path, plain
from syncbot.config.wording import in_words
from syncbot.errors import ConfigError, Problem
from syncbot.model import Exemption, Fleet, Limits, Ownership, Repo


def load_fleet(path: Path, specs: Specs, *, shown_as: str | None = None) -> Fleet:
    """The fleet that the file at `path` describes; `shown_as` is the file's name in messages.

    Raises `ConfigError` with every mistake at once, sorted by place.
    """
    file = shown_as or str(path)
    return parse_fleet(_text(path, file), file, specs)


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
    return Fleet(
        organization=document.organization,
        identities=tuple(document.identities),
        owners=document.owners,
        limits=Limits(**document.limits.model_dump()),
        repos=tuple(_repo(document, entry, specs, shared) for entry in document.repos),
    )


def _text(path: Path, file: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(Problem(file=file, message=f"cannot be read: {reason}")) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        message = f"not UTF-8: the byte 0x{content[error.start]:02x}"
        raise ConfigError(Problem(file=file, line=line, column=column, message=message)) from None


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
    reading = read_yaml(text)
    slips = list(reading.slips)
    document = None
    if reading.root is not None:
        slips += check(reading.root, specs)
        try:
            document = Document.model_validate(plain(reading.root))
        except ValidationError as error:
            slips += (in_words(reading.root, e) for e in error.errors(include_url=False, include_input=False))
    if slips or document is None:
        raise ConfigError(*_problems(file, reading.root, slips))
    return document


def _problems(file: str, root: Node | None, slips: Iterable[Slip]) -> list[Problem]:
    return sorted(
        {
            Problem(
                file=file,
                line=slip.place.line,
                column=slip.place.column,
                key=key_path(root, slip.path),
                message=slip.message,
            )
            for slip in slips
        }
    )


def _asked_by(questions: Mapping[str, object], answers: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in answers.items() if name in questions}


def _repo(document: Document, entry: RepoEntry, specs: Specs, shared: Mapping[str, Mapping[str, object]]) -> Repo:
    template = entry.template or document.defaults.template or ""
    supplied = {
        "template": template,
        "service_name": entry.name,
        "organization": document.organization,
        "team": entry.team or document.defaults.team,
        "owners": document.owners,
    }
    assert supplied.keys() == SUPPLIED.keys()
    given = {**entry.answers, **_asked_by(specs[template].questions, supplied)}
    return Repo(
        name=f"{document.organization}/{entry.name}",
        template=template,
        answers={**shared[template], **given} if given else shared[template],
        ownership={path: Ownership(value) for path, value in entry.ownership.items()},
        exemptions=tuple(_exemption(exemption) for exemption in entry.exemptions),
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

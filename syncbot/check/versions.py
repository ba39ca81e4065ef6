"""What is known of versions: end of life, long-term support, and what was never released.

In: a product, a version and a day. Out: notes. The dates are data, `versions.json`, with their source and their day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources

from syncbot.check.types import Rendering
from syncbot.formats.diagnostics import Diagnostic, Severity

SOON = timedelta(days=90)
LAST_ODD_NODE = 25
"""From 27 on every Node release becomes LTS, so that odd numbers mean nothing more."""
ANSWERS = {
    "node_version": "node",
    "python_version": "python",
    "go_version": "go",
    "postgres_version": "postgres",
    "rds_postgres_version": "rds-postgres",
}
"""The answers that hold a version, and the product each is a version of."""
RUNTIME = "runtime"
"""The answer that says which of the runtimes' versions is in use."""
_RUNTIMES = frozenset({"node", "python", "go"})
_REFUSED = frozenset({"version-unknown", "version-ended"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`until`: the last day with fixes, None if not known yet; `lts`: from when on it has long-term support."""

    until: date | None
    lts: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product's releases by version, and where and when they were looked up."""

    title: str
    source: str
    as_of: date
    releases: Mapping[str, Release]


@cache
def products() -> Mapping[str, Product]:
    """Everything that is known, by product: node, python, go, postgres, rds-postgres."""
    text = resources.files("syncbot.check").joinpath("versions.json").read_text("utf-8")
    return {name: _product(raw) for name, raw in json.loads(text)["products"].items()}


def version_notes(product: str, version: str, today: date) -> tuple[Diagnostic, ...]:
    """What to know of a version on a day; nothing for a product that is not known, and `none` is no version."""
    known = products().get(product)
    if known is None or version in {"", "none"}:
        return ()
    release = _release(product, known, version)
    if release is None:
        said = f"{known.title} {version} is not known (as of {known.as_of})"
        return (_note("version-unknown", said),)
    return (*_ending(f"{known.title} {version}", release, today), *_lts(known, product, version, release, today))


def not_to_be_new(product: str, version: str, today: date) -> str:
    """Why nobody should move to a version that day: it was never released as far as is known, or gets no more fixes."""
    refused = (note.message for note in version_notes(product, version, today) if note.code in _REFUSED)
    return next(refused, "")


def answer_notes(answers: Mapping[str, object], today: date) -> tuple[Diagnostic, ...]:
    """What to know of every version among a repo's answers; only the runtime in use counts."""
    runtime = answers.get(RUNTIME)
    return tuple(
        replace(note, subject=answer)
        for answer, product in ANSWERS.items()
        if answer in answers and not (product in _RUNTIMES and runtime not in {None, product})
        for note in version_notes(product, str(answers[answer]), today)
    )


def check_versions(rendering: Rendering) -> Iterator[Diagnostic]:
    """The notes on a repo's answers, as warnings; its file is the config, so none is named."""
    for note in answer_notes(rendering.answers, rendering.today) if rendering.today else ():
        yield replace(note, subject="", message=f"{note.subject}: {note.message}")


def _note(code: str, message: str) -> Diagnostic:
    return Diagnostic(code=code, severity=Severity.WARNING, message=message)


def _product(raw: Mapping[str, object]) -> Product:
    releases = raw["releases"]
    assert isinstance(releases, dict)
    return Product(
        title=str(raw["title"]),
        source=str(raw["source"]),
        as_of=date.fromisoformat(str(raw["as_of"])),
        releases={
            version: Release(until=_day(dates.get("until")), lts=_day(dates.get("lts")))
            for version, dates in releases.items()
        },
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _release(product: str, known: Product, version: str) -> Release | None:
    """The release that a version such as 22.11.0 belongs to; Python and Go count in two numbers."""
    depth = 2 if product in {"python", "go"} else 1
    return known.releases.get(".".join(version.split(".")[:depth]))


def _ending(name: str, release: Release, today: date) -> Iterator[Diagnostic]:
    if release.until is None:
        return
    left = (release.until - today).days
    if left < 0:
        yield _note("version-ended", f"{name} has had no fixes since {release.until}")
    elif left <= SOON.days:
        yield _note("version-ending", f"{name} gets no fixes after {release.until}, in {left} days")


def _lts(known: Product, product: str, version: str, release: Release, today: date) -> Iterator[Diagnostic]:
    if product != "node":
        return
    major = int(version.split(".", maxsplit=1)[0])
    if major % 2 and major <= LAST_ODD_NODE:
        yield _note("version-odd", f"{known.title} {version} never gets long-term support: odd number")
    elif release.lts and today < release.lts:
        yield _note("version-not-lts", f"{known.title} {version} has long-term support only from {release.lts}")

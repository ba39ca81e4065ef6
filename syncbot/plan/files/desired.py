"""Desired: which files the template wants in one repo, and at which path of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from syncbot.errors import RenderError
from syncbot.model.blobs import LiveFile
from syncbot.model.files import LOCK_PATH, REGULAR, File, Ownership
from syncbot.model.fleet import Repo
from syncbot.model.templates import LOCATIONS, UNCLAIMED, OwnedFile, TemplateSpec
from syncbot.ownership import owned_part
from syncbot.plan.file_status import Desired
from syncbot.plan.files.lock import Lock


def desired_files(
    spec: TemplateSpec,
    repo: Repo,
    rendered: Mapping[str, File],
    live: Mapping[str, LiveFile | None],
    lock: Lock,
) -> tuple[Desired, ...]:
    """What the template wants in this repo, each file at the path where the repo keeps it.

    A path that is retired, or that these answers no longer render, is wanted gone where the lock says it was
    delivered; so is a block at a location that is no longer read. Raises RenderError where a file owned by block
    renders without one.
    """
    wanted = []
    gone = dict.fromkeys(spec.retired, Ownership.FILE)
    places = {entry.path: _location(entry, live, lock) for entry in spec.owned}
    for entry in spec.owned:
        file = rendered.get(entry.path)
        ownership = repo.ownership.get(entry.path, entry.ownership)
        path = places[entry.path]
        if file is None:
            gone |= dict.fromkeys((entry.path, *entry.locations), ownership)
            continue
        needs = tuple(places.get(needed, needed) for needed in entry.needs)
        wanted.append(replace(_desired(entry, path, ownership, file), needs=needs))
        gone |= dict.fromkeys((other for other in entry.locations if other != path), ownership)
        gone |= {entry.renamed_from: Ownership.FILE} if entry.renamed_from else {}
    removed = (Desired(path=path, ownership=gone[path], part=None) for path in sorted(gone.keys() & lock.keys()))
    return (*wanted, *removed)


def relocated(spec: TemplateSpec, repo: Repo, lock: Lock, live: Mapping[str, LiveFile | None]) -> Lock:
    """The lock as it is true of the names that files have now.

    A file that was renamed to another location takes its stanza along. One that is no longer read, since another is
    there that comes first, is the team's from then on, and has none; but a block is still to be taken out of it.
    """
    current = dict(lock)
    for entry in spec.owned:
        path = _location(entry, live, lock)
        partly = repo.ownership.get(entry.path, entry.ownership) is not Ownership.FILE
        for other in entry.locations:
            if other == path or other not in current or (partly and live.get(other)):
                continue
            stanza = current.pop(other)
            if path not in current and live.get(path) and not live.get(other):
                current[path] = stanza
    return current


def locations_in(spec: TemplateSpec, live: Mapping[str, LiveFile | None], lock: Lock) -> Mapping[str, str]:
    """Where this repo keeps an owned file, by every other path at which tools would find it."""
    places = ((entry, _location(entry, live, lock)) for entry in spec.owned)
    return {other: path for entry, path in places for other in entry.locations if other != path}


def with_locations(
    spec: TemplateSpec, answers: Mapping[str, object], locations: Mapping[str, str], unclaimed: Sequence[str] = ()
) -> Mapping[str, object]:
    """The answers, and where the repo keeps files elsewhere than the template has them, where the template asks.

    Likewise which of the owned paths CODEOWNERS does not claim there.
    """
    elsewhere = {entry.path: locations[entry.path] for entry in spec.owned if entry.path in locations}
    known: Mapping[str, object] = {LOCATIONS: elsewhere, UNCLAIMED: list(unclaimed)}
    return {**answers, **{name: value for name, value in known.items() if value and name in spec.questions}}


def ownable_paths(spec: TemplateSpec) -> frozenset[str]:
    """Every path that the bot may have written, whatever the answers: owned, once owned, alternative, and the lock."""
    paths = {path for entry in spec.owned for path in (entry.path, *entry.locations, entry.renamed_from) if path}
    return frozenset(paths | {LOCK_PATH, *spec.retired})


def watched_paths(spec: TemplateSpec) -> tuple[str, ...]:
    """Every path whose live entry bears on a state: what may be owned, and the folders above."""
    paths = ownable_paths(spec)
    return tuple(sorted(paths | {folder for path in paths for folder in folders_above(path)}))


def partly_owned_paths(spec: TemplateSpec, repo: Repo) -> frozenset[str]:
    """The paths whose text is needed to tell their state: an id says nothing of a part."""
    return frozenset(
        path
        for entry in spec.owned
        if repo.ownership.get(entry.path, entry.ownership) is not Ownership.FILE
        for path in (entry.path, *entry.locations)
    )


def folders_above(path: str) -> tuple[str, ...]:
    """`a/b` and `a` of `a/b/c`, outermost first."""
    return tuple(accumulate(path.split("/")[:-1], "{}/{}".format))


def _desired(entry: OwnedFile, path: str, ownership: Ownership, file: File) -> Desired:
    part = owned_part(ownership, file.content)
    if part is None:
        raise RenderError(f"{entry.path}: owned by block, but the template renders no syncbot block in it")
    return Desired(
        path=path,
        ownership=ownership,
        content=file.content,
        part=part,
        mode=file.mode if ownership is Ownership.FILE else REGULAR,
        renamed_from=entry.renamed_from,
        listed_as=entry.path if path != entry.path else None,
        locations=entry.locations,
    )


def _location(entry: OwnedFile, live: Mapping[str, LiveFile | None], lock: Lock) -> str:
    """The first that is there; where none is, the one that was delivered."""
    there = (path for path in entry.locations if live.get(path))
    delivered = (path for path in entry.locations if path in lock)
    return next(there, next(delivered, entry.path))

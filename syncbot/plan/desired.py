"""Desired: which files the template wants in one repo, and at which path of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate

from syncbot.errors import RenderError
from syncbot.model import LOCATIONS, LOCK_PATH, REGULAR, File, LiveFile, OwnedFile, Ownership, Repo, TemplateSpec
from syncbot.ownership import owned_part
from syncbot.plan.lock import Lock
from syncbot.plan.values import Desired


def desired_files(
    spec: TemplateSpec,
    repo: Repo,
    rendered: Mapping[str, File],
    live: Mapping[str, LiveFile | None],
    lock: Lock,
) -> tuple[Desired, ...]:
    """What the template wants in this repo, each file at the path where the repo keeps it.

    A path that is retired, or that these answers no longer render, is wanted gone where the lock says it was
    delivered. Raises RenderError where a file owned by block renders without one.
    """
    wanted = []
    gone = set(spec.retired)
    for entry in spec.owned:
        file = rendered.get(entry.path)
        if file is None:
            gone.add(entry.path)
            continue
        ownership = repo.ownership.get(entry.path, entry.ownership)
        wanted.append(_desired(entry, ownership, file, live))
        gone |= {entry.renamed_from} if entry.renamed_from else set()
    removed = (Desired(path=path, ownership=Ownership.FILE, part=None) for path in sorted(gone & lock.keys()))
    return (*wanted, *removed)


def locations_in(spec: TemplateSpec, live: Mapping[str, LiveFile | None]) -> Mapping[str, str]:
    """Where this repo keeps an owned file, by every other path at which tools would find it."""
    places = ((entry, _location(entry, live)) for entry in spec.owned)
    return {other: path for entry, path in places for other in entry.locations if other != path}


def with_locations(
    spec: TemplateSpec, answers: Mapping[str, object], locations: Mapping[str, str]
) -> Mapping[str, object]:
    """The answers, and where the repo keeps files elsewhere than the template has them, where the template asks."""
    elsewhere = {entry.path: locations[entry.path] for entry in spec.owned if entry.path in locations}
    return {**answers, LOCATIONS: elsewhere} if elsewhere and LOCATIONS in spec.questions else answers


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


def _desired(entry: OwnedFile, ownership: Ownership, file: File, live: Mapping[str, LiveFile | None]) -> Desired:
    part = owned_part(ownership, file.content)
    if part is None:
        raise RenderError(f"{entry.path}: owned by block, but the template renders no syncbot block in it")
    path = _location(entry, live)
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


def _location(entry: OwnedFile, live: Mapping[str, LiveFile | None]) -> str:
    return next((path for path in entry.locations if live.get(path)), entry.path)

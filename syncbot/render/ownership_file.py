"""`templates/<name>/ownership.yaml` -> which rendered paths are owned, and which answers are moves.

Every other rendered path is a starter file. Never accepts a path that the template cannot render, or that leaves the
repo.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from syncbot.errors import ConfigError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.model.files import LOCK_PATH, Ownership
from syncbot.model.templates import MoveSpec, OwnedFile, Question
from syncbot.render.ownership_moves import made_move, move_problems
from syncbot.render.sources import Sources
from syncbot.render.tree import SourceFile, inside
from syncbot.render.yaml_files import Document, read_document

KEYS = ("owned", "retired", "moves")
ENTRY_KEYS = ("path", "ownership", "locations", "renamed_from", "needs")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipFile:
    """What the file says: owned files in its order, retired paths, and moves."""

    owned: tuple[OwnedFile, ...]
    retired: tuple[str, ...]
    moves: tuple[MoveSpec, ...]


def read_ownership(
    sources: Sources, name: str, files: Iterable[SourceFile] | None, questions: Mapping[str, Question] | None
) -> OwnershipFile:
    """Read and check the ownership file `name`. Raises ConfigError with all its problems.

    `files` are those of the template, `questions` those of copier.yml; None where they are not all known.
    """
    document = read_document(sources, name)
    value = document.value
    if not isinstance(value, dict):
        raise ConfigError(
            Diagnostic(path=name, message="expected one mapping with `owned` and, if any, `retired` and `moves`")
        )
    problems = [*_problems(document, None if files is None else tuple(files)), *move_problems(document, questions)]
    if problems:
        raise ConfigError(*problems)
    return OwnershipFile(
        owned=tuple(
            OwnedFile(
                path=entry["path"],
                ownership=Ownership(entry.get("ownership", Ownership.FILE)),
                locations=tuple(entry.get("locations") or ()),
                renamed_from=entry.get("renamed_from"),
                needs=tuple(entry.get("needs") or ()),
            )
            for entry in value["owned"]
        ),
        retired=tuple(value.get("retired") or ()),
        moves=tuple(made_move(entry) for entry in value.get("moves") or ()),
    )


def _problems(document: Document, files: tuple[SourceFile, ...] | None) -> Iterator[Diagnostic]:
    value = document.value
    assert isinstance(value, dict)
    for key in value.keys() - set(KEYS):
        yield document.problem(f"unknown key; expected one of {', '.join(KEYS)}", str(key))
    owned, retired = value.get("owned"), value.get("retired") or []
    if not isinstance(owned, list) or not owned:
        yield document.problem("expected a list of owned files", "owned")
        owned = []
    if not isinstance(retired, list):
        yield document.problem("expected a list of paths", "retired")
        retired = []
    seen: dict[object, str] = {}
    for index, entry in enumerate(owned):
        yield from _entry_problems(document, index, entry, files, seen)
    yield from _need_problems(document, owned)
    for index, path in enumerate(retired):
        yield from _path_problems(document, path, seen, "retired", index)
        if isinstance(path, str) and any(file.path == path for file in files or ()):
            yield document.problem(f"{path!r} is retired, but the template still renders it", "retired", index)


def _entry_problems(
    document: Document, index: int, entry: object, files: tuple[SourceFile, ...] | None, seen: dict[object, str]
) -> Iterator[Diagnostic]:
    at = ("owned", index)
    if not isinstance(entry, dict) or "path" not in entry:
        yield document.problem("expected a mapping with at least `path`", *at)
        return
    for key in entry.keys() - set(ENTRY_KEYS):
        yield document.problem(f"unknown key; expected one of {', '.join(ENTRY_KEYS)}", *at, str(key))
    path, locations = entry["path"], entry.get("locations") or []
    yield from _path_problems(document, path, seen, *at, "path")
    known = files is not None and isinstance(path, str) and inside(path)
    if known and not any(file.possible.fullmatch(path) for file in files or ()):
        yield document.problem(f"the template never renders {path!r}", *at, "path")
    if entry.get("ownership", "file") not in tuple(Ownership):
        yield document.problem(f"expected one of {', '.join(Ownership)}", *at, "ownership")
    if not isinstance(locations, list) or (locations and path not in locations):
        yield document.problem("expected a list of paths, `path` among them", *at, "locations")
        return
    for number, location in enumerate(locations):
        if location != path:
            yield from _path_problems(document, location, seen, *at, "locations", number)
    if "renamed_from" in entry:
        yield from _path_problems(document, entry["renamed_from"], seen, *at, "renamed_from")


def _need_problems(document: Document, owned: list[object]) -> Iterator[Diagnostic]:
    """Needed paths that no other owned file has."""
    paths = {entry.get("path") for entry in owned if isinstance(entry, dict) and isinstance(entry.get("path"), str)}
    for index, entry in enumerate(owned):
        if not isinstance(entry, dict):
            continue
        needs = entry.get("needs") or []
        if not isinstance(needs, list):
            yield document.problem("expected a list of paths of owned files", "owned", index, "needs")
            continue
        for number, path in enumerate(needs):
            at = ("owned", index, "needs", number)
            if not isinstance(path, str) or path not in paths:
                yield document.problem(f"{path!r} is none of the owned files", *at)
            elif path == entry.get("path"):
                yield document.problem("a file does not need itself", *at)
            elif path in needs[:number]:
                yield document.problem(f"{path!r} is listed twice", *at)


def _path_problems(document: Document, path: object, seen: dict[object, str], *at: str | int) -> Iterator[Diagnostic]:
    if not isinstance(path, str):
        yield document.problem(f"expected a path, not {path!r}", *at)
    elif not inside(path):
        yield document.problem(f"{path!r} is no path inside the repository", *at)
    elif path == LOCK_PATH:
        yield document.problem("the lock is the bot's own and is not listed", *at)
    elif path in seen:
        yield document.problem(f"{path!r} is listed twice", *at)
    else:
        seen[path] = path

"""Blockers: what stands where a text file is expected, so that nobody may write there before a person looked. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from syncbot.model.blobs import LiveFile, text_of
from syncbot.model.files import FOLDER, SUBMODULE, SYMLINK, FileId, Ownership
from syncbot.model.observation import Observation
from syncbot.plan.file_reasons import Beside, Blocker, EntryKind, FileWhy, InTheWay, NotAFolder
from syncbot.plan.file_status import Desired
from syncbot.plan.files.desired import folders_above

WORKFLOWS = ".github/workflows/"
_KINDS = {SYMLINK: EntryKind.SYMLINK, SUBMODULE: EntryKind.SUBMODULE, FOLDER: EntryKind.FOLDER}
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def blocker(wanted: Desired, observation: Observation) -> FileWhy | None:
    """Why the path can't be written; None where it can."""
    if why := entry_in_the_way(wanted.path, observation.files):
        return why
    entry = observation.files.get(wanted.path)
    if entry is None and wanted.part is not None and (beside := _beside(wanted, observation)):
        return beside
    if entry and _is_as_wanted(wanted, entry):
        return None
    if wanted.path.startswith(WORKFLOWS) and not observation.may_write_workflows:
        return Blocker.NO_WORKFLOW_PERMISSION
    return _unfit_text(text_of(observation.blobs, entry)) if entry else None


def entry_in_the_way(path: str, files: Mapping[str, LiveFile | None]) -> InTheWay | NotAFolder | None:
    """Why no file can be put at the path without taking away something else that is there; None where it can."""
    for folder in folders_above(path):
        above = files.get(folder)
        if above and _kind(above) is not EntryKind.FOLDER:
            return NotAFolder(path=folder, kind=_kind(above))
    entry = files.get(path)
    return InTheWay(kind=_kind(entry)) if entry and _kind(entry) is not EntryKind.FILE else None


def _beside(wanted: Desired, observation: Observation) -> Beside | None:
    """What a tool or a file system without upper and lower case would take for the file that would be added."""
    for location in dict.fromkeys((wanted.path, *wanted.locations)):
        for path in (*folders_above(location), location):
            folder, _, name = path.rpartition("/")
            twin = _twin(name, observation.names.get(folder, ()))
            # Another location is of interest only where the file itself is there, whatever its folder is like.
            if twin and location in (wanted.path, path):
                return Beside(path=f"{folder}/{twin}" if folder else twin, location=path)
    return None


def _twin(name: str, names: tuple[str, ...]) -> str | None:
    if name in names:
        return None
    return next((other for other in names if other.casefold() == name.casefold()), None)


def _kind(entry: LiveFile) -> EntryKind:
    return _KINDS.get(entry.mode, EntryKind.FILE)


def _is_as_wanted(wanted: Desired, entry: LiveFile) -> bool:
    live = FileId(id=entry.id, mode=entry.mode)
    return wanted.ownership is Ownership.FILE and live == wanted.file_id


def _unfit_text(content: bytes | None) -> Blocker | None:
    if content is None:
        return Blocker.UNREADABLE
    if content.startswith(_LFS_POINTER):
        return Blocker.LFS_POINTER
    if b"\r\n" in content:
        return Blocker.CRLF
    return None

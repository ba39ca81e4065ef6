"""Obstacles: what stands where a text file is expected, so that nobody may write there before a person looked. Pure."""

from __future__ import annotations

from syncbot.model import FileId, LiveFile, Observation, Ownership
from syncbot.plan.desired import folders_above
from syncbot.plan.values import Desired

WORKFLOWS = ".github/workflows/"
_NOT_A_FILE = {"120000": "a symlink", "160000": "a submodule", "040000": "a folder"}
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def obstacle(wanted: Desired, observation: Observation) -> str:
    """Why the path can't be written, as a phrase; empty where it can."""
    if reason := in_the_way(wanted.path, observation):
        return reason
    entry = observation.files.get(wanted.path)
    if entry and _is_as_wanted(wanted, entry):
        return ""
    if wanted.path.startswith(WORKFLOWS) and not observation.may_write_workflows:
        return "the identity lacks the permission to write workflow files"
    if entry is None:
        return ""
    return _unfit_text(observation.blobs.get(entry.id))


def in_the_way(path: str, observation: Observation) -> str:
    """Why no file can be put at the path without taking away something else, as a phrase; empty where it can."""
    for folder in folders_above(path):
        above = observation.files.get(folder)
        if above and above.mode != "040000":
            return f"{folder} is {_NOT_A_FILE.get(above.mode, 'a file')}, so nothing can be put below it"
    entry = observation.files.get(path)
    return f"{_NOT_A_FILE[entry.mode]} is in the way" if entry and entry.mode in _NOT_A_FILE else ""


def _is_as_wanted(wanted: Desired, entry: LiveFile) -> bool:
    live = FileId(id=entry.id, mode=entry.mode)
    return wanted.ownership is Ownership.FILE and live == wanted.file_id


def _unfit_text(content: bytes | None) -> str:
    if content is None:
        return "it is binary, too large, or not UTF-8 text"
    if content.startswith(_LFS_POINTER):
        return "it is a Git LFS pointer"
    if b"\r\n" in content:
        return "it has CRLF line ends; owned files have LF"
    return ""

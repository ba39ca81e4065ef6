"""Why a file cannot be written, or is not to be: values, worded by `syncbot.report.why`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncbot.model.fleet import Exemption
from syncbot.plan.states import FileState


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownMajor:
    """The server that would be replaced, or the one proposed in its place (`is_proposed`), does not tell its major.

    `service` is empty where it is not known which; `why` is a phrase.
    """

    service: str
    why: str
    is_proposed: bool


class EntryKind(StrEnum):
    """What a tree entry is, by its git mode."""

    FILE = "file"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    FOLDER = "folder"


class Blocker(StrEnum):
    """What speaks against writing a file, where its name says it all."""

    NO_WORKFLOW_PERMISSION = "no-workflow-permission"
    UNREADABLE = "unreadable"
    LFS_POINTER = "lfs-pointer"
    CRLF = "crlf"
    EDITED_AND_RETIRED = "edited-and-retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWay:
    """Something else than a file is at the path."""

    kind: EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAFolder:
    """A path above it is no folder."""

    path: str
    kind: EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The path at which the file would be added, and `path`, which is there, differ in capital and small letters alone.

    A tool, or a file system that takes both for one, would read either. `location` is the name to which it should go.
    """

    path: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """The markers of the owned block do not pair up; `detail` says where."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempted:
    """The config exempts it."""

    exemption: Exemption


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWithMajor:
    """It belongs to the Postgres whose major cannot be told from `path`."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """It shows a version that nothing here ever rendered; `value` is empty where it cannot be told."""

    label: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """It would come to refer to `path`, which is not there and does not come along.

    `brought_by` is the changeset that brings it, if one does; else its `state` says why not, or that people said no.
    """

    path: str
    brought_by: str = ""
    state: FileState | None = None
    is_refused: bool = False


FileWhy = (
    Blocker | InTheWay | NotAFolder | Beside | Malformed | Exempted | UnknownMajor | HeldWithMajor | ByHand | Needs
)

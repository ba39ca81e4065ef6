"""One owned file in one repo, as data: what is wanted, what is there, and what a changeset would write. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from syncbot.model.files import REGULAR, FileId, Ownership, blob_id
from syncbot.plan.causes import Cause
from syncbot.plan.file_reasons import FileWhy
from syncbot.plan.reasons import Quiet
from syncbot.plan.states import FileState, Treatment, treatment
from syncbot.plan.why import FileRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclinedUntil:
    """A person's word on a pull request: not before the day after `until`."""

    author: str
    until: date
    reason: str
    pull_request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What the template wants at `path` in one repo: the whole rendered file, and the part of it that is owned.

    `part` is None for a path that is to be removed. `listed_as` is the template's own path for a file that the repo
    keeps elsewhere, `locations` are all at which tools find it. `needs` are the repo's paths that it may refer to.
    """

    path: str
    ownership: Ownership
    content: bytes = b""
    part: bytes | None
    mode: str = REGULAR
    renamed_from: str | None = None
    listed_as: str | None = None
    locations: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def file_id(self) -> FileId | None:
        return None if self.part is None else FileId(id=blob_id(self.part), mode=self.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a changeset would write at a path: `content` (None removes it) in place of `before` (None: nothing).

    `overwrites_edits` says that lines which the bot did not deliver would go; `merged` that they were merged in.
    `rendered` is the owned part as the template has it.
    """

    content: bytes | None
    rendered: bytes | None = None
    mode: str
    before: bytes | None
    overwrites_edits: bool = False
    merged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatus:
    """One owned file in one repo. Ids are of the owned part; `why` is there where the state says too little.

    `config` is the config commit of the delivery, by the lock; `causes` why what is desired is not what was delivered.
    """

    path: str
    ownership: Ownership
    state: FileState
    desired: FileId | None
    live: FileId | None
    delivered: FileId | None
    config: str | None = None
    why: FileWhy | None = None
    quiet: Quiet | None = None
    declined: DeclinedUntil | None = None
    proposal: Proposal | None = None
    causes: tuple[Cause, ...] = ()

    @property
    def treatment(self) -> Treatment:
        return treatment(self.state)

    @property
    def ref(self) -> FileRef:
        """The file as a reason names it."""
        return FileRef(path=self.path, state=self.state, why=self.why)

"""Owners: which of a repo's paths change owner once a changeset is merged. Pure: files and texts in, changes out.

Asked only of what is opened or updated and writes a CODEOWNERS: it takes the list of all files of the repo.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from syncbot.formats.codeowners import LOCATIONS, read_codeowners
from syncbot.formats.owner_changes import OwnerChanges, owner_changes
from syncbot.model.blobs import LiveFile, TreeListing
from syncbot.model.files import FILE_MODES, LOCK_PATH
from syncbot.plan.actions import FileWrite, UpdatePullRequest, Writing
from syncbot.plan.repo_plan import Changeset

Text = bytes | LiveFile | None
"""What a CODEOWNERS says, or the entry whose text is still to be read; None where there is no such file."""


def writes_codeowners(changeset: Changeset) -> bool:
    """Whether it is opened or updated now, and brings a CODEOWNERS or takes one away."""
    acts = isinstance(changeset.action, Writing)
    return acts and any(status.path in LOCATIONS for status in changeset.written)


def unread_codeowners(changeset: Changeset, listing: TreeListing) -> frozenset[str]:
    """The ids of the texts that `merged_owner_changes` needs beside what the changeset itself holds."""
    texts = (_before(changeset, listing), _after(changeset, listing))
    return frozenset(text.id for text in texts if isinstance(text, LiveFile) and text.mode in FILE_MODES)


def merged_owner_changes(changeset: Changeset, listing: TreeListing, texts: Mapping[str, bytes]) -> OwnerChanges | None:
    """Who owns what now, against what merging this into the default branch brings.

    None where that cannot be told: what stands in a CODEOWNERS' place is no text file, or was not read.
    """
    before, after = (_text(side, texts) for side in (_before(changeset, listing), _after(changeset, listing)))
    if before is None or after is None:
        return None
    then, now = listing.files.keys(), _paths_after(changeset, listing)
    return owner_changes(
        read_codeowners(before),
        read_codeowners(after),
        kept=now & then,
        added=now - then,
        listed_in_full=listing.complete,
    )


def _text(side: Text, texts: Mapping[str, bytes]) -> bytes | None:
    """No file says what an empty one says."""
    match side:
        case None:
            return b""
        case LiveFile(id=blob):
            return texts.get(blob)
    return side


def _before(changeset: Changeset, listing: TreeListing) -> Text:
    live = {s.path: s.proposal.before for s in changeset.files if s.proposal and s.proposal.before is not None}
    path = _read_by_github(listing.files.keys() | live.keys())
    if path is None:
        return None
    return live[path] if path in live else listing.files[path]


def _after(changeset: Changeset, listing: TreeListing) -> Text:
    path = _read_by_github(_paths_after(changeset, listing))
    if path is None:
        return None
    written = _written(changeset)
    if path in written:
        return written[path]
    return _before(changeset, listing) if path not in listing.files else listing.files[path]


def _read_by_github(paths: Collection[str]) -> str | None:
    """The first of its places is the only one that GitHub looks at."""
    return next((path for path in LOCATIONS if path in paths), None)


def _paths_after(changeset: Changeset, listing: TreeListing) -> frozenset[str]:
    written = _written(changeset)
    gone = {path for path, content in written.items() if content is None}
    return frozenset((listing.files.keys() | written.keys() | _on_branch(changeset)) - gone)


def _on_branch(changeset: Changeset) -> frozenset[str]:
    """What the branch of an open pull request holds already, beside what the changeset writes."""
    opened = changeset.pull_request
    if opened is None or not isinstance(changeset.action, UpdatePullRequest):
        return frozenset()
    return frozenset(path for path in (*changeset.kept, LOCK_PATH) if opened.files.get(path))


def _written(changeset: Changeset) -> Mapping[str, bytes | None]:
    """What it brings by path, None where it takes a file away.

    Of what an update writes that is the branch's own version, in which somebody's lines may have been merged.
    """
    proposed = {s.path: s.proposal.content for s in changeset.written if s.proposal}
    return proposed | {path: content for path, content in _writes(changeset) if path in proposed or path == LOCK_PATH}


def _writes(changeset: Changeset) -> Iterator[tuple[str, bytes | None]]:
    if isinstance(changeset.action, Writing):
        for write in changeset.action.writes:
            if isinstance(write, FileWrite):
                yield write.path, write.content

"""The title of a pull request: a changeset in, one imperative line of at most 72 characters out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from syncbot.formats.used_images import used_images
from syncbot.plan.causes import AnswerCause, ranked
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.postgres_major import MajorMove, major_move
from syncbot.plan.repo_plan import Changeset, Moved
from syncbot.plan.states import ADOPT, KINDS, SYNC, TAKEOVER
from syncbot.report.causes import set_words
from syncbot.report.moves import moves_title
from syncbot.report.wording import count, listed, one_line

LIMIT = 72

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)")
"""The number that a tag begins with: `22` of `node:22-slim`."""
_NAMES = {"golang": "Go", "node": "Node", "postgres": "Postgres", "python": "Python"}


def title(changeset: Changeset) -> str:
    """What merging does, in the imperative: as exact as 72 characters allow."""
    if changeset.pull_request and not changeset.written:
        # People's versions stay in all of it.
        return changeset.pull_request.title
    if changeset.moves:
        return moves_title(leading(changeset.moves), LIMIT)
    major = postgres_move(changeset)
    if major and changeset.name not in KINDS:
        return f"Move Postgres {major.from_major} to {major.to_major}"
    moves = version_moves(changeset)
    if moves:
        words = [f"{name} {old} to {new}" for name, old, new in moves]
        return _first_that_fits(f"Move {listed(words)}", "Move versions to the platform template's")
    if changeset.name == SYNC and (said := _caused(changeset)):
        return said
    files = changeset.written
    if changeset.name == ADOPT:
        return "Adopt the platform's files"
    if changeset.name == TAKEOVER:
        return _first_that_fits(
            *(f"Take over {listed([name(file) for file in files])}" for name in (_path, _basename)),
            f"Take over {count(len(files), 'file')}",
        )
    return _first_that_fits(
        _phrases(files, _path),
        _phrases(files, _basename),
        f"Bring {count(len(files), 'file')} in line with the platform template",
    )


def _caused(changeset: Changeset) -> str:
    """`Set work_mem to 64MB and 2 more`, where an answer is what most files differ by; else empty."""
    first, *others = ranked([status.causes for status in changeset.written]) or (None,)
    if not isinstance(first, AnswerCause) or not all(status.causes for status in changeset.written):
        return ""
    more = f" and {len(others)} more" if others else ""
    said = f"{set_words(first)}{more}"
    return said if len(said) <= LIMIT else ""


def postgres_move(changeset: Changeset) -> MajorMove | None:
    """The move to another Postgres major that merging brings, whatever else it brings."""
    return major_move(changeset.written)


def leading(moves: Sequence[Moved]) -> Sequence[Moved]:
    """Those that people decided on; what comes along with them by itself is said below."""
    return [moved for moved in moves if not moved.follows] or moves


def version_moves(changeset: Changeset) -> tuple[tuple[str, str, str], ...]:
    """(product, old version, new version) for each, where moving them is all that the changeset does; else none."""
    moves: dict[tuple[str, str, str], None] = {}
    for status in changeset.written:
        found = _moves(status)
        if not found:
            return ()
        moves.update(dict.fromkeys(found))
    return tuple(moves)


def _moves(status: FileStatus) -> list[tuple[str, str, str]]:
    """The moves of one file: its old text with the numbers replaced must be its new text, to the byte."""
    proposal = status.proposal
    if proposal is None or proposal.overwrites_edits or not _is_changed(status):
        return []
    if proposal.before is None or proposal.content is None:
        return []
    text, after = (content.decode("utf-8", "replace") for content in (proposal.before, proposal.content))
    old, new = (_versions(status.path, content) for content in (proposal.before, proposal.content))
    moves = [(name, old[name], new[name]) for name in old if name in new and old[name] != new[name]]
    for _, before, now in moves:
        text = re.sub(rf"(?<![\d.]){re.escape(before)}(?![\d.])", now, text)
    return [(_NAMES.get(name, name), before, now) for name, before, now in moves] if text == after else []


def _versions(path: str, content: bytes) -> dict[str, str]:
    """The version of each image that the file uses, by the image's own name."""
    found = ((image.name, _VERSION.match(image.tag)) for image in used_images(path, content))
    return {name: version[1] for name, version in found if version}


def _is_changed(status: FileStatus) -> bool:
    """Whether what is desired changed since it was delivered."""
    proposing = status.treatment.proposing
    return proposing is not None and proposing.desired_changed


def _phrases(files: Iterable[FileStatus], name: Callable[[FileStatus], str]) -> str:
    """`Update Dockerfile to the platform template`, or `Update Dockerfile, restore .github/CODEOWNERS`."""
    by_verb: dict[str, list[str]] = {}
    for file in files:
        by_verb.setdefault(file.treatment.proposing.verb if file.treatment.proposing else "", []).append(name(file))
    phrases = [f"{verb if n == 0 else verb.lower()} {listed(names)}" for n, (verb, names) in enumerate(by_verb.items())]
    end = " to the platform template" if list(by_verb) == ["Update"] else ""
    return ", ".join(phrases) + end


def _path(status: FileStatus) -> str:
    return one_line(status.path)


def _basename(status: FileStatus) -> str:
    return _path(status).rpartition("/")[2] or _path(status)


def _first_that_fits(*titles: str) -> str:
    return next((text for text in titles if len(text) <= LIMIT), titles[-1][:LIMIT])

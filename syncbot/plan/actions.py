"""What is to be done on GitHub, as data: each action is carried out by `syncbot.github.publish`. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from syncbot.model.files import REGULAR


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWrite:
    """One change of a tree; `content` None removes the path."""

    path: str
    content: bytes | None
    mode: str = REGULAR


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseBlob:
    """A path that takes a blob which the repo holds already."""

    path: str
    id: str
    mode: str


TreeChange = FileWrite | ReuseBlob


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPullRequest:
    """Commit `writes` on `parent`, as a new branch, and propose it.

    `resume` is the head of a branch that an earlier run pushed before it died, as its commit claims: if it holds just
    this content, only the pull request is missing; if not, `otherwise` is the branch to make. Where it is `parent`, the
    commit is missing too. `replaces` is the number of the bot's own pull request that is closed first; `signed` that
    the base takes signed commits only.
    """

    base: str
    parent: str
    tree: str
    writes: tuple[FileWrite, ...]
    resume: str | None = None
    otherwise: str = ""
    replaces: int | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePullRequest:
    """Commit `writes` over `tree` with these parents: the branch's head, and the base's where it is merged in.

    `kept` are paths where a person's version stays.
    """

    number: int
    parents: tuple[str, ...]
    tree: str
    writes: tuple[TreeChange, ...]
    kept: tuple[str, ...] = ()
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePullRequest:
    """Close it, with a comment that says why."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPullRequest:
    """Give it the label that an earlier run could not: the bot finds its closed pull requests again by it."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetitlePullRequest:
    """Give it this title: the config asks for another prefix than when it was written."""

    number: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentOnce:
    """Say once on the pull request that it conflicts with its base in `paths`, which are the team's to resolve;
    or, without paths, why it stays open though the bot has nothing to propose in it; or what became of a hold.

    `paths` tell one such word from another: of a hold they are its day, or the line that could not be followed.

    `overwrites_edits`: they are owned, and what the base gained in them would go though people let it merge already.
    """

    number: int
    paths: tuple[str, ...]
    overwrites_edits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOp:
    """Nothing is written; the changeset's reason says why."""


Writing = OpenPullRequest | UpdatePullRequest
"""What puts files on a branch."""

Action = Writing | ClosePullRequest | LabelPullRequest | RetitlePullRequest | CommentOnce | NoOp

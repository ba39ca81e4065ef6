"""The values that flow from step to step: frozen, without I/O, and known to every other module."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from syncbot.errors import FailureCode, RefusedCode
from syncbot.formats.move_reader import MoveReader as MoveReader  # noqa: PLC0414

LOCK_PATH = ".github/syncbot.lock"
LABEL = "syncbot"
BRANCH_PREFIX = "syncbot/"
"""What branches begin with where the config says nothing else; it ends with a slash, as every prefix."""
_NUMBERED = re.compile(r"[a-z0-9][a-z0-9._+-]*-[0-9]+")
LOCATIONS = "locations"
"""The question that is answered from the repo's tree: where it keeps what the template renders at another path."""
UNCLAIMED = "unclaimed"
"""The question that is answered from what was delivered: the owned paths that CODEOWNERS does not name here."""

REGULAR = "100644"
EXECUTABLE = "100755"
FILE_MODES = (REGULAR, EXECUTABLE)
SYMLINK = "120000"
SUBMODULE = "160000"
FOLDER = "040000"


def blob_id(content: bytes) -> str:
    """The id git gives these bytes: 40 hex digits of sha1("blob <len>\\0" + content)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileId:
    """What identifies a file's content and mode: a blob id (40 hex) and a git mode (`100644`, `100755`)."""

    id: str
    mode: str


def tree_id(files: Mapping[str, FileId]) -> str:
    """The id git gives the tree that holds these by their path: 40 hex digits of sha1("tree <len>\\0" + entries).

    A folder may stand for what is in it, by its own id and the mode `FOLDER`.
    """
    entries: dict[bytes, FileId] = {}
    below: dict[str, dict[str, FileId]] = {}
    for path, file in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = file
        else:
            entries[name.encode("utf-8", "surrogateescape")] = file
    for name, inner in below.items():
        entries[name.encode("utf-8", "surrogateescape")] = FileId(id=tree_id(inner), mode=FOLDER)
    # Sorted as git sorts: a folder's name as if a slash stood behind it.
    ordered = sorted(entries.items(), key=lambda item: item[0] + b"/" * (item[1].mode == FOLDER))
    content = b"".join(
        b"%s %s\0%s" % (entry.mode.lstrip("0").encode(), name, bytes.fromhex(entry.id)) for name, entry in ordered
    )
    return hashlib.sha1(b"tree %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A regular file's bytes and git mode (`100644` or `100755`)."""

    content: bytes
    mode: str = REGULAR

    @property
    def file_id(self) -> FileId:
        return FileId(id=blob_id(self.content), mode=self.mode)


# ---------------------------------------------------------------- templates


class Ownership(StrEnum):
    """How much of a path the platform team owns: all of it, or a marked block at its end."""

    FILE = "file"
    BLOCK = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedFile:
    """An entry of `ownership.yaml`.

    `path` is where the template renders it. `locations`, where given, lists in order the paths at which the
    repo may already keep that file (CODEOWNERS has three); the first that exists is the one that is owned.
    `renamed_from` is the path under which it was owned earlier. `needs` are owned paths of the template that it may
    refer to, and that have to be there then.
    """

    path: str
    ownership: Ownership = Ownership.FILE
    locations: tuple[str, ...] = ()
    renamed_from: str | None = None
    needs: tuple[str, ...] = ()


FREE_TYPES = frozenset({"json", "yaml"})
"""Types of questions whose answers hold anything that JSON can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One Copier question, as far as a repo's answers are checked against it.

    `type` is Copier's: str, int, float, bool, json, yaml, path. `choices` are the values accepted when they do
    not depend on other answers, else None. `computed` questions (`when: false`) take no answer; the answer to a
    `secret` one stays out of the lock.
    """

    name: str
    type: str
    choices: tuple[object, ...] | None = None
    computed: bool = False
    secret: bool = False


class MoveBy(StrEnum):
    """Which part of a value is the event for the service team: all of it, `22` of 22.11.0, or `3.12` of 3.12.4."""

    VALUE = "value"
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSpec:
    """An answer whose change is an event for the service team, as `moves` of `ownership.yaml` declares it.

    `label` is what people call it. `reader` finds its value in a repo's file of the owned `path`, which is the
    template's; where the repo has none there, in the first of `other_paths` that it has. `image` is the last name of
    the base image, for BASE_VERSION alone. A change below `by` is no event. `whole`: all its files or none. `back`:
    there is a way back. `absent` is the answer that means that there is nothing to read; without one, a file that says
    so tells as little as one that cannot be read.
    """

    answer: str
    label: str
    path: str
    other_paths: tuple[str, ...] = ()
    reader: MoveReader
    image: str = ""
    by: MoveBy = MoveBy.VALUE
    whole: bool = False
    back: bool = True
    absent: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the value is read: the first that the repo has."""
        return (self.path, *self.other_paths)


def event(move: MoveSpec, value: str) -> str:
    """The part of a value that is the event; of what is no version, such as `trixie` or `none`, all of it."""
    match move.by:
        case MoveBy.VALUE:
            return value
        case MoveBy.MAJOR:
            return ".".join(value.split(".")[:1])
        case MoveBy.MINOR:
            return ".".join(value.split(".")[:2])
    assert_never(move.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSpec:
    """What a template asks and owns; every rendered path that is not owned is a starter file."""

    name: str
    questions: Mapping[str, Question]
    owned: tuple[OwnedFile, ...]
    retired: tuple[str, ...] = ()
    moves: tuple[MoveSpec, ...] = ()


# ---------------------------------------------------------------- config


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """'Not this file' (`path`), 'not this version' (`answer` stays at `keep`), or, with neither, 'not this repo'.

    Holds up to and including the day `until`.
    """

    path: str | None = None
    answer: str | None = None
    keep: object = None
    until: date
    owner: str
    reason: str

    def holds(self, today: date) -> bool:
        return today <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRules:
    """What the bot's commits and titles bear in a repo whose own rules ask for it: a `Signed-off-by` of their author,
    `title_prefix` before title and subject, and `trailers` beside the bot's own; and what new branches are called."""

    sign_off: bool = False
    title_prefix: str = ""
    trailers: Mapping[str, str] = field(default_factory=dict)
    branch_prefix: str = BRANCH_PREFIX

    def titled(self, title: str) -> str:
        """The title behind the prefix, once; after a type (`chore: `) in lower case, as Conventional Commits are
        commonly checked."""
        if title.startswith(self.title_prefix):
            return title
        is_type = self.title_prefix.endswith(": ") and title[1:2].islower()
        return self.title_prefix + (title[:1].lower() + title[1:] if is_type else title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repo:
    """One entry of the fleet, with the fleet's defaults already folded into its answers.

    `own_parts` are the mappings among them to which defaults added keys, as the repo itself has them: before mappings
    merged, that was all of the answer. A no to adoption that was said before `adoption_asked` is void.
    """

    name: str  # owner/name
    template: str
    answers: Mapping[str, object]
    own_parts: Mapping[str, object] = field(default_factory=dict)
    ownership: Mapping[str, Ownership] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    adoption_asked: date | None = None
    commits: CommitRules = field(default_factory=CommitRules)

    def answers_on(self, today: date) -> Mapping[str, object]:
        """The answers to render with: exempt answers keep their exempt value while the exemption holds."""
        kept = {e.answer: e.keep for e in self.exemptions if e.answer and e.holds(today)}
        return {**self.answers, **kept} if kept else self.answers

    def answers_once(self, today: date) -> Iterator[Mapping[str, object]]:
        """Those that a delivery by this entry may have been rendered with, as they count on `today` first.

        Exemptions may have held that have ended since, or will have; and before mappings merged, the repo's own part
        was all of them.
        """
        days = [today, *sorted({each.until for each in self.exemptions if each.answer})]
        unmerged = [replace(self, answers={**self.answers, **self.own_parts})] if self.own_parts else []
        for repo in (self, *unmerged):
            yield from map(repo.answers_on, days)
            if len(days) > 1:
                yield repo.answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ceilings for a run. `seconds_between_writes` is GitHub's advice of at least 1 s; 0 suits only a sandbox."""

    open_pull_requests: int = 50
    pull_requests_per_hour: int = 60
    max_fleet_share: float = 0.25
    seconds_between_writes: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """By what the bot's own is known: the logins that it has or had, and the prefixes of its branches."""

    identities: tuple[str, ...]
    prefixes: tuple[str, ...] = (BRANCH_PREFIX,)

    @property
    def logins(self) -> frozenset[str]:
        """As they can be compared."""
        return frozenset(name.lower() for name in self.identities)

    def names(self, branch: str) -> bool:
        """Whether a branch has a name that the bot gives: a prefix and `<changeset>-<n>`."""
        prefix, slash, rest = branch.rpartition("/")
        return prefix + slash in self.prefixes and _NUMBERED.fullmatch(rest) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All repos listed in `config/repos.yaml`, in its order. `branch_prefixes` are those that are or were in use."""

    organization: str
    identities: tuple[str, ...]
    owners: str
    limits: Limits
    repos: tuple[Repo, ...]
    branch_prefixes: tuple[str, ...] = (BRANCH_PREFIX,)

    @property
    def bot(self) -> Bot:
        return Bot(identities=self.identities, prefixes=self.branch_prefixes)


class Merged(StrEnum):
    """Whether the commit that config and templates come from is on its remote's default branch."""

    YES = "yes"
    NO = "no"
    NO_REMOTE = "no-remote"
    """There is no remote: the commit is all there is."""
    NOT_FETCHED = "not-fetched"
    """The default branch is known, and not fetched."""
    UNKNOWN = "unknown"
    """Which branch is the default one is not known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the desired state comes from: a commit of the platform team's own repo.

    `commit` is 40 hex digits, or None where there is none. `differing` are the paths that were read and differ from
    that commit, or that it has and were not there to read. `merged` says whether the default branch, `branch` of
    `remote` where they are known, holds the commit. `repository` is `owner/name` where it is known.
    """

    commit: str | None = None
    differing: tuple[str, ...] = ()
    merged: Merged = Merged.UNKNOWN
    remote: str = ""
    branch: str = ""
    repository: str | None = None

    @property
    def dirty(self) -> bool:
        """Whether what was read is not what the commit holds."""
        return bool(self.differing)


# ---------------------------------------------------------------- live


class NoText(StrEnum):
    """What was read in the place of a text: an object that is none (binary, too large, a folder), or no object."""

    NOT_TEXT = "not-text"
    MISSING = "missing"


Blobs = Mapping[str, bytes | NoText]
"""What was read, by git expression (`<blob id>` or `<commit id>:<path>`); what is not among them is not known."""


def text_in(blobs: Blobs, expression: str) -> bytes | None:
    """The text, None where there is none. Raises KeyError where it was not read: nothing follows from that."""
    found = blobs[expression]
    return None if isinstance(found, NoText) else found


def known_text(blobs: Blobs, expression: str) -> bytes | None:
    """The text where it was read and is one: for what only helps, such as the base of a merge."""
    return text_in(blobs, expression) if expression in blobs else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFile:
    """A tree entry on GitHub; `mode` is git's: 100644, 100755, 120000 symlink, 160000 submodule, 040000 folder."""

    id: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeListing:
    """Every file of a commit by path, folders left out; not `complete` where there are more than GitHub lists."""

    files: Mapping[str, LiveFile]
    complete: bool = True


def text_of(blobs: Blobs, entry: LiveFile | None) -> bytes | None:
    """The text of a tree's entry; None where there is none, or something else than a file. Raises KeyError."""
    return text_in(blobs, entry.id) if entry and entry.mode in FILE_MODES else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BotCommit:
    """A commit of the bot's own, by its trailers: the renderings that its branch holds, by path (None: removed).

    `kept` are those that it offered, and where a person's version stayed. `moves` are values before and after, by the
    answer that moves. `plain_title` is its subject, `title`, without the prefix that the config asked for.
    """

    oid: str
    changeset: str
    digest: str
    proposed: Mapping[str, FileId | None]
    kept: Mapping[str, FileId | None] = field(default_factory=dict)
    moves: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    title: str = ""
    plain_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch under one of the bot's prefixes: the commit it points at, and that commit as the bot's, where it is one.

    `used`: a pull request was opened from it at some time, by whomever.
    """

    name: str
    head: str
    commit: BotCommit | None = None
    used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recreate:
    """Close this pull request and open a new one from scratch: what was committed on its branch stays behind there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Leave this pull request as it is up to and including the day `until` (UTC), or until another command is given."""

    until: date | None = None

    def holds(self, today: date) -> bool:
        return self.until is None or today <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """Close it and keep quiet about these files up to and including the day `until`."""

    until: date
    reason: str


Command = Recreate | Hold | Decline


class Authority(StrEnum):
    """Whether who wrote a comment may command the bot. UNKNOWN until it was looked up, and where that fails."""

    WRITER = "writer"
    OUTSIDER = "outsider"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on a pull request. `author` is a login, `ghost` where the account was deleted.

    `said_on` is the day on which it was written (UTC).
    `addressed` is the last line that speaks to the bot, empty where none does, and `command` the last that it knows.
    `authority` is looked up for those, never taken from the comment.
    `spent`: the pull request was reopened by a person since, who thereby took back what it commands.
    """

    author: str
    body: str
    said_on: date
    addressed: str = ""
    command: Command | None = None
    authority: Authority = Authority.UNKNOWN
    spent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Every file of three commits by path: where a branch left its base, the base now, and the branch now."""

    ancestor: Mapping[str, LiveFile]
    base: Mapping[str, LiveFile]
    branch: Mapping[str, LiveFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedBase:
    """Somebody else's merges of the base into a branch: the trees that were merged, and what the branch held after it.

    Of `trees`, `base` is the base's commit, `branch` the bot's own before the merges, `ancestor` where the two parted.
    """

    trees: Trees
    result: Mapping[str, LiveFile]


def changeset_of_branch(branch: str) -> str:
    """`sync` of `syncbot/sync-7`, whatever the prefix."""
    return branch.rpartition("/")[2].rpartition("-")[0]


class PullRequestState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class Mergeable(StrEnum):
    """Whether GitHub could merge it with its base; UNKNOWN until it has worked that out."""

    MERGEABLE = "mergeable"
    CONFLICTING = "conflicting"
    UNKNOWN = "unknown"


class ReviewDecision(StrEnum):
    """What the reviews of a pull request come to."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes-requested"
    REVIEW_REQUIRED = "review-required"


class Checks(StrEnum):
    """What the checks and statuses of a commit come to; EXPECTED: a required one was not started yet."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    PENDING = "pending"
    EXPECTED = "expected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request of the bot, found by author, same repo and branch `<prefix><changeset>-<n>`.

    `commits` are what the bot proposed in it, oldest first, also where a person rebased that; of a closed one also
    what its text says of that. `bot_streak` counts the bot's commits after the last of somebody else
    that brought a content which was on the branch before.
    `merges` are the commits of others where all of them say that they merge, and `merged_bases` what is known of them
    once it was read: empty where they are something else. `people_committed`: somebody else did, and `other_bots` are
    their logins where they are other bots alone.
    `base_deleted` says that it was closed along with its base branch. `comments` are oldest first.
    `review_decision` is GitHub's or, where no review is required, what writers said last.
    `linear_history`: its branch takes no merge commit.
    `reopened`, `retargeted` (to another base) and `unlabelled` say that a person did that last;
    `own_title` and `own_body` that nobody changed what the bot wrote. `trees` are read where it conflicts with its
    base, and `ancestor`, the commit at which its branch left the base, where people committed. `files` are the owned
    paths at the branch's head (open) or at the merge commit (merged), else empty. `merge_commit` is what a merged one
    put on its base. `checks` are those at the head, None without any.
    """

    number: int
    url: str
    state: PullRequestState
    branch: str
    base: str
    head: str
    head_tree: str | None = None
    linear_history: bool = False
    merge_commit: str | None = None
    title: str
    created_at: datetime
    own_title: bool = True
    own_body: bool = True
    closed_by: str | None = None
    closed_on: date | None = None
    base_deleted: bool = False
    mergeable: Mergeable = Mergeable.UNKNOWN
    review_decision: ReviewDecision | None = None
    auto_merge: bool = False
    queued: bool = False
    checks: Checks | None = None
    labels: tuple[str, ...] = ()
    commits: tuple[BotCommit, ...] = ()
    people_committed: bool = False
    other_bots: tuple[str, ...] = ()
    merges: tuple[str, ...] = ()
    merged_bases: tuple[MergedBase, ...] | None = None
    bot_streak: int = 0
    comments: tuple[Comment, ...] = ()
    reopened: bool = False
    retargeted: bool = False
    unlabelled: bool = False
    trees: Trees | None = None
    ancestor: str | None = None
    files: Mapping[str, LiveFile | None] = field(default_factory=dict)

    @property
    def changeset(self) -> str:
        return changeset_of_branch(self.branch)

    @property
    def proposed(self) -> Mapping[str, FileId | None]:
        """The renderings that the branch holds by the bot's last commit, by path; empty where none is left."""
        return self.commits[-1].proposed if self.commits else {}

    @property
    def offered(self) -> Mapping[str, FileId | None]:
        """What was desired at the bot's last commit, by path, also where a person's version stayed."""
        return {**self.proposed, **self.commits[-1].kept} if self.commits else {}

    @property
    def moves(self) -> Mapping[str, tuple[str, str]]:
        """The moves that it proposed last, before and after, by answer."""
        return self.commits[-1].moves if self.commits else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One repo as it is on GitHub. `name` is its present name, which differs from the asked one after a rename.

    `names` are those of all entries, by the path of their folder (empty for the root), once they were read; a folder
    that is not there has none.
    `in_the_way` are branches named as a prefix is, without its slash: git has none below them.
    `merge_commits_allowed` says that a merge commit on a branch is no obstacle to merging it, which it is only where
    nothing but rebasing is allowed.
    `opened_at` are the times at which the bot's open pull requests were created; `many_opened` says that
    there are more branches or pull requests than were looked at for that.
    `files` holds each path asked for, None where the default branch has none. `blobs` holds what was read so far.
    """

    name: str
    default_branch: str
    head: str
    tree: str
    files: Mapping[str, LiveFile | None]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    branches: tuple[Branch, ...] = ()
    pull_requests: tuple[PullRequest, ...] = ()
    opened_at: tuple[datetime, ...] = ()
    many_opened: bool = False
    checks: Checks | None = None
    may_write: bool = True
    merge_commits_allowed: bool = True
    may_write_workflows: bool = True
    signatures_required: bool = False
    in_the_way: tuple[str, ...] = ()
    blobs: Blobs = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why nothing can be said or done for one repo; `reason` is a sentence for people."""

    code: FailureCode | RefusedCode
    reason: str

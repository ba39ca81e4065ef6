"""Pull requests of the bot: what it committed, what people said, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from syncbot.model.blobs import LiveFile, Trees
from syncbot.model.files import FileId

LABEL = "syncbot"


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
    `revoked`: the pull request was reopened by a person since, who thereby took back what it commands.
    """

    author: str
    body: str
    said_on: date
    addressed: str = ""
    command: Command | None = None
    authority: Authority = Authority.UNKNOWN
    revoked: bool = False


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
    `title_untouched` and `body_untouched` that nobody changed what the bot wrote. `trees` are read where it conflicts
    with its base, and `ancestor`, the commit at which its branch left the base, where people committed. `files` are the
    owned paths at the branch's head (open) or at the merge commit (merged), else empty. `merge_commit` is what a merged
    one put on its base. `checks` are those at the head, None without any.
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
    title_untouched: bool = True
    body_untouched: bool = True
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

"""The rows of the sandbox's database as frozen values; field names are column names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who is acting: a login, `User` or `Bot`, its permissions as a GitHub App's (`{"contents": "write"}`).

    `repositories` are the `owner/name`s it is limited to, or None for all; `owner` limits it to an owner's. The empty
    login is nobody. `app` is set for an App itself, `installation` for one of its installations.
    """

    login: str = ""
    type: str = "User"
    permissions: Mapping[str, str] = field(default_factory=dict)
    repositories: tuple[str, ...] | None = None
    owner: str | None = None
    app: int | None = None
    installation: int | None = None

    @property
    def account(self) -> str:
        """Whose limits a request counts against: the installation's, or the login's."""
        return f"installation {self.installation}" if self.installation else self.login

    @property
    def anonymous(self) -> bool:
        return not self.login

    def may(self, permission: str, level: str = "write") -> bool:
        """Whether it holds the permission at `level` (`read` or `write`)."""
        granted = self.permissions.get(permission)
        return granted in ("write", "admin") or (level == "read" and granted == "read")

    def reaches(self, full_name: str) -> bool:
        """Whether the repository is among those it was given."""
        names = self.repositories
        if self.owner and full_name.partition("/")[0].casefold() != self.owner.casefold():
            return False
        return names is None or full_name.casefold() in (name.casefold() for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    id: int
    login: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoRow:
    """A repository. `topics` are parted by spaces; flags are 0 or 1."""

    id: int
    owner: str
    name: str
    private: int
    archived: int
    default_branch: str
    description: str | None
    topics: str
    allow_merge_commit: int
    allow_squash_merge: int
    allow_rebase_merge: int
    allow_auto_merge: int
    delete_branch_on_merge: int
    created_at: str
    updated_at: str
    pushed_at: str
    last_number: int

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRow:
    """A pull request. `head_sha` stays what it last was once the branch is gone.

    `base_sha` is the base branch's commit when it was opened, retargeted or merged.
    """

    id: int
    repo_id: int
    number: int
    title: str
    body: str | None
    state: str
    draft: int
    author: str
    head_repo_id: int
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    created_at: str
    updated_at: str
    closed_at: str | None
    merged_at: str | None
    merged_by: str | None
    merge_commit_sha: str | None

    @property
    def graphql_state(self) -> str:
        """OPEN, CLOSED or MERGED."""
        return "MERGED" if self.merged_at else self.state.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    id: int
    repo_id: int
    name: str
    color: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow:
    id: int
    repo_id: int
    number: int
    author: str
    body: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """Something that happened to a pull request: closed, reopened, merged, labeled, head_ref_force_pushed ...

    `before_sha` and `after_sha` are commits, or the titles where it was `renamed`.
    """

    id: int
    repo_id: int
    number: int
    event: str
    actor: str
    commit_id: str | None
    label: str | None
    before_sha: str | None
    after_sha: str | None
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """A review; `state` is APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    id: int
    repo_id: int
    number: int
    author: str
    state: str
    body: str
    commit_id: str
    submitted_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequestRow:
    """Somebody asked to review; `team` is 1 for a team's slug."""

    id: int
    repo_id: int
    number: int
    login: str
    team: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """A commit status; `state` is error, failure, pending or success."""

    id: int
    repo_id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """A check run; `status` is queued, in_progress or completed, `conclusion` GitHub's word in lower case."""

    id: int
    repo_id: int
    sha: str
    name: str
    status: str
    conclusion: str | None
    external_id: str | None
    details_url: str | None
    title: str | None
    summary: str | None
    app: str
    started_at: str
    completed_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForcedUpdateRow:
    """A branch moved to a commit that does not hold the one before."""

    id: int
    repo: str
    ref: str
    before_sha: str
    after_sha: str
    actor: str
    created_at: str

"""The forge itself: who may see and do what, and where each repository lives on disk.

What is done to a repository (refs, pulls, issues, checks, git data) lives in the modules of those names, as functions
that take a `Forge` first; REST, GraphQL and git over HTTP are thin over them. Callers hold `forge.lock`.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import pygit2

from .clock import Clock
from .counters import Counters
from .faults import Faults
from .limits import Limits, Meter
from .records import Identity, RepoRow, UserRow
from .refusal import Refusal, custom, not_found
from .repository import Repository
from .store import Store

OPEN_REPOSITORIES = 256
AREAS = (
    "administration",
    "checks",
    "contents",
    "issues",
    "members",
    "metadata",
    "pull_requests",
    "statuses",
    "workflows",
)
EVERYTHING = dict.fromkeys(AREAS, "write")
NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
NOREPLY = re.compile(r"(?:\d+\+)?(?P<login>.+)@users\.noreply\.github\.com")


class Forge:
    """Everything under one data folder: `sandbox.sqlite` and `repos/<owner>/<name>.git`."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.store = Store(data / "sandbox.sqlite")
        self.lock = self.store.lock
        self.clock = Clock()
        self.counters = Counters()
        self.meter = Meter(self.clock)
        self.faults = Faults()
        self.url = "http://127.0.0.1"
        self.web_flow = False  # whether GitHub itself is the committer of what an App commits through REST
        self.lazy_mergeability = False  # whether what can be merged is unknown until it was asked once, as at GitHub
        self.asked_mergeable: set[tuple[int, str, str]] = set()  # pull request, base and head
        self.assertions: dict[str, None] = {}  # every JWT that was ever shown
        self._open: OrderedDict[int, Repository] = OrderedDict()

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v3"

    @property
    def graphql_url(self) -> str:
        return f"{self.url}/api/graphql"

    @property
    def limits(self) -> Limits:
        """The rate limits in force; none until set (`limits.GITHUB` are GitHub's)."""
        return self.meter.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self.meter.limits = limits

    def close(self) -> None:
        with self.lock:
            for repository in self._open.values():
                repository.close()
            self._open.clear()
            self.store.close()

    # ------------------------------------------------------------ who

    def issue_token(
        self,
        login: str,
        *,
        type: str = "User",
        permissions: Mapping[str, str] = EVERYTHING,
        repositories: tuple[str, ...] | None = None,
        token: str | None = None,
    ) -> str:
        """A new token that acts as `login` (`ghs_…` for a Bot, `ghp_…` for a User)."""
        self.user(login, type)
        token = token or ("ghs_" if type == "Bot" else "ghp_") + secrets.token_hex(18)
        reach = None if repositories is None else json.dumps(repositories)
        self.store.insert(
            "tokens",
            token=token,
            login=login,
            type=type,
            permissions=json.dumps(dict(permissions)),
            repositories=reach,
        )
        return token

    def token_of(self, login: str) -> str | None:
        """The first token issued to a login, or None."""
        rows = self.store.execute("SELECT token FROM tokens WHERE login = ? ORDER BY rowid", login)
        return str(rows[0]["token"]) if rows else None

    def user(self, login: str, type: str | None = None) -> UserRow:
        """The account of a login, made at its first mention (`[bot]` at the end makes it a Bot)."""
        found = self.store.one(UserRow, "SELECT * FROM users WHERE login = ?", login)
        if found is None:
            kind = type or ("Bot" if login.endswith("[bot]") else "User")
            self.store.insert("users", login=login, type=kind)
            return self.user(login)
        return found

    def shown_account(self, who: Identity) -> str:
        """Whose limit it is, as GitHub says it: `user ID 3`, `installation ID 5`, or an address."""
        if who.installation:
            return f"installation ID {who.installation}"
        return "127.0.0.1" if who.anonymous else f"user ID {self.user(who.login).id}"

    def email(self, login: str) -> str:
        """The address GitHub gives a login's commits."""
        return f"{self.user(login).id}+{login}@users.noreply.github.com"

    def login_of_email(self, email: str) -> str | None:
        """The login whose commits carry this address, or None. GitHub's own is `web-flow`."""
        if email == "noreply@github.com":
            return "web-flow"
        match = NOREPLY.fullmatch(email)
        return match["login"] if match else None

    def signature(self, login: str) -> pygit2.Signature:
        """A login as author or committer, now."""
        return pygit2.Signature(login, self.email(login), int(self.clock.now().timestamp()), 0)

    # ------------------------------------------------------------ which repository

    def find(self, owner: str, name: str) -> RepoRow | None:
        """The repository of that name, or the one that had it before a rename, or None."""
        found = self.store.one(RepoRow, "SELECT * FROM repos WHERE owner = ? AND name = ?", owner, name)
        return found or self.store.one(
            RepoRow,
            "SELECT repos.* FROM repos JOIN renames ON renames.repo_id = repos.id "
            "WHERE renames.owner = ? AND renames.name = ?",
            owner,
            name,
        )

    def by_id(self, repo_id: int) -> RepoRow:
        """The repository of that id, as it is now. Raises Refusal 404."""
        found = self.store.one(RepoRow, "SELECT * FROM repos WHERE id = ?", repo_id)
        if found is None:
            raise not_found()
        return found

    def sees(self, who: Identity, repo: RepoRow) -> bool:
        """Whether an identity may know that the repository exists."""
        return not repo.private or (not who.anonymous and who.reaches(repo.full_name))

    def repo(self, who: Identity, owner: str, name: str) -> RepoRow:
        """`find` for what the identity may see. Raises Refusal 404."""
        found = self.find(owner, name)
        if found is None or not self.sees(who, found):
            raise not_found()
        return found

    def repos_of(self, who: Identity, owner: str) -> tuple[RepoRow, ...]:
        """The owner's repositories that the identity may see, by name."""
        rows = self.store.all(RepoRow, "SELECT * FROM repos WHERE owner = ? ORDER BY name", owner)
        return tuple(row for row in rows if self.sees(who, row))

    def viewer_permission(self, who: Identity, repo: RepoRow) -> str | None:
        """GraphQL's word for what the identity may do: ADMIN, WRITE, READ, or None for nobody."""
        if who.anonymous or not who.reaches(repo.full_name):
            return None if who.anonymous else "READ"
        if who.type == "User" and who.may("administration"):
            return "ADMIN"
        return "WRITE" if who.may("contents") else "READ"

    def require(self, who: Identity, repo: RepoRow, *permissions: str, archived_too: bool = False) -> None:
        """Raises GitHub's refusal unless the identity may write in one of these areas of the repository."""
        if who.anonymous:
            raise Refusal(401, "Requires authentication")
        if not who.reaches(repo.full_name) or not any(who.may(permission) for permission in permissions):
            kind = "personal access token" if who.type == "User" else "integration"
            raise Refusal(403, f"Resource not accessible by {kind}")
        if repo.archived and not archived_too:
            raise Refusal(403, "Repository was archived so is read-only.")

    # ------------------------------------------------------------ repositories

    def path(self, repo: RepoRow) -> Path:
        """The bare repository's folder."""
        return self.data / "repos" / repo.owner / f"{repo.name}.git"

    def git(self, repo: RepoRow) -> Repository:
        """The repository's git data, kept open while it is among the most recently used."""
        handle = self._open.pop(repo.id, None) or Repository(self.path(repo))
        self._open[repo.id] = handle
        if len(self._open) > OPEN_REPOSITORIES:
            self._open.popitem(last=False)[1].close()
        return handle

    def create_repo(
        self,
        owner: str,
        name: str,
        *,
        private: bool = False,
        default_branch: str = "main",
        description: str | None = None,
    ) -> RepoRow:
        """A new, empty repository. Raises Refusal 422 for a bad or taken name."""
        self._check_name(owner, name)
        now = self.clock.stamp()
        repo_id = self.store.insert(
            "repos",
            owner=owner,
            name=name,
            private=int(private),
            default_branch=default_branch,
            description=description,
            created_at=now,
            updated_at=now,
            pushed_at=now,
        )
        self.user(owner, "Organization")
        repo = self.by_id(repo_id)
        self.path(repo).parent.mkdir(parents=True, exist_ok=True)
        pygit2.init_repository(str(self.path(repo)), bare=True, initial_head=default_branch).free()
        return repo

    def edit_repo(self, repo: RepoRow, **columns: object) -> RepoRow:
        """Sets columns (`archived`, `description`, `default_branch`, `allow_…`, ...) and answers the new row."""
        branch = columns.get("default_branch")
        if branch and branch != repo.default_branch:
            if self.git(repo).branch(str(branch)) is None:
                raise custom("Repository", f"The branch {branch} was not found. Please push that ref first.")
            self.git(repo).raw.set_head(f"refs/heads/{branch}")
        self.store.update("repos", repo.id, updated_at=self.clock.stamp(), **columns)
        return self.by_id(repo.id)

    def rename_repo(self, repo: RepoRow, name: str) -> RepoRow:
        """Gives the repository another name; the old one redirects. Raises Refusal 422."""
        self._check_name(repo.owner, name)
        handle = self._open.pop(repo.id, None)
        if handle:
            handle.close()
        self.path(repo).rename(self.data / "repos" / repo.owner / f"{name}.git")
        self.store.execute("DELETE FROM renames WHERE owner = ? AND name = ?", repo.owner, name)
        self.store.execute("INSERT OR REPLACE INTO renames VALUES (?, ?, ?)", repo.owner, repo.name, repo.id)
        self.store.update("repos", repo.id, name=name, updated_at=self.clock.stamp())
        return self.by_id(repo.id)

    def _check_name(self, owner: str, name: str) -> None:
        if not NAME.fullmatch(owner) or not NAME.fullmatch(name):
            raise custom("Repository", "name is not valid")
        if self.store.execute("SELECT 1 FROM repos WHERE owner = ? AND name = ?", owner, name):
            raise custom("Repository", "name already exists on this account")

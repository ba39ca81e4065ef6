"""Pull requests: reading them, and opening, editing and closing them as GitHub would, or would not."""

from __future__ import annotations

import pygit2

from .forge import Forge
from .records import Identity, PullRow, RepoRow, ReviewRow
from .refusal import custom, invalid, not_found
from .repository import ChangedFile, Repository
from .sync import close, point_pull_ref, record

MAX_BODY = 65_536
"""Characters."""

STATES = {
    "OPEN": "state = 'open'",
    "CLOSED": "(state = 'closed' AND merged_at IS NULL)",
    "MERGED": "merged_at IS NOT NULL",
}


# ---------------------------------------------------------------- reading


def get_pull(forge: Forge, repo: RepoRow, number: int) -> PullRow:
    """A pull request by number. Raises Refusal 404."""
    found = forge.store.one(PullRow, "SELECT * FROM pulls WHERE repo_id = ? AND number = ?", repo.id, number)
    if found is None:
        raise not_found()
    return found


def list_pulls(
    forge: Forge,
    repo: RepoRow,
    *,
    states: tuple[str, ...] = (),
    head: str | None = None,
    base: str | None = None,
    labels: tuple[str, ...] = (),
    order: str = "created_at",
    descending: bool = True,
) -> tuple[PullRow, ...]:
    """Pull requests in the given states (OPEN, CLOSED, MERGED; none: all) that bear any of the labels.

    `order` is `created_at` or `updated_at`; numbers decide where the moments are equal.
    """
    where = ["repo_id = ?"]
    values: list[object] = [repo.id]
    if states:
        where.append("(" + " OR ".join(STATES[state] for state in states) + ")")
    for column, value in (("head_ref", head), ("base_ref", base)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    if labels:
        marks = ", ".join("?" * len(labels))
        where.append(
            "id IN (SELECT pull_id FROM pull_labels JOIN labels ON labels.id = label_id "
            f"WHERE labels.name IN ({marks}))"
        )
        values += labels
    way = "DESC" if descending else "ASC"
    sql = f"SELECT * FROM pulls WHERE {' AND '.join(where)} ORDER BY {order} {way}, number {way}"
    return forge.store.all(PullRow, sql, *values)


def base_commit(forge: Forge, repo: RepoRow, pull: PullRow) -> str:
    """The base branch's commit now, or, once it is closed, as it was."""
    tip = forge.git(repo).branch(pull.base_ref) if pull.state == "open" else None
    return tip or pull.base_sha


def is_mergeable(forge: Forge, repo: RepoRow, pull: PullRow) -> bool | None:
    """Whether it merges without a conflict; None once it is closed."""
    if pull.state != "open":
        return None
    return forge.git(repo).mergeable(base_commit(forge, repo, pull), pull.head_sha)


def shown_mergeable(forge: Forge, repo: RepoRow, pull: PullRow) -> bool | None:
    """The same as the API shows it: where `forge.lazy_mergeability` is set, unknown to who asks first after a push."""
    asked = (pull.id, base_commit(forge, repo, pull), pull.head_sha)
    if forge.lazy_mergeability and asked not in forge.asked_mergeable:
        forge.asked_mergeable.add(asked)
        return None
    return is_mergeable(forge, repo, pull)


def pull_commits(forge: Forge, repo: RepoRow, pull: PullRow) -> list[pygit2.Commit]:
    """Its commits, oldest first."""
    base = base_commit(forge, repo, pull)
    return list(forge.git(repo).commits(pull.head_sha, without=base))[::-1]


def pull_files(forge: Forge, repo: RepoRow, pull: PullRow) -> tuple[ChangedFile, ...]:
    """The files it changes, against the merge base."""
    git = forge.git(repo)
    base = git.compare(base_commit(forge, repo, pull), pull.head_sha).merge_base
    return git.changed_files(base, pull.head_sha)


def list_reviews(forge: Forge, repo: RepoRow, pull: PullRow) -> tuple[ReviewRow, ...]:
    """Its reviews, oldest first."""
    sql = "SELECT * FROM reviews WHERE repo_id = ? AND number = ? ORDER BY id"
    return forge.store.all(ReviewRow, sql, repo.id, pull.number)


# ---------------------------------------------------------------- opening and editing


def create_pull(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    *,
    title: str,
    head: str,
    base: str,
    body: str | None = None,
    draft: bool = False,
) -> PullRow:
    """Opens a pull request; `head` is `branch` or `owner:branch`. Raises Refusal 401, 403, 422."""
    forge.require(who, repo, "pull_requests")
    if not title.strip():
        raise invalid("PullRequest", "title", "missing_field")
    _check_body(body)
    branch = _head_branch(repo, head)
    git = forge.git(repo)
    base_sha = git.branch(base)
    if base_sha is None:
        raise invalid("PullRequest", "base")
    head_sha = git.branch(branch)
    if head_sha is None:
        raise invalid("PullRequest", "head")
    _check_range(git, base, base_sha, branch, head_sha)
    if list_pulls(forge, repo, states=("OPEN",), head=branch, base=base):
        raise custom("PullRequest", f"A pull request already exists for {repo.owner}:{branch}.")
    number = repo_number(forge, repo)
    now = forge.clock.stamp()
    forge.store.insert(
        "pulls",
        repo_id=repo.id,
        number=number,
        title=title,
        body=body,
        draft=int(draft),
        author=who.login,
        head_repo_id=repo.id,
        head_ref=branch,
        head_sha=head_sha,
        base_ref=base,
        base_sha=base_sha,
        created_at=now,
        updated_at=now,
    )
    point_pull_ref(forge, repo, number, head_sha)
    return get_pull(forge, repo, number)


def edit_pull(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    number: int,
    *,
    title: str | None = None,
    body: str | None = None,
    state: str | None = None,
    base: str | None = None,
) -> PullRow:
    """Changes what is given. Raises Refusal 404, 422."""
    pull = get_pull(forge, repo, number)
    forge.require(who, repo, "pull_requests")
    _check_body(body)
    if base is not None and base != pull.base_ref:
        _retarget(forge, who, repo, pull, base)
    if title is not None and title != pull.title:
        record(forge, repo, number, "renamed", who.login, before=pull.title, after=title)
    given = {"title": title, "body": body}
    columns = {name: value for name, value in given.items() if value is not None}
    forge.store.update("pulls", pull.id, updated_at=forge.clock.stamp(), **columns)
    if state == "closed" and pull.state == "open":
        close(forge, who.login, repo, pull)
    elif state == "open" and pull.state == "closed":
        _reopen(forge, who, repo, pull)
    elif state not in (None, "open", "closed"):
        raise invalid("PullRequest", "state")
    return get_pull(forge, repo, number)


def repo_number(forge: Forge, repo: RepoRow) -> int:
    """The repository's next issue or pull request number."""
    sql = "UPDATE repos SET last_number = last_number + 1 WHERE id = ? RETURNING last_number"
    return int(forge.store.execute(sql, repo.id)[0][0])


def _check_body(body: str | None) -> None:
    if body is not None and len(body) > MAX_BODY:
        raise custom("PullRequest", f"body is too long (maximum is {MAX_BODY} characters)")


def _head_branch(repo: RepoRow, head: str) -> str:
    owner, colon, branch = head.partition(":")
    if colon and owner.casefold() != repo.owner.casefold():
        raise invalid("PullRequest", "head")
    return branch if colon else head


def _check_range(git: Repository, base: str, base_sha: str, branch: str, head_sha: str) -> None:
    comparison = git.compare(base_sha, head_sha)
    if comparison.merge_base is None:
        raise custom("PullRequest", f"The {branch} branch has no history in common with {base}")
    if comparison.ahead == 0:
        raise custom("PullRequest", f"No commits between {base} and {branch}")


def _retarget(forge: Forge, who: Identity, repo: RepoRow, pull: PullRow, base: str) -> None:
    base_sha = forge.git(repo).branch(base)
    if base_sha is None or pull.state != "open":
        raise invalid("PullRequest", "base")
    if list_pulls(forge, repo, states=("OPEN",), head=pull.head_ref, base=base):
        raise custom("PullRequest", f"A pull request already exists for {repo.owner}:{pull.head_ref}.")
    forge.store.update("pulls", pull.id, base_ref=base, base_sha=base_sha)
    record(forge, repo, pull.number, "base_ref_changed", who.login)


def _reopen(forge: Forge, who: Identity, repo: RepoRow, pull: PullRow) -> None:
    git = forge.git(repo)
    head = git.branch(pull.head_ref)
    if pull.merged_at:
        raise custom("PullRequest", "state cannot be changed. The pull request cannot be reopened.")
    if head is None:
        raise custom("PullRequest", f"state cannot be changed. The {pull.head_ref} branch has been deleted.")
    if not git.is_ancestor(pull.head_sha, head):
        raise custom(
            "PullRequest",
            f"state cannot be changed. The {pull.head_ref} branch was force-pushed or recreated.",
        )
    if git.branch(pull.base_ref) is None:
        raise custom("PullRequest", f"state cannot be changed. The {pull.base_ref} branch has been deleted.")
    if list_pulls(forge, repo, states=("OPEN",), head=pull.head_ref, base=pull.base_ref):
        raise custom(
            "PullRequest",
            "state cannot be changed. There is already an open pull request from "
            f"{repo.owner}:{pull.head_ref} to {pull.base_ref}.",
        )
    forge.store.update("pulls", pull.id, state="open", closed_at=None, head_sha=head)
    record(forge, repo, pull.number, "reopened", who.login)

"""What a pull request gathers beside its commits: labels, comments, events, reviews and requests for them."""

from __future__ import annotations

from .forge import Forge
from .pulls import get_pull
from .records import CommentRow, EventRow, Identity, LabelRow, RepoRow, ReviewRequestRow, ReviewRow
from .refusal import Refusal, custom, invalid, not_found
from .sync import record, touch

NEW_LABEL_COLOR = "ededed"
REVIEW_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


# ---------------------------------------------------------------- labels


def repo_labels(forge: Forge, repo: RepoRow) -> tuple[LabelRow, ...]:
    """All labels of a repository, by name."""
    return forge.store.all(LabelRow, "SELECT * FROM labels WHERE repo_id = ? ORDER BY name", repo.id)


def labels_of(forge: Forge, pull_id: int) -> tuple[LabelRow, ...]:
    """The labels of a pull request (by its row id), in the order they were made."""
    sql = "SELECT labels.* FROM labels JOIN pull_labels ON labels.id = label_id WHERE pull_id = ? ORDER BY labels.id"
    return forge.store.all(LabelRow, sql, pull_id)


def create_label(
    forge: Forge, who: Identity, repo: RepoRow, name: str, color: str, description: str | None
) -> LabelRow:
    """Adds a label to the repository. Raises Refusal 422 where it exists."""
    forge.require(who, repo, "issues", "pull_requests")
    if _label(forge, repo, name):
        raise invalid("Label", "name", "already_exists")
    return _new_label(forge, repo, name, color, description)


def add_labels(forge: Forge, who: Identity, repo: RepoRow, number: int, names: tuple[str, ...]) -> tuple[LabelRow, ...]:
    """Puts labels on a pull request, making those that are unknown, and answers all it has."""
    pull = get_pull(forge, repo, number)
    forge.require(who, repo, "issues", "pull_requests")
    present = {label.name.casefold() for label in labels_of(forge, pull.id)}
    for name in dict.fromkeys(names):
        if name.casefold() not in present:
            label = _label(forge, repo, name) or _new_label(forge, repo, name, NEW_LABEL_COLOR, None)
            forge.store.execute("INSERT OR IGNORE INTO pull_labels VALUES (?, ?)", pull.id, label.id)
            record(forge, repo, number, "labeled", who.login, label=label.name)
    return labels_of(forge, pull.id)


def remove_label(forge: Forge, who: Identity, repo: RepoRow, number: int, name: str) -> tuple[LabelRow, ...]:
    """Takes a label off and answers what is left. Raises Refusal 404 where it is not there."""
    pull = get_pull(forge, repo, number)
    forge.require(who, repo, "issues", "pull_requests")
    label = _label(forge, repo, name)
    if label is None or label not in labels_of(forge, pull.id):
        raise Refusal(404, "Label does not exist")
    forge.store.execute("DELETE FROM pull_labels WHERE pull_id = ? AND label_id = ?", pull.id, label.id)
    record(forge, repo, number, "unlabeled", who.login, label=label.name)
    return labels_of(forge, pull.id)


def set_labels(forge: Forge, who: Identity, repo: RepoRow, number: int, names: tuple[str, ...]) -> tuple[LabelRow, ...]:
    """Leaves exactly these labels on a pull request."""
    pull = get_pull(forge, repo, number)
    wanted = {name.casefold() for name in names}
    for label in labels_of(forge, pull.id):
        if label.name.casefold() not in wanted:
            remove_label(forge, who, repo, number, label.name)
    return add_labels(forge, who, repo, number, names)


def _label(forge: Forge, repo: RepoRow, name: str) -> LabelRow | None:
    return forge.store.one(LabelRow, "SELECT * FROM labels WHERE repo_id = ? AND name = ?", repo.id, name)


def _new_label(forge: Forge, repo: RepoRow, name: str, color: str, description: str | None) -> LabelRow:
    forge.store.insert("labels", repo_id=repo.id, name=name, color=color, description=description)
    label = _label(forge, repo, name)
    if label is None:
        raise invalid("Label", "name")
    return label


# ---------------------------------------------------------------- comments and events


def list_comments(forge: Forge, repo: RepoRow, number: int) -> tuple[CommentRow, ...]:
    """The comments, oldest first."""
    sql = "SELECT * FROM comments WHERE repo_id = ? AND number = ? ORDER BY id"
    return forge.store.all(CommentRow, sql, repo.id, number)


def get_comment(forge: Forge, repo: RepoRow, comment_id: int) -> CommentRow:
    """A comment by id. Raises Refusal 404."""
    sql = "SELECT * FROM comments WHERE repo_id = ? AND id = ?"
    found = forge.store.one(CommentRow, sql, repo.id, comment_id)
    if found is None:
        raise not_found()
    return found


def create_comment(forge: Forge, who: Identity, repo: RepoRow, number: int, body: str) -> CommentRow:
    """Says something on a pull request. Raises Refusal 404, 422."""
    get_pull(forge, repo, number)
    forge.require(who, repo, "issues", "pull_requests")
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field")
    touch(forge, repo, number)
    now = forge.clock.stamp()
    comment_id = forge.store.insert(
        "comments",
        repo_id=repo.id,
        number=number,
        author=who.login,
        body=body,
        created_at=now,
        updated_at=now,
    )
    return get_comment(forge, repo, comment_id)


def edit_comment(forge: Forge, who: Identity, repo: RepoRow, comment_id: int, body: str) -> CommentRow:
    """Rewords a comment. Raises Refusal 404."""
    get_comment(forge, repo, comment_id)
    forge.require(who, repo, "issues", "pull_requests")
    forge.store.update("comments", comment_id, body=body, updated_at=forge.clock.stamp())
    return get_comment(forge, repo, comment_id)


def delete_comment(forge: Forge, who: Identity, repo: RepoRow, comment_id: int) -> None:
    """Removes a comment. Raises Refusal 404."""
    get_comment(forge, repo, comment_id)
    forge.require(who, repo, "issues", "pull_requests")
    forge.store.execute("DELETE FROM comments WHERE id = ?", comment_id)


def list_events(forge: Forge, repo: RepoRow, number: int, kinds: tuple[str, ...] = ()) -> tuple[EventRow, ...]:
    """The timeline's events, oldest first, of the given kinds (`closed`, `merged`, ...; none: all)."""
    sql = "SELECT * FROM events WHERE repo_id = ? AND number = ? ORDER BY id"
    events = forge.store.all(EventRow, sql, repo.id, number)
    return tuple(event for event in events if not kinds or event.event in kinds)


# ---------------------------------------------------------------- reviews


def create_review(forge: Forge, who: Identity, repo: RepoRow, number: int, *, event: str, body: str) -> ReviewRow:
    """Reviews (`APPROVE`, `REQUEST_CHANGES`, `COMMENT`). Raises Refusal 404, 422, as for one's own pull request."""
    pull = get_pull(forge, repo, number)
    forge.require(who, repo, "pull_requests")
    if event not in REVIEW_STATES:
        raise invalid("PullRequestReview", "event")
    if who.login == pull.author and event != "COMMENT":
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise Refusal(422, f"Unprocessable Entity: Can not {verb} your own pull request")
    if event != "APPROVE" and not body.strip():
        raise Refusal(422, "Unprocessable Entity: body can't be blank")
    touch(forge, repo, number)
    review_id = forge.store.insert(
        "reviews",
        repo_id=repo.id,
        number=number,
        author=who.login,
        state=REVIEW_STATES[event],
        body=body,
        commit_id=pull.head_sha,
        submitted_at=forge.clock.stamp(),
    )
    forge.store.execute(
        "DELETE FROM review_requests WHERE repo_id = ? AND number = ? AND login = ? AND team = 0",
        repo.id,
        number,
        who.login,
    )
    found = forge.store.one(ReviewRow, "SELECT * FROM reviews WHERE id = ?", review_id)
    if found is None:
        raise not_found()
    return found


def review_requests(forge: Forge, repo: RepoRow, number: int) -> tuple[ReviewRequestRow, ...]:
    """Who was asked to review and has not yet."""
    sql = "SELECT * FROM review_requests WHERE repo_id = ? AND number = ? ORDER BY id"
    return forge.store.all(ReviewRequestRow, sql, repo.id, number)


def request_reviews(
    forge: Forge, who: Identity, repo: RepoRow, number: int, logins: tuple[str, ...], teams: tuple[str, ...]
) -> None:
    """Asks people and teams to review. Raises Refusal 422 for the pull request's own author."""
    pull = get_pull(forge, repo, number)
    forge.require(who, repo, "pull_requests")
    if pull.author in logins:
        raise custom("PullRequest", "Review cannot be requested from pull request author.")
    touch(forge, repo, number)
    for team, names in ((0, logins), (1, teams)):
        for name in names:
            forge.store.execute(
                "INSERT OR IGNORE INTO review_requests (repo_id, number, login, team) VALUES (?, ?, ?, ?)",
                repo.id,
                number,
                name,
                team,
            )

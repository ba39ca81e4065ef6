"""Publish: one planned action in, its writes sent to GitHub one after another, and what came of it out.

Only ever adds commits: a ref is moved forward by an ordinary update that GitHub refuses if the branch moved since
it was read. What is not essential (a label, a comment) never fails a pull request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from syncbot.errors import RepoError
from syncbot.github.connection import Connection
from syncbot.model import LABEL
from syncbot.plan.values import (
    Changeset,
    ClosePullRequest,
    FileWrite,
    LeaveAlone,
    OpenPullRequest,
    UpdatePullRequest,
)

Done = Literal["opened", "updated", "closed", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What people read, as Markdown; `comment` goes with a close, or with an update that kept a person's lines."""

    title: str
    body: str
    commit_message: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A pull request as this run left it; `head` is a commit id."""

    action: Done
    number: int
    url: str
    head: str


def publish(connection: Connection, repo: str, changeset: Changeset, texts: Texts) -> Published | None:
    """Carry out the changeset's action; None where there is no pull request to speak of.

    Raises RepoError where the repo refuses, ForgeError where GitHub does.
    """
    match changeset.action:
        case OpenPullRequest() as action:
            return _open(connection, repo, changeset.branch, action, texts)
        case UpdatePullRequest() as action:
            return _update(connection, repo, changeset, action, texts)
        case ClosePullRequest():
            return _close(connection, repo, changeset, texts)
        case LeaveAlone():
            return _published("unchanged", changeset)


def _open(connection: Connection, repo: str, branch: str, action: OpenPullRequest, texts: Texts) -> Published:
    head = action.resume
    if head is None:
        head = _commit(connection, repo, action.tree, action.parent, action.writes, texts.commit_message)
        connection.write("POST", f"/repos/{repo}/git/refs", {"ref": f"refs/heads/{branch}", "sha": head})
    pull = connection.write(
        "POST",
        f"/repos/{repo}/pulls",
        {"title": texts.title, "body": texts.body, "head": branch, "base": action.base},
    )
    _attempt(connection, f"/repos/{repo}/issues/{pull['number']}/labels", {"labels": [LABEL]})
    return Published(action="opened", number=pull["number"], url=pull["html_url"], head=head)


def _update(
    connection: Connection, repo: str, changeset: Changeset, action: UpdatePullRequest, texts: Texts
) -> Published:
    head = _commit(connection, repo, action.tree, action.parent, action.writes, texts.commit_message)
    connection.write("PATCH", f"/repos/{repo}/git/refs/heads/{changeset.branch}", {"sha": head, "force": False})
    pull = connection.write("PATCH", f"/repos/{repo}/pulls/{action.number}", {"title": texts.title, "body": texts.body})
    if action.kept:
        _attempt(connection, f"/repos/{repo}/issues/{action.number}/comments", {"body": texts.comment})
    return Published(action="updated", number=action.number, url=pull["html_url"], head=head)


def _close(connection: Connection, repo: str, changeset: Changeset, texts: Texts) -> Published | None:
    opened = changeset.pull_request
    if opened is None:
        return None
    _attempt(connection, f"/repos/{repo}/issues/{opened.number}/comments", {"body": texts.comment})
    connection.write("PATCH", f"/repos/{repo}/pulls/{opened.number}", {"state": "closed"})
    return _published("closed", changeset)


def _published(done: Done, changeset: Changeset) -> Published | None:
    opened = changeset.pull_request
    if opened is None:
        return None
    return Published(action=done, number=opened.number, url=opened.url, head=opened.head)


def _commit(
    connection: Connection, repo: str, tree: str, parent: str, writes: Sequence[FileWrite], message: str
) -> str:
    """A new commit on `parent`; without author or committer, so that GitHub signs it for an App."""
    entries = [_tree_entry(write) for write in writes]
    made = connection.write("POST", f"/repos/{repo}/git/trees", {"base_tree": tree, "tree": entries})
    body = {"message": message, "tree": made["sha"], "parents": [parent]}
    return str(connection.write("POST", f"/repos/{repo}/git/commits", body)["sha"])


def _tree_entry(write: FileWrite) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": write.path, "mode": write.mode, "type": "blob"}
    return entry | ({"sha": None} if write.content is None else {"content": write.content.decode()})


def _attempt(connection: Connection, path: str, body: dict[str, Any]) -> None:
    try:
        connection.write("POST", path, body)
    except RepoError:
        return

"""Publish: one planned action in, its writes sent to GitHub one after another, and what came of it out.

Only ever adds commits: a ref is moved forward by an ordinary update that GitHub refuses if the branch moved since
it was read. What is not essential (a label, a comment) never fails a pull request.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from syncbot.errors import Refusal, RepoError
from syncbot.github.commits import NewCommit, holds, place_new, place_on, prepare, write_tree
from syncbot.github.connection import Connection, Json, proves
from syncbot.model.pull_request import LABEL, PullRequest
from syncbot.plan.actions import (
    ClosePullRequest,
    CommentOnce,
    LabelPullRequest,
    NoOp,
    OpenPullRequest,
    RetitlePullRequest,
    UpdatePullRequest,
)
from syncbot.plan.repo_plan import Changeset

_LOG = logging.getLogger(__name__)

_FINAL = frozenset({Refusal.FORBIDDEN, Refusal.NOT_FOUND, Refusal.GONE, Refusal.VALIDATION})
"""What GitHub refuses would be refused again."""

Done = Literal["opened", "updated", "closed", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What people read, as Markdown; `comment` goes with a close, or with an update of which people hear.

    `sign_off`: the commit has to be signed off by its author, who is not known here.
    """

    title: str
    body: str
    commit_message: str
    sign_off: bool = False
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

    The order of the writes is such that a run which dies between two of them is made good by the next.
    Raises RepoError where the repo refuses, ForgeError where GitHub does.
    """
    match changeset.action:
        case OpenPullRequest() as action:
            return _open(connection, repo, changeset, action, texts)
        case UpdatePullRequest() as action:
            return _update(connection, repo, changeset, action, texts)
        case ClosePullRequest(number=number):
            _close(connection, repo, number, changeset.pull_request, texts.comment)
            return _published("closed", changeset)
        case LabelPullRequest(number=number):
            return _published("updated" if _label(connection, repo, number) else "unchanged", changeset)
        case RetitlePullRequest(number=number, title=title):
            _edit(connection, repo, number, {"title": title})
            return _published("updated", changeset)
        case CommentOnce(number=number):
            told = _say(connection, repo, number, changeset.pull_request, texts.comment)
            return _published("updated" if told else "unchanged", changeset)
        case NoOp():
            return _published("unchanged", changeset)


def _open(connection: Connection, repo: str, changeset: Changeset, action: OpenPullRequest, texts: Texts) -> Published:
    if action.replaces:
        _close(connection, repo, action.replaces, changeset.pull_request, texts.comment)
    branch, head = _pushed(connection, repo, changeset, action, texts)
    body = {"title": texts.title, "body": texts.body, "head": branch, "base": action.base}
    pull = _opened(connection, repo, branch, head, body)
    _label(connection, repo, pull["number"])
    return Published(action="opened", number=pull["number"], url=pull["html_url"], head=head)


def _pushed(
    connection: Connection, repo: str, changeset: Changeset, action: OpenPullRequest, texts: Texts
) -> tuple[str, str]:
    """The branch with what is proposed, and its head: a left-over one only if it holds the very tree that is written.

    One that was made for GitHub's own commit, which never came, holds nothing yet: the commit comes now. Whatever else
    a branch holds, it is somebody's, however its commit is signed and marked: another name is taken then.
    """
    new = NewCommit(
        tree=action.tree,
        parents=(action.parent,),
        writes=action.writes,
        message=texts.commit_message,
        signed=action.signed,
        sign_off=texts.sign_off,
    )
    tree = write_tree(connection, repo, new)
    branch = changeset.branch
    if action.resume == action.parent:
        return branch, place_on(connection, repo, branch, new, prepare(connection, repo, new, tree))
    if action.resume:
        if holds(connection, repo, action.resume, new, tree):
            return branch, action.resume
        branch = action.otherwise
    return branch, place_new(connection, repo, branch, new, prepare(connection, repo, new, tree))


def _opened(connection: Connection, repo: str, branch: str, head: str, body: dict[str, Any]) -> Mapping[str, Any]:
    """The new pull request, or the one that is open from this branch already: a run that died had lost its label."""
    try:
        made: Json = connection.write(
            "POST",
            f"/repos/{repo}/pulls",
            body,
            lambda pull: _is_from(pull, branch) and bool(pull["head"]["sha"] == head),
        )
    except RepoError as error:
        if error.refusal is not Refusal.ALREADY_EXISTS:
            raise
        owner = repo.partition("/")[0]
        found = connection.read(f"/repos/{repo}/pulls?state=open&head={owner}:{branch}")
        if not (isinstance(found, list) and found and proves(lambda pull: _is_from(pull, branch), found[0])):
            raise
        made = found[0]
    return made


def _is_from(pull: Json, branch: str) -> bool:
    """Whether this is an open pull request from the branch, with what we tell people of it."""
    known = isinstance(pull["number"], int) and isinstance(pull["html_url"], str)
    return known and pull["state"] == "open" and pull["head"]["ref"] == branch


def _edit(connection: Connection, repo: str, number: int, fields: Mapping[str, str]) -> None:
    """Change a pull request. Raises UncertainError unless the answer has it so."""

    def is_edited(pull: Json) -> bool:
        return pull["number"] == number and all(_same(pull[name], value) for name, value in fields.items())

    connection.write("PATCH", f"/repos/{repo}/pulls/{number}", fields, is_edited)


def _same(there: object, ours: str) -> bool:
    """Whether GitHub holds our text: it trims, and may use other line ends."""
    return isinstance(there, str) and there.replace("\r\n", "\n").strip() == ours.replace("\r\n", "\n").strip()


def _update(
    connection: Connection, repo: str, changeset: Changeset, action: UpdatePullRequest, texts: Texts
) -> Published:
    """Words first, the branch last: only a branch that moved tells the next run that all is done."""
    new = NewCommit(
        tree=action.tree,
        parents=action.parents,
        writes=action.writes,
        message=texts.commit_message,
        signed=action.signed,
        sign_off=texts.sign_off,
    )
    prepared = prepare(connection, repo, new, write_tree(connection, repo, new))
    opened = changeset.pull_request
    words = {"title": texts.title} if opened is None or opened.title_untouched else {}
    words |= {"body": texts.body} if opened is None or opened.body_untouched else {}
    if words:
        _edit(connection, repo, action.number, words)
    if opened and LABEL not in opened.labels and not opened.unlabelled:
        _label(connection, repo, action.number)
    if texts.comment:
        _say(connection, repo, action.number, changeset.pull_request, texts.comment)
    head = place_on(connection, repo, changeset.branch, new, prepared)
    return Published(action="updated", number=action.number, url=opened.url if opened else "", head=head)


def _close(connection: Connection, repo: str, number: int, opened: PullRequest | None, comment: str) -> None:
    _say(connection, repo, number, opened, comment)
    _edit(connection, repo, number, {"state": "closed"})


def _published(done: Done, changeset: Changeset) -> Published | None:
    opened = changeset.pull_request
    if opened is None:
        return None
    return Published(action=done, number=opened.number, url=opened.url, head=opened.head)


def _say(connection: Connection, repo: str, number: int, opened: PullRequest | None, comment: str) -> bool:
    """Comment, unless an earlier run that died afterwards said the same; whether it was written.

    Raises RepoError where people may yet be told: what GitHub refuses for good (a comment on a locked conversation,
    say) is not essential, whereas after a redirect or a lost answer a fresh read tells.
    """
    said = opened.comments if opened else ()
    if any(earlier.body.strip() == comment.strip() for earlier in said):
        return False
    try:
        connection.write(
            "POST",
            f"/repos/{repo}/issues/{number}/comments",
            {"body": comment},
            lambda made: isinstance(made["id"], int) and _same(made["body"], comment),
        )
    except RepoError as error:
        if error.refusal not in _FINAL:
            raise
        _LOG.warning("not essential, so gone on without: %s", error)
        return False
    return True


def _label(connection: Connection, repo: str, number: int) -> bool:
    """Give it the label, if GitHub lets us; whether it did."""
    try:
        connection.write(
            "POST",
            f"/repos/{repo}/issues/{number}/labels",
            {"labels": [LABEL]},
            lambda labels: any(_same(label["name"].casefold(), LABEL.casefold()) for label in labels),
        )
    except RepoError as error:
        _LOG.warning("not essential, so gone on without: %s", error)
        return False
    return True

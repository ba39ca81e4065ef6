"""Reviews: what one pull request changes, read at one head so that nothing moves meanwhile, and its approval there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from syncbot.errors import ForgeError, RepoError
from syncbot.github import access, documents
from syncbot.github.connection import Connection, TooHeavyError, UncertainError
from syncbot.github.parse import login, parse_blob
from syncbot.model import PullRequest
from syncbot.plan.approval import Ends, Examined

MAX_FILES = 300
"""Files that a comparison lists: https://docs.github.com/en/rest/commits/commits#compare-two-commits"""

_PAGE = 100


def viewer(connection: Connection) -> str:
    """The login that the token belongs to. Raises ForgeError."""
    try:
        data, _ = connection.query(access.document(0), {})
    except TooHeavyError as error:
        raise ForgeError(f"GitHub does not say whose token this is: {error}") from None
    return str((data.get("viewer") or {}).get("login") or "")


def examine(connection: Connection, repo: str, opened: PullRequest, text_paths: frozenset[str], who: str) -> Examined:
    """What the pull request changes at `opened.head`. Raises RepoError, ForgeError and OutOfTime."""
    compared = connection.read(f"/repos/{repo}/compare/{quote(opened.base, safe='')}...{opened.head}")
    files = compared.get("files") or []
    names = {name for file in files for name in (file["filename"], file.get("previous_filename")) if name}
    ends = (compared["merge_base_commit"]["sha"], opened.head)
    return Examined(
        changed=tuple(sorted(names)),
        is_complete=len(files) < MAX_FILES,
        texts=_texts(connection, repo, ends, sorted(names & text_paths)),
        approved=_is_approved(connection, repo, opened, who),
    )


def is_at(connection: Connection, repo: str, opened: PullRequest) -> bool:
    """Whether the pull request is still open, at the head that was examined. Raises RepoError, ForgeError."""
    pull = connection.read(f"/repos/{repo}/pulls/{opened.number}")
    return bool(pull["state"] == "open" and pull["head"]["sha"] == opened.head and pull["base"]["ref"] == opened.base)


def approve(connection: Connection, repo: str, opened: PullRequest, who: str, body: str) -> None:
    """Approve the head that was examined. Raises RepoError, ForgeError and OutOfTime."""
    review = {"event": "APPROVE", "commit_id": opened.head, "body": body}
    try:
        connection.write("POST", f"/repos/{repo}/pulls/{opened.number}/reviews", review)
    except UncertainError:
        if not _is_approved(connection, repo, opened, who):
            raise


def _texts(connection: Connection, repo: str, ends: tuple[str, str], paths: list[str]) -> Mapping[str, Ends]:
    if not paths:
        return {}
    expressions = [f"{commit}:{path}" for path in paths for commit in ends]
    owner, _, name = repo.partition("/")
    variables = {"o0": owner, "n0": name} | {f"x0_{j}": expression for j, expression in enumerate(expressions)}
    try:
        data, _ = connection.query(documents.blobs([len(expressions)]), variables)
    except TooHeavyError as error:
        raise RepoError("unreadable", f"GitHub could not read {repo}: {error}") from None
    node = data.get("r0") or {}
    texts = [parse_blob(node.get(f"b{j}")) for j in range(len(expressions))]
    return {path: (texts[2 * i], texts[2 * i + 1]) for i, path in enumerate(paths)}


def _is_approved(connection: Connection, repo: str, opened: PullRequest, who: str) -> bool:
    """Whether this login's last word is an approval of this very head."""
    said = [
        review
        for review in _reviews(connection, repo, opened.number)
        if review["user"] and login(review["user"]["login"]) == who and review["state"] != "COMMENTED"
    ]
    return bool(said) and said[-1]["state"] == "APPROVED" and said[-1]["commit_id"] == opened.head


def _reviews(connection: Connection, repo: str, number: int) -> Iterator[Mapping[str, Any]]:
    page = 1
    while True:
        found = connection.read(f"/repos/{repo}/pulls/{number}/reviews?per_page={_PAGE}&page={page}")
        yield from found
        if len(found) < _PAGE:
            return
        page += 1

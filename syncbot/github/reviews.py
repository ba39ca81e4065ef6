"""Reviews: what one pull request changes, read at one head so that nothing moves meanwhile, and its approval there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from syncbot.errors import ForgeError, RepoError
from syncbot.github import queries, token_info
from syncbot.github.batches import batched, name_variables
from syncbot.github.connection import Connection, Json, TooHeavyError, UncertainError
from syncbot.github.decode import Nullable, UnreadError, Value
from syncbot.github.observe import texts
from syncbot.github.parse import login
from syncbot.model.blobs import text_in
from syncbot.model.observation import Failure
from syncbot.model.pull_request import PullRequest
from syncbot.plan.pulls.approval import Ends, Examined

MAX_FILES = 300
"""Files that a comparison lists: https://docs.github.com/en/rest/commits/commits#compare-two-commits"""

_PAGE = 100


def viewer(connection: Connection) -> str:
    """The login that the token belongs to. Raises ForgeError."""
    try:
        data, _ = connection.query(token_info.document(0), {})
        return Value(data)["viewer"]["login"].text
    except (TooHeavyError, UnreadError) as error:
        raise ForgeError(f"GitHub does not say whose token this is: {error}") from None


def examine(connection: Connection, repo: str, opened: PullRequest, text_paths: frozenset[str], who: str) -> Examined:
    """What the pull request changes at `opened.head`. Raises RepoError, ForgeError and OutOfTime."""
    compared = Value(connection.read(f"/repos/{repo}/compare/{quote(opened.base, safe='')}...{opened.head}"))
    files = list(compared["files"])
    named = [name for file in files for name in (file["filename"], file.given("previous_filename")) if name]
    names = {name.text for name in named}
    ends = (compared["merge_base_commit"]["sha"].oid, opened.head)
    return Examined(
        changed=tuple(sorted(names)),
        is_complete=len(files) < MAX_FILES,
        texts=_texts(connection, repo, ends, sorted(names & text_paths)),
        approved=_is_approved(connection, repo, opened, who),
    )


def is_at(connection: Connection, repo: str, opened: PullRequest) -> bool:
    """Whether the pull request is still open, at the head that was examined. Raises RepoError, ForgeError."""
    pull = Value(connection.read(f"/repos/{repo}/pulls/{opened.number}"))
    found = (pull["state"].text, pull["head"]["sha"].text, pull["base"]["ref"].text)
    return found == ("open", opened.head, opened.base)


def approve(connection: Connection, repo: str, opened: PullRequest, who: str, body: str) -> None:
    """Approve the head that was examined. Raises RepoError, ForgeError and OutOfTime."""
    review = {"event": "APPROVE", "commit_id": opened.head, "body": body}
    try:
        connection.write(
            "POST",
            f"/repos/{repo}/pulls/{opened.number}/reviews",
            review,
            lambda made: bool(made["state"] == "APPROVED" and made["commit_id"] == opened.head),
        )
    except UncertainError:
        if not _is_approved(connection, repo, opened, who):
            raise


def _texts(connection: Connection, repo: str, ends: tuple[str, str], paths: list[str]) -> Mapping[str, Ends]:
    if not paths:
        return {}
    expressions = [f"{commit}:{path}" for path in paths for commit in ends]

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        variables = {f"x0_{j}": expression for j, expression in enumerate(expressions)}
        return queries.blobs([len(expressions)]), name_variables(batch) | variables

    read = batched(connection, [repo], query, lambda _, value: texts(value, expressions, frozenset()))[repo]
    if isinstance(read, Failure):
        raise RepoError(read.code, read.reason)
    found = [text_in(read, expression) for expression in expressions]
    return {path: (found[2 * i], found[2 * i + 1]) for i, path in enumerate(paths)}


def _is_approved(connection: Connection, repo: str, opened: PullRequest, who: str) -> bool:
    """Whether this login's last word is an approval of this very head."""
    said = [(state, commit) for author, state, commit in _reviews(connection, repo, opened.number) if author == who]
    return said[-1:] == [("APPROVED", opened.head)]


def _reviews(connection: Connection, repo: str, number: int) -> Iterator[tuple[str | None, str, str | None]]:
    """Who said what of which commit, oldest first, without mere comments."""
    page = 1
    while True:
        found = list(Value(connection.read(f"/repos/{repo}/pulls/{number}/reviews?per_page={_PAGE}&page={page}")))
        for review in found:
            user, commit = (
                review.maybe("user", Nullable.DELETED_ACCOUNT),
                review.maybe("commit_id", Nullable.NO_OBJECT),
            )
            if review["state"].text != "COMMENTED":
                author = login(user["login"].text) if user else None
                yield author, review["state"].text, commit.text if commit else None
        if len(found) < _PAGE:
            return
        page += 1

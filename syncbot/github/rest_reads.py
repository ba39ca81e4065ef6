"""REST reads: what is read beyond GraphQL for open pull requests: the files of a conflict, and who may command the bot.

Rarely needed, so a few REST reads each. Observations in, observations out.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import replace
from typing import Any

from syncbot.errors import Refusal, RepoError
from syncbot.github import queries
from syncbot.github.batches import unread
from syncbot.github.connection import Connection, TooHeavyError
from syncbot.github.decode import UnreadError, Value
from syncbot.github.listing import tree_listing
from syncbot.github.nodes import later_page
from syncbot.github.parse import GHOST, found_pull_request, login
from syncbot.model.blobs import LiveFile, Trees
from syncbot.model.fleet import Bot
from syncbot.model.observation import Failure, Observation
from syncbot.model.pull_request import Authority, Comment, MergedBase, PullRequest, PullRequestState
from syncbot.plan.pulls.base_merges import Run, runs

_PAGE = 100
_AUTHORITIES = {
    **dict.fromkeys(("admin", "maintain", "write"), Authority.WRITER),
    **dict.fromkeys(("triage", "read", "none"), Authority.OUTSIDER),
}
"""By the permission that REST tells; another word tells nothing."""


class Authorities:
    """Who may command the bot in a repo: looked up once a run, never taken from what a comment says of its author."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, str], Authority] = {}

    def vouched(self, observation: Observation) -> Observation:
        """The observation with what is known of those who spoke to the bot. Raises ForgeError."""
        pulls = tuple(
            replace(pull, comments=tuple(self._vouch(observation.name, comment) for comment in pull.comments))
            if pull.state is not PullRequestState.MERGED
            else pull
            for pull in observation.pull_requests
        )
        return replace(observation, pull_requests=pulls)

    def _vouch(self, repo: str, comment: Comment) -> Comment:
        if not comment.addressed or comment.author == GHOST:
            return comment
        key = (repo, comment.author)
        if key not in self._known:
            self._known[key] = self._authority(repo, comment.author)
        return replace(comment, authority=self._known[key])

    def _authority(self, repo: str, author: str) -> Authority:
        if author.endswith("[bot]"):
            # Apps are no collaborators; and a user may be called as an App is.
            return Authority.OUTSIDER
        try:
            answer = Value(self._connection.read(f"/repos/{repo}/collaborators/{author}/permission"))
            if login(answer["user"]["login"].text) != login(author):
                return Authority.UNKNOWN
            return _AUTHORITIES.get(answer["permission"].text, Authority.UNKNOWN)
        except RepoError:
            return Authority.UNKNOWN


def with_trees(connection: Connection, observation: Observation, numbers: Container[int]) -> Observation | Failure:
    """The observation with all files of the pull requests of these numbers. Raises ForgeError and OutOfTime."""
    return _with_each(observation, numbers, lambda pull: replace(pull, trees=_trees(connection, observation, pull)))


def with_ancestors(connection: Connection, observation: Observation, numbers: Container[int]) -> Observation | Failure:
    """The observation with where the branches of these pull requests left the base. Raises ForgeError, OutOfTime."""
    return _with_each(
        observation, numbers, lambda pull: replace(pull, ancestor=_ancestor(connection, observation, pull))
    )


def with_merged_bases(
    connection: Connection, observation: Observation, numbers: Container[int]
) -> Observation | Failure:
    """The observation with what others merged into these pull requests. Raises ForgeError and OutOfTime."""
    return _with_each(
        observation, numbers, lambda pull: replace(pull, merged_bases=_merged_bases(connection, observation.name, pull))
    )


def _with_each(
    observation: Observation, numbers: Container[int], read: Callable[[PullRequest], PullRequest]
) -> Observation | Failure:
    """The observation with what is read of the pull requests of these numbers."""
    try:
        pulls = tuple(read(pull) if pull.number in numbers else pull for pull in observation.pull_requests)
    except RepoError as error:
        return unread(observation.name, str(error))
    return replace(observation, pull_requests=pulls)


def open_pull_requests(connection: Connection, organization: str, bot: Bot) -> tuple[tuple[str, PullRequest], ...]:
    """The bot's open pull requests anywhere in the organisation, with their repos, as GitHub's search knows them.

    Raises UnreadError, ForgeError and OutOfTime.
    """
    found = (pair for identity in bot.identities for pair in _search(connection, organization, identity, bot))
    return tuple(pair for pair in found if pair)


def _search(
    connection: Connection, organization: str, identity: str, bot: Bot
) -> Iterator[tuple[str, PullRequest] | None]:
    author = f"app/{identity.removesuffix('[bot]')}" if identity.endswith("[bot]") else identity
    variables: dict[str, Any] = {"q": f"org:{organization} is:pr is:open author:{author}", "after": None}
    while True:
        try:
            data, errors = connection.query(queries.OPEN_PULL_REQUESTS, variables)
        except TooHeavyError as error:
            raise UnreadError(f"GitHub could not search for {variables['q']}: {error}") from None
        if errors:
            raise UnreadError(f"GitHub could not search for {variables['q']}: {errors[0].get('message')}")
        page = later_page(Value(data)["search"], lambda value: found_pull_request(value, bot))
        yield from page.nodes
        if not page.further:
            return
        variables["after"] = page.further


def _trees(connection: Connection, observation: Observation, pull: PullRequest) -> Trees | None:
    """None where the branch has nothing in common with the base, or GitHub does not list a tree in full.

    Raises RepoError.
    """
    ancestor = _ancestor(connection, observation, pull)
    if ancestor is None:
        return None
    listed = _listed(connection, observation.name, ancestor, observation.head, pull.head)
    return Trees(ancestor=listed[0], base=listed[1], branch=listed[2]) if listed else None


def _merged_bases(connection: Connection, repo: str, pull: PullRequest) -> tuple[MergedBase, ...]:
    """Empty where it cannot be told that the base was merged, and nothing else. Raises RepoError."""
    answer = Value(connection.read(f"/repos/{repo}/pulls/{pull.number}/commits?per_page={_PAGE}"))
    commits = [(each["sha"].oid, tuple(parent["sha"].oid for parent in each["parents"])) for each in answer]
    if not commits or len(commits) == _PAGE or commits[-1][0] != pull.head:
        return ()
    found = [_merged_base(connection, repo, run) for run in runs(commits, pull.merges) or ()]
    return tuple(merged for merged in found if merged) if all(found) else ()


def _merged_base(connection: Connection, repo: str, run: Run) -> MergedBase | None:
    ancestor = _common(connection, repo, run.base, run.before)
    listed = _listed(connection, repo, ancestor, run.base, run.before, run.last) if ancestor else None
    if listed is None:
        return None
    return MergedBase(trees=Trees(ancestor=listed[0], base=listed[1], branch=listed[2]), result=listed[3])


def _listed(connection: Connection, repo: str, *commits: str) -> list[Mapping[str, LiveFile]] | None:
    """All files of these commits; None where GitHub does not list one in full. Raises RepoError."""
    listed = [tree_listing(connection, repo, commit) for commit in commits]
    return [listing.files for listing in listed] if all(listing.complete for listing in listed) else None


def _ancestor(connection: Connection, observation: Observation, pull: PullRequest) -> str | None:
    """The last commit that the branch has in common with the base, if any. Raises RepoError."""
    return _common(connection, observation.name, observation.head, pull.head)


def _common(connection: Connection, repo: str, one: str, other: str) -> str | None:
    """The last commit that the two have in common, if any. Raises RepoError."""
    try:
        compared = Value(connection.read(f"/repos/{repo}/compare/{one}...{other}"))
    except RepoError as error:
        if error.refusal is Refusal.NOT_FOUND:
            return None
        raise
    return compared["merge_base_commit"]["sha"].oid

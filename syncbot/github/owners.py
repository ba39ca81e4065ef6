"""Owners: which users and teams that a CODEOWNERS names GitHub does not have. Reads only.

Teams and users are asked for apart: a token without `read:org` is refused the whole query that has a team in it.
Looks at existence alone: GitHub also ignores an owner without write access to the repo, which would be a read for each
owner and repo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from syncbot.errors import FailureCode
from syncbot.github.connection import Connection, Json, TooHeavyError
from syncbot.github.decode import Nullable, UnreadError, Value, not_found_in
from syncbot.model.observation import Failure

Judge = Callable[[str, Value, str], Failure | None]

BATCH = 50
"""Owners a query: one field each."""

_RATE = "rateLimit { cost remaining resetAt }"


def users_document(users: int) -> str:
    """The GraphQL that asks what sort of account `users` logins are ($lI)."""
    variables = ", ".join(f"$l{i}: String!" for i in range(users))
    fields = " ".join(f"u{i}: repositoryOwner(login: $l{i}) {{ __typename login }}" for i in range(users))
    return f"query Users({variables}) {{ {_RATE} {fields} }}"


def teams_document(teams: int) -> str:
    """The GraphQL that asks for `teams` teams by organization and slug ($lI, $sI)."""
    variables = ", ".join(f"$l{i}: String!, $s{i}: String!" for i in range(teams))
    fields = " ".join(f"u{i}: organization(login: $l{i}) {{ team(slug: $s{i}) {{ slug }} }}" for i in range(teams))
    return f"query Teams({variables}) {{ {_RATE} {fields} }}"


def missing_owners(connection: Connection, owners: Sequence[str]) -> dict[str, Failure]:
    """Those of `owners` (`@user`, `@organization/team`) that are not there: code `not-found`.

    Where GitHub does not say, the code is `not-permitted` or `unreadable`, and the reason names no single owner.
    Raises ForgeError and OutOfTime.
    """
    users = [owner for owner in owners if "/" not in owner]
    teams = [owner for owner in owners if "/" in owner]
    return {
        **dict(_ask(connection, users, users_document, _user)),
        **dict(_ask(connection, teams, teams_document, _team)),
    }


def is_unknown(connection: Connection, login: str) -> bool:
    """Whether GitHub says that nobody, user or organization, has this login. Raises ForgeError and OutOfTime."""
    try:
        data, errors = connection.query(users_document(1), {"l0": login})
        return Value(data, not_found=not_found_in(errors)).maybe("u0", Nullable.NOT_FOUND) is None
    except (TooHeavyError, UnreadError):
        return False


def _ask(
    connection: Connection,
    owners: Sequence[str],
    document: Callable[[int], str],
    judge: Judge,
) -> Iterator[tuple[str, Failure]]:
    for start in range(0, len(owners), BATCH):
        batch = owners[start : start + BATCH]
        try:
            data, errors = connection.query(document(len(batch)), _variables(batch))
        except TooHeavyError as error:
            # A classic token's missing scope comes as an error without a path, and without any data.
            yield from ((owner, _unanswered(owner, str(error))) for owner in batch)
            continue
        said = {path[0]: error for error in errors if isinstance(path := error.get("path"), list) and path}
        answer = Value(data, not_found=not_found_in(errors))
        for i, owner in enumerate(batch):
            failure = _refused(owner, said[f"u{i}"]) if f"u{i}" in said else None
            failure = failure or _judged(owner, answer, f"u{i}", judge)
            if failure:
                yield owner, failure


def _judged(owner: str, answer: Value, alias: str, judge: Judge) -> Failure | None:
    try:
        return judge(owner, answer, alias)
    except UnreadError as error:
        return _unanswered(owner, str(error))


def _variables(batch: Sequence[str]) -> dict[str, Any]:
    names = [owner.removeprefix("@").partition("/") for owner in batch]
    logins = {f"l{i}": login for i, (login, _, _) in enumerate(names)}
    return logins | {f"s{i}": slug for i, (_, _, slug) in enumerate(names) if slug}


def _refused(owner: str, error: Json) -> Failure | None:
    kind = error.get("type")
    if kind == "NOT_FOUND":
        return None
    if kind in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
        return Failure(
            code=FailureCode.NOT_PERMITTED,
            reason=f"the token may not see {_sort(owner)} (an App needs members: read): {error.get('message')}",
        )
    return _unanswered(owner, str(error.get("message")))


def _unanswered(owner: str, message: str) -> Failure:
    return Failure(code=FailureCode.UNREADABLE, reason=f"GitHub does not say whether {_sort(owner)} exist: {message}")


def _sort(owner: str) -> str:
    login, slash, _ = owner.removeprefix("@").partition("/")
    return f"the teams of {login}" if slash else "users"


def _user(owner: str, answer: Value, alias: str) -> Failure | None:
    account = answer.maybe(alias, Nullable.NOT_FOUND)
    if account is None:
        return Failure(code=FailureCode.NOT_FOUND, reason=f"{owner} is not on GitHub")
    if account["__typename"].text != "User":
        return Failure(
            code=FailureCode.NOT_FOUND, reason=f"{owner} is an organization, which owns nothing: name a team of it"
        )
    return None


def _team(owner: str, answer: Value, alias: str) -> Failure | None:
    organization = answer.maybe(alias, Nullable.NOT_FOUND)
    team = organization.maybe("team", Nullable.NOT_FOUND) if organization else None
    # GitHub also finds a team by its name; CODEOWNERS takes the slug.
    if team is None or team["slug"].text.lower() != owner.partition("/")[2].lower():
        return Failure(code=FailureCode.NOT_FOUND, reason=f"{owner} is not there, or the token may not see it")
    return None

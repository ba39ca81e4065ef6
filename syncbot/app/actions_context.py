"""What GitHub Actions says of the run: which commits to compare, and whether the branch is the bot's.

In: the environment and the event's file. Out: a `Situation`. Never asks GitHub.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syncbot.app.checkout import Checkout, Commit
from syncbot.errors import SyncbotError
from syncbot.model.fleet import Bot


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsContext:
    """The commits to compare, by any name git knows; with `groups`, each merge of a queue is looked at by itself."""

    base: str
    head: str
    is_bot: bool = False
    groups: bool = False


def actions_context(
    checkout: Checkout, environment: Mapping[str, str], base: str | None, head: str | None, bot: Bot
) -> ActionsContext:
    """Where this run stands; `base` and `head`, where given, win over what the event says. Raises SyncbotError."""
    event = _event(environment)
    pull, group = event.get("pull_request"), event.get("merge_group")
    if isinstance(pull, dict):
        return ActionsContext(
            base=base or _here(checkout, _base_names(pull, environment)),
            head=head or _here(checkout, (pull["head"]["sha"], environment.get("GITHUB_SHA"), "HEAD")),
            is_bot=_is_bots(pull, bot),
        )
    if isinstance(group, dict):
        return ActionsContext(base=base or group["base_sha"], head=head or group["head_sha"], groups=True)
    if base is None and environment.get("GITHUB_BASE_REF"):
        base = _here(checkout, _base_names({}, environment))
    if base is None:
        raise SyncbotError("which branch is it for? give --base, origin/main for instance")
    head = head or "HEAD"
    return ActionsContext(base=base, head=head, is_bot=_is_bots_branch(checkout, base, head, bot))


def by_bot(commit: Commit, identities: Sequence[str]) -> bool:
    """Whether an identity wrote the commit; without identities, whether any app did."""
    name, _, address = commit.author.rpartition(" <")
    login = re.sub(r"^\d+\+", "", address.partition("@")[0])
    if not identities:
        return name.endswith("[bot]")
    wanted = {identity.lower() for identity in identities}
    return name.lower() in wanted or (address.endswith("@users.noreply.github.com>") and login.lower() in wanted)


def _event(environment: Mapping[str, str]) -> Mapping[str, Any]:
    path = environment.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SyncbotError(f"{path}: the event cannot be read: {error}") from error
    return event if isinstance(event, dict) else {}


def _base_names(pull: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[str | None]:
    yield pull.get("base", {}).get("sha")
    branch = environment.get("GITHUB_BASE_REF")
    if branch:
        yield from (f"origin/{branch}", branch)


def _here(checkout: Checkout, names: Sequence[str | None] | Iterator[str | None]) -> str:
    """The first of the names that is a commit in this checkout."""
    tried = [name for name in names if name]
    for name in tried:
        if checkout.has(name):
            return name
    raise SyncbotError(f"{' or '.join(tried)}: not in this checkout; fetch-depth: 0 fetches everything")


def _is_bots(pull: Mapping[str, Any], bot: Bot) -> bool:
    """By author, and in this very repo: a fork can name its branches as it likes."""
    head, base, user = pull["head"], pull["base"], pull["user"]
    same = (head.get("repo") or {}).get("full_name") == base["repo"]["full_name"]
    known = user["login"].lower() in bot.logins if bot.identities else user["type"] == "Bot"
    return bool(same and known and head["ref"].startswith(bot.prefixes))


def _is_bots_branch(checkout: Checkout, base: str, head: str, bot: Bot) -> bool:
    branch = checkout.branch() if head == "HEAD" else head.removeprefix("origin/")
    return branch.startswith(bot.prefixes) and any(
        by_bot(commit, bot.identities) for commit in checkout.commits(checkout.commit(base), checkout.commit(head))
    )

"""Parse: GitHub's GraphQL answers into the model's values. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from syncbot.model import (
    BRANCH_PREFIX,
    LABEL,
    BotCommit,
    Branch,
    Comment,
    Failure,
    LiveFile,
    Observation,
    PullRequest,
    blob_id,
    changeset_of_branch,
)
from syncbot.plan.said import is_own, proposal_in
from syncbot.plan.trailers import parse_trailers

Node = Mapping[str, Any]

BOT_BRANCH = re.compile(re.escape(BRANCH_PREFIX) + r"[a-z0-9][a-z0-9._-]*-[0-9]+")
# Whom GitHub names as committer of what it commits itself.
_WEB_FLOW = "web-flow"
_GITHUB_EMAIL = "noreply@github.com"
_AT_ONCE = timedelta(seconds=10)
# An App has an address, but is no user.
_APP_EMAIL = re.compile(r"(?:[0-9]+\+)?(?P<login>[^@+]+\[bot\])@users\.noreply\.github\.com")


def login(name: str | None) -> str | None:
    """A login as it can be compared, in REST's form: an App's ends in `[bot]`, which no user's can."""
    return name.lower() if name else None


def failure_of(node: Node) -> Failure | None:
    """Why a repo that was found cannot be planned for, or None."""
    name = node["nameWithOwner"]
    if node["isArchived"]:
        return Failure(code="archived", reason=f"{name} is archived: take it out of the config, or unarchive it")
    if node["isDisabled"]:
        return Failure(code="disabled", reason=f"GitHub has disabled {name}")
    if node["isEmpty"]:
        return Failure(code="empty", reason=f"{name} is empty: push a first commit")
    if not node["defaultBranchRef"]:
        return Failure(code="no-default-branch", reason=f"{name} has no default branch")
    return None


def parse_survey(node: Node, paths: Sequence[str], identities: frozenset[str | None]) -> Observation:
    """The survey of one repo; it must have a default branch."""
    commit = node["defaultBranchRef"]["target"]
    pulls = [pull for ref in node["refs"]["nodes"] for pull in ref["associatedPullRequests"]["nodes"]]
    # By branch and by label: the label may have been lost with a run that died, the branches may be many.
    pulls += node["pullRequests"]["nodes"]
    opened = {pull["number"]: _time(pull["createdAt"]) for pull in pulls if is_ours(pull, identities)}
    return Observation(
        name=node["nameWithOwner"],
        default_branch=node["defaultBranchRef"]["name"],
        head=commit["oid"],
        tree=commit["tree"]["oid"],
        files=_files(commit, paths),
        opened_at=tuple(opened.values()),
        checks=_rollup(commit),
        may_write=node["viewerPermission"] not in ("READ", "TRIAGE"),
        merge_commits_allowed=node["mergeCommitAllowed"] or node["squashMergeAllowed"],
        prefix_taken=node["prefix"] is not None,
        blobs={
            entry["oid"]: parse_blob(entry["object"])
            for i in range(len(paths))
            if (entry := commit.get(f"f{i}")) and entry.get("object")
        },
    )


def parse_blob(node: Node | None) -> bytes | None:
    """A blob's content, or None for what is not (wholly there as) UTF-8 text: its id tells."""
    if not node or node.get("text") is None or node["isBinary"] or node["isTruncated"]:
        return None
    content = str(node["text"]).encode()
    return content if blob_id(content) == node["oid"] else None


def parse_history(
    node: Node, paths: Sequence[str], identities: frozenset[str | None]
) -> tuple[tuple[Branch, ...], tuple[PullRequest, ...]]:
    """The branches under `syncbot/`, and the bot's own pull requests, oldest first."""
    branches = tuple(
        Branch(
            name=_branch_name(ref),
            head=ref["target"]["oid"],
            commit=_bot_commit(ref["target"], identities),
            used=bool(ref["associatedPullRequests"]["nodes"]),
        )
        for ref in node["branches"]["nodes"]
    )
    nodes = [pull for pull in node["pullRequests"]["nodes"] if is_ours(pull, identities)]
    found = {pull["number"]: _pull_request(pull, paths, identities) for pull in nodes}
    return branches, tuple(found[number] for number in sorted(found))


def is_ours(node: Node, identities: frozenset[str | None]) -> bool:
    """Whether a pull request is the bot's: by its author, from the repo itself, from a branch of the bot's naming."""
    return (
        login(_name(node["author"])) in identities
        and not node["isCrossRepository"]
        and BOT_BRANCH.fullmatch(node["headRefName"]) is not None
    )


def requires_signatures(node: Node) -> bool:
    """Whether the default branch takes signed commits only, by its protection or by a ruleset of repo or owner."""
    ref = node["defaultBranchRef"] or {}
    # The first is shown to administrators only, the second to everybody.
    protection, shown = ref.get("branchProtectionRule") or {}, ref.get("refUpdateRule") or {}
    rules = (ref.get("rules") or {}).get("nodes") or ()
    return bool(
        protection.get("requiresCommitSignatures")
        or shown.get("requiresSignatures")
        or any(rule and rule["type"] == "REQUIRED_SIGNATURES" for rule in rules)
    )


def _branch_name(ref: Node) -> str:
    # GitHub does not document whether `name` starts at refs/heads/ or at the prefix that was asked for.
    name = f"{ref['prefix']}{ref['name']}".removeprefix("refs/heads/")
    return name if name.startswith(BRANCH_PREFIX) else BRANCH_PREFIX + name


def _pull_request(node: Node, paths: Sequence[str], identities: frozenset[str | None]) -> PullRequest:
    nodes = [item["commit"] for item in node["commits"]["nodes"]]
    own = [_bot_commit(commit, identities) for commit in nodes]
    changeset = changeset_of_branch(node["headRefName"])
    said = [commit for commit in map(_proposal, nodes) if commit and commit.changeset == changeset]
    head = node["headRef"]["target"] if node["headRef"] else None
    events = node["events"]["nodes"]
    last = _last_event(events, "ClosedEvent", "ReopenedEvent")
    shown = head if node["state"] == "OPEN" else node["mergeCommit"]
    return PullRequest(
        number=node["number"],
        url=node["url"],
        state=node["state"],
        branch=node["headRefName"],
        base=node["baseRefName"],
        head=node["headRefOid"],
        head_tree=head["tree"]["oid"] if head else None,
        merge_commit=node["mergeCommit"]["oid"] if node["mergeCommit"] else None,
        title=node["title"],
        own_title=node["title"] in {commit.title for commit in said},
        own_body=is_own(node["body"] or ""),
        created_at=_time(node["createdAt"]),
        closed_by=_actor(_last_event(events, "ClosedEvent")),
        base_deleted=_is_closed_by_deletion(events),
        mergeable=node["mergeable"],
        review_decision=node["reviewDecision"] or _opinion(node),
        auto_merge=node["autoMergeRequest"] is not None,
        queued=node["isInMergeQueue"],
        checks=_rollup(head) if head else None,
        labels=tuple(label["name"] for label in (node["labels"] or {}).get("nodes", ())),
        commits=tuple(said or _remembered(node, changeset)),
        people_committed=not all(own),
        bot_streak=len(list(takewhile(bool, reversed(own)))),
        comments=_comments(node),
        reopened=last.get("__typename") == "ReopenedEvent" and _actor(last) not in identities,
        retargeted=any(
            event["__typename"] == "BaseRefChangedEvent" and _actor(event) not in identities for event in events
        ),
        unlabelled=any(
            event["label"]["name"] == LABEL and _actor(event) not in identities for event in node["unlabelled"]["nodes"]
        ),
        files=_files(shown, paths) if shown else {},
    )


def parse_found(node: Node, identities: frozenset[str | None]) -> tuple[str, PullRequest] | None:
    """The repo and the bot's pull request that a search found, or None where it is somebody else's."""
    if not node or not is_ours(node, identities) or node["repository"]["isArchived"]:
        return None
    found = PullRequest(
        number=node["number"],
        url=node["url"],
        state="OPEN",
        branch=node["headRefName"],
        base=node["baseRefName"],
        head=node["headRefOid"],
        title=node["title"],
        created_at=_time(node["createdAt"]),
        comments=_comments(node),
    )
    return node["repository"]["nameWithOwner"], found


def _remembered(node: Node, changeset: str) -> list[BotCommit]:
    """What a closed or merged one proposed by its own text, for where people squashed or reworded the bot's commits."""
    trailers = proposal_in(node["body"] or "") if node["state"] != "OPEN" else None
    if trailers is None or trailers.changeset != changeset:
        return []
    return [BotCommit(oid=node["headRefOid"], changeset=changeset, digest=trailers.digest, proposed=trailers.proposed)]


def _opinion(node: Node) -> str | None:
    """What writers say in their last reviews: where no review is required, GitHub decides nothing from that."""
    states = {review["state"] for review in (node["latestOpinionatedReviews"] or {}).get("nodes", ())}
    return next((state for state in ("CHANGES_REQUESTED", "APPROVED") if state in states), None)


def _comments(node: Node) -> tuple[Comment, ...]:
    events = node["events"]["nodes"] if "events" in node else ()
    reopenings = [event["createdAt"] for event in events if event["__typename"] == "ReopenedEvent"]
    return tuple(
        Comment(
            author=author,
            body=comment["body"],
            spent=any(comment["createdAt"] <= reopened for reopened in reopenings),
        )
        for comment in node["comments"]["nodes"]
        if (author := _name(comment["author"]))
    )


def _last_event(events: Sequence[Node], *kinds: str) -> Node:
    return next((event for event in reversed(events) if event["__typename"] in kinds), {})


def _is_closed_by_deletion(events: Sequence[Node]) -> bool:
    """Whether it was closed along with its base branch: GitHub records both at once, in an order it does not tell."""
    closed, deleted = _last_event(events, "ClosedEvent"), _last_event(events, "BaseRefDeletedEvent")
    return bool(closed and deleted) and abs(_time(closed["createdAt"]) - _time(deleted["createdAt"])) <= _AT_ONCE


def _actor(event: Node) -> str | None:
    return login(_name(event.get("actor")))


def _name(actor: Node | None) -> str | None:
    """An actor's login as REST says it: GraphQL leaves out the `[bot]` that tells an App from a user of that name."""
    if not actor:
        return None
    name = str(actor["login"]).removesuffix("[bot]")
    return f"{name}[bot]" if actor["__typename"] == "Bot" else name


def _bot_commit(node: Node, identities: frozenset[str | None]) -> BotCommit | None:
    """The commit, if the bot alone made it: one that a person amended keeps the trailers and holds their lines."""
    actors = (node.get("author"), node.get("committer"))
    return _proposal(node) if all(_is_trusted(actor, identities) for actor in actors) else None


def _is_trusted(actor: Node | None, identities: frozenset[str | None]) -> bool:
    if not actor:
        return False
    if actor["user"]:
        return login(actor["user"]["login"]) in identities | {_WEB_FLOW}
    app = _APP_EMAIL.fullmatch(actor["email"] or "")
    return actor["email"] == _GITHUB_EMAIL or bool(app and login(app["login"]) in identities)


def _proposal(node: Node) -> BotCommit | None:
    """What a commit of the bot's proposed, also where a person rebased it since: then they are its committer."""
    trailers = parse_trailers(node.get("message") or "")
    if trailers is None:
        return None
    return BotCommit(
        oid=node["oid"],
        changeset=trailers.changeset,
        digest=trailers.digest,
        proposed=trailers.proposed,
        title=node["message"].partition("\n")[0],
    )


def _files(commit: Node, paths: Sequence[str]) -> dict[str, LiveFile | None]:
    entries = {path: commit.get(f"f{i}") for i, path in enumerate(paths)}
    return {
        path: LiveFile(id=entry["oid"], mode=f"{entry['mode']:06o}") if entry else None
        for path, entry in entries.items()
    }


def _rollup(commit: Node) -> str | None:
    rollup = commit["statusCheckRollup"]
    return str(rollup["state"]) if rollup else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)

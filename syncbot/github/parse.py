"""Parse: what GitHub's answers hold into the model's values, by who did it and what the bot's own marks say. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, timedelta
from itertools import takewhile

from syncbot.errors import FailureCode
from syncbot.github.decode import Nullable, UnreadError, Value
from syncbot.github.nodes import (
    NOREPLY_DOMAIN,
    WEB_FLOW_ADDRESS,
    BranchNode,
    CommentNode,
    CommitNode,
    EventNode,
    OpenedNode,
    PullNode,
    SignatureNode,
    checks_of,
    comment_node,
    files_of,
    opened_node,
    texts_of,
)
from syncbot.model.fleet import Bot
from syncbot.model.observation import Failure, Observation
from syncbot.model.pull_request import (
    LABEL,
    BotCommit,
    Branch,
    Comment,
    PullRequest,
    PullRequestState,
    ReviewDecision,
    changeset_of_branch,
)
from syncbot.plan.pulls.commands import addressed_line, parse_command
from syncbot.plan.pulls.markers import is_untouched, proposal_in
from syncbot.plan.pulls.trailers import parse_trailers

Identities = frozenset[str]

GHOST = "ghost"
"""Whom GitHub shows in the place of a deleted account."""

# Whom GitHub names as committer of what it commits itself.
_WEB_FLOW = "web-flow"
_BOT = "[bot]"
_AT_ONCE = timedelta(seconds=10)
_WRITERS = ("ADMIN", "MAINTAIN", "WRITE")
# Whose it is, user or App, an address of GitHub's own says itself; an App is no user.
_NOREPLY = re.compile(r"(?:[0-9]+\+)?(?P<login>[^@+]+)" + re.escape(NOREPLY_DOMAIN))


def login(name: str | None) -> str | None:
    """A login as it can be compared, in REST's form: an App's ends in `[bot]`, which no user's can."""
    return name.lower() if name else None


def parse_survey(value: Value, paths: Sequence[str], bot: Bot, shorter: Sequence[str]) -> Observation | Failure:
    """The survey of one repo, or why it cannot be planned for; `shorter` are the branches that were asked for.

    Raises UnreadError.
    """
    name = value["nameWithOwner"].text
    if value["isArchived"].flag:
        return Failure(
            code=FailureCode.ARCHIVED, reason=f"{name} is archived: take it out of the config, or unarchive it"
        )
    if value["isDisabled"].flag:
        return Failure(code=FailureCode.DISABLED, reason=f"GitHub has disabled {name}")
    if value["isEmpty"].flag:
        return Failure(code=FailureCode.EMPTY, reason=f"{name} is empty: push a first commit")
    ref = value.maybe("defaultBranchRef", Nullable.NO_DEFAULT_BRANCH, doubtful=True)
    if ref is None:
        return Failure(code=FailureCode.NO_DEFAULT_BRANCH, reason=f"GitHub names no default branch of {name}")
    commit = ref["target"]
    under = [value[f"refs{k}"] for k in range(len(bot.prefixes))]
    pulls = [
        opened_node(pull) for refs in under for ref in refs["nodes"] for pull in ref["associatedPullRequests"]["nodes"]
    ]
    # By branch and by label: the label may have been lost with a run that died, the branches may be many.
    pulls += map(opened_node, value["pullRequests"]["nodes"])
    permission = value.maybe("viewerPermission", Nullable.APP)
    return Observation(
        name=name,
        default_branch=ref["name"].text,
        head=commit["oid"].oid,
        tree=commit["tree"]["oid"].oid,
        files=files_of(commit, paths),
        opened_at=tuple({p.number: p.created_at for p in pulls if is_ours(p, bot)}.values()),
        many_opened=any(page["pageInfo"]["hasNextPage"].flag for page in (*under, value["pullRequests"])),
        checks=checks_of(commit),
        may_write=permission is None or permission.text in _WRITERS,
        merge_commits_allowed=value["mergeCommitAllowed"].flag or value["squashMergeAllowed"].flag,
        in_the_way=tuple(
            name for k, name in enumerate(shorter) if value.maybe(f"q{k}", Nullable.NO_SUCH_BRANCH) is not None
        ),
        blobs=texts_of(commit, paths),
    )


def is_ours(pull: OpenedNode, bot: Bot) -> bool:
    """Whether a pull request is the bot's: by its author, from the repo itself, from a branch of the bot's naming.

    Raises UnreadError where GitHub does not say who opened one of that naming.
    """
    if pull.is_cross_repository or not bot.names(pull.branch):
        return False
    if pull.author is None:
        raise UnreadError(f"who opened #{pull.number}, from {pull.branch}, is null")
    return login(pull.author) in bot.logins


def branch(node: BranchNode, identities: Identities) -> Branch:
    """A branch under one of the bot's prefixes."""
    commit = _bot_commit(node.head, identities)
    return Branch(name=node.name, head=node.head.oid, commit=commit, used=bool(node.pulls))


def pull_request(node: PullNode, identities: Identities) -> PullRequest:
    """A pull request of the bot, by all that is to be read of it."""
    own = [_bot_commit(commit, identities) for commit in node.commits.nodes]
    changeset = changeset_of_branch(node.opened.branch)
    said = [commit for commit in map(_proposal, node.commits.nodes) if commit and commit.changeset == changeset]
    closed, last = _last_event(node.events, "ClosedEvent"), _last_event(node.events, "ClosedEvent", "ReopenedEvent")
    is_open = node.state is PullRequestState.OPEN
    files = (node.head.files if node.head else {}) if is_open else (node.merged[1] if node.merged else {})
    return PullRequest(
        number=node.number,
        url=node.url,
        state=node.state,
        branch=node.opened.branch,
        base=node.base,
        head=node.head_oid,
        head_tree=node.head.tree if node.head else None,
        linear_history=bool(node.head and node.head.linear),
        merge_commit=node.merged[0] if node.merged else None,
        title=node.title,
        title_untouched=node.title in {commit.title for commit in said} or login(node.titled_by) in identities,
        body_untouched=is_untouched(node.body),
        created_at=node.opened.created_at,
        closed_by=login(closed.actor) if closed else None,
        closed_on=closed.created_at.astimezone(UTC).date() if closed and closed.created_at else None,
        base_deleted=_is_closed_by_deletion(node.events),
        mergeable=node.mergeable,
        review_decision=node.review_decision or _opinion(node),
        auto_merge=node.auto_merge,
        queued=node.queued,
        checks=node.head.checks if node.head else None,
        labels=node.labels,
        commits=tuple(said or _remembered(node, changeset)),
        people_committed=not all(own),
        other_bots=_other_bots(node.commits.nodes, identities),
        merges=_merges(node.commits.nodes, identities) if is_open else (),
        bot_streak=_repeated_at_the_end(own),
        comments=_comments(node.comments.nodes, node.events),
        reopened=last is not None and last.kind == "ReopenedEvent" and login(last.actor) not in identities,
        retargeted=any(
            event.kind == "BaseRefChangedEvent" and login(event.actor) not in identities for event in node.events
        ),
        unlabelled=any(label == LABEL and login(actor) not in identities for label, actor in node.unlabelled),
        files=files,
    )


def found_pull_request(value: Value, bot: Bot) -> tuple[str, PullRequest] | None:
    """The repo and the bot's pull request that a search found, or None where it is somebody else's.

    Raises UnreadError.
    """
    opened, repository = opened_node(value), value["repository"]
    repo, is_archived = repository["nameWithOwner"].text, repository["isArchived"].flag
    found = PullRequest(
        number=opened.number,
        url=value["url"].text,
        state=PullRequestState.OPEN,
        branch=opened.branch,
        base=value["baseRefName"].text,
        head=value["headRefOid"].oid,
        title=value["title"].text,
        created_at=opened.created_at,
        comments=_comments(tuple(map(comment_node, value["comments"]["nodes"])), ()),
    )
    return None if is_archived or not is_ours(opened, bot) else (repo, found)


def _remembered(node: PullNode, changeset: str) -> list[BotCommit]:
    """What a closed or merged one proposed by its own text, for where people squashed or reworded the bot's commits."""
    trailers = proposal_in(node.body) if node.state is not PullRequestState.OPEN else None
    if trailers is None or trailers.changeset != changeset:
        return []
    return [
        BotCommit(
            oid=node.head_oid,
            changeset=changeset,
            digest=trailers.digest,
            proposed=trailers.proposed,
            kept=trailers.kept,
            moves=trailers.moves,
        )
    ]


def _opinion(node: PullNode) -> ReviewDecision | None:
    """What writers say in their last reviews: where no review is required, GitHub decides nothing from that."""
    if "CHANGES_REQUESTED" in node.opinions:
        return ReviewDecision.CHANGES_REQUESTED
    return ReviewDecision.APPROVED if "APPROVED" in node.opinions else None


def _comments(nodes: Sequence[CommentNode], events: Sequence[EventNode]) -> tuple[Comment, ...]:
    reopenings = [event.created_at for event in events if event.kind == "ReopenedEvent" and event.created_at]
    return tuple(
        Comment(
            author=comment.author or GHOST,
            body=comment.body,
            said_on=comment.created_at.astimezone(UTC).date(),
            addressed=addressed_line(comment.body),
            command=parse_command(comment.body),
            revoked=any(comment.created_at <= reopened for reopened in reopenings),
        )
        for comment in nodes
    )


def _repeated_at_the_end(own: Sequence[BotCommit | None]) -> int:
    """How many of the bot's commits after the last of somebody else brought what was on the branch before."""
    digests = [commit.digest if commit else None for commit in own]
    alone = len(list(takewhile(bool, reversed(own))))
    return sum(digests[at] in digests[:at] for at in range(len(own) - alone, len(own)))


def _last_event(events: Sequence[EventNode], *kinds: str) -> EventNode | None:
    return next((event for event in reversed(events) if event.kind in kinds), None)


def _is_closed_by_deletion(events: Sequence[EventNode]) -> bool:
    """Whether it was closed along with its base branch: GitHub records both at once, in an order it does not tell."""
    closed, deleted = _last_event(events, "ClosedEvent"), _last_event(events, "BaseRefDeletedEvent")
    if not closed or not deleted or not closed.created_at or not deleted.created_at:
        return False
    return abs(closed.created_at - deleted.created_at) <= _AT_ONCE


def _bot_commit(node: CommitNode, identities: Identities) -> BotCommit | None:
    """The commit, if the bot alone made it: one that a person amended keeps the trailers and holds their lines."""
    return _proposal(node) if all(_is_trusted(who, identities) for who in (node.author, node.committer)) else None


def _is_trusted(who: SignatureNode, identities: Identities) -> bool:
    if who.login is not None:
        return login(who.login) in identities | {_WEB_FLOW}
    named = _NOREPLY.fullmatch(who.email)
    return who.email == WEB_FLOW_ADDRESS or bool(named and login(named["login"]) in identities)


def _other_bots(commits: Sequence[CommitNode], identities: Identities) -> tuple[str, ...]:
    """The logins of who made those that are not the bot's, where all are bots; none where a person had a hand in it."""
    others = [commit for commit in commits if not _bot_commit(commit, identities)]
    signers = (who for commit in others for who in (commit.author, commit.committer))
    found = {_login_of(who) for who in signers if not _is_trusted(who, identities)}
    names = [name for name in found if name and name.endswith(_BOT)]
    return tuple(sorted(names)) if len(names) == len(found) else ()


def _merges(commits: Sequence[CommitNode], identities: Identities) -> tuple[str, ...]:
    """The commits that are not the bot's, where all of them say in git's and GitHub's words that they merge."""
    others = [commit for commit in commits if not _bot_commit(commit, identities)]
    is_merging = all(commit.message.startswith("Merge ") for commit in others)
    return tuple(commit.oid for commit in others) if is_merging else ()


def _login_of(who: SignatureNode) -> str | None:
    """By the account, or by an address of GitHub's own: an App has no account of a user."""
    named = _NOREPLY.fullmatch(who.email)
    return who.login or (named["login"] if named else None)


def _proposal(node: CommitNode) -> BotCommit | None:
    """What a commit of the bot's proposed, also where a person rebased it since: then they are its committer."""
    trailers = parse_trailers(node.message)
    if trailers is None:
        return None
    subject = node.message.partition("\n")[0]
    return BotCommit(
        oid=node.oid,
        changeset=trailers.changeset,
        digest=trailers.digest,
        proposed=trailers.proposed,
        kept=trailers.kept,
        moves=trailers.moves,
        title=subject,
        plain_title=trailers.title or subject,
    )

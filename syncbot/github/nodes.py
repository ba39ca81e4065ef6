"""Nodes: what GitHub's GraphQL answers hold, each object decoded into a value once. Knows no rule of the bot's. Pure.

Every function raises UnreadError where something is not as it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Generic, TypeVar

from syncbot.github.decode import Nullable, UnreadError, Value
from syncbot.model.blobs import Blobs, LiveFile, NoText
from syncbot.model.files import SUBMODULE, blob_id
from syncbot.model.pull_request import Checks, Mergeable, PullRequestState, ReviewDecision

WEB_FLOW_ADDRESS = "noreply@github.com"
"""Of the account that commits what GitHub commits itself."""
NOREPLY_DOMAIN = "@users.noreply.github.com"
"""Addresses that GitHub gives to its accounts: they say whose they are."""

Node = TypeVar("Node")
Files = Mapping[str, LiveFile | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Node]):
    """Some nodes of a connection. `further` is the cursor at which there are more, None where these are all."""

    nodes: tuple[Node, ...]
    further: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureNode:
    """Who authored or committed; `login` where the address belongs to a user."""

    login: str | None
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitNode:
    oid: str
    message: str
    author: SignatureNode
    committer: SignatureNode


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentNode:
    """`author` is None where the account was deleted."""

    author: str | None
    body: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventNode:
    """Something that happened to a pull request; `kind` is GitHub's type, `actor` None for a deleted account."""

    kind: str
    actor: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedNode:
    """A pull request by who opened it from where. `author` is None where GitHub names none."""

    number: int
    created_at: datetime
    author: str | None
    branch: str
    is_cross_repository: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadNode:
    """The commit that a branch points at, as far as it bears on a pull request; `linear`: it takes no merge commit."""

    tree: str
    linear: bool
    checks: Checks | None
    files: Files


@dataclass(frozen=True, slots=True, kw_only=True)
class PullNode:
    """A pull request. `opinions` are what writers said in their last reviews; `merged` is its merge commit, and that
    commit's files; `unlabelled` are the labels that were taken off, with who did; `titled_by` is who changed the
    title last."""

    opened: OpenedNode
    url: str
    state: PullRequestState
    title: str
    body: str
    base: str
    head_oid: str
    head: HeadNode | None
    merged: tuple[str, Files] | None
    mergeable: Mergeable
    review_decision: ReviewDecision | None
    opinions: frozenset[str]
    auto_merge: bool
    queued: bool
    labels: tuple[str, ...]
    events: tuple[EventNode, ...]
    unlabelled: tuple[tuple[str, str | None], ...]
    titled_by: str | None
    comments: Page[CommentNode]
    commits: Page[CommitNode]

    @property
    def number(self) -> int:
        return self.opened.number


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchNode:
    """A branch; `pulls` are pull requests from a branch of that name."""

    name: str
    head: CommitNode
    pulls: tuple[OpenedNode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefNames:
    """The branches that a ruleset is about: full names with globs, and GitHub's words for several."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]

    def cover(self, branch: str) -> bool:
        """Whether it is about all branches, and this one is not left out; of others nothing is said."""
        return "~ALL" in self.include and not any(fnmatchcase(f"refs/heads/{branch}", each) for each in self.exclude)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryNode:
    """What a repo holds of the bot's. `linear` are the branches that take no merge commit by a ruleset that the default
    branch is under as well. `branches` are those under each prefix; `pulls` are the newest of
    `pulls_in_all` with the label, newest first; `names` are those in each folder that was asked for. `gone` are pull
    requests from branches that are not there any more, as far as they were asked for."""

    branches: Mapping[str, Page[BranchNode]]
    pulls: Page[PullNode]
    pulls_in_all: int
    signatures_required: bool
    linear: tuple[RefNames, ...]
    names: Mapping[str, tuple[str, ...]]
    gone: tuple[OpenedNode, ...] = ()


def history_node(
    value: Value, paths: Sequence[str], folders: Mapping[str, str], prefixes: Sequence[str]
) -> HistoryNode:
    """`folders` and `prefixes` are those that were asked for: the id of the tree by path, what branches begin with."""
    pulls = value["pullRequests"]
    return HistoryNode(
        branches={prefix: branches_page(value[f"branches{k}"], prefix) for k, prefix in enumerate(prefixes)},
        pulls=pulls_page(pulls, paths),
        pulls_in_all=pulls["totalCount"].number,
        signatures_required=_requires_signatures(value["defaultBranchRef"]),
        linear=tuple(_linear(value["defaultBranchRef"])),
        names={folder: _names(value[f"t{j}"], oid) for j, (folder, oid) in enumerate(folders.items())},
    )


def _names(tree: Value, oid: str) -> tuple[str, ...]:
    if tree["oid"].oid != oid:
        raise UnreadError(f"{tree} is {tree['oid'].oid} instead of {oid}")
    return tuple(entry["name"].text for entry in tree["entries"])


def branches_page(value: Value, prefix: str) -> Page[BranchNode]:
    return later_page(value, lambda node: branch_node(node, prefix))


def pulls_page(value: Value, paths: Sequence[str]) -> Page[PullNode]:
    return later_page(value, lambda node: pull_node(node, paths))


def _requires_signatures(ref: Value) -> bool:
    """Whether the default branch takes signed commits only, by its protection or by a ruleset of repo or owner.

    The first is shown to administrators only, the second to everybody.
    """
    rules = ref.maybe("rules", Nullable.NOT_SHOWN)
    return _protected(ref, "requiresCommitSignatures", "requiresSignatures") or (
        rules is not None and any(rule["type"].text == "REQUIRED_SIGNATURES" for rule in rules["nodes"])
    )


def _protected(ref: Value, by_rule: str, shown_as: str) -> bool:
    """Whether the branch's protection demands it, by the field's name in each of the two places that may tell."""
    protection, shown = (ref.maybe(key, Nullable.NOT_SHOWN) for key in ("branchProtectionRule", "refUpdateRule"))
    return (protection is not None and protection[by_rule].flag) or (shown is not None and shown[shown_as].flag)


def _linear(ref: Value) -> Iterator[RefNames]:
    """The branches of each ruleset that forbids merge commits on this one."""
    rules = ref.maybe("rules", Nullable.NOT_SHOWN)
    for rule in rules["nodes"] if rules else ():
        found = rule["type"].text == "REQUIRED_LINEAR_HISTORY" and rule.maybe("repositoryRuleset", Nullable.NOT_SHOWN)
        names = found["conditions"].maybe("refName", Nullable.NOT_SHOWN) if found else None
        if names:
            include, exclude = (tuple(name.text for name in names[key]) for key in ("include", "exclude"))
            yield RefNames(include=include, exclude=exclude)


def opened_node(value: Value) -> OpenedNode:
    author = value.maybe("author", Nullable.DELETED_ACCOUNT)
    return OpenedNode(
        number=value["number"].number,
        created_at=value["createdAt"].moment,
        author=actor_name(author) if author else None,
        branch=value["headRefName"].text,
        is_cross_repository=value["isCrossRepository"].flag,
    )


def pull_node(value: Value, paths: Sequence[str]) -> PullNode:
    """A pull request with those paths at its head and at its merge commit."""
    state = value["state"].word(PullRequestState)
    decision = value.maybe("reviewDecision", Nullable.NO_REVIEW_REQUIRED)
    edits = [(event["__typename"].text, event) for event in value["edits"]["nodes"]]
    titled = [_actor(event) for kind, event in edits if kind == "RenamedTitleEvent"]
    return PullNode(
        opened=opened_node(value),
        url=value["url"].text,
        state=state,
        title=value["title"].text,
        body=value["body"].text,
        base=value["baseRefName"].text,
        head_oid=value["headRefOid"].oid,
        head=_head(value, state, paths),
        merged=_merged(value, state, paths),
        mergeable=value["mergeable"].word(Mergeable, Mergeable.UNKNOWN),
        review_decision=decision.word(ReviewDecision) if decision else None,
        opinions=frozenset(review["state"].text for review in value["latestOpinionatedReviews"]["nodes"]),
        auto_merge=value.maybe("autoMergeRequest", Nullable.NO_AUTO_MERGE) is not None,
        queued=value["isInMergeQueue"].flag,
        labels=tuple(label["name"].text for label in value["labels"]["nodes"]),
        events=tuple(map(_event, value["events"]["nodes"])),
        unlabelled=tuple(
            (event["label"]["name"].text, _actor(event)) for kind, event in edits if kind == "UnlabeledEvent"
        ),
        titled_by=titled[-1] if titled else None,
        comments=earlier_page(value["comments"], comment_node),
        commits=earlier_page(value["commits"], commit_of),
    )


def _head(value: Value, state: PullRequestState, paths: Sequence[str]) -> HeadNode | None:
    ref = value["headRef"] if state is PullRequestState.OPEN else value.maybe("headRef", Nullable.NO_BRANCH)
    if ref is None:
        return None
    commit = ref["target"]
    return HeadNode(
        tree=commit["tree"]["oid"].oid,
        linear=_protected(ref, "requiresLinearHistory", "requiresLinearHistory"),
        checks=checks_of(commit),
        files=files_of(commit, paths),
    )


def _merged(value: Value, state: PullRequestState, paths: Sequence[str]) -> tuple[str, Files] | None:
    is_merged = state is PullRequestState.MERGED
    commit = value["mergeCommit"] if is_merged else value.maybe("mergeCommit", Nullable.NOT_MERGED)
    return (commit["oid"].oid, files_of(commit, paths)) if commit else None


def branch_node(value: Value, prefix: str) -> BranchNode:
    """A branch under the prefix."""
    # GitHub does not document whether `name` starts at refs/heads/ or at the prefix that was asked for.
    name = f"{value['prefix'].text}{value['name'].text}".removeprefix("refs/heads/")
    return BranchNode(
        name=name if name.startswith(prefix) else prefix + name,
        head=commit_node(value["target"]),
        pulls=tuple(map(opened_node, value["associatedPullRequests"]["nodes"])),
    )


def commit_node(value: Value) -> CommitNode:
    return CommitNode(
        oid=value["oid"].oid,
        message=value["message"].text,
        author=_signature(value["author"]),
        committer=_signature(value["committer"]),
    )


def commit_of(value: Value) -> CommitNode:
    """The commit of an entry in a pull request's list."""
    return commit_node(value["commit"])


def comment_node(value: Value) -> CommentNode:
    author = value.maybe("author", Nullable.DELETED_ACCOUNT)
    return CommentNode(
        author=actor_name(author) if author else None, body=value["body"].text, created_at=value["createdAt"].moment
    )


def _event(value: Value) -> EventNode:
    return EventNode(
        kind=value["__typename"].text,
        actor=_actor(value) if value.has("actor") else None,
        created_at=value["createdAt"].moment if value.has("createdAt") else None,
    )


def _actor(value: Value) -> str | None:
    actor = value.maybe("actor", Nullable.DELETED_ACCOUNT, doubtful=True)
    return actor_name(actor) if actor else None


def actor_name(value: Value) -> str:
    """An actor's login as REST says it: GraphQL leaves out the `[bot]` that tells an App from a user of that name."""
    name = value["login"].text.removesuffix("[bot]")
    return f"{name}[bot]" if value["__typename"].text == "Bot" else name


def _signature(value: Value) -> SignatureNode:
    email = value["email"].text
    named = email == WEB_FLOW_ADDRESS or email.endswith(NOREPLY_DOMAIN)
    user = value.maybe("user", Nullable.NO_ACCOUNT, doubtful=not named)
    return SignatureNode(login=user["login"].text if user else None, email=email)


def earlier_page(value: Value, node: Callable[[Value], Node]) -> Page[Node]:
    """A page that was asked for from its end."""
    info = value["pageInfo"]
    further = info["startCursor"].text if info["hasPreviousPage"].flag else None
    return Page(nodes=tuple(map(node, value["nodes"])), further=further)


def later_page(value: Value, node: Callable[[Value], Node]) -> Page[Node]:
    """A page that was asked for from its beginning."""
    info = value["pageInfo"]
    further = info["endCursor"].text if info["hasNextPage"].flag else None
    return Page(nodes=tuple(map(node, value["nodes"])), further=further)


def files_of(commit: Value, paths: Sequence[str]) -> Files:
    """What the commit holds at the paths."""
    entries = ((path, commit.found(f"f{i}")) for i, path in enumerate(paths))
    return {path: _entry(entry) if entry else None for path, entry in entries}


def _entry(value: Value) -> LiveFile:
    return LiveFile(id=value["oid"].oid, mode=f"{value['mode'].number:06o}")


def texts_of(commit: Value, paths: Sequence[str]) -> Blobs:
    """The contents of those of the paths that were asked for with their texts, by id."""
    entries = (entry for i in range(len(paths)) if (entry := commit.found(f"f{i}")) and entry.has("object"))
    return {entry["oid"].oid: _entry_text(entry) for entry in entries}


def _entry_text(entry: Value) -> bytes | NoText:
    is_submodule = _entry(entry).mode == SUBMODULE
    blob = entry.maybe("object", Nullable.NO_OBJECT) if is_submodule else entry["object"]
    return NoText.MISSING if blob is None else blob_text(blob)


def blob_text(value: Value) -> bytes | NoText:
    """A blob's content, or NOT_TEXT for what is not (wholly there as) UTF-8 text: its id tells."""
    oid = value["oid"].oid
    if not value.has("text"):
        return NoText.NOT_TEXT
    text = value.maybe("text", Nullable.NO_TEXT)
    content = text.text.encode() if text else None
    if content is not None and blob_id(content) == oid:
        return content
    is_binary = value.maybe("isBinary", Nullable.NO_ENCODING, doubtful=True)
    if text is None and is_binary and not is_binary.flag and not value["isTruncated"].flag:
        raise UnreadError(f"{value} is no binary, and has no text")
    return NoText.NOT_TEXT


def checks_of(commit: Value) -> Checks | None:
    """What the checks of the commit come to, None where there are none or they are not shown."""
    rollup = commit.maybe("statusCheckRollup", Nullable.NO_CHECKS)
    return rollup["state"].word(Checks, Checks.UNKNOWN) if rollup else None

"""The mutations: a signed commit on a branch, auto-merge on and off. Each is done in full or not at all."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from .automerge import disable_auto_merge, enable_auto_merge, settle
from .commit_on_branch import StaleData, commit_on_branch
from .forge import Forge
from .graphql_git import Resolver
from .graphql_pages import refused
from .graphql_search import node
from .graphql_values import Info, PullNode, RepoNode, actor, branch_node, object_node, repo_node
from .pulls import get_pull
from .records import RepoRow
from .refusal import Refusal
from .repository import HEADS

Input = Mapping[str, Any]
TYPES = {403: "FORBIDDEN", 404: "NOT_FOUND", 422: "UNPROCESSABLE"}


def create_commit(repo: RepoRow, branch: str, info: Info, input: Input) -> dict[str, object]:
    asked = info.context
    files = input.get("fileChanges") or {}
    message = input["message"]
    oid = commit_on_branch(
        asked.forge,
        asked.who,
        repo,
        branch,
        expected=input["expectedHeadOid"],
        message="\n\n".join(text for text in (message["headline"], message.get("body")) if text),
        additions={one["path"]: _decoded(one["contents"]) for one in files.get("additions", ())},
        deletions=[one["path"] for one in files.get("deletions", ())],
    )
    found = repo_node(asked.forge, repo)
    return {"commit": object_node(found, oid), "ref": branch_node(found, branch)}


def create_commit_on_branch(_: object, info: Info, input: Input) -> dict[str, object]:
    def work() -> dict[str, object]:
        repo, branch = _branch(info, input["branch"])
        return create_commit(repo, branch, info, input)

    return _done(info, input, work)


def enable(_: object, info: Info, input: Input) -> dict[str, object]:
    def work() -> dict[str, object]:
        asked, pull = info.context, _pull(info, input)
        enable_auto_merge(
            asked.forge,
            asked.who,
            pull.repo.row,
            pull.row.number,
            method=str(input["mergeMethod"]).lower(),
            title=input.get("commitHeadline"),
            message=input.get("commitBody"),
        )
        return _of_pull(info, pull)

    return _done(info, input, work)


def disable(_: object, info: Info, input: Input) -> dict[str, object]:
    def work() -> dict[str, object]:
        asked, pull = info.context, _pull(info, input)
        disable_auto_merge(asked.forge, asked.who, pull.repo.row, pull.row.number)
        return _of_pull(info, pull)

    return _done(info, input, work)


def _done(info: Info, input: Input, work: Callable[[], dict[str, object]]) -> dict[str, object]:
    """What the mutation answers. Raises GraphQLError with GitHub's type where it is refused."""
    forge: Forge = info.context.forge
    try:
        with forge.store.transaction():
            payload = work()
            settle(forge)
            return {**payload, "clientMutationId": input.get("clientMutationId")}
    except StaleData as error:
        raise refused("STALE_DATA", str(error)) from error
    except Refusal as refusal:
        raise refused(TYPES.get(refusal.status, "UNPROCESSABLE"), refusal.message) from refusal


def _branch(info: Info, given: Input) -> tuple[RepoRow, str]:
    """A branch by repository and name, or by its ref's id. Raises Refusal 404."""
    asked = info.context
    if given.get("id"):
        number, _, name = str(given["id"]).removeprefix("REF_").partition("_")
        row = asked.forge.by_id(int(number) if number.isdecimal() else 0)
        return asked.forge.repo(asked.who, row.owner, row.name), name.removeprefix(HEADS)
    owner, _, name = str(given.get("repositoryNameWithOwner") or "").partition("/")
    return asked.forge.repo(asked.who, owner, name), str(given.get("branchName") or "").removeprefix(HEADS)


def _pull(info: Info, input: Input) -> PullNode:
    found = node(None, info, input["pullRequestId"])
    if isinstance(found, RepoNode):
        raise refused("NOT_FOUND", f"Could not resolve to PullRequest node with the global id of '{found.row.id}'.")
    if input.get("expectedHeadOid") not in (None, found.row.head_sha):
        raise refused("UNPROCESSABLE", "Head sha didn't match expected sha.")
    return found


def _of_pull(info: Info, pull: PullNode) -> dict[str, object]:
    asked = info.context
    row = get_pull(asked.forge, pull.repo.row, pull.row.number)
    return {"actor": actor(asked.forge, asked.who.login), "pullRequest": PullNode(repo=pull.repo, row=row)}


def _decoded(contents: str) -> bytes:
    try:
        return base64.b64decode(contents, validate=True)
    except binascii.Error as error:
        raise Refusal(422, "A file's contents are not valid Base64.") from error


RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Mutation": {
        "createCommitOnBranch": create_commit_on_branch,
        "enablePullRequestAutoMerge": enable,
        "disablePullRequestAutoMerge": disable,
    },
}

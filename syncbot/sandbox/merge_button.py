"""GitHub's merge button: what it refuses, and the commits and messages it makes."""

from __future__ import annotations

from .forge import Forge
from .merging import MergeConflict, merge_commit, rebase_commits, squash_commit
from .protection import check_push
from .pulls import base_commit, get_pull, is_mergeable, pull_commits
from .records import Identity, PullRow, RepoRow
from .refs import set_ref
from .refusal import Refusal
from .repository import HEADS
from .requirements import unmet
from .signing import mark_verified, web_flow
from .sync import mark_merged, record

METHODS = {
    "merge": ("allow_merge_commit", "Merge commits are not allowed on this repository."),
    "squash": ("allow_squash_merge", "Squash merges are not allowed on this repository."),
    "rebase": ("allow_rebase_merge", "Rebase merges are not allowed on this repository."),
}


def merge_pull(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    number: int,
    *,
    method: str = "merge",
    sha: str | None = None,
    title: str | None = None,
    message: str | None = None,
) -> str:
    """Merges (`merge`, `squash`, `rebase`) and answers the commit. Raises Refusal 403, 404, 405, 409, 422."""
    pull = get_pull(forge, repo, number)
    forge.require(who, repo, "contents")
    _check_mergeable(forge, repo, pull, method, sha)
    base = base_commit(forge, repo, pull)
    commit = _merged_commit(forge, who, repo, pull, base, method, title, message)
    mark_merged(forge, who.login, repo, pull, commit, base)
    set_ref(forge, who.login, repo, HEADS + pull.base_ref, commit)
    if repo.delete_branch_on_merge:
        record(forge, repo, number, "head_ref_deleted", who.login)
        set_ref(forge, who.login, repo, HEADS + pull.head_ref, None)
    return commit


def update_branch(forge: Forge, who: Identity, repo: RepoRow, number: int, *, sha: str | None = None) -> str:
    """Merges the base into the pull request's branch, as the button does, and answers the commit.

    Its author is who pressed it, its committer GitHub. Raises Refusal 403, 404, 422.
    """
    pull = get_pull(forge, repo, number)
    forge.require(who, repo, "contents")
    base, git = base_commit(forge, repo, pull), forge.git(repo)
    if pull.state != "open":
        raise Refusal(422, "Validation Failed")
    if sha and sha != pull.head_sha:
        raise Refusal(422, "expected head sha didn’t match current head ref.")
    if git.is_ancestor(base, pull.head_sha):
        raise Refusal(422, "There are no new commits on the base branch.")
    message = f"Merge branch '{pull.base_ref}' into {pull.head_ref}"
    try:
        commit = merge_commit(git, pull.head_sha, base, message, forge.signature(who.login), web_flow(forge))
    except MergeConflict as error:
        raise Refusal(422, "merge conflict between base and head") from error
    mark_verified(forge, repo, commit)
    check_push(forge, repo, pull.head_ref, pull.head_sha, commit)
    set_ref(forge, who.login, repo, HEADS + pull.head_ref, commit)
    return commit


def merge_branches(
    forge: Forge, who: Identity, repo: RepoRow, base: str, head: str, message: str | None = None
) -> str | None:
    """Merges a branch or commit into a branch; None where it is there already. Raises Refusal 404, 409."""
    forge.require(who, repo, "contents")
    git = forge.git(repo)
    base_sha = git.branch(base)
    head_commit = git.commit(head)
    if base_sha is None:
        raise Refusal(404, "Base does not exist")
    if head_commit is None:
        raise Refusal(404, "Head does not exist")
    if git.is_ancestor(str(head_commit.id), base_sha):
        return None
    by = forge.signature(who.login)
    try:
        commit = merge_commit(git, base_sha, str(head_commit.id), message or f"Merge {head} into {base}", by, by)
    except MergeConflict as error:
        raise Refusal(409, "Merge conflict") from error
    mark_verified(forge, repo, commit)
    check_push(forge, repo, base, base_sha, commit)
    set_ref(forge, who.login, repo, HEADS + base, commit)
    return commit


def _check_mergeable(forge: Forge, repo: RepoRow, pull: PullRow, method: str, sha: str | None) -> None:
    if method not in METHODS:
        raise Refusal(422, "Invalid request.\n\nmerge_method must be one of merge, squash, rebase")
    if pull.state != "open" or pull.draft:
        raise Refusal(405, "Pull Request is still a draft" if pull.draft else "Pull Request is not mergeable")
    setting, sentence = METHODS[method]
    if not getattr(repo, setting):
        raise Refusal(405, sentence)
    if sha and sha != pull.head_sha:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    if not is_mergeable(forge, repo, pull):
        raise Refusal(405, "Pull Request is not mergeable")
    if missing := unmet(forge, repo, pull, method):
        raise Refusal(405, missing)


def _merged_commit(
    forge: Forge,
    who: Identity,
    repo: RepoRow,
    pull: PullRow,
    base: str,
    method: str,
    title: str | None,
    message: str | None,
) -> str:
    git = forge.git(repo)
    by = forge.signature(who.login)
    github = web_flow(forge)
    try:
        if method == "rebase":
            return rebase_commits(git, base, pull.head_sha, by)
        if method == "squash":
            text = _squash_message(forge, repo, pull, title, message)
            author = forge.signature(pull.author)
            commit = squash_commit(git, base, pull.head_sha, text, author, github)
        else:
            text = _text(
                title or f"Merge pull request #{pull.number} from {repo.owner}/{pull.head_ref}",
                pull.title if message is None else message,
            )
            commit = merge_commit(git, base, pull.head_sha, text, by, github)
    except MergeConflict as error:
        raise Refusal(405, "Pull Request is not mergeable") from error
    mark_verified(forge, repo, commit)
    return commit


def _squash_message(forge: Forge, repo: RepoRow, pull: PullRow, title: str | None, message: str | None) -> str:
    """GitHub's default: a lone commit's own words, else the title and a list of the commits' messages."""
    messages = [commit.message.strip() for commit in pull_commits(forge, repo, pull)]
    first, _, rest = messages[0].partition("\n") if len(messages) == 1 else (pull.title, "", "")
    listed = rest if len(messages) == 1 else "\n\n".join(f"* {text}" for text in messages)
    return _text(title or f"{first} (#{pull.number})", listed if message is None else message)


def _text(title: str, body: str) -> str:
    return f"{title}\n\n{body.strip()}".strip()

"""REST: pull requests, their commits, files, reviews and merging."""

from __future__ import annotations

from .call import Answer, Call
from .issues import create_review, request_reviews, review_requests
from .merge_button import merge_pull, update_branch
from .pulls import create_pull, edit_pull, get_pull, list_pulls, list_reviews, pull_commits, pull_files
from .records import RepoRow
from .refusal import Refusal, not_found
from .representations import user
from .representations_git import changed_file, commit
from .representations_pulls import full_pull, pull, review, team

STATES = {"open": ("OPEN",), "closed": ("CLOSED", "MERGED"), "all": ()}
ORDERS = {"created": "created_at", "updated": "updated_at"}


def get_pulls(call: Call) -> Answer:
    repo = call.repo
    sort = call.query.get("sort", "created")
    states = STATES.get(call.query.get("state", "open"))
    if states is None:
        raise Refusal(422, "Invalid request.\n\nstate must be one of open, closed, all")
    rows = list_pulls(
        call.forge,
        repo,
        states=states,
        head=_head(call, repo),
        base=call.query.get("base"),
        order=ORDERS.get(sort, "created_at"),
        descending=call.query.get("direction", "desc" if sort == "created" else "asc") == "desc",
    )
    page, headers = call.page([pull(call.forge, call.who, repo, row) for row in rows])
    return Answer(body=page, headers=headers)


def post_pull(call: Call) -> Answer:
    repo = call.repo
    row = create_pull(
        call.forge,
        call.who,
        repo,
        title=call.text("title"),
        head=call.text("head"),
        base=call.text("base"),
        body=call.optional_text("body"),
        draft=call.flag("draft"),
    )
    return Answer(status=201, body=full_pull(call.forge, call.who, repo, row))


def one_pull(call: Call) -> Answer:
    repo = call.repo
    return Answer(body=full_pull(call.forge, call.who, repo, get_pull(call.forge, repo, call.number)))


def patch_pull(call: Call) -> Answer:
    repo = call.repo
    given = {name: call.optional_text(name) for name in ("title", "body", "state", "base")}
    row = edit_pull(call.forge, call.who, repo, call.number, **given)
    return Answer(body=full_pull(call.forge, call.who, repo, row))


def commits(call: Call) -> Answer:
    repo = call.repo
    found = pull_commits(call.forge, repo, get_pull(call.forge, repo, call.number))
    page, headers = call.page([commit(call.forge, repo, one) for one in found])
    return Answer(body=page, headers=headers)


def files(call: Call) -> Answer:
    repo = call.repo
    row = get_pull(call.forge, repo, call.number)
    found = pull_files(call.forge, repo, row)
    page, headers = call.page([changed_file(call.forge, repo, row.head_sha, file) for file in found])
    return Answer(body=page, headers=headers)


def is_merged(call: Call) -> Answer:
    if get_pull(call.forge, call.repo, call.number).merged_at is None:
        raise not_found()
    return Answer(status=204)


def merge(call: Call) -> Answer:
    sha = merge_pull(
        call.forge,
        call.who,
        call.repo,
        call.number,
        method=call.optional_text("merge_method") or "merge",
        sha=call.optional_text("sha"),
        title=call.optional_text("commit_title"),
        message=call.optional_text("commit_message"),
    )
    return Answer(body={"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def update(call: Call) -> Answer:
    row = get_pull(call.forge, call.repo, call.number)
    update_branch(call.forge, call.who, call.repo, call.number, sha=call.optional_text("expected_head_sha"))
    url = pull(call.forge, call.who, call.repo, row)["html_url"]
    return Answer(status=202, body={"message": "Updating pull request branch.", "url": url})


def get_reviews(call: Call) -> Answer:
    repo = call.repo
    rows = list_reviews(call.forge, repo, get_pull(call.forge, repo, call.number))
    page, headers = call.page([review(call.forge, repo, row) for row in rows])
    return Answer(body=page, headers=headers)


def post_review(call: Call) -> Answer:
    repo = call.repo
    body = call.optional_text("body") or ""
    row = create_review(call.forge, call.who, repo, call.number, event=call.text("event"), body=body)
    return Answer(body=review(call.forge, repo, row))


def get_requested(call: Call) -> Answer:
    repo = call.repo
    rows = review_requests(call.forge, repo, get_pull(call.forge, repo, call.number).number)
    users = [user(call.forge, row.login) for row in rows if not row.team]
    teams = [team(call.forge, repo, row) for row in rows if row.team]
    return Answer(body={"users": users, "teams": teams})


def post_requested(call: Call) -> Answer:
    repo = call.repo
    logins, teams = call.texts("reviewers"), call.texts("team_reviewers")
    request_reviews(call.forge, call.who, repo, call.number, logins, teams)
    row = get_pull(call.forge, repo, call.number)
    return Answer(status=201, body=pull(call.forge, call.who, repo, row))


def _head(call: Call, repo: RepoRow) -> str | None:
    """The branch that `head=owner:branch` filters by; GitHub ignores the filter without an owner."""
    owner, colon, branch = call.query.get("head", "").partition(":")
    if not colon:
        return None
    return branch if owner.casefold() == repo.owner.casefold() else ""


ROUTES = (
    ("GET", "/repos/{owner}/{repo}/pulls", get_pulls),
    ("POST", "/repos/{owner}/{repo}/pulls", post_pull),
    ("GET", "/repos/{owner}/{repo}/pulls/{number}", one_pull),
    ("PATCH", "/repos/{owner}/{repo}/pulls/{number}", patch_pull),
    ("GET", "/repos/{owner}/{repo}/pulls/{number}/commits", commits),
    ("GET", "/repos/{owner}/{repo}/pulls/{number}/files", files),
    ("GET", "/repos/{owner}/{repo}/pulls/{number}/merge", is_merged),
    ("PUT", "/repos/{owner}/{repo}/pulls/{number}/merge", merge),
    ("PUT", "/repos/{owner}/{repo}/pulls/{number}/update-branch", update),
    ("GET", "/repos/{owner}/{repo}/pulls/{number}/reviews", get_reviews),
    ("POST", "/repos/{owner}/{repo}/pulls/{number}/reviews", post_review),
    ("GET", "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers", get_requested),
    ("POST", "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers", post_requested),
)

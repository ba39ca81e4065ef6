"""REST: commit statuses and check runs."""

from __future__ import annotations

from .call import Answer, Call
from .checks import create_check_run, create_status, edit_check_run, get_check_run, list_check_runs, list_statuses
from .refusal import Refusal
from .representations_checks import check_run, combined_status, status
from .rest_content import commit_of

CHECK_FIELDS = ("status", "conclusion", "details_url", "external_id")


def get_combined(call: Call) -> Answer:
    repo = call.repo
    sha = str(commit_of(call, repo, call.params["ref"]).id)
    return Answer(body=combined_status(call.forge, call.who, repo, sha))


def get_statuses(call: Call) -> Answer:
    repo = call.repo
    rows = list_statuses(call.forge, repo, str(commit_of(call, repo, call.params["ref"]).id))
    page, headers = call.page([status(call.forge, repo, row) for row in rows])
    return Answer(body=page, headers=headers)


def post_status(call: Call) -> Answer:
    repo = call.repo
    row = create_status(
        call.forge,
        call.who,
        repo,
        call.params["sha"],
        state=call.text("state"),
        context=call.optional_text("context") or "default",
        description=call.optional_text("description"),
        target_url=call.optional_text("target_url"),
    )
    return Answer(status=201, body=status(call.forge, repo, row))


def get_runs(call: Call) -> Answer:
    repo = call.repo
    rows = list_check_runs(call.forge, repo, str(commit_of(call, repo, call.params["ref"]).id))
    page, headers = call.page([check_run(call.forge, repo, row) for row in rows])
    return Answer(body={"total_count": len(rows), "check_runs": page}, headers=headers)


def one_run(call: Call) -> Answer:
    repo = call.repo
    return Answer(body=check_run(call.forge, repo, get_check_run(call.forge, repo, call.integer("id"))))


def post_run(call: Call) -> Answer:
    repo = call.repo
    row = create_check_run(
        call.forge, call.who, repo, name=call.text("name"), sha=call.text("head_sha"), fields=_fields(call)
    )
    return Answer(status=201, body=check_run(call.forge, repo, row))


def patch_run(call: Call) -> Answer:
    repo = call.repo
    row = edit_check_run(call.forge, call.who, repo, call.integer("id"), _fields(call))
    return Answer(body=check_run(call.forge, repo, row))


def _fields(call: Call) -> dict[str, str | None]:
    output = call.body.get("output") or {}
    if not isinstance(output, dict):
        raise Refusal(422, "Invalid request.\n\noutput must be an object.")
    texts = {name: None if output.get(name) is None else str(output[name]) for name in ("title", "summary")}
    return {**{name: call.optional_text(name) for name in CHECK_FIELDS}, **texts}


ROUTES = (
    ("GET", "/repos/{owner}/{repo}/commits/{ref:path}/status", get_combined),
    ("GET", "/repos/{owner}/{repo}/commits/{ref:path}/statuses", get_statuses),
    ("GET", "/repos/{owner}/{repo}/commits/{ref:path}/check-runs", get_runs),
    ("POST", "/repos/{owner}/{repo}/statuses/{sha}", post_status),
    ("POST", "/repos/{owner}/{repo}/check-runs", post_run),
    ("GET", "/repos/{owner}/{repo}/check-runs/{id}", one_run),
    ("PATCH", "/repos/{owner}/{repo}/check-runs/{id}", patch_run),
)

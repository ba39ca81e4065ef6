"""REST: pull requests seen as issues: labels, comments, events."""

from __future__ import annotations

from .call import Answer, Call
from .issues import (
    add_labels,
    create_comment,
    create_label,
    delete_comment,
    edit_comment,
    get_comment,
    labels_of,
    list_comments,
    list_events,
    remove_label,
    repo_labels,
    set_labels,
)
from .pulls import edit_pull, get_pull
from .records import LabelRow, RepoRow
from .refusal import Refusal
from .representations_pulls import comment, event, issue, label


def get_issue(call: Call) -> Answer:
    repo = call.repo
    return Answer(body=issue(call.forge, repo, get_pull(call.forge, repo, call.number)))


def patch_issue(call: Call) -> Answer:
    repo = call.repo
    given = {name: call.optional_text(name) for name in ("title", "body", "state")}
    row = edit_pull(call.forge, call.who, repo, call.number, **given)
    if "labels" in call.body:
        set_labels(call.forge, call.who, repo, call.number, _label_names(call))
    return Answer(body=issue(call.forge, repo, row))


def get_labels(call: Call) -> Answer:
    repo = call.repo
    return _labels(call, repo, labels_of(call.forge, get_pull(call.forge, repo, call.number).id))


def post_labels(call: Call) -> Answer:
    repo = call.repo
    return _labels(call, repo, add_labels(call.forge, call.who, repo, call.number, _label_names(call)))


def put_labels(call: Call) -> Answer:
    repo = call.repo
    return _labels(call, repo, set_labels(call.forge, call.who, repo, call.number, _label_names(call)))


def delete_labels(call: Call) -> Answer:
    set_labels(call.forge, call.who, call.repo, call.number, ())
    return Answer(status=204)


def delete_label(call: Call) -> Answer:
    repo = call.repo
    return _labels(call, repo, remove_label(call.forge, call.who, repo, call.number, call.params["name"]))


def get_repo_labels(call: Call) -> Answer:
    return _labels(call, call.repo, repo_labels(call.forge, call.repo))


def post_repo_label(call: Call) -> Answer:
    repo = call.repo
    color = call.optional_text("color") or "ededed"
    row = create_label(call.forge, call.who, repo, call.text("name"), color, call.optional_text("description"))
    return Answer(status=201, body=label(call.forge, repo, row))


def get_comments(call: Call) -> Answer:
    repo = call.repo
    rows = list_comments(call.forge, repo, get_pull(call.forge, repo, call.number).number)
    page, headers = call.page([comment(call.forge, repo, row) for row in rows])
    return Answer(body=page, headers=headers)


def post_comment(call: Call) -> Answer:
    repo = call.repo
    row = create_comment(call.forge, call.who, repo, call.number, call.text("body"))
    return Answer(status=201, body=comment(call.forge, repo, row))


def one_comment(call: Call) -> Answer:
    return Answer(body=comment(call.forge, call.repo, get_comment(call.forge, call.repo, call.integer("id"))))


def patch_comment(call: Call) -> Answer:
    repo = call.repo
    row = edit_comment(call.forge, call.who, repo, call.integer("id"), call.text("body"))
    return Answer(body=comment(call.forge, repo, row))


def remove_comment(call: Call) -> Answer:
    delete_comment(call.forge, call.who, call.repo, call.integer("id"))
    return Answer(status=204)


def get_events(call: Call) -> Answer:
    repo = call.repo
    rows = list_events(call.forge, repo, get_pull(call.forge, repo, call.number).number)
    page, headers = call.page([event(call.forge, repo, row) for row in rows])
    return Answer(body=page, headers=headers)


def _labels(call: Call, repo: RepoRow, rows: tuple[LabelRow, ...]) -> Answer:
    page, headers = call.page([label(call.forge, repo, row) for row in rows])
    return Answer(body=page, headers=headers)


def _label_names(call: Call) -> tuple[str, ...]:
    """Label names given as strings or as objects with a name. Raises Refusal 422."""
    given = call.body.get("labels", [])
    items = given if isinstance(given, list) else [None]
    names = [item.get("name") if isinstance(item, dict) else item for item in items]
    if not all(isinstance(name, str) and name for name in names):
        raise Refusal(422, "Invalid request.\n\nlabels must be a list of names.")
    return tuple(str(name) for name in names)


ROUTES = (
    ("GET", "/repos/{owner}/{repo}/labels", get_repo_labels),
    ("POST", "/repos/{owner}/{repo}/labels", post_repo_label),
    ("GET", "/repos/{owner}/{repo}/issues/comments/{id}", one_comment),
    ("PATCH", "/repos/{owner}/{repo}/issues/comments/{id}", patch_comment),
    ("DELETE", "/repos/{owner}/{repo}/issues/comments/{id}", remove_comment),
    ("GET", "/repos/{owner}/{repo}/issues/{number}", get_issue),
    ("PATCH", "/repos/{owner}/{repo}/issues/{number}", patch_issue),
    ("GET", "/repos/{owner}/{repo}/issues/{number}/labels", get_labels),
    ("POST", "/repos/{owner}/{repo}/issues/{number}/labels", post_labels),
    ("PUT", "/repos/{owner}/{repo}/issues/{number}/labels", put_labels),
    ("DELETE", "/repos/{owner}/{repo}/issues/{number}/labels", delete_labels),
    ("DELETE", "/repos/{owner}/{repo}/issues/{number}/labels/{name:path}", delete_label),
    ("GET", "/repos/{owner}/{repo}/issues/{number}/comments", get_comments),
    ("POST", "/repos/{owner}/{repo}/issues/{number}/comments", post_comment),
    ("GET", "/repos/{owner}/{repo}/issues/{number}/events", get_events),
    ("GET", "/repos/{owner}/{repo}/issues/{number}/timeline", get_events),
)

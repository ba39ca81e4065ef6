"""A run as JSON, as `docs/json.md` describes it: fields are only ever added. Strings out, nothing printed.

One repo a line, so that a fleet of ten thousand is written without its whole tree in memory, and can be grepped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from syncbot.model.files import FileId
from syncbot.model.fleet import Source
from syncbot.plan.file_status import FileStatus
from syncbot.plan.repo_plan import Changeset, Moved, RepoPlan, RepoState
from syncbot.plan.why import Held
from syncbot.report.causes import cause_json
from syncbot.report.owners import owner_changes_json
from syncbot.report.values import Outcome, PlanReport, VersionWarning
from syncbot.report.why import file_why_words, why_words
from syncbot.report.wording import action_name

VERSION = 1


def plan_json(report: PlanReport) -> str:
    """The document that `plan` and `status` write."""
    return json_lines(_head(report), repos=(_repo(plan) for plan in report.plans))


def apply_json(report: PlanReport, outcomes: Sequence[Outcome], *, left: int | None = 0) -> str:
    """The document of `plan`, and what became of each pull request; `left` is None where nobody knows."""
    return json_lines(
        _head(report) | {"left": left},
        repos=(_repo(plan) for plan in report.plans),
        pull_requests=(_outcome(outcome) for outcome in outcomes),
    )


def json_lines(head: dict[str, Any], **lists: Iterable[dict[str, Any]]) -> str:
    """An object with the members of `head`, one a line, and the lists, one item a line."""
    members = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for key, items in lists.items():
        lines = ",".join(f"\n  {json.dumps(item)}" for item in items)
        members.append(f"{json.dumps(key)}: [{lines}]")
    return "{" + ",\n ".join(members) + "}"


def _head(report: PlanReport) -> dict[str, Any]:
    return {"version": VERSION, "source": _source(report.source), "summary": _summary(report)} | {
        "notices": list(report.notices),
        "brakes": list(report.brakes),
        "warnings": [_warning(warning) for warning in report.warnings],
    }


def _warning(warning: VersionWarning) -> dict[str, Any]:
    return {
        "code": warning.code,
        "message": warning.message,
        "answer": warning.answer,
        "repos": list(warning.repos),
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "commit": source.commit,
        "dirty": source.dirty,
        "differing": list(source.differing),
        "merged": source.merged.value,
        "repository": source.repository,
    }


def _summary(report: PlanReport) -> dict[str, Any]:
    states = [plan.state for plan in report.plans]
    return {
        "repos": len(states),
        **{state.value.replace("-", "_"): states.count(state) for state in RepoState},
        "requests": {"graphql": report.graphql, "rest": report.rest},
        "writes": report.writes,
    }


def _repo(plan: RepoPlan) -> dict[str, Any]:
    failure = plan.failure
    return {
        "repo": plan.repo,
        "listed_as": plan.listed_as,
        "state": plan.state,
        "files": [_file(status) for status in plan.files],
        "changesets": [_changeset(changeset) for changeset in plan.changesets],
        "error": {"code": failure.code, "reason": failure.reason} if failure else None,
    }


def _file(status: FileStatus) -> dict[str, Any]:
    return {
        "path": status.path,
        "ownership": status.ownership.value,
        "state": status.state.value,
        "desired": _file_id(status.desired),
        "live": _file_id(status.live),
        "delivered": _file_id(status.delivered),
        "quiet": status.quiet.value if status.quiet else None,
        "reason": file_why_words(status.why),
        "causes": [cause_json(cause) for cause in status.causes],
    }


def _file_id(file: FileId | None) -> dict[str, str] | None:
    return {"id": file.id, "mode": file.mode} if file else None


def _changeset(changeset: Changeset) -> dict[str, Any]:
    opened = changeset.pull_request
    return {
        "name": changeset.name,
        "branch": changeset.branch,
        "action": action_name(changeset.action).value,
        "reason_code": changeset.reason_code.value,
        "reason": why_words(changeset.why),
        "held_until": _held_until(changeset),
        "pull_request": opened.number if opened else None,
        "pull_request_url": opened.url if opened else None,
        "moves": [_moved(moved) for moved in changeset.moves],
        "paths": [status.path for status in changeset.files],
        "owner_changes": owner_changes_json(changeset.owner_changes),
    }


def _moved(moved: Moved) -> dict[str, Any]:
    return {
        "answer": moved.spec.answer,
        "label": moved.spec.label,
        "before": moved.before,
        "after": moved.after,
        "event": moved.event,
        "follows": moved.follows,
    }


def _held_until(changeset: Changeset) -> str | None:
    until = changeset.why.until if isinstance(changeset.why, Held) else None
    return until.isoformat() if until else None


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "repo": outcome.repo,
        "changeset": outcome.changeset,
        "number": outcome.number,
        "url": outcome.url,
        "action": outcome.action.value,
        "head": outcome.head,
    }

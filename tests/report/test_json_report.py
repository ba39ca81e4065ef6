"""JSON: the documented shape, and documentation that is complete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from syncbot.errors import FailureCode, refused_code
from syncbot.plan.causes import AnswerCause, TemplateCause
from syncbot.report.json_report import apply_json, plan_json

from .samples import BEHIND, COMMIT, NODE_MOVE, OUTCOMES, PLANS, REPORT, WARNED, changeset, plan

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")


def documented(heading: str) -> list[str]:
    """The names in the first column of a section's table."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def fields(value: object, at: str = "") -> Iterator[str]:
    """Every field below a JSON value, as the page names them; `a.b` implies `a` only where `a` may be null."""
    match value:
        case dict():
            for key, inner in value.items():
                name = f"{at}.{key}" if at else key
                if not isinstance(inner, dict | list) or inner == [] or _holds_strings(inner):
                    yield name
                yield from fields(inner, name)
        case list():
            for inner in value:
                yield from fields(inner, f"{at}[]")


def _holds_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def test_every_field_is_documented_and_the_reverse() -> None:
    """A report with every kind of value in it emits just the fields that the page lists."""
    optional = {"repos[].files", "repos[].changesets", "pull_requests"}
    causes = (AnswerCause(answer="port", before=8080, after=9090), TemplateCause(commit=None))
    explained = plan("acme/ports", changeset(replace(BEHIND, causes=causes), name="node", moves=(NODE_MOVE,)))
    report = replace(WARNED, plans=(*PLANS, explained))
    emitted = set(fields(json.loads(apply_json(report, OUTCOMES)))) - optional
    assert emitted == set(documented("Fields"))


def test_plan_of_the_issue() -> None:
    """One drifted repo gives the documented document, value for value."""
    report = replace(REPORT, plans=(plan("acme/payments-api", changeset(BEHIND)),))
    assert json.loads(plan_json(report)) == {
        "version": 1,
        "source": {
            "commit": COMMIT,
            "dirty": False,
            "differing": [],
            "merged": "yes",
            "repository": "acme/platform-config",
        },
        "summary": {
            "repos": 1,
            "in_sync": 0,
            "drifted": 1,
            "failed": 0,
            "requests": {"graphql": 1, "rest": 0},
            "writes": 0,
        },
        "notices": [],
        "brakes": [],
        "warnings": [],
        "repos": [
            {
                "repo": "acme/payments-api",
                "listed_as": "acme/payments-api",
                "state": "drifted",
                "files": [
                    {
                        "path": "Dockerfile",
                        "ownership": "file",
                        "state": "behind",
                        "desired": {"id": "5031f21ec1c130d8fa48d1d6c044b6ba49f927bb", "mode": "100644"},
                        "live": {"id": BEHIND.live.id if BEHIND.live else "", "mode": "100644"},
                        "delivered": {"id": BEHIND.delivered.id if BEHIND.delivered else "", "mode": "100644"},
                        "quiet": None,
                        "reason": "",
                        "causes": [],
                    }
                ],
                "changesets": [
                    {
                        "name": "sync",
                        "branch": "syncbot/sync-1",
                        "action": "open",
                        "reason_code": "drift",
                        "reason": "behind: Dockerfile",
                        "held_until": None,
                        "pull_request": None,
                        "pull_request_url": None,
                        "paths": ["Dockerfile"],
                        "moves": [],
                        "owner_changes": None,
                    }
                ],
                "error": None,
            }
        ],
    }


def test_apply_adds_pull_requests() -> None:
    """`apply` writes the document of `plan` and what became of each pull request."""
    plain, applied = json.loads(plan_json(REPORT)), json.loads(apply_json(REPORT, OUTCOMES))
    assert applied.pop("pull_requests")[0] == {
        "repo": "acme/payments-api",
        "changeset": "sync",
        "number": 3,
        "url": "http://127.0.0.1:8080/acme/payments-api/pull/3",
        "action": "opened",
        "head": COMMIT,
    }
    assert applied.pop("left") == 0
    assert applied == plain


def test_notices_and_brakes_are_sentences() -> None:
    """What a person should know before an apply is there for scripts too, as lists of strings."""
    report = replace(
        REPORT, notices=("acme/a: the exemption for Dockerfile (@acme/a) ends on 2026-12-01",), brakes=("b",)
    )
    for document in (json.loads(plan_json(report)), json.loads(apply_json(report, ()))):
        assert (document["notices"], document["brakes"]) == (list(report.notices), ["b"])


def test_versions_are_told_with_all_their_repos() -> None:
    """A warning a version, for scripts with every repo that it concerns."""
    for document in (plan_json(WARNED), apply_json(WARNED, ())):
        assert json.loads(document)["warnings"] == [
            {
                "code": "version-ended",
                "message": "Node 20 has had no fixes since 2026-04-30",
                "answer": "node_version",
                "repos": ["acme/a", "acme/b", "acme/c", "acme/d"],
            }
        ]


def test_one_repo_a_line() -> None:
    """Each repo is one line that is JSON by itself but for its comma, whatever its texts and the warnings hold."""
    lines = [line.strip(" ,") for line in plan_json(WARNED).splitlines() if line.startswith("  {")]
    assert [json.loads(line.removesuffix("]}"))["repo"] for line in lines[:-1]] == [p.repo for p in PLANS[:-1]]


def test_empty_fleet() -> None:
    """No repo gives an empty list, and counts of 0."""
    document = json.loads(plan_json(replace(REPORT, plans=())))
    assert (document["repos"], document["summary"]["repos"]) == ([], 0)


def test_every_error_code_is_documented() -> None:
    """The members, and the two open families; the types admit no other code."""
    assert set(documented("Error codes")) == {*FailureCode, "http-*", "graphql-*"}
    assert (refused_code("http", 422), refused_code("graphql", "NOT_FOUND")) == ("http-422", "graphql-not-found")

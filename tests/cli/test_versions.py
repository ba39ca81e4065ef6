"""Versions past their end, or near it, are said by `plan` too: a line a version, whatever the size of the fleet."""

from __future__ import annotations

from datetime import date

from syncbot.app.versions_in_use import VersionsInUse
from syncbot.report.values import VersionWarning
from tests.cli.harness import Platform
from tests.sandbox_support import make_repo

TODAY = date(2026, 11, 23)
ENDED = "Node 18 has had no fixes since 2025-04-30"


def repos(platform: Platform) -> Platform:
    """Node 18 in two repos, one of which is not there; Node 24 in a third; Python of long ago in a fourth."""
    platform.fleet(
        "orders",
        "gone",
        "search",
        {"name": "new", "answers": {"node_version": "24"}},
        {"name": "snake", "answers": {"runtime": "python", "python_version": "3.9"}},
    )
    for name in ("orders", "search", "new", "snake"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    return platform


def test_plan_says_it_in_each_format(platform: Platform) -> None:
    """With the repos that were read, most first, and JSON with each of them; the exit code is what it was."""
    repos(platform)
    planned = platform.plan("orders", "search", "new", "snake")
    assert planned.exit_code == 0
    assert [(warning["code"], warning["answer"], warning["repos"]) for warning in planned.json["warnings"]] == [
        ("version-ended", "node_version", ["acme/orders", "acme/search"]),
        ("version-ended", "python_version", ["acme/snake"]),
    ]
    text = platform.run("plan").stdout.splitlines()
    assert f"{ENDED}: 2 repos (orders, search)" in text
    assert f"- `{ENDED}: 2 repos (orders, search)`" in platform.run("plan", "--format", "markdown").stdout.splitlines()
    assert platform.plan("new").json["warnings"] == []


def test_apply_and_status_say_it_too(platform: Platform) -> None:
    """In their JSON, and status for people as well; a plan that is read again counts its repo once."""
    repos(platform)
    for arguments in (("apply", "orders"), ("status", "orders")):
        (warning,) = platform.run(*arguments, "--format", "json").json["warnings"]
        assert (warning["message"], warning["repos"]) == (ENDED, ["acme/orders"])
    assert f"{ENDED}: 1 repo (orders)" in platform.run("status", "orders").stdout


def test_an_exempt_version_is_told_too(platform: Platform) -> None:
    """An exemption keeps the bot quiet, and makes nothing safe: what counts is the version that is rendered."""
    kept = {"answer": "node_version", "keep": "18", "until": "2999-01-01", "owner": "@acme/a", "reason": "add-on"}
    platform.fleet({"name": "orders", "answers": {"node_version": "24"}, "exemptions": [kept]})
    make_repo(platform.sandbox, "acme/orders", {"README.md": "hello\n"})
    assert [warning["message"] for warning in platform.plan().json["warnings"]] == [ENDED]


def test_each_distinct_set_of_answers_is_judged_once() -> None:
    """Ten thousand repos with two sets of versions are two questions, and as many warnings as there are versions."""
    versions = VersionsInUse()
    for number in range(10_000):
        answers = {"runtime": "node", "node_version": "20" if number % 4 else "22", "postgres_version": "14"}
        versions.add(f"acme/r{number}", answers | {"service_name": f"r{number}", "go_version": "1.2"})
    assert [(w.code, len(w.repos)) for w in versions.warnings(TODAY)] == [
        ("version-ended", 10_000),
        ("version-ended", 7_500),
    ]


def test_what_is_said_on_a_day() -> None:
    """Ended, ending, odd and unknown, each with the question it comes from; without answers there is nothing."""
    versions = VersionsInUse()
    versions.add("acme/a", {"runtime": "node", "node_version": "25", "python_version": "3.8"})
    versions.add("acme/b", {"runtime": "go", "go_version": "9.9", "postgres_version": None})
    versions.add("acme/c", {})
    versions.add("acme/b", {"runtime": "go", "go_version": "9.9", "postgres_version": None})
    found = versions.warnings(TODAY)
    assert {(w.code, w.answer, w.repos) for w in found} == {
        ("version-ended", "node_version", ("acme/a",)),
        ("version-odd", "node_version", ("acme/a",)),
        ("version-unknown", "go_version", ("acme/b",)),
    }
    assert all(isinstance(warning, VersionWarning) for warning in found)
    ending = VersionsInUse()
    ending.add("acme/a", {"node_version": "22"})
    assert [w.code for w in ending.warnings(date(2027, 3, 1))] == ["version-ending"]

"""What the commands print and exit with: for people, for scripts, and in which repos."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import Platform, Result, git, platform_in, run_main, run_script
from tests.sandbox_support import make_repo, merge_pull


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One repo in sync, one that never had a file, one with a Dockerfile of its own, one that is not there."""
    with platform_in(tmp_path_factory.mktemp("output")) as platform:
        platform.fleet("billing", "orders", "search", "gone")
        make_repo(platform.sandbox, "acme/billing", {"README.md": "# Billing\n"})
        assert platform.apply("billing").exit_code == 0
        merge_pull(platform.sandbox, "acme/billing", 1)
        make_repo(platform.sandbox, "acme/orders", {"README.md": "# Orders\n"})
        make_repo(platform.sandbox, "acme/search", {"Dockerfile": "FROM node:16\n"})
        yield platform


@pytest.fixture(scope="module")
def plan_result(planned: Platform) -> Result:
    return planned.plan()


FILE_ID = {"id": str, "mode": str}
PLAN_SHAPE: Mapping[str, Any] = {
    "version": int,
    "source": {"commit": str, "dirty": bool, "differing": [str], "merged": str, "repository": None},
    "summary": {
        "repos": int,
        "in_sync": int,
        "drifted": int,
        "failed": int,
        "requests": {"graphql": int, "rest": int},
        "writes": int,
    },
    "repos": [
        {
            "repo": str,
            "listed_as": str,
            "state": re.compile("in-sync|drifted|failed"),
            "files": [
                {
                    "path": str,
                    "ownership": re.compile("file|block"),
                    "state": str,
                    "desired": FILE_ID,
                    "live": (None, FILE_ID),
                    "delivered": (None, FILE_ID),
                    "quiet": None,
                    "reason": str,
                }
            ],
            "changesets": [
                {
                    "name": re.compile("sync|adopt"),
                    "branch": re.compile(r"syncbot/(sync|adopt)-\d+"),
                    "action": re.compile("open|update|close|none"),
                    "reason_code": str,
                    "reason": str,
                    "pull_request": (None, int),
                    "pull_request_url": (None, str),
                    "paths": [str],
                }
            ],
            "error": (None, {"code": str, "reason": str}),
        }
    ],
}
PULL_SHAPE = {
    "repo": str,
    "changeset": str,
    "number": int,
    "url": str,
    "action": re.compile("opened|updated|closed|unchanged"),
    "head": re.compile("[0-9a-f]{40}"),
}


def fits(value: object, shape: object) -> bool:
    """Whether a JSON value has the members and types of a shape (more are welcome); a tuple gives alternatives."""
    match shape:
        case dict():
            return (
                isinstance(value, dict)
                and value.keys() >= shape.keys()
                and all(fits(value[key], inner) for key, inner in shape.items())
            )
        case [inner]:
            return isinstance(value, list) and all(fits(item, inner) for item in value)
        case tuple():
            return any(fits(value, inner) for inner in shape)
        case re.Pattern():
            return isinstance(value, str) and shape.fullmatch(value) is not None
        case type():
            return type(value) is shape
        case _:
            return value is shape


def test_the_shape_of_a_plan(plan_result: Result) -> None:
    """stdout is one JSON document with every field of the first version."""
    for key, shape in PLAN_SHAPE.items():
        assert fits(plan_result.json[key], shape), plan_result.json[key]
    summary = plan_result.json["summary"]
    assert (summary["repos"], summary["in_sync"], summary["drifted"], summary["failed"]) == (4, 1, 2, 1)
    assert summary["writes"] == 0


def test_the_states_that_a_plan_tells(plan_result: Result) -> None:
    """Each repo is in the state it is in, and at first contact everything is in one changeset, missing files too."""
    assert plan_result.exit_code == 1
    assert set(plan_result.states("acme/billing").values()) == {"in-sync"}
    assert plan_result.changesets("acme/billing") == {}
    assert set(plan_result.states("acme/orders").values()) == {"missing"}
    search = plan_result.changesets("acme/search")
    assert (search.keys(), search["adopt"]["reason_code"]) == ({"adopt"}, "unmanaged")
    assert set(search["adopt"]["paths"]) == plan_result.states("acme/search").keys() >= {"Dockerfile", ".dockerignore"}
    assert plan_result.repo("acme/gone")["error"]["code"] == "not-found"


def test_plan_is_text_and_markdown_too(planned: Platform) -> None:
    """Both name every repo that matters; -v shows the lines that would go; nothing is said on stderr."""
    for output in ("text", "markdown"):
        result = planned.run("plan", "--format", output)
        assert result.exit_code == 1
        assert result.stderr == ""
        for name in ("orders", "search", "gone"):
            assert name in result.stdout
        assert "FROM node:16" not in result.stdout
        assert "-FROM node:16" in planned.run("plan", "--format", output, "-v").stdout
    assert planned.run("plan", "--format", "markdown").stdout.startswith("#")


def test_status_reads_and_writes_nothing(planned: Platform) -> None:
    """In all three formats, with the same JSON as plan."""
    before = planned.sandbox.forge.counters.writes
    assert planned.run("status", "--format", "json").json["repos"] == planned.plan().json["repos"]
    for output in ("text", "markdown"):
        result = planned.run("status", "--format", output)
        assert (result.exit_code, result.stderr) == (1, "")
        assert "gone" in result.stdout
    assert planned.sandbox.forge.counters.writes == before


@pytest.mark.parametrize(
    ("repos", "exit_code"), [(("billing",), 0), (("orders",), 3), (("billing", "orders"), 3), (("orders", "gone"), 1)]
)
def test_exit_code_tells_drift(planned: Platform, repos: tuple[str, ...], exit_code: int) -> None:
    """3 on drift, 0 without, and 1 wins where a repo failed; without the option drift is no failure."""
    assert planned.plan("--exit-code", *repos).exit_code == exit_code
    assert planned.plan(*repos).exit_code == (1 if exit_code == 1 else 0)


@pytest.mark.parametrize("name", ["orders", "acme/orders", "ACME/Orders"])
def test_repos_can_be_named(planned: Platform, name: str) -> None:
    """With or without the owner, in any case; only that repo is read."""
    assert [repo["repo"] for repo in planned.plan(name).json["repos"]] == ["acme/orders"]


def test_a_name_not_in_the_fleet(planned: Platform) -> None:
    """Exit 2, one line, with the name that was probably meant; nothing on stdout."""
    result = planned.plan("ordres")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: ordres is not in the fleet; did you mean orders?\n"


def test_usage_errors(planned: Platform) -> None:
    """An unknown option or format is a usage error, with exit code 2."""
    for arguments in (("plan", "--formt"), ("plan", "--format", "xml"), ("apply", "--max-prs", "-1"), ("aply",)):
        result = planned.run(*arguments)
        assert result.exit_code == 2, arguments
        assert result.stdout == ""
        assert "Traceback" not in result.stderr


def test_the_script_itself(planned: Platform) -> None:
    """The installed command in its own process, from the platform repo, prints the same JSON and nothing on stderr."""
    result = run_script("plan", "--format", "json", "orders", environment=planned.environment, cwd=planned.root)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.json["repos"] == planned.plan("orders").json["repos"]


def test_apply_says_what_it_did(platform: Platform) -> None:
    """The document of plan and the pull requests; --max-prs opens no more, says who waits, and the next run goes on."""
    names = [f"service-{number}" for number in range(5)]
    platform.fleet(*names)
    for name in names:
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})

    first = platform.apply("--max-prs", "2")
    assert first.exit_code == 0
    assert first.json.keys() >= PLAN_SHAPE.keys() | {"pull_requests"}
    assert fits(first.json["pull_requests"], [PULL_SHAPE])
    assert first.pulls() == [("acme/service-0", "opened"), ("acme/service-1", "opened")]
    assert first.json["pull_requests"][0]["head"] == platform.pull("acme/service-0").head.sha
    waiting = [first.changesets(f"acme/{name}")["adopt"] for name in names[2:]]
    assert {changeset["reason_code"] for changeset in waiting} == {"limit"}
    assert all("--max-prs" in changeset["reason"] for changeset in waiting)

    assert "wait" in platform.run("apply", "--max-prs", "0").stdout

    second = platform.apply("--max-prs", "2")
    assert second.pulls() == [
        ("acme/service-0", "unchanged"),
        ("acme/service-1", "unchanged"),
        ("acme/service-2", "opened"),
        ("acme/service-3", "opened"),
    ]
    third = platform.run("apply", "--format", "markdown")
    assert third.exit_code == 0
    assert "service-4" in third.stdout


def test_limits_of_the_config(platform: Platform) -> None:
    """limits.open_pull_requests counts what is open already, over the whole fleet."""
    names = ["one", "two", "three"]
    limits = {"seconds_between_writes": 0, "open_pull_requests": 2}
    platform.fleet(*names, limits=limits)
    for name in names:
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    assert platform.apply("--max-prs", "1").pulls() == [("acme/one", "opened")]
    assert platform.apply().pulls() == [("acme/one", "unchanged"), ("acme/two", "opened")]
    assert platform.apply().writes == 0
    merge_pull(platform.sandbox, "acme/one", 1)
    assert ("acme/three", "opened") in platform.apply().pulls()


def test_the_pull_request_tells_a_developer_what_to_know(platform: Platform) -> None:
    """Title, label, config commit, the lost lines as a diff, and how to say not yet; authored by the bot."""
    platform.fleet("search")
    make_repo(platform.sandbox, "acme/search", {"Dockerfile": "FROM node:16\nRUN make it so\n"})
    platform.apply()
    adopt = platform.pull("acme/search", 1)
    assert adopt.head.ref == "syncbot/adopt-1"
    commit = git(platform.root, "rev-parse", "HEAD").strip()
    assert [label.name for label in adopt.labels] == ["syncbot"]
    assert adopt.user.login == "acme-syncbot[bot]"
    assert "-RUN make it so" in adopt.body
    assert "exemptions" in adopt.body
    assert "config/repos.yaml" in adopt.body
    assert commit in adopt.body


def test_a_config_elsewhere(platform: Platform, tmp_path: Path) -> None:
    """A config that is not there, or beside which there are no templates, is said in a line with exit code 2."""
    alone = tmp_path / "repos.yaml"
    alone.write_text(platform.config.read_text() if platform.config.exists() else "repos: []\n")
    for path, word in ((tmp_path / "nowhere.yaml", "nowhere.yaml"), (alone, "copier.yml")):
        result = run_main("plan", "--config", str(path), environment=platform.environment)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: ")
        assert result.stderr.count("\n") == 1
        assert word in result.stderr

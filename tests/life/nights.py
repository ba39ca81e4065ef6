"""Histories night by night: a night is a run with its config; by day people merge, close, edit and comment."""

from __future__ import annotations

from datetime import timedelta

from tests.cli.harness import Result
from tests.life.small import SmallPlatform
from tests.sandbox_support import (
    commit_files,
    make_repo,
    merge_pull,
)

REPO = "acme/one"
TEMPLATE = "templates/small/files"
TOOL, RUN = f"{TEMPLATE}/tool.conf.jinja", f"{TEMPLATE}/run.ini.jinja"
DOCKERFILE = f"{TEMPLATE}/{{% if has_node %}}Dockerfile{{% endif %}}.jinja"
COMPOSE = f"{TEMPLATE}/{{% if has_postgres %}}compose.yml{{% endif %}}.jinja"
NODE_18, NODE_22, NODE_24 = ({"node_version": version} for version in ("18", "22", "24"))
POSTGRES_16, POSTGRES_17 = ({"postgres_version": version} for version in ("16", "17"))
OWNED_18 = ("tool.conf", "run.ini", "Dockerfile", ".github/CODEOWNERS")
ADOPTION = {"adopt": "Adopt the platform's files"}
TO_22 = {"node": "Move Node 18 to 22"}


def night(platform: SmallPlatform, **answers: object) -> Result:
    """A run, with these answers for the fleet if there are any."""
    platform.sandbox.forge.clock.advance(timedelta(days=1).total_seconds())
    if answers:
        platform.fleet("one", answers=answers)
    applied = platform.apply()
    assert applied.exit_code == 0, applied.stdout + applied.stderr
    return applied


def opened(platform: SmallPlatform, applied: Result) -> dict[str, str]:
    """The title of each pull request that a run opened, by its changeset."""
    rows = (row for row in applied.json["pull_requests"] if row["action"] == "opened")
    return {row["changeset"]: platform.pull(REPO, row["number"]).title for row in rows}


def asked(platform: SmallPlatform, **answers: object) -> dict[str, str]:
    return opened(platform, night(platform, **answers))


def done(applied: Result) -> dict[str, str]:
    """What a run did about each changeset."""
    return {row["changeset"]: row["action"] for row in applied.json["pull_requests"] if row["repo"] == REPO}


def number_of(platform: SmallPlatform, branch: str) -> int:
    """Of the pull request from a branch of the bot's, by what follows its prefix."""
    with platform.github as github:
        pulls = github.get_repo(REPO).get_pulls(state="all")
        return next(pull.number for pull in pulls if pull.head.ref == f"syncbot/{branch}")


def adopted(platform: SmallPlatform, **answers: object) -> None:
    """A repo whose team merged all of it."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert asked(platform, **answers) == ADOPTION
    merge_pull(platform.sandbox, REPO, 1)


def edit(platform: SmallPlatform, path: str, old: str, new: str, branch: str = "main") -> None:
    """A developer's edit, pushed."""
    text = platform.read(REPO, path, branch)
    assert text is not None
    assert old in text
    commit_files(platform.sandbox, REPO, branch, {path: text.replace(old, new)})


def quiet(platform: SmallPlatform) -> Result:
    """A night on which nothing is written."""
    applied = night(platform)
    assert applied.writes == 0, applied.stdout
    return applied

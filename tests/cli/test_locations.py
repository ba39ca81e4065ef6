"""Files that tools find under several names: the one that is there is owned, and none is added beside it."""

from __future__ import annotations

import pytest

from syncbot.check.codeowners import LOCATIONS
from syncbot.render import load_templates
from tests.cli.harness import PROJECT, SMALL, Platform
from tests.sandbox_support import commit_files, make_repo, merge_pull

REPO = "acme/orders"
COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""In the order of compose-go's DefaultFileNames, the first of which is the one that Compose reads."""
IGNORE = ("Dockerfile.dockerignore", ".dockerignore")
"""In the order of https://docs.docker.com/build/concepts/context/#filename-and-location."""
SERVER = "services:\n  store:\n    image: postgres:17\n"


def test_the_template_lists_the_names_that_tools_look_for() -> None:
    """In the order of each tool, since the first is the only one that it reads."""
    owned = load_templates(PROJECT).specs["service"].owned
    listed = {entry.path: entry.locations for entry in owned if entry.locations}
    assert listed == {"docker-compose.yml": COMPOSE, ".dockerignore": IGNORE, ".github/CODEOWNERS": LOCATIONS}


@pytest.mark.parametrize("name", COMPOSE)
def test_the_compose_file_that_is_there_is_the_owned_one(platform: Platform, name: str) -> None:
    """No second one is added, its Postgres major counts, and CODEOWNERS and .dockerignore name it as it is called."""
    platform.fleet("orders", answers=SMALL | {"postgres_version": "16"})
    make_repo(platform.sandbox, REPO, {name: SERVER})
    applied = platform.apply()
    states = applied.states(REPO)
    assert {path for path in states if "compose" in path} == {name}
    assert states[name] == "unmanaged"
    reasons = {changeset["reason_code"] for changeset in applied.changesets(REPO).values()}
    assert "postgres-downgrade" in reasons
    branch = "syncbot/sync-1"
    assert [path for path in COMPOSE if platform.read(REPO, path, branch) is not None] == [name]
    owned = [line.split()[0] for line in str(platform.read(REPO, ".github/CODEOWNERS", branch)).splitlines() if line]
    assert [line for line in owned if "compose" in line] == [f"/{name}"]
    ignored = str(platform.read(REPO, ".dockerignore", branch)).splitlines()
    assert name in ignored or (name.startswith("docker-compose") and "docker-compose*" in ignored)


@pytest.mark.parametrize("name", IGNORE)
def test_the_ignore_file_that_docker_reads_is_the_owned_one(platform: Platform, name: str) -> None:
    """With both there, Dockerfile.dockerignore is the one that counts for the Dockerfile; the other is left alone."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n", name: "*\n"})
    assert {path for path in platform.plan().states(REPO) if "ignore" in path} == {name}
    platform.apply()
    assert f"/{name} " in str(platform.read(REPO, ".github/CODEOWNERS", "syncbot/sync-1"))
    commit_files(platform.sandbox, REPO, "main", dict.fromkeys(IGNORE, "*\n"))
    assert {path for path in platform.plan().states(REPO) if "ignore" in path} == {IGNORE[0]}


def test_what_is_merged_at_another_name_is_in_sync(platform: Platform) -> None:
    """The lock names the path where the file is, Copier renders the same, and a second run has nothing to do."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"compose.yaml": "services: {}\n", "CODEOWNERS": "* @acme/orders\n"})
    for _ in range(2):
        # Each brings a stanza of the lock, so the second is brought up to date by a run between.
        merge_pull(platform.sandbox, REPO, platform.apply().json["pull_requests"][0]["number"])
    assert platform.plan("--exit-code").exit_code == 0
    lock = str(platform.read(REPO, ".github/syncbot.lock"))
    assert '[files."compose.yaml"]' in lock
    assert "docker-compose" not in lock
    assert platform.read(REPO, "docker-compose.yml") is None


@pytest.mark.parametrize(
    ("there", "blocked", "location"),
    [
        ("dockerfile", "Dockerfile", "Dockerfile"),
        ("Docker-Compose.yml", "docker-compose.yml", "docker-compose.yml"),
        ("Compose.yaml", "docker-compose.yml", "compose.yaml"),
        ("dockerfile.dockerignore", ".dockerignore", "Dockerfile.dockerignore"),
        (".github/codeowners", ".github/CODEOWNERS", ".github/CODEOWNERS"),
        ("codeowners", ".github/CODEOWNERS", "CODEOWNERS"),
        (".GitHub/notes.md", ".github/CODEOWNERS", ".github"),
    ],
)
def test_nothing_is_added_beside_what_would_be_taken_for_it(
    platform: Platform, there: str, blocked: str, location: str
) -> None:
    """What differs in case alone is one file to Docker, macOS and Windows: said, and left to people."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {there: "hello\n"})
    applied = platform.apply()
    status = applied.file(REPO, blocked)
    assert status["state"] == "blocked"
    name = there if there.casefold() == location.casefold() else there.partition("/")[0]
    assert f"{name} is there" in status["reason"]
    assert f"rename it to {location}" in status["reason"]
    assert applied.exit_code == 0
    assert platform.read(REPO, blocked, "syncbot/sync-1") is None
    assert platform.read(REPO, "Dockerfile" if blocked != "Dockerfile" else ".dockerignore", "syncbot/sync-1")


def test_a_folder_of_another_case_is_no_other_location(platform: Platform) -> None:
    """`Docs` stands in the way of docs/CODEOWNERS alone, where nothing is to be added."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"Docs/index.md": "hello\n"})
    assert platform.plan().states(REPO)[".github/CODEOWNERS"] == "missing"


def test_a_file_that_changes_its_name_takes_nobody_out_of_codeowners(platform: Platform) -> None:
    """The block follows a Compose file that the team renames: no ownership is taken away, and no brake is needed."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    text = str(platform.read(REPO, "docker-compose.yml"))
    commit_files(platform.sandbox, REPO, "main", {"docker-compose.yml": None, "compose.yaml": text})
    applied = platform.apply()
    assert applied.exit_code == 0, applied.stderr
    assert "/compose.yaml " in str(platform.read(REPO, ".github/CODEOWNERS", "syncbot/sync-2"))


def test_the_answer_is_the_repos_to_give(platform: Platform) -> None:
    """`locations` in the config is refused: syncbot reads it from the repo."""
    platform.fleet("orders", answers=SMALL | {"locations": {}})
    planned = platform.run("plan")
    assert planned.exit_code == 2
    assert "not an answer: it is taken from the files that the repo has" in planned.stderr

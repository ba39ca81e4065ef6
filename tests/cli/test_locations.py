"""Files that tools find under several names: the one that is there is owned, and none is added beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncbot.formats.codeowners import LOCATIONS
from syncbot.formats.locations import read_before
from syncbot.render import load_templates
from tests.cli.harness import PROJECT, SMALL, Platform, Result, run_main
from tests.sandbox_support import Content, commit_files, make_repo, merge_pull

REPO = "acme/orders"
COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""In the order of compose-go's DefaultFileNames, the first of which is the one that Compose reads."""
IGNORE = ("Dockerfile.dockerignore", ".dockerignore")
"""In the order of https://docs.docker.com/build/concepts/context/#filename-and-location."""
SERVER = "services:\n  store:\n    image: postgres:17\n"


def guard(clone: Path, head: str) -> Result:
    """What the guard says of the last commit, as of a pull request."""
    return run_main("guard", "--repo", str(clone), "--base", f"{head}~1", "--head", head, environment={})


def test_the_template_lists_the_names_that_tools_look_for() -> None:
    """In the order of each tool, since the first is the only one that it reads."""
    owned = load_templates(PROJECT).specs["service"].owned
    listed = {entry.path: entry.locations for entry in owned if entry.locations}
    assert listed == {"docker-compose.yml": COMPOSE, ".dockerignore": IGNORE, ".github/CODEOWNERS": LOCATIONS}
    for names in listed.values():
        assert [read_before(name) for name in names] == [names[:place] for place in range(len(names))]
    assert read_before("Dockerfile") == ()


@pytest.mark.parametrize("name", COMPOSE)
def test_the_compose_file_that_is_there_is_the_owned_one(platform: Platform, name: str) -> None:
    """No second one is added, its Postgres major counts, and .dockerignore names it as it is called. CODEOWNERS
    leaves it to the team, from which nothing is taken over."""
    platform.fleet("orders", answers=SMALL | {"postgres_version": "16"})
    make_repo(platform.sandbox, REPO, {name: SERVER})
    applied = platform.apply()
    states = applied.states(REPO)
    assert {path for path in states if "compose" in path} == {name}
    assert states[name] == "unmanaged"
    reasons = {changeset["reason_code"] for changeset in applied.changesets(REPO).values()}
    assert "postgres-downgrade" in reasons
    branch = "syncbot/adopt-1"
    assert [path for path in COMPOSE if platform.read(REPO, path, branch) is not None] == [name]
    owned = [line.split()[0] for line in str(platform.read(REPO, ".github/CODEOWNERS", branch)).splitlines() if line]
    assert [line for line in owned if "compose" in line] == []
    ignored = str(platform.read(REPO, ".dockerignore", branch)).splitlines()
    assert name in ignored or (name.startswith("docker-compose") and "docker-compose*" in ignored)


@pytest.mark.parametrize("name", IGNORE)
def test_the_ignore_file_that_docker_reads_is_the_owned_one(platform: Platform, name: str) -> None:
    """With both there, Dockerfile.dockerignore is the one that counts for the Dockerfile; the other is left alone."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n", name: "*\n"})
    assert {path for path in platform.plan().states(REPO) if "ignore" in path} == {name}
    platform.apply()
    assert f"/{name} " in str(platform.read(REPO, ".github/CODEOWNERS", "syncbot/adopt-1"))
    commit_files(platform.sandbox, REPO, "main", dict.fromkeys(IGNORE, "*\n"))
    assert {path for path in platform.plan().states(REPO) if "ignore" in path} == {IGNORE[0]}


def test_what_is_merged_at_another_name_is_in_sync(platform: Platform) -> None:
    """The lock names the path where the file is, Copier renders the same, and a second run has nothing to do."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"compose.yaml": "services: {}\n", "CODEOWNERS": "* @acme/orders\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.plan("--exit-code").exit_code == 0
    recorded = platform.recorded(REPO)
    assert "compose.yaml" in recorded
    assert "docker-compose.yml" not in recorded
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
    assert platform.read(REPO, blocked, "syncbot/adopt-1") is None
    assert platform.read(REPO, "Dockerfile" if blocked != "Dockerfile" else ".dockerignore", "syncbot/adopt-1")


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
    assert "/compose.yaml " in str(platform.read(REPO, ".github/CODEOWNERS", "syncbot/sync-1"))


def test_a_block_goes_out_of_the_file_that_is_no_longer_read(platform: Platform) -> None:
    """After .github/CODEOWNERS was added, the block is there alone, the lock knows that one alone, and the guard does
    not defend the other."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"CODEOWNERS": "* @acme/orders\n/pay/ @acme/payments\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {".github/CODEOWNERS": "* @acme/web\n"})
    clone = platform.clone(REPO)
    (clone / "CODEOWNERS").unlink()
    head = platform.push(clone, "One is enough")
    guarded = guard(clone, head)
    assert (guarded.exit_code, guarded.stdout) == (0, "No owned file is changed.\n")
    commit_files(platform.sandbox, REPO, "main", {"CODEOWNERS": platform.read(REPO, "CODEOWNERS", f"{head}~1")})

    applied = platform.apply()
    assert applied.exit_code == 0, applied.stderr
    assert applied.pulls() == [(REPO, "opened")]
    merge_pull(platform.sandbox, REPO, 2)
    assert platform.read(REPO, "CODEOWNERS") == "* @acme/orders\n/pay/ @acme/payments\n"
    assert "# BEGIN syncbot" in str(platform.read(REPO, ".github/CODEOWNERS"))
    recorded = platform.recorded(REPO)
    assert ".github/CODEOWNERS" in recorded
    assert "CODEOWNERS" not in recorded
    assert platform.plan("--exit-code").exit_code == 0
    assert platform.apply().writes == 0


def test_a_block_alone_in_its_file_takes_the_file_along(platform: Platform) -> None:
    """Nothing of the team's is in it, so nothing is left; a block that was edited stays, and that is said."""
    platform.fleet("orders", "edited")
    for repo in (REPO, "acme/edited"):
        make_repo(platform.sandbox, repo, {"CODEOWNERS": "* @acme/orders\n"})
    platform.apply()
    for repo in (REPO, "acme/edited"):
        merge_pull(platform.sandbox, repo, 1)
    block = str(platform.read(REPO, "CODEOWNERS")).partition("\n\n")[2]
    first = {".github/CODEOWNERS": "* @acme/web\n"}
    commit_files(platform.sandbox, REPO, "main", first | {"CODEOWNERS": block})
    edited = block.replace("/Dockerfile @acme/platform", "/Dockerfile @acme/orders")
    commit_files(platform.sandbox, "acme/edited", "main", first | {"CODEOWNERS": edited})
    applied = platform.apply()
    assert platform.read(REPO, "CODEOWNERS", "syncbot/sync-1") is None
    assert platform.read("acme/edited", "CODEOWNERS", "syncbot/sync-1") == edited
    assert "it is the team's now" in applied.file("acme/edited", "CODEOWNERS")["reason"]


def test_a_file_that_another_name_hides_is_the_teams(platform: Platform) -> None:
    """A delivered docker-compose.yml beside a new compose.yaml stays as it is, unrecorded and unguarded."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {"compose.yaml": "services: {}\n"})
    states = platform.apply().states(REPO)
    assert states["compose.yaml"] == "unmanaged"
    assert "docker-compose.yml" not in states
    delivered = platform.read(REPO, "docker-compose.yml")
    for branch in ("syncbot/sync-1", "syncbot/takeover-1"):
        assert platform.read(REPO, "docker-compose.yml", branch) == delivered
        assert "docker-compose.yml" not in platform.recorded(REPO, branch)
    clone = platform.clone(REPO)
    (clone / "docker-compose.yml").unlink()
    head = platform.push(clone)
    assert guard(clone, head).exit_code == 0


def test_a_renamed_file_is_known_again(platform: Platform) -> None:
    """What was delivered as docker-compose.yml is in sync as compose.yaml, its edits and its deletion are known."""
    platform.fleet("orders", "edited")
    for repo in (REPO, "acme/edited"):
        make_repo(platform.sandbox, repo, {"README.md": "hello\n"})
    platform.apply()
    for repo in (REPO, "acme/edited"):
        merge_pull(platform.sandbox, repo, 1)
    text = str(platform.read(REPO, "docker-compose.yml"))
    renamed: dict[str, Content] = {"docker-compose.yml": None}
    commit_files(platform.sandbox, REPO, "main", renamed | {"compose.yaml": text})
    commit_files(platform.sandbox, "acme/edited", "main", renamed | {"compose.yaml": f"{text}# ours\n"})
    applied = platform.apply()
    assert applied.states(REPO)["compose.yaml"] == "in-sync"
    assert applied.states("acme/edited")["compose.yaml"] == "edited"
    merge_pull(platform.sandbox, REPO, 2)
    assert "compose.yaml" in platform.recorded(REPO)
    commit_files(platform.sandbox, REPO, "main", {"compose.yaml": None})
    states = platform.plan().states(REPO)
    assert states["compose.yaml"] == "deleted"
    assert "docker-compose.yml" not in states


def test_the_answer_is_the_repos_to_give(platform: Platform) -> None:
    """`locations` in the config is refused: syncbot reads it from the repo."""
    platform.fleet("orders", answers=SMALL | {"locations": {}})
    planned = platform.run("plan")
    assert planned.exit_code == 2
    assert "not an answer: it is taken from the files that the repo has" in planned.stderr

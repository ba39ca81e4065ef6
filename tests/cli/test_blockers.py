"""Live files that are not what a template can be compared with: blocked, with the reason, and never crashed on."""

from __future__ import annotations

import pytest

from tests.cli.harness import Platform
from tests.sandbox_support import Content, commit_files, find, make_repo

REPO = "acme/orders"
POSTGRES = {"node_version": "18", "postgres_version": "16"}
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12\n"
SUBMODULE = ("1" * 40, "160000")


@pytest.mark.parametrize(
    ("path", "files", "reason"),
    [
        ("Dockerfile", {"Dockerfile": b"\x7fELF\x00\x01"}, "binary"),
        ("Dockerfile", {"Dockerfile": b"FROM node:18\n# caf\xe9\n"}, "UTF-8"),
        ("Dockerfile", {"Dockerfile": "FROM node:18\nRUN a\n" + "#" * 2_000_000}, "too large"),
        ("docker-compose.yml", {"docker-compose.yml": "services: {}\r\n"}, "CRLF"),
        ("Dockerfile", {"Dockerfile": ("docker/Dockerfile", "120000"), "docker/Dockerfile": "FROM x\n"}, "symlink"),
        ("Dockerfile", {"Dockerfile": SUBMODULE}, "submodule"),
        ("Dockerfile", {"Dockerfile": LFS}, "LFS"),
        ("docker-compose.yml", {"docker-compose.yml/base.yml": "services: {}\n"}, "a folder"),
        ("postgres/postgresql.conf", {"postgres": "a file\n"}, "postgres is a file"),
        ("postgres/postgresql.conf", {"postgres": ("db", "120000"), "db/x": "x\n"}, "postgres is a symlink"),
        ("postgres/postgresql.conf", {"postgres": SUBMODULE}, "postgres is a submodule"),
        (".github/CODEOWNERS", {".github/CODEOWNERS": b"* @acme/caf\xe9\n"}, "UTF-8"),
        (".github/CODEOWNERS", {".github/CODEOWNERS": "* @acme/all\r\n"}, "CRLF"),
        (".github/CODEOWNERS", {".github/CODEOWNERS": ("../OWNERS", "120000"), "OWNERS": "* @acme/all\n"}, "symlink"),
        (".github/CODEOWNERS", {".github": "a file\n"}, ".github is a file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_stands_in_the_way_is_left_alone(
    platform: Platform, path: str, files: dict[str, Content], reason: str
) -> None:
    """That path is blocked and its reason said; every path that nothing stands in the way of, and that needs none
    such, is proposed."""
    platform.fleet("orders", answers=POSTGRES)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"} | files)
    planned = platform.plan()
    assert planned.exit_code == 0
    status = planned.file(REPO, path)
    assert (status["state"], status["quiet"]) == ("blocked", None)
    assert reason in status["reason"]
    folder = path.rpartition("/")[0]
    free = {p for p in planned.states(REPO) if p != path and not (folder in files and p.startswith(f"{folder}/"))}
    changesets = planned.changesets(REPO).values()
    if path == "postgres/postgresql.conf":
        assert planned.file(REPO, "docker-compose.yml")["state"] == "blocked"
        free -= {"docker-compose.yml"}
    assert {p for changeset in changesets for p in changeset["paths"]} == free
    assert len(free) >= 3


@pytest.mark.parametrize("there", ["Dockerfile", ".github"])
def test_the_rest_of_the_repo_is_delivered(platform: Platform, there: str) -> None:
    """Apply opens the pull request without the blocked path, exits 0, and what stood there stands there still."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n", there: b"\xff\x00"})
    applied = platform.apply()
    assert applied.exit_code == 0
    assert applied.pulls() == [(REPO, "opened")]
    files = [file.filename for file in platform.pull(REPO).get_files()]
    assert there not in files
    assert "docker-compose.yml" in files
    assert platform.apply().writes == 0


def test_a_lock_in_the_way_of_which_something_stands(platform: Platform) -> None:
    """A lock that is a symlink, a folder, binary or nonsense counts as none, and does not stop anything."""
    platform.fleet("link", "folder", "binary", "nonsense")
    lock = ".github/syncbot.lock"
    contents: dict[str, dict[str, Content]] = {
        "link": {lock: ("../x", "120000")},
        "folder": {f"{lock}/x": "x\n"},
        "binary": {lock: b"\xff\x00"},
        "nonsense": {lock: "version = 1\n[files.Dockerfile]\nid = 3\n<<<<<<< HEAD\n"},
    }
    for name, files in contents.items():
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"} | files)
    applied = platform.apply()
    assert [repo["error"] for repo in applied.json["repos"]] == [None] * 4
    assert applied.exit_code == 0
    assert dict(applied.pulls()) == {f"acme/{name}": "opened" for name in contents}
    for name in contents:
        assert set(applied.states(f"acme/{name}").values()) == {"missing"}
    assert platform.read("acme/folder", f"{lock}/x", "syncbot/adopt-1") == "x\n"
    assert platform.read("acme/link", lock, "syncbot/adopt-1") == "../x"
    assert platform.apply().writes == 0


@pytest.mark.parametrize(
    ("there", "what", "kept"),
    [
        (".github", SUBMODULE, ".github/CODEOWNERS"),
        (".github", ("shared", "120000"), ".github/CODEOWNERS"),
        (".github/syncbot.lock", ("../x", "120000"), None),
        ("postgres", SUBMODULE, "postgres/postgresql.conf"),
    ],
)
def test_what_people_put_on_the_branch_in_place_of_a_folder_stays(
    platform: Platform, there: str, what: Content, kept: str | None
) -> None:
    """A submodule or a symlink on the bot's branch is written over by no file and no lock: it stays, the rest is
    brought up to date, and a second run has nothing to do."""
    platform.fleet("orders", answers=POSTGRES)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    branch = platform.pull(REPO).head.ref
    commit_files(platform.sandbox, REPO, branch, {there: what})
    platform.fleet("orders", answers=POSTGRES | {"port": 8099, "postgres_parameters": {"work_mem": "8MB"}})
    applied = platform.apply()
    assert (applied.exit_code, applied.pulls()) == (0, [(REPO, "updated")])
    git = platform.sandbox.forge.git(find(platform.sandbox, REPO))
    entry = git.entry(branch, there)
    assert entry and entry.mode == what[1]
    assert "8099" in str(platform.read(REPO, "Dockerfile", branch))
    assert kept is None or platform.read(REPO, kept, branch) is None
    assert platform.apply().writes == 0


def test_what_got_in_the_way_of_an_open_pull_request(platform: Platform) -> None:
    """A folder that main gets where the open pull request has a file blocks that file, and the run goes on."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile/base": "FROM x\n"})
    platform.fleet("orders", answers={"node_version": "22", "postgres_version": "none", "port": 8099})
    applied = platform.apply()
    assert applied.exit_code == 0
    assert applied.states(REPO)["Dockerfile"] == "blocked"
    assert applied.pulls() == [(REPO, "updated")]

"""What a developer commits on the bot's branch stays, whatever the template does in the meantime."""

from __future__ import annotations

import pytest

from syncbot.app import publishing
from tests.cli.harness import LOCK, SMALL, Platform, git
from tests.sandbox_support import commit_files, make_repo, merge_pull, read_file

REPO = "acme/orders"
BRANCH = "syncbot/adopt-1"


def open_pull_request(platform: Platform) -> None:
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "# Orders\n", "server.js": "listen();\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]


def is_ancestor(platform: Platform, commit: str) -> bool:
    clone = platform.clone(REPO, BRANCH)
    return commit in git(clone, "rev-list", "HEAD").split()


def test_commits_on_the_branch_survive_a_new_template(platform: Platform) -> None:
    """An unowned file and lines in an owned one are merged with what the template renders now; nothing is forced."""
    open_pull_request(platform)
    clone = platform.clone(REPO, BRANCH)
    (clone / "server.js").write_text("listen(8080);\n")
    dockerfile = clone / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text() + "\n# orders keeps its reports here\nVOLUME /reports\n")
    theirs = platform.push(clone, "Fix the pipeline")

    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    result = platform.apply()

    assert result.pulls() == [(REPO, "updated")]
    assert is_ancestor(platform, theirs)
    assert platform.read(REPO, "server.js", BRANCH) == "listen(8080);\n"
    merged = platform.read(REPO, "Dockerfile", BRANCH)
    assert merged is not None
    assert "FROM node:22" in merged
    assert "FROM node:18" not in merged
    assert "VOLUME /reports\n" in merged
    assert platform.forced_updates == []
    assert platform.comments(REPO) == []
    assert platform.apply().writes == 0

    platform.fleet("orders", answers=SMALL | {"node_version": "24"})
    assert platform.apply().pulls() == [(REPO, "updated")]
    again = str(platform.read(REPO, "Dockerfile", BRANCH))
    assert "FROM node:24" in again
    assert "VOLUME /reports\n" in again
    assert platform.comments(REPO) == []


def test_lines_beside_the_template_survive_every_update(platform: Platform) -> None:
    """Theirs in CODEOWNERS above the block, and in a file that was in sync until now, are nobody else's to lose."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "# Orders\n"})
    platform.adopted(REPO)
    platform.fleet("orders", answers=SMALL | {"entry": "src/main.js"})
    opened = platform.apply()
    assert opened.changesets(REPO)["sync"]["paths"] == ["Dockerfile"]
    clone = platform.clone(REPO, "syncbot/sync-1")
    compose, codeowners = clone / "docker-compose.yml", clone / ".github" / "CODEOWNERS"
    compose.write_text(compose.read_text().replace("    build: .\n", "    build: .  # by hand\n"))
    codeowners.write_text("/reports/ @acme/reporting\n\n" + codeowners.read_text())
    platform.push(clone)

    for entry, port in (("src/start.js", 8080), ("src/serve.js", 8099)):
        owners = f"@acme/desk-{port}"
        platform.fleet("orders", owners=owners, answers=SMALL | {"entry": entry, "port": port})
        assert platform.apply("--allow", "codeowners").pulls() == [(REPO, "updated")]
        assert entry in str(platform.read(REPO, "Dockerfile", "syncbot/sync-1"))
        composed = str(platform.read(REPO, "docker-compose.yml", "syncbot/sync-1"))
        assert "    build: .  # by hand\n" in composed
        assert str(port) in composed
        owned = str(platform.read(REPO, ".github/CODEOWNERS", "syncbot/sync-1"))
        assert owned.startswith("/reports/ @acme/reporting\n")
        assert f"@acme/desk-{port}" in owned
    (comment,) = platform.comments(REPO, 2)
    assert comment.startswith("This pull request changes more than before: ")


def test_a_symlink_on_the_branch_stays(platform: Platform) -> None:
    """A developer who replaces an owned file with a symlink is told that it stays, and the rest is updated."""
    open_pull_request(platform)
    clone = platform.clone(REPO, BRANCH)
    (clone / "docker-compose.yml").unlink()
    (clone / "docker-compose.yml").symlink_to("deploy/compose.yml")
    (clone / ".dockerignore").write_bytes(b"\xff\x00")
    platform.push(clone)

    platform.fleet("orders", answers=SMALL | {"node_version": "22", "port": 8099})
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert platform.read(REPO, "docker-compose.yml", BRANCH) == "deploy/compose.yml"
    assert "FROM node:22" in str(platform.read(REPO, "Dockerfile", BRANCH))
    (comment,) = platform.comments(REPO)
    assert "docker-compose.yml" in comment


def test_what_came_to_main_meanwhile_is_not_deleted_on_the_branch(platform: Platform) -> None:
    """A binary that main got where the pull request proposes a file blocks that file; with main, the branch gets it."""
    open_pull_request(platform)
    commit_files(platform.sandbox, REPO, "main", {".dockerignore": b"\x00\xff", "Dockerfile": ("deploy", "120000")})
    platform.fleet("orders", answers=SMALL | {"node_version": "22", "port": 8099})
    result = platform.apply()
    assert result.pulls() == [(REPO, "updated")]
    assert result.states(REPO)[".dockerignore"] == result.states(REPO)["Dockerfile"] == "blocked"
    assert read_file(platform.sandbox, REPO, BRANCH, ".dockerignore") == b"\x00\xff"
    assert platform.read(REPO, "Dockerfile", BRANCH) == "deploy"
    assert "8099" in str(platform.read(REPO, "docker-compose.yml", BRANCH))


def test_on_a_conflict_theirs_stays_and_is_said_once(platform: Platform) -> None:
    """Where both changed one line the developer's stays, one comment names the file, and the next run is silent."""
    open_pull_request(platform)
    clone = platform.clone(REPO, BRANCH)
    dockerfile = clone / "Dockerfile"
    ours = dockerfile.read_text().replace("FROM node:18", "FROM node:20", 1)
    dockerfile.write_text(ours)
    theirs = platform.push(clone, "Node 20 is as far as we get")

    platform.fleet("orders", answers=SMALL | {"node_version": "22", "port": 8099})
    assert platform.apply().pulls() == [(REPO, "updated")]

    assert is_ancestor(platform, theirs)
    assert platform.read(REPO, "Dockerfile", BRANCH) == ours
    assert "8099" in str(platform.read(REPO, "docker-compose.yml", BRANCH))
    (comment,) = platform.comments(REPO)
    assert "Dockerfile" in comment
    assert "docker-compose.yml" not in comment

    assert platform.apply().writes == 0
    platform.fleet("orders", answers=SMALL | {"node_version": "24", "port": 8099})
    platform.apply()
    assert platform.read(REPO, "Dockerfile", BRANCH) == ours
    assert platform.forced_updates == []


def test_an_owned_file_removed_on_the_branch_stays_removed(platform: Platform) -> None:
    """A developer who takes a file out of the pull request is not overruled when the template changes it."""
    open_pull_request(platform)
    clone = platform.clone(REPO, BRANCH)
    (clone / "docker-compose.yml").unlink()
    platform.push(clone, "We do not use compose")

    platform.fleet("orders", answers=SMALL | {"node_version": "22", "port": 8099})
    assert platform.apply().pulls() == [(REPO, "updated")]

    assert platform.read(REPO, "docker-compose.yml", BRANCH) is None
    assert "FROM node:22" in str(platform.read(REPO, "Dockerfile", BRANCH))
    assert len(platform.comments(REPO)) == 1


def test_a_merged_main_does_not_count_as_their_version(platform: Platform) -> None:
    """The developer who updates the branch from main and adds a commit loses neither, and is not asked anything."""
    open_pull_request(platform)
    main = platform.clone(REPO)
    (main / "server.js").write_text("listen(9000);\n")
    platform.push(main, "Another port")
    clone = platform.clone(REPO, BRANCH)
    git(clone, "fetch", "--quiet", "origin", "main")
    git(clone, "merge", "--quiet", "--no-edit", "origin/main")
    theirs = platform.push_only(clone)

    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    assert platform.apply().pulls() == [(REPO, "updated")]

    assert is_ancestor(platform, theirs)
    assert platform.read(REPO, "server.js", BRANCH) == "listen(9000);\n"
    assert platform.comments(REPO) == []
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.plan("--exit-code").exit_code == 0


def test_the_branch_moves_between_plan_and_push(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that arrives while the bot works is not overwritten; the next run at the latest has both."""
    open_pull_request(platform)
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    pushed: list[str] = []
    real = publishing.verify

    def push_meanwhile(*arguments: object) -> None:
        if not pushed:
            clone = platform.clone(REPO, BRANCH)
            (clone / "late.txt").write_text("just in time\n")
            pushed.append(platform.push(clone))
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "verify", push_meanwhile)
    platform.apply()
    assert is_ancestor(platform, pushed[0])

    assert platform.apply().exit_code == 0
    assert is_ancestor(platform, pushed[0])
    assert "FROM node:22" in str(platform.read(REPO, "Dockerfile", BRANCH))
    assert platform.read(REPO, "late.txt", BRANCH) == "just in time\n"
    assert platform.forced_updates == []


def test_the_lock_travels_with_the_commit(platform: Platform) -> None:
    """Each bot commit carries the lock, which records just the files that it delivers."""
    open_pull_request(platform)
    lock = platform.read(REPO, LOCK, BRANCH)
    assert lock is not None
    commit = git(platform.root, "rev-parse", "HEAD").strip()
    delivered = {"Dockerfile", ".dockerignore", "docker-compose.yml", ".github/CODEOWNERS"}
    assert (platform.recorded(REPO, BRANCH), lock.count(commit)) == (delivered, 4)
    assert platform.read(REPO, LOCK) is None

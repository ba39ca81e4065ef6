"""Folders become repositories: plain trees, git repositories, empty folders; anything else is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncbot.errors import SyncbotError
from syncbot.sandbox.seed import seed
from syncbot.sandbox.server import Sandbox
from tests.sandbox.conftest import Git
from tests.sandbox_support import commit_files, find, read_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`acme/api`, a plain tree with every kind of file."""
    root = tmp_path / "seed"
    api = root / "acme" / "api"
    (api / "src").mkdir(parents=True)
    (api / "src" / "main.js").write_bytes(b"\xff\0binary")
    (api / "run").write_text("#!/bin/sh\n")
    (api / "run").chmod(0o755)
    (api / "link").symlink_to("src/main.js")
    (api / "nowhere").symlink_to("missing")
    (api / "folder").symlink_to("src")
    (api / "empty").mkdir()
    return root


def test_plain_tree(sandbox: Sandbox, folder: Path, git: Git, tmp_path: Path) -> None:
    """One commit with every file, its bytes, executable bit and symlinks; empty folders have no place in git."""
    assert seed(sandbox.forge, folder) == ("acme/api",)
    listed = git("ls-tree", "-r", "main", cwd=sandbox.forge.data / "repos/acme/api.git").stdout
    assert [line.split()[0] + " " + line.split("\t")[1] for line in listed.splitlines()] == [
        "120000 folder",
        "120000 link",
        "120000 nowhere",
        "100755 run",
        "100644 src/main.js",
    ]
    assert read_file(sandbox, "acme/api", "main", "src/main.js") == b"\xff\0binary"
    git("clone", "--quiet", f"{sandbox.url}/acme/api.git", "clone")
    assert git("rev-list", "--count", "HEAD", cwd=tmp_path / "clone").stdout.strip() == "1"


def test_git_repository_keeps_its_history(sandbox: Sandbox, folder: Path, git: Git) -> None:
    """Branches and tags come along, HEAD names the default branch, uncommitted files stay behind."""
    source = folder / "acme" / "web"
    source.mkdir()
    git("init", "--quiet", "--initial-branch", "trunk", cwd=source)
    (source / "a").write_text("a\n")
    git("add", "a", cwd=source)
    git("commit", "--quiet", "--message", "One", cwd=source)
    git("tag", "v1", cwd=source)
    git("branch", "feature/x", cwd=source)
    (source / "later").write_text("uncommitted\n")
    head = git("rev-parse", "HEAD", cwd=source).stdout.strip()
    seed(sandbox.forge, folder)
    repo = find(sandbox, "acme/web")
    repository = sandbox.forge.git(repo)
    assert repo.default_branch == "trunk"
    assert repository.branches() == (("feature/x", head), ("trunk", head))
    assert repository.ref("refs/tags/v1") == head
    assert repository.entry("trunk", "later") is None


def test_bare_repository_with_head_elsewhere(sandbox: Sandbox, folder: Path, git: Git) -> None:
    """A bare `name.git` whose HEAD names no branch gets the first branch there is."""
    source = folder / "acme" / "old.git"
    git("init", "--quiet", "--bare", "--initial-branch", "gone", source)
    seed(sandbox.forge, folder)
    commit_files(sandbox, "acme/api", "main", {"x": "x\n"})
    assert find(sandbox, "acme/old").default_branch == "gone"
    other = folder / "acme" / "detached.git"
    git("clone", "--quiet", "--bare", f"{sandbox.url}/acme/api.git", other)
    git("symbolic-ref", "HEAD", "refs/heads/gone", cwd=other)
    seed(sandbox.forge, folder)
    assert find(sandbox, "acme/detached").default_branch == "main"


def test_detached_head(sandbox: Sandbox, folder: Path, git: Git) -> None:
    """A detached HEAD names no branch: `main`, or the first there is."""
    source = folder / "acme" / "web"
    source.mkdir()
    git("init", "--quiet", "--initial-branch", "trunk", cwd=source)
    git("commit", "--quiet", "--allow-empty", "--message", "One", cwd=source)
    git("switch", "--quiet", "--detach", cwd=source)
    seed(sandbox.forge, folder)
    assert find(sandbox, "acme/web").default_branch == "trunk"


def test_empty_folder_is_an_empty_repository(sandbox: Sandbox, folder: Path) -> None:
    """No file, no commit."""
    (folder / "acme" / "new").mkdir()
    seed(sandbox.forge, folder)
    assert sandbox.forge.git(find(sandbox, "acme/new")).is_empty


def test_what_exists_is_left_alone(sandbox: Sandbox, folder: Path) -> None:
    """Seeding again adds only what is new."""
    seed(sandbox.forge, folder)
    head = commit_files(sandbox, "acme/api", "main", {"later": "l\n"})
    (folder / "other" / "api").mkdir(parents=True)
    assert seed(sandbox.forge, folder) == ("other/api",)
    assert sandbox.forge.git(find(sandbox, "acme/api")).branch("main") == head


def test_malformed_folders(sandbox: Sandbox, folder: Path) -> None:
    """A missing folder, a file for an owner or a repository, and a name that GitHub has not are told apart."""
    with pytest.raises(SyncbotError, match="missing: is not a folder"):
        seed(sandbox.forge, folder / "missing")
    (folder / "README.md").write_text("hello\n")
    with pytest.raises(SyncbotError, match=r"README.md: expected a folder named after an owner"):
        seed(sandbox.forge, folder)
    (folder / "README.md").unlink()
    (folder / "acme" / "file").write_text("hello\n")
    with pytest.raises(SyncbotError, match="acme/file: expected a folder whose name"):
        seed(sandbox.forge, folder)
    (folder / "acme" / "file").rename(folder / ".hidden")
    (folder / "acme" / "two words").mkdir()
    with pytest.raises(SyncbotError, match="two words"):
        seed(sandbox.forge, folder)

"""A rehearsal on trees that nobody wrote for this: installed packages, served by `syncbot sandbox serve --seed`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.cli.harness import LOCK, SMALL, SYNCBOT, PlatformRepo, git

ANSWERS: Mapping[str, Mapping[str, object]] = {
    "certifi": {"postgres_version": "16", "entry": "src/main.mjs", "health_path": "/ready"},
    "click": {},
    "idna": {"postgres_version": "15", "postgres_parameters": {"work_mem": "64MB", "max_connections": 200}},
    "rich": {"node_version": "22", "port": 8099},
}
"""Packages that are installed wherever the tests run, and what their repos answer beside the defaults."""

CODEOWNERS = ".github/CODEOWNERS"


def test_each_branch_holds_what_copier_copies(tmp_path: Path) -> None:
    """Plan and apply on the printed variables; the branches equal `copier copy`, and nothing else is touched."""
    seed_from_packages(tmp_path / "seed" / "acme")
    with served(tmp_path / "seed", tmp_path / "data") as environment:
        assert environment.keys() == {"GITHUB_API_URL", "GITHUB_GRAPHQL_URL", "GITHUB_TOKEN"}
        platform = PlatformRepo(tmp_path / "platform", environment)
        platform.fleet(*({"name": name, "answers": answers} for name, answers in ANSWERS.items()))
        planned = platform.plan("--exit-code")
        assert planned.exit_code == 3
        applied = platform.apply()
        assert applied.exit_code == 0
        assert applied.pulls() == [(f"acme/{name}", "opened") for name in ANSWERS]
        assert platform.apply().writes == 0

    for name, answers in ANSWERS.items():
        repo = tmp_path / "data" / "repos" / "acme" / f"{name}.git"
        (changeset,) = applied.changesets(f"acme/{name}").values()
        branch = changeset["branch"]
        copied = copier_copy(platform.root, tmp_path / "copied" / name, name, answers)
        owned = {f["path"] for f in applied.repo(f"acme/{name}")["files"] if f["ownership"] == "file"}
        assert {path: entry(repo, branch, path) for path in owned} == {path: copied[path] for path in owned}
        touched = git(repo, "diff", "--name-only", "main", branch).split("\n")[:-1]
        assert set(touched) == owned | {LOCK, CODEOWNERS}
        assert git(repo, "log", "--format=%an", f"main..{branch}").split() == ["acme-syncbot[bot]"]
        assert git(repo, "fsck", "--strict", "--full", "--no-dangling") == ""


def seed_from_packages(folder: Path) -> None:
    """Each package's folder as it is installed, as a plain tree."""
    for name in ANSWERS:
        spec = find_spec(name)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        source = next(iter(spec.submodule_search_locations))
        shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


@contextmanager
def served(seed: Path, data: Path) -> Iterator[Mapping[str, str]]:
    """`syncbot sandbox serve` in a process of its own, until the block ends; the variables that it prints."""
    command = [str(SYNCBOT), "sandbox", "serve", "--data", str(data), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline().strip() for _ in range(3)]
            yield dict(line.split("=", 1) for line in lines)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0


def copier_copy(source: Path, target: Path, name: str, answers: Mapping[str, object]) -> Mapping[str, tuple[str, str]]:
    """Mode and blob id of each file that Copier itself, as a person runs it, writes for these answers."""
    own = {"service_name": name, "organization": "acme", "team": "@acme/services", "owners": "@acme/platform"}
    data = source.parent / f"{name}.yml"
    data.write_text(json.dumps({"template": "service", **own, **SMALL, **answers}))
    command = ["copy", "--defaults", "--quiet", "--vcs-ref", "HEAD", "--data-file", str(data), str(source), str(target)]
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run([str(SYNCBOT.with_name("copier")), *command], env=environment, check=True, timeout=60)
    return {
        path.relative_to(target).as_posix(): (
            "100755" if path.stat().st_mode & 0o100 else "100644",
            git(source, "hash-object", "--no-filters", str(path)).strip(),
        )
        for path in target.rglob("*")
        if path.is_file()
    }


def entry(repo: Path, branch: str, path: str) -> tuple[str, str]:
    """Mode and blob id of a path on a branch."""
    mode, _, oid = git(repo, "ls-tree", branch, "--", path).split()[:3]
    return mode, oid

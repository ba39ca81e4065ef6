"""A run that dies or is failed at any of its requests is made good by the next: the forge ends as if nothing had been.

Six repos in which one `apply` opens, updates, merges the base, replaces, closes, labels and comments, and one that
left the fleet. Each case copies them, fails one request, and runs again until nothing is left to do.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pygit2
import pytest

from syncbot.github.transport import Answer, Transport
from syncbot.sandbox.faults import Fault
from syncbot.sandbox.issues import create_comment, labels_of, list_comments
from syncbot.sandbox.pulls import list_pulls
from syncbot.sandbox.roles import set_role
from syncbot.sandbox.server import Sandbox
from tests.cli.harness import SYNCBOT
from tests.life.small import BRAKES, SmallPlatform
from tests.life.world import START
from tests.sandbox_support import commit_files, find, identity, make_repo, read_file

FULL = bool(os.environ.get("SYNCBOT_FULL_SWEEPS"))
PARTS = 16 if FULL else 4
FAULTS = ("drop_before", "drop_after", "502", "502_after", "403", "killed before", "killed after")
MOST_RUNS = 4
LISTED = ("updates", "merges", "closes", "replaces", "tells")
SYNC, ADOPT = "syncbot/sync-1", "syncbot/adopt-1"

State = dict[str, object]


class Killed(BaseException):
    """The process is gone: nothing catches it, and nothing but what was sent remains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The data folder of a sandbox before the run, the platform repo, and how a clean run ends."""

    folder: Path
    platform: SmallPlatform
    requests: tuple[str, ...]
    actions: frozenset[str]
    end: State


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("prepared")
    with Sandbox(folder / "data") as sandbox:
        platform = _prepare(folder, sandbox)
    with _copied(platform, folder / "data", folder / "clean") as clean:
        first = clean.apply()
        assert first.exit_code == 0, first.stderr
        requests = tuple(clean.sandbox.forge.counters.log)
        assert _until_quiet(clean) == 1
        end = _state(clean.sandbox)
    actions = frozenset(f"{c['action']} {c['reason_code']}" for repo in first.json["repos"] for c in repo["changesets"])
    return Prepared(folder=folder / "data", platform=platform, requests=requests, actions=actions, end=end)


def _prepare(folder: Path, sandbox: Sandbox) -> SmallPlatform:
    sandbox.forge.clock.set(START)
    platform = SmallPlatform(folder / "platform", sandbox)
    start = {"README.md": "hello\n", "src/app.txt": "1\n2\n3\n"}
    for name in ("opens", "left", *LISTED):
        own = {"tool.conf": "# ours\n"} if name in ("opens", "tells") else {}
        make_repo(sandbox, f"acme/{name}", start | own)
    platform.fleet("left", *LISTED)
    assert platform.apply().exit_code == 0
    _people(sandbox)
    answers = {"version": 2, "port": 2000}
    platform.fleet("opens", *({"name": name, "answers": answers if name == "updates" else {}} for name in LISTED))
    return platform


def _people(sandbox: Sandbox) -> None:
    """What people do meanwhile: they commit to branches, to main, and comment; and a label got lost."""

    def text(repo: str, path: str, branch: str = SYNC) -> str:
        return (read_file(sandbox, f"acme/{repo}", branch, path) or b"").decode()

    mine = (
        text("updates", "tool.conf").replace("version = 1", "version = human-1-").replace("all = yes", "all = human-2-")
    )
    ini = text("updates", "run.ini").replace("level = info", "level = human-3-")
    commit_files(sandbox, "acme/updates", SYNC, {"tool.conf": mine, "run.ini": ini, "src/new.txt": "human-4-\n"})
    theirs = text("merges", "run.ini").replace("port = 1000", "port = human-5-")
    commit_files(sandbox, "acme/merges", "main", {"run.ini": theirs})
    commit_files(sandbox, "acme/merges", SYNC, {"src/app.txt": "1\n2\nhuman-6-\n"})
    paths = ("tool.conf", "run.ini", ".github/CODEOWNERS")
    commit_files(sandbox, "acme/closes", "main", {path: text("closes", path) for path in paths})
    commit_files(sandbox, "acme/replaces", SYNC, {"src/app.txt": "human-7-\n"})
    commit_files(sandbox, "acme/tells", SYNC, {"src/app.txt": "1\nhuman-8-\n3\n"})
    commit_files(sandbox, "acme/tells", "main", {"src/app.txt": "1\nhuman-9-\n3\n"})
    with sandbox.forge.store.transaction():
        who = identity("developer")
        set_role(sandbox.forge, find(sandbox, "acme/replaces"), who.login, "write")
        create_comment(sandbox.forge, who, find(sandbox, "acme/replaces"), 1, "/syncbot recreate")
        (adopt,) = list_pulls(sandbox.forge, find(sandbox, "acme/tells"), head=ADOPT)
        sandbox.forge.store.execute("DELETE FROM pull_labels WHERE pull_id = ?", adopt.id)


@contextmanager
def _copied(platform: SmallPlatform, data: Path, target: Path) -> Iterator[SmallPlatform]:
    shutil.copytree(data, target)
    try:
        with Sandbox(target) as sandbox:
            sandbox.forge.clock.set(START)
            sandbox.forge.clock.advance(3600)
            yield platform.on(sandbox)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def _until_quiet(platform: SmallPlatform) -> int:
    """How many runs it took until one had nothing to write."""
    for number in range(1, MOST_RUNS + 1):
        done = platform.apply()
        if done.exit_code == 0 and done.writes == 0:
            return number
    raise AssertionError(f"still at it after {MOST_RUNS} runs: {done.stdout}{done.stderr}")


def _state(sandbox: Sandbox) -> State:
    """All that people see: the tree of each branch, and each pull request with what was said on it."""
    forge = sandbox.forge
    assert not forge.store.execute("SELECT * FROM forced_updates")
    state: State = {}
    for repo in forge.repos_of(identity("developer"), "acme"):
        git = forge.git(repo)
        for branch, head in git.branches():
            state[f"{repo.name} {branch}"] = str(git.raw[head].peel(pygit2.Tree).id)
        for pull in list_pulls(forge, repo, descending=False):
            state[f"{repo.name} #{pull.number}"] = (
                (pull.title, pull.body, pull.state, pull.base_ref, pull.head_ref, pull.author),
                tuple(label.name for label in labels_of(forge, pull.id)),
                tuple((comment.author, comment.body) for comment in list_comments(forge, repo, pull.number)),
            )
    return state


@contextmanager
def _killed_at(number: int, *, after: bool) -> Iterator[None]:
    """The process ends at its request of that number, before it is sent or before its answer is read."""
    send = Transport.send
    sent = 0

    def sending(transport: Transport, *arguments: object, seconds: float) -> Answer:
        nonlocal sent
        sent += 1
        if sent != number:
            return send(transport, *arguments, seconds=seconds)  # type: ignore[arg-type]
        if after:
            send(transport, *arguments, seconds=seconds)  # type: ignore[arg-type]
        raise Killed

    with patch.object(Transport, "send", sending):
        yield


def _run_into(platform: SmallPlatform, fault: str, number: int) -> None:
    """The run that goes wrong; how it ends is not the point."""
    if fault.startswith("killed"):
        with pytest.raises(Killed), _killed_at(number, after=fault.endswith("after")):
            platform.apply()
    else:
        platform.sandbox.forge.faults.add(Fault(kind=fault, nth=number))
        platform.apply()
        assert platform.sandbox.forge.faults.hits, f"there was no request {number}"


def _cases(requests: int) -> Sequence[tuple[str, int]]:
    every = [(fault, number) for number in range(1, requests + 1) for fault in FAULTS]
    return every if FULL else sorted(random.Random(3).sample(every, len(every) // 10))


def test_the_run_does_all_there_is(prepared: Prepared) -> None:
    """The run under test opens, updates, merges the base, replaces, closes, labels and tells."""
    assert prepared.actions == {
        "open drift",
        "open unmanaged",
        "update desired-changed",
        "update conflict",
        "update unlabelled",
        "open recreate",
        "close drift-gone",
        "close left-fleet",
    }
    texts = repr(prepared.end)
    assert "stays as you committed it" in texts
    assert "This branch conflicts with its base in" in texts


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(PARTS))
def test_any_request_may_fail(
    prepared: Prepared, tmp_path: Path, part: int, record_property: Callable[[str, object], None]
) -> None:
    """Trees, pull requests, labels and comments are in the end those of a clean run, whichever request went wrong."""
    cases = _cases(len(prepared.requests))
    mine = cases[part::PARTS]
    failed = []
    for number, (fault, request) in enumerate(mine):
        with _copied(prepared.platform, prepared.folder, tmp_path / str(number)) as platform:
            try:
                _run_into(platform, fault, request)
                _until_quiet(platform)
                difference = _difference(prepared.end, _state(platform.sandbox))
            except AssertionError as error:
                difference = str(error)
            if difference:
                failed.append(f"{fault} at request {request}: {difference}")
    every = f"{len(prepared.requests)} requests by {len(FAULTS)} faults"
    record_property(f"count of kill sweep cases ({every})", len(mine))
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("request_pattern", ["POST .*/pulls$", "PATCH .*/git/refs/", "PATCH .*/pulls/"])
def test_a_process_that_is_killed(prepared: Prepared, tmp_path: Path, request_pattern: str) -> None:
    """The same with a real process and a real SIGKILL, while it waits for an answer."""
    with _copied(prepared.platform, prepared.folder, tmp_path / "data") as platform:
        faults = platform.sandbox.forge.faults
        faults.add(Fault(kind="hold", match=request_pattern))
        command = [str(SYNCBOT), "apply", *BRAKES, "--config", str(platform.config)]
        environment = {"PATH": os.environ["PATH"], **platform.environment}
        process = subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not faults.hits:
            with suppress(subprocess.TimeoutExpired):
                assert process.wait(0.05) is None
        process.kill()
        process.wait()
        _until_quiet(platform)
        assert not _difference(prepared.end, _state(platform.sandbox))


def _difference(clean: State, now: State) -> str:
    return "; ".join(
        f"{key}: {clean.get(key)} is now {now.get(key)}"
        for key in sorted(clean.keys() | now.keys())
        if clean.get(key) != now.get(key)
    )

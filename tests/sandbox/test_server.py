"""The server: restarts without loss, counts, waits, stops; `syncbot sandbox serve` as one runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from syncbot.cli.sandbox import sandbox as sandbox_command
from syncbot.errors import SyncbotError
from syncbot.sandbox import forge as forge_module
from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import commit_files, make_repo, merge_pull, move_branch

REPO = "repos/acme/api"


def snapshot(sandbox: Sandbox, token: str) -> dict[str, object]:
    """What the API says about `acme/api`, without the address it says it at."""
    paths = ("", "/pulls?state=all", "/pulls/1", "/issues/1/comments", "/issues/1/events", "/branches", "/labels")
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        texts = {path: client.get(f"{sandbox.api_url}/{REPO}{path}").text for path in paths}
    return {path: text.replace(sandbox.url.removeprefix("http:"), "") for path, text in texts.items()}


def test_restart_keeps_everything(tmp_path: Path) -> None:
    """After a restart on another port, the same token reads the same repositories, pull requests and log."""
    with Sandbox(tmp_path) as first:
        token = first.forge.issue_token("developer")
        base = make_repo(first, "acme/api", {"a": "a\n"})
        head = commit_files(first, "acme/api", "x", {"b": "b\n"})
        client = httpx.Client(base_url=first.api_url, headers={"Authorization": f"Bearer {token}"})
        client.post(f"{REPO}/pulls", json={"title": "T", "head": "x", "base": "main"})
        client.post(f"{REPO}/issues/1/comments", json={"body": "Hello"})
        client.post(f"{REPO}/issues/1/labels", json={"labels": ["syncbot"]})
        client.post(f"{REPO}/statuses/{head}", json={"state": "success"})
        client.close()
        merge_pull(first, "acme/api", 1)
        move_branch(first, "acme/api", "main", base)
        before = snapshot(first, token)
        log = first.stats()["forced_updates"]
    with Sandbox(tmp_path) as second:
        assert snapshot(second, token) == before
        assert second.stats()["forced_updates"] == log != []
        assert second.stats()["writes"] == 0


def test_counts_by_kind(sandbox: Sandbox, developer: httpx.Client) -> None:
    """Every request counts once under its kind, and as a write if it tried one, refused or not."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    developer.get(REPO)
    developer.post(f"{REPO}/pulls", json={})
    developer.put("nowhere")
    developer.post(sandbox.graphql_url, json={"query": "{ viewer { login } }"})
    httpx.get(f"{sandbox.url}/_sandbox/stats")
    assert sandbox.stats() == {
        "requests": {"rest": 3, "graphql": 1, "git": 0},
        "writes": 2,
        "limited": 0,
        "exhausted": 0,
        "forced_updates": [],
    }


def test_latency_is_added(sandbox: Sandbox) -> None:
    """An answer that takes longer than the client waits does not arrive."""
    sandbox.latency = 30
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(sandbox.api_url, timeout=httpx.Timeout(30, read=0.05))
    sandbox.latency = 0
    assert httpx.get(sandbox.api_url).status_code == 200


def test_every_timestamp_is_the_clocks(sandbox: Sandbox, developer: httpx.Client) -> None:
    """Set the clock, and repositories, commits, pull requests and events carry its time."""
    sandbox.forge.clock.set(datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC))
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    sandbox.forge.clock.advance(60)
    commit_files(sandbox, "acme/api", "x", {"b": "b\n"})
    pull = developer.post(f"{REPO}/pulls", json={"title": "T", "head": "x", "base": "main"}).json()
    assert (pull["base"]["repo"]["created_at"], pull["created_at"]) == ("2031-05-06T07:08:09Z", "2031-05-06T07:09:09Z")
    [commit] = developer.get(f"{REPO}/pulls/1/commits").json()
    assert commit["commit"]["committer"]["date"] == "2031-05-06T07:09:09Z"


def test_only_so_many_repositories_stay_open(
    sandbox: Sandbox, developer: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The least recently used repository is closed, and opened again when it is asked for."""
    monkeypatch.setattr(forge_module, "OPEN_REPOSITORIES", 2)
    for n in range(5):
        make_repo(sandbox, f"acme/r{n}", {"a": f"{n}\n"})
    for n in (0, 4, 0, 3):
        assert developer.get(f"repos/acme/r{n}/branches/main").status_code == 200


def test_loopback_only(sandbox: Sandbox) -> None:
    """The address is 127.0.0.1's."""
    assert sandbox.url.startswith("http://127.0.0.1:")
    assert sandbox.api_url == f"{sandbox.url}/api/v3"
    assert sandbox.graphql_url == f"{sandbox.url}/api/graphql"


def test_taken_port(sandbox: Sandbox, tmp_path: Path) -> None:
    """A port that is in use is said so."""
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(SyncbotError, match=f"cannot listen on 127.0.0.1:{port}"):
        Sandbox(tmp_path / "other", port)


def test_many_at_once(sandbox: Sandbox, bot_token: str) -> None:
    """Clients that read and write at the same moment all get their answer, and each write is done once."""
    head = make_repo(sandbox, "acme/api", {"a": "a\n"})
    headers = {"Authorization": f"Bearer {bot_token}"}

    def create(n: int) -> tuple[int, int]:
        with httpx.Client(base_url=sandbox.api_url, headers=headers) as client:
            body = {"ref": f"refs/heads/b/{n}", "sha": head}
            made = client.post(f"{REPO}/git/refs", json=body).status_code
            return made, client.get(f"{REPO}/contents/a", params={"ref": f"b/{n}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(create, range(24))) == {(201, 200)}
    assert sandbox.stats()["writes"] == 24


SERVE = [sys.executable, "-c", "from syncbot.cli.sandbox import sandbox; sandbox()", "serve"]


@contextmanager
def serving(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "HOME": str(home)}
    process = subprocess.Popen(
        [*SERVE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def exported(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    return dict(process.stdout.readline().strip().split("=", 1) for _ in range(3))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve(tmp_path: Path, stop: signal.Signals) -> None:
    """It prints three lines to export, serves the seeded repositories, and ends with 0 when asked to stop."""
    (tmp_path / "seed" / "acme" / "api").mkdir(parents=True)
    (tmp_path / "seed" / "acme" / "api" / "a").write_text("a\n")
    words = ("--data", str(tmp_path / "data"), "--seed", str(tmp_path / "seed"))
    tokens = []
    for _ in range(2):
        with serving(tmp_path, *words) as process:
            lines = exported(process)
            assert set(lines) == {"GITHUB_API_URL", "GITHUB_GRAPHQL_URL", "GITHUB_TOKEN"}
            headers = {"Authorization": f"Bearer {lines['GITHUB_TOKEN']}"}
            answer = httpx.get(f"{lines['GITHUB_API_URL']}/{REPO}", headers=headers)
            assert answer.json()["permissions"]["push"] is True
            process.send_signal(stop)
            out, err = process.communicate(timeout=30)
            assert (process.returncode, out) == (0, "")
            assert "git clone http://127.0.0.1:" in err
            tokens.append(lines["GITHUB_TOKEN"])
    assert tokens[0] == tokens[1]
    assert tokens[0].startswith("ghs_")


def test_serve_says_what_is_wrong_in_one_line(sandbox: Sandbox, tmp_path: Path) -> None:
    """A taken port, a data folder that is a file and a seed that is none: one sentence each, nothing served."""
    port = sandbox.url.rpartition(":")[2]
    (tmp_path / "file").write_text("x")
    wrong = {
        f"cannot listen on 127.0.0.1:{port}": ("--data", str(tmp_path / "new"), "--port", port),
        "cannot keep a sandbox here": ("--data", str(tmp_path / "file")),
        "is not a folder": ("--data", str(tmp_path / "other"), "--seed", str(tmp_path / "missing")),
    }
    handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    for sentence, words in wrong.items():
        with pytest.raises(SyncbotError, match=sentence) as caught:
            sandbox_command.main(["serve", *words], standalone_mode=False)
        assert "\n" not in str(caught.value)
    for name, handler in handlers.items():
        signal.signal(name, handler)

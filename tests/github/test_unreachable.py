"""When nothing can be done at all: one line that says which, exit code 1, no traceback, and never the token."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests.cli.harness import Platform, Result, platform_in
from tests.sandbox_support import make_repo

TOKEN = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform_in(tmp_path_factory.mktemp("unreachable")) as platform:
        platform.fleet("orders")
        make_repo(platform.sandbox, "acme/orders", {"README.md": "hello\n"})
        yield platform


class Answer(BaseHTTPRequestHandler):
    """Answers everything with the class's status, type and body."""

    status: ClassVar[int] = 200
    kind: ClassVar[str] = "text/html"
    body: ClassVar[bytes] = b"<!doctype html><title>Welcome</title>"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        self.send_header("Content-Type", self.kind)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def web_server(**members: object) -> Iterator[str]:
    """Something on a port of this computer that is not GitHub; answers its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Answer,), members)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def at(url: str) -> dict[str, str]:
    return {"GITHUB_API_URL": f"{url}/api/v3", "GITHUB_GRAPHQL_URL": f"{url}/api/graphql", "GITHUB_TOKEN": TOKEN}


def the_line(result: Result, exit_code: int = 1) -> str:
    """The one line that was said, on stderr, without the token."""
    assert result.exit_code == exit_code, result
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert TOKEN not in result.stdout + result.stderr
    return result.stderr


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize("command", ["plan", "apply", "status"])
def test_nothing_listens(fleet: Platform, command: str) -> None:
    """A closed port: the URL, that it cannot be reached, and the variable to look at."""
    port = closed_port()
    line = the_line(fleet.run(command, **at(f"http://127.0.0.1:{port}")))
    assert f"http://127.0.0.1:{port}" in line
    assert "cannot be reached" in line
    assert "GITHUB_API_URL" in line


def test_a_host_that_does_not_exist(fleet: Platform) -> None:
    """The same for a name that nobody answers to (.invalid is reserved for that)."""
    assert "github.invalid" in the_line(fleet.plan(**at("http://github.invalid")))


def test_a_wrong_token(fleet: Platform) -> None:
    """GITHUB_TOKEN is named, its value is not."""
    line = the_line(fleet.plan(GITHUB_TOKEN=TOKEN))
    assert "GITHUB_TOKEN" in line
    assert "Bad credentials" in line


@pytest.mark.parametrize("token", [None, "", "   "])
def test_no_token(fleet: Platform, token: str | None) -> None:
    """That it is not set is said before anything is sent."""
    before = fleet.sandbox.forge.counters.requests
    assert "GITHUB_TOKEN is not set" in the_line(fleet.plan(GITHUB_TOKEN=token), exit_code=2)
    assert fleet.sandbox.forge.counters.requests == before


@pytest.mark.parametrize("token", ["ghs_abc\nX-Evil: 1", "ghs_\u20ac", "ghs abc"])
def test_a_token_that_no_header_can_carry(fleet: Platform, token: str) -> None:
    """A token with a line end or other odd characters is an error in one line, and is not repeated."""
    line = the_line(fleet.plan(GITHUB_TOKEN=token), exit_code=2)
    assert "GITHUB_TOKEN" in line
    assert token.splitlines()[0] not in line


def test_a_wrong_path(fleet: Platform) -> None:
    """The right host and the wrong address: 404, and which variable holds it."""
    url = f"{fleet.sandbox.url}/api/graphq"
    line = the_line(fleet.plan(GITHUB_GRAPHQL_URL=url))
    assert url in line
    assert "404" in line
    assert "GITHUB_GRAPHQL_URL" in line


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"kind": "application/json", "body": b'{"hello": "world"}'},
        {"kind": "application/json", "body": b"[1, 2]"},
        {"kind": "application/json", "body": b'"text"'},
        {"kind": "application/json", "body": b'{"data": {"r0": '},
        {"kind": "application/json", "body": b""},
        {"kind": "application/json", "body": b'{"data": [], "errors": {}}'},
        {"kind": "application/json", "body": b'{"data": {"r0": []}, "errors": ["no"]}'},
        {"status": 404},
        {"status": 403, "kind": "application/json", "body": b'{"message": "Forbidden by a proxy"}'},
        {"status": 501},
    ],
)
def test_something_that_is_not_github(fleet: Platform, members: dict[str, object]) -> None:
    """A web server of another kind is said to be that, by its URL, and not taken at its word."""
    with web_server(**members) as url:
        assert url in the_line(fleet.plan(**at(url)))


def test_two_hosts(fleet: Platform) -> None:
    """A token must not be sent to two places by mistake: both variables are named, nothing is sent."""
    with web_server() as url:
        line = the_line(fleet.plan(GITHUB_GRAPHQL_URL=f"{url}/graphql"), exit_code=2)
    assert "GITHUB_API_URL" in line
    assert "GITHUB_GRAPHQL_URL" in line


@pytest.mark.parametrize("url", ["localhost:80", "ftp://github.example", "http://", "https://[::1", "http://a:b:c/"])
def test_no_url_at_all(fleet: Platform, url: str) -> None:
    """What is no http URL is quoted back with the variable's name."""
    assert "GITHUB_API_URL" in the_line(fleet.plan(GITHUB_API_URL=url, GITHUB_GRAPHQL_URL=None), exit_code=2)


def test_github_gives_up_on_everything(fleet: Platform) -> None:
    """502 on each read, however small: every repo fails as unreadable, and the report is still written."""
    with web_server(status=502) as url:
        result = fleet.plan(**at(url))
    assert result.exit_code == 1
    assert result.repo("acme/orders")["error"]["code"] == "unreadable"
    assert TOKEN not in result.stdout + result.stderr


def test_the_forge_goes_away_in_the_middle(tmp_path: Path) -> None:
    """Apply that loses GitHub after one repo reports what it did, says the line, and exits with 1."""
    with platform_in(tmp_path) as platform:
        platform.fleet("one", "two")
        for name in ("one", "two"):
            make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
        forge = platform.sandbox.forge
        token = forge.issue_token("acme-syncbot[bot]", type="Bot")
        real = forge.counters.write

        def write() -> None:
            real()
            if forge.counters.writes == 8:
                forge.store.execute("DELETE FROM tokens WHERE token = ?", token)

        forge.counters.write = write  # type: ignore[method-assign]
        result = platform.apply(GITHUB_TOKEN=token)
        assert result.exit_code == 1
        assert result.pulls() == [("acme/one", "opened")]
        assert result.stderr.startswith("error: ")
        assert "GITHUB_TOKEN" in result.stderr
        assert token not in result.stdout + result.stderr
        assert [action for _, action in platform.apply().pulls()] == ["unchanged", "opened"]

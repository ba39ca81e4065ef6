"""GitHub Apps: JSON web tokens, installations, tokens that are narrowed and expire, and every secret by name."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth, Github

from syncbot.sandbox.apps import create_app, install, secrets, uninstall
from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import make_repo

Client = Callable[[str | None], httpx.Client]
PERMISSIONS = {"contents": "write", "pull_requests": "write", "metadata": "read"}


@pytest.fixture
def app(sandbox: Sandbox) -> tuple[int, str]:
    """An App with acme, which has two private repositories."""
    for name in ("acme/api", "acme/web", "other/api"):
        make_repo(sandbox, name, {"a": "a\n"}, private=True)
    return create_app(sandbox.forge, "acme-syncbot", PERMISSIONS, ["acme"])


def assertion(app: tuple[int, str], *, at: float | None = None, **claims: object) -> str:
    app_id, key = app
    now = int(time.time() if at is None else at)
    return jwt.encode({"iss": str(app_id), "iat": now - 60, "exp": now + 540, **claims}, key, algorithm="RS256")


def token_for(client: Client, app: tuple[int, str], owner: str = "acme", **narrowing: object) -> httpx.Response:
    as_app = client(assertion(app))
    installation = as_app.get(f"orgs/{owner}/installation").json()
    return as_app.post(f"app/installations/{installation['id']}/access_tokens", json=narrowing)


def test_pygithub_works_as_the_app(sandbox: Sandbox, app: tuple[int, str]) -> None:
    """The client the bot uses gets in with id and key, and acts as the App's bot."""
    auth = Auth.AppAuth(*app)
    installation = sandbox.forge.store.execute("SELECT id FROM installations")[0]["id"]
    hub = Github(auth=auth.get_installation_auth(installation), base_url=sandbox.api_url)
    pull_into = hub.get_repo("acme/api")
    made = pull_into.create_git_blob("x", "utf-8")
    hub.close()
    assert made.sha


def test_an_installation_reaches_its_owner_alone(client: Client, app: tuple[int, str]) -> None:
    """Repositories of another owner are not there."""
    answer = token_for(client, app)
    issued = answer.json()
    assert (answer.status_code, issued["permissions"], issued["repository_selection"]) == (201, PERMISSIONS, "all")
    assert issued["token"].startswith("ghs_")
    hub = client(issued["token"])
    assert [one["name"] for one in hub.get("installation/repositories").json()["repositories"]] == ["api", "web"]
    assert hub.get("repos/other/api").status_code == 404
    assert hub.post("repos/acme/api/git/blobs", json={"content": "x"}).status_code == 201


def test_a_token_can_be_narrowed_but_not_widened(client: Client, app: tuple[int, str]) -> None:
    """To some repositories and permissions of those it has."""
    narrowed = token_for(client, app, repositories=["web"], permissions={"contents": "read"}).json()
    assert [one["name"] for one in narrowed["repositories"]] == ["web"]
    hub = client(narrowed["token"])
    assert hub.get("repos/acme/api").status_code == 404
    assert hub.post("repos/acme/web/git/blobs", json={"content": "x"}).status_code == 403
    assert token_for(client, app, permissions={"issues": "read"}).status_code == 422
    assert token_for(client, app, permissions={"contents": "admin"}).status_code == 422
    assert token_for(client, app, permissions="all").status_code == 422
    assert token_for(client, app, repositories=["none"]).status_code == 422


def test_a_token_lasts_an_hour_on_the_sandboxs_clock(sandbox: Sandbox, client: Client, app: tuple[int, str]) -> None:
    """To the second; then it is 401, and a new one is to be had with a JWT of either clock."""
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    sandbox.forge.clock.set(noon)
    issued = token_for(client, app).json()
    assert issued["expires_at"] == "2026-11-23T13:00:00Z"
    hub = client(issued["token"])
    sandbox.forge.clock.advance(3599)
    assert hub.get("repos/acme/api").status_code == 200
    sandbox.forge.clock.advance(1)
    expired = hub.get("repos/acme/api")
    assert (expired.status_code, expired.json()["message"]) == (401, "Bad credentials")
    for at in (time.time(), noon.timestamp() + 3600):
        assert client(assertion(app, at=at)).get("app").status_code == 200


def test_selected_repositories(sandbox: Sandbox, client: Client, app: tuple[int, str]) -> None:
    """An installation may hold some of an owner's repositories only."""
    other = create_app(sandbox.forge, "picky", PERMISSIONS, ["acme", "other"], ["acme/web"])
    hub = client(assertion(other))
    assert hub.get("repos/acme/web/installation").json()["repository_selection"] == "selected"
    assert hub.get("repos/acme/api/installation").status_code == 404
    assert token_for(client, other, repositories=["api"]).status_code == 422
    assert client(token_for(client, other).json()["token"]).get("repos/acme/api").status_code == 404
    assert client(token_for(client, other, owner="other").json()["token"]).get("repos/other/api").status_code == 404


def test_uninstalled(sandbox: Sandbox, client: Client, app: tuple[int, str]) -> None:
    """With the installation its tokens end, and a later one is another."""
    token = token_for(client, app).json()["token"]
    uninstall(sandbox.forge, app[0], "acme")
    assert client(token).get("repos/acme/api").status_code == 401
    assert client(assertion(app)).get("orgs/acme/installation").status_code == 404
    assert install(sandbox.forge, app[0], "acme").owner == "acme"
    assert token_for(client, app).status_code == 201


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"exp": int(time.time()) - 1000}, "must be a numeric value representing the future time"),
        ({"exp": int(time.time()) + 4000}, "'exp') is too far in the future"),
        ({"iat": int(time.time()) + 4000}, "'Issued at' claim ('iat')"),
        ({"iss": "99"}, "Integration not found"),
    ],
    ids=["expired", "too long", "from the future", "another App"],
)
def test_bad_claims(client: Client, app: tuple[int, str], claims: dict[str, object], message: str) -> None:
    """GitHub says what it dislikes about a JWT."""
    answer = client(assertion(app, **claims)).get("app")
    assert answer.status_code == 401
    assert message in answer.json()["message"]


def test_bad_signatures(client: Client, app: tuple[int, str]) -> None:
    """Signed by another key, or not a JWT at all."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for token in (assertion((app[0], stranger.decode())), "a.b.c"):
        answer = client(token).get("app")
        assert (answer.status_code, answer.json()["message"]) == (401, "A JSON web token could not be decoded")


def test_an_app_itself_may_do_nothing_to_repositories(client: Client, app: tuple[int, str]) -> None:
    """It has to take an installation's token first; nobody else may act as the App."""
    hub = client(assertion(app))
    assert hub.get("repos/acme/api").status_code == 404
    assert hub.get("user").status_code == 403
    assert client(None).get("app").status_code == 401
    assert client(None).get("installation/repositories").status_code == 403


def test_every_secret_is_known(sandbox: Sandbox, client: Client, app: tuple[int, str], developer_token: str) -> None:
    """Tokens of people and installations, the key, and JWTs that were shown, refused ones too."""
    shown = assertion(app)
    client(shown).get("app")
    client("x.y.z").get("app")
    issued = token_for(client, app).json()["token"]
    assert {shown, "x.y.z", issued, app[1], developer_token} <= set(secrets(sandbox.forge))

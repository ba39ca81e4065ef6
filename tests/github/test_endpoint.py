"""Who asks: a token or a GitHub App, on github.com or a server of one's own; and no secret where people can read it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.errors import ForgeError, SyncbotError
from syncbot.github import redact
from syncbot.github.connection import Connection
from syncbot.github.endpoint import App, Endpoint, PersonalToken, endpoint
from tests.github.standin import START, Asked, Says, StandIn

NOT_THERE = Says(status=404, body={"message": "Not Found"})
STATELESS = "ghs_12345_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhcHAiLCJpYXQiOjF9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


@pytest.fixture(scope="session")
def key() -> str:
    """A private key as GitHub offers it: PEM, PKCS#1."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture(autouse=True)
def forget_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test holds its own secrets only."""
    monkeypatch.setattr(redact, "_held", set())


# ---------------------------------------------------------------- from the environment


@pytest.mark.parametrize(
    ("api_url", "graphql_url", "expected"),
    [
        (None, None, ("https://api.github.com", "https://api.github.com/graphql")),
        ("", "", ("https://api.github.com", "https://api.github.com/graphql")),
        ("https://ghe.acme.example/api/v3", None, ("https://ghe.acme.example/api/v3", "https://ghe.acme.example/api/graphql")),
        ("https://ghe.acme.example/api/v3/", None, ("https://ghe.acme.example/api/v3", "https://ghe.acme.example/api/graphql")),
        ("https://api.acme.ghe.com", None, ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql")),
        ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/x", ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/x")),
    ],
)  # fmt: skip
def test_addresses(api_url: str | None, graphql_url: str | None, expected: tuple[str, str]) -> None:
    """github.com, GitHub Enterprise Server and Cloud with data residency: GraphQL's address follows from REST's."""
    environment = {"GITHUB_API_URL": api_url, "GITHUB_GRAPHQL_URL": graphql_url, "GITHUB_TOKEN": "ghp_x"}
    where = endpoint({name: value for name, value in environment.items() if value is not None})
    assert (where.api_url, where.graphql_url) == expected


def test_an_app_from_variables_or_a_file(key: str, tmp_path: Path) -> None:
    """The key as text, as text with literal \\n, and as a file are the same App; a token beside it is not used."""
    file = tmp_path / "app.pem"
    file.write_text(key)
    app = App(app_id="12345", private_key=key)
    for given_key in (
        {"SYNCBOT_APP_PRIVATE_KEY": key},
        {"SYNCBOT_APP_PRIVATE_KEY": key.replace("\n", "\\n")},
        {"SYNCBOT_APP_PRIVATE_KEY_FILE": str(file)},
    ):
        assert endpoint({"SYNCBOT_APP_ID": "12345", "GITHUB_TOKEN": "ghp_x"} | given_key).credentials == app


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "GITHUB_TOKEN is not set"),
        ({"SYNCBOT_APP_ID": "1"}, "SYNCBOT_APP_PRIVATE_KEY_FILE beside SYNCBOT_APP_ID: one of them"),
        ({"SYNCBOT_APP_PRIVATE_KEY": "x"}, "SYNCBOT_APP_ID is not"),
        ({"SYNCBOT_APP_ID": "a b", "SYNCBOT_APP_PRIVATE_KEY": "x"}, "SYNCBOT_APP_ID is no App id"),
        ({"SYNCBOT_APP_ID": "1", "SYNCBOT_APP_PRIVATE_KEY": "hunter22"}, "SYNCBOT_APP_PRIVATE_KEY holds no private"),
        (
            {"SYNCBOT_APP_ID": "1", "SYNCBOT_APP_PRIVATE_KEY": "-----BEGIN RSA PRIVATE KEY-----\naGVsbG8=\n"},
            "SYNCBOT_APP_PRIVATE_KEY holds no private key in PEM form",
        ),
        ({"SYNCBOT_APP_ID": "1", "SYNCBOT_APP_PRIVATE_KEY_FILE": "/nonexistent/app.pem"}, "cannot read /nonexistent"),
        (
            {"SYNCBOT_APP_ID": "1", "SYNCBOT_APP_PRIVATE_KEY": "x", "SYNCBOT_APP_PRIVATE_KEY_FILE": "y"},
            "one of them, not both",
        ),
    ],
)
def test_what_is_wrong_is_one_line(environment: dict[str, str], message: str) -> None:
    """Which variable, and what it should hold; never what it holds. It is the user's mistake: exit code 2."""
    with pytest.raises(SyncbotError, match=message) as caught:
        endpoint(environment)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    assert "hunter22" not in str(caught.value)


# ---------------------------------------------------------------- an App's tokens


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(START + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def token_number(number: int) -> str:
    return f"ghs_12345_{number:040}"


@contextmanager
def app_connection(standin: StandIn, key: str, owner: str = "acme") -> Iterator[Connection]:
    credentials = App(app_id="12345", private_key=key)
    where = Endpoint(api_url=standin.url, graphql_url=f"{standin.url}/graphql", credentials=credentials)
    connection = Connection(where, owner=owner, seconds_between_writes=1, clock=standin.clock, waiting=standin.waiting)
    try:
        yield connection
    finally:
        connection.close()


def installed(standin: StandIn, tokens: int = 1) -> None:
    """Scripts the installation's record and its first tokens, an hour each."""
    standin.script.append(Says(body={"id": 7, "app_slug": "acme-syncbot", "permissions": {"contents": "write"}}))
    for number in range(tokens):
        standin.script.append(token_answer(standin, number))


def token_answer(standin: StandIn, number: int) -> Says:
    body = {"token": token_number(number), "expires_at": stamp(standin.time - START + 3600)}
    return Says(status=201, body=body)


def used(asked: Asked) -> str:
    return asked.authorization.split(" ", 1)[1]


def test_an_installation_is_found_by_owner(standin: StandIn, key: str) -> None:
    """The App asks with a JWT signed by its key, and everything after that goes with the installation's token."""
    installed(standin)
    with app_connection(standin, key) as connection:
        connection.query("query { a }", {})
    first, second, third = standin.asked
    assert (first.method, first.path) == ("GET", "/orgs/acme/installation")
    assert (second.method, second.path) == ("POST", "/app/installations/7/access_tokens")
    assert used(third) == token_number(0)
    public = serialization.load_pem_private_key(key.encode(), None).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(used(first), pem, ["RS256"], options={"verify_exp": False, "verify_iat": False})
    assert claims["iss"] == "12345"
    assert claims["iat"] <= START < claims["exp"] <= claims["iat"] + 600
    assert (connection.rest, connection.writes) == (2, 0)


def test_a_personal_account_has_installations_too(standin: StandIn, key: str) -> None:
    """An owner that is no organization is looked for among users."""
    standin.script.append(Says(status=404, body={"message": "Not Found"}))
    installed(standin)
    with app_connection(standin, key) as connection:
        connection.query("query { a }", {})
    assert [asked.path for asked in standin.asked[:2]] == ["/orgs/acme/installation", "/users/acme/installation"]


def test_tokens_are_replaced_in_time(standin: StandIn, key: str) -> None:
    """Over three hours no request is sent with a token in its last minutes, and none is thrown away early."""
    installed(standin)
    ends = {token_number(0): 3600.0}
    with app_connection(standin, key) as connection:
        for step in range(36):
            if standin.time - START >= max(ends.values()) - 300:
                number = len(ends)
                standin.script.append(token_answer(standin, number))
                ends[token_number(number)] = standin.time - START + 3600
            connection.query("query { a }", {})
            standin.time += 300
            assert used(standin.asked[-1]) in ends, step
    queries = [asked for asked in standin.asked if asked.path == "/graphql"]
    assert len(queries) == 36
    assert all(asked.at <= ends[used(asked)] - 300 for asked in queries)
    assert len(standin.asked) == 36 + 1 + 4


def test_a_token_refused_in_the_middle_is_replaced_once(standin: StandIn, key: str) -> None:
    """401 for a write, which was not carried out: a fresh token and the same write; a second 401 is an error."""
    installed(standin)
    with app_connection(standin, key) as connection:
        connection.query("query { a }", {})
        refused = Says(status=401, body={"message": "Bad credentials"})
        standin.script = [refused, token_answer(standin, 1), Says(status=201, body={"sha": "x"})]
        assert connection.write("POST", "/repos/acme/a/git/commits", {}, bool) == {"sha": "x"}
        assert used(standin.asked[-1]) == token_number(1)
        standin.script = [refused, token_answer(standin, 2), refused]
        with pytest.raises(ForgeError, match="refuses the App's token"):
            connection.write("POST", "/repos/acme/a/git/commits", {}, bool)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            [Says(status=401, body={"message": "A JSON web token could not be decoded"})],
            "refuses the App 12345 with this private key",
        ),
        ([NOT_THERE, NOT_THERE, Says(status=404, body={"message": "Integration not found"})], "App 12345"),
        ([NOT_THERE, NOT_THERE, Says(body={"slug": "acme-syncbot"})], "acme-syncbot is not installed for"),
        (
            [Says(body={"id": 7}), Says(status=403, body={"message": "This installation has been suspended"})],
            "no token for acme: This installation has been suspended",
        ),
    ],
)  # fmt: skip
def test_what_an_app_is_refused_for(standin: StandIn, key: str, script: list[Says], message: str) -> None:
    """A bad key, an unknown App, no installation, a suspended one: one line each."""
    standin.script = list(script)
    with app_connection(standin, key) as connection, pytest.raises(ForgeError, match=message) as caught:
        connection.query("query { a }", {})
    assert "\n" not in str(caught.value)


# ---------------------------------------------------------------- secrets


def test_no_secret_in_any_log(standin: StandIn, key: str, caplog: pytest.LogCaptureFixture) -> None:
    """Every logger at DEBUG, PyGithub's own included, over a run with a refused token and errors: nothing shows."""
    caplog.set_level(logging.DEBUG)
    for name in ("github", "github.Requester", "urllib3"):
        caplog.set_level(logging.DEBUG, logger=name)
    installed(standin)
    with app_connection(standin, key) as connection:
        connection.query("query { a }", {})
        refused = Says(status=401, body={"message": f"Bad credentials {token_number(0)}"})
        standin.script = [refused, token_answer(standin, 1), Says(status=422, body={"message": token_number(1)})]
        with pytest.raises(Exception, match="422") as caught:
            connection.write("POST", "/repos/acme/a/git/commits", {"token": token_number(1)}, bool)
        shown = f"{connection.where!r} {connection.where} {connection.tokens!r} {connection!r} {vars(connection)!r}"
    assert "github.Requester" in {record.name for record in caplog.records}
    secrets = {used(asked) for asked in standin.asked} | {line for line in key.splitlines() if line[0] != "-"}
    assert len(secrets) > 20
    for secret in secrets:
        assert secret not in caplog.text
        assert secret not in shown
        assert secret not in redact.redact(str(caught.value))


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_0123456789abcdefABCDEF0123456789abcd",
        "ghs_0123456789abcdefABCDEF0123456789abcd",
        STATELESS,
        "gho_16C7e42F292c6912E7710c838347Ae178B4a",
        "github_pat_11ABCDEFG0123456789_abcdefghijklmnopqrstuvwxyz",
        "v1.1f699f1069f60xxx0123456789abcdef01234567".replace("x", "0"),
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTk5OTk5NDB9.abc-_DEF",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "token {}", '{{"token":"{}"}}', "https://x:{}@github.com/a/b.git", "({}),", "{}\n"]
)
def test_what_looks_like_a_secret(secret: str, around: str) -> None:
    """Every form of GitHub's tokens, wherever it stands, though nobody told of it."""
    shown = redact.redact(around.format(secret))
    assert secret not in shown
    assert secret[-12:] not in shown
    assert redact.HIDDEN in shown


def test_a_key_in_any_form(key: str) -> None:
    """A PEM block is hidden whole, on several lines or on one, cut short as well."""
    for text in (key, key.replace("\n", "\\n"), key[:300], repr(key)):
        shown = redact.redact(f"before {text}")
        assert "before ***" in shown.replace("'", "")
        assert not any(line in shown for line in key.splitlines()[1:4])


def test_a_held_secret_of_any_form(key: str) -> None:
    """What this process holds is hidden though it looks like nothing; of a key, each line."""
    redact.register_secret("correct horse battery")
    redact.register_secret(key)
    assert redact.redact("a correct horse battery b") == "a *** b"
    assert redact.redact(f"line: {key.splitlines()[5]}") == "line: ***"


@pytest.mark.parametrize(
    "text",
    [
        "POST /repos/acme/payments-api/git/commits -> 201 (left: 4990)",
        "acme/graphs_of_things sync: OpenPullRequest (drift)",
        "syncbot/sync-1 at 0123456789abcdef0123456789abcdef01234567",
        "https://github.com/acme/a/pull/3",
        "Bearer of good news, basic facts",
        "set GITHUB_TOKEN or SYNCBOT_APP_PRIVATE_KEY_FILE",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Log lines keep their sense."""
    assert redact.redact(text) == text


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(), st.text())
def test_any_text_around_a_held_secret(before: str, after: str) -> None:
    """Whatever stands beside it, it is gone; and redacting never fails."""
    redact.register_secret("held-secret-0123456789")
    assert "held-secret-0123456789" not in redact.redact(f"{before}held-secret-0123456789{after}")


def test_a_traceback_is_redacted() -> None:
    """Message, traceback and stack of a record, whoever formats it afterwards."""
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "%s", (STATELESS,), None, sinfo=STATELESS)
    try:
        raise ValueError(STATELESS)
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    assert redact.Redaction().filter(record)
    text = logging.Formatter().format(record)
    assert "Traceback" in text
    assert STATELESS[-20:] not in text


def test_a_token_is_in_no_repr() -> None:
    """Neither a personal token nor an App shows its secret when printed."""
    for credentials in (PersonalToken(token="ghp_shown"), App(app_id="1", private_key="ghp_shown")):
        where = Endpoint(api_url="https://x", graphql_url="https://x/graphql", credentials=credentials)
        assert "ghp_shown" not in repr(where) + str(credentials)

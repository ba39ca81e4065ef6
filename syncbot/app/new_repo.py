"""A new service's repository: a folder becomes a git repository with one commit, and then a repo on GitHub.

The token reaches git in its environment alone: no command line, no URL and no settings file holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from syncbot.errors import FailureCode, ForgeError, RepoError, SyncbotError
from syncbot.git import GitError, act
from syncbot.github.connection import Connection
from syncbot.github.endpoint import PersonalToken
from syncbot.model.files import File
from syncbot.render.sources import write_files

BRANCH = "main"
_TOKEN = "SYNCBOT_GIT_TOKEN"
_HELPER = f"""!f() {{ test "$1" = get && echo username=x-access-token && echo "password=${_TOKEN}"; }}; f"""


def write_service(folder: Path, files: Mapping[str, File]) -> None:
    """Write a new service's files. Raises SyncbotError for a folder that cannot be written."""
    try:
        write_files(folder, files)
    except OSError as error:
        raise SyncbotError(f"{folder}: {error.strerror}") from error


def first_commit(folder: Path, message: str) -> None:
    """`git init` and one commit of everything, as the person that git knows. Raises SyncbotError with git's words."""
    act(folder, "init", "--quiet", f"--initial-branch={BRANCH}")
    # Whatever a personal ignore file says: what the template renders is committed.
    act(folder, "add", "--all", "--force")
    act(folder, "commit", "--quiet", "--message", message)


def create(connection: Connection, organization: str, name: str, visibility: str) -> str:
    """An empty repo on GitHub; answers the URL to push to. Raises RepoError, UncertainError and ForgeError."""
    body = {"name": name, "private": visibility != "public", "visibility": visibility, "auto_init": False}
    full_name = f"{organization}/{name}".casefold()
    made = connection.write(
        "POST", f"/orgs/{organization}/repos", body, lambda repo: bool(repo["full_name"].casefold() == full_name)
    )
    url = made.get("clone_url")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise ForgeError(f"{organization}/{name} was created, but GitHub does not say where to push")
    return url


def push(folder: Path, url: str, connection: Connection) -> None:
    """Push the branch to the new repo, as the identity of `connection`. Raises RepoError with git's words."""
    credentials = connection.where.credentials
    if isinstance(credentials, PersonalToken):
        token = credentials.token
    else:
        assert connection.tokens is not None
        token = connection.tokens.token()
    act(folder, "remote", "add", "origin", url)
    # The first, empty helper takes away those of this computer, which could offer somebody else's password.
    settings = {"credential.helper": "", f"credential.{url}.helper": _HELPER}
    pairs = list(settings.items())
    environment = {
        _TOKEN: token,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(pairs)),
        **{f"GIT_CONFIG_KEY_{index}": key for index, (key, _) in enumerate(pairs)},
        **{f"GIT_CONFIG_VALUE_{index}": value for index, (_, value) in enumerate(pairs)},
    }
    try:
        act(folder, "push", "--quiet", "--set-upstream", "origin", BRANCH, environment=environment)
    except GitError as error:
        raise RepoError(FailureCode.PUSH, f"{url} was created, but not pushed to: {error}") from error


def set_topics(connection: Connection, repository: str, topics: tuple[str, ...]) -> None:
    """Set the topics of a repo, by which people find it. Raises RepoError and ForgeError."""
    connection.write(
        "PUT", f"/repos/{repository}/topics", {"names": list(topics)}, lambda now: set(now["names"]) == set(topics)
    )

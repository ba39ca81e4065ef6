"""acme/api on a forge in process: how to write to it, propose to it, and ask it by GraphQL."""

from __future__ import annotations

from typing import Any

from syncbot.sandbox import graphql
from syncbot.sandbox.forge import EVERYTHING, Forge
from syncbot.sandbox.gitdata import put_file
from syncbot.sandbox.issues import add_labels
from syncbot.sandbox.pulls import create_pull
from syncbot.sandbox.records import Identity, RepoRow
from syncbot.sandbox.refs import set_ref

BOT = Identity(login="acme-syncbot[bot]", type="Bot", permissions=EVERYTHING)
ADA = Identity(login="ada", permissions=EVERYTHING)


def write(forge: Forge, repo: RepoRow, who: Identity, path: str, content: bytes, branch: str = "main") -> str:
    present = forge.git(repo).entry(branch, path)
    return put_file(
        forge,
        who,
        repo,
        path,
        content=content,
        message=f"Write {path}",
        sha=present.oid if present else None,
        branch=branch,
    )


def propose(forge: Forge, repo: RepoRow, branch: str, content: bytes = b"FROM node:22\n") -> int:
    """A pull request of the bot that changes the Dockerfile; answers its number."""
    set_ref(forge, BOT.login, repo, f"refs/heads/{branch}", forge.git(repo).branch("main"))
    write(forge, repo, BOT, "Dockerfile", content, branch)
    pull = create_pull(forge, BOT, repo, title="Move to Node 22", head=branch, base="main", body="Why")
    add_labels(forge, BOT, repo, pull.number, ("syncbot",))
    return pull.number


def ask(forge: Forge, text: str, who: Identity = ADA, **variables: object) -> dict[str, Any]:
    return graphql.answer(forge, who, text, variables)


def of_repo(forge: Forge, fields: str, who: Identity = ADA) -> Any:
    """The repository's fields, from an answer without errors."""
    found = ask(forge, f'{{ repository(owner: "acme", name: "api") {{ {fields} }} }}', who)
    assert "errors" not in found, found
    return found["data"]["repository"]


def of_pull(forge: Forge, number: int, fields: str) -> Any:
    return of_repo(forge, f"pullRequest(number: {number}) {{ {fields} }}")["pullRequest"]

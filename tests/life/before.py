"""The bot as it was before moves were apart: its branches, locks, trailers and texts, written here by hand.

Its first contact were two pull requests, `sync` for what a repo lacked and `adopt` for what it had; versions moved in
`sync`, a Postgres major in `postgres-<major>`; trailers named no moves, and a stanza of the lock had ids and a commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pygit2
from jinja2 import Environment, StrictUndefined

from syncbot.cli.sandbox import BOT
from syncbot.sandbox.issues import add_labels
from syncbot.sandbox.pulls import create_pull
from tests.cli.harness import LOCK, git
from tests.life.small import FILES, SmallPlatform
from tests.sandbox_support import commit_files, find, identity, read_file

HEADER = """\
# What syncbot delivered to this repo, as it was rendered then. Written by syncbot alone; it holds no settings.
version = 1
"""
BODY = """\
{owners} changed what your repo gets from the platform template, so this pull request brings it here.

| File | Change | Why |
|---|---|---|
{rows}

<details>
<summary>Not now?</summary>

- Close this pull request: these versions are not proposed again.
- `/syncbot decline until YYYY-MM-DD because …`: not before the day after that, and the reason is on record

</details>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The old bot in one repo."""

    platform: SmallPlatform
    repo: str = "acme/one"

    @property
    def config(self) -> str:
        return git(self.platform.root, "rev-parse", "HEAD").strip()

    def render(self, **answers: object) -> dict[str, str]:
        """The owned files for these answers."""
        given: dict[str, object] = {"version": 1, "port": 1000, "extra": False}
        given |= {"node_version": "none", "postgres_version": "none"} | answers
        given |= {"has_node": given["node_version"] != "none", "has_postgres": given["postgres_version"] != "none"}
        given |= {"service_name": self.repo.rpartition("/")[2], "team": "@acme/services", "owners": "@acme/platform"}
        jinja = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
        folder = self.platform.root / "templates/small/files"
        paths = {name: jinja.from_string(name.removesuffix(".jinja")).render(given) for name in FILES}
        return {
            path: jinja.from_string((folder / name).read_text()).render(given) for name, path in paths.items() if path
        }

    def lock(self, branch: str, files: Mapping[str, str]) -> str:
        """The lock of a branch with stanzas for these files, none of which has more than a commit."""
        stanzas = _stanzas((read_file(self.platform.sandbox, self.repo, branch, LOCK) or b"").decode())
        for path, content in files.items():
            stanzas[path] = (
                f'\n[files."{path}"]\nid = "{_id(content)}"\nmode = "100644"\ntemplate = "small"\n'
                f'config = "{self.config}"\n'
            )
        return HEADER + "".join(stanzas[path] for path in sorted(stanzas))

    def open(self, changeset: str, title: str, files: Mapping[str, str], *, branch: int = 1) -> int:
        """A pull request of it, from the changeset's branch of that number, of one commit; answers its own number."""
        name, sandbox = f"syncbot/{changeset}-{branch}", self.platform.sandbox
        claims = [f"100644 {_id(files[path])} {path}" for path in sorted(files)]
        digest = hashlib.sha256("".join(f"{claim}\n" for claim in claims).encode()).hexdigest()
        trailers = [f"Syncbot-Changeset: {changeset}", f"Syncbot-Digest: {digest}"]
        trailers += [f"Syncbot-File: {claim}" for claim in claims]
        message = f"{title}\n\nFrom the platform template.\n\n" + "\n".join(trailers) + "\n"
        content = {**files, LOCK: self.lock("main", files)}
        commit_files(sandbox, self.repo, name, content, author=BOT, message=message)
        rows = "\n".join(
            f"| `{path}` | updated | the template changed since it was last delivered here |" for path in files
        )
        who, forge = identity(BOT), sandbox.forge
        with forge.store.transaction():
            repo = find(sandbox, self.repo)
            text = BODY.format(owners="@acme/platform", rows=rows)
            pull = create_pull(forge, who, repo, title=title, head=name, base="main", body=text)
            add_labels(forge, who, repo, pull.number, ("syncbot",))
        return pull.number


def _stanzas(lock: str) -> dict[str, str]:
    parts = lock.split("\n[files.")[1:]
    return {part.split('"')[1]: f"\n[files.{part}" for part in parts}


def _id(content: str) -> str:
    return str(pygit2.hash(content.encode()))

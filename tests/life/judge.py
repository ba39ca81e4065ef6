"""Judge: what must be true of a sandbox whatever went wrong, from its own tables and its git, and from nothing else.

Knows nothing of how the bot plans: what a commit or a text claims is held against the tree that stands behind it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping

import pygit2

from syncbot.cli.sandbox import BOT
from syncbot.sandbox.issues import list_comments
from syncbot.sandbox.pulls import get_pull, list_pulls, pull_commits
from syncbot.sandbox.records import PullRow, RepoRow
from syncbot.sandbox.repository import Repository
from syncbot.sandbox.server import Sandbox
from tests.cli.harness import LOCK, Result
from tests.life.prepared import MACHINE
from tests.sandbox_support import find, identity

OURS = (BOT, MACHINE)
_MARK = re.compile(rb"human-\d+-")
_CLAIM = re.compile(r"^Syncbot-File: (?:(?P<mode>\d{6}) (?P<id>[0-9a-f]{40})|removed) (?P<path>.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| `(?P<path>[^`]+)` \| (?P<change>[^|]+) \|", re.MULTILINE)
_MIXED_IN = b"# Where it runs\nname = updates\nport = 2000\n\nhost = any\n\nlevel = info\n"
"""What is rendered only to be mixed with somebody's lines, so that no repo holds it by itself."""
_BLOCK = re.compile(rb"^# BEGIN syncbot\n.*?^# END syncbot\n?", re.MULTILINE | re.DOTALL)


def repos(sandbox: Sandbox) -> tuple[RepoRow, ...]:
    return tuple(sandbox.forge.repos_of(identity("developer"), "acme"))


def main_heads(sandbox: Sandbox) -> Mapping[str, str | None]:
    """The head of each repo's default branch."""
    return {repo.name: sandbox.forge.git(repo).branch(repo.default_branch) for repo in repos(sandbox)}


def peoples_lines(sandbox: Sandbox) -> frozenset[tuple[str, str, bytes]]:
    """The marks of people's lines, by repo and branch."""
    return frozenset(
        (repo.name, branch, mark)
        for repo in repos(sandbox)
        for branch, head in sandbox.forge.git(repo).branches()
        for entry in _files(sandbox.forge.git(repo), head).values()
        for mark in _MARK.findall(sandbox.forge.git(repo).blob(entry[1]) or b"")
    )


def damage(sandbox: Sandbox, mains: Mapping[str, str | None], lines: frozenset[tuple[str, str, bytes]]) -> list[str]:
    """What must never be, not even for a moment: a second pull request, a forced ref, a moved main, a lost line."""
    found = [f"{row} was forced" for row in sandbox.forge.store.execute("SELECT repo, ref FROM forced_updates")]
    found += [f"main of {name} moved" for name, head in main_heads(sandbox).items() if mains.get(name) != head]
    found += [f"{line} is gone" for line in sorted(lines - peoples_lines(sandbox))]
    for repo in repos(sandbox):
        opened = [pull.head_ref.rpartition("-")[0] for pull in _opened(sandbox, repo)]
        found += [f"{repo.name} has two of {name}" for name in set(opened) if opened.count(name) > 1]
        for pull in _opened(sandbox, repo):
            found += _unheld(sandbox, repo, pull)
    return found


def lies(sandbox: Sandbox, result: Result) -> list[str]:
    """What the report of a run says of pull requests that is not so."""
    found = []
    for said in result.json["pull_requests"] if result.stdout else []:
        pull = get_pull(sandbox.forge, find(sandbox, said["repo"]), said["number"])
        is_open = pull.state == "open"
        if (
            (said["action"] == "closed") == is_open
            or (is_open and pull.head_sha != said["head"])
            or pull.author not in OURS
        ):
            found.append(f"{said['repo']}#{said['number']} is said to be {said['action']} at {said['head']}")
    return found


def outcry(result: Result, tokens: tuple[str, ...]) -> list[str]:
    """What no output may hold."""
    text = result.stdout + result.stderr
    codes = [repo["error"]["code"] for repo in result.json["repos"] if repo["error"]] if result.stdout else []
    found = ["a traceback"] if "Traceback" in text or "bug" in codes else []
    found += ["a token"] if any(token in text for token in tokens) else []
    return found + ([] if result.exit_code in (0, 1) else [f"exit code {result.exit_code}: {result.stderr}"])


def false_words(sandbox: Sandbox) -> list[str]:
    """What an open pull request says in its title, table and comments that its branch does not do."""
    found = []
    for repo in repos(sandbox):
        for pull in _opened(sandbox, repo):
            found += [f"{repo.name}#{pull.number} {word}" for word in _false_words(sandbox, repo, pull)]
    return found


def _opened(sandbox: Sandbox, repo: RepoRow) -> list[PullRow]:
    pulls = list_pulls(sandbox.forge, repo, states=("OPEN",), descending=False)
    return [pull for pull in pulls if pull.author in OURS]


def _false_words(sandbox: Sandbox, repo: RepoRow, pull: PullRow) -> Iterator[str]:
    git = sandbox.forge.git(repo)
    changed = _changed(git, pull)
    rows = {row["path"]: row["change"].strip() for row in _ROW.finditer(pull.body.replace("\r\n", "\n"))}
    for path, change in rows.items():
        if path not in changed:
            yield f"has {path} ({change}) in its table, and does not change it"
        elif (change == "removed") != (changed[path] is None):
            yield f"has {path} as {change} in its table"
    for path in changed.keys() - rows.keys():
        if not _MARK.search(changed[path] or b""):
            yield f"changes {path}, which is not in its table"
    for name in ("tool.conf", "run.ini", "extra.conf", "CODEOWNERS"):
        if name in pull.title and not any(path.endswith(name) for path in changed):
            yield f"is titled {pull.title}, and does not change {name}"
    for comment in list_comments(sandbox.forge, repo, pull.number):
        said = next((line for line in comment.body.splitlines() if "as you committed it" in line), "")
        if comment.author in OURS and said:
            for path in re.findall(r"`([^`\s]+\.(?:conf|ini))`", said):
                if not _MARK.search(git.blob(_files(git, pull.head_sha)[path][1]) or b""):
                    yield f"says that {path} is as somebody committed it"


def _changed(git: Repository, pull: PullRow) -> Mapping[str, bytes | None]:
    """What the pull request changes, as its diff shows it: from where it left its base to its head."""
    base = git.branch(pull.base_ref)
    assert base is not None
    ancestor = git.compare(base, pull.head_sha).merge_base
    before, after = _files(git, str(ancestor)), _files(git, pull.head_sha)
    return {
        path: git.blob(after[path][1]) if path in after else None
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    }


def _unheld(sandbox: Sandbox, repo: RepoRow, pull: PullRow) -> Iterator[str]:
    """What trailers and lock of the bot's last commit on the branch claim, and its tree does not hold."""
    git = sandbox.forge.git(repo)
    for commit in reversed(pull_commits(sandbox.forge, repo, pull)):
        if _CLAIM.search(commit.message):
            break
    else:
        return
    files = _files(git, str(commit.id))
    claims = {claim["path"]: claim["id"] for claim in _CLAIM.finditer(commit.message)}
    for path, oid in claims.items():
        if not _holds(git, files.get(path), oid):
            yield f"{repo.name}#{pull.number}: {path} is not {oid}, as the trailers say"
    recorded = _lock(git, files)
    base = git.branch(pull.base_ref)
    for path in recorded.items() - _lock(git, _files(git, base or "")).items():
        if not _holds(git, files.get(path[0]), path[1]):
            yield f"{repo.name}#{pull.number}: {path[0]} is not {path[1]}, as the lock says"


def _lock(git: Repository, files: Mapping[str, tuple[int, str]]) -> Mapping[str, str]:
    text = git.blob(files[LOCK][1]) if LOCK in files else None
    stanzas = tomllib.loads((text or b"").decode()).get("files", {})
    # A path to which nothing was delivered has a header alone.
    return {path: stanza["id"] for path, stanza in stanzas.items() if stanza}


def _holds(git: Repository, entry: tuple[int, str] | None, oid: str | None) -> bool:
    """Whether a file is that, or holds it as its block, or somebody's lines were merged into it."""
    if entry is None or oid is None:
        return entry is None and oid is None
    content = git.blob(entry[1]) or b""
    block = _BLOCK.search(content)
    ids = {entry[1]} | ({_blob_id(block[0])} if block else set())
    wanted = git.blob(oid) or (_MIXED_IN if oid == _blob_id(_MIXED_IN) else None)
    return oid in ids or (wanted is not None and _is_mixed(content, wanted))


def _is_mixed(content: bytes, wanted: bytes) -> bool:
    """Whether each line of what is wanted is there, but for one at most, beside lines of people."""
    missing = set(wanted.splitlines()) - set(content.splitlines())
    return bool(_MARK.search(content)) and len(missing) <= len(_MARK.findall(content))


def _blob_id(content: bytes) -> str:
    return str(pygit2.hash(content))


def _files(git: Repository, commit: str) -> Mapping[str, tuple[int, str]]:
    """Mode and id of each file of a commit."""
    found: dict[str, tuple[int, str]] = {}
    folders = [("", git.raw[commit].peel(pygit2.Tree))]
    while folders:
        above, tree = folders.pop()
        for entry in tree:
            if isinstance(entry, pygit2.Tree):
                folders.append((f"{above}{entry.name}/", entry))
            else:
                found[f"{above}{entry.name}"] = (int(entry.filemode), str(entry.id))
    return found

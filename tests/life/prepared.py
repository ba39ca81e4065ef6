"""A fleet before an `apply` that does all there is, copied for each case, and the end that a clean run brings.

Seven repos in which one `apply` opens, updates, merges the base, replaces, closes, labels and comments, and one that
left the fleet: at first contact all but one, which was adopted and in which versions move. The bot is a machine user;
two of the repos require signatures, so that GitHub makes the commits there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pygit2

from syncbot.sandbox.issues import create_comment, labels_of, list_comments
from syncbot.sandbox.pulls import get_pull, list_pulls
from syncbot.sandbox.roles import set_role
from syncbot.sandbox.server import Sandbox
from tests.cli.harness import Result
from tests.life.small import SmallPlatform
from tests.life.world import START
from tests.sandbox_support import commit_files, find, identity, make_repo, merge_pull, protect, read_file

MOST_RUNS = 4
LISTED = ("updates", "merges", "closes", "replaces", "tells", "moves")
SIGNED = ("opens", "updates")
MACHINE = "sync-machine"
ADOPT, NODE = "syncbot/adopt-1", "syncbot/node-1"

State = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The data folder of a sandbox before the run, the platform repo, and how a clean run ends."""

    folder: Path
    platform: SmallPlatform
    requests: tuple[str, ...]
    actions: frozenset[str]
    end: State


def prepare(folder: Path) -> Prepared:
    """Below `folder`."""
    with Sandbox(folder / "data") as sandbox:
        platform = _prepare(folder, sandbox)
    with copied(platform, folder / "data", folder / "clean") as clean:
        first = clean.apply()
        assert first.exit_code == 0, first.stderr
        requests = tuple(clean.sandbox.forge.counters.log)
        assert until_quiet(clean) == 1
        end = state_of(clean.sandbox)
    actions = frozenset(f"{c['action']} {c['reason_code']}" for repo in first.json["repos"] for c in repo["changesets"])
    return Prepared(folder=folder / "data", platform=platform, requests=requests, actions=actions, end=end)


def _prepare(folder: Path, sandbox: Sandbox) -> SmallPlatform:
    sandbox.forge.clock.set(START)
    platform = SmallPlatform(folder / "platform", sandbox)
    start = {"README.md": "hello\n", "src/app.txt": "1\n2\n3\n"}
    for name in ("opens", "left", *LISTED):
        own = {"tool.conf": "# ours\n"} if name in ("opens", "tells") else {}
        make_repo(sandbox, f"acme/{name}", start | own)
    platform.environment["GITHUB_TOKEN"] = sandbox.forge.issue_token(MACHINE)
    answers_of: dict[str, dict[str, object]] = {name: {} for name in LISTED}
    moves: dict[str, object] = {"node_version": "18", "postgres_version": "16"}
    answers_of["moves"] = moves
    _deliver(platform, answers_of, "left")
    merge_pull(sandbox, "acme/moves", 1)
    moves["node_version"] = "22"
    _deliver(platform, answers_of, "left")
    _people(sandbox)
    answers_of["updates"] = {"version": 2, "port": 2000}
    moves |= {"version": 2, "postgres_version": "17"}
    _config(platform, answers_of, "opens")
    for name in SIGNED:
        protect(sandbox, f"acme/{name}", signatures=True)
    return platform


def _config(platform: SmallPlatform, own: Mapping[str, Mapping[str, object]], other: str) -> None:
    """The fleet with the answers of each."""
    listed = ({"name": name, "answers": dict(answers)} for name, answers in own.items())
    platform.fleet(other, *listed, identities=[MACHINE])


def _deliver(platform: SmallPlatform, own: Mapping[str, Mapping[str, object]], other: str) -> None:
    _config(platform, own, other)
    done = platform.apply()
    assert done.exit_code == 0, done


def _people(sandbox: Sandbox) -> None:
    """What people do meanwhile: they commit to branches, to main, and comment; and a label got lost."""

    def text(repo: str, path: str, branch: str = ADOPT) -> str:
        return (read_file(sandbox, f"acme/{repo}", branch, path) or b"").decode()

    mine = (
        text("updates", "tool.conf").replace("version = 1", "version = human-1-").replace("all = yes", "all = human-2-")
    )
    ini = text("updates", "run.ini").replace("level = info", "level = human-3-")
    commit_files(sandbox, "acme/updates", ADOPT, {"tool.conf": mine, "run.ini": ini, "src/new.txt": "human-4-\n"})
    theirs = text("merges", "run.ini").replace("port = 1000", "port = human-5-")
    commit_files(sandbox, "acme/merges", "main", {"run.ini": theirs})
    commit_files(sandbox, "acme/merges", ADOPT, {"src/app.txt": "1\n2\nhuman-6-\n"})
    paths = ("tool.conf", "run.ini", ".github/CODEOWNERS")
    commit_files(sandbox, "acme/closes", "main", {path: text("closes", path) for path in paths})
    commit_files(sandbox, "acme/replaces", ADOPT, {"src/app.txt": "human-7-\n"})
    commit_files(sandbox, "acme/tells", ADOPT, {"src/app.txt": "1\nhuman-8-\n3\n"})
    commit_files(sandbox, "acme/tells", "main", {"src/app.txt": "1\nhuman-9-\n3\n"})
    with sandbox.forge.store.transaction():
        who = identity("developer")
        set_role(sandbox.forge, find(sandbox, "acme/replaces"), who.login, "write")
        create_comment(sandbox.forge, who, find(sandbox, "acme/replaces"), 1, "/syncbot recreate")
        (node,) = list_pulls(sandbox.forge, find(sandbox, "acme/moves"), head=NODE)
        sandbox.forge.store.execute("DELETE FROM pull_labels WHERE pull_id = ?", node.id)


@contextmanager
def copied(platform: SmallPlatform, data: Path, target: Path) -> Iterator[SmallPlatform]:
    """The platform before a copy of the sandbox in `data`, an hour later."""
    shutil.copytree(data, target)
    try:
        with Sandbox(target) as sandbox:
            sandbox.forge.clock.set(START)
            sandbox.forge.clock.advance(3600)
            yield platform.on(sandbox)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def until_quiet(platform: SmallPlatform) -> int:
    """How many runs it took until one had nothing to write."""
    for number in range(1, MOST_RUNS + 1):
        done = platform.apply()
        if done.exit_code == 0 and done.writes == 0:
            return number
    raise AssertionError(f"still at it after {MOST_RUNS} runs: {done.stdout}{done.stderr}")


def until_as(end: State, platform: SmallPlatform) -> str:
    """Run until all is as in `end`, whose next run has nothing to write; empty, or what is still different."""
    for _ in range(MOST_RUNS):
        if not difference(end, state_of(platform.sandbox)):
            return ""
        done = platform.apply()
        assert done.exit_code == 0, f"{done.stdout}{done.stderr}"
    return difference(end, state_of(platform.sandbox))


def lies(platform: SmallPlatform, result: Result) -> list[str]:
    """What the report says that is not so."""
    said = result.json["pull_requests"] if result.stdout else []
    forge = platform.sandbox.forge
    found = []
    for pull in said:
        there = get_pull(forge, find(platform.sandbox, pull["repo"]), pull["number"])
        closed = there.state != "open"
        if (pull["action"] == "closed") != closed or (not closed and there.head_sha != pull["head"]):
            found.append(f"{pull['repo']}#{pull['number']} is said to be {pull['action']} at {pull['head']}")
    return found


def state_of(sandbox: Sandbox) -> State:
    """All that people see: each branch's tree and last message, and each pull request with what was said on it."""
    forge = sandbox.forge
    assert not forge.store.execute("SELECT * FROM forced_updates")
    state: State = {}
    for repo in forge.repos_of(identity("developer"), "acme"):
        git = forge.git(repo)
        for branch, head in git.branches():
            commit = git.raw[head].peel(pygit2.Commit)
            state[f"{repo.name} {branch}"] = (str(commit.tree_id), commit.message.strip(), commit.author.name)
        for pull in list_pulls(forge, repo, descending=False):
            state[f"{repo.name} #{pull.number}"] = (
                (pull.title, pull.body, pull.state, pull.base_ref, pull.head_ref, pull.author),
                tuple(label.name for label in labels_of(forge, pull.id)),
                tuple((comment.author, comment.body) for comment in list_comments(forge, repo, pull.number)),
            )
    return state


def difference(clean: State, now: State) -> str:
    """What is not as a clean run leaves it; empty where all is."""
    return "; ".join(
        f"{key}: {clean.get(key)} is now {now.get(key)}"
        for key in sorted(clean.keys() | now.keys())
        if clean.get(key) != now.get(key)
    )

"""A fleet of two repos and the people in it: what they do, and how to look at it.

Every line that a person writes is one of its kind, so that it can be looked for in any commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal

import pygit2

from syncbot.cli.sandbox import BOT, DEVELOPER
from syncbot.model.files import LOCK_PATH
from syncbot.plan.pulls.trailers import Moves, Proposed, parse_trailers
from syncbot.sandbox.issues import (
    add_labels,
    create_comment,
    create_review,
    labels_of,
    list_comments,
    list_events,
    remove_label,
)
from syncbot.sandbox.merge_button import merge_branches
from syncbot.sandbox.pulls import edit_pull, list_pulls, pull_commits
from syncbot.sandbox.records import PullRow, RepoRow
from syncbot.sandbox.refs import rename_branch, set_ref
from syncbot.sandbox.refusal import Refusal
from syncbot.sandbox.repository import HEADS, Repository
from syncbot.sandbox.roles import set_role
from syncbot.sandbox.server import Sandbox
from tests.life.small import OWNED, SmallPlatform
from tests.sandbox_support import commit_files, find, identity, make_repo, merge_pull, move_branch

STRANGER = "stranger"
START = datetime(2027, 1, 1, tzinfo=UTC)
STARTS: Mapping[str, Mapping[str, str]] = {
    "one": {"README.md": "# One\n", "src/app.txt": "start\n", "tool.conf": "# ours from before\nversion = 0\n"},
    "two": {"README.md": "# Two\n", "src/app.txt": "start\n"},
}
MOVING = ("Dockerfile", "compose.yml")
PATHS = (*OWNED, "README.md", "src/app.txt")
_MARKER = re.compile(rb"human-\d+-")

Edit = Literal["insert", "replace", "append", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One repo at one moment: branches with their heads, pull requests, and how much was said on each."""

    name: str
    branches: Mapping[str, str]
    pulls: tuple[PullRow, ...]
    labels: Mapping[int, tuple[str, ...]]
    comments: Mapping[int, tuple[str, ...]]

    @property
    def opened(self) -> tuple[PullRow, ...]:
        return tuple(pull for pull in self.pulls if pull.state == "open")


class World:
    """Two repos below `folder`, listed in a config. Everything that is done is a method, so that it can be replayed."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.forge = sandbox.forge
        self.forge.clock.set(START)
        self.platform = SmallPlatform(folder / "platform", sandbox)
        self.ids: dict[str, int] = {}
        for name, files in STARTS.items():
            make_repo(sandbox, f"acme/{name}", files)
            row = find(sandbox, f"acme/{name}")
            self.ids[name] = row.id
            set_role(self.forge, row, DEVELOPER, "write")
            set_role(self.forge, row, STRANGER, "read")
        self.answers: dict[str, object] = {"node_version": "18", "postgres_version": "15"}
        self.own_answers: dict[str, dict[str, object]] = {name: {} for name in STARTS}
        self.owners = "@acme/platform"
        self.listed = dict.fromkeys(STARTS, True)
        self.listed_as = {name: name for name in STARTS}
        self.written = 0
        self.written_on: dict[bytes, str] = {}
        self.configure()

    # ------------------------------------------------------------ reading

    def repo(self, name: str) -> RepoRow:
        """The row of a repo by its first name."""
        return self.forge.by_id(self.ids[name])

    def git(self, name: str) -> Repository:
        return self.forge.git(self.repo(name))

    def seen(self, name: str) -> Seen:
        repo = self.repo(name)
        pulls = list_pulls(self.forge, repo, descending=False)
        return Seen(
            name=repo.full_name,
            branches=dict(self.git(name).branches()),
            pulls=pulls,
            labels={pull.number: tuple(label.name for label in labels_of(self.forge, pull.id)) for pull in pulls},
            comments={
                pull.number: tuple(comment.body for comment in list_comments(self.forge, repo, pull.number))
                for pull in pulls
            },
        )

    def all_seen(self) -> dict[str, Seen]:
        return {name: self.seen(name) for name in STARTS}

    def ours(self, name: str, state: str = "open") -> list[PullRow]:
        """The bot's pull requests, oldest first."""
        pulls = list_pulls(self.forge, self.repo(name), states=(state.upper(),), descending=False)
        return [pull for pull in pulls if pull.author == BOT]

    def is_peoples(self, name: str, pull: PullRow) -> bool:
        """Whether somebody reopened it or committed to its branch."""
        repo = self.repo(name)
        events = [
            event for event in list_events(self.forge, repo, pull.number) if event.event in ("closed", "reopened")
        ]
        if events and events[-1].event == "reopened":
            return True
        committers = {commit.committer.email for commit in pull_commits(self.forge, repo, pull)}
        return any(self.forge.login_of_email(email) not in (BOT, "web-flow") for email in committers)

    def lines(self, name: str, commit: str) -> frozenset[bytes]:
        """The marks of people's lines in a commit."""
        return _lines_in(self.git(name).raw, commit)

    def was_on(self, name: str, commit: str, line: bytes) -> bool:
        """Whether a person's line was in this commit or one before it."""
        raw = self.git(name).raw
        return any(line in _lines_in(raw, str(past.id)) for past in raw.walk(commit))

    def read(self, name: str, revision: str, path: str) -> str | None:
        git = self.git(name)
        entry = git.entry(revision, path)
        content = git.blob(entry.oid) if entry else None
        return None if content is None else content.decode()

    def proposed(self, name: str, pull: PullRow) -> Proposed | None:
        """What the bot's last commit on its branch proposed."""
        commits = (parse_trailers(commit.message) for commit in pull_commits(self.forge, self.repo(name), pull))
        return next(({**trailers.proposed, **trailers.kept} for trailers in reversed(list(commits)) if trailers), None)

    def moves(self, name: str, pull: PullRow) -> Moves:
        """The values before and after of the moves that the bot's last commit on its branch said it brings."""
        commits = [parse_trailers(commit.message) for commit in pull_commits(self.forge, self.repo(name), pull)]
        return next((trailers.moves for trailers in reversed(commits) if trailers), {})

    def answer(self, name: str, was: Seen, pull: PullRow) -> str:
        """What a person's answer to a closed pull request was, if it stands and no word of theirs says otherwise."""
        if any("/syncbot" in comment for comment in was.comments[pull.number]):
            return ""
        if not was.labels[pull.number] and pull.head_ref not in was.branches:
            # Without its label and its branch there is nothing left by which the bot would find it again.
            return ""
        if pull.merged_at:
            git, base = self.git(name), self.repo(name).default_branch
            paths = self.proposed(name, pull) or {}
            before, now = pull.base_sha, was.branches[base]
            same = all(git.entry(before, path) == git.entry(now, path) for path in paths)
            asked_once = any(self._deleted_once(name, was, path, now) for path in paths)
            return "taken back" if same and not asked_once and pull.base_ref == base else ""
        events = list_events(self.forge, self.repo(name), pull.number, ("base_ref_deleted", "closed"))
        if [event.event for event in events][-2:] == ["base_ref_deleted", "closed"]:
            return ""
        return "" if events[-1].actor == BOT else "declined"

    def _deleted_once(self, name: str, was: Seen, path: str, commit: str) -> bool:
        """Whether a file was deleted after its only delivery: a revert would have taken its stanza of the lock too."""
        listed = f'[files."{path}"]' in (self.read(name, commit, LOCK_PATH) or "")
        merged = [self.proposed(name, pull) or {} for pull in was.pulls if pull.author == BOT and pull.merged_at]
        delivered = [proposed for proposed in merged if path in proposed]
        return listed and self.git(name).entry(commit, path) is None and len(delivered) < 2

    # ------------------------------------------------------------ what the platform team does

    def configure(self) -> None:
        """Write the config as it is wanted now, and commit it."""
        repos = [
            {"name": self.listed_as[name], "answers": self.own_answers[name]}
            for name, listed in self.listed.items()
            if listed
        ]
        self.platform.fleet(*repos, answers=self.answers, owners=self.owners)

    def change_template(self, what: str) -> None:
        """A line more, or that line less, in a file of the template."""
        (file,) = (self.platform.root / "templates" / "small" / "files").glob(f"*{what}*.jinja")
        text = file.read_text()
        more = "\n# later\n" if what in MOVING else "\nlater = yes\n"
        file.write_text(text.removesuffix(more) if text.endswith(more) else text + more)
        self.platform.commit(f"Change {what}")

    # ------------------------------------------------------------ what developers do

    def edit(self, name: str, branch: str, path: str, how: Edit, where: int) -> None:
        """Commit one change of one file to a branch."""
        text = self.read(name, branch, path)
        if (text is None) == (how in ("insert", "replace", "append", "delete")) and not (
            text is None and how == "append"
        ):
            return
        commit_files(self.sandbox, self.repo(name).full_name, branch, {path: self._edited(text, path, how, where)})
        if how != "delete":
            self.written_on[f"human-{self.written}-".encode()] = branch

    def _edited(self, text: str | None, path: str, how: Edit, where: int) -> str | None:
        if how == "delete":
            return None
        self.written += 1
        mark = f"# human-{self.written}- in {path}"
        lines = (text or "").splitlines()
        place = where % (len(lines) + 1)
        match how:
            case "insert":
                lines.insert(0 if path.endswith("CODEOWNERS") else place, mark)
            case "replace" if lines and not path.endswith("CODEOWNERS"):
                lines[place % len(lines)] = mark
            case _:
                lines.append(mark)
        return "\n".join(lines) + "\n"

    def update_branch(self, name: str, branch: str, on_conflict: str) -> None:
        """Merge the default branch into the bot's; a conflict is resolved by taking one whole side."""
        repo = self.repo(name)
        base = repo.default_branch
        try:
            with self.forge.store.transaction():
                merge_branches(self.forge, identity(DEVELOPER), repo, branch, base)
        except Refusal:
            git = self.git(name)
            tips = [git.branch(branch), git.branch(base)]
            tree = git.tree(tips[0 if on_conflict == "ours" else 1] or "")
            assert tree is not None
            parents = [tip for tip in tips if tip]
            self._commit(name, branch, str(tree.id), parents, f"Merge branch '{base}' into {branch}")

    def rewrite(self, name: str, branch: str, how: str) -> None:
        """Force-push: drop one's own last commit, reword it, or put all of the branch into one commit."""
        git = self.git(name)
        head, base = git.commit(branch), git.commit(self.repo(name).default_branch)
        assert head is not None
        assert base is not None
        own = head.committer.name == DEVELOPER and len(head.parents) == 1
        match how:
            case "drop" if own:
                move_branch(self.sandbox, self.repo(name).full_name, branch, str(head.parents[0].id))
            case "reword" if own:
                self._commit(name, branch, str(head.tree.id), [str(head.parents[0].id)])
            case "flatten":
                ancestor = git.compare(str(base.id), str(head.id)).merge_base
                self._commit(name, branch, str(head.tree.id), [str(ancestor)])
            case "rebase":
                self._commit(name, branch, str(head.tree.id), [str(parent.id) for parent in head.parents], head.message)

    def _commit(self, name: str, branch: str, tree: str, parents: list[str], message: str = "By hand") -> None:
        with self.forge.store.transaction():
            by = self.forge.signature(DEVELOPER)
            raw = self.git(name).raw
            oid = str(raw.create_commit(None, by, by, f"{message}\n\nnumber {self.written}\n", tree, parents))
            set_ref(self.forge, DEVELOPER, self.repo(name), HEADS + branch, oid)

    def merge(self, name: str, pull: PullRow, method: str) -> None:
        """Press the merge button; lines that go with it must have been shown."""
        before = self.git(name).branch(pull.base_ref)
        assert before is not None
        with suppress(Refusal):
            after = merge_pull(self.sandbox, self.repo(name).full_name, pull.number, method=method)
            self._check_shown(name, pull, before, after)

    def _check_shown(self, name: str, pull: PullRow, before: str, after: str) -> None:
        lost = self.lines(name, before) - self.lines(name, after)
        ancestor = self.git(name).compare(before, pull.head_sha).merge_base
        assert lost <= self.lines(name, str(ancestor)), f"{lost} went without a word in #{pull.number}"

    def revert(self, name: str) -> None:
        """Take back the last commit of the default branch, as `git revert` does where nothing came after it."""
        branch = self.repo(name).default_branch
        head = self.git(name).commit(branch)
        if head and head.parents:
            self._commit(name, branch, str(head.parents[0].tree.id), [str(head.id)], "Revert it")

    def say(self, name: str, pull: PullRow, body: str, who: str) -> None:
        with self.forge.store.transaction():
            create_comment(self.forge, identity(who), self.repo(name), pull.number, body)

    def edit_pull(self, name: str, pull: PullRow, **changes: str) -> None:
        """Close, reopen or retarget; what GitHub refuses does not happen."""
        with suppress(Refusal), self.forge.store.transaction():
            edit_pull(self.forge, identity(DEVELOPER), self.repo(name), pull.number, **changes)

    def retarget(self, name: str, pull: PullRow) -> None:
        repo = self.repo(name)
        base = "release" if pull.base_ref == repo.default_branch else repo.default_branch
        if self.git(name).branch("release") is None:
            move_branch(self.sandbox, repo.full_name, "release", self.git(name).branch(repo.default_branch))
        self.edit_pull(name, pull, base=base)

    def approve(self, name: str, pull: PullRow) -> None:
        with self.forge.store.transaction():
            create_review(self.forge, identity(DEVELOPER), self.repo(name), pull.number, event="APPROVE", body="")

    def toggle_label(self, name: str, pull: PullRow) -> None:
        repo, who = self.repo(name), identity(DEVELOPER)
        with self.forge.store.transaction():
            if labels_of(self.forge, pull.id):
                remove_label(self.forge, who, repo, pull.number, "syncbot")
            else:
                add_labels(self.forge, who, repo, pull.number, ("syncbot",))

    def delete_branch(self, name: str, branch: str) -> None:
        if self.git(name).branch(branch):
            move_branch(self.sandbox, self.repo(name).full_name, branch, None)

    def toggle_setting(self, name: str, column: str) -> None:
        repo = self.repo(name)
        with self.forge.store.transaction():
            self.forge.edit_repo(repo, **{column: 1 - int(getattr(repo, column))})

    def rename_base(self, name: str) -> None:
        old = self.repo(name).default_branch
        with suppress(Refusal), self.forge.store.transaction():
            new = "trunk" if old == "main" else "main"
            rename_branch(self.forge, identity(DEVELOPER), self.repo(name), old, new)

    def switch_base(self, name: str, *, delete: bool) -> None:
        """Make another branch the default one in the settings, which moves no pull request: one that is there, or a
        new one; the old one stays or is deleted."""
        repo, git = self.repo(name), self.git(name)
        others = [branch for branch in ("main", "trunk", "next") if branch != repo.default_branch]
        new = next((branch for branch in others if git.branch(branch)), others[-1])
        with self.forge.store.transaction():
            if git.branch(new) is None:
                set_ref(self.forge, DEVELOPER, repo, HEADS + new, git.branch(repo.default_branch))
            self.forge.edit_repo(self.repo(name), default_branch=new)
            if delete:
                set_ref(self.forge, DEVELOPER, repo, HEADS + repo.default_branch, None)

    def rename(self, name: str, *, config_follows: bool) -> None:
        """Another name, and back at the next time; the config learns of it or goes on with the old one."""
        new = f"{name}-new" if self.repo(name).name == name else name
        with self.forge.store.transaction():
            self.forge.rename_repo(self.repo(name), new)
        if config_follows:
            self.listed_as[name] = new
            self.configure()


@cache
def _lines_of_blob(content: bytes) -> frozenset[bytes]:
    return frozenset(_MARKER.findall(content))


def _lines_in(raw: pygit2.Repository, commit: str) -> frozenset[bytes]:
    found: set[bytes] = set()
    folders = [raw[commit].peel(pygit2.Tree)]
    while folders:
        for entry in folders.pop():
            if isinstance(entry, pygit2.Tree):
                folders.append(entry)
            elif isinstance(entry, pygit2.Blob):
                found |= _lines_of_blob(entry.data)
    return frozenset(found)


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    with Sandbox(folder / "data") as sandbox:
        yield World(folder, sandbox)

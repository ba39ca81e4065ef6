"""Random histories of one service repo: a config and a template that change, people, a bot, and git between them.

What must hold is looked at as the history goes, and at its end, when every open pull request has been merged.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from tests.oracle import lock as locks
from tests.oracle.git import Conflict, Git
from tests.oracle.lock import delivered_at
from tests.oracle.model import Changeset, Moment, Plan, Texts, leading_of
from tests.oracle.template import (
    FIRST,
    LOCK,
    MOVES,
    OWNABLE,
    READ_IN,
    Files,
    blob_id,
    moves_in,
    resolved,
    shown,
)
from tests.oracle.world import PERSON, TEAM_FILE, Pull, Repo, State, World, present

Planner = Callable[[Moment], Plan]


class Rule(StrEnum):
    """What must hold in every history."""

    MERGEABLE = "after a run some open pull request can be merged"
    QUIET = "merging all that is open comes to an end"
    CONVERGES = "what nobody touched is the rendering of the config's HEAD in the end"
    KEEPS_LINES = "no line of a person is lost"
    HEARS_NO = "what people closed is not asked again"
    ARRIVES = "a move that nothing withholds has landed in the end"
    APART = "a changeset changes no move but its own"
    NO_CONFLICT = "no two open pull requests conflict"
    PROVED = "what nobody tampered with is proved in the end"
    ONE_EACH = "one open pull request for each changeset, and each move in one"


class Violation(NamedTuple):
    """What did not hold, and after how many steps."""

    rule: Rule
    why: str
    step: int


class History:
    """One history, all of it from a seed. `old` is how likely the repo's lock is that of an earlier syncbot."""

    def __init__(self, seed: int, planner: Planner, git: Git, old: float = 0.25, pg: int | None = None) -> None:
        self.random, self._planner, self._git = random.Random(seed), planner, git
        major = self.random.choice([15, 16, 0])
        first = {"node": 18, "debian": None, "pg": major if pg is None else pg}
        self.world = World([(FIRST, {**first, "port": 8080, "work_mem": 64, "deploy": False})])
        self.violations: list[Violation] = []
        self.steps = self._people = 0
        self.tampered = self.half_taken = False
        lock = self._first_lock(self.random.random() < old)
        files = {**self.world.renderer.files(self.world.point(0)), TEAM_FILE: "x\n", LOCK: lock}
        self.repo = Repo(git, git.commit(files))

    def moment(self) -> Moment:
        """What a plan made now depends on."""
        world, repo = self.world, self.repo
        return Moment(
            renderer=world.renderer,
            merge=self._git.merge,
            target=world.point(len(world.configs) - 1),
            known=world.known(),
            live=repo.live(),
            exempt=world.exempt_paths(),
            refused_moves=repo.refused_moves(),
            refused_sync=repo.refused_sync(),
        )

    # The bot

    def night(self) -> Plan:
        """A run of the bot: pull requests are opened, brought up to date and closed, as planned."""
        self.world.today += 1
        self.steps += 1
        plan = self._planner(self.moment())
        self._look_at_plan(plan)
        for pull in self.repo.open():
            if pull.name not in plan.changesets:
                self._leave(pull, plan)
        live = self.repo.live()
        for name, changeset in plan.changesets.items():
            named = [pull for pull in self.repo.open() if pull.name == name]
            if not named:
                self._propose(name, changeset, live)
            elif not named[0].held:
                self._bring_up_to_date(named[0], changeset, live)
        self._look_at_pulls()
        return plan

    def _leave(self, pull: Pull, plan: Plan) -> None:
        """Close what is no longer proposed; with people's commits it goes on as what took its moves over, or stays."""
        taken = {each.name for each in self.repo.open()}
        own = set(pull.name.split("+"))
        heir = next((name for name in plan.changesets if own & set(name.split("+")) and name not in taken), None)
        if not pull.people:
            pull.state = State.CLOSED
        elif heir:
            pull.name = heir

    def _propose(self, name: str, changeset: Changeset, live: Files) -> None:
        lock = {LOCK: changeset.lock} if changeset.lock else {}
        branch = self._git.commit(present({**live, **changeset.writes, **lock}), self.repo.main)
        self.repo.pulls.append(
            Pull(name=name, branch=branch, base=self.repo.main, changeset=changeset, last=changeset.writes)
        )

    def _bring_up_to_date(self, pull: Pull, changeset: Changeset, live: Files) -> None:
        pull.changeset = changeset
        merged = self._git.merge_commits(self.repo.main, pull.branch)
        branch, base = self._git.files(pull.branch), self._git.files(pull.base)
        clean = merged if isinstance(merged, dict) else None
        files = dict(clean) if clean is not None else self._team_files(pull, changeset, branch, base)
        kept = None if files is None else self._owned_files(pull, changeset, files, clean)
        if files is None or kept is None:
            return  # for the team to resolve
        lock = changeset.lock or live.get(LOCK)
        files.pop(LOCK, None)
        if lock:
            files[LOCK] = _keeping(lock, branch.get(LOCK) or live.get(LOCK), kept)
        if clean is not None and files in (clean, branch):
            return
        pull.branch, pull.base = self._git.commit(files, pull.branch, self.repo.main), self.repo.main
        pull.last = {**changeset.writes, **{path: pull.last.get(path) for path in kept}}

    def _team_files(self, pull: Pull, changeset: Changeset, branch: Files, base: Files) -> Files | None:
        """The live files with what the branch changed in those of the team; None where that conflicts."""
        files: Texts = dict(self.repo.live())
        for path in branch.keys() | base.keys():
            if branch.get(path) != base.get(path) and path not in {*changeset.writes, *pull.last, LOCK}:
                merged = self._git.merge(base.get(path), files.get(path), branch.get(path))
                if isinstance(merged, Conflict):
                    return None
                files[path] = merged
        return present(files)

    def _owned_files(
        self, pull: Pull, changeset: Changeset, files: Files, clean: Files | None
    ) -> frozenset[str] | None:
        """Write what is wanted into the files; gives where a person's version stays, None where there's no telling."""
        live, kept = self.repo.live(), set[str]()
        branch, base = self._git.files(pull.branch), self._git.files(pull.base)
        for path in sorted(changeset.writes.keys() | pull.last.keys()):
            wanted = changeset.writes.get(path, live.get(path))
            now, last = branch.get(path), pull.last.get(path, base.get(path))
            text = wanted if now == last or not pull.people else self._git.merge(last, now, wanted)
            if isinstance(text, Conflict):
                if clean is None:
                    return None
                text = clean.get(path)
                kept.add(path)
            files.pop(path, None)
            if text is not None:
                files[path] = text
        return frozenset(kept)

    def _first_lock(self, old: bool) -> str:
        point, files = self.world.point(0), self.world.renderer.files(self.world.point(0))
        ids = {path: blob_id(text) for path, text in files.items()}
        if old:
            return locks.write_old(ids)
        point = point.having(moves_in(resolved(point.tree, point.answers)))
        return locks.write({path: delivered_at(point, files.get(path), ids.get(path, "")) for path in OWNABLE})

    # People

    def next_line(self) -> str:
        """A line like no other."""
        self._people += 1
        return f"# person {self._people}"

    def write_line(self, files: Files, path: str, beside: bool = False) -> Files:
        """A person writes a line somewhere in a file, or at the end of one that is there."""
        line, lines = self.next_line(), files[path].split("\n")[:-1]
        if beside:
            lines[self.random.randrange(len(lines))] += "  " + line
            self.repo.changed.add(path)
        else:
            lines.insert(self.random.randrange(len(lines) + 1), line)
        return {**files, path: "\n".join(lines) + "\n"}

    def merge(self, pull: Pull, style: str = "merge") -> bool:
        """Merge a pull request as GitHub does, by a merge commit or not; False where it conflicts."""
        files = self._git.merge_commits(self.repo.main, pull.branch)
        if not isinstance(files, dict):
            return False
        parents = [pull.branch] if style == "merge" else []
        self.repo.main, pull.state = self._git.commit(files, self.repo.main, *parents), State.MERGED
        text = "\n".join(files.values())
        self.repo.lines |= set(PERSON.findall(text))
        lost = {line for line in self.repo.lines if not re.search(rf"{line}\b", text)}
        if lost:
            self._fail(Rule.KEEPS_LINES, f"{sorted(lost)} by the merge of {pull.name}")
            self.repo.lines -= lost
        self.half_taken |= pull.people
        return True

    # What must hold

    def _fail(self, rule: Rule, why: str) -> None:
        self.violations.append(Violation(rule, why, self.steps))

    def _look_at_plan(self, plan: Plan) -> None:
        live, refused = self.repo.live(), self.repo.refused_moves()
        for name, changeset in plan.changesets.items():
            leading = leading_of(changeset.moves, plan.target)
            for again in refused & {(move, changeset.moves[move]) for move in leading}:
                self._fail(Rule.HEARS_NO, f"{name}: {again}")
            for move in set(MOVES) - changeset.moves.keys():
                before, after = shown(move, live), shown(move, {**live, **changeset.writes})
                if before != after and READ_IN[move] in live:
                    self._fail(Rule.APART, f"{name} changes {move} from {before} to {after}")

    def _look_at_pulls(self) -> None:
        opened = self.repo.open()
        moving = Counter(move for pull in opened for move in pull.changeset.moves)
        if max([0, *moving.values(), *Counter(pull.name for pull in opened).values()]) > 1:
            self._fail(Rule.ONE_EACH, str([(pull.name, pull.people) for pull in opened]))
        for one, other in combinations([pull for pull in opened if not pull.people and not pull.held], 2):
            merged = self._git.merge_commits(one.branch, other.branch)
            if not isinstance(merged, dict):
                self._fail(Rule.NO_CONFLICT, f"{one.name} and {other.name} in {merged}")

    def settle(self) -> None:
        """Merge what can be merged, with a run between, until nothing is open; then look at what has become of all."""
        for pull in self.repo.open():
            pull.held = False
        for _ in range(16):
            plan = self.night()
            opened = [pull for pull in self.repo.open() if pull.name in plan.changesets]
            if not opened:
                self._look_at_end(self._planner(self.moment()))
                return
            if not any(self.merge(pull) for pull in self.random.sample(opened, len(opened))):
                if not all(pull.people for pull in opened):
                    self._fail(Rule.MERGEABLE, str([pull.name for pull in opened]))
                return
        self._fail(Rule.QUIET, str([(name, sorted(each.writes)) for name, each in plan.changesets.items()]))

    def _look_at_end(self, plan: Plan) -> None:
        self._look_at_files(plan)
        self._look_at_moves(plan)
        unproved = {path for path in OWNABLE if path in self.repo.live()} - plan.proved - plan.status.keys()
        if unproved and not self.tampered and not self.half_taken:
            self._fail(Rule.PROVED, str(sorted(unproved)))

    def _look_at_files(self, plan: Plan) -> None:
        """Each file that nobody changed otherwise than by lines of its own is the rendering of HEAD."""
        if "*" in plan.status:
            return
        world, live = self.world, self.repo.live()
        refused = {move for move, _ in self.repo.refused_moves()}
        withheld = {move for name in plan.status for move in MOVES if move in name}
        there = {move for move in MOVES if move in refused | withheld or READ_IN[move] in plan.by_hand}
        values = {move: (plan.delivered if move in there else plan.wanted)[move] for move in MOVES}
        files = world.renderer.maybe(plan.target, values) or {}
        no = {path for path, _ in self.repo.refused_sync()}
        left = {*plan.status, *plan.by_hand, *world.exempt_paths(), *self.repo.changed, *no}
        for path in OWNABLE if files else ():
            text = live.get(path)
            taken_over = path not in files and text is not None and PERSON.search(text)
            if path not in left and not taken_over and _without_people(text) != files.get(path):
                self._fail(Rule.CONVERGES, f"{path}: {_without_people(text)!r}, not {files.get(path)!r}")

    def _look_at_moves(self, plan: Plan) -> None:
        if plan.status or self.world.exempt_paths():
            return
        refused = {move for move, _ in self.repo.refused_moves()}
        for move, wanted in plan.wanted.items():
            there, path = shown(move, self.repo.live()), READ_IN[move]
            if move not in refused and path not in plan.by_hand | self.repo.changed and there not in (None, wanted):
                self._fail(Rule.ARRIVES, f"{move} is {there}, not {wanted}")


def _without_people(text: str | None) -> str | None:
    if text is None:
        return None
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("# person"))


def _keeping(text: str, branch: str | None, kept: frozenset[str]) -> str:
    """The lock, with the branch's own stanzas for the files in which a person's version stays."""
    lock, other = locks.read(text), locks.read(branch)
    if not kept or lock is None or other is None or lock.old or other.old:
        return text
    return locks.write({**lock.stanzas, **{path: other.stanzas.get(path) for path in kept}})

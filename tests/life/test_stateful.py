"""People and the bot in any order: no line of anybody is lost, and a run does what its plan said and no more."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from syncbot.sandbox.records import PullRow
from tests.life.bot import check, run_bot, run_raced
from tests.life.world import DEVELOPER, MOVING, PATHS, STARTS, STRANGER, Edit, world_in
from tests.sweeps import FULL

STEPS = 40
LIVES = 8 if FULL else 2
PARTS = 32 if FULL else 1
"""32 parts of 8 lives of 40 steps are 10,240 steps; 1 of 2 is 80."""

REPO = st.sampled_from(sorted(STARTS))
PATH = st.sampled_from(PATHS)
EDIT = st.sampled_from(("insert", "insert", "replace", "append", "delete"))
NUMBER = st.integers(0, 11)
VERSIONS = st.sampled_from(
    [*(("node_version", version) for version in ("18", "20", "22"))]
    + [("postgres_version", version) for version in ("15", "16", "17")]
)
SETTINGS = ("allow_merge_commit", "delete_branch_on_merge", "rename", "rename both")
BASES = ("rename base", "switch base", "replace base")
SAYS = st.sampled_from(
    (
        "/syncbot hold",
        "/syncbot recreate",
        "/syncbot decline until 2027-01-05 because of the feast",
        "/syncbot decline until 2027-03-01",
        "What is this?",
    )
)


class Life(RuleBasedStateMachine):
    """Each rule is something that somebody does; after most of them the bot runs."""

    def __init__(self) -> None:
        super().__init__()
        self._cleanup = ExitStack()
        folder = self._cleanup.enter_context(tempfile.TemporaryDirectory())
        self.world = self._cleanup.enter_context(world_in(Path(folder)))

    def teardown(self) -> None:
        self._cleanup.close()

    def _pull(self, repo: str, number: int, state: str = "open") -> PullRow | None:
        pulls = self.world.ours(repo, state)
        return pulls[-1 - number % len(pulls)] if pulls else None

    def _then(self, runs: bool) -> None:
        if runs:
            run_bot(self.world)

    @rule(days=st.sampled_from((1, 3, 30)))
    def a_while_passes(self, days: int) -> None:
        self.world.forge.clock.advance(days * 86_400)

    # ------------------------------------------------------------ the bot

    @initialize()
    def one_is_delivered(self) -> None:
        """The second repo has adopted what was delivered, and Node moves there; the first has that `adopt` open."""
        run_bot(self.world)
        self.world.merge("two", self.world.ours("two")[0], "squash")
        self.world.own_answers["two"]["node_version"] = "20"
        self.world.configure()
        run_bot(self.world)
        assert [self.world.moves("two", pull) for pull in self.world.ours("two")] == [{"node_version": ("18", "20")}]

    @rule()
    def bot_runs(self) -> None:
        run_bot(self.world)

    @rule(repo=REPO, path=PATH, how=EDIT, where=NUMBER)
    def bot_is_raced(self, repo: str, path: str, how: Edit, where: int) -> None:
        run_raced(self.world, repo, path, how, where)

    # ------------------------------------------------------------ the platform team

    @rule(answer=st.sampled_from(("version", "port")), value=st.integers(1, 4), repo=REPO, all_of_them=st.booleans())
    def answers_change(self, answer: str, value: int, repo: str, all_of_them: bool) -> None:
        answers = self.world.answers if all_of_them else self.world.own_answers[repo]
        answers[answer] = value
        self.world.configure()

    @rule(version=VERSIONS, repo=REPO, all_of_them=st.booleans(), runs=st.just(True) | st.booleans())
    def version_moves(self, version: tuple[str, str], repo: str, all_of_them: bool, runs: bool) -> None:
        """Up or down, by config: what has no way back is not proposed."""
        answers = self.world.answers if all_of_them else self.world.own_answers[repo]
        answers[version[0]] = version[1]
        self.world.configure()
        self._then(runs)

    @rule(what=st.sampled_from(("tool.conf", "run.ini", *MOVING)), runs=st.booleans())
    def template_changes(self, what: str, runs: bool) -> None:
        self.world.change_template(what)
        self._then(runs)

    @rule(change=st.sampled_from(("owners", "extra", "listed")), repo=REPO, runs=st.booleans())
    def config_changes(self, change: str, repo: str, runs: bool) -> None:
        world = self.world
        match change:
            case "owners":
                world.owners = "@acme/desk" if world.owners == "@acme/platform" else "@acme/platform"
            case "extra":
                world.own_answers[repo]["extra"] = not world.own_answers[repo].get("extra")
            case _ if all(world.listed.values()) or not world.listed[repo]:
                world.listed[repo] = not world.listed[repo]
        world.configure()
        self._then(runs)

    # ------------------------------------------------------------ developers

    @rule(repo=REPO, path=PATH, how=EDIT, where=NUMBER, runs=st.booleans())
    def default_branch_is_edited(self, repo: str, path: str, how: Edit, where: int, runs: bool) -> None:
        self.world.edit(repo, self.world.repo(repo).default_branch, path, how, where)
        self._then(runs)

    @rule(repo=REPO, number=NUMBER, path=PATH, how=EDIT, where=NUMBER, runs=st.booleans())
    def bots_branch_is_edited(self, repo: str, number: int, path: str, how: Edit, where: int, runs: bool) -> None:
        if pull := self._pull(repo, number):
            self.world.edit(repo, pull.head_ref, path, how, where)
        self._then(runs)

    @rule(repo=REPO, number=NUMBER, on_conflict=st.sampled_from(("ours", "theirs")), runs=st.booleans())
    def base_is_merged_into_branch(self, repo: str, number: int, on_conflict: str, runs: bool) -> None:
        if pull := self._pull(repo, number):
            self.world.update_branch(repo, pull.head_ref, on_conflict)
        self._then(runs)

    @rule(repo=REPO, number=NUMBER, how=st.sampled_from(("drop", "reword", "flatten", "rebase")), runs=st.booleans())
    def branch_is_forced(self, repo: str, number: int, how: str, runs: bool) -> None:
        if pull := self._pull(repo, number):
            self.world.rewrite(repo, pull.head_ref, how)
        self._then(runs)

    @rule(repo=REPO, number=NUMBER, method=st.sampled_from(("merge", "squash", "rebase")), runs=st.booleans())
    def pull_is_merged(self, repo: str, number: int, method: str, runs: bool) -> None:
        if pull := self._pull(repo, number):
            self.world.merge(repo, pull, method)
        self._then(runs)

    @rule(repo=REPO, runs=st.booleans())
    def last_commit_is_reverted(self, repo: str, runs: bool) -> None:
        self.world.revert(repo)
        self._then(runs)

    @rule(repo=REPO, number=NUMBER, runs=st.booleans())
    def pull_is_closed(self, repo: str, number: int, runs: bool) -> None:
        if pull := self._pull(repo, number):
            self.world.edit_pull(repo, pull, state="closed")
        self._then(runs)

    @rule(repo=REPO, number=NUMBER, method=st.sampled_from(("close", "merge", "squash")), runs=st.booleans())
    def move_is_answered(self, repo: str, number: int, method: str, runs: bool) -> None:
        moving = [pull for pull in self.world.ours(repo) if self.world.moves(repo, pull)]
        if moving and method == "close":
            self.world.edit_pull(repo, moving[number % len(moving)], state="closed")
        elif moving:
            self.world.merge(repo, moving[number % len(moving)], method)
        self._then(runs)

    @rule(repo=REPO, number=NUMBER, runs=st.booleans())
    def pull_is_reopened(self, repo: str, number: int, runs: bool) -> None:
        if pull := self._pull(repo, number, "closed"):
            self.world.edit_pull(repo, pull, state="open")
        self._then(runs)

    @rule(repo=REPO, number=NUMBER, body=SAYS, who=st.sampled_from((DEVELOPER, STRANGER)), runs=st.booleans())
    def somebody_comments(self, repo: str, number: int, body: str, who: str, runs: bool) -> None:
        if pull := self._pull(repo, number):
            self.world.say(repo, pull, body, who)
        self._then(runs)

    @rule(repo=REPO, number=NUMBER, what=st.sampled_from(("approve", "retarget", "label", "delete")))
    def pull_is_handled(self, repo: str, number: int, what: str) -> None:
        pull = self._pull(repo, number)
        if pull is None:
            return
        match what:
            case "approve":
                self.world.approve(repo, pull)
            case "retarget":
                self.world.retarget(repo, pull)
            case "label":
                self.world.toggle_label(repo, pull)
            case _:
                self.world.delete_branch(repo, pull.head_ref)
        run_bot(self.world)

    @rule(repo=REPO, what=st.sampled_from(SETTINGS + BASES), runs=st.booleans())
    def settings_change(self, repo: str, what: str, runs: bool) -> None:
        if what == "rename base":
            self.world.rename_base(repo)
        elif what in ("switch base", "replace base"):
            self.world.switch_base(repo, delete=what == "replace base")
        elif what.startswith("rename"):
            self.world.rename(repo, config_follows=what.endswith("both"))
        else:
            self.world.toggle_setting(repo, what)
        self._then(runs)

    @invariant()
    def holds(self) -> None:
        self.world.forge.clock.advance(600)
        check(self.world)


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(PARTS))
def test_people_and_the_bot_in_any_order(part: int, record_property: Callable[[str, object], None]) -> None:
    """After each step: every line a person wrote is kept, one open pull request a changeset, nothing is forced, the
    default branch is not the bot's, `apply` did what `plan` said, and a second run writes nothing."""
    wanted = settings(
        # The first two that hypothesis makes are the simplest there are: nothing happens in them.
        max_examples=2 + LIVES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    machine = type(f"Life{part}", (Life,), {})
    run_state_machine_as_test(seed(part)(machine), settings=wanted)
    record_property("count of steps of people and the bot", LIVES * STEPS)


PHASES = (Phase.generate, Phase.shrink) if os.environ.get("SYNCBOT_SHRINK") else (Phase.generate,)

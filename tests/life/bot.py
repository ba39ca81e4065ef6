"""What the bot does in a world of people, and what must be true after each of its runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from unittest.mock import patch

from syncbot.app.publishing import Publisher
from syncbot.cli.sandbox import BOT
from syncbot.model.fleet import BRANCH_PREFIX
from syncbot.sandbox.records import PullRow
from tests.cli.harness import Result
from tests.life.world import Edit, Seen, World

ADOPT = f"{BRANCH_PREFIX}adopt"
_OUTCOMES = {"open": "opened", "update": "updated", "close": "closed", "none": "unchanged"}


def run_bot(world: World) -> None:
    """Plan, apply, apply: the first says what the second does, and the third has nothing left to do.

    But for two cases, after which a run more is: an update brought a branch into conflict with its base, which is
    mended; and a pull request was closed on somebody's word that had not yet got a file which drifted since.
    """
    before = world.all_seen()
    planned = _done(world.platform.plan())
    assert world.all_seen() == before, "plan wrote something"
    applied = _done(world.platform.apply())
    after = world.all_seen()
    _check_kept(world, before, after)
    _check_as_planned(planned, applied, before, after)
    _check_single(world, before, after)
    _check_heard(world, before, after)
    again = _done(world.platform.apply())
    mended = any(changeset["reason_code"] == "conflict" for _, changeset in _announced(again))
    if mended or ("close", "declined") in {(c["action"], c["reason_code"]) for _, c in _announced(applied)}:
        after = world.all_seen()
        _check_kept(world, before, after)
        again = _done(world.platform.apply())
    assert (again.writes, world.all_seen()) == (0, after), f"the next run wrote: {again.stdout}"


def run_raced(world: World, name: str, path: str, how: Edit, where: int) -> None:
    """A run in which a developer pushes to every open branch of a repo between plan and publish."""
    raced: list[Mapping[str, Seen]] = []
    publish = Publisher.publish

    def after_push(publisher: Publisher, *arguments: object) -> object:
        if not raced:
            for pull in world.ours(name):
                world.edit(name, pull.head_ref, path, how, where)
            raced.append(world.all_seen())
        return publish(publisher, *arguments)  # type: ignore[arg-type]

    with patch.object(Publisher, "publish", after_push):
        _done(world.platform.apply())
    if raced:
        _check_kept(world, raced[0], world.all_seen())


def _done(result: Result) -> Result:
    assert result.exit_code == 0, result.stdout + result.stderr
    return result


def check(world: World) -> None:
    """Nothing was ever forced by the bot."""
    forced = world.forge.store.execute("SELECT * FROM forced_updates WHERE actor = ?", BOT)
    assert not forced, "the bot forced an update"


def _check_kept(world: World, before: Mapping[str, Seen], after: Mapping[str, Seen]) -> None:
    """Nobody's line is gone from the branch where they wrote it.

    It may go from a bot's branch where it came from the default branch: people took it away there, or it is there still
    and the pull request proposes that it goes.
    """
    for name, was in before.items():
        now = after[name]
        base = world.repo(name).default_branch
        for branch, head in was.branches.items():
            assert branch in now.branches, f"the bot deleted {branch}"
            moved = now.branches[branch]
            if not branch.startswith(BRANCH_PREFIX):
                assert moved == head, f"the bot wrote to {branch}"
            if moved == head:
                continue
            assert world.git(name).is_ancestor(head, moved), f"{branch} was rewritten"
            lost = world.lines(name, head) - world.lines(name, moved)
            ancestor = world.git(name).compare(was.branches[base], head).merge_base
            live = world.lines(name, was.branches[base])
            excused = world.lines(name, str(ancestor)) - live
            excused |= {line for line in live if world.written_on[line] != branch}
            # The bot merges the base's version of a file by content, without its commits: the ancestor lacks its lines.
            for line in lost - excused - live:
                if world.written_on[line] != branch and world.was_on(name, was.branches[base], line):
                    excused |= {line}
            assert lost <= excused, f"{lost - excused} went from {branch}"


def _check_single(world: World, before: Mapping[str, Seen], after: Mapping[str, Seen]) -> None:
    """One open pull request of the bot for each changeset; a second only where people reopened it or worked on it."""
    for name, now in after.items():
        ours = [pull for pull in now.opened if pull.author == BOT]
        known = {pull.number for pull in before[name].pulls}
        for changeset in {_changeset(pull) for pull in ours}:
            opened = [pull for pull in ours if _changeset(pull) == changeset]
            alone = [pull for pull in opened if not world.is_peoples(name, pull)]
            assert len(opened) == 1 or not alone, f"two of one changeset are open in {name}: {opened}"
            assert len(opened) == 1 or {pull.number for pull in opened} <= known, "opened beside an open one"


def _check_heard(world: World, before: Mapping[str, Seen], after: Mapping[str, Seen]) -> None:
    """What people closed or took back is not proposed once more with the same content."""
    for name, was in before.items():
        for new in after[name].pulls[len(was.pulls) :]:
            earlier = [pull for pull in was.pulls if pull.author == BOT and _changeset(pull) == _changeset(new)]
            if earlier and world.proposed(name, earlier[-1]) == world.proposed(name, new):
                why = world.answer(name, was, earlier[-1])
                assert not why, f"#{new.number} of {name} proposes what was {why} in #{earlier[-1].number}"
            _check_move_heard(world, name, was, new)
            _check_adoption_heard(world, name, was, new)


def _check_move_heard(world: World, name: str, was: Seen, new: PullRow) -> None:
    """A move to a version that people closed is not proposed once more, whatever else its files hold by now."""
    for answer, (_, target) in world.moves(name, new).items():
        earlier = [pull for pull in was.pulls if pull.author == BOT and answer in world.moves(name, pull)]
        if earlier and world.moves(name, earlier[-1])[answer][1] == target and not earlier[-1].merged_at:
            why = world.answer(name, was, earlier[-1])
            assert not why, f"#{new.number} of {name} moves {answer} to {target}, {why} in #{earlier[-1].number}"


def _check_adoption_heard(world: World, name: str, was: Seen, new: PullRow) -> None:
    """A no to adoption is one to all that the template will hold."""
    earlier = [pull for pull in was.pulls if pull.author == BOT and _changeset(pull) == ADOPT]
    if earlier and _changeset(new) == ADOPT and not earlier[-1].merged_at:
        why = world.answer(name, was, earlier[-1])
        assert not why, f"#{new.number} of {name} asks once more, {why} in #{earlier[-1].number}"


def _changeset(pull: PullRow) -> str:
    return pull.head_ref.rpartition("-")[0]


def _check_as_planned(planned: Result, applied: Result, before: Mapping[str, Seen], after: Mapping[str, Seen]) -> None:
    """The plan's words, `apply`'s words and what happened on the forge are the same."""
    assert planned.json["repos"] == applied.json["repos"]
    announced = _announced(planned)
    spoken = {
        (repo, changeset["name"]): _OUTCOMES[changeset["action"]]
        for repo, changeset in announced
        if changeset["action"] != "none" or changeset["pull_request"]
    }
    assert {(pull["repo"], pull["changeset"]): pull["action"] for pull in applied.json["pull_requests"]} == spoken
    for name, was in before.items():
        own = [changeset for repo, changeset in announced if repo == was.name]
        assert _happened(was, after[name]) == sorted(_expected(own)), f"{name} is not as planned"


def _announced(result: Result) -> list[tuple[str, dict[str, str]]]:
    return [(repo["repo"], changeset) for repo in result.json["repos"] for changeset in repo["changesets"]]


def _expected(changesets: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    for changeset in changesets:
        match changeset["action"]:
            case "open":
                yield "open", changeset["branch"]
                if changeset["pull_request"]:
                    yield "close", f"#{changeset['pull_request']}"
            case "close" | "update":
                yield changeset["action"], f"#{changeset['pull_request']}"


def _happened(was: Seen, now: Seen) -> list[tuple[str, str]]:
    """What became of each pull request: opened by its branch, closed and touched by its number."""
    happened = [("open", pull.head_ref) for pull in now.pulls[len(was.pulls) :]]
    for old, new in zip(was.pulls, now.pulls, strict=False):
        if old.state != new.state:
            happened.append(("close", f"#{old.number}"))
        elif _touched(was, old) != _touched(now, new):
            happened.append(("update", f"#{old.number}"))
    return sorted(happened)


def _touched(seen: Seen, pull: PullRow) -> object:
    return pull.head_sha, pull.title, pull.body, seen.labels[pull.number], seen.comments[pull.number]

"""The table of rules: a situation for each in which that one speaks, and in which order they do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from syncbot.model.blobs import LiveFile, Trees
from syncbot.model.fleet import CommitRules
from syncbot.model.observation import Observation
from syncbot.model.pull_request import BotCommit, Comment, Mergeable, PullRequest
from syncbot.plan.file_status import FileStatus
from syncbot.plan.pulls.case import Case, ReplacePullRequest
from syncbot.plan.pulls.rules import RULES, RuleName, speaking
from syncbot.plan.pulls.rules_content import MAX_BOT_STREAK
from syncbot.plan.pulls.trailers import digest
from syncbot.plan.why import Downgrade, HeldBack
from tests.plan.builders import SPEC, TODAY, comment, file_id, live, observation, plan, pull_request, stanza

DOCKERFILE = replace(SPEC, owned=SPEC.owned[:1])
OLD, NEW, THEIRS = "old\n", "new\n", "theirs\n"
PROPOSED, EARLIER = {"Dockerfile": file_id(NEW)}, {"Dockerfile": file_id("earlier\n")}
BRANCH = live({"Dockerfile": NEW})
CONFLICTING = {"mergeable": Mergeable.CONFLICTING}
BACK = Downgrade(label="Postgres", answer="postgres_version", before="17", after="16")
BLOCKED = HeldBack(label="Postgres", after="17", files=())


def said(body: str) -> dict[str, tuple[Comment, ...]]:
    return {"comments": (comment("dana", body),)}


def tree(text: str) -> dict[str, LiveFile]:
    return {path: entry for path, entry in live({"Dockerfile": text}).items() if entry}


SAME = Trees(ancestor=tree(OLD), base=tree(OLD), branch=tree(NEW))
GAINED = Trees(ancestor=tree(OLD), base=tree(THEIRS), branch=tree(NEW))


def opened(**fields: object) -> PullRequest:
    return pull_request(3, "OPEN", fields.pop("proposed", PROPOSED), **({"files": BRANCH} | fields))  # type: ignore[arg-type]


def titled(title: str) -> dict[str, object]:
    """Its title, as the bot's last commit has it, without a prefix."""
    commit = BotCommit(
        oid="c" * 40, changeset="sync", digest=digest(PROPOSED), proposed=PROPOSED, title=title, plain_title=title
    )
    return {"title": title, "commits": (commit,)}


def seen(main: str | None = OLD, pull: PullRequest | None = None) -> Observation:
    texts = {file_id(text).id: text.encode() for text in (OLD, NEW, THEIRS, "earlier\n")}
    for path, file in pull.proposed.items() if pull else ():
        if file:
            texts[f"{pull.commits[-1].oid}:{path}"] = texts[file.id]
    return observation({"Dockerfile": main}, blobs=texts)


def wanted(main: str | None = OLD) -> tuple[FileStatus, ...]:
    return plan({"Dockerfile": NEW}, seen(main), {"Dockerfile": stanza(OLD)}, spec=DOCKERFILE).files


def case(pull: PullRequest, main: str | None = OLD, **fields: object) -> Case:
    """A pull request that should propose the new Dockerfile where the default branch holds `main`."""
    files = wanted(main)
    given: dict[str, object] = {
        "name": "sync",
        "wanted": files,
        "statuses": files,
        "opened": pull,
        "observation": seen(main, pull),
        "lock_writes": (),
        "earlier": {},
        "today": TODAY,
        "rules": CommitRules(),
    }
    return Case(**(given | fields))  # type: ignore[arg-type]


def unread() -> Case:
    """It proposed another file before, of which nobody read what the base has."""
    files = live({"Dockerfile": "earlier\n", "gone.yml": OLD})
    return case(opened(proposed=EARLIER | {"gone.yml": file_id(OLD)}, files=files))


NIGHT = datetime.combine(TODAY, time(tzinfo=UTC))
SITUATIONS = {
    RuleName.HOLD_ANSWERED: case(opened(**said(f"/syncbot hold until {TODAY + timedelta(days=1)}"))),
    RuleName.HELD: case(opened(**said("/syncbot hold"))),
    RuleName.LEFT_FLEET: case(opened(), left_fleet=True),
    RuleName.DECLINED: case(opened(**said(f"/syncbot decline until {TODAY} because no build"))),
    RuleName.DUPLICATE: case(opened(), duplicate_of=opened()),
    RuleName.RECREATE: case(opened(**said("/syncbot recreate"))),
    RuleName.RETARGETED: case(opened(base="release", retargeted=True)),
    RuleName.BASE_SWITCHED: case(opened(base="release")),
    RuleName.NO_WAY_BACK: case(opened(), wanted=(), withheld=BACK),
    RuleName.REOPENED: case(opened(reopened=True), wanted=(), withheld=BACK),
    RuleName.WITHHELD: case(opened(commits=()), wanted=(), withheld=BLOCKED),
    RuleName.REWRITTEN_AND_DONE: case(opened(commits=()), wanted=()),
    RuleName.NOTHING_LEFT: case(opened(**CONFLICTING), wanted=()),
    RuleName.CONFLICT_FOR_PEOPLE: case(opened(bot_streak=MAX_BOT_STREAK, **CONFLICTING)),
    RuleName.CONFLICT_LOOP: case(opened(bot_streak=MAX_BOT_STREAK, trees=GAINED, queued=True, **CONFLICTING)),
    RuleName.CONFLICT_UNREAD: replace(unread(), opened=replace(unread().opened, trees=SAME, **CONFLICTING)),
    RuleName.CONFLICT_LOSS: case(opened(trees=GAINED, queued=True, **CONFLICTING), THEIRS),
    RuleName.CONFLICT: case(opened(trees=SAME, queued=True, **CONFLICTING)),
    RuleName.REWRITTEN: case(opened(commits=(), queued=True)),
    RuleName.UNLABELLED: case(opened(labels=(), created_at=NIGHT, queued=True)),
    RuleName.NOT_BROUGHT: case(opened(files=live({"Dockerfile": OLD}), people_committed=True, ancestor="a" * 40)),
    RuleName.TITLE_PREFIX: case(opened(**titled("Restore it")), rules=CommitRules(title_prefix="chore: ")),
    RuleName.UP_TO_DATE: case(opened(queued=True, bot_streak=MAX_BOT_STREAK)),
    RuleName.ACCEPTED: case(opened(proposed=EARLIER, queued=True, bot_streak=MAX_BOT_STREAK)),
    RuleName.BOT_LOOP: replace(unread(), opened=replace(unread().opened, bot_streak=MAX_BOT_STREAK)),
    RuleName.BASE_UNREAD: unread(),
    RuleName.BASE_MOVED: case(opened(proposed={})),
    RuleName.UPDATE: case(opened(proposed=EARLIER, files=live({"Dockerfile": "earlier\n"}))),
}


def test_each_rule_has_a_situation() -> None:
    """Otherwise a rule that never speaks would pass."""
    assert list(SITUATIONS) == list(RULES) == list(RuleName)


@pytest.mark.parametrize("name", RuleName)
def test_a_rule_speaks_and_gives_its_reasons(name: RuleName) -> None:
    """None before it does; the last one speaks always, and its reason is one that the page shows with it."""
    spoke, decision = speaking(SITUATIONS[name])
    assert spoke is name
    assert decision.why.reason in RULES[name].gives


@pytest.mark.parametrize("made", SITUATIONS.values(), ids=SITUATIONS.keys())
def test_only_what_proposes_something_is_replaced(made: Case) -> None:
    """Where nothing is to be proposed, for whatever reason, there would be nothing to open."""
    for fields in ({"wanted": ()}, {"left_fleet": True}, {"duplicate_of": made.opened}):
        assert not isinstance(speaking(replace(made, **fields))[1].action, ReplacePullRequest)

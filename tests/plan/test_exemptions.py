"""Exemptions: how long they hold, when they are said to end, and which ones people's declines ask for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncbot.model.files import File, Ownership
from syncbot.model.fleet import Exemption, Fleet, Limits, Repo
from syncbot.model.templates import OwnedFile, TemplateSpec
from syncbot.plan.fleet.exemptions import MAX_REASON, asked_for, notices
from syncbot.plan.repo_plan import RepoPlan
from syncbot.plan.states import FileState
from syncbot.report.why import file_why_words
from syncbot.report.words import notice_words
from tests.plan.builders import TODAY, comment, file_id, observation, plan, pull_request, stanza

OWNER = "@acme/shop"
UNTIL = TODAY + timedelta(days=90)
REPO = Repo(name="acme/shop", template="service", answers={"team": OWNER})
FLEET = Fleet(organization="acme", identities=("bot",), owners="@acme/platform", limits=Limits(), repos=(REPO,))


def exemption(days: int = 90, **fields: object) -> Exemption:
    """One that ends so many days from today."""
    values = {"until": TODAY + timedelta(days=days), "owner": OWNER, "reason": "the add-on"}
    return Exemption(**(values | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "said"), [(-400, "ended"), (-1, "ended"), (0, "ends"), (14, "ends"), (15, "")])
def test_an_end_is_said_a_fortnight_before_and_ever_after(days: int, said: str) -> None:
    """It holds through its last day; from the day after it has ended, until somebody takes it out."""
    found = [notice_words(notice) for notice in notices([Repo(**_repo(exemption(days, path="Dockerfile")))], TODAY)]
    day = TODAY + timedelta(days=days)
    assert found == ([f"acme/shop: the exemption for Dockerfile ({OWNER}) {said} on {day}"] if said else [])


def _repo(*exemptions: Exemption, name: str = "acme/shop") -> dict[str, object]:
    return {"name": name, "template": "service", "answers": {}, "exemptions": exemptions}


def test_the_earliest_end_comes_first() -> None:
    """Files, answers and whole repos, over the fleet."""
    shop = Repo(**_repo(exemption(5, answer="node_version", keep="18"), exemption(90)))
    zoo = Repo(**_repo(exemption(3), name="acme/zoo"))
    lines = [notice_words(notice) for notice in notices([shop, zoo], TODAY)]
    assert lines == [
        f"acme/zoo: the exemption for the whole repo ({OWNER}) ends on {TODAY + timedelta(days=3)}",
        f"acme/shop: the exemption for node_version 18 ({OWNER}) ends on {TODAY + timedelta(days=5)}",
    ]


@pytest.mark.parametrize(
    ("exemptions", "state"),
    [
        ((exemption(0, path="Dockerfile"),), FileState.EXEMPT),
        ((exemption(0),), FileState.EXEMPT),
        ((exemption(-1, path="Dockerfile"), exemption(1, path="Dockerfile")), FileState.EXEMPT),
        ((exemption(-1, path="Dockerfile"),), FileState.BEHIND),
        ((exemption(path="CODEOWNERS"),), FileState.BEHIND),
        ((exemption(answer="node_version", keep="18"),), FileState.BEHIND),
    ],
)
def test_a_file_is_exempt_while_one_holds(exemptions: tuple[Exemption, ...], state: FileState) -> None:
    """By its path or with the whole repo, through the last day; shown with day, owner and reason, and not proposed."""
    spec = TemplateSpec(name="service", questions={}, owned=(OwnedFile(path="Dockerfile"),))
    lock = {"Dockerfile": stanza("old\n")}
    made = plan({"Dockerfile": "new\n"}, observation({"Dockerfile": "old\n"}), lock, spec=spec, exemptions=exemptions)
    (status,) = made.files
    assert status.state is state
    if state is FileState.EXEMPT:
        assert file_why_words(status.why).endswith(f"({OWNER}): the add-on")
        assert (status.proposal, made.changesets, made.state) == (None, (), "in-sync")


def test_an_answer_is_kept_while_it_holds() -> None:
    """Through the last day; then the answer is what the fleet says."""
    repo = Repo(**_repo(exemption(0, answer="node_version", keep="18")) | {"answers": {"node_version": "22"}})
    assert repo.answers_on(TODAY) == {"node_version": "18"}
    assert repo.answers_on(TODAY + timedelta(days=1)) == {"node_version": "22"}


@pytest.mark.parametrize("path", [".github/CODEOWNERS", "CODEOWNERS"])
def test_a_file_kept_elsewhere_is_exempt_by_either_path(path: str) -> None:
    """The template's path and the repo's own both mean it."""
    block = "# BEGIN syncbot\n/Dockerfile @acme/platform\n# END syncbot\n"
    owned = OwnedFile(
        path=".github/CODEOWNERS", ownership=Ownership.BLOCK, locations=(".github/CODEOWNERS", "CODEOWNERS")
    )
    spec = TemplateSpec(name="service", questions={}, owned=(owned,))
    seen = observation({"CODEOWNERS": "* @acme/shop\n", ".github/CODEOWNERS": None})
    made = plan(
        {".github/CODEOWNERS": File(content=block.encode())}, seen, spec=spec, exemptions=(exemption(path=path),)
    )
    assert [(status.path, status.state) for status in made.files] == [("CODEOWNERS", FileState.EXEMPT)]


def declined(body: str = f"/syncbot decline until {UNTIL} because of\tthe add-on ", **fields: object) -> RepoPlan:
    """The plan of a repo whose pull request was closed with a comment."""
    comments = (comment("ada", body),)
    closed = pull_request(12, "CLOSED", {"Dockerfile": file_id("new\n")}, closed_by="ada", comments=comments, **fields)
    spec = TemplateSpec(name="service", questions={}, owned=(OwnedFile(path="Dockerfile"),))
    seen = observation({"Dockerfile": "old\n"}, pull_requests=(closed,))
    return plan({"Dockerfile": "new\n"}, seen, {"Dockerfile": stanza("old\n")}, spec=spec)


def asked(made: RepoPlan, fleet: Fleet = FLEET) -> list[Exemption]:
    return [exemption for _, exemption in asked_for([made], fleet)]


def test_a_decline_asks_for_an_exemption() -> None:
    """Path and day as declined, the repo's team as owner, and where the reason was given."""
    (one,) = asked_for([declined()], FLEET)
    reason = "of the add-on (@ada, acme/shop#12)"
    assert one == ("acme/shop", Exemption(path="Dockerfile", until=UNTIL, owner=OWNER, reason=reason))


def test_a_reason_may_be_missing_or_endless() -> None:
    """Something is always said, and never more than fits a line or two."""
    (without,) = asked(declined(f"/syncbot decline until {UNTIL}"))
    assert without.reason == "declined without a reason (@ada, acme/shop#12)"
    (endless,) = asked(declined(f"/syncbot decline until {UNTIL} because {'x' * 5000}"))
    assert endless.reason == f"{'x' * MAX_REASON} (@ada, acme/shop#12)"


def test_no_team_is_the_platforms_case() -> None:
    """A template that asks for no team: the platform team owns the exemption."""
    repo = Repo(name="acme/shop", template="service", answers={})
    fleet = Fleet(organization="acme", identities=("bot",), owners="@acme/platform", limits=Limits(), repos=(repo,))
    assert [one.owner for one in asked(declined(), fleet)] == ["@acme/platform"]


def test_what_asks_for_none() -> None:
    """A mere closing, a day that is over, and a repo that is not in the fleet."""
    assert asked(declined("no thanks")) == []
    assert asked(declined(f"/syncbot decline until {TODAY - timedelta(days=1)}")) == []
    empty = Fleet(organization="acme", identities=("bot",), owners="@acme/platform", limits=Limits(), repos=())
    assert asked(declined(), empty) == []

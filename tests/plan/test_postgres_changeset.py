"""A Postgres major is a changeset of its own, whole or not at all, and never goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from syncbot.model.blobs import LiveFile
from syncbot.model.files import FileId
from syncbot.model.fleet import Exemption
from syncbot.model.pull_request import Comment, PullRequest
from syncbot.model.templates import OwnedFile, TemplateSpec
from syncbot.plan.actions import ClosePullRequest, CommentOnce, NoOp, OpenPullRequest
from syncbot.plan.pulls.markers import marker
from syncbot.plan.repo_plan import RepoPlan
from syncbot.plan.states import FileState
from syncbot.report.why import file_why_words, why_words
from tests.plan.builders import BOT, TODAY, comment, file_id, live, observation, plan, pull_request, stanza

COMPOSE, CONF = "docker-compose.yml", "postgres/postgresql.conf"
GROUP, OLD_GROUP = "postgres/rds-parameter-group.tf.json", "postgres/rds-parameter-group-old.tf.json"
PATHS = ("Dockerfile", COMPOSE, CONF, GROUP, OLD_GROUP)
SPEC = TemplateSpec(name="service", questions={}, owned=tuple(OwnedFile(path=path) for path in PATHS))


def files(
    major: int, *, work_mem: str = "4MB", docker: str = "FROM node:22\n", lagging: int | None = None
) -> dict[str, str]:
    """What a template renders for a major; `lagging` is that of a group which is still attached."""
    rendered = {
        "Dockerfile": docker,
        COMPOSE: f"services:\n  app:\n    image: acme/app:1\n  db:\n    image: postgres:{major}\n",
        CONF: f"work_mem = {work_mem}\n",
        GROUP: f'{{"resource": {{"family": "postgres{major}", "work_mem": "{work_mem}"}}}}\n',
    }
    return rendered | ({OLD_GROUP: f'{{"family": "postgres{lagging}"}}\n'} if lagging else {})


def compose(**images: str) -> str:
    """A Compose file with a service of each image."""
    return "services:\n" + "".join(f"  {name}:\n    image: {image}\n" for name, image in images.items())


def planned(
    before: dict[str, str],
    after: dict[str, str],
    *pull_requests: PullRequest,
    delivered: dict[str, str] | None = None,
    exempt: tuple[str, ...] = (),
) -> RepoPlan:
    """The plan of a repo that holds `before` and was delivered that, or `delivered`."""
    lock = {path: stanza(text) for path, text in (before if delivered is None else delivered).items()}
    seen = observation({path: before.get(path) for path in PATHS}, pull_requests=pull_requests)
    exemptions = tuple(Exemption(path=path, until=TODAY, owner="@acme/shop", reason="busy") for path in exempt)
    return plan(after, seen, lock, spec=SPEC, exemptions=exemptions)


def changesets(made: RepoPlan) -> dict[str, list[str]]:
    return {each.name: [status.path for status in each.files] for each in made.changesets}


def proposed(after: dict[str, str], *paths: str) -> dict[str, FileId | None]:
    return {path: file_id(after[path]) for path in paths}


def at(rendered: dict[str, str]) -> dict[str, LiveFile | None]:
    return live(dict(rendered))


def test_everything_else_goes_into_sync() -> None:
    """The same major: parameters, other images and the Dockerfile are routine."""
    made = planned(files(16), files(16, work_mem="8MB", docker="FROM node:24\n"))
    assert changesets(made) == {"sync": ["Dockerfile", CONF, GROUP]}


def test_another_major_goes_alone() -> None:
    """Image, parameter file and group go together; what else is behind does not ride along, nor they with it."""
    made = planned(files(16), files(17, work_mem="8MB", docker="FROM node:24\n"))
    assert changesets(made) == {"postgres-17": [COMPOSE, CONF, GROUP], "sync": ["Dockerfile"]}
    major = made.changesets[0]
    assert (major.branch, major.reason_code) == ("syncbot/postgres-17-1", "postgres-major")
    assert isinstance(major.action, OpenPullRequest)


def test_the_group_that_stays_attached_comes_with_it() -> None:
    """The old family's file appears in the same pull request, or Terraform would destroy a group in use."""
    made = planned(files(16), files(17, lagging=16))
    assert changesets(made) == {"postgres-17": [COMPOSE, OLD_GROUP, GROUP]}


def test_detaching_the_old_group_is_routine() -> None:
    """Once the cloud has moved as well, only the old group's file goes."""
    assert changesets(planned(files(17, lagging=16), files(17))) == {"sync": [OLD_GROUP]}


@pytest.mark.parametrize(
    ("image", "now"),
    [
        ("postgres:16-alpine", "postgres:17-alpine"),
        ('"registry.acme.example:5000/library/postgres:16.4"', "postgres:17"),
        ("'postgres:16'", "pgvector/pgvector:pg17"),
    ],
)
def test_the_image_in_every_spelling(image: str, now: str) -> None:
    """Variants, minor versions, registries with a port, quotes; the reader's own tests have the others."""
    made = planned({COMPOSE: compose(db=image)}, {COMPOSE: compose(db=now)})
    assert changesets(made) == {"postgres-17": [COMPOSE]}


@pytest.mark.parametrize("text", ["# image: postgres:16\n", "services: {db: {image: 'mysql:8'}}\n", ""])
def test_what_is_no_server(text: str) -> None:
    """Comments, images of another product, none at all."""
    assert changesets(planned({COMPOSE: text}, {COMPOSE: compose(db="postgres:17")})) == {"sync": [COMPOSE]}


def test_a_second_server_beside_hides_nothing() -> None:
    """Each image is compared with its own, so that a newer one elsewhere in the file does not mask the move."""
    before, after = (compose(a=f"postgres:{major}", b="postgres:18") for major in (16, 17))
    made = planned({COMPOSE: before}, {COMPOSE: after})
    assert changesets(made) == {"postgres-17": [COMPOSE]}


@pytest.mark.parametrize(
    ("delivered", "state"),
    [(None, "behind"), (files(15), "diverged"), (files(15, work_mem="4MB"), "diverged"), ({}, "unmanaged")],
)
def test_no_way_back(delivered: dict[str, str] | None, state: str) -> None:
    """A lower major is refused in every state, with the reason; the rest of the repo goes on."""
    after = files(16, docker="FROM node:24\n")
    made = planned(files(17, docker="FROM node:22\n"), after, delivered=delivered)
    by_name = {each.name: each for each in made.changesets}
    refused = by_name["postgres-16"]
    assert (type(refused.action), refused.reason_code) == (NoOp, "postgres-downgrade")
    assert "Postgres 16 cannot read the data of Postgres 17" in why_words(refused.why)
    assert {status.path: status.state for status in made.files}[COMPOSE] == state
    (other,) = [each for name, each in by_name.items() if name != "postgres-16"]
    assert isinstance(other.action, OpenPullRequest)
    assert not {write.path for write in other.action.writes} & {COMPOSE, GROUP}


def test_a_move_by_hand_is_not_undone() -> None:
    """Somebody set the image to 17 in the repo: putting 16 back would lose the database."""
    by_hand = files(16) | {COMPOSE: files(17)[COMPOSE]}
    (refused,) = planned(by_hand, files(16), delivered=files(16)).changesets
    assert (refused.name, refused.reason_code) == ("postgres-16", "postgres-downgrade")


def test_an_open_one_that_would_go_back_is_closed() -> None:
    """By the bot, unless people committed to it: they are told once. Held is held, and reopened is not closed again."""
    before, after = files(17), files(16)
    opened = pull_request(4, "OPEN", proposed(after, COMPOSE, GROUP), changeset="postgres-16", files=at(after))
    assert planned(before, after, opened).changesets[0].action == ClosePullRequest(number=4)
    told = Comment(author=BOT, said_on=TODAY, body=marker("postgres-downgrade", ()))
    held = comment("dana", "/syncbot hold")
    for fields, action, code in (
        ({"people_committed": True}, CommentOnce(number=4, paths=()), "postgres-downgrade"),
        ({"people_committed": True, "comments": (told,)}, NoOp(), "postgres-downgrade"),
        ({"comments": (held,)}, NoOp(), "held"),
        ({"reopened": True}, NoOp(), "reopened"),
    ):
        changeset = planned(before, after, replace(opened, **fields)).changesets[0]  # type: ignore[arg-type]
        assert (changeset.action, changeset.reason_code) == (action, code)


def test_declined_as_a_whole() -> None:
    """Closed by a person: the move is quiet, and says nothing of the rest."""
    before, after = files(16), files(17, docker="FROM node:24\n")
    declined = pull_request(2, "CLOSED", proposed(after, COMPOSE, GROUP), changeset="postgres-17", closed_by="dana")
    made = planned(before, after, declined)
    assert [(each.name, each.reason_code) for each in made.changesets] == [
        ("postgres-17", "declined"),
        ("sync", "drift"),
    ]


def test_never_half_a_move() -> None:
    """After a no, a changed parameter asks for the move anew, with the image; never for the file of 17 alone."""
    after = files(17, work_mem="8MB")
    earlier = files(17)
    declined = pull_request(2, "CLOSED", proposed(earlier, COMPOSE, GROUP), changeset="postgres-17", closed_by="dana")
    made = planned(files(16), after, declined)
    assert changesets(made) == {"postgres-17": [COMPOSE, CONF, GROUP]}
    assert isinstance(made.changesets[0].action, OpenPullRequest)


def test_declined_until_a_day_holds_for_the_whole() -> None:
    """`/syncbot decline until` keeps all of it quiet, whatever changes meanwhile."""
    said = comment("dana", "/syncbot decline until 2027-01-31 because load test")
    declined = pull_request(
        2,
        "CLOSED",
        proposed(files(17), COMPOSE, GROUP),
        changeset="postgres-17",
        closed_by=BOT,
        comments=(said,),
    )
    made = planned(files(16), files(17, work_mem="8MB"), declined)
    assert [(each.name, type(each.action)) for each in made.changesets] == [("postgres-17", NoOp)]
    assert made.files[1].declined and made.files[1].declined.until == date(2027, 1, 31)


def test_leaves_an_open_sync() -> None:
    """What an open pull request proposed of these files goes back there, and into the new one."""
    routine = files(16, work_mem="8MB", docker="FROM node:24\n")
    opened = pull_request(3, "OPEN", proposed(routine, "Dockerfile", CONF, GROUP), files=at(routine))
    before, after = files(16), files(17, work_mem="8MB", docker="FROM node:24\n")
    blobs = {f"{opened.commits[-1].oid}:{path}": text.encode() for path, text in routine.items()}
    blobs |= {file_id(text).id: text.encode() for text in (*routine.values(), *before.values())}
    seen = observation({path: before.get(path) for path in PATHS}, pull_requests=(opened,), blobs=blobs)
    made = plan(after, seen, {path: stanza(text) for path, text in before.items()}, spec=SPEC)
    sync = next(each for each in made.changesets if each.name == "sync")
    written = {write.path: write.content for write in sync.action.writes}  # type: ignore[union-attr]
    assert written[CONF] == before[CONF].encode() and written[GROUP] == before[GROUP].encode()
    assert COMPOSE not in written


@pytest.mark.parametrize("to", [15, 18])
def test_an_open_one_of_another_major_is_closed(to: int) -> None:
    """The answers went back, or on: merging it would bring a major that nobody asks for now."""
    before, after = files(15), files(to, work_mem="8MB")
    asked = files(17)
    opened = pull_request(4, "OPEN", proposed(asked, COMPOSE, GROUP), changeset="postgres-17", files=at(asked))
    told = Comment(author=BOT, said_on=TODAY, body=marker("postgres-withdrawn", ()))
    for fields, action in (
        ({}, ClosePullRequest(number=4)),
        ({"people_committed": True}, CommentOnce(number=4, paths=())),
        ({"people_committed": True, "comments": (told,)}, NoOp()),
    ):
        made = planned(before, after, replace(opened, **fields))  # type: ignore[arg-type]
        by_name = {each.name: each for each in made.changesets}
        assert (by_name["postgres-17"].action, by_name["postgres-17"].reason_code) == (action, "postgres-withdrawn")
        assert isinstance(by_name["sync" if to == 15 else "postgres-18"].action, OpenPullRequest)


@pytest.mark.parametrize("path", [COMPOSE, CONF, GROUP])
def test_an_exempt_part_holds_the_whole_back(path: str) -> None:
    """Image, parameter file and group move together: one that must stay keeps the others, and the reason names it."""
    after = files(17, work_mem="8MB", docker="FROM node:24\n")
    made = planned(files(15), after, exempt=(path,))
    assert [(each.name, type(each.action), each.reason_code) for each in made.changesets] == [
        ("postgres-17", NoOp, "postgres-held-back"),
        ("sync", OpenPullRequest, "drift"),
    ]
    assert f"{path} is exempt (until {TODAY} (@acme/shop): busy)" in why_words(made.changesets[0].why)
    asked = proposed(after, COMPOSE, CONF, GROUP)
    opened = pull_request(4, "OPEN", asked, changeset="postgres-17", files=at(after))
    waiting = planned(files(15), after, opened, exempt=(path,)).changesets[0]
    assert (type(waiting.action), waiting.reason_code) == (NoOp, "postgres-held-back")


def test_an_exempt_part_that_is_there_already_holds_nothing_back() -> None:
    """The team moved its own image, and keeps the file: the rest may follow."""
    before = files(15) | {COMPOSE: files(17)[COMPOSE]}
    assert changesets(planned(before, files(17), exempt=(COMPOSE,))) == {"postgres-17": [GROUP]}


@pytest.mark.parametrize("here", ["image: postgres", "build: ./db"])
@pytest.mark.parametrize("delivered", [None, {}])
def test_an_unknown_major_holds_back_what_belongs_to_it(here: str, delivered: dict[str, str] | None) -> None:
    """As a lower one does: parameters and a group, there or new, may not fit the server that nobody knows."""
    before = {"Dockerfile": "FROM node:22\n", CONF: "", COMPOSE: f"services:\n  db:\n    {here}\n"}
    made = planned(before, files(17, docker="FROM node:24\n"), delivered=delivered)
    assert [path for names in changesets(made).values() for path in names] == ["Dockerfile"]
    whys = {status.path: file_why_words(status.why) for status in made.files if status.state is FileState.BLOCKED}
    assert whys.keys() == {COMPOSE, CONF, GROUP}
    assert whys[CONF] == whys[GROUP] == f"it belongs to the Postgres of {COMPOSE}, and nobody can tell which that is"


def test_an_unknown_major_holds_nothing_back_that_stays() -> None:
    """The Compose file is as desired: its parameters change as ever."""
    before = files(17) | {COMPOSE: compose(db="postgres")}
    after = files(17, work_mem="8MB") | {COMPOSE: compose(db="postgres")}
    assert changesets(planned(before, after)) == {"sync": [CONF, GROUP]}


def test_an_unknown_major_holds_a_known_move_back() -> None:
    """Of two Compose files one moves to 17, and of the other nobody can say: the move waits, and names it."""
    other = "deploy/docker-compose.db.yml"
    spec = TemplateSpec(name="service", questions={}, owned=(*SPEC.owned, OwnedFile(path=other)))
    before, after = files(16) | {other: compose(db="postgres")}, files(17) | {other: compose(db="postgres:17")}
    seen = observation({path: before.get(path) for path in (*PATHS, other)})
    made = plan(after, seen, {path: stanza(text) for path, text in before.items()}, spec=spec)
    (held,) = made.changesets
    assert (held.name, type(held.action), held.reason_code) == ("postgres-17", NoOp, "postgres-held-back")
    assert f"{other} is blocked" in why_words(held.why)

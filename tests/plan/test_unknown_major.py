"""Where nobody can say which Postgres is here, nothing is proposed: unknown is never read as the same or as lower."""

from __future__ import annotations

import pytest

from syncbot.model.templates import OwnedFile, TemplateSpec
from syncbot.plan.actions import NoOp, OpenPullRequest
from syncbot.plan.file_reasons import UnknownMajor
from syncbot.plan.files.major_step import MajorStep, major_step
from syncbot.plan.repo_plan import RepoPlan
from syncbot.plan.states import FileState
from syncbot.report.why import file_why_words
from tests.formats.postgres_spellings import TABLE, Majors
from tests.plan.builders import observation, plan, stanza

COMPOSE = "docker-compose.yml"
SPEC = TemplateSpec(name="service", questions={}, owned=(OwnedFile(path=COMPOSE), OwnedFile(path="Dockerfile")))


def compose(**images: str) -> str:
    """A Compose file with a service of each image."""
    return "services:\n" + "".join(f"  {name}:\n    image: {image}\n" for name, image in images.items())


def planned(live: str, desired: str, *, delivered: bool = False) -> RepoPlan:
    """The plan of a repo whose Compose file is `live`; a Dockerfile is missing besides."""
    lock = {COMPOSE: stanza(live)} if delivered else {}
    return plan({COMPOSE: desired, "Dockerfile": "FROM x:1\n"}, observation({COMPOSE: live}), lock, spec=SPEC)


def step(live: str, desired: str) -> MajorStep | UnknownMajor | None:
    return major_step(COMPOSE, live.encode(), desired.encode())


@pytest.mark.parametrize("delivered", [False, True])
@pytest.mark.parametrize(("text", "majors"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_no_spelling_gets_a_lower_major(text: str, majors: Majors, delivered: bool) -> None:
    """Against a template of major 8 a file with any server is refused or blocked; one without is proposed."""
    made = planned(text, compose(db="postgres:8"), delivered=delivered)
    status = next(status for status in made.files if status.path == COMPOSE)
    proposed = [
        file.path for each in made.changesets if isinstance(each.action, OpenPullRequest) for file in each.files
    ]
    assert (COMPOSE in proposed) is not bool(majors)
    assert "Dockerfile" in proposed
    if "\r\n" in text:
        assert status.state is FileState.BLOCKED
    elif majors and all(majors):
        (refused,) = [each for each in made.changesets if each.name == "postgres-8"]
        assert (type(refused.action), refused.reason_code) == (NoOp, "postgres-downgrade")
    elif majors and not any(majors):
        assert status.state is FileState.BLOCKED


def test_the_reason_says_what_and_what_to_do() -> None:
    """Which service, what of it could not be read, and three ways out."""
    (status, *_) = (each for each in planned(compose(db="postgres"), compose(db="postgres:16")).files if each.why)
    assert file_why_words(status.why) == (
        'cannot tell which Postgres is here: db: the tag of "postgres" does not say; '
        "name the major in the image's tag, put the platform's file here by hand, or exempt the file"
    )


@pytest.mark.parametrize(
    ("live", "desired", "right"),
    [
        (compose(db="postgres:16"), compose(db="postgres:17"), (16, 17)),
        (compose(db="postgres:17"), compose(db="postgres:16"), (17, 16)),
        (compose(store="postgres:17"), compose(db="postgres:16"), (17, 16)),
        (compose(a="postgres:15", b="postgres:17"), compose(db="postgres:16"), (17, 16)),
        (compose(a="postgres:15", b="postgres:17"), compose(b="postgres:17", a="postgres:16"), (15, 16)),
        (compose(db="postgis/postgis:17-3.5"), compose(db="postgres:17"), None),
        (compose(db="postgres:17"), compose(app="x:1"), None),
        (compose(app="x:1"), compose(db="postgres:17"), None),
        (compose(db="postgres"), compose(app="x:1"), None),
        (compose(db="postgres", app="x:1"), compose(db="postgres", app="x:2"), None),
        (compose(db="postgres"), compose(db="postgres:17"), "db"),
        (compose(db="postgres:17"), compose(db="postgres"), "db"),
        (compose(store="postgres"), compose(db="postgres:17"), "store"),
        (compose(db="postgres:17", old="postgres"), compose(db="postgres:17"), None),
        (compose(db="postgres:17", old="postgres"), compose(db="postgres:16"), (17, 16)),
        (compose(db="postgres:16", old="postgres"), compose(db="postgres:17", new="postgres:17"), "old"),
        ("services: [\n", compose(db="postgres:17"), ""),
        ("services: [\n", compose(app="x:1"), None),
        (compose(db="postgres:17"), "include: [db.yml]\n", ""),
        (compose(db="postgres:17") + "include: [x.yml]\n", compose(db="postgres:17", app="x:1"), None),
    ],
)
def test_step_of_a_file(live: str, desired: str, right: tuple[int, int] | str | None) -> None:
    """Servers are paired by name, then by order, then the newest; a known step back counts before what is unknown."""
    match step(live, desired):
        case MajorStep() as found:
            assert (found.from_major, found.to_major) == right
        case UnknownMajor() as found:
            assert found.service == right
        case None:
            assert right is None


def test_other_files() -> None:
    """A workflow's service and a Dockerfile move with the major; where they do not tell it, nothing is at stake."""
    workflow = "jobs: {{test: {{services: {{db: {{image: '{}'}}}}}}}}\n"
    path = ".github/workflows/ci.yml"
    old, new, unknown = (workflow.format(image).encode() for image in ("postgres:16", "postgres:17", "postgres"))
    assert major_step(path, old, new) == MajorStep(from_major=16, to_major=17)
    assert major_step(path, unknown, new) is None
    assert major_step(path, b"{", new) is None
    bases = b"FROM postgres:16 AS a\nFROM a\n", b"ARG V=17\nFROM postgres:$V\n"
    assert major_step("db/Dockerfile", *bases) == MajorStep(from_major=16, to_major=17)
    assert major_step(path, None, new) is None

"""The moves of the service template: what is rendered with a value is read back as that value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations, product

import pytest

from syncbot.check.versions import products
from syncbot.errors import RenderError
from syncbot.formats.moves import Unread, read_move
from syncbot.model.templates import MoveBy, MoveSpec, event
from syncbot.render import Templates
from tests.templates.combinations import BASE, RARER, Answers, combinations, runtimes

VERSIONS = {
    "node": ("node_version", "{}", "{}.11", "{}.11.3"),
    "python": ("python_version", "{}", "{}.4"),
    "go": ("go_version", "{}", "{}.10"),
}
MAJORS = ("13", "14", "15", "16", "17", "18")
FORMATS = ("terraform", "cloudformation", "aws-cli")


def moves(templates: Templates) -> Mapping[str, MoveSpec]:
    return {move.answer: move for move in templates.specs["service"].moves}


def read(templates: Templates, answer: str, answers: Answers) -> str | Unread | None:
    """What the move's reader finds in what is rendered; None where none of its files is."""
    move = moves(templates)[answer]
    files = templates.render_owned("service", answers)
    found = next((files[path] for path in move.paths if path in files), None)
    return found and read_move(move, found.content)


def runtime_answers() -> Iterator[Answers]:
    """Each runtime with every known version in each spelling, and both releases of Debian."""
    each = {answers["runtime"]: answers for answers in runtimes()}
    for runtime, more, debian in product(each.values(), ({}, RARER), ("bookworm", "trixie")):
        answer, *shapes = VERSIONS[str(runtime["runtime"])]
        for version, shape in product(products()[str(runtime["runtime"])].releases, shapes):
            yield {**BASE, **runtime, **more, answer: shape.format(version), "debian": debian}


def test_versions_and_releases_are_read_back(templates: Templates) -> None:
    """For every version that is known, in every Dockerfile that there is, with mirrors, digests and packages."""
    done = 0
    for answers in runtime_answers():
        answer = VERSIONS[str(answers["runtime"])][0]
        try:
            found = (read(templates, answer, answers), read(templates, "debian", answers))
        except RenderError as error:
            assert answer in str(error)
            continue
        assert found == (answers[answer], answers["debian"])
        done += 1
    assert done > 200


@pytest.mark.parametrize("prefix", ["", "registry.acme.example:5000/mirror/"])
@pytest.mark.parametrize("major", [*MAJORS, "none"])
def test_the_servers_major_is_read_back(templates: Templates, major: str, prefix: str) -> None:
    """Of the Compose file; without a database it says that there is none, which is the answer that `absent` names."""
    move = moves(templates)["postgres_version"]
    found = read(templates, move.answer, {**BASE, "postgres_version": major, "base_image_prefix": prefix})
    assert (move.absent if found is Unread.ABSENT else found) == major


@pytest.mark.parametrize("rds_format", FORMATS)
def test_the_familys_major_is_read_back(templates: Templates, rds_format: str) -> None:
    """Of the group that RDS has, which is the old one where there are two; without a database there is none."""
    for container, rds in product(MAJORS, MAJORS):
        answers = {**BASE, "postgres_version": container, "rds_postgres_version": rds, "rds_format": rds_format}
        assert read(templates, "rds_postgres_version", answers) == rds
    assert read(templates, "rds_postgres_version", {**BASE, "postgres_version": "none"}) is None


def test_every_combination_reads_as_it_resolves(templates: Templates) -> None:
    """Defaults too: each move reads what its answer resolves to, but for versions of a runtime that is not in use."""
    for answers in combinations()[::7]:
        resolved = templates.resolved("service", answers)
        for move in moves(templates).values():
            found = read(templates, move.answer, answers)
            if found is Unread.ABSENT and move.absent is None:
                assert not move.answer.startswith(str(resolved["runtime"]))
            else:
                expected = None if found is None else resolved[move.answer]
                assert (move.absent if found is Unread.ABSENT else found) == expected
                assert found or resolved[move.answer] == "none"


def test_a_version_that_is_not_in_use_renders_nothing_else(templates: Templates) -> None:
    """Another Python alters no file of a Node service: no move is pending where no rendering reacts to it."""
    for used, other in permutations(VERSIONS, 2):
        answers = {**BASE, "runtime": used}
        answer, *_ = VERSIONS[other]
        versions = list(products()[other].releases)[-2:]
        one, two = (templates.render_owned("service", {**answers, answer: version}) for version in versions)
        assert one == two == templates.render_owned("service", answers)


def test_what_the_service_template_declares(templates: Templates) -> None:
    """An answer each: its label, its event, and for the databases that they move whole and never back."""
    declared = {
        move.answer: (move.label, event(move, "3.12.4"), move.whole, move.back, move.absent)
        for move in templates.specs["service"].moves
    }
    assert declared == {
        "node_version": ("Node", "3", False, True, None),
        "python_version": ("Python", "3.12", False, True, None),
        "go_version": ("Go", "3.12", False, True, None),
        "debian": ("Debian", "3.12.4", False, True, None),
        "postgres_version": ("Postgres", "3.12.4", True, False, "none"),
        "rds_postgres_version": ("RDS Postgres", "3.12.4", True, False, "none"),
    }
    assert {move.by for move in templates.specs["service"].moves} == set(MoveBy)

"""What is refused of a repo's answers: the same as rendering refuses, all of it, and from memory where it was seen."""

from __future__ import annotations

import random

import pytest

from syncbot.errors import RenderError
from syncbot.render import Templates
from syncbot.render.questions import RefusedAnswer
from tests.render.answers import believable, hostile

NAMES = ("postgres_version", "rds_postgres_version", "postgres_parameters", "debian", "has")


@pytest.mark.parametrize("seed", range(8))
def test_refusals_are_those_of_rendering(templates: Templates, seed: int) -> None:
    """What renders has no refusal, and completes to the same answers; what rendering refuses first is among them."""
    rng = random.Random(seed)
    refused = 0
    for _ in range(60):
        given = rng.choice((believable, hostile))(rng)
        found = {(each.name, each.reason) for each in templates.refusals("service", given)}
        completed = templates.completed("service", given, NAMES)
        try:
            resolved = templates.resolved("service", given)
        except RenderError as error:
            if isinstance(error.__cause__, RefusedAnswer):
                assert tuple(str(error).split(": ", 1)) in found
                refused += 1
            continue
        assert found == set()
        assert completed == {name: resolved[name] for name in NAMES}
    assert refused > 5


def test_all_of_one_repo_and_what_bears_on_it(templates: Templates) -> None:
    """One mistake hides no other; a refusal names the given answers that its question looks at, defaults followed."""
    given = {"service_name": "a", "organization": "acme", "team": "@acme/a", "owners": "@acme/b", "runtime": "python"}
    found = templates.refusals("service", {**given, "port": 80, "health_path": "x", "debian": "sid", "kind": "web"})
    assert {each.name: each.bearing for each in found} == {
        "port": ("kind",),
        "health_path": ("kind",),
        "debian": (),
    }
    (refusal,) = templates.refusals("service", {**given, "package_manager_version": "latest"})
    assert (refusal.name, refusal.bearing) == ("package_manager_version", ("runtime",))

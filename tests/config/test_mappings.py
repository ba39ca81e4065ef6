"""Answers that are mappings: the fleet's and the repo's go together key by key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbot.config import parse_fleet
from syncbot.config.mappings import merged, own_part
from syncbot.model.fleet import Repo
from syncbot.render import load_templates

from .specs import HEAD, SPECS, errors

ROOT = Path(__file__).parents[2]
KEYS = st.sampled_from(["a", "b", "c", "d"])
VALUES = st.one_of(st.booleans(), st.integers(0, 2), st.sampled_from([1.0, "x"]), st.dictionaries(KEYS, st.none()))


def fleet(default: str, own: str) -> Repo:
    head = HEAD.replace("template: service,", f"template: service, answers: {{postgres_parameters: {default}}},")
    return parse_fleet(f"{head}  - {{name: a, answers: {{postgres_parameters: {own}}}}}\n", "f", SPECS).repos[0]


@pytest.mark.parametrize(
    ("default", "own", "both"),
    [
        ("{a: 1}", "{b: 2}", {"a": 1, "b": 2}),
        ("{a: 1, b: 2}", "{a: 3}", {"a": 3, "b": 2}),
        ("{a: 1, b: 2}", "{a: null}", {"b": 2}),
        ("{a: 1, b: 2}", "{a: ~, b: , c: 3}", {"c": 3}),
        ("{a: 1}", "{}", {"a": 1}),
        ("{}", "{a: 1}", {"a": 1}),
        # One level deep: a key's value is replaced, also where it is a mapping itself.
        ("{a: {local: 1, rds: 2}}", "{a: {rds: 3}}", {"a": {"rds": 3}}),
        ("{a: {local: 1}}", "{a: {local: null}}", {"a": {"local": None}}),
        ("{a: 1}", "{a: {local: 2}}", {"a": {"local": 2}}),
        # Only two mappings go together.
        ("{a: 1}", "[b]", ["b"]),
        ("[a]", "{b: 2}", {"b": 2}),
        ("[a]", "[b]", ["b"]),
        ("x", "{b: null}", {"b": None}),
    ],
)
def test_a_mapping_of_defaults_and_one_of_a_repo(default: str, own: str, both: object) -> None:
    """What a repo gets, by what stands in `defaults` and in its own answers."""
    assert fleet(default, own).answers["postgres_parameters"] == both


def test_what_a_repo_says_itself_is_kept_beside() -> None:
    """The repo's own part is known where defaults added to it, and nowhere else."""
    assert fleet("{a: 1}", "{b: 2, a: null}").own_parts == {"postgres_parameters": {"a": None, "b": 2}}
    assert fleet("[a]", "{b: 2}").own_parts == {}


def test_a_null_takes_out_what_is_there() -> None:
    """A null for a key that defaults lack is a mistake, with its place and the key that was meant."""
    head = HEAD.replace("template: service,", "template: service, answers: {postgres_parameters: {work_mem: 1MB}},")
    text = (
        head + "  - name: a\n    answers:\n      postgres_parameters:\n        work_mm: null\n        work_mem: null\n"
    )
    assert errors(text) == [
        "repos.yaml:9:9: repos[0] (a).answers.postgres_parameters.work_mm: there is nothing to take out: "
        'defaults have no "work_mm" there; did you mean work_mem?'
    ]


def test_an_exempt_mapping_is_kept_whole() -> None:
    """`keep` is all of the answer: nothing of defaults is added while it holds."""
    head = HEAD.replace("template: service,", "template: service, answers: {postgres_parameters: {a: 1}},")
    exemption = '{answer: postgres_parameters, keep: {b: 2}, until: 2027-01-31, owner: "@ada", reason: a test}'
    repo = parse_fleet(f"{head}  - {{name: a, exemptions: [{exemption}]}}\n", "f", SPECS).repos[0]
    until = repo.exemptions[0].until
    assert repo.answers_on(until)["postgres_parameters"] == {"b": 2}
    assert repo.answers_on(until.replace(year=2028))["postgres_parameters"] == {"a": 1}


@given(st.dictionaries(KEYS, VALUES), st.dictionaries(KEYS, VALUES))
def test_what_a_new_repo_writes_gives_what_was_asked_for(default: dict[str, object], wanted: dict[str, object]) -> None:
    """With any default, the part that a repo writes leads to the wanted mapping; what the default says is not in it."""
    part = own_part(default, wanted)
    assert isinstance(part, dict)
    assert repr(sorted(merged(default, part).items())) == repr(sorted(wanted.items()))
    assert not any(key in default and repr(default[key]) == repr(value) for key, value in part.items())


def test_a_parameter_for_the_fleet_reaches_each_service_with_postgres() -> None:
    """One line under `defaults` of the demo fleet stands in all ten postgresql.conf, whatever each sets itself."""
    templates = load_templates(ROOT)
    text = (ROOT / "config" / "repos.yaml").read_text()
    everywhere = text.replace("    postgres_parameters: {", "    postgres_parameters: {jit: off, ", 1)
    found: list[bool] = []
    for repo in parse_fleet(everywhere, "f", templates.specs).repos:
        conf = templates.render_owned(repo.template, repo.answers).get("postgres/postgresql.conf")
        if conf is not None:
            found.append(b"\njit = off\n" in conf.content)
    assert found == [True] * 10

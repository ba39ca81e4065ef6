"""Generated input: nothing but a fleet or a ConfigError, and what is written is what is read."""

import json
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.config import parse_fleet
from syncbot.config.document import Document, ExemptionEntry, LimitsEntry, RepoEntry
from syncbot.errors import ConfigError
from syncbot.model.files import Ownership
from syncbot.model.fleet import Exemption, Fleet, Limits, Repo

from .specs import HEAD, SPECS

fixed = settings(derandomize=True, deadline=None, max_examples=300)

WORDS = [
    *("organization", "identities", "owners", "defaults", "limits", "repos", "name", "team", "template", "answers"),
    *("ownership", "exemptions", "path", "answer", "keep", "until", "owner", "reason", "port", "node_version"),
    *("acme", "service", "bare", "Dockerfile", "file", "keys", '"@acme/core"', "[]", "{}", "[a, b]", "{port: 1}"),
    *(
        "18.10",
        "0o10",
        "1e3",
        "12:30",
        "on",
        "null",
        "~",
        "",
        "2027-01-31",
        "2027-02-30",
        ".nan",
        "-1",
        "'x'",
        "|",
        ">",
    ),
    *("&a", "*a", "<<", "!!str", "!foo", "---", "...", "%YAML 1.2", "\t", "#", "é", "\U0001f600", "9" * 5000, "? [a]"),
]
LINES = st.lists(
    st.builds(
        lambda indent, dash, words: " " * indent + dash + ": ".join(words),
        st.integers(0, 8),
        st.sampled_from(["", "- ", "- - "]),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    ),
    max_size=15,
).map("\n".join)


def reads_or_says_why(text: str) -> None:
    try:
        fleet = parse_fleet(text, "repos.yaml", SPECS)
    except ConfigError as error:
        assert error.problems
        assert list(error.problems) == sorted(error.problems)
        assert all(problem.line and problem.column for problem in error.problems)
        assert len(str(error).split("\n")) == len(error.problems)
    else:
        assert isinstance(fleet, Fleet)


@fixed
@given(st.text())
def test_any_text(text: str) -> None:
    """Arbitrary characters, lone surrogates included, are a fleet or a ConfigError."""
    reads_or_says_why(text)


@fixed
@given(LINES, st.booleans())
def test_text_that_looks_like_a_config(text: str, with_head: bool) -> None:
    """Lines of the right words in wrong places are a fleet or a ConfigError with places."""
    reads_or_says_why(HEAD + text if with_head else text)


ODD = [
    *(
        "9" * 400,
        "9" * 5000,
        "-" + "9" * 400,
        "0x" + "f" * 5000,
        "0o" + "7" * 5000,
        "1e999",
        "-1e999",
        "9" * 400 + ".5",
    ),
    *(
        ".inf",
        "-.INF",
        ".nan",
        "0000-00-00",
        "9999-12-31",
        "-",
        "+",
        ".",
        "-.",
        "1e",
        "0x",
        "=",
        "~",
        "'\\u0000'",
        "[]",
    ),
    *('"\\x1b[2J"', '"\\u2028"', '"\\n"', '"a\\nb"', '"\\ud800"', "*a", "!!float 1", "!!null x", "|\n", "{a}", "- 1"),
]


@pytest.mark.parametrize("value", ODD)
def test_odd_scalars_everywhere(value: str) -> None:
    """Numbers out of range, escapes and half-written values do no harm under any key or answer, nor as a key."""
    for question in SPECS["service"].questions:
        reads_or_says_why(f"{HEAD}  - name: a\n    answers:\n      {question}: {value}\n")
    for key in RepoEntry.model_fields:
        reads_or_says_why(f"{HEAD}  - name: a\n    {key}: {value}\n")
        reads_or_says_why(f"{HEAD}  - name: a\n    {key}: {{{value}: {value}}}\n")
    for key in ExemptionEntry.model_fields:
        reads_or_says_why(f"{HEAD}  - name: a\n    exemptions:\n      - answer: share\n        {key}: {value}\n")
    for key in Document.model_fields:
        reads_or_says_why(f"{HEAD.replace(key, 'x' + key)}  []\n{key}: {value}\n")
    for key in LimitsEntry.model_fields:
        reads_or_says_why(f"{HEAD}  []\nlimits: {{{key}: {value}}}\n")


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=20,
)


@fixed
@given(
    st.dictionaries(
        st.sampled_from(["organization", "identities", "owners", "defaults", "limits", "repos"]), TREES, max_size=6
    ),
    st.lists(
        st.dictionaries(
            st.sampled_from(["name", "team", "template", "answers", "ownership", "exemptions"]), TREES, max_size=6
        ),
        max_size=3,
    ),
)
def test_any_shape(top: dict[str, object], repos: list[object]) -> None:
    """Any tree of values under the known keys is a fleet or a ConfigError with places."""
    reads_or_says_why(as_yaml({"repos": repos, **top}))


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}[A-Za-z0-9]", fullmatch=True).filter(
    lambda name: not name.lower().endswith(".git")
)
OWNERS = st.from_regex(r"@[a-z][a-z0-9-]{0,9}(/[a-z][a-z0-9._-]{0,9})?", fullmatch=True)
JSON = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "runtime": st.sampled_from(["node", "python"]),
        "node_version": st.text(),
        "port": st.integers(),
        "replicas": st.sampled_from([1, 3]),
        "share": st.floats(allow_nan=False, allow_infinity=False),
        "public": st.booleans(),
        "postgres_parameters": st.dictionaries(st.text(), JSON, max_size=3),
    },
)
EXEMPTIONS = st.builds(
    Exemption,
    path=st.sampled_from([None, "Dockerfile"]),
    until=st.dates(min_value=date(1000, 1, 1)),
    owner=OWNERS,
    reason=st.text(min_size=1).map(str.strip).filter(bool),
)
REPOS = st.builds(
    lambda name, team, answers, ownership, exemptions: Repo(
        name=f"acme/{name}",
        template="service",
        answers={**answers, "service_name": name, "organization": "acme", "team": team, "owners": "@acme/platform"},
        ownership=ownership,
        exemptions=tuple(exemptions),
    ),
    NAMES,
    OWNERS,
    ANSWERS,
    st.dictionaries(st.just("Dockerfile"), st.sampled_from(Ownership)),
    st.lists(EXEMPTIONS, max_size=2),
)
FLEETS = st.builds(
    lambda repos, limits: Fleet(
        organization="acme", identities=("bot",), owners="@acme/platform", limits=limits, repos=tuple(repos)
    ),
    st.lists(REPOS, max_size=4, unique_by=lambda repo: repo.name.lower()),
    st.builds(
        Limits,
        open_pull_requests=st.integers(0, 1000),
        pull_requests_per_hour=st.integers(1, 1000),
        max_fleet_share=st.floats(0, 1, exclude_min=True),
        seconds_between_writes=st.floats(0, 3600),
    ),
)


PAIR = re.compile(r"(\\\\)|\\u(d[89ab]..)\\u(d[c-f]..)")


def as_yaml(value: object) -> str:
    """JSON with the one escape that YAML has not, the surrogate pair, written as YAML does."""

    def character(match: re.Match[str]) -> str:
        if match[1]:
            return match[1]
        return f"\\U{0x10000 + (int(match[2], 16) - 0xD800) * 0x400 + int(match[3], 16) - 0xDC00:08x}"

    return PAIR.sub(character, json.dumps(value))


def written(fleet: Fleet) -> str:
    """The fleet as a person might write it; JSON is YAML, which spares a second writer here."""
    repos = []
    for repo in fleet.repos:
        answers = dict(repo.answers)
        entry = {"name": answers.pop("service_name"), "team": answers.pop("team"), "ownership": repo.ownership}
        del answers["organization"], answers["owners"]
        exemptions = [
            {key: str(value) for key in ("path", "until", "owner", "reason") if (value := getattr(each, key))}
            for each in repo.exemptions
        ]
        repos.append({**entry, "answers": answers, "exemptions": exemptions})
    limits = {name: getattr(fleet.limits, name) for name in Limits.__slots__}
    return as_yaml(
        {
            "organization": fleet.organization,
            "identities": fleet.identities,
            "owners": fleet.owners,
            "defaults": {"template": "service"},
            "limits": limits,
            "repos": repos,
        }
    )


@fixed
@given(FLEETS)
def test_a_valid_fleet_comes_back_as_it_was(fleet: Fleet) -> None:
    """What is written as YAML is read as the same fleet, strings of any characters included."""
    assert parse_fleet(written(fleet), "repos.yaml", SPECS) == fleet

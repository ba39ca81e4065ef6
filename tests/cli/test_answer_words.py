"""`--answer name=value`: a word means what it means in config/repos.yaml."""

from __future__ import annotations

import pytest

from syncbot.app.registration import parse_answers
from syncbot.config import parse_fleet
from syncbot.errors import SyncbotError
from tests.config.specs import HEAD, SPECS

QUESTIONS = SPECS["service"].questions


@pytest.mark.parametrize(
    ("word", "value"),
    [
        *(("010", 10), ("1e3", 1000.0), ("on", "on"), ("NO", "NO"), ("12:30", "12:30"), ("0o17", 15), (".5", 0.5)),
        *(
            ("0x10", 16),
            ("True", True),
            ("'010'", "010"),
            ("[yes, 1_000]", ["yes", "1_000"]),
            ("{a: 0b1}", {"a": "0b1"}),
        ),
    ],
)
def test_a_word_means_what_it_means_in_the_config(word: str, value: object) -> None:
    """Both say the same, of the same type, by hand from the core schema of YAML 1.2; YAML 1.1 had `010` as 8."""
    text = f"{HEAD}  - name: a\n    answers:\n      postgres_parameters: {word}\n"
    (repo,) = parse_fleet(text, "repos.yaml", SPECS).repos
    given = parse_answers([f"postgres_parameters={word}"], QUESTIONS)["postgres_parameters"]
    assert given == repo.answers["postgres_parameters"] == value
    assert type(given) is type(value)


def test_a_text_stays_as_it_is() -> None:
    """Where the question is of type str nothing is read as YAML; nothing at all is null elsewhere."""
    assert parse_answers(["node_version=18.10"], QUESTIONS) == {"node_version": "18.10"}
    assert parse_answers(["port="], QUESTIONS) == {"port": None}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("[a", "--answer port: not valid YAML: while parsing a flow sequence"),
        ("!!int 3", "--answer port: the tag !!int is not supported; remove it"),
        ("{a: 1, a: 2}", "--answer port: the key is written twice; the first is on line 1"),
    ],
)
def test_what_the_config_refuses_is_refused(word: str, message: str) -> None:
    """With the option's name and the config's words."""
    with pytest.raises(SyncbotError) as caught:
        parse_answers([f"port={word}"], QUESTIONS)
    assert str(caught.value).startswith(message)

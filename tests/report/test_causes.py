"""Causes in words: what a commit's subject says can close nothing, call nobody and not leave its code span."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbot.plan.causes import (
    AnswerCause,
    Cause,
    ConfigCommit,
    NoValue,
    SeveralChanges,
    TemplateCause,
    ToolCause,
    Unproved,
)
from syncbot.plan.file_status import FileStatus
from syncbot.report.causes import cause_json, cause_lines, cause_markdown, cause_words, first_causes, subject_of
from syncbot.report.markdown_escape import cell
from tests.report.samples import BEHIND, changeset, plan
from tests.report.test_json_report import documented
from tests.report.test_markdown_escape import HOSTILE, PROVE, bare_text

COMMIT = ConfigCommit(id="1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", subject="Add a health check")
SUBJECTS = st.one_of(
    HOSTILE,
    st.lists(
        st.sampled_from(
            [
                *("fixes ", "Closes: ", "RESOLVED ", "fix", "#41", "#", "GH-41", "GH-", "g", "H-4", "1"),
                *("https://github.com/acme/shop/issues/41", "acme/shop#41", "https:", "//", "@dana", "@"),
                *("(", ")", "[", "]", " ", "word"),
            ]
        ),
        max_size=12,
    ).map("".join),
)
# https://docs.github.com/en/get-started/writing-on-github: autolinked references, mentions, keywords that close.
REFERENCES = re.compile(r"#\d|@\w|\bGH-\d|https?://", re.IGNORECASE)


def reworded(subject: str) -> ConfigCommit:
    return ConfigCommit(id=COMMIT.id, subject=subject)


@given(subject=SUBJECTS)
@PROVE
def test_a_subject_refers_to_nothing(subject: str) -> None:
    """No subject closes an issue or calls anybody, in a text, which may become a commit's message, or in Markdown."""
    cause = TemplateCause(commit=reworded(subject))
    for words in (cause_words(cause), cause_markdown(cause, None), cause_markdown(cause, None, cell)):
        assert not REFERENCES.search(html.unescape(words))
        assert "\n" not in words


@given(subject=SUBJECTS)
@PROVE
def test_a_subject_stays_in_its_code_span(subject: str) -> None:
    """Read by a CommonMark parser, nothing of it is outside code: what is left are the words around it."""
    cause = TemplateCause(commit=reworded(subject))
    assert bare_text(f"Why: {cause_markdown(cause, 'acme/platform')}.").split() == [
        "Why:",
        f"(acme/platform@{COMMIT.id}).",
    ]
    row = bare_text(f"| File | Why |\n|---|---|\n| x | {cause_markdown(cause, 'acme/platform', cell)} |")
    assert row.split() == ["File", "Why", "x", f"(acme/platform@{COMMIT.id})"]


@given(value=HOSTILE, name=HOSTILE)
@PROVE
def test_a_value_stays_in_its_code_span(value: str, name: str) -> None:
    """The same of answers and their values."""
    cause = AnswerCause(answer="labels", key=name, before=value, after={value: [value]})
    assert bare_text(f"Why: {cause_markdown(cause, None)}.").split() == ["Why:", "→", "."]


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Add a health check (#123)", "Add a health check"),
        ("Fix #41: run as a user", "run as a user"),
        ("Fix the port", "Fix the port"),
        ("Closes acme/shop#41", "a commit"),
        ("Bump @types/node to 22", "Bump types/node to 22"),
        ("resolves https://github.com/acme/shop/issues/41, at last", "at last"),
        ("Fix gh-41 and GH-42 for good", "and for good"),
    ],
)
def test_subjects_as_they_are_read(subject: str, shown: str) -> None:
    """What refers to issues or people goes, with the keyword before it; everything else stays."""
    assert subject_of(reworded(subject)) == shown


@pytest.mark.parametrize(
    ("cause", "words", "markdown"),
    [
        (
            AnswerCause(answer="port", before=8080, after=9090),
            "port 8080 → 9090",
            "`port` `8080` → `9090`",
        ),
        (
            AnswerCause(answer="postgres_parameters", key="work_mem", before="16MB", after="64MB", commit=COMMIT),
            "work_mem 16MB → 64MB (1a2b3c4)",
            f"`work_mem` `16MB` → `64MB` (acme/platform@{COMMIT.id})",
        ),
        (
            AnswerCause(answer="postgres_parameters", key="work_mem", before=NoValue.NOT_GIVEN, after="64MB"),
            "work_mem not set → 64MB",
            "`work_mem` not set → `64MB`",
        ),
        (
            AnswerCause(answer="public", before=True, after=NoValue.NOT_GIVEN),
            "public true → default",
            "`public` `true` → default",
        ),
        (
            AnswerCause(answer="token", before=NoValue.SECRET, after=NoValue.SECRET),
            "token changed (it is a secret)",
            "`token` changed (it is a secret)",
        ),
        (
            AnswerCause(answer="names", before="", after=["x" * 80]),
            f'names "" → ["{"x" * 57}…',
            f'`names` `""` → `["{"x" * 57}…`',
        ),
        (
            TemplateCause(commit=COMMIT),
            "Add a health check (1a2b3c4)",
            f"`Add a health check` (acme/platform@{COMMIT.id})",
        ),
        (TemplateCause(commit=None), "changes that are not committed", "changes that are not committed"),
        (ToolCause(before="0.9", after="1.0"), "syncbot 0.9 → 1.0", "syncbot `0.9` → `1.0`"),
        (Unproved(), *["what was recorded is not what its commit renders now"] * 2),
        (SeveralChanges(since=date(2026, 7, 1)), *["several changes since 2026-07-01"] * 2),
        (SeveralChanges(since=None), *["several changes"] * 2),
    ],
)
def test_words(cause: Cause, words: str, markdown: str) -> None:
    """Each kind in a text and in Markdown, by hand."""
    assert cause_words(cause) == words
    assert cause_markdown(cause, "acme/platform") == markdown
    assert cause_json(cause)["words"] == words


def test_a_secret_is_not_in_the_json() -> None:
    """Neither value of a secret answer is there; a value that is not given is null."""
    cause = AnswerCause(answer="token", before=NoValue.SECRET, after=NoValue.SECRET)
    found = json.loads(json.dumps(cause_json(cause)))
    assert (found["kind"], found["answer"], found["before"], found["after"]) == ("answer", "token", None, None)


def test_every_kind_has_the_same_members() -> None:
    """A reader finds each member in each cause, null where it says nothing there."""
    kinds: list[Cause] = [
        AnswerCause(answer="port", before=1, after=2, commit=COMMIT),
        TemplateCause(commit=COMMIT),
        ToolCause(before="1", after="2"),
        Unproved(),
        SeveralChanges(since=None),
    ]
    members = {tuple(sorted(cause_json(cause))) for cause in kinds}
    assert len(members) == 1
    assert {type(cause) for cause in kinds} == set(get_args(Cause))
    assert [cause_json(cause)["kind"] for cause in kinds] == documented("Causes")


def test_the_first_few() -> None:
    """Three are said, and how many more there are."""
    ports = [AnswerCause(answer=f"port{number}", before=1, after=2) for number in range(5)]
    assert first_causes(ports[:1], cause_words) == "port0 1 → 2"
    assert first_causes(ports, cause_words) == "port0 1 → 2; port1 1 → 2; port2 1 → 2; and 2 more"
    assert first_causes((), cause_words) == ""


def explained(causes: tuple[Cause, ...]) -> FileStatus:
    return replace(BEHIND, causes=causes)


def test_lines_for_a_fleet() -> None:
    """A line a cause with its repos, most first; an answer that changed otherwise in each is one line."""
    commit = TemplateCause(commit=COMMIT)
    plans = [
        plan(f"acme/{name}", changeset(explained((AnswerCause(answer="port", before=1, after=number), *others))))
        for number, (name, others) in enumerate([("a", (commit,)), ("b", ()), ("c", (commit,))], start=2)
    ]
    assert cause_lines(plans) == (
        "port, changed in 3 ways: 3 repos (a, b, c)",
        "Add a health check (1a2b3c4): 2 repos (a, c)",
    )
    assert cause_lines(plans[:1]) == ("port 1 → 2: 1 repo (a)", "Add a health check (1a2b3c4): 1 repo (a)")
    many = tuple(AnswerCause(answer=f"port{number}", before=1, after=2) for number in range(15))
    assert cause_lines([plan("acme/a", changeset(explained(many)))])[-1] == "and 3 more causes"

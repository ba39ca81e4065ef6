"""Under GitHub Actions nothing that is printed is a command, whatever repos, people and branches are called.

The runner's parser is modelled here in words of our own, after ActionCommand.TryParse, TryParseV2 and
ActionCommandManager.TryProcessCommand of actions/runner.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbot.cli.output import guarded, harmless, say, say_command, say_data
from tests.cli.harness import Platform
from tests.sandbox_support import comment_pull, make_repo

REPO = "acme/orders"
HOSTILE = (
    "::set-output name=token::stolen",
    "  ::group::mine",
    "##[set-output name=x;]y",
    "text ##[add-mask]acme",
    "###[group]",
    "::stop-commands::mine",
    "a\r::error::b",
    "\u00a0::warning::w",
    ":::notice::n",
)


def commands(output: str) -> list[str]:
    """The lines that the runner carries out, in the order of one stream."""
    found, stopped_by = [], None
    for line in re.split(r"\r\n|\r|\n", output):
        command = parsed(line)
        if command is None:
            continue
        name, data = command
        if stopped_by is not None:
            stopped_by = None if name == stopped_by else stopped_by
        elif name == "stop-commands":
            stopped_by = data
        else:
            found.append(line)
    assert stopped_by is None, "commands stay stopped after syncbot has ended"
    return found


def parsed(line: str) -> tuple[str, str] | None:
    """The name and the data of a command in either syntax, None where the line holds none."""
    trimmed = line.lstrip()
    if trimmed.startswith("::") and (end := trimmed.find("::", 2)) > 2:
        return trimmed[2:end].split(" ", 1)[0], trimmed[end + 2 :]
    start = line.find("##[")
    if start >= 0 and (end := line.find("]", start)) > start + 3:
        return line[start + 3 : end].split(" ", 1)[0], line[end + 1 :]
    return None


def printed(environment: dict[str, str], *lines: str) -> tuple[str, str]:
    """What reaches the two streams where the lines are printed on both."""
    out, err = io.StringIO(), io.StringIO()
    with patch.object(sys, "stdout", out), patch.object(sys, "stderr", err), guarded(environment):
        for line in lines:
            print(line)
            say(line)
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("line", HOSTILE)
def test_the_model_knows_them(line: str) -> None:
    """Unguarded, each of them is a command: the test would notice one that comes through."""
    assert [parsed(part) for part in line.split("\r") if parsed(part)]


@given(st.lists(st.text(st.sampled_from("::#[]ab \n\r\t\u00a0")) | st.sampled_from(HOSTILE), max_size=6))
def test_no_line_is_a_command(lines: list[str]) -> None:
    """In either stream, between the stop and its end, and where the runner reads that end too early as well."""
    for stream in printed({"GITHUB_ACTIONS": "true"}, *lines):
        assert commands(stream) == []
        word = re.match(r"::stop-commands::([0-9a-f]{32})\n", stream)
        assert bool(word) == bool(lines)
        if word:
            inside = stream.removeprefix(word[0]).removesuffix(f"::{word[1]}::\n")
            assert [part for part in re.split(r"\r\n|\r|\n", inside) if parsed(part)] == []


@given(st.text(st.sampled_from("::#[]ab \n")))
def test_what_is_no_command_stays(text: str) -> None:
    """Only the two syntaxes are altered, by one backslash each."""
    assert harmless(text).replace("\\", "") == text
    if "::" not in text and "##[" not in text:
        assert harmless(text) == text


def test_elsewhere_output_is_as_it_was() -> None:
    """On a developer's computer nothing is added or altered."""
    assert printed({}, *HOSTILE)[0] == "".join(f"{line}\n" for line in HOSTILE)


def test_each_run_has_a_word_of_its_own() -> None:
    """Nobody knows the word that would begin commands again."""
    first, second = (printed({"GITHUB_ACTIONS": "true"}, "a")[0] for _ in range(2))
    assert first != second


def test_our_own_commands_and_documents_stand_outside() -> None:
    """An annotation is carried out; a document stays one, and none of its strings is a command."""
    out = io.StringIO()
    document = json.dumps({"title": list(HOSTILE)}, indent=1)
    with patch.object(sys, "stdout", out), guarded({"GITHUB_ACTIONS": "true"}):
        print("::group::theirs")
        say_command("::error file=Dockerfile::ours")
        print("::group::theirs")
    assert commands(out.getvalue()) == ["::error file=Dockerfile::ours"]
    out = io.StringIO()
    with patch.object(sys, "stdout", out), guarded({"GITHUB_ACTIONS": "true"}):
        say_data(document)
    assert (commands(out.getvalue()), json.loads(out.getvalue())) == ([], {"title": list(HOSTILE)})


@pytest.fixture
def hostile(platform: Platform) -> Iterator[Platform]:
    """A repo whose files and whose people would command the runner."""
    platform.fleet("orders")
    text = "FROM node:18\n" + "".join(f"{line}\n" for line in HOSTILE)
    make_repo(platform.sandbox, REPO, {"Dockerfile": text, "README.md": "hello\n"})
    platform.apply()
    for line in HOSTILE:
        comment_pull(platform.sandbox, REPO, 1, f"/syncbot hold {line}")
    yield platform


@pytest.mark.parametrize(
    "arguments",
    [("plan", "--diff"), ("plan", "--diff", "--format", "markdown"), ("status", "--diff"), ("apply", "--diff")],
    ids=" ".join,
)
def test_whole_commands(hostile: Platform, arguments: tuple[str, ...]) -> None:
    """Diffs and reasons of a hostile repo, logged and printed, command nothing; without Actions they would."""
    plain = hostile.run(*arguments, SYNCBOT_LOG="info")
    told = hostile.run(*arguments, SYNCBOT_LOG="info", GITHUB_ACTIONS="true")
    assert told.exit_code == plain.exit_code
    assert [parsed(line) for line in plain.stdout.splitlines() if parsed(line)] or arguments[0] != "plan"
    assert commands(told.stdout) == commands(told.stderr) == []
    document = hostile.run(*arguments[:1], "--format", "json", GITHUB_ACTIONS="true")
    assert commands(document.stdout) == []
    assert document.json["repos"]

"""The shipped workflow: valid, without findings, least permissions, nothing imported from the pull request."""

from __future__ import annotations

import re

from syncbot.check.linters import find_tool, zizmor
from syncbot.check.workflow import check_workflow
from syncbot.formats.yaml import read_yaml
from tests.check.renderings import PROJECT

PATH = ".github/workflows/guard.yml"
CONTENT = (PROJECT / PATH).read_bytes()


def test_it_has_no_findings() -> None:
    """Neither against GitHub's schema nor from zizmor."""
    program = find_tool("zizmor")
    assert program
    assert list(check_workflow(PATH, CONTENT)) == []
    assert list(zizmor(program, {(PATH, "x"): CONTENT})) == []


def test_it_fits_a_required_workflow() -> None:
    """Runs on pull requests and in the merge queue, and may read contents and nothing else."""
    workflow = read_yaml(CONTENT, path=PATH).value
    assert isinstance(workflow, dict)
    assert set(workflow["on"]) == {"pull_request", "merge_group", "workflow_call"}
    assert workflow["permissions"] == {}
    assert [job["permissions"] for job in workflow["jobs"].values()] == [{"contents": "read"}]


def test_every_action_is_pinned_and_every_python_is_isolated() -> None:
    """By commit with its tag beside it; -I keeps the pull request's files off the import path."""
    text = CONTENT.decode()
    uses = re.findall(r"uses: (.*)", text)
    assert uses and all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used) for used in uses)
    assert all(call.startswith(" -I") for call in re.findall(r"python\"?( -\S+ \S*)", text))
    assert "fetch-depth: 0" in text and "persist-credentials: false" in text

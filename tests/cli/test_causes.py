"""Why a file changed, from the history of the platform team's repo: in the plan, the status and the pull request."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncbot.app import config_history
from syncbot.sandbox.server import Sandbox
from tests.cli.harness import LOCK, git
from tests.clock import START
from tests.life.small import SmallPlatform
from tests.sandbox_support import commit_files, make_repo, merge_pull

REPO = "acme/shop"
RUN = "templates/small/files/run.ini.jinja"
ANSWERS = {"version": 1, "port": 1000}


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[SmallPlatform]:
    with Sandbox(tmp_path / "data") as sandbox:
        sandbox.forge.clock.set(START)
        yield SmallPlatform(tmp_path / "platform", sandbox)


@pytest.fixture
def delivered(platform: SmallPlatform) -> SmallPlatform:
    """A repo to which everything was delivered by a merged pull request."""
    platform.fleet("shop", answers=ANSWERS)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.plan().repo(REPO)["state"] == "in-sync"
    return platform


def template(platform: SmallPlatform, path: str, old: str, new: str, message: str) -> str:
    """Change a template and commit it with this message; answers the commit."""
    file = platform.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return platform.commit(message)


def causes(platform: SmallPlatform, path: str) -> list[dict[str, Any]]:
    """What `plan` says of the file."""
    found = platform.plan().file(REPO, path)["causes"]
    assert isinstance(found, list)
    return found


def about(cause: dict[str, Any], *members: str) -> tuple[object, ...]:
    return tuple(cause[member] for member in members)


def test_answers_and_commits_are_named_file_by_file(delivered: SmallPlatform) -> None:
    """An answer names the files that show it, with the commit that set it; a commit the files that it changed."""
    platform = delivered
    platform.fleet("shop", answers={**ANSWERS, "port": 2000})
    port = git(platform.root, "rev-parse", "HEAD").strip()
    comment = template(platform, RUN, "# Where it runs", "# Where it works", "Say who keeps it")
    run = causes(platform, "run.ini")
    assert [about(each, "kind", "answer", "before", "after", "commit", "subject") for each in run] == [
        ("answer", "port", 1000, 2000, port, "Change the fleet"),
        ("template", None, None, None, comment, "Say who keeps it"),
    ]
    assert causes(platform, "tool.conf") == []
    assert causes(platform, ".github/CODEOWNERS") == []


def test_what_was_taken_back_is_not_named(delivered: SmallPlatform) -> None:
    """A change and its undoing, with another one between, and an answer that went there and back: that one is left."""
    platform = delivered
    template(platform, RUN, "# Where it runs", "# Where it works", "Say who keeps it")
    platform.fleet("shop", answers={**ANSWERS, "port": 2000})
    kept = template(platform, RUN, "host = any", "host = all", "Hear all")
    template(platform, RUN, "# Where it works", "# Where it runs", "Say who owns it")
    platform.fleet("shop", answers=ANSWERS)
    assert [about(each, "kind", "commit") for each in causes(platform, "run.ini")] == [("template", kept)]


def test_the_pull_request_says_why(delivered: SmallPlatform) -> None:
    """The table names causes, a subject as code without what would close an issue of the service or call anybody."""
    platform = delivered
    commit = template(platform, RUN, "# Where it runs", "# Where it works", "Fixes #1: say who keeps it, thanks @dana")
    platform.fleet("shop", answers={**ANSWERS, "port": 2000})
    assert platform.apply(GITHUB_REPOSITORY="acme/platform").pulls() == [(REPO, "opened")]
    body = platform.pull(REPO, 2).body
    row = next(line for line in body.splitlines() if line.startswith("| `run.ini`"))
    port = git(platform.root, "rev-parse", "HEAD").strip()
    assert row == (
        f"| `run.ini` | updated | `port` `1000` → `2000` (acme/platform@{port}); "
        f"`say who keeps it, thanks dana` (acme/platform@{commit}) |"
    )
    assert "#1" not in body and "@dana" not in body


def test_reports_say_why_for_the_fleet(delivered: SmallPlatform) -> None:
    """A line a cause with the repos, in the plan and the status, as text and as Markdown."""
    platform = delivered
    template(platform, RUN, "# Where it runs", "# Where it works", "Say who keeps it")
    commit = git(platform.root, "rev-parse", "--short=7", "HEAD").strip()
    line = f"Say who keeps it ({commit}): 1 repo (shop)"
    for command in ("plan", "status"):
        assert f"why: {line}" in " ".join(platform.run(command).stdout.split())
        assert f"- why: `{line}`" in platform.run(command, "--format", "markdown").stdout


def test_merges_are_named_by_their_pull_request(delivered: SmallPlatform) -> None:
    """The main line counts: what a merged branch did is one cause, with the title that the merge's message has."""
    platform = delivered
    git(platform.root, "switch", "--quiet", "--create", "topic")
    template(platform, RUN, "# Where it runs", "# Where it works", "wip")
    template(platform, RUN, "# Where it works", "# Where it is", "wip 2")
    git(platform.root, "switch", "--quiet", "main")
    message = "Merge pull request #7 from acme/topic\n\nSay who holds it\n"
    git(platform.root, "merge", "--quiet", "--no-ff", "--message", message, "topic")
    merge = git(platform.root, "rev-parse", "HEAD").strip()
    assert [about(each, "commit", "subject") for each in causes(platform, "run.ini")] == [(merge, "Say who holds it")]


def test_what_is_not_committed(delivered: SmallPlatform) -> None:
    """A change in the work tree is said to be one."""
    platform = delivered
    file = platform.root / RUN
    file.write_text(file.read_text().replace("# Where it runs", "# Where it works", 1))
    (cause,) = causes(platform, "run.ini")
    assert about(cause, "kind", "commit", "words") == ("template", None, "changes that are not committed")


def test_a_history_that_is_cut_off(delivered: SmallPlatform) -> None:
    """In a shallow clone nothing is guessed: several changes, of which it is not known since when."""
    platform = delivered
    template(platform, RUN, "# Where it runs", "# Where it works", "Say who keeps it")
    clone = platform.root.with_name("clone")
    git(platform.root, "clone", "--quiet", "--depth", "1", platform.root.as_uri(), str(clone))
    shutil.rmtree(platform.root / ".git")
    (clone / ".git").rename(platform.root / ".git")
    (cause,) = causes(platform, "run.ini")
    assert about(cause, "kind", "since", "words") == ("several", None, "several changes")


def test_more_commits_than_are_looked_at(delivered: SmallPlatform) -> None:
    """After more than fifty commits the templates' changes are not told apart: the day of the delivery's is said."""
    platform = delivered
    day = git(platform.root, "show", "--no-patch", "--format=%cs", "HEAD").strip()
    for number in range(50):
        template(platform, RUN, "# Where it runs", f"# {number}\n# Where it runs", f"Count to {number}")
    assert {each["kind"] for each in causes(platform, "run.ini")} == {"template"}
    platform.fleet("shop", answers={**ANSWERS, "port": 2000})
    found = causes(platform, "run.ini")
    assert [about(each, "kind", "words") for each in found] == [
        ("answer", "port 1000 → 2000"),
        ("several", f"several changes since {day}"),
    ]


def test_an_exemption_that_has_ended(platform: SmallPlatform) -> None:
    """A version that was kept for a while and is not any more: the answer is the cause, from what was delivered."""
    exemption = {"answer": "version", "keep": 2, "until": "2026-12-01", "owner": "@acme/shop", "reason": "soon"}
    platform.fleet({"name": "shop", "exemptions": [exemption]}, answers={**ANSWERS, "version": 3})
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    platform.sandbox.forge.clock.advance(60 * 24 * 3600)
    (cause,) = causes(platform, "tool.conf")
    assert about(cause, "answer", "before", "after") == ("version", 2, 3)


def test_a_lock_that_somebody_edited(delivered: SmallPlatform) -> None:
    """An id that the recorded commit does not render is said to be none, beside what changed since."""
    platform = delivered
    lock = platform.read(REPO, LOCK)
    assert lock is not None
    first = lock.index("id = ", lock.index('[files."run.ini"]'))
    commit_files(platform.sandbox, REPO, "main", {LOCK: f'{lock[:first]}id = "{"0" * 40}"{lock[first + 47 :]}'})
    template(platform, RUN, "# Where it runs", "# Where it works", "Say who keeps it")
    assert [each["kind"] for each in causes(platform, "run.ini")] == ["template", "unproved"]


def test_a_config_commit_that_is_not_there(delivered: SmallPlatform) -> None:
    """A lock that names a commit that this history has not: nothing is guessed."""
    platform = delivered
    lock = platform.read(REPO, LOCK)
    assert lock is not None
    head = git(platform.root, "rev-parse", "HEAD").strip()
    commit_files(platform.sandbox, REPO, "main", {LOCK: lock.replace(head, "1" * 40)})
    template(platform, RUN, "# Where it runs", "# Where it works", "Say who keeps it")
    assert [each["kind"] for each in causes(platform, "run.ini")] == ["several"]


def test_edits_have_no_cause(delivered: SmallPlatform) -> None:
    """What a person edited or removed is wanted as it was delivered: nothing changed on the platform's side."""
    platform = delivered
    commit_files(platform.sandbox, REPO, "main", {"run.ini": "mine\n", "tool.conf": None})
    platform.fleet("shop", "more", answers=ANSWERS)
    found = platform.plan().repo(REPO)["files"]
    assert {file["state"] for file in found} == {"in-sync", "edited", "deleted"}
    assert json.dumps([file["causes"] for file in found]) == json.dumps([[]] * len(found))


def test_a_secret_answer_is_never_shown(delivered: SmallPlatform) -> None:
    """Neither what it was nor what it is stands in the plan or the pull request, only that it changed."""
    platform = delivered
    secret = "extra:\n  secret: true\n  type: str\n  default: hunter0\n"
    gate = platform.root / "templates/small/files/{% if extra %}extra.conf{% endif %}.jinja"
    gate.rename(gate.with_name("{% if extra is true %}extra.conf{% endif %}.jinja"))
    copier = platform.root / "copier.yml"
    copier.write_text(copier.read_text().replace("extra:\n  type: bool\n", secret.replace("  default: hunter0\n", "")))
    template(platform, "copier.yml", "default: false", "default: hunter0", "Ask for a secret")
    template(platform, RUN, "host = any", "host = {{ extra }}", "Name the host")
    platform.fleet("shop", answers={**ANSWERS, "extra": "hunter1"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 2)
    platform.fleet("shop", answers={**ANSWERS, "extra": "hunter2"})
    found = causes(platform, "run.ini")
    assert [about(each, "answer", "before", "after") for each in found] == [("extra", None, None)]
    shown = platform.run("plan").stdout + platform.plan().stdout + platform.run("plan", "--format", "markdown").stdout
    assert "hunter" not in shown
    platform.apply()
    assert "hunter" not in platform.pull(REPO, 3).body
    assert "`extra` changed (it is a secret)" in platform.pull(REPO, 3).body


def test_a_repo_at_more_commits_than_are_read(delivered: SmallPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run reads the config at so many earlier commits; what is beyond gets the day of its delivery and no more."""
    platform = delivered
    template(platform, RUN, "# Where it runs", "# Where it works", "Say where it works")
    monkeypatch.setattr(config_history, "MOST", 0)
    assert [each["kind"] for each in causes(platform, "run.ini")] == ["several"]

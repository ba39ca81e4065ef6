"""Approval: each objection by itself, and the pull request that has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from syncbot.model.blobs import LiveFile
from syncbot.model.files import LOCK_PATH, File, blob_id
from syncbot.model.pull_request import PullRequest
from syncbot.plan.actions import NoOp
from syncbot.plan.files.lock import format_lock
from syncbot.plan.pulls.approval import Examined, ObjectionCode, not_current, objection, text_paths
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.states import FileState
from syncbot.report.approvals import Verdict
from syncbot.report.why import why_words
from syncbot.report.words import objection_words
from tests.plan.builders import file_id, live, observation, plan, pull_request, stanza
from tests.plan.reasons import example

BLOCK = "# BEGIN syncbot\n/Dockerfile @acme/platform\n# END syncbot\n"
OLD_BLOCK = BLOCK.replace("platform", "infra")
TEAM = "* @acme/shop\n\n"
NEW = {"Dockerfile": file_id("new\n"), "CODEOWNERS": file_id(BLOCK)}
LOCK = {"Dockerfile": stanza("old\n"), "CODEOWNERS": stanza(OLD_BLOCK)}
DELIVERED = {"Dockerfile": stanza("new\n"), "CODEOWNERS": stanza(BLOCK)}
HEAD = {"Dockerfile": "new\n", "CODEOWNERS": TEAM + BLOCK}
RECORD = (format_lock(LOCK).encode(), format_lock(DELIVERED).encode())
OWNERS = ((TEAM + OLD_BLOCK).encode(), (TEAM + BLOCK).encode())
EXAMINED = Examined(changed=("CODEOWNERS", "Dockerfile", LOCK_PATH), texts={LOCK_PATH: RECORD, "CODEOWNERS": OWNERS})


def opened(**files: LiveFile | str | None) -> PullRequest:
    """An open pull request that proposes what is desired, its head as it should be but for `files`."""
    at_head = live(HEAD) | {
        path: live({path: file})[path] if isinstance(file, str) else file for path, file in files.items()
    }
    TEXTS.update({blob_id(text.encode()): text.encode() for text in files.values() if isinstance(text, str)})
    return pull_request(3, "OPEN", NEW, files=at_head)


def planned(pull: PullRequest, main: dict[str, str] | None = None) -> tuple[RepoPlan, Changeset]:
    files = main or {"Dockerfile": "old\n", "CODEOWNERS": TEAM + OLD_BLOCK}
    made = plan(
        {"Dockerfile": "new\n", "CODEOWNERS": TEAM + BLOCK},
        observation(files, pull_requests=(pull,), blobs=TEXTS),
        LOCK,
    )
    (changeset,) = made.changesets
    return made, changeset


TEXTS = {blob_id(text.encode()): text.encode() for text in (*HEAD.values(), "theirs\n", "old\n", "x\n", "gone\n")}
"""What is read of the branches, by id."""
TEXTS |= {f"{3:040x}:{path}": text.encode() for path, text in (*HEAD.items(), ("old.yml", "x\n"))}


def code(pull: PullRequest, examined: Examined = EXAMINED, main: dict[str, str] | None = None) -> str:
    """The objection's code, or nothing."""
    made, changeset = planned(pull, main)
    found = objection(made, changeset, pull, examined)
    return found.code if found else ""


def seen(**changes: object) -> Examined:
    return replace(EXAMINED, **changes)  # type: ignore[arg-type]


def texts(path: str, base: str | None, head: str | None) -> Examined:
    ends = tuple(None if text is None else text.encode() for text in (base, head))
    return seen(texts={**EXAMINED.texts, path: ends})


def test_the_rendering_and_nothing_else() -> None:
    """Owned files and lock at the head as they would be written today: no objection."""
    made, changeset = planned(opened())
    assert changeset.reason_code == "up-to-date"
    assert not_current(changeset) is None
    assert text_paths(made) == {"CODEOWNERS", LOCK_PATH}
    assert code(opened()) == ""


@pytest.mark.parametrize(
    ("examined", "expected"),
    [
        (seen(approved=True), "already-approved"),
        (seen(is_complete=False), "too-many-files"),
        (seen(changed=(*EXAMINED.changed, "server.js")), "other-files"),
        (seen(changed=(*EXAMINED.changed, "old.yml")), "other-files"),
        (seen(changed=("Dockerfile", LOCK_PATH)), ""),
        (seen(texts={}), "lock-differs"),
        (texts(LOCK_PATH, RECORD[0].decode(), None), "lock-differs"),
        (texts(LOCK_PATH, RECORD[0].decode(), RECORD[1].decode() + "# mine\n"), "lock-differs"),
        (texts(LOCK_PATH, RECORD[0].decode(), format_lock(LOCK)), "lock-differs"),
        (texts(LOCK_PATH, None, format_lock({**DELIVERED, "Makefile": stanza("x\n")})), "lock-differs"),
        (texts(LOCK_PATH, format_lock({"Makefile": stanza("x\n")}), format_lock(DELIVERED)), "lock-differs"),
        (texts(LOCK_PATH, None, RECORD[1].decode()), ""),
        (
            texts(
                LOCK_PATH,
                format_lock({"Makefile": stanza("x\n")}),
                format_lock({**DELIVERED, "Makefile": stanza("x\n")}),
            ),
            "",
        ),
    ],
)
def test_what_was_examined(examined: Examined, expected: str) -> None:
    """Other files, an unlisted change, and a lock that says more or less than is delivered are objections."""
    assert code(opened(), examined) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Dockerfile": "theirs\n"}, "differs"),
        ({"Dockerfile": "old\n"}, "differs"),
        ({"Dockerfile": None}, "differs"),
        ({"Dockerfile": LiveFile(id=blob_id(b"new\n"), mode="100755")}, "differs"),
        ({"Dockerfile": LiveFile(id=blob_id(b"new\n"), mode="120000")}, "differs"),
        ({"CODEOWNERS": LiveFile(id=blob_id((TEAM + BLOCK).encode()), mode="100755")}, "differs"),
        ({"CODEOWNERS": None}, "differs"),
    ],
)
def test_owned_files_at_the_head(files: dict[str, LiveFile | str | None], expected: str) -> None:
    """Content and mode must be those of the rendering, whether or not the pull request changes the file."""
    assert code(opened(**files)) == expected
    assert code(opened(**files), seen(changed=(LOCK_PATH,))) == expected


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (TEAM + OLD_BLOCK, TEAM + BLOCK, ""),
        (f"/a/ @a\n{TEAM}{OLD_BLOCK}", f"/a/ @a\n{TEAM}{BLOCK}", ""),
        (f"/a/ @a\n{TEAM}", f"/a/ @a\n{TEAM}{BLOCK}", ""),
        (TEAM + OLD_BLOCK, f"/a/ @a\n{TEAM}{BLOCK}", "differs"),
        (f"/a/ @a\n{TEAM}{OLD_BLOCK}", TEAM + BLOCK.replace("/D", "/d"), "differs"),
        (f"/a/ @a\n{TEAM}{OLD_BLOCK}", f"/a/ @a\n{TEAM}", "differs"),
        (f"/a/ @a\n{TEAM}{OLD_BLOCK}", f"/a/ @a\n{TEAM}{BLOCK}{BLOCK}", "differs"),
        (None, f"/a/ @a\n{TEAM}{BLOCK}", "differs"),
        (TEAM, None, "differs"),
    ],
)
def test_of_a_block_nothing_but_the_block(base: str | None, head: str | None, expected: str) -> None:
    """The team's lines are as they were where the branch began, whatever the default branch made of them since."""
    pull = opened(CODEOWNERS=head or "gone\n")
    main = {"Dockerfile": "old\n", "CODEOWNERS": f"/z/ @z\n{TEAM}{OLD_BLOCK}"}
    if head == TEAM + BLOCK:
        main = None  # type: ignore[assignment]
    assert code(pull, texts("CODEOWNERS", base, head), main) == expected


def test_a_file_that_came_into_sync_meanwhile() -> None:
    """Delivered on the branch, and by other hands on main: no longer in the changeset, but still the rendering."""
    proposed = {"CODEOWNERS": NEW["CODEOWNERS"]}
    main = {"Dockerfile": "new\n", "CODEOWNERS": TEAM + OLD_BLOCK}
    for text, expected in (("new\n", ""), ("theirs\n", "differs")):
        pull = pull_request(3, "OPEN", proposed, files=live(HEAD | {"Dockerfile": text}))
        made, changeset = planned(pull, main)
        assert [status.state for status in made.files] == [FileState.BEHIND, FileState.IN_SYNC]
        found = objection(made, changeset, pull, EXAMINED)
        assert (found.code if found else "") == expected


def test_a_block_that_came_into_sync_meanwhile() -> None:
    """Of a block that is in sync on main, too, the branch may bring the block and no other line."""
    proposed = {"Dockerfile": NEW["Dockerfile"]}
    main = {"Dockerfile": "old\n", "CODEOWNERS": f"/z/ @z\n{TEAM}{BLOCK}"}
    for head, expected in ((TEAM + BLOCK, ""), (TEAM + OLD_BLOCK, "differs"), (f"/a/ @a\n{TEAM}{BLOCK}", "differs")):
        pull = pull_request(3, "OPEN", proposed, files=live(HEAD | {"CODEOWNERS": head}))
        assert code(pull, texts("CODEOWNERS", TEAM + OLD_BLOCK, head), main) == expected


def test_a_removal() -> None:
    """A retired file must be gone at the head."""
    proposed = {**NEW, "old.yml": None}
    lock = {**LOCK, "old.yml": stanza("x\n")}
    record = (format_lock(lock).encode(), format_lock(DELIVERED).encode())
    examined = seen(changed=(*EXAMINED.changed, "old.yml"), texts={**EXAMINED.texts, LOCK_PATH: record})
    files = {"Dockerfile": "old\n", "CODEOWNERS": TEAM + OLD_BLOCK, "old.yml": "x\n"}
    for left, expected in ((None, ""), ("x\n", "differs")):
        pull = pull_request(3, "OPEN", proposed, files=live({**HEAD, "old.yml": left}))
        rendered: dict[str, str | File] = {"Dockerfile": "new\n", "CODEOWNERS": TEAM + BLOCK}
        made = plan(rendered, observation(files, pull_requests=(pull,), blobs=TEXTS), lock)
        found = objection(made, made.changesets[0], pull, examined)
        assert (found.code if found else "") == expected


@pytest.mark.parametrize(
    "reason", ["desired-changed", "held", "retargeted", "conflict", "drift-gone", "declined", "left-fleet", "approved"]
)
def test_what_the_plan_has_something_to_say_about(reason: str) -> None:
    """Only what is up to date is looked at any further; the plan's own reason is passed on."""
    made, changeset = planned(opened())
    changeset = replace(changeset, action=NoOp(), why=example(reason))
    found = not_current(changeset)
    assert found is not None
    assert (found.code, objection_words(found)) == ("not-current", f"{reason}: {why_words(changeset.why)}")
    assert objection(made, changeset, opened(), EXAMINED) == found


def test_many_paths_are_cut() -> None:
    """Five paths are named, the others counted."""
    made, changeset = planned(opened())
    changed = tuple(f"src/{n}.js" for n in range(9))
    found = objection(made, changeset, opened(), seen(changed=changed))
    assert found is not None
    assert objection_words(found).endswith("src/4.js and 4 more")


def test_every_code_is_documented() -> None:
    """docs/approve.md lists each reason code and verdict."""
    page = (Path(__file__).parents[2] / "docs" / "approve.md").read_text(encoding="utf-8")
    assert [code for code in ObjectionCode if f"| `{code}` |" not in page] == []
    assert [verdict for verdict in get_args(Verdict) if f"`{verdict}`" not in page] == []

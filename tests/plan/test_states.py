"""Every state that docs/json.md lists, and what it leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum

import pytest

from syncbot.model.files import File, FileId
from syncbot.model.fleet import Exemption
from syncbot.model.templates import OwnedFile, TemplateSpec
from syncbot.plan.actions import NoOp, OpenPullRequest
from syncbot.plan.files.compare import file_state
from syncbot.plan.reasons import Quiet
from syncbot.plan.states import FileState
from syncbot.report.status import standing
from syncbot.report.why import file_why_words
from syncbot.tables import total
from tests.plan.builders import SPEC, file_id, live, observation, plan, pull_request, stanza, written

D, R, V = (FileId(id=letter * 40, mode="100644") for letter in "abc")
D_EXEC = FileId(id=D.id, mode="100755")
BLOCK = "# BEGIN syncbot\n/Dockerfile @acme/platform\n# END syncbot\n"
DOCKERFILE = SPEC.owned[:1]
ONLY_DOCKERFILE = TemplateSpec(name="service", questions={}, owned=DOCKERFILE, retired=SPEC.retired)


@pytest.mark.parametrize(
    ("desired", "live_id", "delivered", "state"),
    [
        (D, D, None, FileState.IN_SYNC),
        (D, D, D, FileState.IN_SYNC),
        (D, D, R, FileState.IN_SYNC),
        (D, None, None, FileState.MISSING),
        (D, R, R, FileState.BEHIND),
        (D, D_EXEC, D_EXEC, FileState.BEHIND),
        (D, V, D, FileState.EDITED),
        (D, D_EXEC, D, FileState.EDITED),
        (D, V, R, FileState.DIVERGED),
        (D, None, R, FileState.DELETED),
        (D, None, D, FileState.DELETED),
        (D, V, None, FileState.UNMANAGED),
        (None, None, R, FileState.IN_SYNC),
        (None, R, R, FileState.RETIRED),
        (None, V, R, FileState.RETIRED),
    ],
)
def test_state_follows_from_three_ids(
    desired: FileId | None, live_id: FileId | None, delivered: FileId | None, state: FileState
) -> None:
    """Each combination of desired, live and delivered that can occur has the state of the table; modes count."""
    assert file_state(desired, live_id, delivered) is state


def one_file(desired, text, lock=None, **more):
    made = plan({"Dockerfile": desired}, observation({"Dockerfile": text}, **more), lock, spec=ONLY_DOCKERFILE)
    return made, made.files[0]


def test_in_sync_does_nothing_even_where_the_lock_is_behind() -> None:
    """V = D: no changeset; a changed lock alone never opens a pull request."""
    made, status = one_file("new\n", "new\n", {"Dockerfile": stanza("old\n")})
    assert (made.state, status.state, made.changesets) == ("in-sync", FileState.IN_SYNC, ())


def test_missing_is_created_at_first_contact() -> None:
    """No V, no R, in a repo that nothing was delivered to: the file is created, in `adopt`, with the rendered mode."""
    made, status = one_file(File(content=b"new\n", mode="100755"), None)
    assert status.state is FileState.MISSING
    assert [c.name for c in made.changesets] == ["adopt"]
    assert written(made, "Dockerfile") == b"new\n"
    assert status.proposal and status.proposal.mode == "100755"


def test_behind_is_updated_in_sync() -> None:
    """V = R, not D: updated in `sync`, and nobody's lines are said to be lost."""
    made, status = one_file("new\n", "old\n", {"Dockerfile": stanza("old\n")})
    assert status.state is FileState.BEHIND
    assert [c.name for c in made.changesets] == ["sync"]
    assert written(made, "Dockerfile") == b"new\n"
    assert status.proposal and not status.proposal.overwrites_edits


def test_behind_that_a_person_reverted_stays_quiet() -> None:
    """The newest pull request that proposed this content was merged and V = R again: `reverted`, nothing proposed."""
    merged = pull_request(1, "MERGED", {"Dockerfile": file_id("new\n")})
    made, status = one_file("new\n", "old\n", {"Dockerfile": stanza("old\n")}, pull_requests=(merged,))
    assert (status.state, status.quiet) == (FileState.REVERTED, Quiet.REVERTED)
    assert [(type(c.action), c.reason_code) for c in made.changesets] == [(NoOp, "reverted")]
    assert made.state == "drifted"


def test_going_back_to_content_of_long_ago_is_no_revert() -> None:
    """What was merged once, then replaced by the template itself, may be proposed again."""
    first = pull_request(1, "MERGED", {"Dockerfile": file_id("new\n")})
    second = pull_request(2, "MERGED", {"Dockerfile": file_id("old\n")})
    made, status = one_file("new\n", "old\n", {"Dockerfile": stanza("old\n")}, pull_requests=(first, second))
    assert status.state is FileState.BEHIND
    assert isinstance(made.changesets[0].action, OpenPullRequest)


def test_edited_is_restored_once() -> None:
    """V not R, R = D: the restore is proposed, with the loss said; declined, it stays quiet."""
    lock = {"Dockerfile": stanza("new\n")}
    made, status = one_file("new\n", "mine\n", lock)
    assert status.state is FileState.EDITED
    assert status.proposal and status.proposal.overwrites_edits
    assert written(made, "Dockerfile") == b"new\n"
    declined = pull_request(1, "CLOSED", {"Dockerfile": file_id("new\n")}, closed_by="dana")
    made, status = one_file("new\n", "mine\n", lock, pull_requests=(declined,))
    assert status.quiet is Quiet.DECLINED
    assert [(type(c.action), c.reason_code) for c in made.changesets] == [(NoOp, "declined")]


def test_edit_merged_on_the_bots_own_pull_request_is_kept() -> None:
    """A developer's fix that was merged with the bot's pull request is a kept edit: quiet, and shown."""
    merged = pull_request(1, "MERGED", {"Dockerfile": file_id("new\n")}, files=live({"Dockerfile": "fixed\n"}))
    made, status = one_file("new\n", "fixed\n", {"Dockerfile": stanza("new\n")}, pull_requests=(merged,))
    assert (status.state, status.quiet) == (FileState.EDITED, Quiet.KEPT_EDIT)
    assert not any(isinstance(c.action, OpenPullRequest) for c in made.changesets)


def test_edit_after_the_merge_is_proposed_again() -> None:
    """An edit made on the default branch after the bot's merge is not the one that was merged."""
    merged = pull_request(1, "MERGED", {"Dockerfile": file_id("new\n")}, files=live({"Dockerfile": "new\n"}))
    _, status = one_file("new\n", "mine\n", {"Dockerfile": stanza("new\n")}, pull_requests=(merged,))
    assert status.quiet is None and status.proposal is not None


def test_diverged_is_merged_three_ways() -> None:
    """V, R, D all differ: the team's line and the template's both stand in the proposal."""
    base, ours, theirs = "FROM node:18\nRUN a\nCMD x\n", "FROM node:18\nRUN a\nCMD y\n", "FROM node:22\nRUN a\nCMD x\n"
    made, status = one_file(theirs, ours, {"Dockerfile": stanza(base)}, blobs={file_id(base).id: base.encode()})
    assert status.state is FileState.DIVERGED
    assert written(made, "Dockerfile") == b"FROM node:22\nRUN a\nCMD y\n"
    assert status.proposal and status.proposal.merged and not status.proposal.overwrites_edits


def test_diverged_with_a_conflict_proposes_the_template_and_says_the_loss() -> None:
    """Both changed the same line: D is proposed, never conflict markers, and the loss is said."""
    made, status = one_file(
        "FROM node:22\n",
        "FROM node:20\n",
        {"Dockerfile": stanza("FROM node:18\n")},
        blobs={file_id("FROM node:18\n").id: b"FROM node:18\n"},
    )
    assert written(made, "Dockerfile") == b"FROM node:22\n"
    assert status.proposal and status.proposal.overwrites_edits and not status.proposal.merged


def test_diverged_without_a_base_is_a_shown_replacement() -> None:
    """Neither an earlier commit nor the repo holds the base: no merge is guessed."""
    made, status = one_file("c\n", "b\n", {"Dockerfile": stanza("a\n")})
    assert written(made, "Dockerfile") == b"c\n"
    assert status.proposal and status.proposal.overwrites_edits


def test_deleted_is_proposed_once() -> None:
    """R, no V: the return is proposed; once declined, quiet."""
    made, status = one_file("new\n", None, {"Dockerfile": stanza("new\n")})
    assert status.state is FileState.DELETED
    assert written(made, "Dockerfile") == b"new\n"
    declined = pull_request(4, "CLOSED", {"Dockerfile": file_id("new\n")}, closed_by="dana")
    _, status = one_file("new\n", None, {"Dockerfile": stanza("new\n")}, pull_requests=(declined,))
    assert status.quiet is Quiet.DECLINED


def test_first_contact_is_one_changeset() -> None:
    """V, no R, not D, and no lock: all goes into `adopt`, the missing file too, with the loss said."""
    made = plan({"Dockerfile": "new\n", "CODEOWNERS": BLOCK}, observation({"Dockerfile": "mine\n", "CODEOWNERS": None}))
    assert {c.name: [s.path for s in c.files] for c in made.changesets} == {"adopt": ["CODEOWNERS", "Dockerfile"]}
    assert made.files[1].state is FileState.UNMANAGED
    assert made.files[1].proposal and made.files[1].proposal.overwrites_edits


def test_what_is_the_teams_own_in_an_adopted_repo_is_taken_over_apart() -> None:
    """With a lock, a file of the team's own holds up nothing: it is a changeset of its own, and `sync` has the rest."""
    seen = observation({"Dockerfile": "mine\n", "CODEOWNERS": None})
    made = plan({"Dockerfile": "new\n", "CODEOWNERS": BLOCK}, seen, {"other": stanza("other\n")})
    assert {c.name: [s.path for s in c.files] for c in made.changesets} == {
        "sync": ["CODEOWNERS"],
        "takeover": ["Dockerfile"],
    }


def test_unmanaged_that_an_earlier_rendering_explains_is_behind() -> None:
    """Where the lock is gone, V is matched against earlier renderings: what matches was delivered."""
    _, status = one_file("new\n", "old\n")
    assert status.state is FileState.UNMANAGED
    made = plan(
        {"Dockerfile": "new\n"},
        observation({"Dockerfile": "old\n"}),
        spec=ONLY_DOCKERFILE,
        earlier={"Dockerfile": {file_id("old\n"): b"old\n"}},
    )
    assert made.files[0].state is FileState.BEHIND


def test_retired_is_removed_only_where_nobody_edited_it() -> None:
    """In `retired:`: removed if V = R, else only reported."""
    lock = {"Dockerfile": stanza("new\n"), "old.yml": stanza("was\n")}
    made = plan(
        {"Dockerfile": "new\n"}, observation({"Dockerfile": "new\n", "old.yml": "was\n"}), lock, spec=ONLY_DOCKERFILE
    )
    assert made.files[1].state is FileState.RETIRED
    assert written(made, "old.yml") is None
    made = plan(
        {"Dockerfile": "new\n"}, observation({"Dockerfile": "new\n", "old.yml": "mine\n"}), lock, spec=ONLY_DOCKERFILE
    )
    assert (made.files[1].state, made.changesets) == (FileState.RETIRED, ())
    assert "edited since" in file_why_words(made.files[1].why)


def test_a_path_that_was_never_delivered_is_not_retired() -> None:
    """A team's own file at a retired path is none of our business."""
    made = plan({"Dockerfile": "new\n"}, observation({"Dockerfile": "new\n", "old.yml": "own\n"}), spec=ONLY_DOCKERFILE)
    assert [status.path for status in made.files] == ["Dockerfile"]


def test_renamed_from_moves_the_record() -> None:
    """The old path is removed, the new one created; where the team moved it by hand, the old record holds."""
    spec = TemplateSpec(name="service", questions={}, owned=(OwnedFile(path="new.yml", renamed_from="old.yml"),))
    lock = {"old.yml": stanza("v1\n")}
    made = plan({"new.yml": "v2\n"}, observation({"old.yml": "v1\n", "new.yml": None}), lock, spec=spec)
    assert [(s.path, s.state) for s in made.files] == [("new.yml", FileState.MISSING), ("old.yml", FileState.RETIRED)]
    assert (written(made, "new.yml"), written(made, "old.yml")) == (b"v2\n", None)
    made = plan({"new.yml": "v2\n"}, observation({"old.yml": None, "new.yml": "v1\n"}), lock, spec=spec)
    assert made.files[0].state is FileState.BEHIND


@pytest.mark.parametrize(
    ("until", "state"), [(date(2026, 11, 23), FileState.EXEMPT), (date(2026, 11, 22), FileState.BEHIND)]
)
def test_exempt_until_the_day_is_over(until: date, state: FileState) -> None:
    """Exempt by config: nothing is done up to and including the last day."""
    exemption = Exemption(path="Dockerfile", until=until, owner="@acme/shop", reason="moving")
    made = plan(
        {"Dockerfile": "new\n"},
        observation({"Dockerfile": "old\n"}),
        {"Dockerfile": stanza("old\n")},
        spec=ONLY_DOCKERFILE,
        exemptions=(exemption,),
    )
    assert made.files[0].state is state


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ("target", "120000", "symlink"),
        ("x", "160000", "submodule"),
        ("x", "040000", "folder"),
        ("a\r\nb\r\n", "100644", "CRLF"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "100644", "LFS"),
    ],
)
def test_what_is_in_the_way_is_blocked(text: str, mode: str, says: str) -> None:
    """A symlink, submodule, folder, CRLF file or LFS pointer is reported as blocked, and nothing is proposed."""
    made, status = one_file("new\n", text, {"Dockerfile": stanza("old\n")}, modes={"Dockerfile": mode})
    assert (status.state, made.changesets) == (FileState.BLOCKED, ())
    assert says in file_why_words(status.why)


def test_what_is_no_text_is_blocked() -> None:
    """A binary file, or one that is not UTF-8, has no text to compare: blocked."""
    _, status = one_file("new\n", b"\xff\xfe", {"Dockerfile": stanza("old\n")}, unreadable=("Dockerfile",))
    assert status.state is FileState.BLOCKED


def test_a_file_where_a_folder_is_needed_is_blocked() -> None:
    """A file (or symlink) named as the folder of an owned path would be destroyed by a write below it: blocked."""
    spec = TemplateSpec(name="service", questions={}, owned=(OwnedFile(path="postgres/postgresql.conf"),))
    made = plan({"postgres/postgresql.conf": "x\n"}, observation({"postgres": "a file"}), spec=spec)
    assert made.files[0].state is FileState.BLOCKED
    assert "postgres is a file" in file_why_words(made.files[0].why)


def test_workflow_files_are_blocked_without_the_permission() -> None:
    """A token that may not write workflows delivers the rest: only the workflow file is blocked, and says why."""
    path = ".github/workflows/deploy.yml"
    spec = TemplateSpec(name="service", questions={}, owned=(*DOCKERFILE, OwnedFile(path=path)))
    observed = replace(observation({"Dockerfile": None, path: None}), may_write_workflows=False)
    made = plan({"Dockerfile": "new\n", path: "on: push\n"}, observed, spec=spec)
    assert {s.path: s.state for s in made.files} == {path: FileState.BLOCKED, "Dockerfile": FileState.MISSING}
    assert "permission" in file_why_words(made.files[0].why)
    assert [s.path for s in made.changesets[0].files] == ["Dockerfile"]


def test_a_state_that_no_row_knows_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in a state that the table lacks is drift and shown as blocked, and no changeset carries it."""
    unknown = str.__new__(FileState, "locked")
    unknown._name_, unknown._value_ = "LOCKED", "locked"
    monkeypatch.setattr("syncbot.plan.files.compare.file_state", lambda *_: unknown)
    made = plan({"Dockerfile": "new"}, observation({"Dockerfile": "old"}), {"Dockerfile": stanza("old")})
    assert [(file.state.value, file.proposal) for file in made.files] == [("locked", None)]
    assert (made.changesets, made.state) == ((), "drifted")
    assert standing([made]) == {"Blocked": [("acme/shop", "Dockerfile", "")]}


def test_a_table_without_a_row_names_it() -> None:
    """A table that lacks members of its enum is refused where it is made, with the name of each."""
    with pytest.raises(TypeError, match=r"no row for FileState\.LOCKED, FileState\.ODD"):
        total(StrEnum("FileState", ["LOCKED", "ODD"]), {})

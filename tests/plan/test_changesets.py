"""What is done about each changeset: opened, updated, closed, resumed, or left alone."""

from __future__ import annotations

import pytest

from syncbot.model.blobs import NoText, Trees
from syncbot.model.files import LOCK_PATH, blob_id
from syncbot.model.pull_request import BotCommit, Branch, Mergeable, PullRequest, ReviewDecision
from syncbot.model.templates import TemplateSpec
from syncbot.plan.actions import ClosePullRequest, NoOp, OpenPullRequest, UpdatePullRequest
from syncbot.plan.files.lock import parse_lock
from syncbot.plan.pulls.trailers import digest
from syncbot.plan.repo_plan import RepoPlan
from syncbot.plan.states import Gone
from syncbot.plan.why import DriftGone
from tests.plan.builders import BOT, SPEC, file_id, live, observation, plan, pull_request, stanza

ONLY_DOCKERFILE = TemplateSpec(name="service", questions={}, owned=SPEC.owned[:1])
LOCK = {"Dockerfile": stanza("old\n")}
NEW = {"Dockerfile": file_id("new\n")}


def behind(*pull_requests: PullRequest, branches: tuple[Branch, ...] = (), **blobs: bytes) -> RepoPlan:
    """A repo whose Dockerfile is behind, with these pull requests of the bot."""
    texts = {file_id(text.decode()).id: text for text in blobs.values()} | {
        f"{p.commits[-1].oid}:Dockerfile": blobs.get("left", b"earlier\n") for p in pull_requests
    }
    seen = observation({"Dockerfile": "old\n"}, pull_requests=pull_requests, branches=branches, blobs=texts)
    return plan({"Dockerfile": "new\n"}, seen, LOCK, spec=ONLY_DOCKERFILE)


def test_opens_one_pull_request_on_the_head_that_was_read() -> None:
    """The commit's parent and tree are those that the plan was made from, and the lock goes with the files."""
    (changeset,) = behind().changesets
    assert isinstance(changeset.action, OpenPullRequest)
    assert (changeset.branch, changeset.reason_code) == ("syncbot/sync-1", "drift")
    assert (changeset.action.parent, changeset.action.tree, changeset.action.base) == ("a" * 40, "b" * 40, "main")
    lock = next(write.content for write in changeset.action.writes if write.path == LOCK_PATH)
    assert lock and parse_lock(lock.decode())["Dockerfile"].file == file_id("new\n")


@pytest.mark.parametrize(
    ("head", "people_committed", "expected"),
    [
        (b"new\n", False, (NoOp, "up-to-date")),
        (b"new\n", True, (NoOp, "up-to-date")),
        (b"new\n# by dana\n", True, (NoOp, "up-to-date")),
        (b"touched by dana\n", True, (NoOp, "not-brought")),
        (b"old\n", True, (NoOp, "not-brought")),
        (b"touched by dana\n", False, (UpdatePullRequest, "replaced")),
        (b"old\n", False, (UpdatePullRequest, "replaced")),
        (None, False, (UpdatePullRequest, "replaced")),
        (None, True, (NoOp, "not-brought")),
    ],
)
def test_what_the_branch_holds_decides_and_not_what_its_commits_say(
    head: bytes | None, people_committed: bool, expected: tuple[type, str]
) -> None:
    """The trailers say that all is as desired. People's versions stay, and are said; a commit that carries the bot's
    name and other content is nobody's work: what is rendered is committed on top."""
    opened = pull_request(3, "OPEN", NEW, files=live({"Dockerfile": head}), people_committed=people_committed)
    known = {} if head is None else {blob_id(head): head}
    left = {f"{opened.commits[-1].oid}:Dockerfile": head or NoText.MISSING}
    seen = observation({"Dockerfile": "old\n"}, pull_requests=(opened,), blobs=known | left)
    (changeset,) = plan({"Dockerfile": "new\n"}, seen, LOCK, spec=ONLY_DOCKERFILE).changesets
    assert (type(changeset.action), changeset.reason_code) == expected
    if isinstance(changeset.action, UpdatePullRequest):
        assert {w.path: w.content for w in changeset.action.writes}["Dockerfile"] == b"new\n"
        assert changeset.action.parents == (opened.head,)


@pytest.mark.parametrize(
    ("ancestor", "head", "base", "brought"),
    [
        ("old\n", "new\n", "old\n", True),
        ("new\n", "new\n", "old\n", False),
        ("older\n", "new\n", "old\n", True),
        ("old\n", "old\n", "old\n", False),
    ],
)
def test_three_ids_decide_what_a_merge_brings(ancestor: str, head: str, base: str, brought: bool) -> None:
    """Where only the base changed since they parted, a merge takes the base's version, whatever the branch holds."""
    sides = {"ancestor": ancestor, "base": base, "branch": head}
    trees = Trees(**{side: live({"Dockerfile": text}) for side, text in sides.items()})  # type: ignore[arg-type]
    opened = pull_request(3, "OPEN", NEW, files=live({"Dockerfile": head}), people_committed=True, trees=trees)
    seen = observation({"Dockerfile": base}, pull_requests=(opened,), blobs={blob_id(head.encode()): head.encode()})
    (changeset,) = plan({"Dockerfile": "new\n"}, seen, LOCK, spec=ONLY_DOCKERFILE).changesets
    assert (changeset.reason_code == "up-to-date") is brought


def test_new_desired_content_updates_on_top_of_the_head() -> None:
    """Another digest: a commit on the branch's own head, so that nothing there is lost."""
    opened = pull_request(3, "OPEN", {"Dockerfile": file_id("earlier\n")}, files=live({"Dockerfile": "earlier\n"}))
    (changeset,) = behind(opened, left=b"earlier\n").changesets
    assert isinstance(changeset.action, UpdatePullRequest)
    assert (changeset.action.number, changeset.action.parents) == (3, (opened.head,))
    assert {w.path: w.content for w in changeset.action.writes}["Dockerfile"] == b"new\n"


def test_a_persons_lines_on_the_branch_are_merged() -> None:
    """A person's line and the new template's line both stand after the update."""
    left, theirs = b"FROM node:18\nRUN a\nCMD x\n", b"FROM node:18\nRUN a\nCMD fixed\n"
    opened = pull_request(3, "OPEN", {"Dockerfile": file_id(left.decode())}, files=live({"Dockerfile": theirs}))
    blobs = {file_id(theirs.decode()).id: theirs, f"{opened.commits[-1].oid}:Dockerfile": left}
    seen = observation({"Dockerfile": "old\n"}, pull_requests=(opened,), blobs=blobs)
    made = plan({"Dockerfile": "FROM node:22\nRUN a\nCMD x\n"}, seen, LOCK, spec=ONLY_DOCKERFILE)
    action = made.changesets[0].action
    assert isinstance(action, UpdatePullRequest)
    assert {w.path: w.content for w in action.writes}["Dockerfile"] == b"FROM node:22\nRUN a\nCMD fixed\n"
    assert action.kept == ()


def test_on_conflict_a_persons_version_stays() -> None:
    """Both changed the same lines on the branch: theirs stays, and the action says so."""
    opened = pull_request(3, "OPEN", {"Dockerfile": file_id("earlier\n")}, files=live({"Dockerfile": "dana's\n"}))
    (changeset,) = behind(opened, theirs=b"dana's\n", left=b"earlier\n").changesets
    assert isinstance(changeset.action, UpdatePullRequest)
    assert [write.path for write in changeset.action.writes] == [LOCK_PATH]
    assert changeset.action.kept == ("Dockerfile",)


def test_what_is_no_longer_wanted_leaves_the_branch() -> None:
    """A path that the open pull request proposed and that is in sync now goes back to what the default branch has."""
    opened = pull_request(
        3, "OPEN", {"a": file_id("a2\n"), "b": file_id("b2\n")}, files=live({"a": "a2\n", "b": "b2\n"})
    )
    head = opened.commits[-1].oid
    blobs = {f"{head}:a": b"a2\n", f"{head}:b": b"b2\n", file_id("a2\n").id: b"a2\n", file_id("b2\n").id: b"b2\n"}
    spec = TemplateSpec(
        name="service", questions={}, owned=(SPEC.owned[0].__class__(path="a"), SPEC.owned[0].__class__(path="b"))
    )
    seen = observation({"a": "a1\n", "b": "b1\n"}, pull_requests=(opened,), blobs=blobs)
    made = plan({"a": "a1\n", "b": "b2\n"}, seen, {"a": stanza("a1\n"), "b": stanza("b1\n")}, spec=spec)
    action = made.changesets[0].action
    assert isinstance(action, UpdatePullRequest)
    assert {w.path: w.content for w in action.writes if w.path != LOCK_PATH} == {"a": b"a1\n"}


def test_drift_gone_closes() -> None:
    """Nothing left to propose: the bot closes its own pull request, with a word why."""
    opened = pull_request(3, "OPEN", NEW, files=live({"Dockerfile": "new\n"}))
    seen = observation({"Dockerfile": "new\n"}, pull_requests=(opened,))
    (changeset,) = plan({"Dockerfile": "new\n"}, seen, spec=ONLY_DOCKERFILE).changesets
    assert changeset.action == ClosePullRequest(number=3)
    assert changeset.why == DriftGone(gone=(Gone.AS_DESIRED,))


@pytest.mark.parametrize("closed_by", ["dana", None])
def test_declined_stays_quiet_until_the_desired_content_changes(closed_by: str | None) -> None:
    """Closed unmerged by anybody but the bot is a no to this content, not to the next."""
    assert behind(pull_request(1, "CLOSED", NEW, closed_by=closed_by)).changesets[0].reason_code == "declined"
    other = pull_request(1, "CLOSED", {"Dockerfile": file_id("other\n")}, closed_by=closed_by)
    assert isinstance(behind(other).changesets[0].action, OpenPullRequest)


def test_a_base_that_was_deleted_is_no_refusal() -> None:
    """GitHub closed it then, in the name of who deleted the branch."""
    (changeset,) = behind(pull_request(1, "CLOSED", NEW, closed_by="dana", base_deleted=True)).changesets
    assert isinstance(changeset.action, OpenPullRequest)


def test_the_bots_own_closing_is_no_refusal() -> None:
    """What the bot closed itself may be opened again, under a new branch name."""
    (changeset,) = behind(pull_request(1, "CLOSED", NEW, closed_by=BOT)).changesets
    assert isinstance(changeset.action, OpenPullRequest)
    assert changeset.branch == "syncbot/sync-2"


def test_a_declined_file_does_not_take_another_with_it() -> None:
    """A no to the Dockerfile says nothing of CODEOWNERS: that one is proposed alone."""
    block = "# BEGIN syncbot\nx @a\n# END syncbot\n"
    declined = pull_request(1, "CLOSED", NEW, closed_by="dana")
    seen = observation({"Dockerfile": "old\n", "CODEOWNERS": None}, pull_requests=(declined,))
    made = plan({"Dockerfile": "new\n", "CODEOWNERS": block}, seen, LOCK)
    assert [(c.name, [s.path for s in c.files]) for c in made.changesets] == [("sync", ["CODEOWNERS"])]


def test_branch_numbers_only_grow() -> None:
    """Neither a left-over branch nor that of a merged pull request is used again, and other names don't count."""
    merged = pull_request(7, "MERGED", {"Dockerfile": file_id("old\n")})
    left_over = (Branch(name="syncbot/sync-11", head="e" * 40), Branch(name="syncbot/sync-old", head="e" * 40))
    assert behind(merged, branches=left_over).changesets[0].branch == "syncbot/sync-12"


def test_a_branch_whose_run_died_is_taken_up() -> None:
    """A branch with just this content and no pull request: only the pull request is missing."""
    commit = BotCommit(oid="e" * 40, changeset="sync", digest=digest(NEW), proposed=NEW)
    (changeset,) = behind(branches=(Branch(name="syncbot/sync-1", head="e" * 40, commit=commit),)).changesets
    assert isinstance(changeset.action, OpenPullRequest)
    assert (changeset.branch, changeset.action.resume) == ("syncbot/sync-1", "e" * 40)


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("syncbot/sync-1", "a" * 40, ("syncbot/sync-1", "a" * 40)),
        ("syncbot/sync-1", "e" * 40, ("syncbot/sync-2", None)),
        ("syncbot/adopt-1", "a" * 40, ("syncbot/sync-1", None)),
    ],
)
def test_a_branch_with_nothing_on_it_is_taken_up(name: str, head: str, expected: tuple[str, str | None]) -> None:
    """One at the default branch's own head, made for a commit by GitHub that never came; no other changeset's."""
    (changeset,) = behind(branches=(Branch(name=name, head=head),)).changesets
    assert isinstance(changeset.action, OpenPullRequest)
    assert (changeset.branch, changeset.action.resume) == expected


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("queued", {"queued": True}),
        ("auto-merge", {"auto_merge": True}),
        ("approved", {"review_decision": ReviewDecision.APPROVED}),
    ],
)
def test_no_push_that_would_undo_what_a_person_did(code: str, fields: dict[str, object]) -> None:
    """Queued, auto-merging or approved: the update is withheld, unless the pull request conflicts anyway."""
    proposed, files = {"Dockerfile": file_id("earlier\n")}, live({"Dockerfile": "earlier\n"})
    held = pull_request(3, "OPEN", proposed, files=files, **fields)
    (changeset,) = behind(held, left=b"earlier\n").changesets
    assert (type(changeset.action), changeset.reason_code) == (NoOp, code)
    trees = Trees(ancestor={}, base={}, branch={})
    conflicting = pull_request(3, "OPEN", proposed, files=files, mergeable=Mergeable.CONFLICTING, trees=trees, **fields)
    assert isinstance(behind(conflicting, left=b"earlier\n").changesets[0].action, UpdatePullRequest)


def test_lock_stanzas_of_other_changesets_stay() -> None:
    """`takeover` records its own file alone; `adopt` and `sync` also what came into sync by other hands."""
    files = {"Dockerfile": "mine\n", "CODEOWNERS": "# BEGIN syncbot\nx @a\n# END syncbot\n"}
    desired = {"Dockerfile": "new\n", "CODEOWNERS": files["CODEOWNERS"]}
    made = plan(desired, observation(files), {})
    (adopt,) = made.changesets
    assert isinstance(adopt.action, OpenPullRequest)
    assert parse_lock(adopt.action.writes[-1].content.decode()).keys() == {"Dockerfile", "CODEOWNERS"}  # type: ignore[union-attr]
    made = plan(desired, observation(files), {".dockerignore": stanza("x\n")})
    takeover = next(each for each in made.changesets if each.name == "takeover")
    assert isinstance(takeover.action, OpenPullRequest)
    assert parse_lock(takeover.action.writes[-1].content.decode()).keys() == {".dockerignore", "Dockerfile"}  # type: ignore[union-attr]
    made = plan(desired, observation(files), {"Dockerfile": stanza("mine\n")})
    (sync,) = made.changesets
    assert isinstance(sync.action, OpenPullRequest)
    assert parse_lock(sync.action.writes[-1].content.decode()).keys() == {"Dockerfile", "CODEOWNERS"}  # type: ignore[union-attr]

"""The branch of an open pull request: what must be read of it, and when its base has to be merged into it."""

from __future__ import annotations

import pytest

from syncbot.model.blobs import Trees
from syncbot.model.files import LOCK_PATH, Ownership
from syncbot.model.fleet import Repo
from syncbot.model.observation import Observation
from syncbot.model.pull_request import Mergeable, PullRequest, ReviewDecision
from syncbot.model.templates import TemplateSpec
from syncbot.plan.actions import CommentOnce, NoOp, UpdatePullRequest
from syncbot.plan.file_status import Desired
from syncbot.plan.files.compare import differing
from syncbot.plan.files.desired import ownable_paths
from syncbot.plan.pulls.data_needs import Reading, needs
from syncbot.plan.pulls.plan_repo import RepoFacts
from syncbot.plan.repo_plan import Changeset
from syncbot.report.why import why_words
from tests.plan.builders import SPEC, file_id, live, observation, plan, pull_request, stanza

ONLY_DOCKERFILE = TemplateSpec(name="service", questions={}, owned=SPEC.owned[:1])
LOCK = {"Dockerfile": stanza("new\n")}
WANTED = (Desired(path="Dockerfile", ownership=Ownership.FILE, content=b"new\n", part=b"new\n"),)
TEXTS = ("new\n", "edited\n", "theirs\n", "x\n")


def opened(**fields: object) -> PullRequest:
    """It proposed a file that no template names, and holds a Dockerfile as it is wanted, from before an edit of it."""
    files = live({"Dockerfile": "new\n", "gone.yml": "x\n"})
    return pull_request(3, "OPEN", {"gone.yml": file_id("x\n")}, **({"files": files} | fields))  # type: ignore[arg-type]


def seen(pull: PullRequest, main: str = "edited\n") -> Observation:
    blobs: dict[str, bytes | None] = {file_id(text).id: text.encode() for text in TEXTS}
    blobs[f"{pull.commits[-1].oid}:gone.yml"] = b"x\n"
    return observation({"Dockerfile": main, "gone.yml": None}, pull_requests=(pull,), blobs=blobs)


def one(observed: Observation) -> Changeset:
    (changeset,) = plan({"Dockerfile": "new\n"}, observed, LOCK, spec=ONLY_DOCKERFILE).changesets
    return changeset


def sides(ancestor: str, base: str, branch: str) -> Trees:
    listed = [
        {path: entry for path, entry in live({"Dockerfile": text}).items() if entry}
        for text in (ancestor, base, branch)
    ]
    return Trees(ancestor=listed[0], base=listed[1], branch=listed[2])


def test_every_path_that_may_be_owned_is_read() -> None:
    """Whatever the answers render: owned, retired, and the lock."""
    assert ownable_paths(SPEC) == {"Dockerfile", "CODEOWNERS", "old.yml", LOCK_PATH}


def needed(seen: Observation, reading: Reading) -> set[str]:
    """What of that kind is to be read for the one Dockerfile that is wanted."""
    facts = RepoFacts(
        repo=Repo(name="acme/shop", template="service", answers={}),
        desired=WANTED,
        differing=differing(WANTED, seen),
        observation=seen,
        lock=LOCK,
    )
    return {need.name for need in needs(facts) if need.reading is reading}


def test_what_only_the_trailers_name_is_read_as_well() -> None:
    """Unread at the branch's head or on the default branch: named; of a closed one it does not matter."""
    unread = live({"Dockerfile": "new\n"})
    assert needed(seen(opened()), Reading.PATHS) == set()
    assert needed(seen(opened(files=unread)), Reading.PATHS) == {"gone.yml"}
    assert needed(observation({"Dockerfile": "edited\n"}, pull_requests=(opened(),)), Reading.PATHS) == {"gone.yml"}
    closed = pull_request(3, "CLOSED", {"gone.yml": file_id("x\n")})
    assert needed(seen(closed), Reading.PATHS) == set()


def test_what_is_unknown_is_not_guessed() -> None:
    """The default branch moved while it was read: nothing is pushed, with a word why."""
    changeset = one(seen(opened(files=live({"Dockerfile": "new\n"}))))
    assert (type(changeset.action), changeset.reason_code) == (NoOp, "not-now")
    assert "gone.yml" in why_words(changeset.why)


@pytest.mark.parametrize(
    ("fields", "main", "listed"),
    [
        ({}, "edited\n", False),
        ({"people_committed": True}, "edited\n", True),
        ({"people_committed": True}, "new\n", False),
        ({"people_committed": True, "base": "develop"}, "edited\n", False),
        ({"mergeable": Mergeable.CONFLICTING}, "new\n", True),
    ],
)
def test_trees_are_read_where_people_worked_and_the_base_moved(
    fields: dict[str, object], main: str, listed: bool
) -> None:
    """Nobody but the bot committed: what the branch changed is known without. A conflict needs them in any case."""
    assert needed(seen(opened(**fields), main), Reading.TREES) == ({"3"} if listed else set())


def test_the_base_is_merged_in_where_a_restore_would_be_words_only() -> None:
    """Two parents, the base's tree, the wanted file on it; the file that is not proposed any more is not in that tree,
    so that nothing is said of it."""
    changeset = one(seen(opened()))
    action = changeset.action
    assert isinstance(action, UpdatePullRequest)
    assert (len(action.parents), action.tree, changeset.reason_code) == (2, "b" * 40, "desired-changed")
    assert [write.path for write in action.writes] == ["Dockerfile", LOCK_PATH]
    assert action.kept == ()


def test_a_branch_that_cannot_be_listed_is_left() -> None:
    """People committed, and GitHub did not list the files: what they changed is unknown."""
    changeset = one(seen(opened(people_committed=True)))
    assert (type(changeset.action), changeset.reason_code) == (NoOp, "not-now")


def test_an_edit_on_the_branch_alone_needs_no_merge() -> None:
    """The base is as the branch left it: an ordinary commit, and the person's version stays where both changed it."""
    trees = sides("edited\n", "edited\n", "theirs\n")
    pull = opened(people_committed=True, trees=trees, files=live({"Dockerfile": "theirs\n", "gone.yml": "x\n"}))
    action = one(seen(pull)).action
    assert isinstance(action, UpdatePullRequest)
    assert (action.parents, action.kept) == ((pull.head,), ("Dockerfile",))


@pytest.mark.parametrize(
    "consent",
    [{"queued": True}, {"auto_merge": True}, {"review_decision": ReviewDecision.APPROVED}],
    ids=lambda c: next(iter(c)),
)
def test_a_loss_that_nobody_would_see_is_not_pushed(consent: dict[str, object]) -> None:
    """The base got lines since people let it merge: told. Without them, or where nobody let it merge: resolved."""
    for ancestor, fields, action in (
        ("new\n", consent, CommentOnce),
        ("edited\n", consent, UpdatePullRequest),
        ("new\n", {}, UpdatePullRequest),
    ):
        trees = sides(ancestor, "edited\n", "new\n")
        changeset = one(seen(opened(mergeable=Mergeable.CONFLICTING, trees=trees, **fields)))
        assert (type(changeset.action), changeset.reason_code) == (action, "conflict")

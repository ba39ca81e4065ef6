"""The life of an open pull request: each rule, in the order in which they speak."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from syncbot.model.blobs import LiveFile, Trees
from syncbot.model.files import LOCK_PATH, blob_id
from syncbot.model.fleet import Exemption
from syncbot.model.observation import Observation
from syncbot.model.pull_request import (
    Authority,
    BotCommit,
    Comment,
    Mergeable,
    PullRequest,
    PullRequestState,
    ReviewDecision,
)
from syncbot.model.templates import TemplateSpec
from syncbot.plan.actions import (
    ClosePullRequest,
    CommentOnce,
    FileWrite,
    LabelPullRequest,
    NoOp,
    OpenPullRequest,
    ReuseBlob,
    UpdatePullRequest,
)
from syncbot.plan.pulls.markers import marker
from syncbot.plan.pulls.trailers import digest
from syncbot.plan.reasons import Quiet
from syncbot.plan.repo_plan import Changeset
from syncbot.report.why import why_words
from tests.plan.builders import BOT, SPEC, TODAY, comment, file_id, live, observation, plan, pull_request, stanza

ONLY_DOCKERFILE = TemplateSpec(name="service", questions={}, owned=SPEC.owned[:1])
LOCK = {"Dockerfile": stanza("old\n")}
NEW = {"Dockerfile": file_id("new\n")}
EARLIER = {"Dockerfile": file_id("earlier\n")}
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def opened(proposed=NEW, text="new\n", **fields: object) -> PullRequest:
    return pull_request(3, "OPEN", proposed, files=live({"Dockerfile": text}), **fields)


def seen(*pull_requests: PullRequest, main: str = "old\n", **changes: object) -> Observation:
    texts = ("old\n", "new\n", "earlier\n", "theirs\n", "1\n2\n3\n", "a\n2\n3\n", "1\n2\nc\n")
    blobs: dict[str, bytes | None] = {file_id(text).id: text.encode() for text in texts}
    for p in pull_requests:
        if p.commits and (file := p.commits[-1].proposed.get("Dockerfile")):
            blobs[f"{p.commits[-1].oid}:Dockerfile"] = blobs[file.id]
    made = observation({"Dockerfile": main}, pull_requests=pull_requests, blobs=blobs)
    fields = {name: getattr(made, name) for name in made.__slots__}
    return Observation(**(fields | changes))


def one(observed: Observation) -> Changeset:
    (changeset,) = plan({"Dockerfile": "new\n"}, observed, LOCK, spec=ONLY_DOCKERFILE).changesets
    return changeset


def said(body: str, authority: Authority = Authority.WRITER, *, revoked: bool = False) -> tuple[Comment, ...]:
    return (comment("dana", body, authority, revoked=revoked),)


def test_hold_leaves_it_as_it_is() -> None:
    """Whatever else is the case, a held pull request is not written to; a stranger's word does nothing."""
    held = one(seen(opened(EARLIER, "earlier\n", comments=said("/syncbot hold"))))
    assert (type(held.action), held.reason_code) == (NoOp, "held")
    assert "@dana" in why_words(held.why)
    ignored = one(seen(opened(EARLIER, "earlier\n", comments=said("/syncbot hold", Authority.OUTSIDER))))
    assert isinstance(ignored.action, UpdatePullRequest)


def test_recreate_closes_it_and_opens_a_new_one() -> None:
    """The new one starts from the default branch, on a new branch, and says which one it replaces."""
    changeset = one(seen(opened(comments=said("/syncbot recreate"), people_committed=True)))
    assert isinstance(changeset.action, OpenPullRequest)
    assert (changeset.action.replaces, changeset.branch, changeset.reason_code) == (3, "syncbot/sync-4", "recreate")


def test_recreate_closes_what_has_nothing_to_propose() -> None:
    """At once, and not when the files differ again, when somebody may have gone on working there."""
    changeset = one(seen(opened(people_committed=True, comments=said("/syncbot recreate")), main="new\n"))
    assert (changeset.action, changeset.reason_code) == (ClosePullRequest(number=3), "recreate")


def test_decline_until_closes_it_and_holds() -> None:
    """Closed by the bot, and quiet until that day is over, whatever the template says meanwhile; then asked again."""
    until = said(f"/syncbot decline until {TODAY} because no build yet")
    changeset = one(seen(opened(comments=until)))
    assert (changeset.action, changeset.reason_code) == (ClosePullRequest(number=3), "declined")
    closed = pull_request(3, "CLOSED", EARLIER, closed_by=BOT, comments=until)
    made = plan({"Dockerfile": "new\n"}, seen(closed), LOCK, spec=ONLY_DOCKERFILE)
    status = made.files[0]
    assert status.quiet is Quiet.DECLINED and status.declined
    assert (status.declined.author, status.declined.until, status.declined.reason) == ("dana", TODAY, "no build yet")
    assert [c.reason_code for c in made.changesets] == ["declined"]
    for closer in (BOT, "dana"):
        over = pull_request(
            3, "CLOSED", NEW, closed_by=closer, comments=said(f"/syncbot decline until {YESTERDAY} because x")
        )
        assert isinstance(one(seen(over)).action, OpenPullRequest)


def test_retargeted_is_theirs() -> None:
    """A person pointed it at another branch: left alone."""
    assert one(seen(opened(EARLIER, "earlier\n", base="develop", retargeted=True))).reason_code == "retargeted"


def test_a_switched_default_branch_replaces_it() -> None:
    """Nobody pointed it elsewhere: closed with a word why, and opened anew on what is the default branch now."""
    for approved in (ReviewDecision.APPROVED, None):
        changeset = one(seen(opened(base="master", review_decision=approved)))
        assert isinstance(changeset.action, OpenPullRequest)
        assert (changeset.action.replaces, changeset.action.base, changeset.branch) == (3, "main", "syncbot/sync-4")
        assert changeset.reason_code == "base-switched"
        assert "the default branch is main now, and it points at master" in why_words(changeset.why)


@pytest.mark.parametrize("theirs", ["reopened", "people_committed", "queued", "auto_merge"])
def test_a_switched_default_branch_leaves_people_theirs(theirs: str) -> None:
    """Who worked on it, wants it open or lets it merge decides where it goes; they are told how."""
    changeset = one(seen(opened(EARLIER, "earlier\n", base="master", **{theirs: True})))
    assert (type(changeset.action), changeset.reason_code) == (NoOp, "base-switched")
    assert "`/syncbot recreate`" in why_words(changeset.why)


def test_a_switched_default_branch_and_nothing_left() -> None:
    """The new default branch is as desired: closed, and none is opened."""
    changeset = one(seen(opened(base="master"), main="new\n"))
    assert (changeset.action, changeset.reason_code) == (ClosePullRequest(number=3), "drift-gone")


def test_a_command_comes_before_a_switched_default_branch() -> None:
    """Held is held, and declined is declined."""
    for body, code in (("hold", "held"), (f"decline until {TOMORROW}", "declined")):
        assert one(seen(opened(base="master", comments=said(f"/syncbot {body}")))).reason_code == code


def test_reopened_by_a_person_is_not_closed_again() -> None:
    """Nothing is left to change, but somebody wants it open."""
    assert one(seen(opened(reopened=True), main="new\n")).reason_code == "reopened"
    assert one(seen(opened(), main="new\n")).action == ClosePullRequest(number=3)


GONE = "nothing is left to change: "


def test_what_people_committed_to_is_not_closed() -> None:
    """Nothing is left to change, but their fix is on it: told once, and gone on with if files differ again."""
    theirs = one(seen(opened(people_committed=True), main="new\n"))
    assert (theirs.action, theirs.reason_code) == (CommentOnce(number=3, paths=()), "drift-gone")
    assert why_words(theirs.why) == f"{GONE}the default branch is as desired; people committed to it, so it stays open"
    told = (Comment(author=BOT, said_on=TODAY, body=f"…{marker('drift-gone', ())}"),)
    assert isinstance(one(seen(opened(people_committed=True, comments=told), main="new\n")).action, NoOp)
    assert isinstance(
        one(seen(opened(EARLIER, "earlier\n", people_committed=True, comments=told))).action, UpdatePullRequest
    )


def test_why_nothing_is_left() -> None:
    """As desired, exempt, refused, or not owned any more: the comment says which."""
    until = Exemption(path="Dockerfile", until=TODAY, owner="@acme/shop", reason="busy")
    exempt = plan({"Dockerfile": "new\n"}, seen(opened()), LOCK, spec=ONLY_DOCKERFILE, exemptions=(until,))
    refused = plan(
        {"Dockerfile": "new\n"},
        seen(opened(), pull_request(4, "CLOSED", NEW, closed_by="dana")),
        LOCK,
        spec=ONLY_DOCKERFILE,
    )
    elsewhere = plan({}, seen(opened({"other": file_id("x")})), {}, spec=replace(ONLY_DOCKERFILE, owned=()))
    for made, words in (
        (exempt, "the platform team's config exempts the files"),
        (refused, "people said no to it"),
        (elsewhere, "the template does not own the files now"),
    ):
        (changeset,) = made.changesets
        assert (changeset.reason_code, why_words(changeset.why)) == ("drift-gone", f"{GONE}{words}")


@pytest.mark.parametrize("worked_on", [False, True])
def test_a_decline_on_the_second_of_two_counts(worked_on: bool) -> None:
    """It closes the one that it stands on, whoever worked there, and its files are quiet from then on."""
    declined = said("/syncbot decline until 2027-01-31 because not yet")
    newer = replace(
        opened(comments=declined, people_committed=worked_on), number=4, branch="syncbot/sync-4", reopened=False
    )
    first = opened(reopened=True)
    _, second = plan({"Dockerfile": "new\n"}, seen(first, newer), LOCK, spec=ONLY_DOCKERFILE).changesets
    assert (second.action, second.reason_code) == (ClosePullRequest(number=4), "declined")
    after = seen(first, replace(newer, state=PullRequestState.CLOSED, closed_by=BOT))
    made = plan({"Dockerfile": "new\n"}, after, LOCK, spec=ONLY_DOCKERFILE)
    assert [status.quiet for status in made.files] == ["declined"]
    assert not any(isinstance(changeset.action, UpdatePullRequest | OpenPullRequest) for changeset in made.changesets)


@pytest.mark.parametrize("how", ["recreate", "conflict"])
def test_no_new_one_beside_what_people_worked_on(how: str) -> None:
    """The reopened one would be replaced, and people committed to another: closed, and that one goes on."""
    fields = {"comments": said("/syncbot recreate")} if how == "recreate" else {"mergeable": Mergeable.CONFLICTING}
    older = opened(reopened=True, **fields)
    newer = replace(opened(EARLIER, "earlier\n", people_committed=True), number=4, branch="syncbot/sync-4")
    observed = seen(older, newer, merge_commits_allowed=False)
    first, second = plan({"Dockerfile": "new\n"}, observed, LOCK, spec=ONLY_DOCKERFILE).changesets
    assert (first.action, first.reason_code, first.branch) == (
        ClosePullRequest(number=3),
        "duplicate",
        "syncbot/sync-3",
    )
    assert "#4 is open for the same files, and goes on" in why_words(first.why)
    assert isinstance(second.action, UpdatePullRequest) and second.action.number == 4


def test_of_two_open_ones_the_other_is_closed() -> None:
    """Somebody reopened an old one beside a newer: the newer is closed, unless people worked on it."""
    for worked_on, action in ((False, ClosePullRequest(number=4)), (True, NoOp())):
        newer = pull_request(
            4, "OPEN", NEW, files=live({"Dockerfile": "new\n"}), branch="syncbot/sync-4", people_committed=worked_on
        )
        observed = seen(opened(reopened=True, branch="syncbot/sync-3"), newer)
        first, second = plan({"Dockerfile": "new\n"}, observed, LOCK, spec=ONLY_DOCKERFILE).changesets
        assert (first.pull_request and first.pull_request.number, first.reason_code) == (3, "up-to-date")
        assert (second.action, second.reason_code) == (action, "duplicate")


def test_of_two_open_ones_the_one_that_is_held_stays() -> None:
    """Who asked to hold the newer one asked for just that, whatever is reopened beside it."""
    held = replace(opened(), number=4, branch="syncbot/sync-4", comments=said("/syncbot hold"))
    observed = seen(opened(reopened=True), held)
    _, second = plan({"Dockerfile": "new\n"}, observed, LOCK, spec=ONLY_DOCKERFILE).changesets
    assert (second.action, second.reason_code) == (NoOp(), "held")


@pytest.mark.parametrize(
    ("labels", "unlabelled", "days", "action"),
    [
        ((), False, 0, LabelPullRequest),
        ((), False, 7, LabelPullRequest),
        ((), False, 8, NoOp),
        ((), True, 0, NoOp),
        (("syncbot",), False, 0, NoOp),
    ],
)
def test_a_lost_label_is_given_once(labels: tuple[str, ...], unlabelled: bool, days: int, action: type) -> None:
    """A run that died before the label is made good; a person who took it away is respected, and so is GitHub, which
    is not asked for ever for a label that it refuses."""
    made = datetime.combine(TODAY - timedelta(days=days), time(23, 59), UTC)
    changeset = one(seen(opened(labels=labels, unlabelled=unlabelled, created_at=made)))
    assert isinstance(changeset.action, action)


def test_five_bot_commits_in_a_row_stop_that_branch() -> None:
    """They bring back what was there before: somebody has to look, the sixth is not pushed."""
    assert isinstance(one(seen(opened(EARLIER, "earlier\n", bot_streak=4))).action, UpdatePullRequest)
    assert one(seen(opened(EARLIER, "earlier\n", bot_streak=5))).reason_code == "bot-loop"


def test_a_branch_named_syncbot_blocks_and_is_said() -> None:
    """Git can't have `syncbot` and `syncbot/…`: nothing is opened, and the reason names it."""
    changeset = one(seen(in_the_way=("syncbot",)))
    assert (type(changeset.action), changeset.reason_code) == (NoOp, "branch-blocked")


def tree(**files: str) -> dict[str, LiveFile]:
    names = {"lock": LOCK_PATH}
    entries = {names.get(name, name): text for name, text in files.items()}
    return {path: LiveFile(id=blob_id(text.encode()), mode="100644") for path, text in entries.items()}


def conflicting(**fields: object) -> PullRequest:
    ancestor = tree(Dockerfile="old\n", lock="l1", team="1\n2\n3\n", app="x")
    base = tree(Dockerfile="old\n", lock="l2", team="a\n2\n3\n", app="x", other="y")
    branch = tree(Dockerfile="new\n", lock="l3", team="1\n2\nc\n", app="z")
    trees = Trees(ancestor=ancestor, base=base, branch=branch)
    return opened(**({"mergeable": Mergeable.CONFLICTING, "trees": trees} | fields))


def test_a_conflict_is_mended_by_a_merge_commit() -> None:
    """Two parents, the base's tree with the branch's changes: ours as desired, the team's merged, nothing forced."""
    pull = conflicting(people_committed=True)
    action = one(seen(pull)).action
    assert isinstance(action, UpdatePullRequest)
    assert action.parents == (pull.head, "a" * 40)
    assert action.tree == "b" * 40
    assert action.writes[:3] == (
        ReuseBlob(path="app", id=blob_id(b"z"), mode="100644"),
        FileWrite(path="team", content=b"a\n2\nc\n"),
        ReuseBlob(path="Dockerfile", id=file_id("new\n").id, mode="100644"),
    )
    assert [write.path for write in action.writes[3:]] == [LOCK_PATH]


def test_a_conflict_in_the_teams_files_is_left_to_them_and_said_once() -> None:
    """Nothing is pushed; the paths are named in one comment."""
    trees = Trees(ancestor=tree(team="old\n"), base=tree(team="new\n"), branch=tree(team="theirs\n"))
    changeset = one(seen(conflicting(trees=trees)))
    assert changeset.action == CommentOnce(number=3, paths=("team",))
    told = (Comment(author=BOT, said_on=TODAY, body=f"…{marker('conflict', ['team'])}"),)
    changeset = one(seen(conflicting(trees=trees, comments=told)))
    assert (type(changeset.action), changeset.reason_code) == (NoOp, "conflict")


def test_where_merge_commits_are_forbidden_it_is_replaced_if_it_is_the_bots_alone() -> None:
    """No person committed: closed and opened anew. Somebody did: left to them."""
    alone = one(seen(conflicting(), merge_commits_allowed=False))
    assert isinstance(alone.action, OpenPullRequest) and alone.action.replaces == 3
    shared = one(seen(conflicting(people_committed=True), merge_commits_allowed=False))
    assert (type(shared.action), shared.reason_code) == (NoOp, "conflict")


def test_a_branch_that_takes_no_merge_commit_is_replaced_as_well() -> None:
    """By its protection; with people's commits on it, it is left."""
    alone = one(seen(conflicting(linear_history=True)))
    assert isinstance(alone.action, OpenPullRequest) and alone.action.replaces == 3
    shared = one(seen(conflicting(linear_history=True, people_committed=True)))
    assert (type(shared.action), shared.reason_code) == (NoOp, "conflict")


def test_a_conflict_that_cannot_be_read_is_left() -> None:
    """Without the trees nothing is guessed."""
    assert one(seen(conflicting(trees=None))).reason_code == "conflict"


def test_a_branch_without_a_bot_commit_is_theirs() -> None:
    """No bot commit is left after a person's force-push: what was proposed is unknown, so nothing is pushed."""
    rewritten = opened(EARLIER, "theirs\n", commits=(), people_committed=True)
    assert one(seen(rewritten)).reason_code == "rewritten"
    # Nor is anything said of what nobody knows, where nothing is wanted.
    nothing_left = one(seen(rewritten, main="new\n"))
    assert (nothing_left.action, nothing_left.reason_code) == (NoOp(), "rewritten")


def test_what_cannot_be_proposed_now_is_no_drift_gone() -> None:
    """A CRLF commit on the default branch blocks the file: its pull request is not closed as if all were well."""
    blocked = seen(opened(), main="old\r\n")
    assert (type(one(blocked).action), one(blocked).reason_code) == (NoOp, "not-now")


def test_a_reopening_takes_a_command_back() -> None:
    """What was declined and reopened since is wanted again, and not closed once more."""
    revoked = said("/syncbot recreate", revoked=True)
    assert one(seen(opened(comments=revoked, reopened=True))).reason_code == "up-to-date"


def test_a_reopening_takes_no_hold_back() -> None:
    """It stands until another command is given, be that one taken back by the reopening itself."""
    held = said("/syncbot hold", revoked=True)
    assert one(seen(opened(EARLIER, "earlier\n", comments=held, reopened=True))).reason_code == "held"
    for later in (said("/syncbot recreate", revoked=True), said("/syncbot decline until 2026-01-01")):
        made = one(seen(opened(EARLIER, "earlier\n", comments=held + later, reopened=True)))
        assert made.reason_code == "desired-changed"


@pytest.mark.parametrize("body", ["/syncbot hold", "/syncbot recreate", "/syncbot decline until 2027-01-31"])
def test_a_command_that_cannot_be_verified_holds(body: str) -> None:
    """It is neither obeyed nor taken for an outsider's; who may command the bot frees the pull request."""
    unknown = said(body, Authority.UNKNOWN)
    changeset = one(seen(opened(EARLIER, "earlier\n", comments=unknown)))
    assert (changeset.action, changeset.reason_code) == (NoOp(), "unverified-command")
    assert "@dana" in why_words(changeset.why)
    freed = unknown + said("/syncbot decline until 2026-01-01")
    assert one(seen(opened(EARLIER, "earlier\n", comments=freed))).reason_code == "desired-changed"


def test_a_decline_that_cannot_be_verified_is_not_asked_again() -> None:
    """The bot closed it on that word: until it is known whose it was, nothing is opened."""
    until = said("/syncbot decline until 2027-01-31", Authority.UNKNOWN)
    closed = pull_request(3, "CLOSED", EARLIER, closed_by=BOT, comments=until)
    changeset = one(seen(closed))
    assert (changeset.action, changeset.reason_code) == (NoOp(), "unverified-command")


def test_a_merged_base_does_not_lose_to_a_persons_version() -> None:
    """A version that stays on the branch is merged with the base like any file: what the base gained is kept."""
    base = "a\nb\nold\nd\ne\nf\n"
    trees = Trees(
        ancestor=tree(Dockerfile=base),
        base=tree(Dockerfile=base.replace("f", "gained")),
        branch=tree(Dockerfile=base.replace("old", "theirs")),
    )
    texts = [base, base.replace("f", "gained"), base.replace("old", "theirs"), base.replace("old", "bot")]
    proposed = {"Dockerfile": file_id(texts[3])}
    pull = opened(proposed, texts[2], mergeable=Mergeable.CONFLICTING, trees=trees, people_committed=True)
    blobs = {file_id(text).id: text.encode() for text in texts} | {
        f"{pull.commits[-1].oid}:Dockerfile": texts[3].encode()
    }
    made = observation({"Dockerfile": texts[1]}, pull_requests=(pull,), blobs=blobs)
    desired = texts[1].replace("old", "newest")
    (changeset,) = plan({"Dockerfile": desired}, made, {"Dockerfile": stanza(base)}, spec=ONLY_DOCKERFILE).changesets
    assert isinstance(changeset.action, UpdatePullRequest)
    assert changeset.action.kept == ("Dockerfile",)
    merged = next(w for w in changeset.action.writes if w.path == "Dockerfile")
    assert (
        isinstance(merged, FileWrite)
        and merged.content == base.replace("old", "theirs").replace("f", "gained").encode()
    )


def test_the_last_of_several_bot_commits_counts() -> None:
    """An update is judged by what the bot proposed last, not first."""
    commits = tuple(
        BotCommit(oid=letter * 40, changeset="sync", digest=digest(p), proposed=p)
        for letter, p in (("1", EARLIER), ("2", NEW))
    )
    assert one(seen(opened(commits=commits))).reason_code == "up-to-date"

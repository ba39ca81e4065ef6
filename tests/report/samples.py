"""A fleet of plan values with every state and action in it, for the tests of reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from syncbot.formats.move_reader import MoveReader
from syncbot.formats.owner_changes import OwnerChanges, OwnersMoved
from syncbot.model.files import FileId, Ownership, blob_id
from syncbot.model.fleet import Exemption, Merged, Source
from syncbot.model.observation import Failure
from syncbot.model.pull_request import Checks, PullRequest, PullRequestState, ReviewDecision
from syncbot.model.templates import MoveBy, MoveSpec
from syncbot.plan.actions import ClosePullRequest, NoOp, OpenPullRequest, UpdatePullRequest
from syncbot.plan.file_reasons import Blocker, EntryKind, Exempted, FileWhy, InTheWay
from syncbot.plan.file_status import FileStatus, Proposal
from syncbot.plan.reasons import Quiet, Reason
from syncbot.plan.repo_plan import Changeset, Moved, RepoPlan
from syncbot.plan.states import FileState, Gone
from syncbot.plan.why import DriftGone, Files, Plain, StaysQuiet
from syncbot.report.values import Outcome, OutcomeAction, PlanReport, VersionWarning
from tests.plan.reasons import example

NOW = datetime(2026, 7, 10, 12, 0, tzinfo=UTC)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SOURCE = Source(commit=COMMIT, merged=Merged.YES, repository="acme/platform-config")
NODE_18 = b"FROM node:18-bookworm-slim AS dependencies\nRUN npm ci\n\nFROM node:18-bookworm-slim\nUSER node\n"
NODE_22 = NODE_18.replace(b"18", b"22")
EDITED_18 = NODE_18.replace(b"RUN npm ci\n", b"RUN apt-get install -y libvips\nRUN npm ci\n")


def file_id(content: bytes | None, mode: str = "100644") -> FileId | None:
    return None if content is None else FileId(id=blob_id(content), mode=mode)


def status(
    path: str = "Dockerfile",
    state: FileState = FileState.BEHIND,
    before: bytes | None = NODE_18,
    after: bytes | None = NODE_22,
    *,
    ownership: Ownership = Ownership.FILE,
    quiet: Quiet | None = None,
    why: FileWhy | None = None,
    overwrites_edits: bool = False,
    merged: bool = False,
    proposes: bool = True,
) -> FileStatus:
    """A file status whose live file is `before` and whose desired one is `after`."""
    proposal = (
        Proposal(content=after, mode="100644", before=before, overwrites_edits=overwrites_edits, merged=merged)
        if proposes
        else None
    )
    return FileStatus(
        path=path,
        ownership=ownership,
        state=state,
        desired=file_id(after),
        live=file_id(before),
        delivered=file_id(before),
        why=why,
        quiet=quiet,
        proposal=proposal,
    )


def in_sync(path: str) -> FileStatus:
    return status(path, FileState.IN_SYNC, NODE_22, NODE_22, proposes=False)


def pull_request(repo: str, number: int, changeset: str = "sync", **given: object) -> PullRequest:
    values = {
        "state": PullRequestState.OPEN,
        "branch": f"syncbot/{changeset}-1",
        "base": "main",
        "head": "f" * 40,
        "title": "Update Dockerfile",
        "created_at": datetime(2026, 7, 7, 12, 0, tzinfo=UTC),
        "checks": Checks.SUCCESS,
    }
    url = f"https://github.example/{repo}/pull/{number}"
    return PullRequest(number=number, url=url, **{**values, **given})  # type: ignore[arg-type]


def changeset(*files: FileStatus, name: str = "sync", **given: object) -> Changeset:
    """A changeset to open, unless `given` says otherwise."""
    values = {
        "name": name,
        "branch": f"syncbot/{name}-1",
        "action": OpenPullRequest(base="main", parent="a" * 40, tree="b" * 40, writes=()),
        "why": Files(
            reason=Reason.UNMANAGED if name == "adopt" else Reason.DRIFT, files=tuple(file.ref for file in files)
        ),
        "files": files,
        "proposed": {file.path: file.desired for file in files},
    }
    return Changeset(**{**values, **given})  # type: ignore[arg-type]


def plan(repo: str, *changesets: Changeset, files: tuple[FileStatus, ...] = ()) -> RepoPlan:
    carried = tuple(file for change in changesets for file in change.files)
    return RepoPlan(repo=repo, listed_as=repo, files=(*carried, *files), changesets=changesets)


def failed(repo: str, code: str, reason: str) -> RepoPlan:
    return RepoPlan(repo=repo, listed_as=repo, failure=Failure(code=code, reason=reason))


BEHIND = status()
NODE_MOVE = Moved(
    spec=MoveSpec(
        answer="node_version", label="Node", path="Dockerfile", reader=MoveReader.BASE_VERSION, by=MoveBy.MAJOR
    ),
    before="18",
    after="22.11.0",
)
COMPOSE = status("docker-compose.yml", before=b"image: postgres:15\n", after=b"image: postgres:15\ninit: true\n")
OWNERS = status(".github/CODEOWNERS", FileState.DELETED, None, b"* @acme/platform\n", ownership=Ownership.BLOCK)
MOVED = OwnerChanges(
    moved=(
        OwnersMoved(before=None, after=("@acme/platform",), added=True, count=1, paths=(".github/CODEOWNERS",)),
        OwnersMoved(before=("@acme/web", "@acme/ops"), after=(), count=1_202, paths=("a`b|c.js", "src/b.js")),
        OwnersMoved(before=None, after=("@acme/web",), count=1, paths=("docs/a.md",)),
    ),
    looked_at=1_300,
)
HAND_EDITED = status(state=FileState.DIVERGED, before=EDITED_18, after=NODE_22, overwrites_edits=True)
MERGED = status(state=FileState.DIVERGED, before=EDITED_18, after=EDITED_18.replace(b"18", b"22"), merged=True)
OPEN_3 = pull_request("acme/ledger", 3, review_decision=ReviewDecision.APPROVED)
OPEN_4 = pull_request("acme/mailer", 4, checks=Checks.FAILURE, people_committed=True)
OPEN_5 = pull_request("acme/search", 5, checks=None)
IN_SYNC = tuple(
    plan(f"acme/{name}", files=(in_sync("Dockerfile"), in_sync("docker-compose.yml")))
    for name in ("accounts", "billing", "catalog", "checkout", "fraud", "images")
)
PLANS = (
    *IN_SYNC,
    plan("acme/payments-api", changeset(BEHIND, COMPOSE, OWNERS, owner_changes=MOVED)),
    plan("acme/orders-api", changeset(HAND_EDITED), files=(in_sync("docker-compose.yml"),)),
    plan(
        "acme/legacy-reports",
        changeset(
            status(state=FileState.UNMANAGED, before=b"FROM node:14\n", overwrites_edits=True),
            status(
                "docker-compose.yml", FileState.UNMANAGED, b"version: '2'\n", b"services: {}\n", overwrites_edits=True
            ),
            name="adopt",
        ),
        changeset(
            status(".dockerignore", FileState.MISSING, None, b"node_modules\n"),
            status("Procfile", FileState.RETIRED, b"web: npm start\n", None),
        ),
    ),
    plan(
        "acme/ledger",
        changeset(
            MERGED,
            action=NoOp(),
            why=Plain(reason=Reason.APPROVED),
            pull_request=OPEN_3,
        ),
    ),
    plan(
        "acme/mailer",
        changeset(
            BEHIND,
            action=UpdatePullRequest(number=4, parents=("f" * 40,), tree="e" * 40, writes=()),
            why=Files(reason=Reason.DESIRED_CHANGED, files=(BEHIND.ref,)),
            pull_request=OPEN_4,
        ),
    ),
    plan(
        "acme/search",
        changeset(
            action=ClosePullRequest(number=5),
            why=DriftGone(gone=(Gone.AS_DESIRED,)),
            pull_request=OPEN_5,
        ),
        files=(in_sync("Dockerfile"),),
    ),
    plan(
        "acme/sessions",
        changeset(
            status(state=FileState.BEHIND, quiet=Quiet.DECLINED),
            action=NoOp(),
            why=StaysQuiet(answers=(Quiet.DECLINED,)),
        ),
    ),
    plan(
        "acme/thumbnails",
        files=(
            status(state=FileState.BLOCKED, why=InTheWay(kind=EntryKind.SYMLINK), proposes=False),
            status(
                "docker-compose.yml",
                FileState.EXEMPT,
                why=Exempted(
                    exemption=Exemption(
                        path="docker-compose.yml",
                        until=date(2027, 1, 31),
                        owner="@acme/media",
                        reason="native add-on has no Node 22 build",
                    )
                ),
                proposes=False,
            ),
            status("ci.yml", FileState.RETIRED, why=Blocker.EDITED_AND_RETIRED, proposes=False),
        ),
    ),
    failed("acme/old-gateway", "archived", "it is archived: nothing can be written to it"),
)
REPORT = PlanReport(plans=PLANS, graphql=1, rest=0, writes=0, source=SOURCE)
WARNED = replace(
    REPORT,
    warnings=(
        VersionWarning(
            code="version-ended",
            message="Node 20 has had no fixes since 2026-04-30",
            answer="node_version",
            repos=("acme/a", "acme/b", "acme/c", "acme/d"),
        ),
    ),
)
STUCK = replace(
    REPORT,
    plans=tuple(
        plan(
            f"acme/{code}",
            changeset(
                action=action,
                why=example(code),
                pull_request=pull_request(f"acme/{code}", number, **fields),
            ),
        )
        for number, (code, action, fields) in enumerate(
            (
                ("held", NoOp(), {}),
                ("bot-loop", NoOp(), {"people_committed": True}),
                ("not-now", NoOp(), {}),
                ("base-switched", OpenPullRequest(base="main", parent="", tree="", writes=(), replaces=4), {}),
                ("left-fleet", ClosePullRequest(number=5), {}),
                ("up-to-date", NoOp(), {}),
                ("approved", NoOp(), {"review_decision": ReviewDecision.APPROVED}),
                ("queued", NoOp(), {"queued": True}),
                ("desired-changed", UpdatePullRequest(number=9, parents=(), tree="", writes=()), {}),
            ),
            start=1,
        )
    ),
)
"""Open pull requests that stand still, and four that do not."""
OUTCOMES = (
    Outcome(
        repo="acme/payments-api",
        changeset="sync",
        number=3,
        url="http://127.0.0.1:8080/acme/payments-api/pull/3",
        action=OutcomeAction.OPENED,
        head=COMMIT,
    ),
    Outcome(
        repo="acme/search",
        changeset="sync",
        number=5,
        url="http://127.0.0.1:8080/acme/search/pull/5",
        action=OutcomeAction.CLOSED,
        head="f" * 40,
    ),
)

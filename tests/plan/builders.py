"""Values for the plan's tests, with everything that a case does not care about filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from syncbot.model.blobs import LiveFile, NoText
from syncbot.model.files import File, FileId, Ownership, blob_id
from syncbot.model.fleet import Exemption, Repo, Source
from syncbot.model.observation import Observation
from syncbot.model.pull_request import Authority, BotCommit, Branch, Comment, PullRequest, PullRequestState
from syncbot.model.templates import OwnedFile, TemplateSpec
from syncbot.plan.files.compare import EarlierRenderings, differing
from syncbot.plan.files.desired import desired_files
from syncbot.plan.files.lock import Stanza
from syncbot.plan.pulls.commands import addressed_line, parse_command
from syncbot.plan.pulls.facts import Delivery
from syncbot.plan.pulls.plan_repo import RepoFacts, plan_repo
from syncbot.plan.pulls.trailers import digest
from syncbot.plan.repo_plan import RepoPlan

TODAY = date(2026, 11, 23)
BOT = "acme-syncbot[bot]"
COMMIT = "c" * 40
SPEC = TemplateSpec(
    name="service",
    questions={},
    owned=(OwnedFile(path="Dockerfile"), OwnedFile(path="CODEOWNERS", ownership=Ownership.BLOCK)),
    retired=("old.yml",),
)


def file_id(text: str, mode: str = "100644") -> FileId:
    return FileId(id=blob_id(text.encode()), mode=mode)


def stanza(text: str, mode: str = "100644") -> Stanza:
    return Stanza(file=file_id(text, mode), template="service", config=COMMIT)


def live(files: Mapping[str, str | bytes | None], modes: Mapping[str, str] | None = None) -> dict[str, LiveFile | None]:
    modes = modes or {}
    return {
        path: None if text is None else LiveFile(id=blob_id(_bytes(text)), mode=modes.get(path, "100644"))
        for path, text in files.items()
    }


def observation(
    files: Mapping[str, str | bytes | None],
    *,
    modes: Mapping[str, str] | None = None,
    pull_requests: tuple[PullRequest, ...] = (),
    branches: tuple[Branch, ...] = (),
    blobs: Mapping[str, bytes | NoText] | None = None,
    unreadable: tuple[str, ...] = (),
) -> Observation:
    texts: dict[str, bytes | NoText] = {
        blob_id(_bytes(text)): NoText.NOT_TEXT if path in unreadable else _bytes(text)
        for path, text in files.items()
        if text is not None
    }
    return Observation(
        name="acme/shop",
        default_branch="main",
        head="a" * 40,
        tree="b" * 40,
        files=live(files, modes),
        pull_requests=pull_requests,
        branches=branches,
        blobs=texts | dict(blobs or {}),
    )


def pull_request(
    number: int,
    state: str,
    proposed: Mapping[str, FileId | None],
    *,
    changeset: str = "sync",
    files: Mapping[str, LiveFile | None] | None = None,
    **fields: object,
) -> PullRequest:
    commit = BotCommit(oid=f"{number:040x}", changeset=changeset, digest=digest(proposed), proposed=proposed)
    values: dict[str, object] = {
        "number": number,
        "url": f"http://forge/acme/shop/pull/{number}",
        "state": PullRequestState(state.lower()),
        "branch": f"syncbot/{changeset}-{number}",
        "base": "main",
        "head": f"{number:040x}",
        "head_tree": "d" * 40,
        "title": "t",
        "created_at": datetime(2026, 11, 1, tzinfo=UTC),
        "commits": (commit,),
        "labels": ("syncbot",),
        "files": files or {},
    }
    return PullRequest(**(values | fields))  # type: ignore[arg-type]


def comment(
    author: str, body: str, authority: Authority = Authority.WRITER, *, revoked: bool = False, said_on: date = TODAY
) -> Comment:
    """A comment as it is read."""
    line, command = addressed_line(body), parse_command(body)
    return Comment(
        author=author, body=body, said_on=said_on, addressed=line, command=command, authority=authority, revoked=revoked
    )


def plan(
    desired: Mapping[str, str | File],
    seen: Observation,
    lock: Mapping[str, Stanza] | None = None,
    *,
    spec: TemplateSpec = SPEC,
    exemptions: tuple[Exemption, ...] = (),
    earlier: EarlierRenderings | None = None,
) -> RepoPlan:
    """The plan of one repo whose template renders `desired`."""
    repo = Repo(name="acme/shop", template="service", answers={}, exemptions=exemptions)
    rendered = {
        path: value if isinstance(value, File) else File(content=value.encode()) for path, value in desired.items()
    }
    wanted = desired_files(spec, repo, rendered, seen.files, lock or {})
    facts = RepoFacts(
        repo=repo,
        desired=wanted,
        differing=differing(wanted, seen),
        observation=seen,
        lock=lock or {},
        earlier=earlier or {},
    )
    delivery = Delivery(template="service", source=Source(commit=COMMIT))
    return plan_repo(facts, identities=frozenset({BOT}), delivery=delivery, today=TODAY)


def written(made: RepoPlan, path: str) -> bytes | None:
    """What the plan's only pull request to open would write at a path; KeyError where it writes nothing there."""
    (changeset,) = [c for c in made.changesets if hasattr(c.action, "writes")]
    return {write.path: write.content for write in changeset.action.writes}[path]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()

"""Brakes: which plans of a fleet stop a run, and which are everyday work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncbot.model.files import FileId, Ownership, blob_id
from syncbot.model.fleet import Merged, Source
from syncbot.plan.actions import NoOp, OpenPullRequest, UpdatePullRequest
from syncbot.plan.file_status import FileStatus, Proposal
from syncbot.plan.fleet.brakes import Brake
from syncbot.plan.fleet.brakes import brakes as all_brakes
from syncbot.plan.fleet.removed_repos import plan_removed_repos
from syncbot.plan.reasons import Quiet
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.states import FileState
from syncbot.report.words import brake_words
from tests.plan.builders import TODAY, pull_request
from tests.plan.reasons import example

COMMITS = ("c" * 40, "b" * 40, "a" * 40)
"""Newest first."""
NEWEST, MIDDLE, OLDEST = COMMITS
OPEN = OpenPullRequest(base="main", parent="a" * 40, tree="b" * 40, writes=())
OWNERS = b"* @acme/shop\n\n# BEGIN syncbot\n/Dockerfile @acme/platform @acme/shop\n# END syncbot\n"


def file_id(content: bytes) -> FileId:
    return FileId(id=blob_id(content), mode="100644")


def status(
    state: FileState = FileState.BEHIND,
    config: str | None = OLDEST,
    path: str = "Dockerfile",
    before: bytes | None = b"old\n",
    after: bytes | None = b"new\n",
) -> FileStatus:
    """A file whose delivery came from `config`, with a proposal unless it is in sync."""
    in_sync = state is FileState.IN_SYNC
    desired = file_id(after) if after is not None else None
    return FileStatus(
        path=path,
        ownership=Ownership.FILE,
        state=state,
        desired=desired,
        live=desired if in_sync else file_id(before) if before is not None else None,
        delivered=desired if in_sync else file_id(b"old\n"),
        config=config,
        proposal=None if in_sync else Proposal(content=after, mode="100644", before=before),
    )


def repo(number: int, *files: FileStatus, acts: bool = True) -> RepoPlan:
    """A plan that proposes the files which have a proposal."""
    proposed = tuple(file for file in files if file.proposal)
    changeset = Changeset(
        name="sync",
        branch="syncbot/sync-1",
        action=OPEN if acts else NoOp(),
        why=example("drift" if acts else "limit"),
        files=proposed,
        proposed={},
    )
    return RepoPlan(
        repo=f"acme/r{number}",
        listed_as=f"acme/r{number}",
        files=files,
        changesets=(changeset,) if proposed else (),
    )


CLEAN = Source(commit=NEWEST, merged=Merged.YES, remote="origin", branch="main")


def judge(repo: str, product: str, version: str) -> str:
    """Whatever ends with a 2 is wrong."""
    return f"{product} {version} is wrong" if version.endswith("2") else ""


def brakes(plans: list[RepoPlan], size: int = 20, share: float = 0.25, **fields: bool | Source) -> tuple[Brake, ...]:
    """By the three commits, from a checkout as it should be unless a field says otherwise."""
    return all_brakes(plans, COMMITS, size, share, **{"source": CLEAN, "judge": judge, **fields})  # type: ignore[arg-type]


def kinds_of(found: tuple[Brake, ...]) -> list[str]:
    return [brake.kind for brake in found]


def kinds(plans: list[RepoPlan], size: int = 20, share: float = 0.25) -> list[str]:
    return kinds_of(brakes(plans, size, share))


def fleet(touched: int, file: FileStatus, *others: RepoPlan, size: int = 20) -> list[RepoPlan]:
    """So many repos with that file to propose, and others; what is left of `size` holds nothing."""
    plans = [repo(number, file) for number in range(touched)]
    return [*plans, *others, *(repo(number) for number in range(touched + len(others), size))]


MERGED = repo(99, status(FileState.IN_SYNC, config=NEWEST))
"""A repo that merged what is desired now, as the newest config commit delivered it."""


@pytest.mark.parametrize(
    ("plans", "size", "expected"),
    [
        (fleet(5, status()), 20, []),
        (fleet(6, status()), 20, ["fleet-share"]),
        (fleet(5, status(), size=19), 19, []),
        (fleet(6, status(), size=19), 19, ["fleet-share"]),
        (fleet(5, status(), size=5), 5, []),
        (fleet(6, status(), size=6), 6, ["fleet-share"]),
        (fleet(250, status(), size=1000), 1000, []),
        (fleet(251, status(), size=1000), 1000, ["fleet-share"]),
        (fleet(15, status(), MERGED), 20, []),
        (fleet(15, status(config=NEWEST), MERGED), 20, ["fleet-share"]),
        (fleet(15, status(config=MIDDLE), repo(99, status(FileState.IN_SYNC, config=OLDEST))), 20, ["fleet-share"]),
        (fleet(15, status(), repo(99, status(FileState.IN_SYNC, config=None))), 20, ["fleet-share"]),
        (fleet(15, status(), repo(99, status(FileState.IN_SYNC, config="f" * 40))), 20, ["fleet-share"]),
        (fleet(15, status(), repo(99, status(FileState.IN_SYNC, config=NEWEST, path="other"))), 20, ["fleet-share"]),
        (fleet(15, status(config=None), MERGED), 20, []),
        (fleet(15, status(FileState.DIVERGED), MERGED), 20, []),
        (fleet(15, status(FileState.MISSING, config=None, before=None)), 20, ["fleet-share"]),
        (fleet(15, status(FileState.MISSING, config=None, before=None), MERGED), 20, []),
        (fleet(15, status(FileState.UNMANAGED, config=None), MERGED), 20, []),
        (fleet(15, status(FileState.EDITED)), 20, []),
        (fleet(15, status(FileState.DELETED, before=None)), 20, []),
    ],
)
def test_a_mass_change_that_nobody_has_merged(plans: list[RepoPlan], size: int, expected: list[str]) -> None:
    """New is what no merged delivery of a later commit proves; restoring what was delivered before is not."""
    assert kinds(plans, size) == expected


def test_what_was_merged_by_hand_proves_nothing() -> None:
    """In sync, but by other hands: the lock says that something else was delivered."""
    by_hand = replace(status(FileState.IN_SYNC, config=NEWEST), delivered=file_id(b"else\n"))
    assert kinds(fleet(15, status(), repo(99, by_hand))) == ["fleet-share"]


def test_only_what_this_run_would_do_counts() -> None:
    """Repos that wait for a later run are not touched: so canaries pass."""
    waiting = [repo(number, status(), acts=False) for number in range(3, 20)]
    assert kinds([*(repo(number, status()) for number in range(3)), *waiting]) == []


def test_the_numbers_are_said() -> None:
    """How many of how many, the limit, and the way out."""
    (brake,) = brakes(fleet(6, status()), 20, 0.25)
    assert brake_words(brake) == (
        "this would bring a change that no repo has merged yet to 6 of 20 repos (30%; limits.max_fleet_share is 25%): "
        "try it on a few with --max-prs and merge one of those"
    )


def test_a_share_of_a_small_fleet_is_a_number() -> None:
    """A quarter is five repos in any fleet below twenty, and the line says so; all of it where the limit is all."""
    (brake,) = brakes(fleet(6, status(), size=6), 6)
    assert "6 of 6 repos (100%; limits.max_fleet_share is 25%, which is 5 repos in a fleet below 20)" in brake_words(
        brake
    )
    assert kinds(fleet(6, status(), size=6), 6, 1.0) == []


@pytest.mark.parametrize(("size", "most"), [(1, 1), (7, 1), (8, 2), (11, 2), (12, 3), (10_000, 3)])
def test_how_many_repos_may_lose_something(size: int, most: int) -> None:
    """So many repos may lose a file, or leave, in one run over a fleet of that size; one more stops it."""
    gone = status(FileState.RETIRED, path="old.yml", after=None)
    strays = [(f"acme/s{number}", pull_request(3, "OPEN", {})) for number in range(most + 1)]
    assert kinds([repo(n, gone) for n in range(most)], size) == []
    assert kinds(list(plan_removed_repos(strays[:most], {}, TODAY)), size) == []
    (deletions,) = brakes([repo(n, gone) for n in range(most + 1)], size)
    (closings,) = brakes(list(plan_removed_repos(strays, {}, TODAY)), size)
    assert [brake.kind for brake in (deletions, closings)] == ["deletions", "closings"]
    assert all(f"(more than {most}): acme/" in brake_words(brake) for brake in (deletions, closings))


def test_removals_in_many_repos() -> None:
    """The first five are named."""
    gone = status(FileState.RETIRED, path="old.yml", after=None)
    (brake,) = brakes([repo(n, gone) for n in range(8)], 8, 1.0)
    assert (brake.kind, brake_words(brake)) == (
        "deletions",
        "this would remove owned files in 8 repos (more than 2): "
        "acme/r0, acme/r1, acme/r2, acme/r3, acme/r4 and 3 more",
    )


def owners(after: bytes | None, path: str = ".github/CODEOWNERS", before: bytes | None = OWNERS) -> RepoPlan:
    return repo(0, status(path=path, before=before, after=after))


@pytest.mark.parametrize(
    ("plan", "lost"),
    [
        (owners(OWNERS + b"/new @acme/platform\n"), None),
        (owners(OWNERS.replace(b" @acme/shop\n", b" @acme/shop @acme/more # why\n")), None),
        (owners(OWNERS.replace(b"# BEGIN", b"# @acme/commented\n# BEGIN")), None),
        (
            owners(OWNERS.replace(b"/Dockerfile @acme/platform @acme/shop", b"/Dockerfile @acme/platform")),
            "/Dockerfile @acme/shop",
        ),
        (owners(OWNERS.replace(b"/Dockerfile @acme/platform @acme/shop\n", b"")), "/Dockerfile @acme/platform"),
        (owners(OWNERS.replace(b"/Dockerfile", b"/dockerfile")), "/Dockerfile @acme/platform"),
        (owners(OWNERS.replace(b"* @acme/shop", b"# * @acme/shop")), "* @acme/shop"),
        (owners(None), "* @acme/shop"),
        (owners(b"", path="CODEOWNERS"), "* @acme/shop"),
        (owners(b"", path="docs/CODEOWNERS"), "* @acme/shop"),
        (owners(b"", path="docs/OWNERS"), None),
        (owners(OWNERS, before=None), None),
    ],
)
def test_ownership_taken_away(plan: RepoPlan, lost: str | None) -> None:
    """One line of anybody's CODEOWNERS that names fewer owners stops the run; more owners and comments do not."""
    found = brakes([plan], 1, 1.0)
    reason = f"this would take ownership away in 1 repo: acme/r0 ({lost})"
    assert [(brake.kind, brake_words(brake)) for brake in found] == ([("codeowners", reason)] if lost else [])


def test_every_brake_is_said_at_once() -> None:
    """A run that does all three is told so in one go."""
    files = (
        status(),
        status(FileState.RETIRED, path="old.yml", after=None),
        status(path="CODEOWNERS", before=OWNERS, after=b""),
    )
    assert kinds([repo(number, *files) for number in range(20)]) == ["fleet-share", "deletions", "codeowners"]


def test_what_is_left_alone_stops_nothing() -> None:
    """Quiet files and repos that failed are not proposed."""
    quiet = [repo(number, replace(status(), quiet=Quiet.DECLINED), acts=False) for number in range(20)]
    assert kinds(quiet) == []
    assert kinds([]) == []


def already(file: FileStatus, proposed: FileStatus) -> RepoPlan:
    """A repo whose open pull request proposed `proposed`, and which is updated with that file in it."""
    pull = pull_request(3, "OPEN", {proposed.path: proposed.desired})
    plan = repo(0, file)
    action = UpdatePullRequest(number=3, parents=(), tree="", writes=())
    return replace(plan, changesets=(replace(plan.changesets[0], action=action, pull_request=pull),))


def test_what_an_open_pull_request_proposes_already_stops_nothing() -> None:
    """It was allowed once: an unrelated change the night after brings nothing new of it."""
    gone = status(FileState.RETIRED, path="old.yml", after=None)
    fewer = status(path="CODEOWNERS", before=OWNERS, after=b"")
    for file in (gone, fewer, status()):
        assert kinds([already(file, file)] * 20) == []
    assert kinds([already(fewer, replace(fewer, desired=file_id(b"* @acme/shop\n")))]) == ["codeowners"]
    assert kinds([already(gone, status())] * 4, size=4) == ["deletions"]


def test_an_edit_in_one_repo_is_no_change_of_ownership() -> None:
    """A developer added an owner inside the block: putting it back is not the template taking ownership away."""
    fields = {"path": "CODEOWNERS", "before": OWNERS, "after": b""}
    assert kinds([repo(0, status(FileState.EDITED, **fields))]) == []
    assert kinds([repo(0, status(FileState.DIVERGED, **fields))]) == ["codeowners"]


def test_a_file_that_goes_needs_no_owner() -> None:
    """Its line goes from CODEOWNERS along with it; a line of a file that stays is still a loss."""
    lines = status(path="CODEOWNERS", before=b"/old.yml @acme/platform\n/new.yml @acme/platform\n", after=b"")
    removed = [status(FileState.RETIRED, path=path, after=None) for path in ("old.yml", "new.yml")]
    assert kinds([repo(0, lines, *removed)]) == []
    (brake,) = brakes([repo(0, lines, removed[0])], 1, 1.0)
    assert "acme/r0 (/new.yml @acme/platform)" in brake_words(brake)


def test_only_closings_count_as_closings() -> None:
    """Repos that left the config and whose pull requests stay open stop nobody."""
    pull = pull_request(3, "OPEN", {})
    for fields, expected in (({}, ["closings"]), ({"people_committed": True}, [])):
        found = [(f"acme/r{number}", replace(pull, **fields)) for number in range(4)]
        assert kinds(list(plan_removed_repos(found, {}, TODAY))) == expected


def test_a_history_cut_off_is_said() -> None:
    """A shallow checkout does not know what was merged: the line says so, and what to do."""
    (brake,) = brakes(fleet(6, status()), 20, 0.25, is_shallow=True)
    assert "the git history is cut off here" in brake_words(brake) and "`fetch-depth: 0`" in brake_words(brake)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (CLEAN, []),
        (Source(commit=NEWEST, merged=Merged.NO_REMOTE), []),
        (
            Source(commit=NEWEST, merged=Merged.NO_REMOTE, differing=("config/repos.yaml",)),
            ["config/repos.yaml differs from commit cccccccccccc: commit it first"],
        ),
        (
            replace(CLEAN, differing=("a", "b", "c", "d", "e", "f", "g")),
            ["a, b, c, d, e and 2 more differ from commit cccccccccccc: commit it, and push and merge that first"],
        ),
        (
            replace(CLEAN, merged=Merged.NO),
            ["commit cccccccccccc is not on origin/main as it was fetched last: push and merge it, then git fetch"],
        ),
        (
            replace(CLEAN, merged=Merged.NOT_FETCHED),
            [
                "commit cccccccccccc is not known to be on origin/main, which is not fetched here: git fetch origin "
                "(actions/checkout: `fetch-depth: 0`)"
            ],
        ),
        (
            replace(CLEAN, merged=Merged.UNKNOWN, branch=""),
            [
                "commit cccccccccccc is not known to be merged, for which branch of origin is the default one is not "
                "known here: git remote set-head origin --auto"
            ],
        ),
        (Source(), ["what would be published is in no git commit: commit it, and push and merge that first"]),
    ],
)
def test_only_what_is_merged_is_published(source: Source, said: list[str]) -> None:
    """A line for each cause, with what to do; what cannot be told stops the run as well."""
    found = brakes([], source=source)
    assert [(brake.kind, brake_words(brake)) for brake in found] == [("uncommitted", line) for line in said]
    both = replace(source, merged=Merged.NO, differing=("x",), commit=NEWEST)
    assert kinds_of(brakes([], source=both)) == ["uncommitted", "uncommitted"]


def based_on(old: str | None, new: str, state: FileState = FileState.BEHIND, path: str = "Dockerfile") -> FileStatus:
    before = f"FROM {old}\n".encode() if old else None
    return status(state, path=path, before=before, after=f"FROM {new}\n".encode())


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ([based_on("node:18", "node:42")], ["node 42"]),
        ([based_on("node:18", "node:41")], []),
        ([based_on(None, "node:42", FileState.MISSING)], ["node 42"]),
        ([based_on("node:42", "node:42-slim")], []),
        ([based_on("node:18", "node:42", FileState.DIVERGED)], ["node 42"]),
        ([based_on("node:18", "node:42", FileState.UNMANAGED)], ["node 42"]),
        ([based_on("node:18", "node:42", FileState.EDITED)], []),
        ([based_on(None, "node:42", FileState.DELETED)], []),
        ([based_on("node:42", "node:18"), based_on("a", "node:42", path="more/Dockerfile")], []),
        ([based_on("node:18", "python:3.12")], ["python 3.12"]),
        ([based_on("node:18", "node:42"), based_on("b", "golang:1.22", path="go/Dockerfile")], ["go 1.22", "node 42"]),
        ([based_on("node:42", "node:32")], ["node 32"]),
    ],
)
def test_a_version_that_nobody_should_move_to(files: list[FileStatus], wrong: list[str]) -> None:
    """New to the repo in any file; what it has in one already, and what is restored, are not."""
    found = brakes([repo(1, *files)], 1, 1.0)
    assert [(brake.kind, brake_words(brake)) for brake in found] == [
        ("unknown-version", f"{each} is wrong, and would be new to 1 repo (acme/r1): name another version")
        for each in wrong
    ]


def test_a_wrong_version_is_said_once() -> None:
    """With the repos that would get it in this run."""
    bad = based_on("node:18", "node:42")
    plans = [*(repo(number, bad) for number in range(3)), repo(3, bad, acts=False), already(bad, bad)]
    (brake,) = brakes(plans, 1, 1.0)
    assert "would be new to 3 repos (acme/r0, acme/r1, acme/r2): " in brake_words(brake)

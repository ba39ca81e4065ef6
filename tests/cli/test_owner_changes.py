"""Owners before and after: what stands in the pull request and in the JSON, and that it costs nothing elsewhere."""

from __future__ import annotations

from unittest.mock import patch

from syncbot.app import owners
from syncbot.errors import FailureCode, RepoError
from syncbot.model.blobs import TreeListing
from tests.cli.harness import Platform, Result
from tests.sandbox_support import commit_files, make_repo, merge_pull

REPO = "acme/orders"
HEADING = "### Who owns what, before and after"
FILES = {"README.md": "hello\n", "Dockerfile": "FROM node:18\n", "src/app.js": "\n"}
PLACES = "    locations: [.github/CODEOWNERS, CODEOWNERS, docs/CODEOWNERS]\n"
NODE_22 = {"node_version": "22", "postgres_version": "none"}


def moved(result: Result) -> list[tuple[object, object, bool, list[str]]]:
    """(before, after, added, paths) of the one changeset that tells them."""
    (told,) = (found for c in result.changesets(REPO).values() if (found := c["owner_changes"]))
    assert told["listed_in_full"] is True
    assert told["left_out"] == told["further"] == 0
    return [(m["before"], m["after"], m["added"], m["paths"]) for m in told["moved"]]


def section(platform: Platform, applied: Result) -> str:
    """What the one pull request that speaks of owners says of them, as the developer reads it."""
    bodies = [platform.pull(REPO, pull["number"]).body for pull in applied.json["pull_requests"]]
    (body,) = (body for body in bodies if HEADING in body)
    return str(body).partition(HEADING)[2].partition("\n### ")[0]


def test_what_the_first_block_takes(platform: Platform) -> None:
    """The team's own Dockerfile goes from the team to the platform, new files to the platform, the rest stays."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, FILES | {"CODEOWNERS": "* @acme/orders\n"})
    planned = platform.plan()
    found = moved(planned)
    assert (["@acme/orders"], ["@acme/platform"], False, ["CODEOWNERS", "Dockerfile"]) in found
    (new,) = (paths for _, after, added, paths in found if added and after == ["@acme/platform"])
    assert set(new) == {".dockerignore", ".github/syncbot.lock", "docker-compose.yml"}
    applied = platform.apply()
    assert moved(applied) == found
    text = section(platform, applied)
    assert "| `@acme/orders` | `@acme/platform` | `CODEOWNERS`, `Dockerfile` |" in text
    assert (
        "| not there yet | `@acme/platform` | `.dockerignore`, `.github/syncbot.lock`, `docker-compose.yml` |" in text
    )
    assert "src/app.js" not in text


def test_a_later_line_of_the_team(platform: Platform) -> None:
    """A line below the block took the Dockerfile; the pull request that moves it above says whose it becomes again."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    delivered = str(platform.read(REPO, ".github/CODEOWNERS"))
    commit_files(platform.sandbox, REPO, "main", {".github/CODEOWNERS": f"{delivered}/Dockerfile\n"})
    applied = platform.apply()
    assert moved(applied) == [([], ["@acme/platform"], False, ["Dockerfile"])]
    assert "| nobody: by a line without owners | `@acme/platform` | `Dockerfile` |" in section(platform, applied)


def test_the_file_that_github_reads_decides(platform: Platform) -> None:
    """A template that knows one place alone brings a CODEOWNERS that hides the team's: all of their paths are told."""
    platform.edit("templates/service/ownership.yaml", PLACES, "")
    platform.fleet("orders")
    make_repo(
        platform.sandbox, REPO, {"README.md": "hello\n", "CODEOWNERS": "* @acme/orders\n/src/ @acme/web\n", "src/a": ""}
    )
    found = {tuple(paths): (before, after) for before, after, _, paths in moved(platform.plan())}
    assert found["src/a",][0] == ["@acme/web"]
    assert found["src/a",][1] == ["@acme/services"]


def test_only_a_pull_request_that_writes_it_costs_a_request(platform: Platform) -> None:
    """A fleet whose pull requests are open as they should be, and one in sync, are read for as much as before."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert platform.plan().json["summary"]["requests"]["rest"] == 1
    platform.apply()
    waiting = platform.plan()
    assert waiting.json["summary"]["requests"]["rest"] == 0
    assert {c["owner_changes"] for c in waiting.changesets(REPO).values()} == {None}
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.plan("--exit-code").json["summary"]["requests"]["rest"] == 0
    platform.fleet("orders", answers=NODE_22)
    assert platform.plan().json["summary"]["requests"]["rest"] == 0


def test_an_update_tells_it_too(platform: Platform) -> None:
    """The text of a pull request that goes on still says it, with the line that somebody wrote on the branch."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"src/app.js": "\n", "CODEOWNERS": "* @acme/orders\n"})
    platform.apply()
    held = str(platform.read(REPO, "CODEOWNERS", "syncbot/adopt-1"))
    commit_files(
        platform.sandbox, REPO, "syncbot/adopt-1", {"CODEOWNERS": held.replace("\n", "\n/src/ @acme/web\n", 1)}
    )
    platform.fleet("orders", owners="@acme/core")
    applied = platform.apply()
    assert applied.pulls() == [(REPO, "updated")]
    assert (["@acme/orders"], ["@acme/web"], False, ["src/app.js"]) in moved(applied)
    assert "| `@acme/orders` | `@acme/core` | `CODEOWNERS` |" in section(platform, applied)


def test_a_repo_that_cannot_be_listed_is_tried_again(platform: Platform) -> None:
    """It fails alone, in the plan as in apply, and nothing is opened that says less; the next run opens it."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    refused = RepoError(FailureCode.UNREADABLE, "no answer")
    with patch.object(owners, "tree_listing", side_effect=refused):
        planned, applied = platform.plan(), platform.apply()
    for result in (planned, applied):
        assert (result.exit_code, result.repo(REPO)["error"]) == (1, {"code": "unreadable", "reason": "no answer"})
    assert applied.writes == 0
    assert platform.apply().pulls() == [(REPO, "opened")]


def test_a_link_in_its_place(platform: Platform) -> None:
    """Nobody can tell what GitHub makes of a link: it is opened all the same, and says so."""
    platform.edit("templates/service/ownership.yaml", PLACES, "")
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    folder = platform.clone(REPO)
    (folder / "CODEOWNERS").symlink_to("README.md")
    platform.push(folder)
    applied = platform.apply()
    assert {c["owner_changes"] for c in applied.changesets(REPO).values()} == {None}
    assert "cannot be told" in section(platform, applied)


def test_a_list_that_github_cuts_short(platform: Platform) -> None:
    """What is known is said, and that there is more."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, FILES)

    def cut_short(*given: object) -> TreeListing:
        return TreeListing(files=whole(*given).files, complete=False)  # type: ignore[arg-type]

    whole = owners.tree_listing
    with patch.object(owners, "tree_listing", cut_short):
        applied = platform.apply()
    assert "GitHub does not list all files" in section(platform, applied)
    assert "`@acme/platform`" in section(platform, applied)

"""Blobs, trees and commits made through the API are those that git makes."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pygit2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.sandbox.server import Sandbox
from syncbot.sandbox.trees import build_tree
from tests.sandbox.conftest import Git
from tests.sandbox_support import commit_files, make_repo

GIT = "repos/acme/api/git"


def post_tree(client: httpx.Client, entries: list[dict[str, object]], base: str | None) -> httpx.Response:
    body = {"tree": entries, **({"base_tree": base} if base else {})}
    return client.post(f"{GIT}/trees", json=body)


def test_blob_round_trip(sandbox: Sandbox, bot: httpx.Client) -> None:
    """A blob posted as base64 comes back byte for byte, under the id that git gives it."""
    make_repo(sandbox, "acme/api", {"a": "a\n"})
    content = bytes(range(256))
    made = bot.post(f"{GIT}/blobs", json={"content": base64.b64encode(content).decode(), "encoding": "base64"})
    assert made.status_code == 201
    assert made.json()["sha"] == str(pygit2.hash(content))
    read = bot.get(f"{GIT}/blobs/{made.json()['sha']}").json()
    assert base64.b64decode(read["content"]) == content


def test_tree_keeps_modes_and_the_rest_of_the_base(sandbox: Sandbox, bot: httpx.Client) -> None:
    """Inline entries of each mode land on the base tree, a null sha removes, nothing else changes."""
    head = make_repo(sandbox, "acme/api", {"keep/me": "k\n", "drop/me": "d\n", "old": "o\n"})
    entries: list[dict[str, object]] = [
        {"path": "bin/run", "mode": "100755", "type": "blob", "content": "#!/bin/sh\n"},
        {"path": "link", "mode": "120000", "type": "blob", "content": "keep/me"},
        {"path": "lib", "mode": "160000", "type": "commit", "sha": "1" * 40},
        {"path": "drop/me", "mode": "100644", "type": "blob", "sha": None},
        {"path": "old", "mode": "100644", "type": "blob", "content": "new\n"},
    ]
    made = post_tree(bot, entries, head)
    assert made.status_code == 201, made.text
    read = bot.get(f"{GIT}/trees/{made.json()['sha']}", params={"recursive": "1"}).json()
    assert {(entry["path"], entry["mode"], entry["type"]) for entry in read["tree"]} == {
        ("bin", "040000", "tree"),
        ("bin/run", "100755", "blob"),
        ("keep", "040000", "tree"),
        ("keep/me", "100644", "blob"),
        ("lib", "160000", "commit"),
        ("link", "120000", "blob"),
        ("old", "100644", "blob"),
    }


def test_tree_takes_a_subtree_by_id(sandbox: Sandbox, bot: httpx.Client) -> None:
    """An entry of mode 040000 grafts a tree that exists."""
    head = make_repo(sandbox, "acme/api", {"a/b": "b\n"})
    tree = bot.get(f"{GIT}/trees/{head}").json()["tree"][0]["sha"]
    made = post_tree(bot, [{"path": "copy", "mode": "040000", "type": "tree", "sha": tree}], head)
    assert [entry["path"] for entry in made.json()["tree"]] == ["a", "copy"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"path": "../x", "mode": "100644", "content": "x"}, "malformed path"),
        ({"path": ".git/config", "mode": "100644", "content": "x"}, "malformed path"),
        ({"path": "x", "mode": "100600", "content": "x"}, "tree.mode"),
        ({"path": "x", "mode": "100644", "sha": "2" * 40}, "not a valid object"),
        ({"path": "x", "mode": "100644", "sha": None}, "BadObjectState"),
        ({"path": "x", "mode": "100644"}, "either tree.sha or tree.content"),
    ],
)
def test_tree_refuses(sandbox: Sandbox, bot: httpx.Client, entry: dict[str, object], message: str) -> None:
    """What is no tree is answered with 422 and why."""
    head = make_repo(sandbox, "acme/api", {"a": "a\n"})
    answer = post_tree(bot, [entry], head)
    assert answer.status_code == 422
    assert message in answer.json()["message"]


def test_commit_defaults_to_who_asks(sandbox: Sandbox, bot: httpx.Client, developer: httpx.Client) -> None:
    """An App that names nobody is the author and gets a valid signature; a user gets none."""
    head = make_repo(sandbox, "acme/api", {"a": "a\n"})
    tree = bot.get(f"{GIT}/commits/{head}").json()["tree"]["sha"]
    body = {"message": "m", "tree": tree, "parents": [head]}
    by_bot = bot.post(f"{GIT}/commits", json=body).json()
    assert by_bot["author"]["name"] == "acme-syncbot[bot]"
    assert (by_bot["verification"]["verified"], by_bot["verification"]["reason"]) == (True, "valid")
    named = {**body, "author": {"name": "N", "email": "n@example.com", "date": "2026-01-02T03:04:05+02:00"}}
    by_name = bot.post(f"{GIT}/commits", json=named).json()
    assert by_name["author"] == {"name": "N", "email": "n@example.com", "date": "2026-01-02T01:04:05Z"}
    assert by_name["verification"]["reason"] == "unsigned"
    assert developer.post(f"{GIT}/commits", json=body).json()["verification"]["verified"] is False


@pytest.mark.parametrize(
    "change", [{"tree": "3" * 40}, {"parents": ["3" * 40]}, {"parents": ["main"]}, {"message": None}]
)
def test_commit_refuses(sandbox: Sandbox, bot: httpx.Client, change: dict[str, object]) -> None:
    """A commit of nothing, on nothing, or without a message is answered with 422."""
    head = make_repo(sandbox, "acme/api", {"a": "a\n"})
    tree = bot.get(f"{GIT}/commits/{head}").json()["tree"]["sha"]
    body = {"message": "m", "tree": tree, "parents": [head], **change}
    assert bot.post(f"{GIT}/commits", json=body).status_code == 422


def test_empty_repository(sandbox: Sandbox, bot: httpx.Client) -> None:
    """Git data of a repository without commits is 409, its contents are 404, its branches are none."""
    make_repo(sandbox, "acme/api")
    answers = [
        bot.get(f"{GIT}/ref/heads/main"),
        bot.get(f"{GIT}/trees/main"),
        bot.get("repos/acme/api/commits"),
        bot.post(f"{GIT}/blobs", json={"content": "x"}),
        bot.post(f"{GIT}/trees", json={"tree": [{"path": "x", "mode": "100644", "content": "x"}]}),
        bot.post(f"{GIT}/refs", json={"ref": "refs/heads/x", "sha": "4" * 40}),
    ]
    assert {answer.status_code for answer in answers} == {409}
    assert {answer.json()["message"] for answer in answers} == {"Git Repository is empty."}
    assert bot.get("repos/acme/api/contents/README.md").status_code == 404
    assert bot.get("repos/acme/api/branches").json() == []


def test_first_commit_through_contents(sandbox: Sandbox, developer: httpx.Client) -> None:
    """A file put into an empty repository is its first commit; changing it needs its blob id."""
    make_repo(sandbox, "acme/api")
    url = "repos/acme/api/contents/docs/README.md"
    body = {"message": "Add", "content": base64.b64encode(b"one\n").decode()}
    first = developer.put(url, json=body)
    assert first.status_code == 201
    sha = first.json()["content"]["sha"]
    assert developer.put(url, json=body).status_code == 422
    assert developer.put(url, json={**body, "sha": "5" * 40}).status_code == 409
    changed = {**body, "content": base64.b64encode(b"two\n").decode(), "sha": sha}
    assert developer.put(url, json=changed).status_code == 200
    assert base64.b64decode(developer.get(url).json()["content"]) == b"two\n"
    assert [entry["type"] for entry in developer.get("repos/acme/api/contents/").json()] == ["dir"]
    now = developer.get(url).json()["sha"]
    assert developer.request("DELETE", url, json={"message": "Drop", "sha": now}).status_code == 200
    assert developer.get(url).status_code == 404


def test_compare(sandbox: Sandbox, bot: httpx.Client) -> None:
    """A comparison counts both sides and lists the head's commits and files from the merge base."""
    make_repo(sandbox, "acme/api", {"a": "1\n2\n3\n"})
    commit_files(sandbox, "acme/api", "x/y", {"a": "1\n2\n3\n4\n", "b": "b\n"}, message="first")
    commit_files(sandbox, "acme/api", "main", {"c": "c\n"})
    found = bot.get("repos/acme/api/compare/main...x/y").json()
    assert (found["status"], found["ahead_by"], found["behind_by"]) == ("diverged", 1, 1)
    assert [one["commit"]["message"] for one in found["commits"]] == ["first"]
    assert {(file["filename"], file["status"], file["additions"]) for file in found["files"]} == {
        ("a", "modified", 1),
        ("b", "added", 1),
    }
    assert bot.get("repos/acme/api/compare/main...main").json()["status"] == "identical"
    assert bot.get("repos/acme/api/compare/main...nope").status_code == 404


def test_fsck_is_clean(sandbox: Sandbox, bot: httpx.Client, git: Git) -> None:
    """What the API wrote is sound to git itself."""
    head = make_repo(sandbox, "acme/api", {"a": "a\n", "d/e": ("e\n", "100755")})
    tree = post_tree(bot, [{"path": "d/f", "mode": "100644", "content": "f\n"}], head).json()["sha"]
    commit = bot.post(f"{GIT}/commits", json={"message": "m", "tree": tree, "parents": [head]}).json()["sha"]
    bot.post(f"{GIT}/refs", json={"ref": "refs/heads/x", "sha": commit})
    done = git("fsck", "--full", "--strict", "--no-dangling", cwd=sandbox.forge.data / "repos/acme/api.git")
    assert done.stdout + done.stderr == ""


NAMES = st.sampled_from(["a", "b", "a.b", "a-b", "z"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@given(before=st.sets(PATHS, max_size=6), added=st.sets(PATHS, max_size=4), removed=st.sets(PATHS, max_size=3))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_trees_are_those_of_gits_index(
    tmp_path_factory: pytest.TempPathFactory, before: set[str], added: set[str], removed: set[str]
) -> None:
    """A tree built folder by folder has the id that git's own index gives the same files."""
    raw = _scratch(tmp_path_factory)
    blob = raw.create_blob(b"x\n")
    before, added = _without_clashes(before), _without_clashes(added)
    # A path may not be a file in one and a folder in the other: git's index would drop one of them.
    added = {path for path in added if len(_without_clashes(before | {path})) == len(before | {path})}
    removed = (removed & before) - added
    base = raw[_indexed(raw, before, blob)].peel(pygit2.Tree)
    change = (0o100644, str(blob))
    built = build_tree(raw, base, {**dict.fromkeys(removed), **dict.fromkeys(added, change)})
    assert built == str(_indexed(raw, (before - removed) | added, blob))


def _scratch(factory: pytest.TempPathFactory) -> pygit2.Repository:
    place: Path = factory.getbasetemp() / "scratch.git"
    return pygit2.Repository(str(place)) if place.exists() else pygit2.init_repository(str(place), bare=True)


def _indexed(raw: pygit2.Repository, paths: set[str], blob: pygit2.Oid) -> pygit2.Oid:
    index = pygit2.Index()
    for path in sorted(paths):
        index.add(pygit2.IndexEntry(path, blob, pygit2.enums.FileMode.BLOB))
    return index.write_tree(raw)


def _without_clashes(paths: set[str]) -> set[str]:
    return {path for path in paths if not any(other.startswith(f"{path}/") for other in paths)}

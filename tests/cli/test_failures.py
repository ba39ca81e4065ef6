"""One repo that cannot be done does not stop the others, and says why."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from syncbot.model.files import File
from syncbot.render import Templates
from syncbot.render.copier_run import CopierRender
from syncbot.sandbox.trees import build_tree
from tests.cli.harness import SMALL, Platform, Result
from tests.sandbox_support import find, make_repo, merge_pull, move_branch

PERMISSIONS = {"contents": "write", "issues": "write", "metadata": "read", "pull_requests": "write"}

CHANGED = SMALL | {"node_version": "22", "port": 9090}
"""A move, and something else."""

DOCKERFILE = "templates/service/files/{% if has.node %}Dockerfile{% endif %}.jinja"


def error_codes(result: Result) -> dict[str, str | None]:
    return {repo["listed_as"]: repo["error"] and repo["error"]["code"] for repo in result.json["repos"]}


def test_each_repo_that_cannot_be_read_says_why(platform: Platform) -> None:
    """Missing, empty, archived, private and without a default branch: a code and a sentence each; the rest is done."""
    names = ("missing", "empty", "archived", "hidden", "headless", "fine")
    platform.fleet(*names)
    forge = platform.sandbox.forge
    for name in ("archived", "hidden", "fine"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"}, private=name == "hidden")
    make_repo(platform.sandbox, "acme/empty")
    make_repo(platform.sandbox, "acme/headless", {"README.md": "hello\n"}, default_branch="trunk")
    with forge.store.transaction():
        forge.edit_repo(find(platform.sandbox, "acme/archived"), archived=1)
        git = forge.git(find(platform.sandbox, "acme/headless"))
        git.raw.references.create("refs/heads/other", str(git.branch("trunk")))
        git.raw.references.delete("refs/heads/trunk")
        reach = tuple(f"acme/{name}" for name in names if name != "hidden")
        token = forge.issue_token("acme-syncbot[bot]", type="Bot", permissions=PERMISSIONS, repositories=reach)

    planned = platform.plan(GITHUB_TOKEN=token)
    assert planned.exit_code == 1
    assert error_codes(planned) == {
        "acme/missing": "not-found",
        "acme/empty": "empty",
        "acme/archived": "archived",
        "acme/hidden": "not-found",
        "acme/headless": "no-default-branch",
        "acme/fine": None,
    }
    for repo in planned.json["repos"]:
        assert repo["error"] is None or repo["repo"] in repo["error"]["reason"]

    applied = platform.apply(GITHUB_TOKEN=token)
    assert applied.exit_code == 1
    assert applied.pulls() == [("acme/fine", "opened")]
    text = platform.run("apply", GITHUB_TOKEN=token)
    assert text.exit_code == 1
    assert "archived" in text.stdout


@pytest.mark.parametrize("node", ["18", "22"])
def test_what_copier_renders_otherwise_is_not_published(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, node: str
) -> None:
    """Each pull request is proved by its own answers: `sync` on Node 18 and the move to 22. The other repo is done."""
    platform.fleet("orders")
    make_repo(platform.sandbox, "acme/orders", {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, "acme/orders", 1)
    platform.fleet("orders", {"name": "search", "answers": {"node_version": "24"}}, answers=CHANGED)
    make_repo(platform.sandbox, "acme/search", {"README.md": "hello\n"})
    copied = CopierRender.render

    def another(self: CopierRender, template: str, answers: Mapping[str, object]) -> Mapping[str, File]:
        files = copied(self, template, answers)
        return {**files, "Dockerfile": File(content=b"")} if answers["node_version"] == node else files

    monkeypatch.setattr(CopierRender, "render", another)
    applied = platform.apply()
    assert (applied.exit_code, applied.pulls()) == (1, [("acme/search", "opened")])
    reason = applied.repo("acme/orders")["error"]["reason"]
    assert reason == "Dockerfile: syncbot and copier render another content; nothing is published"


def test_a_token_that_may_not_write(platform: Platform) -> None:
    """Plan works with it; apply says not-permitted without having tried, and exits with 1."""
    platform.fleet("orders")
    make_repo(platform.sandbox, "acme/orders", {"README.md": "hello\n"})
    token = platform.sandbox.forge.issue_token(
        "acme-syncbot[bot]", type="Bot", permissions=dict.fromkeys(PERMISSIONS, "read")
    )
    assert platform.plan(GITHUB_TOKEN=token).exit_code == 0
    applied = platform.apply(GITHUB_TOKEN=token)
    assert applied.exit_code == 1
    assert error_codes(applied) == {"acme/orders": "not-permitted"}
    assert platform.sandbox.forge.counters.writes == 0


def test_a_token_that_may_not_open_pull_requests(platform: Platform) -> None:
    """GitHub's refusal names the repo's failure; the branch that was pushed is taken up once the token may."""
    platform.fleet("first", "second")
    for name in ("first", "second"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    token = platform.sandbox.forge.issue_token(
        "acme-syncbot[bot]", type="Bot", permissions=PERMISSIONS | {"pull_requests": "read"}
    )
    failed = platform.apply("first", GITHUB_TOKEN=token)
    assert failed.exit_code == 1
    assert error_codes(failed) == {"acme/first": "http-403"}
    assert failed.pulls() == []

    resumed = platform.apply()
    assert resumed.pulls() == [("acme/first", "opened"), ("acme/second", "opened")]
    assert branches(platform, "acme/first") == ["main", "syncbot/adopt-1"]
    assert platform.pull("acme/first").head.ref == "syncbot/adopt-1"
    assert platform.apply().writes == 0


def branches(platform: Platform, repo: str) -> list[str]:
    return [name for name, _ in platform.sandbox.forge.git(find(platform.sandbox, repo)).branches()]


def test_a_branch_left_by_a_run_that_died_before_the_template_changed(platform: Platform) -> None:
    """Its content is not what is wanted now: a new branch is used, and the left one is not touched."""
    platform.fleet("first")
    make_repo(platform.sandbox, "acme/first", {"README.md": "hello\n"})
    token = platform.sandbox.forge.issue_token(
        "acme-syncbot[bot]", type="Bot", permissions=PERMISSIONS | {"pull_requests": "read"}
    )
    platform.apply(GITHUB_TOKEN=token)
    platform.fleet("first", answers={"node_version": "22", "postgres_version": "none"})
    result = platform.apply()
    assert result.pulls() == [("acme/first", "opened")]
    assert platform.pull("acme/first").head.ref == "syncbot/adopt-2"
    assert branches(platform, "acme/first") == ["main", "syncbot/adopt-1", "syncbot/adopt-2"]
    assert platform.forced_updates == []


def test_a_branch_that_only_claims_to_be_the_bots(platform: Platform) -> None:
    """The bot's e-mail and trailers with somebody's content: never opened under the bot's name, and not touched."""
    platform.fleet("first")
    make_repo(platform.sandbox, "acme/first", {"README.md": "hello\n"})
    token = platform.sandbox.forge.issue_token(
        "acme-syncbot[bot]", type="Bot", permissions=PERMISSIONS | {"pull_requests": "read"}
    )
    platform.apply(GITHUB_TOKEN=token)
    forge = platform.sandbox.forge
    with forge.store.transaction():
        git = forge.git(find(platform.sandbox, "acme/first"))
        head = git.raw[git.branch("syncbot/adopt-1")]
        workflow = str(git.raw.create_blob(b"on: push\n"))
        tree = build_tree(git.raw, head.tree, {".github/workflows/x.yml": (0o100644, workflow)})
        spoofed = git.raw.create_commit(None, head.author, head.committer, head.message, tree, head.parent_ids)
    move_branch(platform.sandbox, "acme/first", "syncbot/adopt-1", str(spoofed))
    assert platform.apply().pulls() == [("acme/first", "opened")]
    assert platform.pull("acme/first").head.ref == "syncbot/adopt-2"
    assert platform.read("acme/first", ".github/workflows/x.yml", "syncbot/adopt-2") is None
    assert platform.read("acme/first", ".github/workflows/x.yml", "syncbot/adopt-1") == "on: push\n"
    assert platform.apply().writes == 0


def test_a_renamed_repo_is_done_under_its_new_name(platform: Platform) -> None:
    """The old name in the config still finds it; the report says both, and the pull request is in the new one."""
    platform.fleet("old-name")
    make_repo(platform.sandbox, "acme/old-name", {"README.md": "hello\n"})
    with platform.sandbox.forge.store.transaction():
        platform.sandbox.forge.rename_repo(find(platform.sandbox, "acme/old-name"), "new-name")
    planned = platform.plan()
    assert planned.repo("acme/old-name")["repo"] == "acme/new-name"
    (notice,) = planned.json["notices"]
    assert notice.startswith("acme/old-name is acme/new-name on GitHub now")
    applied = platform.apply()
    assert applied.exit_code == 0
    assert applied.pulls() == [("acme/new-name", "opened")]
    assert platform.pull("acme/new-name").head.ref == "syncbot/adopt-1"
    assert platform.apply().writes == 0


def test_two_entries_that_became_one_repo(platform: Platform) -> None:
    """The entry that comes second fails and says which other entry it meets; the first is done."""
    platform.fleet("new-name", "old-name", "other")
    for name in ("old-name", "other"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    with platform.sandbox.forge.store.transaction():
        platform.sandbox.forge.rename_repo(find(platform.sandbox, "acme/old-name"), "new-name")
    applied = platform.apply()
    assert applied.exit_code == 1
    assert error_codes(applied) == {"acme/new-name": None, "acme/old-name": "listed-twice", "acme/other": None}
    assert "acme/new-name" in applied.repo("acme/old-name")["error"]["reason"]
    assert applied.pulls() == [("acme/new-name", "opened"), ("acme/other", "opened")]


def test_a_template_that_cannot_be_rendered_for_one_repo(platform: Platform) -> None:
    """An error that only some answers meet fails the repos that have them, with the file; the others are done."""
    platform.fleet("broken", {"name": "fine", "answers": {"port": 8081}})
    platform.edit(DOCKERFILE, "FROM ", "{% if port == 8080 %}{{ 1 // 0 }}{% endif %}FROM ")
    for name in ("broken", "fine"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    applied = platform.apply()
    assert applied.exit_code == 1
    assert error_codes(applied) == {"acme/broken": "render", "acme/fine": None}
    assert "Dockerfile" in applied.repo("acme/broken")["error"]["reason"]
    assert applied.pulls() == [("acme/fine", "opened")]


def test_a_template_that_uses_an_undefined_variable(platform: Platform) -> None:
    """It is found before anything is read, with file, line and name: exit code 2, and no request is sent."""
    platform.fleet("orders")
    platform.edit(DOCKERFILE, "FROM ", "{{ surprise }}FROM ")
    result = platform.apply()
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{DOCKERFILE}:" in result.stderr
    assert "'surprise'" in result.stderr
    assert sum(platform.sandbox.forge.counters.requests.values()) == 0


def test_nothing_is_published_unless_copier_agrees(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast rendering that differs in one byte of one file fails that repo with `render`, before any write."""
    platform.fleet("doubted", {"name": "fine", "answers": {"port": 8081}})
    for name in ("doubted", "fine"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    real = Templates.render

    def render(self: Templates, template: str, answers: dict[str, object]) -> object:
        files = dict(real(self, template, answers))
        if answers["service_name"] == "doubted":
            content = files["Dockerfile"].content + b" "
            files["Dockerfile"] = type(files["Dockerfile"])(content=content, mode=files["Dockerfile"].mode)
        return files

    monkeypatch.setattr(Templates, "render", render)
    applied = platform.apply()
    assert applied.exit_code == 1
    assert error_codes(applied) == {"acme/doubted": "render", "acme/fine": None}
    assert "Dockerfile" in applied.repo("acme/doubted")["error"]["reason"]
    assert applied.pulls() == [("acme/fine", "opened")]
    assert branches(platform, "acme/doubted") == ["main"]


def test_repos_whose_names_become_one_are_not_proposed_to(platform: Platform) -> None:
    """Both fail with the name that they would share; the other repo goes on, and `check` says the same."""
    platform.fleet("shop.api", "shop_api", "other")
    for name in ("shop.api", "shop_api", "other"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    applied = platform.apply()
    assert error_codes(applied) == {"acme/shop.api": "identity", "acme/shop_api": "identity", "acme/other": None}
    assert (
        "acme/shop.api, acme/shop_api share one Compose project shop-api"
        in applied.repo("acme/shop_api")["error"]["reason"]
    )
    assert (applied.exit_code, applied.pulls()) == (1, [("acme/other", "opened")])
    checked = platform.run("check")
    assert checked.exit_code == 1
    assert "share one Compose project shop-api" in " ".join(checked.stdout.split())

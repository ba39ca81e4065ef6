"""`syncbot guard` on real git repos: what counts as an edit of owned content, whose branch passes, and what is said."""

from __future__ import annotations

import pytest

from syncbot.model.files import LOCK_PATH
from tests.guard.conftest import BLOCK, BOT, CODEOWNERS, DOCKERFILE, OWNED, Service, lock_of, pull_request

EDITED = DOCKERFILE.replace("USER 1000\n", "USER root\nRUN apt-get update\n")


def test_an_edit_of_an_owned_file_is_shown_with_its_lines(service: Service) -> None:
    """The lines that were changed, whose they are and where to ask; exit 1."""
    service.branch("topic")
    service.commit({"Dockerfile": EDITED, "server.js": "// better\n"})
    result = service.guard("--base", "main", "--ask", "https://acme.example/ask")
    assert result.exit_code == 1
    assert result.output.splitlines()[0].startswith(
        "Dockerfile:4-5: changed here: Dockerfile is kept by the platform team"
    )
    assert "Ask for it: @acme/platform or https://acme.example/ask" in result.output
    assert result.output.splitlines()[-1] == "1 owned file changed: Dockerfile"


def test_the_teams_own_files_are_nobodys_business(service: Service) -> None:
    """Files that are not in the lock can be changed, added and removed."""
    service.branch("topic")
    service.commit({"server.js": None, "src/main.js": "1\n", "docker-compose.override.yml": "services: {}\n"})
    result = service.guard("--base", "main")
    assert (result.exit_code, result.output) == (0, "No owned file is changed.\n")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"* @acme/payments\n/src/ @acme/security\n\n{BLOCK}", 0),
        (BLOCK, 0),
        (CODEOWNERS.replace("/Dockerfile @acme/platform", "/Dockerfile @acme/payments"), 1),
        (f"{CODEOWNERS}/Dockerfile @acme/payments\n", 1),
        ("* @acme/payments\n", 1),
        (CODEOWNERS.replace("# END syncbot\n", ""), 1),
        (f"{CODEOWNERS}\n{BLOCK}", 1),
        (None, 1),
    ],
    ids=["line above", "only the block", "in the block", "below", "block gone", "marker gone", "twice", "file gone"],
)
def test_of_a_block_only_the_block_is_owned(service: Service, text: str | None, code: int) -> None:
    """Lines above the block are the team's; the block, its markers and whatever stands below it are not."""
    service.branch("topic")
    service.commit({".github/CODEOWNERS": text})
    assert service.guard("--base", "main").exit_code == code


def test_lines_of_a_block_are_counted_from_the_files_top(service: Service) -> None:
    """An annotation points into the file, not into the block."""
    service.branch("topic")
    changed = CODEOWNERS.replace("/Dockerfile @acme/platform", "/Dockerfile @acme/payments")
    service.commit({".github/CODEOWNERS": f"/a/ @acme/a\n{changed}"})
    result = service.guard("--base", "main")
    assert result.output.startswith(".github/CODEOWNERS:5: changed here: the syncbot block of .github/CODEOWNERS")


def test_a_removed_file_a_changed_mode_and_the_lock(service: Service) -> None:
    """Removing, making executable, and editing the bot's own record are edits too."""
    service.branch("gone")
    service.commit({"Dockerfile": None})
    assert "Dockerfile: is removed" in service.guard("--base", "main").output
    service.branch("mode")
    (service.root / "Dockerfile").chmod(0o755)
    service.commit({})
    assert "its mode is changed to 100755" in service.guard("--base", "main").output
    service.branch("lock")
    service.commit({LOCK_PATH: lock_of({**OWNED, "Dockerfile": EDITED}), "Dockerfile": EDITED})
    result = service.guard("--base", "main")
    assert result.exit_code == 1
    assert f"{LOCK_PATH} is written by syncbot alone" in result.output
    assert "2 owned files changed" in result.output


def test_a_branch_that_is_merely_behind_passes(service: Service) -> None:
    """The base branch moved on by a delivery; a branch from before that, which left the file alone, is fine."""
    service.branch("topic")
    service.commit({"server.js": "// new\n"})
    service.git("switch", "--quiet", "main")
    newer = {**OWNED, "Dockerfile": DOCKERFILE.replace("22", "24")}
    service.commit({**newer, LOCK_PATH: lock_of(newer)})
    service.git("switch", "--quiet", "topic")
    assert service.guard("--base", "main").exit_code == 0


def test_drift_that_is_there_already_is_not_held_against_anybody(service: Service) -> None:
    """Equal to the base is fine even if the base has drifted, and so is taking the drift back; more of it is not."""
    service.commit({"Dockerfile": EDITED})
    service.branch("untouched")
    service.commit({"server.js": "// new\n"})
    assert service.guard("--base", "main").exit_code == 0
    service.branch("restored")
    service.commit({"Dockerfile": DOCKERFILE})
    assert service.guard("--base", "main").exit_code == 0
    service.branch("worse")
    service.commit({"Dockerfile": EDITED + "EXPOSE 1\n"})
    assert service.guard("--base", "main").exit_code == 1


def test_it_runs_from_any_folder_and_with_any_lock(service: Service) -> None:
    """Paths count from the repo's top; a path in the lock that no file can have is passed over."""
    lock = lock_of(OWNED).replace('files."Dockerfile"', 'files."Dockerfile\\u0000"')
    service.commit({LOCK_PATH: lock, "src/main.js": ""})
    service.branch("topic")
    service.commit({"Dockerfile": EDITED, "*": "not a pattern\n"})
    assert service.guard("--base", "main", "--repo", str(service.root / "src")).exit_code == 0
    service.git("switch", "--quiet", "main")
    service.commit({LOCK_PATH: lock_of(OWNED)})
    assert service.guard("--base", "main", "--head", "topic", "--repo", str(service.root / "src")).exit_code == 1


@pytest.mark.parametrize("lock", [None, "not toml ["])
def test_without_a_lock_nothing_is_owned(service: Service, lock: str | None) -> None:
    """A repo that the bot never delivered to, or whose lock makes no sense, is left in peace."""
    service.commit({LOCK_PATH: lock})
    service.branch("topic")
    service.commit({"Dockerfile": EDITED})
    assert service.guard("--base", "main").exit_code == 0


@pytest.mark.parametrize(
    ("login", "ref", "fork", "identities", "code"),
    [
        (BOT, "syncbot/sync-1", False, BOT, 0),
        (BOT, "syncbot/sync-1", False, "", 0),
        ("ines", "syncbot/sync-1", False, BOT, 1),
        ("ines", "syncbot/sync-1", False, "", 1),
        (BOT, "topic", False, BOT, 1),
        (BOT, "syncbot/sync-1", True, BOT, 1),
        ("other[bot]", "syncbot/sync-1", False, BOT, 1),
    ],
)
def test_only_the_bots_own_pull_request_passes(
    service: Service, login: str, ref: str, fork: bool, identities: str, code: int
) -> None:
    """By the author's login, in the same repo, on a branch under syncbot/: a name alone opens nothing."""
    service.branch("topic")
    service.commit({"Dockerfile": EDITED}, author=f"{BOT} <1+{BOT}@users.noreply.github.com>")
    env = service.event(pull_request(service, login=login, ref=ref, fork=fork))
    result = service.guard(env={**env, "SYNCBOT_IDENTITIES": identities})
    assert result.exit_code == code, result.output


@pytest.mark.parametrize(
    ("ref", "prefixes", "code"),
    [
        ("platform/sync-1", "platform/", 0),
        ("platform/sync-1", "syncbot/, platform/", 0),
        ("syncbot/sync-1", "syncbot/,platform/", 0),
        ("syncbot/sync-1", "platform/", 1),
        ("platform/sync-1", "", 1),
        ("syncbot/sync-1", "", 0),
        ("dependabot/docker/node-22", "syncbot/", 1),
    ],
)
def test_the_bots_branches_may_have_another_prefix(service: Service, ref: str, prefixes: str, code: int) -> None:
    """Where the config gives one, the guard is told; another app's branches are none of the bot's."""
    service.branch("topic")
    service.commit({"Dockerfile": EDITED}, author=f"{BOT} <1+{BOT}@users.noreply.github.com>")
    env = service.event(pull_request(service, login=BOT, ref=ref, fork=False))
    result = service.guard(env={**env, "SYNCBOT_BRANCH_PREFIXES": prefixes})
    assert result.exit_code == code, result.output


def test_annotations_are_escaped(service: Service) -> None:
    """On Actions each edit is a workflow command, and no path can end it or begin another."""
    name = "odd, 100%:file"
    files = {name: "a\n"}
    service.commit({**files, LOCK_PATH: lock_of({**OWNED, **files})})
    service.branch("topic")
    service.commit({name: "b\n"})
    result = service.guard(env=service.event(pull_request(service)))
    (line,) = [line for line in result.output.splitlines() if line.startswith("::")]
    assert line.startswith(
        "::error file=odd%2C 100%25%3Afile,line=1,endLine=1,title=Owned by the platform team::changed"
    )
    assert "odd, 100%25:file is kept" in line


def test_the_base_comes_from_the_branch_name_where_the_event_says_nothing(service: Service) -> None:
    """GITHUB_BASE_REF is enough, and without anything the guard asks for --base."""
    service.branch("topic")
    service.commit({"Dockerfile": EDITED})
    assert service.guard(env={"GITHUB_BASE_REF": "main"}).exit_code == 1
    assert "--base" in str(service.guard().exception)
    assert "no such commit" in str(service.guard("--base", "nowhere").exception)


def test_a_merge_queue_is_looked_at_merge_by_merge(service: Service) -> None:
    """In one group the bot's delivery passes, with a developer's fix on its branch; a developer's own edit does not."""
    base = service.git("rev-parse", "main")
    service.branch("syncbot/sync-1")
    newer = {**OWNED, "Dockerfile": DOCKERFILE.replace("22", "24")}
    service.commit({**newer, LOCK_PATH: lock_of(newer)}, author=f"{BOT} <1+{BOT}@users.noreply.github.com>")
    service.commit({"Dockerfile": newer["Dockerfile"] + "# fixed\n"})
    service.branch("queue")
    service.git("merge", "--quiet", "--no-ff", "-m", "Merge #1", "syncbot/sync-1")
    group = {"merge_group": {"base_sha": base, "head_sha": service.git("rev-parse", "queue")}}
    assert service.guard("--identities", BOT, env=service.event(group)).exit_code == 0

    service.branch("topic")
    service.commit({"Dockerfile": EDITED})
    service.git("switch", "--quiet", "queue")
    service.git("merge", "--quiet", "--no-ff", "-m", "Merge #2", "topic")
    group["merge_group"]["head_sha"] = service.git("rev-parse", "queue")
    result = service.guard("--identities", BOT, env=service.event(group))
    assert result.exit_code == 1
    assert "::error file=Dockerfile" in result.output


def test_locally_the_bots_branch_is_known_by_name_and_author(service: Service) -> None:
    """On one's own computer both have to fit."""
    service.branch("syncbot/sync-1")
    service.commit({"Dockerfile": EDITED})
    assert service.guard("--base", "main", "--identities", BOT).exit_code == 1
    service.commit({}, author=f"{BOT} <1+{BOT}@users.noreply.github.com>")
    assert service.guard("--base", "main", "--identities", BOT).exit_code == 0

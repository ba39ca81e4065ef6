"""`syncbot status --proposals`: what people declined until a day becomes a patch of the config that git takes."""

from __future__ import annotations

from tests.cli.harness import SMALL, Platform, git
from tests.sandbox_support import close_pull, comment_pull, commit_files, make_repo, set_role

REPO = "acme/orders"
CONFIG = """\
organization: acme
identities: ["acme-syncbot[bot]"]
owners: "@acme/platform"
defaults:
  template: service
  team: "@acme/services"
  answers: {node_version: "18", postgres_version: none}
limits: {seconds_between_writes: 0, max_fleet_share: 1.0}
repos:
  # Orders
  - name: orders # the oldest
    team: "@acme/orders"

  - name: billing"""
DECLINE = 'Thanks!\r\n\r\n/syncbot decline until 2099-01-31 because it\'s "blue": ünsafe'


def declined(platform: Platform, comment: str = DECLINE, files: dict[str, str] | None = None) -> None:
    """A fleet of two, with one pull request that a person declined with a comment and the bot then closed."""
    platform.config.write_text(CONFIG)
    platform.commit("Configure")
    make_repo(platform.sandbox, "acme/billing", {"README.md": "hello\n"})
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n", **(files or {})})
    assert platform.apply().exit_code == 0
    for name in ("Dockerfile", ".dockerignore", "docker-compose.yml"):
        content = platform.read(REPO, name, "syncbot/adopt-1")
        commit_files(platform.sandbox, REPO, "main", {name: content})
    platform.apply()
    set_role(platform.sandbox, REPO, "developer", "write")
    comment_pull(platform.sandbox, REPO, 1, comment)
    assert (REPO, "closed") in platform.apply().pulls()


def test_a_decline_becomes_a_patch_that_git_applies(platform: Platform) -> None:
    """Path, day, team and reason with where it was said; once applied, the file is exempt and nothing is proposed."""
    declined(platform)
    result = platform.run("status", "--proposals")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "--- a/config/repos.yaml\n"
        "+++ b/config/repos.yaml\n"
        "@@ -10,5 +10,10 @@\n"
        "   # Orders\n"
        "   - name: orders # the oldest\n"
        '     team: "@acme/orders"\n'
        "+    exemptions:\n"
        "+      - path: .github/CODEOWNERS\n"
        "+        until: 2099-01-31\n"
        '+        owner: "@acme/orders"\n'
        '+        reason: "it\'s \\"blue\\": ünsafe (@developer, acme/orders#1)"\n'
        " \n"
        "   - name: billing\n"
        "\\ No newline at end of file\n"
    )
    (platform.root / "a.patch").write_text(result.stdout)
    git(platform.root, "apply", "--check", "a.patch")
    git(platform.root, "apply", "a.patch")
    again = platform.run("status", "--proposals")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "no proposals\n")
    assert platform.plan().states(REPO)[".github/CODEOWNERS"] == "exempt"


def test_a_file_that_the_repo_keeps_elsewhere(platform: Platform) -> None:
    """CODEOWNERS at the root is declined, proposed and exempt by that path."""
    declined(platform, files={"CODEOWNERS": "* @acme/orders\n"})
    result = platform.run("status", "--proposals")
    assert "+      - path: CODEOWNERS\n" in result.stdout
    (platform.root / "a.patch").write_text(result.stdout)
    git(platform.root, "apply", "a.patch")
    assert platform.plan().states(REPO)["CODEOWNERS"] == "exempt"


def test_closed_without_a_day_is_no_proposal(platform: Platform) -> None:
    """Whoever only closes a pull request names no day; a plain `/syncbot decline until` needs no reason."""
    platform.fleet("orders", answers=SMALL)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    close_pull(platform.sandbox, REPO, 1)
    assert platform.run("status", "--proposals").stderr == "no proposals\n"
    set_role(platform.sandbox, REPO, "developer", "write")
    comment_pull(platform.sandbox, REPO, 1, "/syncbot decline until 2099-01-31")
    patch = platform.run("status", "--proposals").stdout
    assert patch.count("declined without a reason (@developer, acme/orders#1)") == 4


def test_what_cannot_be_edited_safely_is_refused(platform: Platform) -> None:
    """Shared exemptions: no patch, exit code 2 and the line."""
    declined(platform)
    shared = CONFIG.replace('team: "@acme/orders"', "exemptions: &none []") + "\n    exemptions: *none\n"
    platform.config.write_text(shared)
    result = platform.run("status", "--proposals")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "repos.yaml:14:1: cannot be edited here:" in result.stderr


def test_a_repo_that_could_not_be_read_is_named(platform: Platform) -> None:
    """Stdout holds nothing but a patch; a failure is on stderr and in the exit code."""
    make_repo(platform.sandbox, "acme/elsewhere", {"README.md": "hello\n"})
    platform.fleet("gone")
    result = platform.run("status", "--proposals")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "acme/gone was not read (not-found)" in result.stderr

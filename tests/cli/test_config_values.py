"""Values in the config that are refused: exit code 2, one line at what causes it, and nothing is read from GitHub."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.cli.harness import Platform
from tests.sandbox_support import make_repo

HEAD = """\
organization: acme
identities: ["acme-syncbot[bot]"]
owners: "@acme/platform"
limits: {seconds_between_writes: 0, max_fleet_share: 1.0}
"""


def defaults(answers: str) -> str:
    return f'{HEAD}defaults:\n  template: service\n  team: "@acme/services"\n  answers: {answers}\n'


def wrong(platform: Platform, text: str, command: str = "plan", *options: str) -> list[str]:
    """What is said of a config (after the file's name), which ends the command before GitHub is asked anything."""
    platform.config.write_text(text)
    platform.commit("Change the fleet")
    result = platform.run(command, *options)
    assert (result.exit_code, result.stdout) == (2, ""), result
    assert sum(platform.sandbox.forge.counters.requests.values()) == 0
    return [line.removeprefix(f"error: {platform.config}:") for line in result.stderr.splitlines()]


VERSION = "expected a version such as 24 or 24.11 (given: 'latest')"
CASES: Mapping[str, tuple[str, str, list[str]]] = {
    "a validator, once for the fleet": (
        '{node_version: latest, postgres_version: "16"}',
        "  - name: a\n  - {name: b, answers: {runtime: go}}\n  - name: c\n",
        [f"8:27: defaults.answers.node_version: {VERSION}"],
    ),
    "each repo's own": (
        '{postgres_version: "16"}',
        "  - {name: a, answers: {node_version: latest}}\n  - name: b\n  - {name: c, answers: {node_version: latest}}\n",
        [
            f"10:39: repos[0] (a).answers.node_version: {VERSION}",
            f"12:39: repos[2] (c).answers.node_version: {VERSION}",
        ],
    ),
    "all that one repo says": (
        "{}",
        "  - {name: a, answers: {port: 80, health_path: x}}\n",
        [
            "10:31: repos[0] (a).answers.port: expected 1024 to 65535 (the container does not run as root) (given: 80)",
            "10:48: repos[0] (a).answers.health_path: expected an absolute URL path such as /healthz (given: 'x')",
        ],
    ),
    "choices that follow from another answer": (
        "{runtime: python}",
        "  - {name: a, answers: {package_manager: npm}}\n",
        ["10:42: repos[0] (a).answers.package_manager: 'npm' is not one of uv, pip, poetry"],
    ),
    "a default in combination with a repo's own answer": (
        "{package_manager: npm}",
        "  - name: a\n  - {name: b, answers: {runtime: python}}\n",
        [
            "11:34: repos[1] (b).answers.runtime: with it, package_manager is refused: 'npm' is not one of "
            "uv, pip, poetry"
        ],
    ),
    "two defaults together": (
        "{runtime: python, package_manager: npm}",
        "  - name: a\n  - name: b\n",
        ["8:47: defaults.answers.package_manager: 'npm' is not one of uv, pip, poetry"],
    ),
    "an answer that another one needs": (
        "{}",
        "  - {name: a, answers: {deploy: ecs, aws_account: '123456789012'}}\n",
        [
            "10:33: repos[0] (a).answers.deploy: with it, deploy_workflows is refused: expected owner/name@ and the 40 "
            "hex digits of a commit, such as acme/platform@0123456789abcdef0123456789abcdef01234567 (given: '')"
        ],
    ),
    "a key of the repo": (
        "{}",
        '  - name: "a"\n    team: ops@acme.example\n',
        ["11:11: repos[0] (a).team: expected @organisation/team or @user (given: 'ops@acme.example')"],
    ),
    "one key of the fleet's mapping": (
        "{postgres_version: '16', postgres_parameters: {jit: off, work_mem: 64XB}}",
        "  - name: a\n  - {name: b, answers: {postgres_parameters: {max_connections: 90}}}\n"
        "  - {name: c, answers: {postgres_version: none}}\n  - {name: d, answers: {postgres_version: '17'}}\n",
        [
            '8:79: defaults.answers.postgres_parameters.work_mem: unknown unit "XB"; use B, kB, MB, GB or TB. (given: '
            "{'work_mem': '64XB'})"
        ],
    ),
    "keys of both": (
        "{postgres_version: '16', postgres_parameters: {work_mem: 64XB}}",
        "  - {name: a, answers: {postgres_parameters: {jit: perhaps, max_connections: 90}}}\n",
        [
            '8:69: defaults.answers.postgres_parameters.work_mem: unknown unit "XB"; use B, kB, MB, GB or TB. (given: '
            "{'work_mem': '64XB'})",
            '10:52: repos[0] (a).answers.postgres_parameters.jit: "perhaps" is not on or off. (given: '
            "{'jit': 'perhaps'})",
        ],
    ),
    "a parameter that a repo's own major lacks": (
        "{postgres_version: '16', postgres_parameters: {vacuum_buffer_usage_limit: 1MB}}",
        "  - name: a\n  - {name: b, answers: {postgres_version: '15'}}\n",
        [
            "11:43: repos[1] (b).answers.postgres_version: with it, postgres_parameters is refused: unknown parameter "
            "\"vacuum_buffer_usage_limit\" of Postgres 15. (given: {'vacuum_buffer_usage_limit': '1MB'})"
        ],
    ),
    "what only a start reveals": (
        "{postgres_version: '16'}",
        "  - {name: a, answers: {postgres_parameters: {max_connections: 3}}}\n",
        [
            "10:64: repos[0] (a).answers.postgres_parameters.max_connections: superuser_reserved_connections plus "
            "reserved_connections (3) must be less than 3 (Postgres 16, RDS postgres16)"
        ],
    ),
    "what RDS alone refuses": (
        "{postgres_version: '16', postgres_parameters: {shared_preload_libraries: passwordcheck}}",
        "  - name: a\n  - name: b\n",
        [
            "8:85: defaults.answers.postgres_parameters.shared_preload_libraries: RDS cannot load passwordcheck "
            "(RDS postgres16)"
        ],
    ),
    "a value that an exemption keeps": (
        "{node_version: '24'}",
        "  - name: a\n    exemptions:\n"
        "      - {answer: node_version, keep: latest, until: 2999-01-31, owner: '@ada', reason: a test}\n",
        [f"12:38: repos[0] (a).exemptions[0].keep: {VERSION}"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_value_that_is_refused(platform: Platform, case: str) -> None:
    """The line that causes it, once, whatever the number of repos that take the value."""
    answers, repos, said = CASES[case]
    assert wrong(platform, f"{defaults(answers)}repos:\n{repos}") == said


@pytest.mark.parametrize("command", ["apply", "status", "preview", "check", "doctor"])
def test_every_command_says_it_alike(platform: Platform, command: str) -> None:
    """What reads the fleet refuses the value as `plan` does, before it does anything else."""
    text = f"{defaults('{node_version: latest}')}repos:\n  - name: a\n  - name: b\n"
    options = ("--base", "HEAD") if command == "preview" else ()
    assert wrong(platform, text, command, *options) == [f"8:27: defaults.answers.node_version: {VERSION}"]


def test_a_failure_of_the_template_is_the_repos_own(platform: Platform) -> None:
    """An answer that is missing stands nowhere in the file: that repo fails, and the others go on."""
    platform.edit("templates/service/questions.yml", "\ndeploy_workflows:", "\nsla:\n  type: str\n\ndeploy_workflows:")
    platform.fleet("lacking", {"name": "good", "answers": {"sla": "gold"}})
    for name in ("lacking", "good"):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    planned = platform.plan()
    assert planned.exit_code == 1
    assert planned.repo("acme/lacking")["error"]["code"] == "render"
    assert planned.repo("acme/good")["error"] is None


def test_an_exemption_that_has_ended_is_not_judged(platform: Platform) -> None:
    """What no longer counts keeps nobody from working."""
    text = defaults("{node_version: '24', postgres_version: none}") + (
        "repos:\n  - name: a\n    exemptions:\n"
        "      - {answer: node_version, keep: latest, until: 2020-01-31, owner: '@ada', reason: a test}\n"
    )
    make_repo(platform.sandbox, "acme/a", {"README.md": "hello\n"})
    platform.config.write_text(text)
    platform.commit("Change the fleet")
    assert platform.plan().exit_code == 0


@pytest.mark.parametrize("command", ["plan", "apply", "status"])
def test_an_organization_that_github_does_not_know(platform: Platform, command: str) -> None:
    """One line with its place instead of a failure for each of thirty repos."""
    names = "".join(f"  - name: a{n}\n" for n in range(30))
    platform.config.write_text(f"{defaults('{}')}repos:\n{names}".replace("organization: acme", "organization: acne"))
    platform.commit("Change the fleet")
    result = platform.run(command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == (
        f"error: {platform.config}:1:15: organization: GitHub knows no organization or user acne, or does not show it "
        "to this token"
    )


def test_repos_that_are_missing_in_a_known_organization_fail_one_by_one(platform: Platform) -> None:
    """Where the organization is there, each repo that is not is told by itself."""
    make_repo(platform.sandbox, "acme/other", {"README.md": "hello\n"})
    platform.fleet("a", "b")
    planned = platform.plan()
    assert planned.exit_code == 1
    assert {planned.repo(f"acme/{name}")["error"]["code"] for name in "ab"} == {"not-found"}

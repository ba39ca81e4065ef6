"""From a right repos.yaml to the fleet: folding, sharing, order and size."""

import subprocess
import sys
from datetime import date

from syncbot.config import parse_fleet
from syncbot.model.files import Ownership
from syncbot.model.fleet import Exemption, Fleet, Limits, Repo

from .specs import HEAD, SPECS, errors

FULL = """\
organization: acme
identities: ["acme-syncbot[bot]", syncbot-two]
owners: "@acme/platform"
defaults:
  template: service
  team: "@acme/core"
  answers: {node_version: "18", port: 8080, runtime: node}
limits: {open_pull_requests: 5, pull_requests_per_hour: 6, max_fleet_share: 0.5, seconds_between_writes: 0}
repos:
  - name: Payments.api
    team: "@acme/payments"
    answers:
      port: 9000
      share: 1
      postgres_parameters: {work_mem: 64MB, max_connections: 200, jit: false}
    ownership: {Dockerfile: block}
    exemptions:
      - answer: node_version
        keep: "18"
        until: 2027-01-31
        owner: "@acme/payments"
        reason: |
          native add-on has no Node 22 build
      - {path: Dockerfile, until: "2028-02-29", owner: ops@acme.example, reason: moves soon}
      - {until: 2027-01-01, owner: "@ada", reason: frozen}
  - name: tools
    template: bare
"""


def test_every_key_arrives() -> None:
    """The whole file becomes the fleet: defaults folded in, repo answers win, repos.yaml's own fields supplied."""
    assert parse_fleet(FULL, "repos.yaml", SPECS) == Fleet(
        organization="acme",
        identities=("acme-syncbot[bot]", "syncbot-two"),
        owners="@acme/platform",
        limits=Limits(open_pull_requests=5, pull_requests_per_hour=6, max_fleet_share=0.5, seconds_between_writes=0.0),
        repos=(
            Repo(
                name="acme/Payments.api",
                template="service",
                answers={
                    "node_version": "18",
                    "runtime": "node",
                    "port": 9000,
                    "share": 1,
                    "postgres_parameters": {"work_mem": "64MB", "max_connections": 200, "jit": False},
                    "service_name": "Payments.api",
                    "organization": "acme",
                    "team": "@acme/payments",
                    "owners": "@acme/platform",
                },
                ownership={"Dockerfile": Ownership.BLOCK},
                exemptions=(
                    Exemption(
                        answer="node_version",
                        keep="18",
                        until=date(2027, 1, 31),
                        owner="@acme/payments",
                        reason="native add-on has no Node 22 build",
                    ),
                    Exemption(
                        path="Dockerfile",
                        until=date(2028, 2, 29),
                        owner="ops@acme.example",
                        reason="moves soon",
                    ),
                    Exemption(until=date(2027, 1, 1), owner="@ada", reason="frozen"),
                ),
            ),
            Repo(name="acme/tools", template="bare", answers={"template": "bare"}),
        ),
    )


def test_limits_may_be_left_out() -> None:
    """Without `limits` the model's own defaults hold."""
    assert parse_fleet(HEAD + "  - name: a\n", "repos.yaml", SPECS).limits == Limits()


def test_a_default_is_given_only_to_templates_that_ask_for_it() -> None:
    """A default for one template's question does not reach the repos of another."""
    fleet = parse_fleet(FULL, "repos.yaml", SPECS)
    assert "port" not in fleet.repos[1].answers


def test_a_default_is_checked_where_it_is_written() -> None:
    """A bad default is one error at its own place, however many repos take it."""
    head = HEAD.replace("template: service,", "template: service, answers: {port: x},")
    assert errors(head + "".join(f"  - name: a{n}\n" for n in range(30))) == [
        'repos.yaml:4:47: defaults.answers.port: expected a whole number, but "x" is a string'
    ]


LARGE = """
import re, resource
from pathlib import Path
from syncbot.config import parse_fleet
from syncbot.model.templates import Question, TemplateSpec

names = ("service_name", "organization", "team", "owners", "runtime", "node_version")
questions = {name: Question(name=name, type="str") for name in names}
questions["port"] = Question(name="port", type="int")
questions["postgres_parameters"] = Question(name="postgres_parameters", type="yaml")
text = 'organization: acme\\nidentities: [bot]\\nowners: "@acme/platform"\\ndefaults: {template: service}\\nrepos:\\n'
for n in range(10_000):
    text += (
        f'  - name: svc-{n}\\n    team: "@acme/team-{n % 200}"\\n'
        f'    answers:\\n      runtime: node\\n      port: {3000 + n}\\n      node_version: "18"\\n'
        f'      postgres_parameters: {{work_mem: 64MB, max_connections: 200}}\\n'
        f'    exemptions:\\n      - answer: node_version\\n        keep: "18"\\n        until: 2027-01-31\\n'
        f'        owner: "@acme/payments"\\n        reason: native add-on has no Node 22 build\\n'
    )
fleet = parse_fleet(text, "repos.yaml", {"service": TemplateSpec(name="service", questions=questions, owned=())})
# A child's ru_maxrss starts at what its parent held when it forked; Linux's high-water mark starts anew.
status = Path("/proc/self/status")
known = re.search(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else None
print(len(fleet.repos), known[1] if known else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_ten_thousand_repos_stay_small() -> None:
    """Reading 10,000 repos, in a process of its own, peaks well below the 400 MB that a whole run may take."""
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True)
    repos, kilobytes = map(int, done.stdout.split())
    assert repos == 10_000
    assert kilobytes < 250 * 1024

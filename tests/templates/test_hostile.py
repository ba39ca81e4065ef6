"""Hostile answers: files that parse back to the same value, or a refusal with the question's name. Nothing else."""

from __future__ import annotations

import string
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncbot.errors import RenderError
from syncbot.render import Templates
from tests.render.answers import HOSTILE
from tests.templates.combinations import BASE, DATABASES, DEPLOYMENTS, ON_AWS, RARER, runtimes
from tests.templates.read_back import check_all

CASES = 1000
GOOD: dict[str, tuple[object, ...]] = {
    "service_name": ("payments-api", "Billing.Core", "_x_"),
    "organization": ("acme",),
    "team": ("@acme/payments", "@acme/a @acme/b"),
    "owners": ("@acme/platform",),
    "node_version": ("22", "22.11"),
    "python_version": ("3.13",),
    "go_version": ("1.26",),
    "package_manager_version": ("1.2.3", "4.0.0"),
    "entry": ("server.js", "app/main.py", "cmd/server"),
    "health_path": ("/healthz",),
    "port": (8080,),
    "ecs_memory": (512, 1024),
    "aws_region": ("eu-west-1",),
    "aws_role": ("deploy",),
    "default_branch": ("main",),
    "ecs_cluster": ("default",),
    "postgres_parameters": ({"work_mem": "64MB"},),
    **{name: (value,) for name, value in {**RARER, **ON_AWS}.items()},
    **{name: (["linux/arm64"],) for name in ("platforms",)},
}
LISTS = ("start_command", "system_packages", "build_packages", "environment", "platforms")
# A change of the first can make another answer, or another's default, a bad one.
LEADS_TO = {
    "runtime": {"package_manager", "package_manager_version", "entry"},
    "package_manager": {"package_manager_version"},
    "deploy": {"deploy_workflows", "aws_account", "platforms"},
    "service_name": {"team"},
    "organization": {"team", "owners"},
    "ecs_cpu": {"ecs_memory"},
}
TEXT = st.one_of(
    st.sampled_from([item for item in HOSTILE if isinstance(item, str)]),
    st.text(max_size=40),
    st.text(string.printable, max_size=40),
    st.text(st.characters(blacklist_categories=()), max_size=5),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """The question that is answered badly, and the answers."""
    answers: dict[str, Any] = {**BASE, **draw(st.sampled_from(runtimes())), "details": draw(st.booleans())}
    answers["postgres_version"] = draw(st.sampled_from(DATABASES))
    answers["deploy"] = draw(st.sampled_from(DEPLOYMENTS))
    if answers["deploy"] != "none":
        answers |= ON_AWS | {"kind": "web"}
    if draw(st.booleans()):
        answers |= RARER
    name = draw(st.sampled_from(sorted(GOOD)))
    good = draw(st.sampled_from(GOOD[name]))
    piece = draw(TEXT)
    bad = [st.sampled_from(HOSTILE), st.just(piece), st.just(f"{good}{piece}"), st.just(f"{piece}{good}")]
    if name in LISTS and isinstance(good, list):
        bad += [
            st.just([piece]),
            st.just([*good, piece]),
            st.just([f"{good[0]}{piece}"]),
            st.just([draw(st.sampled_from(HOSTILE))]),
        ] * 2
    answers[name] = draw(st.one_of(*bad))
    return name, answers


def test_no_third_outcome(templates: Templates, capsys) -> None:
    """1,000 generated cases over every question that takes free text; how they ended is printed."""
    questions = templates.specs["service"].questions
    ends: Counter[str] = Counter()

    @settings(
        max_examples=CASES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(cases())
    def run(case: tuple[str, dict[str, Any]]) -> None:
        name, answers = case
        try:
            files = templates.render("service", answers)
        except RenderError as error:
            refused = str(error).partition(":")[0]
            assert refused in {name, *LEADS_TO.get(name, ())} & questions.keys(), f"{name}: {error}"
            assert "\n" not in str(error)
            ends["refused"] += 1
        else:
            check_all(templates.resolved("service", answers), files)
            ends["rendered"] += 1

    run()
    with capsys.disabled():
        print(f"\nhostile answers: {dict(ends)}")
    assert sum(ends.values()) >= CASES
    assert ends["rendered"] >= CASES // 10

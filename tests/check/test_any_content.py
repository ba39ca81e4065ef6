"""Whatever a template renders, the checks find fault with it or do not, and never stop."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.check.compose import check_compose
from syncbot.check.fleet import CONTENT_CHECKS, RENDERING_CHECKS
from syncbot.check.terraform import check_json
from syncbot.check.workflow import check_workflow
from syncbot.formats.diagnostics import Diagnostic
from tests.check.renderings import rendering, with_file

PATHS = (
    "Dockerfile",
    ".dockerignore",
    "docker-compose.yml",
    ".github/CODEOWNERS",
    ".github/workflows/x.yml",
    "postgres/postgresql.conf",
    "a.tf.json",
)
WORDS = (
    "db",
    "app",
    "build",
    "image",
    "postgres:16",
    "80:80",
    "./x:/y",
    "data:/d",
    "service_healthy",
    "",
    "$X",
    "@a/b",
)
KEYS = ("ports", "volumes", "depends_on", "networks", "secrets", "healthcheck", "test", "image", "build", "condition")
scalars = st.sampled_from((*WORDS, None, True, 3, -1.5))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from((*KEYS, *WORDS)), inner, max_size=3),
    max_leaves=8,
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.sampled_from(PATHS), st.binary(max_size=60) | st.text(alphabet="#!@[]{}\\\"'=*/ \n-:a1", max_size=60))
def test_any_text(path: str, content: bytes | str) -> None:
    """Bytes and signs in any owned file."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    changed = with_file(rendering(), path, text)
    found = [finding for check in RENDERING_CHECKS for finding in check(changed)]
    for applies, content_check in CONTENT_CHECKS:
        if applies(path):
            found += content_check(path, text.encode())
    assert all(isinstance(finding, Diagnostic) and finding.line >= 0 and finding.message for finding in found)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(WORDS), st.dictionaries(st.sampled_from(KEYS), values, max_size=4), max_size=3))
def test_any_compose_file(services: dict[str, object]) -> None:
    """Values of any type where Compose expects another."""
    text = json.dumps({"services": services, "volumes": {"data": None}})
    list(check_compose("compose.yaml", text.encode()))
    for check in RENDERING_CHECKS:
        list(check(with_file(rendering(), "docker-compose.yml", text)))


@settings(derandomize=True, deadline=None, max_examples=80)
@given(values)
def test_any_workflow_and_any_terraform(value: object) -> None:
    """Values of any type as jobs, resources and parameters."""
    list(check_workflow(".github/workflows/x.yml", json.dumps({"jobs": {"a": value, "b": {"needs": value}}}).encode()))
    group = {"resource": {"aws_db_parameter_group": {"a": value, "b": {"parameter": value}}}}
    for document in (value, {"resource": value}, group):
        list(check_json("x.tf.json", json.dumps(document).encode()))


@pytest.mark.parametrize("text", ["{" * 100_000, "[" * 100_000, "a: " * 5_000])
def test_deep_nesting(text: str) -> None:
    """A finding, and the process goes on."""
    for path, check in (("compose.yaml", check_compose), ("x.json", check_json)):
        assert list(check(path, text.encode()))

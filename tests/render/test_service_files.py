"""What the service template renders parses back, and says what the answers said."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from syncbot.errors import RenderError
from syncbot.model import File
from syncbot.render import Templates
from tests.render.answers import generate

ANSWERS = {
    "service_name": "payments-api",
    "organization": "acme",
    "team": "@acme/payments",
    "owners": "@acme/platform",
    "runtime": "node",
}


def text(files: Mapping[str, File], path: str) -> str:
    return files[path].content.decode()


def test_every_accepted_set_renders_files_that_parse(templates: Templates) -> None:
    """Over 300 sets: LF, a final newline, no trailing space, and each format's parser reads the answers back."""
    accepted = 0
    for answers in generate(seed=7, count=300):
        try:
            files = templates.render("service", answers)
        except RenderError as error:
            assert "\n" not in str(error)
            continue
        accepted += 1
        for path, file in files.items():
            content = file.content.decode()
            assert content.endswith("\n") and not content.endswith("\n\n"), path
            assert not re.search(r"[ \t\r]$", content, re.MULTILINE), path
        check_compose(answers, files)
        check_dockerfile(answers, files)
        check_json(answers, files)
        check_codeowners(answers, files)
    assert accepted >= 100


def check_compose(answers: Mapping[str, object], files: Mapping[str, File]) -> None:
    compose = yaml.safe_load(text(files, "docker-compose.yml"))
    port, major = int(answers.get("port", 8080)), str(answers.get("postgres_version", "16"))  # type: ignore[call-overload]
    assert re.fullmatch(r"[a-z][a-z0-9-]*", compose["name"])
    assert compose["services"]["app"]["ports"] == [f"{port}:{port}"]
    if major == "none":
        assert compose.keys() == {"name", "services"}
        assert not any(path.startswith("postgres") for path in files)
        return
    data = "/var/lib/postgresql" if major == "18" else "/var/lib/postgresql/data"
    assert compose["services"]["db"]["image"] == f"postgres:{major}"
    assert f"pgdata{major}:{data}" in compose["services"]["db"]["volumes"]
    assert compose["volumes"] == {f"pgdata{major}": {}}
    assert compose["services"]["app"]["depends_on"] == {"db": {"condition": "service_healthy"}}


def check_dockerfile(answers: Mapping[str, object], files: Mapping[str, File]) -> None:
    lines = text(files, "Dockerfile").replace("\\\n", " ").splitlines()
    version = answers.get("node_version", "22")
    assert lines[0] == "# syntax=docker/dockerfile:1"
    assert [line.split()[1] for line in lines if line.startswith("FROM ")] == [f"node:{version}-bookworm-slim"] * 2
    assert lines.index("USER 1000") > lines.index("COPY . .")
    assert json.loads(lines[-1].removeprefix("CMD ")) == ["node", answers.get("entry", "server.js")]
    health = next(line for line in lines if line.startswith("HEALTHCHECK "))
    command = json.loads(health.partition("CMD ")[2])
    assert f"'{answers.get('health_path', '/healthz')}'" in command[2]


def check_json(answers: Mapping[str, object], files: Mapping[str, File]) -> None:
    package, lock = (json.loads(text(files, name)) for name in ("package.json", "package-lock.json"))
    assert lock["packages"][""]["name"] == lock["name"] == package["name"]
    assert package["scripts"]["start"] == f"node {answers.get('entry', 'server.js')}"
    if "postgres/rds-parameter-group.tf.json" in files:
        groups = json.loads(text(files, "postgres/rds-parameter-group.tf.json"))["resource"]["aws_db_parameter_group"]
        ((name, group),) = groups.items()
        assert group["name"] == name
        assert re.fullmatch(r"[a-z](-?[a-z0-9])*-postgres\d+", name)
        assert group["family"] == f"postgres{answers.get('postgres_version', '16')}"


def check_codeowners(answers: Mapping[str, object], files: Mapping[str, File]) -> None:
    default = f"@{answers.get('organization')}/{answers.get('service_name')}"
    above, begin, block = text(files, ".github/CODEOWNERS").partition("# BEGIN syncbot")
    assert above == f"* {answers.get('team', default)}\n\n"
    assert begin
    _, *rules, end = block.splitlines()
    assert end == "# END syncbot"
    assert {rule.partition(" ")[2] for rule in rules} == {
        answers.get("owners", f"@{answers.get('organization')}/platform")
    }
    named = {rule.partition(" ")[0] for rule in rules}
    owned = {"Dockerfile", ".dockerignore", "docker-compose.yml", ".github/syncbot.lock"}
    owned |= {path for path in files if path.startswith("postgres/")}
    assert named == {f"/{path}" for path in owned} | {"CODEOWNERS"}


def test_owned_and_starter_files(templates: Templates) -> None:
    """ownership.yaml alone tells them apart; without a database the Postgres files are not there."""
    spec = templates.specs["service"]
    owned = templates.render_owned("service", ANSWERS)
    assert [entry.path for entry in spec.owned] == [
        "Dockerfile",
        ".dockerignore",
        "docker-compose.yml",
        ".github/CODEOWNERS",
        "postgres/postgresql.conf",
        "postgres/rds-parameter-group.tf.json",
    ]
    assert owned.keys() == {entry.path for entry in spec.owned}
    assert templates.render("service", ANSWERS).keys() - owned.keys() == {
        ".gitignore",
        "README.md",
        "package-lock.json",
        "package.json",
        "server.js",
        "test/server.test.js",
    }
    without = templates.render_owned("service", {**ANSWERS, "postgres_version": "none"})
    assert without.keys() == owned.keys() - {"postgres/postgresql.conf", "postgres/rds-parameter-group.tf.json"}


def test_questions_are_described_for_config(templates: Templates) -> None:
    """The spec carries types, fixed choices, and which answers follow from others; `template` is not one of them."""
    questions = templates.specs["service"].questions
    assert questions["node_version"].type == "str"
    assert questions["postgres_version"].choices == ("13", "14", "15", "16", "17", "18", "none")
    assert questions["postgres"].computed
    assert "template" not in questions


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"node_version": "eighteen"}, "node_version: expected a version such as 22"),
        ({"port": "http"}, "port: invalid literal"),
        ({"port": 80}, "port: expected 1024 to 65535"),
        ({"port": None}, "port: expected int, not null"),
        ({"service_name": "../x"}, "service_name: expected 1 to 100 letters"),
        ({"entry": "../server.js"}, "entry: expected a relative path"),
        ({"entry": "test/server.js"}, "entry: expected a relative path"),
        ({"postgres_version": "9.6"}, "postgres_version: '9.6' is not one of 13, 14"),
        ({"postgres": True}, "postgres: follows from other answers"),
        ({"nodeversion": "22"}, "nodeversion: not a question of the template"),
        ({"template": "service"}, "template: not a question of the template"),
        ({"postgres_parameters": {"wrk_mem": 1}}, 'postgres_parameters: unknown parameter "wrk_mem"'),
        ({"postgres_parameters": {"work_mem": "64mb"}}, 'work_mem: unknown unit "mb"; use B, kB, MB, GB or TB'),
        ({"postgres_parameters": {"work_mem": "5min"}}, 'work_mem: unknown unit "min"'),
        ({"postgres_parameters": {"max_connections": "5MB"}}, 'max_connections: takes no unit, not "MB"'),
        ({"postgres_parameters": {"work_mem": "1kB"}}, 'work_mem: "1kB" is outside 64 to 2147483647 kB'),
        ({"postgres_parameters": {"shared_buffers": "100kB"}}, '"100kB" is not a whole number of 8kB'),
        ({"postgres_parameters": {"work_mem": None}}, "work_mem: expected one value, not null"),
        ({"postgres_parameters": {"jit": "maybe"}}, 'jit: "maybe" is not on or off'),
        ({"postgres_parameters": {"log_statement": "DDL"}}, '"DDL" is not one of none, ddl, mod, all'),
        ({"postgres_parameters": ["work_mem"]}, "expected parameters and their values"),
    ],
)
def test_a_bad_answer_is_refused_by_name(templates: Templates, answers: dict[str, object], said: str) -> None:
    """One line that starts with the question's name."""
    with pytest.raises(RenderError) as caught:
        templates.render_owned("service", {**ANSWERS, **answers})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_answer_and_an_unknown_template(templates: Templates) -> None:
    """What has no default is required; a template that is not there is named, with those that are."""
    with pytest.raises(RenderError, match="service_name: required"):
        templates.render("service", {"organization": "acme"})
    with pytest.raises(RenderError, match="unknown template 'servce'; there is service"):
        templates.render("servce", ANSWERS)


@pytest.mark.parametrize("entry", ["server.js", "src/http/main.mjs"])
def test_the_starter_service_passes_its_own_tests(templates: Templates, tmp_path: Path, entry: str) -> None:
    """A newly scaffolded service is green: `npm test`, or what it runs where npm is not installed."""
    node = shutil.which("node")
    for path, file in templates.render("service", {**ANSWERS, "entry": entry, "health_path": "/"}).items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
    assert json.loads((tmp_path / "package.json").read_text())["scripts"]["test"] == "node --test"
    if node:
        command = ["npm", "test"] if shutil.which("npm") else [node, "--test"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.search(r"pass 2\b", done.stdout)

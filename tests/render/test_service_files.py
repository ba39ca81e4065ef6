"""What the service template renders parses back, and says what the answers said."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from syncbot.errors import RenderError
from syncbot.model.files import File
from syncbot.render import Templates
from tests.render.answers import generate
from tests.templates.read_back import check_all

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
        check_all(templates.resolved("service", answers), files)
    assert accepted >= 100


def test_owned_by_says_whose_review_counts(templates: Templates) -> None:
    """By default the platform team's alone; shared, either team's, for each owned path and for nothing else."""
    alone = text(templates.render("service", ANSWERS), ".github/CODEOWNERS")
    shared = text(templates.render("service", {**ANSWERS, "owned_by": "shared"}), ".github/CODEOWNERS")
    assert "/Dockerfile @acme/platform\n" in alone
    assert "/Dockerfile @acme/platform @acme/payments\n" in shared
    assert shared.replace(" @acme/platform @acme/payments\n", " @acme/platform\n") == alone


OTHER_GROUPS = (
    "postgres/rds-parameter-group-old.tf.json",
    "postgres/rds-parameter-group.cfn.json",
    "postgres/rds-parameter-group-old.cfn.json",
    "postgres/rds-parameter-group.cli.json",
    "postgres/rds-parameter-group-old.cli.json",
)


def test_owned_and_starter_files(templates: Templates) -> None:
    """ownership.yaml alone tells them apart; what a service does not have is not rendered."""
    spec = templates.specs["service"]
    deployed = {**ANSWERS, "deploy": "ecs", "deploy_workflows": "acme/platform@" + "0" * 40, "aws_account": "1" * 12}
    owned = templates.render_owned("service", deployed)
    assert [entry.path for entry in spec.owned] == [
        "Dockerfile",
        ".dockerignore",
        "docker-compose.yml",
        ".github/CODEOWNERS",
        "postgres/postgresql.conf",
        "postgres/rds-parameter-group.tf.json",
        *OTHER_GROUPS,
        ".github/workflows/deploy.yml",
        "ecs/task-definition.json",
    ]
    assert owned.keys() == {entry.path for entry in spec.owned} - set(OTHER_GROUPS)
    assert templates.render("service", ANSWERS).keys() - owned.keys() == {
        ".gitignore",
        "README.md",
        "docker-compose.override.yml.example",
        "package-lock.json",
        "package.json",
        "server.js",
        "test/server.test.js",
    }
    without = templates.render_owned("service", {**ANSWERS, "postgres_version": "none"})
    assert without.keys() == {"Dockerfile", ".dockerignore", "docker-compose.yml", ".github/CODEOWNERS"}


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
        ({"node_version": "eighteen"}, "node_version: expected a version such as 24"),
        ({"port": "http"}, "port: invalid literal"),
        ({"port": 80}, "port: expected 1024 to 65535"),
        ({"port": None}, "port: expected int, not null"),
        ({"service_name": "../x"}, "service_name: expected 1 to 100 letters"),
        ({"entry": "../server.js"}, "entry: expected a relative path"),
        ({"entry": "test/server.js"}, "entry: expected a relative path"),
        ({"postgres_version": "9.6"}, "postgres_version: '9.6' is not one of 13, 14"),
        ({"owned_by": "team"}, "owned_by: 'team' is not one of platform, shared"),
        ({"runtime": "python", "package_manager": "npm"}, "package_manager: 'npm' is not one of uv, pip, poetry"),
        ({"runtime": "python", "entry": "class/main.py"}, "entry: expected a relative path such as app/main.py"),
        ({"runtime": "go", "entry": "vendor"}, "entry: expected the folder of the main package"),
        ({"runtime": "go", "go_version": "1.20"}, "go_version: expected a version such as 1.27"),
        (
            {"package_manager_version": "10.0.0"},
            "package_manager_version: expected none, since npm comes with the image",
        ),
        (
            {"package_manager": "yarn", "package_manager_version": "1.22.22"},
            "package_manager_version: expected 4 or newer",
        ),
        (
            {"runtime": "python", "package_manager": "poetry", "package_manager_version": "1.8.5"},
            "package_manager_version: expected 2 or newer",
        ),
        ({"aws_region": "cn-north-1"}, "aws_region: expected a region such as eu-west-1, of AWS's public partition"),
        ({"aws_region": "us-gov-west-1"}, "aws_region: expected a region"),
        ({"aws_region": "us-iso-east-1"}, "aws_region: expected a region"),
        ({"deploy": "app-runner", "kind": "worker"}, "deploy: App Runner runs only what has a port"),
        ({"deploy": "ecs"}, "deploy_workflows: expected owner/name@"),
        ({"deploy": "ecs", "deploy_workflows": "acme/platform@v1"}, "deploy_workflows: expected owner/name@"),
        ({"ecs_cpu": 256, "ecs_memory": 4096}, "ecs_memory: expected 512 to 2048"),
        ({"environment": ["PORT"]}, "environment: expected names of variables"),
        ({"environment": ["A", "A"]}, 'environment: "A" is given twice'),
        ({"system_packages": "libpq5"}, 'system_packages: expected a list of names of Debian packages, not "libpq5"'),
        ({"build_command": "cat <<EOF"}, "build_command: expected one line"),
        ({"start_command": ["a\nb"]}, "start_command: expected words without control characters"),
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

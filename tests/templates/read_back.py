"""Rendered files read by their formats' own parsers and held against the answers they came from."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from syncbot.formats.parameter_group import read_groups
from syncbot.model.files import File

Files = Mapping[str, File]
Answers = Mapping[str, Any]
STARTERS = {
    "npm": {"package.json", "package-lock.json"},
    "pnpm": {"package.json", "pnpm-lock.yaml"},
    "yarn": {"package.json", "yarn.lock", ".yarnrc.yml"},
    "uv": {"pyproject.toml", "uv.lock"},
    "pip": {"pyproject.toml", "requirements.txt"},
    "poetry": {"pyproject.toml", "poetry.lock"},
    "go": {"go.mod"},
}


def text(files: Files, path: str) -> str:
    return files[path].content.decode()


def check_all(answers: Answers, files: Files) -> None:
    """`answers` are the resolved ones, defaults included."""
    assert set(files) == set(_expected_paths(answers))
    for path in files:
        content = text(files, path)
        assert content.endswith("\n") and not content.endswith("\n\n"), path
        assert not re.search(r"[ \t\r]$", content, re.MULTILINE), path
    _check_compose(answers, files)
    _check_dockerfile(answers, files)
    _check_codeowners(answers, files)
    _check_starters(answers, files)
    if answers["deploy"] != "none":
        _check_workflow(answers, files)
    if answers["deploy"] == "ecs":
        _check_task(answers, files)
    if answers["postgres"]:
        _check_parameter_group(answers, files)


def slug_of(files: Files) -> str:
    """The service's name as Compose has it."""
    return str(yaml.safe_load(text(files, "docker-compose.yml"))["name"])


def _expected_paths(answers: Answers) -> Iterator[str]:
    yield from ("Dockerfile", ".dockerignore", "docker-compose.yml", ".github/CODEOWNERS")
    yield from ("README.md", ".gitignore", "docker-compose.override.yml.example")
    yield from STARTERS[answers["package_manager"]]
    entry, web = answers["entry"], answers["kind"] == "web"
    match answers["runtime"]:
        case "node":
            yield from (entry, "test/server.test.js" if web else "test/worker.test.js")
        case "python":
            yield from (entry, "tests/__init__.py", "tests/test_main.py")
        case "go":
            folder = "" if entry == "." else f"{entry}/"
            yield from (f"{folder}main.go", f"{folder}main_test.go")
    if answers["postgres_version"] != "none":
        yield "postgres/postgresql.conf"
        yield from _groups(answers)
    if answers["deploy"] != "none":
        yield ".github/workflows/deploy.yml"
    if answers["deploy"] == "ecs":
        yield "ecs/task-definition.json"


def _groups(answers: Answers) -> dict[str, str]:
    """The path of each parameter group, and its major."""
    suffix = {"terraform": "tf", "cloudformation": "cfn", "aws-cli": "cli"}[answers["rds_format"]]
    current, old = answers["postgres_version"], answers["rds_postgres_version"]
    lagging = {f"postgres/rds-parameter-group-old.{suffix}.json": old} if old != current else {}
    return {f"postgres/rds-parameter-group.{suffix}.json": current} | lagging


def _check_compose(answers: Answers, files: Files) -> None:
    compose = yaml.safe_load(text(files, "docker-compose.yml"))
    app, web, major = compose["services"]["app"], answers["kind"] == "web", answers["postgres_version"]
    assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", compose["name"])
    assert app.get("ports") == ([f"127.0.0.1:{answers['port']}:{answers['port']}"] if web else None)
    expected = {"PORT": str(answers["port"])} if web else {}
    expected |= {"DATABASE_URL": "postgresql://app:app@db:5432/app"} if major != "none" else {}
    assert app.get("environment", {}) == expected | dict.fromkeys(answers["environment"])
    assert app["init"] is True
    yaml.safe_load(text(files, "docker-compose.override.yml.example"))
    if major == "none":
        assert compose.keys() == {"name", "services"}
        return
    data = "/var/lib/postgresql" if major == "18" else "/var/lib/postgresql/data"
    assert compose["services"]["db"]["image"] == f"{answers['base_image_prefix']}postgres:{major}"
    assert f"pgdata{major}:{data}" in compose["services"]["db"]["volumes"]
    assert compose["volumes"] == {f"pgdata{major}": {}}
    assert app["depends_on"] == {"db": {"condition": "service_healthy"}}


def instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """(name, rest) of each instruction, continuation lines joined, comments and heredocs left out."""
    lines = iter(dockerfile.splitlines())
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        joined = line
        while joined.endswith("\\"):
            joined = joined[:-1] + next(lines).strip()
        if heredoc := re.search(r'<<"?(\w+)"?', joined) if joined.startswith("COPY") else None:
            while next(lines) != heredoc[1]:
                pass
        name, _, rest = joined.partition(" ")
        yield name, rest


def _check_dockerfile(answers: Answers, files: Files) -> None:
    content = text(files, "Dockerfile")
    found = list(instructions(content))
    runtime, prefix, web = answers["runtime"], answers["base_image_prefix"], answers["kind"] == "web"
    assert content.startswith("# Owned by" if prefix else "# syntax=docker/dockerfile:1\n# Owned by")
    version, debian = answers[f"{runtime}_version"], answers["debian"]
    tag = {"node": f"{version}-{debian}-slim", "python": f"{version}-slim-{debian}", "go": f"{version}-{debian}"}[
        runtime
    ]
    digest = f"@{answers['base_image_digest']}" if answers["base_image_digest"] else ""
    image = f"{prefix}{'golang' if runtime == 'go' else runtime}:{tag}{digest}"
    images = [rest.removeprefix("--platform=$BUILDPLATFORM ").split()[0] for name, rest in found if name == "FROM"]
    small = f"{prefix}debian:{debian}-slim" if answers["system_packages"] or answers["build_packages"] else "scratch"
    assert images[0] == image
    assert images[-1] == (small if runtime == "go" else image)
    last = dict(found[max(index for index, (name, _) in enumerate(found) if name == "FROM") :])
    assert last["USER"] == "1000:1000"
    module = answers["entry"].removesuffix(".py").replace("/", ".")
    default = {"node": ["node", answers["entry"]], "python": ["python", "-m", module], "go": ["/service"]}[runtime]
    assert json.loads(last["CMD"]) == (answers["start_command"] or default)
    assert last.get("EXPOSE") == (str(answers["port"]) if web else None)
    assert ("HEALTHCHECK" in last) == web
    if web:
        command = json.loads(last["HEALTHCHECK"].partition("CMD ")[2])
        assert runtime == "go" or f"'{answers['health_path']}'" in command[2]
        assert runtime != "go" or f'"{answers["health_path"]}"' in content
    if answers["build_command"]:
        runs = [rest for name, rest in found if name == "RUN"]
        assert any(re.sub(r"^(--mount=\S+ +)+", "", run) == answers["build_command"] for run in runs)
    for package in (*answers["system_packages"], *answers["build_packages"]):
        assert any(name == "RUN" and f" {package} " in rest for name, rest in found)


def _check_codeowners(answers: Answers, files: Files) -> None:
    above, begin, block = text(files, ".github/CODEOWNERS").partition("# BEGIN syncbot")
    assert above == f"* {answers['team']}\n\n"
    assert begin
    _, *rules, end = block.splitlines()
    assert end == "# END syncbot"
    both = f"{answers['owners']} {answers['team']}"
    assert {rule.partition(" ")[2] for rule in rules} == {
        both if answers["owned_by"] == "shared" else answers["owners"]
    }
    owned = {"Dockerfile", ".dockerignore", "docker-compose.yml", ".github/syncbot.lock"}
    owned |= {
        path for path in files if path.startswith(("postgres/post", "postgres/rds", ".github/workflows/", "ecs/task"))
    }
    assert {rule.partition(" ")[0] for rule in rules} == {f"/{path}" for path in owned} | {"CODEOWNERS"}


def _check_starters(answers: Answers, files: Files) -> None:
    assert text(files, "README.md").startswith(f"# {answers['service_name']}\n")
    quoted = json.dumps(answers["service_name"])
    if answers["kind"] == "web":
        assert quoted in text(files, str(answers["entry_file"]))
    match answers["runtime"]:
        case "node":
            package = json.loads(text(files, "package.json"))
            assert package["scripts"]["start"] == f"node {answers['entry']}"
            _check_node_lock(answers, files, package["name"])
        case "python":
            for path in files:
                if path.endswith(".py"):
                    compile(text(files, path), path, "exec")
            project = tomllib.loads(text(files, "pyproject.toml"))["project"]
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", project["name"])
            for lock in {"uv.lock", "poetry.lock"} & files.keys():
                tomllib.loads(text(files, lock))
        case "go":
            assert re.fullmatch(r"module github\.com/\S+\n\ngo 1\.\d+\n", text(files, "go.mod"))


def _check_node_lock(answers: Answers, files: Files, name: str) -> None:
    match answers["package_manager"]:
        case "npm":
            lock = json.loads(text(files, "package-lock.json"))
            assert lock["packages"][""]["name"] == lock["name"] == name
        case "pnpm":
            assert yaml.safe_load(text(files, "pnpm-lock.yaml"))["importers"] == {".": {}}
        case "yarn":
            assert f"{name}@workspace:." in yaml.safe_load(text(files, "yarn.lock"))
            assert yaml.safe_load(text(files, ".yarnrc.yml"))["nodeLinker"] == "node-modules"


def _check_workflow(answers: Answers, files: Files) -> None:
    workflow = yaml.load(text(files, ".github/workflows/deploy.yml"), yaml.BaseLoader)
    repository, _, commit = answers["deploy_workflows"].partition("@")
    job = workflow["jobs"]["deploy"]
    assert job["uses"] == f"{repository}/.github/workflows/deploy-{answers['deploy']}.yml@{commit}"
    given = job["with"]
    assert given["account"] == answers["aws_account"]
    assert given["region"] == answers["aws_region"]
    assert given["role"] == answers["aws_role"]
    assert given["platforms"].split(",") == answers["platforms"]
    assert given["service"] == slug_of(files)
    assert workflow["on"]["push"]["branches"] == [answers["default_branch"]]
    assert workflow["permissions"] == {}
    if answers["deploy"] == "ecs":
        assert given["cluster"] == answers["ecs_cluster"]
        assert given["task-definition"] in files


def _check_task(answers: Answers, files: Files) -> None:
    task = json.loads(text(files, "ecs/task-definition.json"))
    (app,) = task["containerDefinitions"]
    assert task["family"] == slug_of(files)
    assert (task["cpu"], task["memory"]) == (str(answers["ecs_cpu"]), str(answers["ecs_memory"]))
    secrets = [secret["name"] for secret in app.get("secrets", [])]
    assert secrets == [*(["DATABASE_URL"] if answers["postgres"] else []), *answers["environment"]]
    assert app["linuxParameters"]["initProcessEnabled"] is True
    if answers["kind"] == "web":
        assert app["portMappings"] == [{"containerPort": answers["port"], "protocol": "tcp"}]
        assert app["healthCheck"]["command"][0] == "CMD"
    else:
        assert not {"portMappings", "healthCheck"} & app.keys()


def _check_parameter_group(answers: Answers, files: Files) -> None:
    """One group for each major, with every parameter that RDS gets."""
    given = answers["postgres_parameters"]
    wanted = {name.lower() for name, value in given.items() if not isinstance(value, dict) or "rds" in value}
    for path, major in _groups(answers).items():
        (group,) = read_groups(json.loads(text(files, path)))
        assert group.family == f"postgres{major}"
        assert not group.diagnostics
        assert group.values.keys() == wanted
        if path.endswith(".tf.json"):
            assert re.fullmatch(rf"[a-z](-?[a-z0-9])*-postgres{major}", group.name)

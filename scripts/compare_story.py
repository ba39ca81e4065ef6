"""A story that a checkout of syncbot lives through, by its command line alone: a fleet in many states, and people.

In: the checkout and an empty folder. Out: what each command printed, and what stood on the sandbox after it.
Uses nothing of the checkout's code but its commands, so that an old one can be put beside a new one.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

DAY = "2026-11-20T09:00:00+00:00"
"""When the platform team commits, and what day it is for a tree that can be told."""

PLAIN = {"runtime": "node", "node_version": "18", "postgres_version": "none"}
POSTGRES = PLAIN | {"postgres_version": "16", "postgres_parameters": {"work_mem": "64MB"}}
RDS = POSTGRES | {"rds_format": "terraform", "rds_postgres_version": "16"}

Fleet = dict[str, dict[str, Any]]
FLEET: Fleet = {
    "merged": {"answers": PLAIN},
    "open": {"answers": PLAIN},
    "declined": {"answers": PLAIN},
    "held": {"answers": PLAIN},
    "edited": {"answers": PLAIN},
    "mended": {"answers": PLAIN},
    "deleted": {"answers": PLAIN},
    "reverted": {"answers": PLAIN},
    "unmanaged": {"answers": PLAIN},
    "blocked": {"answers": PLAIN},
    "database": {"answers": POSTGRES},
    "cloud": {"answers": RDS},
    "newer": {"answers": POSTGRES},
    "snake": {"answers": {"runtime": "python", "postgres_version": "none"}},
    "gopher": {"answers": {"runtime": "go", "postgres_version": "17"}},
    "archived": {"answers": PLAIN},
    "absent": {"answers": PLAIN},
    "exempt": {
        "answers": PLAIN,
        "exemptions": [
            {"path": "Dockerfile", "until": "2027-03-31", "owner": "@acme/team", "reason": "an image of our own"},
            {"answer": "node_version", "keep": "18", "until": "2027-01-31", "owner": "@acme/team", "reason": "add-on"},
        ],
    },
}
SEEDS: Mapping[str, Mapping[str, str]] = {
    "unmanaged": {
        "Dockerfile": "FROM node:16\nCMD node .\n",
        "docker-compose.yml": "services:\n  app:\n    build: .\n",
    },
    "blocked": {"Dockerfile/README.md": "a folder\n", "docs/CODEOWNERS": "* @acme/docs\n"},
    "newer": {"docker-compose.yml": "services:\n  db:\n    image: postgres:17\n"},
    "edited": {"CODEOWNERS": "* @acme/team\n/api/ @acme/api\n"},
}


def tell(checkout: Path, folder: Path) -> dict[str, str]:
    """Output by command, each with the number of the chapter in front."""
    told: dict[str, str] = {}
    platform = folder / "platform"
    _make_platform(checkout, platform, FLEET)
    told["0 check"] = _syncbot(checkout, platform, {}, "check", "--format", "json")
    told["0 demo"] = _syncbot(checkout, platform, {}, "demo")
    with _sandbox(checkout, platform, _make_seed(folder / "seed")) as (environment, github):
        github.ask("PATCH", "/repos/acme/archived", {"archived": True})

        def look(chapter: int) -> None:
            for command in ("plan", "status", "apply"):
                told[f"{chapter} {command}"] = _syncbot(checkout, platform, environment, command, "--format", "json")
            told[f"{chapter} apply again"] = _syncbot(checkout, platform, environment, "apply", "--format", "json")
            told[f"{chapter} text"] = _syncbot(checkout, platform, environment, "plan", "--diff")
            told[f"{chapter} on GitHub"] = json.dumps(github.everything(), indent=1)

        look(1)
        _people_answer(github)
        look(2)
        _move_on(platform)
        told["3 preview"] = _syncbot(checkout, platform, {}, "preview", "--base", "HEAD~1", "--format", "json")
        told["3 check"] = _syncbot(checkout, platform, {}, "check", "--format", "json")
        look(3)
        _people_answer_again(github)
        look(4)
        _set_for_all(platform)
        told["5 preview"] = _syncbot(checkout, platform, {}, "preview", "--base", "HEAD~1", "--format", "json")
    return told


# ---------------------------------------------------------------- people


def _people_answer(github: GitHub) -> None:
    for name in ("merged", "edited", "deleted", "reverted", "database", "cloud", "exempt", "snake"):
        github.merge(name)
    github.close("declined")
    github.comment("held", "/syncbot hold until the release is out")
    github.write("mended", "test.js", "// fixed\n", branch=github.pull("mended")["head"]["ref"])
    github.edit("edited", "Dockerfile", "FROM node:18", "FROM node:18.20")
    github.remove("deleted", ".dockerignore")
    github.remove("reverted", "Dockerfile")


def _people_answer_again(github: GitHub) -> None:
    github.comment("mended", "/syncbot decline until 2027-06-30 because the freeze")
    for name in ("merged", "database", "gopher", "unmanaged"):
        github.merge(name)
    github.comment("open", "/syncbot recreate")


def _move_on(platform: Path) -> None:
    """The platform team moves to Node 22 and Postgres 17, sets a parameter, and lets a repo go."""
    _write_config(platform, _moved_on())


def _set_for_all(platform: Path) -> None:
    """It sets a parameter for the whole fleet, where some have parameters of their own."""
    _write_config(platform, _moved_on(), {"statement_timeout": "30s"})


def _moved_on() -> Fleet:
    fleet: Fleet = json.loads(json.dumps(FLEET))
    for entry in fleet.values():
        if "node_version" in entry["answers"]:
            entry["answers"]["node_version"] = "22"
    fleet["database"]["answers"] |= {"postgres_version": "17", "postgres_parameters": {"work_mem": "128MB"}}
    del fleet["snake"]
    return fleet


# ---------------------------------------------------------------- the platform team's repo


def _make_platform(checkout: Path, folder: Path, fleet: Fleet) -> None:
    (folder / "config").mkdir(parents=True)
    shutil.copytree(checkout / "templates", folder / "templates")
    shutil.copy(checkout / "copier.yml", folder)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _write_config(folder, fleet)


def _write_config(folder: Path, fleet: Fleet, parameters: Mapping[str, str] | None = None) -> None:
    document = {
        "organization": "acme",
        "identities": ["acme-syncbot[bot]"],
        "owners": "@acme/platform",
        "defaults": {"template": "service", "team": "@acme/team"}
        | ({"answers": {"postgres_parameters": parameters}} if parameters else {}),
        "limits": {"seconds_between_writes": 0, "max_fleet_share": 1.0},
        "repos": [{"name": name} | entry for name, entry in fleet.items()],
    }
    (folder / "config" / "repos.yaml").write_text(json.dumps(document, indent=2))
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "Change the fleet")


def _git(folder: Path, *arguments: str) -> None:
    person = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _PAT.items()}
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=os.environ | person)


_PAT = {"NAME": "Pat Platform", "EMAIL": "pat@acme.test", "DATE": DAY}


def _make_seed(folder: Path) -> Path:
    for name in FLEET.keys() - {"absent"}:
        files = {"README.md": f"{name}\n", "package.json": '{"name": "service"}\n'} | SEEDS.get(name, {})
        for path, text in files.items():
            target = folder / "acme" / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    return folder


# ---------------------------------------------------------------- commands


def _command(checkout: Path, *arguments: str) -> list[str]:
    start = "import sys; sys.argv[0] = 'syncbot'; from syncbot.cli.main import main; sys.exit(main())"
    return [sys.executable, "-W", "ignore", "-c", start, *arguments]


def _environment(checkout: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "SYNCBOT_"))}
    return kept | {"PYTHONPATH": str(checkout), "COLUMNS": "160", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _syncbot(checkout: Path, platform: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """What the command printed; where that is no JSON document, stderr and the exit code as well."""
    done = subprocess.run(
        _command(checkout, *arguments),
        cwd=platform,
        env=_environment(checkout) | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stdout.startswith("{") and not done.stderr:
        return done.stdout
    return f"{done.stdout}\n{done.stderr}\nexit code {done.returncode}\n"


@contextmanager
def _sandbox(checkout: Path, platform: Path, seed: Path) -> Iterator[tuple[Mapping[str, str], GitHub]]:
    """The variables to run with, and GitHub as a developer sees it."""
    data = str(seed.with_name("data"))
    log = seed.with_name("serve.log")
    with log.open("w") as errors:
        server = subprocess.Popen(
            _command(checkout, "sandbox", "serve", "--data", data, "--seed", str(seed)),
            cwd=platform,
            env=_environment(checkout),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert server.stdout
        try:
            variables = dict(server.stdout.readline().strip().split("=", 1) for _ in range(3))
            while not (token := re.search(r"//developer:([^@]+)@", log.read_text())):
                if server.poll() is not None:
                    raise RuntimeError(log.read_text())
            yield variables, GitHub(variables["GITHUB_API_URL"], token[1])
        finally:
            server.terminate()
            server.wait()


class GitHub:
    """What a developer does through the REST API, by a repo's short name; what is not there is left out."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def ask(self, method: str, path: str, body: object = None) -> Any:
        request = Request(
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        with urlopen(request) as answer:
            return json.load(answer)

    def pulls(self, name: str, state: str = "open") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"/repos/acme/{name}/pulls?state={state}&per_page=100")
        return sorted(found, key=lambda pull: int(pull["number"]))

    def pull(self, name: str) -> dict[str, Any]:
        return self.pulls(name)[0]

    def merge(self, name: str) -> None:
        """Each of its pull requests, as far as GitHub lets it."""
        for pull in self.pulls(name):
            try:
                self.ask("PUT", f"/repos/acme/{name}/pulls/{pull['number']}/merge", {})
            except HTTPError as refused:
                if refused.code != 405:
                    raise

    def close(self, name: str) -> None:
        for pull in self.pulls(name):
            self.ask("PATCH", f"/repos/acme/{name}/pulls/{pull['number']}", {"state": "closed"})

    def comment(self, name: str, body: str) -> None:
        for pull in self.pulls(name):
            self.ask("POST", f"/repos/acme/{name}/issues/{pull['number']}/comments", {"body": body})

    def write(self, name: str, path: str, text: str, branch: str = "main") -> None:
        found = self._content(name, path, branch)
        body = {"message": f"Change {path}", "content": base64.b64encode(text.encode()).decode(), "branch": branch}
        self.ask("PUT", f"/repos/acme/{name}/contents/{path}", body | ({"sha": found["sha"]} if found else {}))

    def edit(self, name: str, path: str, old: str, new: str) -> None:
        found = self._content(name, path, "main")
        assert found, f"{name} has no {path}"
        self.write(name, path, base64.b64decode(found["content"]).decode().replace(old, new))

    def remove(self, name: str, path: str) -> None:
        found = self._content(name, path, "main")
        assert found, f"{name} has no {path}"
        body = {"message": f"Remove {path}", "sha": found["sha"], "branch": "main"}
        self.ask("DELETE", f"/repos/acme/{name}/contents/{path}", body)

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Each repo's pull requests as people read them, with the files of their branches."""
        return {
            name: [self._told(name, pull) for pull in self.pulls(name, "all")] for name in FLEET if name != "absent"
        }

    def _told(self, name: str, pull: Mapping[str, Any]) -> dict[str, Any]:
        comments = self.ask("GET", f"/repos/acme/{name}/issues/{pull['number']}/comments")
        files = self.ask("GET", f"/repos/acme/{name}/pulls/{pull['number']}/files?per_page=100")
        return {
            **{key: pull[key] for key in ("number", "state", "title", "body", "merged_at")},
            "branch": pull["head"]["ref"],
            "labels": [label["name"] for label in pull["labels"]],
            "comments": [{"by": comment["user"]["login"], "body": comment["body"]} for comment in comments],
            "files": [{"path": file["filename"], "patch": file.get("patch")} for file in files],
        }

    def _content(self, name: str, path: str, branch: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.ask("GET", f"/repos/acme/{name}/contents/{path}?ref={branch}")
        except HTTPError as missing:
            if missing.code != 404:
                raise
            return None
        return found

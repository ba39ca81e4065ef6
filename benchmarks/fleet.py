"""A fleet of any size, in sync: the platform team's repo on disk, and every service in a sandbox.

Fast rather than faithful: one `git fast-import` writes the objects of all services into one pack, which the
repositories share. Such a sandbox is for reading.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from benchmarks.render import fleet
from syncbot.app import demo_fleet
from syncbot.app.workspace import Workspace, load_workspace
from syncbot.model.files import File
from syncbot.sandbox.forge import Forge

OWNER = "acme"
COMMITTER = b"Pat Platform <pat@acme.example> 1772443800 +0000"
_SUPPLIED = ("service_name", "organization", "team", "owners")


def make_platform(folder: Path, size: int) -> Workspace:
    """This project's templates and a config of `size` services with a database, committed."""
    folder.mkdir()
    config = demo_fleet.make_platform(folder).config
    config.write_text("".join(_config(size)))
    demo_fleet.commit(folder, demo_fleet.PLATFORM, demo_fleet.SCAFFOLDED, f"A fleet of {size}")
    return load_workspace(config)


def make_services(workspace: Workspace, forge: Forge) -> None:
    """A repository for each service, as it is right after scaffolding: in sync, with a lock."""
    shared = forge.data / "shared.git"
    marks = forge.data / "marks"
    subprocess.run(["git", "init", "--quiet", "--bare", shared], check=True)
    importing = ["git", "-C", str(shared), "fast-import", "--quiet", "--done", f"--export-marks={marks}"]
    with subprocess.Popen(importing, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for number, repo in enumerate(workspace.fleet.repos, 1):
            _import(process.stdin, number, demo_fleet.scaffolded(workspace, repo))
        process.stdin.write(b"done\n")
    assert process.returncode == 0, "git fast-import failed"
    heads = dict(line.split() for line in marks.read_text().splitlines())
    with forge.store.transaction():
        for number, repo in enumerate(workspace.fleet.repos, 1):
            _register(forge, repo.name.partition("/")[2], shared, heads[f":{number}"])


def _config(size: int) -> Iterator[str]:
    yield f'organization: {OWNER}\nidentities: ["acme-syncbot[bot]"]\nowners: "@acme/platform"\n'
    yield "defaults:\n  template: service\nrepos:\n"
    for index, answers in enumerate(fleet(size)):
        own = {name: value for name, value in answers.items() if name not in _SUPPLIED}
        own |= {"node_version": f'"{own["node_version"]}"', "postgres_version": f'"{14 + index % 5}"'}
        parameters = own.pop("postgres_parameters")
        assert isinstance(parameters, dict)
        yield f'  - name: {answers["service_name"]}\n    team: "{answers["team"]}"\n    answers:\n'
        yield from (f"      {name}: {value}\n" for name, value in own.items())
        yield "      postgres_parameters:\n"
        yield from (f"        {name}: {value}\n" for name, value in parameters.items())


def _import(stream: IO[bytes], number: int, tree: demo_fleet.Tree) -> None:
    stream.write(b"commit refs/heads/%d\nmark :%d\ncommitter %s\ndata 8\nScaffold\n" % (number, number, COMMITTER))
    for path, file in tree.items():
        stream.write(_entry(path, file))


def _entry(path: str, file: File) -> bytes:
    return b"M %s inline %s\ndata %d\n%s\n" % (file.mode.encode(), path.encode(), len(file.content), file.content)


def _register(forge: Forge, name: str, shared: Path, head: str) -> None:
    """The row and the least that git takes for a bare repository."""
    now = forge.clock.stamp()
    row = forge.store.insert("repos", owner=OWNER, name=name, created_at=now, updated_at=now, pushed_at=now)
    folder = forge.path(forge.by_id(row))
    (folder / "refs" / "heads").mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "refs" / "heads" / "main").write_text(f"{head}\n")
    (folder / "objects").symlink_to(shared / "objects")

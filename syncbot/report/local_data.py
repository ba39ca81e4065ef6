"""What a pull request does to the Postgres on a developer's machine, as Markdown, with the commands that keep the data.

Values in, strings out. A name stands in a command only where a shell and Markdown take it as it is.
"""

from __future__ import annotations

import posixpath
import re

from syncbot.formats.compose import is_compose
from syncbot.plan.files.local_data import LocalData, LocalServer, local_data
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.report.markdown_escape import cell, code, fence

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_PATH = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*")
_LIMIT = 200
"""Characters of a name that are shown."""
_UNKNOWN = "depends on your variables"
_USER = '"${POSTGRES_USER:-postgres}"'
_DATABASE = '"${POSTGRES_DB:-${POSTGRES_USER:-postgres}}"'


def local_data_section(plan: RepoPlan, changeset: Changeset) -> str:
    """The section of the pull request's body; empty where nothing becomes of the data."""
    folder = plan.repo.rpartition("/")[2]
    for status in changeset.written:
        proposal = status.proposal
        if is_compose(status.path) and proposal and proposal.before and proposal.content:
            parent = status.path.rpartition("/")[0]
            found = local_data(proposal.before, proposal.content, parent.rpartition("/")[2] or folder)
            if found:
                return _section(found, status.path if parent else "", parent.rpartition("/")[2] or folder)
    return ""


def _section(data: LocalData, file: str, folder: str) -> str:
    compose = f"docker compose -f {file}" if file else "docker compose"
    is_lost = not data.is_kept or data.is_locked_out or data.is_unreadable
    parent = file.rpartition("/")[0]
    if is_lost:
        commands = _moved(data, compose, parent)
    else:
        commands = _reindexed(data, compose) if data.is_sorted_otherwise else ()
    paths = [text for text in (file, data.old.volume) if text]
    is_safe = _is_plain(data.old.service) and _is_plain(data.new.service) and all(map(_PATH.fullmatch, paths))
    parts = ("### The Postgres on a developer's machine", _table(data, folder), *_what(data))
    return "\n\n".join((*parts, *(commands if is_safe else ())))


def _table(data: LocalData, folder: str) -> str:
    old, new = data.old, data.new
    rows = [
        ("Compose project", old.project, new.project),
        ("Service", old.service, new.service),
        ("Volume", _volume(old), _volume(new)),
        ("Mounted at", old.mount, new.mount),
        ("Image", old.image, new.image),
        ("User", old.user, new.user),
        ("Database", old.database, new.database),
    ]
    shown = [f"| {name} | {_shown(was)} | {_shown(now)} |" for name, was, now in rows if was != now or name == "Volume"]
    note = () if old.is_named and new.is_named else ("", f"In a clone that lies in a folder {code(folder)}.")
    return "\n".join(("| | Now | With this change |", "|---|---|---|", *shown, *note))


def _volume(server: LocalServer) -> str | None:
    return "without a name" if server.volume == "" else server.volume


def _shown(text: str | None) -> str:
    return _UNKNOWN if text is None else cell(text[:_LIMIT]) if text else "none"


def _what(data: LocalData) -> list[str]:
    """What happens, most urgent first."""
    old, new = data.old, data.new
    said = []
    if not data.is_known:
        said.append("Unless both are the same volume, the new server starts with an empty one.")
    elif not data.is_kept:
        stays = f"{_shown(_volume(old))} stays as it is" if old.volume else "the one of now stays until it is removed"
        said.append(
            f"**The new server starts with an empty volume**; {stays}. Back on a branch without this change, "
            "the old data is there again."
        )
    if data.is_unreadable:
        said.append("**The new server does not start on the data of now**: each major version has its own format.")
    if data.is_locked_out:
        said.append(
            f"**The new server finds the data of now, in which the user {_shown(new.user)} or the database "
            f"{_shown(new.database)} is missing**: they are made in an empty volume only, so the service cannot log in."
        )
    if data.is_unsure:
        said.append(
            "**The new server finds the data of now.** Whether its version, user and database are those of that data "
            "cannot be told from the files: compare them before you start it."
        )
    if data.is_sorted_otherwise:
        both = old.libc and new.libc
        told = f"the volume was written on {old.libc}, and the new image is built on {new.libc}"
        said.append(
            f"**Warning: {told if both else 'the two images may have different C libraries'}.** Alpine's and Debian's "
            "sort text in different orders: until the indexes are made anew, a query may miss rows, and a unique index "
            "let one in twice."
        )
    return said


def _reindexed(data: LocalData, compose: str) -> tuple[str, ...]:
    service, user = data.new.service, data.new.user if _is_plain(data.new.user) else _USER
    lines = (*_started(compose, service), _inside(compose, service, f"reindexdb --all -U {user}"))
    return ("Once this change is checked out, make the indexes anew:", fence("\n".join(lines), "sh"))


_DUMP = "before-this-change.dump.sql"
"""A name that no repo has: it is written over."""


def _moved(data: LocalData, compose: str, folder: str) -> tuple[str, ...]:
    """How the data goes over to the new server, and how one starts afresh."""
    old, new = data.old.service, data.new.service
    before = (
        *_started(compose, old),
        f"{_inside(compose, old, f'pg_dump --no-owner --no-privileges {_account(data.old)}')} > {_DUMP}",
        f"{compose} down",
    )
    after = (
        *_started(compose, new),
        f"{_inside(compose, new, f'psql -q -v ON_ERROR_STOP=1 {_account(data.new)}')} < {_DUMP}",
    )
    away = _away(data.old, folder)
    first = "Look at the dump, then take the old data out of the way:"
    if not data.old.is_own:
        first = "Look at the dump. Only if no other project uses this volume, take the old data out of the way:"
    between = (first, fence(away, "sh")) if data.is_kept else ()
    verb = "moved away" if data.old.is_bind else "removed"
    can_go = data.old.volume and data.old.is_own and not between
    old_data = f" The old data is {verb} with {code(away)}." if can_go else ""
    return (
        "To keep local data, **before** checking out this change:",
        fence("\n".join(before), "sh"),
        *between,
        "And once it is checked out:",
        fence("\n".join(after), "sh"),
        f"To start afresh instead, run your migrations and seeds once it is checked out.{old_data}",
    )


def _started(compose: str, service: str) -> tuple[str, str]:
    """The server is up and answers: while the image initialises, its socket alone does."""
    ready = "until pg_isready -q -h 127.0.0.1; do sleep 1; done"
    return f"{compose} up -d {service}", _inside(compose, service, ready)


def _inside(compose: str, service: str, command: str) -> str:
    """A command in the container, by its shell where it needs one."""
    needs_shell = any(sign in command for sign in "$;")
    return f"{compose} exec -T {service} " + (f"sh -c '{command}'" if needs_shell else command)


def _account(server: LocalServer) -> str:
    user = server.user if _is_plain(server.user) else _USER
    return f"-U {user} -d {server.database if _is_plain(server.database) else _DATABASE}"


def _away(server: LocalServer, folder: str) -> str:
    """The command, from the root of the repo; Compose takes a relative path from the folder of its file."""
    if server.is_bind:
        path = posixpath.join(folder, (server.volume or "").removeprefix("./")) if folder else server.volume or ""
        return f"mv {path} {path.rstrip('/')}-before"
    return f"docker volume rm {server.volume}"


def _is_plain(name: str | None) -> bool:
    return bool(name and _PLAIN.fullmatch(name))

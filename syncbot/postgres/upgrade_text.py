"""An upgrade in words: Markdown for the body of a pull request, and for people at a terminal. Values in, text out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from syncbot.formats.diagnostics import Diagnostic
from syncbot.postgres.facts import provenance
from syncbot.postgres.upgrade import Change, Gone, Renamed, Upgrade


def upgrade_text(
    move: Upgrade, *, service: str = "db", user: str = "app", project: str = "", developers: bool = True
) -> str:
    """All of it, most urgent first; without `developers`, nothing on their machines.

    `service` is Postgres' name in docker-compose.yml, `user` its first user, `project` the name at the file's head,
    where that is known.
    """
    parts = [
        f"### Postgres {move.from_major} to {move.to_major}",
        *_section("This cannot be merged as it is", map(_blocking, move.blocking)),
        *_section("Parameters that are gone", map(_gone, move.removed)),
        *_section("Parameters with a new name", (_renamed(move.to_major, each) for each in move.renamed)),
        *_section("Parameters of another type", map(_change, move.types)),
        *_section("Parameters with another range", map(_change, move.ranges)),
        *_section("A change now holds", map(_change, move.restart_needed)),
        *_section(
            "Defaults that change for this service, which does not set them", map(_change, move.changed_defaults)
        ),
        *([_developers(move, service, user, project)] if developers else ()),
        _rds(move),
    ]
    return "\n\n".join(parts) + "\n"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    items = [f"- {line}" for line in lines]
    if items:
        yield f"**{title}**"
        yield "\n".join(items)


def _code(text: str) -> str:
    """A code span that no backtick inside can end; what people wrote pings nobody there."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    inner = " ".join(text.split())
    return f"{fence} {inner} {fence}" if longest else f"`{inner}`"


def _plain(text: str) -> str:
    """Text that Markdown shows letter by letter: a value may hold anything."""
    return re.sub(r"[\\`<>@\[\]&|*~#!$]", lambda found: f"&#{ord(found[0])};", " ".join(text.split()))


def _blocking(finding: Diagnostic) -> str:
    return f"{_code(finding.subject)}: {_plain(finding.message)}"


def _gone(gone: Gone) -> str:
    return f"{_code(gone.name)}{f': {gone.advice}' if gone.advice else ''}"


def _renamed(major: int, renamed: Renamed) -> str:
    taken = f"; Postgres {major} still takes the old one" if renamed.still_starts else ""
    return f"{_code(renamed.name)} is now `{renamed.new_name}`{taken}"


def _change(change: Change) -> str:
    return f"`{change.name}`: {change.before} → {change.after}"


def _developers(move: Upgrade, service: str, user: str, project: str) -> str:
    old, new = move.volumes
    volume = f"{project}_{old.name}" if project else f'"$(basename "$PWD")_{old.name}"'
    moved = f", and the mount moves from `{old.mount}` to `{new.mount}`" if old.mount != new.mount else ""
    return f"""\
**On a developer's machine**

The new server starts with an empty volume, `{new.name}`; `{old.name}` stays as it is{moved}. Back on a branch with \
Postgres {move.from_major}, the old data is there again.

To keep local data, before and after checking out this change:

```sh
docker compose up -d --wait {service}
docker compose exec -T {service} pg_dumpall -U {user} > postgres-{move.from_major}.sql
docker compose down

docker compose up -d --wait {service}
docker compose exec -T {service} psql -U {user} -d postgres -f - < postgres-{move.from_major}.sql
```

psql says that the user and its database exist already; that is harmless. To start afresh instead, run your migrations \
and seeds after `docker compose up -d --wait {service}`. The old data is removed with `docker volume rm {volume}`."""


def _rds(move: Upgrade) -> str:
    (old_family, new_family), (old, new) = move.families, move.support
    return f"""\
**On RDS**

- A parameter group has one family for life: the new group has `{new_family}`, and the one of `{old_family}` stays \
until no instance uses it.
- Standard support ends on {old.rds} for Postgres {move.from_major} and on {new.rds} for {move.to_major}; the Postgres \
project's own on {old.upstream} and {new.upstream} ({provenance("end_of_support")}).
- There is no way back to Postgres {move.from_major} but a snapshot from before the move."""

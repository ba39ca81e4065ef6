"""Write syncbot/postgres/catalogue.json: every server parameter of Postgres 13 to 18, as real servers tell it.

`python -m scripts.postgres_catalogue` writes the file; tests call `read_major` and `catalogue` and compare. Each
server is started twice: bare, to try which of the libraries it ships can be loaded, and with all that define
parameters. Labels that an enum takes but does not list are found by trying them with `postgres -C`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from scripts.postgres_servers import MAJORS, ROOT, ask, cluster, programs, version
from scripts.postgres_wire import Connection, QueryError, literal

TARGET = ROOT / "syncbot" / "postgres" / "catalogue.json"
COLUMNS = ("vartype", "unit", "min_val", "max_val", "enumvals", "context", "boot_val", "category", "short_desc")
KEYS = ("type", "unit", "min", "max", "labels", "context", "default", "category", "description")
BOOLS = ("true", "false", "yes", "no", "1", "0", "on", "off")
ELSEWHERE = (*BOOLS, "debug", "info", "fatal", "panic", "archive", "hot_standby")
SOURCE = "pg_settings of the npm packages in tests/postgres/servers, by scripts/postgres_catalogue.py"
WORDS = {
    "timezones": "SELECT name FROM pg_timezone_names WHERE name !~ '^posix/'",
    "encodings": "SELECT pg_encoding_to_char(number) FROM generate_series(0, 60) number",
}
Facts = dict[str, object]


def libraries(major: int, session: Connection) -> list[str]:
    """The shipped libraries that define parameters and that this machine can load."""
    folder = programs(major).parent / "lib" / "postgresql"
    found = []
    for path in sorted(folder.glob("*.so")):
        if b"DefineCustom" not in path.read_bytes():
            continue
        try:
            session.query(f"LOAD {literal(path.stem)}")
        except QueryError:
            continue
        found.append(path.stem)
    return found


def read_major(major: int) -> dict[str, Facts]:
    """Every parameter of that major by name, those of the loadable libraries included."""
    with cluster(major) as server:
        with server.started("") as session:
            preload = libraries(major, session)
        with server.started(f"shared_preload_libraries = '{','.join(preload)}'\n") as session:
            rows = session.query(f'SELECT name, {", ".join(COLUMNS)} FROM pg_settings ORDER BY name COLLATE "C"')
            found = {str(name): facts(row) for name, *row in rows}
            add_labels_of_extensions(found, session)
    return found


def add_labels_of_extensions(parameters: dict[str, Facts], session: Connection) -> None:
    """`-C` loads no libraries, so that what their enums take without listing it is tried in a session."""
    for name, told in parameters.items():
        if told["type"] == "enum" and "." in name:
            tried = {label: try_label(name, label, session) for label in ELSEWHERE if label not in labels_of(told)}
            if hidden := {label: value for label, value in tried.items() if value is not None}:
                told["hidden"] = hidden


def try_label(name: str, label: str, session: Connection) -> str | None:
    try:
        session.query(f"SET {name} = {literal(label)}")
    except QueryError:
        return None
    return session.query(f"SHOW {name}")[0][0]


def facts(row: Iterable[str | None]) -> Facts:
    """A row of pg_settings without what is null; labels as a list."""
    named: Facts = {key: value for key, value in zip(KEYS, row, strict=True) if value is not None}
    if "labels" in named:
        named["labels"] = [part.strip('"') for part in re.findall(r'"[^"]*"|[^,]+', str(named["labels"])[1:-1])]
    return named


def hidden_labels(major: int, name: str, labels: Iterable[str]) -> dict[str, str]:
    """The labels that this enum takes without listing them, each with the listed one it stands for."""
    tried = {label: ask(major, name, label).value for label in labels}
    return {label: value for label, value in tried.items() if value is not None}


def add_hidden_labels(majors: Mapping[int, dict[str, Facts]]) -> None:
    """Try, for every settable enum, the labels seen anywhere: in another major, or common to many enums."""
    for major, parameters in majors.items():
        for name, told in parameters.items():
            if told["type"] != "enum" or told["context"] == "internal" or "." in name:
                continue
            others = [labels_of(other.get(name, {})) for other in majors.values()]
            candidates = sorted({*ELSEWHERE, *(label for labels in others for label in labels)} - set(labels_of(told)))
            if hidden := hidden_labels(major, name, candidates):
                told["hidden"] = hidden


def labels_of(told: Facts) -> list[str]:
    labels = told.get("labels", [])
    assert isinstance(labels, list)
    return labels


def history(name: str, majors: Mapping[int, dict[str, Facts]]) -> list[Facts]:
    """What each major says of one parameter: the first in full, later ones by what changed, null for what went."""
    steps: list[Facts] = []
    before: Facts = {}
    for major in MAJORS:
        now = majors[major].get(name, {})
        changed = {key: now.get(key) for key in sorted({*before, *now}) if before.get(key) != now.get(key)}
        if before and not now:
            steps.append({"from": major, "removed": True})
        elif changed:
            steps.append({"from": major, **changed})
        before = now
    return steps


def catalogue(majors: Mapping[int, dict[str, Facts]]) -> str:
    """The file's text: one parameter a line."""
    names = sorted({name for parameters in majors.values() for name in parameters})
    servers = {str(major): version(major) for major in MAJORS}
    lines = [f"  {json.dumps(name)}: {json.dumps(history(name, majors))}" for name in names]
    shipped = {str(major): " ".join(shipped_libraries(major)) for major in MAJORS}
    words = [f" {json.dumps(kind)}: {json.dumps(' '.join(names))},\n" for kind, names in word_lists().items()]
    head = [f' "servers": {json.dumps(servers)},\n', f' "libraries": {json.dumps(shipped)},\n', *words]
    return f'{{"source": {json.dumps(SOURCE)},\n{"".join(head)} "parameters": {{\n' + ",\n".join(lines) + "\n}}\n"


def word_lists() -> dict[str, list[str]]:
    """The names of time zones and of encodings that the servers of all majors know."""
    found = {kind: [words(major, sql) for major in MAJORS] for kind, sql in WORDS.items()}
    return {kind: sorted(set.intersection(*sets)) for kind, sets in found.items()}


def shipped_libraries(major: int) -> list[str]:
    """All but the encoding conversions; what the official images carry, but for `llvmjit`, is the same."""
    folder = programs(major).parent / "lib" / "postgresql"
    return sorted(path.stem for path in folder.glob("*.so") if not re.search("_and_|libpqwalreceiver", path.stem))


def words(major: int, sql: str) -> set[str]:
    with cluster(major) as server, server.started("") as session:
        return {str(name) for (name,) in session.query(sql) if name}


def read_all() -> dict[int, dict[str, Facts]]:
    """All majors, hidden labels included."""
    majors = {major: read_major(major) for major in MAJORS}
    add_hidden_labels(majors)
    return majors


if __name__ == "__main__":
    TARGET.write_text(catalogue(read_all()))

"""The checks notice what breaks: each owned file of a Node service with a database is broken in twenty ways.

A mutant counts as noticed if it brings a finding that the intact file does not have. All mutants are checked as one
fleet, which is also how it is fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

import pytest

from syncbot.check.fleet import check_fleet
from syncbot.formats.diagnostics import Diagnostic
from tests.check.renderings import rendering, with_file

Mutation = Callable[[str], str]
NOTICED = 0.95
WAYS = 20


def sub(pattern: str, new: str, count: int = 1) -> Mutation:
    """Replace what the pattern matches first."""
    return lambda text: re.sub(pattern, new, text, count=count, flags=re.MULTILINE)


def append(line: str) -> Mutation:
    return lambda text: text + line + "\n"


def prepend(line: str) -> Mutation:
    return lambda text: line + "\n" + text


DOCKERFILE: Mapping[str, Mutation] = {
    "misspelt instruction": sub(r"^COPY ", "COPYY "),
    "no FROM": sub(r"^FROM .*\n", "", 0),
    "no tag": sub(r"^FROM (\w+):\S+", r"FROM \1", 0),
    "latest": sub(r"^FROM (\w+):\S+", r"FROM \1:latest", 0),
    "undefined stage": sub(r"--from=\w+", "--from=nowhere"),
    "stage named twice": sub(r"^FROM (\S+)$", r"FROM \1 AS dependencies"),
    "relative WORKDIR": sub(r"^WORKDIR /", "WORKDIR "),
    "root at the end": sub(r"^USER .*", "USER root"),
    "no USER": sub(r"^USER .*\n", ""),
    "port out of range": sub(r"^EXPOSE .*", "EXPOSE 99999"),
    "port is a word": sub(r"^EXPOSE .*", "EXPOSE http"),
    "two CMDs": append('CMD ["true"]'),
    "no CMD": sub(r"^CMD .*\n", ""),
    "CMD in a shell": sub(r"^CMD .*", "CMD node server.js"),
    "CMD not closed": sub(r"^(CMD .*)\]$", r"\1"),
    "CMD in single quotes": sub(r"^CMD .*", "CMD ['node', 'server.js']"),
    "sudo": sub(r"^USER", "RUN sudo true\nUSER"),
    "cd": sub(r"^USER", "RUN cd /tmp\nUSER"),
    "unpinned packages": sub(r"^USER", "RUN apt-get install curl\nUSER"),
    "broken shell": sub(r"^USER", "RUN if true; then echo\nUSER"),
    "pipe without pipefail": sub(r"^USER", "RUN cat /etc/passwd | wc -l\nUSER"),
    "ADD": sub(r"^COPY \. \.", "ADD . ."),
    "source misspelt": sub(r"^COPY package\.json", "COPY pakage.json"),
    "copy without target": sub(r"^COPY \. \.", "COPY ."),
    "no health check": sub(r"^HEALTHCHECK(.*\\\n)*.*\n", ""),
    "health check flag": sub(r"--interval", "--intervall"),
    "health check twice": append('HEALTHCHECK CMD ["true"]'),
    "maintainer": append("MAINTAINER me"),
    "cut in the middle": lambda text: text[: text.index("CMD")] + 'CMD ["',
}

IGNORE: Mapping[str, Mutation] = {
    "everything": append("*"),
    "everything, deep": append("**"),
    "manifest": append("package.json"),
    "lock file": append("package-lock.json"),
    "all JSON": append("*.json"),
    "all JSON, deep": append("**/*.json"),
    "packages by question mark": append("package?json"),
    "packages by range": append("[p]ackage.json"),
    "from the root": append("/package.json"),
    "entry module": append("server.js"),
    "all modules": append("*.js"),
    "git kept": sub(r"^\.git\n", ""),
    "secrets kept": sub(r"^\.env\n", ""),
    "git back": append("!.git"),
    "secrets back": append("!.env"),
    "all back": append("!**"),
    "open bracket": append("a[b"),
    "lone backslash": append("a\\"),
    "empty negation": append("!"),
    "a line twice": append(".git"),
    "empty": lambda text: "",
    "commented out": sub(r"^(?!#)", "# ", 0),
    "git misspelt": sub(r"^\.git$", ".gitt"),
    "secrets misspelt": sub(r"^\.env$", ".enf"),
}

COMPOSE: Mapping[str, Mutation] = {
    "tab": sub(r"^  app:", "\tapp:"),
    "indented less": sub(r"^    image:", " image:"),
    "no services": sub(r"^services:", "service:"),
    "misspelt key": sub(r"^    ports:", "    port:"),
    "key twice": sub(r"^    init: .*", "    init: true\n    init: true"),
    "wrong type": sub(r"^    init: .*", "    init: [true]"),
    "undefined volume": sub(r"^  pgdata\S+: ?.*", "  other: {}"),
    "no volumes": sub(r"^volumes:\n(  .*\n)+", ""),
    "unused volume": append("  spare: {}"),
    "depends on nothing": sub(r"^      db:\n        condition", "      database:\n        condition"),
    "depends on itself": sub(r"^      db:\n        condition", "      app:\n        condition"),
    "unknown condition": sub(r"service_healthy", "service_ready"),
    "not awaited": sub(r"condition: service_healthy", "condition: service_started"),
    "no health check": sub(r"^    healthcheck:\n(      .*\n)+", ""),
    "health check off": sub(r"^    healthcheck:\n(      .*\n)+", "    healthcheck: {disable: true}\n"),
    "cycle": sub(r"^  db:\n", "  db:\n    depends_on: [app]\n"),
    "undefined network": sub(r"^  db:\n", "  db:\n    networks: [backend]\n"),
    "undefined secret": sub(r"^  db:\n", "  db:\n    secrets: [password]\n"),
    "no image": sub(r"^    image: .*\n", ""),
    "image without tag": sub(r"^    image: postgres:\d+", "    image: postgres"),
    "data where another major has it": sub(r"/var/lib/postgresql(/data)?$", "/var/lib/postgresql/18/main"),
    "mount missing": sub(r"\./postgres/postgresql\.conf", "./postgres/postgres.conf"),
    "port out of range": sub(r'"(\d+):(\d+)"', r'"99999:\2"'),
    "port twice": sub(r"^  db:\n", '  db:\n    ports: ["8080:5432"]\n'),
    "port is a word": sub(r'"\d+:(\d+)"', r'"http:\1"'),
    "probe by socket": sub(r'"-h", "127\.0\.0\.1", ', ""),
    "probe is gone": sub(r"pg_isready", "true"),
    "version": prepend('version: "3.8"'),
    "quote not closed": sub(r'"(\d+:\d+)"', r'"\1'),
}

CODEOWNERS: Mapping[str, Mutation] = {
    "begin marker gone": sub(r"^# BEGIN.*\n", ""),
    "end marker gone": sub(r"^# END.*\n", ""),
    "block twice": lambda text: text + text[text.index("# BEGIN") :],
    "block gone": lambda text: text[: text.index("# BEGIN")],
    "markers the wrong way": sub(r"^# BEGIN(.*(?:\n.*)*)# END", r"# END\1# BEGIN"),
    "a line below": append("*.js @acme/payments"),
    "overridden": append("* @acme/payments"),
    "file not owned": sub(r"^/Dockerfile .*\n", ""),
    "lock not owned": sub(r"^/\.github/syncbot\.lock .*\n", ""),
    "itself not owned": sub(r"^CODEOWNERS .*\n", ""),
    "path misspelt": sub(r"^/Dockerfile ", "/Dockerfle "),
    "path in capitals": sub(r"^/Dockerfile ", "/dockerfile "),
    "no owner": sub(r"^(/Dockerfile) .*", r"\1"),
    "another owner": sub(r"^(/Dockerfile) .*", r"\1 @acme/payments"),
    "owner without @": sub(r"^(/Dockerfile) @", r"\1 "),
    "owner with a space": sub(r"^(/Dockerfile) @acme/", r"\1 @acme/ "),
    "negation": sub(r"^/Dockerfile", "!/Dockerfile"),
    "range": sub(r"^/Dockerfile", "/[D]ockerfile"),
    "colon": sub(r"^(/Dockerfile) ", r"\1: "),
    "comma": sub(r"^(/Dockerfile @\S+)$", r"\1, @acme/payments"),
    "relative": sub(r"^/Dockerfile", "./Dockerfile"),
    "commented out": sub(r"^/Dockerfile", "# /Dockerfile"),
    "a line twice": sub(r"^(/Dockerfile .*)$", r"\1\n\1"),
    "empty": lambda text: "",
}

SETTINGS: Mapping[str, Mutation] = {
    "misspelt name": sub(r"^work_mem", "wrok_mem"),
    "name with a dash": sub(r"^work_mem", "work-mem"),
    "name in two words": sub(r"^work_mem", "work mem"),
    "unknown parameter": append("shared_bufers = 1GB"),
    "no value": sub(r"^(work_mem\s*=).*", r"\1"),
    "no value at all": sub(r"^work_mem.*", "work_mem"),
    "two values": sub(r"^(work_mem\s*=.*)$", r"\1 32MB"),
    "unknown unit": sub(r"^(work_mem\s*=).*", r"\1 64Mb"),
    "unit of SI": sub(r"^(statement_timeout\s*=).*", r"\1 30sec"),
    "percent": sub(r"^(work_mem\s*=).*", r"\1 10%"),
    "quote not closed": sub(r"^(work_mem\s*=).*", r"\1 '64MB"),
    "double quotes": sub(r"^(work_mem\s*=).*", r'\1 "64MB"'),
    "colon": sub(r"^work_mem\s*=", "work_mem:"),
    "two equal signs": sub(r"^work_mem\s*=", "work_mem =="),
    "star without quotes": sub(r"^(listen_addresses\s*=).*", r"\1 *"),
    "set twice": append("work_mem = 1MB"),
    "set twice, in capitals": append("WORK_MEM = 1MB"),
    "setting removed": sub(r"^work_mem.*\n", ""),
    "not reachable": sub(r"^listen_addresses.*\n", ""),
    "reachable from inside only": sub(r"^(listen_addresses\s*=).*", r"\1 'localhost'"),
    "wrong comment": append("// tuned"),
    "section": prepend("[postgresql]"),
    "SQL": append("ALTER SYSTEM SET work_mem = '1MB';"),
    "merge conflict": append("<<<<<<< HEAD"),
}

GROUP: Mapping[str, Mutation] = {
    "bracket lost": sub(r"\]", ""),
    "brace lost": lambda text: text.rstrip()[:-1],
    "comma too many": sub(r"\}(\s*\])", r"},\1"),
    "comma lost": sub(r'",$', '"'),
    "single quotes": lambda text: text.replace('"', "'"),
    "comment": prepend("# a parameter group"),
    "key twice": sub(r'^(\s*"family": .*,)$', r"\1\n\1"),
    "not a number": sub(r'"value": "[^"]*"', '"value": NaN'),
    "value without quotes": sub(r'"value": "(\d+)"', r'"value": \1'),
    "family misspelt": sub(r'"postgres(\d+)"', r'"postgresql\1"'),
    "family without major": sub(r'"postgres\d+"', '"postgres"'),
    "no family": sub(r'^\s*"family": .*\n', ""),
    "top level misspelt": sub(r'"resource"', '"resources"'),
    "type misspelt": sub(r'"aws_db_parameter_group"', '"aws_db_parameter_groups"'),
    "apply method": sub(r'"(immediate|pending-reboot)"', '"at-once"'),
    "name in capitals": sub(r'"name": "work_mem"', '"name": "WORK_MEM"'),
    "unknown parameter": sub(r'"name": "work_mem"', '"name": "work_men"'),
    "parameter twice": sub(r'"name": "jit"', '"name": "work_mem"'),
    "parameter lost": sub(r'^.*"name": "work_mem".*\n', ""),
    "unknown key": sub(r'"apply_method"', '"apply"'),
    "no name": sub(r'"name": "work_mem",?', ""),
    "unknown argument": sub(r'"family"', '"engine_version": "17", "family"'),
    "an empty object": lambda text: "{}",
    "an empty file": lambda text: "",
}

MUTATIONS: Mapping[str, Mapping[str, Mutation]] = {
    "Dockerfile": DOCKERFILE,
    ".dockerignore": IGNORE,
    "docker-compose.yml": COMPOSE,
    ".github/CODEOWNERS": CODEOWNERS,
    "postgres/postgresql.conf": SETTINGS,
    "postgres/rds-parameter-group.tf.json": GROUP,
}


@cache
def verdicts() -> Mapping[tuple[str, str], frozenset[Diagnostic]]:
    """What the checks say of each mutant that differs from the intact file, by path and name of the mutation."""
    intact = rendering("acme/intact")
    mutants = {}
    for path, ways in MUTATIONS.items():
        text = intact.files[path].content.decode()
        for name, mutate in ways.items():
            if mutate(text) != text:
                mutants[path, name] = with_file(intact, path, mutate(text), repo=f"{path}: {name}")
    found: dict[str, set[Diagnostic]] = {}
    for entry in check_fleet([intact, *mutants.values()]):
        # All are one service, which is no finding about any of them.
        for repo in entry.repos if entry.finding.code != "identity" else ():
            found.setdefault(repo, set()).add(entry.finding)
    known = found.get("acme/intact", set())
    return {key: frozenset(found.get(mutant.repo, set()) - known) for key, mutant in mutants.items()}


def test_the_intact_files_have_no_findings() -> None:
    """Whatever a mutant is noticed by comes from its mutation."""
    assert check_fleet([rendering()]) == ()


@pytest.mark.parametrize("path", MUTATIONS)
def test_each_file_is_broken_in_at_least_twenty_ways(path: str) -> None:
    """A mutation that no longer changes anything, because the template has changed, does not count."""
    assert sum(where == path for where, _ in verdicts()) >= WAYS


@pytest.mark.parametrize("path", MUTATIONS)
def test_of_the_ways_to_break_a_file_nearly_all_are_noticed(path: str) -> None:
    """At least 95 in 100 in each file; the ones that pass are named."""
    mutants = {name: found for (where, name), found in verdicts().items() if where == path}
    missed = [name for name, found in mutants.items() if not found]
    assert 1 - len(missed) / len(mutants) >= NOTICED, missed


def test_the_count(record_property: Callable[[str, object], None]) -> None:
    """Over all files together, and said."""
    noticed = sum(map(bool, verdicts().values()))
    record_property("mutants", len(verdicts()))
    record_property("noticed", noticed)
    print(f"{noticed} of {len(verdicts())} mutants noticed")
    assert noticed / len(verdicts()) >= NOTICED

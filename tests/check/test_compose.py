"""Compose files: one test a rule, on the smallest file that shows it, and the forms that are fine."""

from __future__ import annotations

import pytest

from syncbot.check.compose import check_compose, is_compose

APP = "services:\n  app:\n    build: .\n"
DB = """\
  db:
    image: postgres:16
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-h", "127.0.0.1"]}
"""
DATA = "volumes: {data: {}}\n"

BAD = [
    ("services:\n  app:\n   build: .\n    image: x\n", "yaml"),
    ("services: {app: {build: .}}\nservices: {}\n", "yaml-duplicate-key"),
    ("", "yaml"),
    (APP + "    ports: [http]\n", "port-syntax"),
    (APP + '    ports: ["70000:80"]\n', "port-syntax"),
    (APP + '    ports: ["80:80"]\n  b:\n    build: .\n    ports: [{target: 1, published: "80"}]\n', "port-twice"),
    (APP + '    ports: ["127.0.0.1:80:80", "127.0.0.1:80:81"]\n', "port-twice"),
    (APP + '    volumes: ["cache:/x"]\n', "undefined-volume"),
    (APP + "    volumes: [{type: volume, source: cache, target: /x}]\n", "undefined-volume"),
    (APP + '    volumes: ["./a:/x", "./b:/x"]\n', "mount-twice"),
    (APP + DATA, "unused-volume"),
    (APP + "    networks: [back]\n", "undefined-network"),
    (APP + "    networks: {back: {aliases: [x]}}\n", "undefined-network"),
    (APP + "    secrets: [{source: key, target: k}]\n", "undefined-secret"),
    (APP + "    configs: [c]\n", "undefined-config"),
    (APP + "    depends_on: [db]\n", "undefined-service"),
    (
        APP + "    depends_on: [b]\n  b:\n    build: .\n    depends_on: [c]\n  c: {build: ., depends_on: [app]}\n",
        "cycle",
    ),
    (APP + "    depends_on: {b: {condition: service_healthy}}\n  b: {image: 'x:1'}\n", "no-healthcheck"),
    (
        APP + "    depends_on: {b: {condition: service_healthy}}\n  b: {build: ., healthcheck: {disable: true}}\n",
        "no-healthcheck",
    ),
    (APP + "    depends_on: [db]\n" + DB + DATA, "not-awaited"),
    ("services: {app: {init: true}}\n", "no-image"),
    ("services: {app: {image: redis}}\n", "image-tag"),
    ("services: {app: {image: 'localhost:5000/redis:latest'}}\n", "image-tag"),
    (APP + DB.replace("postgres:16", "postgres:18") + DATA, "postgres-data"),
    (APP + DB.replace("/var/lib/postgresql/data", "/var/lib/postgresql") + DATA, "postgres-data"),
    (APP + DB.replace(', "-h", "127.0.0.1"', "") + DATA, "pg-isready"),
    ("version: '3'\n" + APP, "compose-version"),
    (APP + "    contaner_name: x\n", "schema"),
]
GOOD = [
    APP,
    APP + DB + DATA,
    APP + "    depends_on: {db: {condition: service_healthy}}\n" + DB + DATA,
    APP + DB.replace("postgres:16", "postgres:18").replace("/data:", ":").replace('/data"', '"') + DATA,
    APP + '    ports: ["8080:80", "127.0.0.1:81:81", "127.0.0.2:81:81", "9000-9001:90-91", "80", "[::1]:5:5/udp"]\n',
    APP + '    ports: ["${PORT:-80}:80", {target: 80, published: "82", protocol: udp}]\n',
    APP + '    volumes: ["./a:/a:ro", "~/b:/b", "/c:/c", "$D:/d", "/anonymous"]\n',
    APP + "    networks: [default]\n",
    APP + "    networks: [back]\nnetworks: {back: }\n",
    APP + "    depends_on: {b: {condition: service_healthy}}\n  b: {build: .}\n",
    "services: {app: {image: 'redis@sha256:" + "0" * 64 + "'}}\n",
    "services: {app: {image: 'localhost:5000/redis:7'}}\n",
    "x-shared: &shared {init: true}\nservices: {app: {<<: *shared, build: .}}\n",
    "services: {app: {build: ., command: [yes, no, on]}}\n",
]


def codes(text: str) -> set[str]:
    return {finding.code for finding in check_compose("compose.yaml", text.encode())}


@pytest.mark.parametrize(("text", "code"), BAD)
def test_what_is_wrong_is_named(text: str, code: str) -> None:
    """Each file has the one mistake it was written for, and it is found with its place."""
    findings = list(check_compose("compose.yaml", text.encode()))
    assert code in {finding.code for finding in findings}
    assert all(finding.line for finding in findings if text)


@pytest.mark.parametrize("text", GOOD)
def test_what_is_fine_is_left_alone(text: str) -> None:
    """The short and the long form of everything."""
    assert codes(text) == set()


def test_the_place_is_that_of_the_mistake() -> None:
    """Line and column of the key or item that is wrong."""
    (finding,) = check_compose("c.yaml", (APP + "    ports:\n      - '80:80'\n      - nonsense\n").encode())
    assert (finding.line, finding.column) == (6, 9)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("docker-compose.yml", True),
        ("deploy/compose.prod.yaml", True),
        ("docker-compose.override.yml.example", False),
        ("recompose.yml", False),
    ],
)
def test_which_files_are_compose_files(path: str, expected: bool) -> None:
    """By name, as Compose finds them."""
    assert is_compose(path) is expected

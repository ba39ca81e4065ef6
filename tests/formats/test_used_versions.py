"""Versions that files bring: tags as each image's own page has them, and families of RDS."""

from __future__ import annotations

import json

import pytest

from syncbot.formats.used_versions import used_versions


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("node:22-trixie-slim", ("node", "22")),
        ("node:22.11.0-alpine3.20@sha256:" + "0" * 64, ("node", "22")),
        ("docker.io/library/node:42", ("node", "42")),
        ("registry.acme.example:5000/mirror/node:18", ("node", "18")),
        ("node", None),
        ("node:latest", None),
        ("node:lts-slim", None),
        ("acme/node:2026.1", None),
        ("kindest/node:v1.29.2", None),
        ("python:3.13.1-slim", ("python", "3.13")),
        ("python:3.15.0rc1", ("python", "3.15")),
        ("python:3.15-rc-slim", ("python", "3.15")),
        ("python:3-slim", None),
        ("mirror.acme.example/golang:1.24-trixie", ("go", "1.24")),
        ("golang:1.26rc1", ("go", "1.26")),
        ("golang:1", None),
        ("postgres:17.2-alpine", ("postgres", "17")),
        ("pgvector/pgvector:pg16", ("postgres", "16")),
        ("prometheuscommunity/postgres-exporter:v0.15.0", None),
        ("redis:7", None),
    ],
)
def test_of_an_image(image: str, expected: tuple[str, str] | None) -> None:
    """The same in a Dockerfile and in Compose; a tag without a release says nothing."""
    versions = frozenset([expected] if expected else [])
    assert used_versions("Dockerfile", f"FROM {image} AS build\nRUN true\nFROM build\n".encode()) == versions
    assert used_versions("docker-compose.yml", f"services:\n  it:\n    image: {image}\n".encode()) == versions
    assert used_versions("README.md", f"FROM {image}\n".encode()) == frozenset()


def test_of_a_variable() -> None:
    """What the variable is unless somebody says otherwise."""
    assert used_versions("Dockerfile", b"ARG NODE=20\nFROM node:${NODE}-slim\n") == {("node", "20")}


def test_of_a_parameter_group() -> None:
    """The family's major, of the product on RDS; other JSON, and what is none, has no version."""
    group = {"resource": {"aws_db_parameter_group": {"main": {"name": "it", "family": "postgres16"}}}}
    assert used_versions("rds.tf.json", json.dumps(group).encode()) == {("rds-postgres", "16")}
    for content in (b"{", b"[]", b'{"family": "postgres16"}', b"\xff"):
        assert used_versions("rds.tf.json", content) == frozenset()

"""Renderings of the shipped template, as `syncbot check` makes them, and one with some of its files replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from syncbot.check.types import Rendering
from syncbot.model.files import File
from syncbot.render import Templates, load_templates

PROJECT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 23)
ANSWERS: Mapping[str, object] = {
    "service_name": "payments-api",
    "organization": "acme",
    "team": "@acme/payments",
    "owners": "@acme/platform",
    "runtime": "node",
    "node_version": "24",
    "postgres_version": "17",
    "postgres_parameters": {"work_mem": "64MB", "max_connections": 200, "jit": False, "statement_timeout": "30s"},
}


@cache
def templates() -> Templates:
    return load_templates(PROJECT)


def rendering(repo: str = "acme/payments-api", **answers: object) -> Rendering:
    """The Node service with a database, some answers changed."""
    given = {**ANSWERS, "service_name": repo.partition("/")[2], **answers}
    return Rendering(
        repo=repo,
        files=templates().render("service", given),
        owned=templates().specs["service"].owned,
        owners="@acme/platform",
        answers=templates().resolved("service", given),
        today=TODAY,
    )


def with_file(base: Rendering, path: str, content: str | None, repo: str | None = None) -> Rendering:
    """The rendering with one file replaced, or without it."""
    files = {name: file for name, file in base.files.items() if name != path}
    if content is not None:
        files[path] = File(content=content.encode())
    return replace(base, files=files, repo=repo or base.repo)

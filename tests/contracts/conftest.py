"""GitHub's published schemas, each loaded once for a session; absent only where npm is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema

from .openapi import Contract

NODE_MODULES = Path(__file__).parents[2] / "node_modules" / "@octokit"


def published(path: str) -> str:
    """The text of a file that npm installs; skips without npm, but fails in CI, where npm must have done it."""
    file = NODE_MODULES / path
    if not file.exists():
        stop = pytest.fail if os.environ.get("CI") and shutil.which("npm") else pytest.skip
        stop(f"GitHub's published schemas are not installed (npm ci): no {file.name}")
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def github_schema() -> GraphQLSchema:
    """GitHub's GraphQL schema. It breaks a few rules of the GraphQL specification itself, so it is taken as it is."""
    text = published("graphql-schema/schema.graphql")
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(json.loads(published("openapi/generated/api.github.com.json")))

"""Files that tools look for under several names: in the order of each tool, which reads the first that exists. Pure."""

from __future__ import annotations

from syncbot.formats.codeowners import LOCATIONS as CODEOWNERS

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""By compose-go's DefaultFileNames."""
DOCKERIGNORE = ("Dockerfile.dockerignore", ".dockerignore")
"""For the build of `Dockerfile`, by Docker's "Build context": filename and location."""


def read_before(path: str) -> tuple[str, ...]:
    """The paths of which any, where it exists, is read in the place of `path`."""
    found = (names[: names.index(path)] for names in (CODEOWNERS, COMPOSE, DOCKERIGNORE) if path in names)
    return next(found, ())

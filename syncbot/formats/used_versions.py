"""Which versions a file brings, of products whose support dates are known: base images, services, RDS families. Pure.

A tag that names no release (`latest`, `python:3`) says nothing. Source of the tags: each image's own page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from syncbot.formats.images import Image, is_tool, postgres_image
from syncbot.formats.parameter_group import read_groups
from syncbot.formats.used_images import used_images

Version = tuple[str, str]
"""A product and its release: `("node", "22")`, `("python", "3.13")`, `("rds-postgres", "17")`."""

# By the last part of an image's path, which mirrors keep. What an organisation numbers by itself (`acme/node:2026.1`)
# looks like no release of the product.
_RELEASES: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "node": ("node", re.compile(r"([1-9]\d?)(?:[.-].*)?")),
    "python": ("python", re.compile(r"([23]\.\d{1,2})(?:[.abr-].*)?")),
    "golang": ("go", re.compile(r"(1\.\d{1,2})(?:[.br-].*)?")),
}


def used_versions(path: str, content: bytes) -> frozenset[Version]:
    """The versions in one file; none of a file of another kind, or that cannot be read."""
    return frozenset((*_of_images(used_images(path, content)), *_of_groups(path, content)))


def _of_images(images: tuple[Image, ...]) -> Iterator[Version]:
    for image in images:
        product, release = _RELEASES.get(image.name.lower(), ("", None))
        if release and (found := release.fullmatch(image.tag)):
            yield product, found[1]
        postgres = None if is_tool(image) else postgres_image(image)
        if postgres and postgres.major:
            yield "postgres", str(postgres.major)


def _of_groups(path: str, content: bytes) -> Iterator[Version]:
    if not path.endswith(".json"):
        return
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return
    yield from (("rds-postgres", str(group.major)) for group in read_groups(document) if group.major)

"""A repo with the bot's first or second pull request open, and what such a pull request does."""

from __future__ import annotations

from tests.life.small import SmallPlatform
from tests.sandbox_support import make_repo, merge_pull

REPO = "acme/one"


def first_delivery(platform: SmallPlatform, **answers: object) -> None:
    """The first pull request is open."""
    platform.fleet("one", answers=answers)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()


def second_delivery(platform: SmallPlatform, **answers: object) -> None:
    """The first pull request is merged, the second open."""
    first_delivery(platform)
    merge_pull(platform.sandbox, REPO, 1)
    platform.fleet("one", answers=answers)
    platform.apply()


def changed(platform: SmallPlatform, number: int) -> dict[str, str]:
    """What the pull request's diff says it does, by path."""
    return {file.filename: file.status for file in platform.pull(REPO, number).get_files()}


def is_settled(platform: SmallPlatform) -> bool:
    return platform.apply().writes == 0

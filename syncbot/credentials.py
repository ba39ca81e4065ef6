"""The variables that hold what syncbot itself was given to prove who it is. An environment in, one without them out."""

from __future__ import annotations

from collections.abc import Mapping

CREDENTIALS = frozenset(
    {
        "GITHUB_TOKEN",
        "SYNCBOT_APP_PRIVATE_KEY",
        "SYNCBOT_APP_PRIVATE_KEY_FILE",
        "SYNCBOT_POSTGRES_DSN",
    }
)


def without_credentials(environment: Mapping[str, str]) -> dict[str, str]:
    """For programs that are the user's own (git, docker): everything else is theirs to have, proxies and agents too."""
    return {name: value for name, value in environment.items() if name not in CREDENTIALS}


def to_read_with_git(environment: Mapping[str, str]) -> dict[str, str]:
    """For git that reads a checkout: a hook's own GIT_DIR and the like do not reach it either, and it locks nothing."""
    inherited = {name: value for name, value in without_credentials(environment).items() if not name.startswith("GIT_")}
    return inherited | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}

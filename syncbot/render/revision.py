"""The revision: which commit config and templates come from, whether they are as it has them, and whether it is merged.

Only reads, and asks no remote: what this checkout knows of the remote's default branch is what was fetched last.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from syncbot.git import NoGitError, read, read_text
from syncbot.model.files import File, blob_id
from syncbot.model.fleet import Merged, Source
from syncbot.render.history import entries_at, is_ancestor
from syncbot.render.sources import CONFIG, FOLDER, SECOND_CONFIG

ORIGIN = "origin"


def source(root: Path, files: Mapping[str, File], environment: Mapping[str, str] = os.environ) -> Source:
    """Where the desired state comes from; `files` is all that was read of it, by path below `root`.

    No commit outside git, or where git is not installed. The repository is GITHUB_REPOSITORY, as GitHub Actions sets
    it, or else read from the URL of the remote.
    """
    try:
        inside_git = read(root, "rev-parse", "--is-inside-work-tree") is not None
    except NoGitError:
        inside_git = False
    if not inside_git:
        return Source()
    commit = read_text(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    remote = _remote(root)
    repository = _name(read_text(root, "remote", "get-url", remote)) if remote else None
    branch = _default_branch(root, remote, repository, environment) if remote else ""
    return Source(
        commit=commit or None,
        differing=_differing(root, commit, files),
        merged=_merged(root, commit, remote, branch),
        remote=remote,
        branch=branch,
        repository=environment.get("GITHUB_REPOSITORY") or repository,
    )


def _differing(root: Path, commit: str, files: Mapping[str, File]) -> tuple[str, ...]:
    """Judged by the bytes that were read, since those are rendered: ignored and converted files are no exception."""
    paths = tuple(dict.fromkeys((CONFIG, SECOND_CONFIG, FOLDER, *files)))
    committed = {path: (mode, blob) for path, mode, blob in entries_at(root, commit, paths)}
    present = {path: (file.mode, blob_id(file.content)) for path, file in files.items()}
    return tuple(path for path in sorted({*committed, *present}) if committed.get(path) != present.get(path))


def _remote(root: Path) -> str:
    """`origin`, or the first that there is; empty without any."""
    remotes = sorted(read_text(root, "remote").split())
    return ORIGIN if ORIGIN in remotes else next(iter(remotes), "")


def _default_branch(root: Path, remote: str, repository: str | None, environment: Mapping[str, str]) -> str:
    """As `git clone` noted it, or as GitHub Actions tells of the repository that a run is for; empty where unknown."""
    prefix = f"refs/remotes/{remote}/"
    noted = read_text(root, "symbolic-ref", "--quiet", f"{prefix}HEAD")
    if noted.startswith(prefix):
        return noted.removeprefix(prefix)
    is_this = repository and repository.lower() == environment.get("GITHUB_REPOSITORY", "").lower()
    return _of_the_event(environment) if is_this and environment.get("GITHUB_ACTIONS") else ""


def _of_the_event(environment: Mapping[str, str]) -> str:
    """The default branch by the event of a run. A scheduled one runs on no other.

    Source: GitHub's documentation of webhook payloads (`repository`) and of events that trigger workflows.
    """
    try:
        event = json.loads(Path(environment.get("GITHUB_EVENT_PATH", "")).read_bytes())
    except (OSError, ValueError):
        event = None
    match event:
        case {"repository": {"default_branch": str(branch)}}:
            return branch
    is_scheduled = environment.get("GITHUB_EVENT_NAME") == "schedule"
    return environment.get("GITHUB_REF_NAME", "") if is_scheduled else ""


def _merged(root: Path, commit: str, remote: str, branch: str) -> Merged:
    if not remote:
        return Merged.NO_REMOTE
    if not branch:
        return Merged.UNKNOWN
    tip = f"refs/remotes/{remote}/{branch}"
    if read(root, "rev-parse", "--verify", "--quiet", f"{tip}^{{commit}}") is None:
        return Merged.NOT_FETCHED
    return Merged.YES if is_ancestor(root, commit, tip) else Merged.NO


def _name(url: str) -> str | None:
    """`owner/name` from any of git's spellings of a remote's URL."""
    found = re.search(r"[:/]([^/:]+/[^/:]+?)(?:\.git)?/?\Z", url)
    return found[1] if found else None

"""Bulkheads: whatever one repo holds or answers fails that repo alone, as a `Failure` with the traceback in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from syncbot.errors import FailureCode, RenderError, RepoError, SyncbotError
from syncbot.model.observation import Failure

T = TypeVar("T")
_log = logging.getLogger(__name__)


def contained(repo: str, step: Callable[[], T]) -> T | Failure:
    """What the step gives for this repo, or how it failed.

    What concerns every repo is raised: ForgeError, OutOfTime and the like.
    """
    try:
        return step()
    except (RepoError, RenderError) as error:
        return failure(repo, error)
    except SyncbotError:
        raise
    except Exception as error:
        return failure(repo, error)


def contained_each(
    repos: Sequence[str], read: Callable[[Sequence[str]], Mapping[str, T | Failure]]
) -> Mapping[str, T | Failure]:
    """What is read of many repos at once; where that fails, of each by itself, to find the one that it fails for."""
    try:
        return read(repos)
    except SyncbotError as error:
        if not isinstance(error, RepoError | RenderError):
            raise
    except Exception:
        _log.info("%d repos cannot be read together; each is read by itself", len(repos), exc_info=True)
    seen: dict[str, T | Failure] = {}
    for repo in repos:
        outcome = contained(repo, lambda repo=repo: read((repo,)))  # type: ignore[misc]
        seen |= {repo: outcome} if isinstance(outcome, Failure) else outcome
    return seen


def failure(repo: str, error: Exception) -> Failure:
    """The error as the repo's failure: GitHub's no, the environment's fault, or else a bug."""
    match error:
        case RepoError():
            return Failure(code=error.code, reason=str(error))
        case RenderError():
            return Failure(code=FailureCode.RENDER, reason=str(error))
        case OSError():
            return Failure(code=FailureCode.ENVIRONMENT, reason=environment_fault(error))
    _log.error("%s: a bug in syncbot", repo, exc_info=error)
    text = " ".join(str(error).split())
    return Failure(
        code=FailureCode.BUG, reason=f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
    )


def environment_fault(error: OSError) -> str:
    """What the computer refuses, on one line."""
    what = error.strerror or " ".join(str(error).split()) or type(error).__name__
    return f"{error.filename}: {what}" if error.filename else what

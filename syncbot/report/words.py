"""What people should know before a run writes or approves, in words: the plan's values in, sentences out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from syncbot.model.files import LOCK_PATH
from syncbot.model.fleet import Merged, Source
from syncbot.plan.file_reasons import Malformed
from syncbot.plan.files.guard import EditKind, ModeChanged
from syncbot.plan.fleet.brakes import (
    SMALL_FLEET,
    Brake,
    Closings,
    Deletions,
    FleetShare,
    LostOwnerships,
    Uncommitted,
    UnknownVersion,
    Unmerged,
)
from syncbot.plan.fleet.exemptions import Notice
from syncbot.plan.pulls.approval import Objection, ObjectionCode
from syncbot.plan.pulls.ignored_commands import IgnoredCommand
from syncbot.plan.why import CommandFlaw
from syncbot.report.why import why_words
from syncbot.report.wording import count
from syncbot.tables import total

_EDITS = total(
    EditKind,
    {
        EditKind.FILE_REMOVED: "is removed",
        EditKind.BLOCK_REMOVED: "the syncbot block is removed",
        EditKind.LINES_REMOVED: "lines are removed here",
        EditKind.LINES_CHANGED: "changed here",
    },
)
_FLAWS = total(
    CommandFlaw,
    {
        CommandFlaw.UNREADABLE: "which is no command: see docs/pull-requests.md",
        CommandFlaw.PAST: "and that day is past",
        CommandFlaw.TOO_FAR: "and that day is more than a year away",
    },
)


def brake_words(brake: Brake) -> str:
    """Why the run stops."""
    match brake:
        case Uncommitted(source=source):
            return _uncommitted(source)
        case Unmerged(source=source):
            return _unmerged(source)
        case UnknownVersion(wrong=wrong, repos=repos):
            new = f"would be new to {count(len(repos), 'repo')} ({first_few(repos)})"
            return f"{wrong}, and {new}: name another version"
        case FleetShare():
            return _fleet_share(brake)
        case Deletions(repos=repos, allowed=allowed):
            more = f"(more than {allowed}): {first_few(repos)}"
            return f"this would remove owned files in {len(repos)} repos {more}"
        case Closings(repos=repos, allowed=allowed):
            more = f"(more than {allowed}): {first_few(repos)}"
            return f"this would close the pull requests of {len(repos)} repos that are not in the config {more}"
        case LostOwnerships(lost=lost):
            shrunk = [f"{each.repo} ({each.pattern} {each.owner})" for each in lost]
            return f"this would take ownership away in {count(len(shrunk), 'repo')}: {first_few(shrunk)}"
    assert_never(brake)


def _uncommitted(source: Source) -> str:
    todo = "commit it first" if source.merged is Merged.NO_REMOTE else "commit it, and push and merge that first"
    if source.commit is None:
        return f"what would be published is in no git commit: {todo}"
    differ = "differs" if len(source.differing) == 1 else "differ"
    return f"{first_few(source.differing)} {differ} from commit {source.commit[:12]}: {todo}"


def _unmerged(source: Source) -> str:
    commit, branch = f"commit {(source.commit or '')[:12]}", f"{source.remote}/{source.branch}"
    match source.merged:
        case Merged.YES | Merged.NO_REMOTE:
            return ""
        case Merged.NO:
            return f"{commit} is not on {branch} as it was fetched last: push and merge it, then git fetch"
        case Merged.NOT_FETCHED:
            return (
                f"{commit} is not known to be on {branch}, which is not fetched here: git fetch {source.remote} "
                f"(actions/checkout: `fetch-depth: 0`)"
            )
        case Merged.UNKNOWN:
            return (
                f"{commit} is not known to be merged, for which branch of {source.remote} is the default one is not "
                f"known here: git remote set-head {source.remote} --auto"
            )
    assert_never(source.merged)


def _fleet_share(brake: FleetShare) -> str:
    way_out = "try it on a few with --max-prs and merge one of those"
    if brake.is_shallow:
        way_out = (
            "but the git history is cut off here, so that what was merged may not be known: check the platform repo "
            "out in full (actions/checkout: `fetch-depth: 0`)"
        )
    small = (
        f", which is {count(brake.allowed, 'repo')} in a fleet below {SMALL_FLEET}" if brake.fleet < SMALL_FLEET else ""
    )
    return (
        f"this would bring a change that no repo has merged yet to {brake.touched} of {brake.fleet} repos "
        f"({brake.touched / brake.fleet:.0%}; limits.max_fleet_share is {brake.limit:.0%}{small}): {way_out}"
    )


def objection_words(objection: Objection) -> str:
    """Why a pull request is not approved."""
    match objection.code:
        case ObjectionCode.NOT_CURRENT:
            return f"{objection.why.reason}: {why_words(objection.why)}" if objection.why else ""
        case ObjectionCode.ALREADY_APPROVED:
            return "this identity approved this head before"
        case ObjectionCode.TOO_MANY_FILES:
            return "it changes more files than GitHub lists"
        case ObjectionCode.OTHER_FILES:
            return f"it changes other files: {first_few(objection.paths)}"
        case ObjectionCode.DIFFERS:
            return f"not as the template renders it now: {first_few(objection.paths)}"
        case ObjectionCode.LOCK_DIFFERS:
            return f"{LOCK_PATH} records something else than is delivered"
        case ObjectionCode.MOVED:
            return "it changed while it was examined"
    assert_never(objection.code)


def notice_words(notice: Notice) -> str:
    """Which exemption ends when."""
    exemption = notice.exemption
    what = exemption.path or (f"{exemption.answer} {exemption.keep}" if exemption.answer else "the whole repo")
    when = f"ended on {exemption.until}" if notice.has_ended else f"ends on {exemption.until}"
    return f"{notice.repo}: the exemption for {what} ({exemption.owner}) {when}"


def ignored_words(ignored: IgnoredCommand) -> str:
    """Who said what on which pull request, and why nothing follows from it."""
    return f"{ignored.repo}#{ignored.number}: @{ignored.author} said `{ignored.line}`, {_FLAWS[ignored.flaw]}"


def edit_words(what: EditKind | ModeChanged | Malformed) -> str:
    """What was done to a file that the platform team owns."""
    match what:
        case EditKind():
            return _EDITS[what]
        case ModeChanged(mode=mode):
            return f"its mode is changed to {mode}"
        case Malformed(detail=detail):
            return detail
    assert_never(what)


def first_few(names: Sequence[str]) -> str:
    """At most five of the names, and how many more there are."""
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown

"""Why something is or is not done, in words: the plan's values in, phrases without a full stop out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from syncbot.formats.diagnostics import SYNCBOT, Diagnostic
from syncbot.plan.file_reasons import (
    Beside,
    Blocker,
    ByHand,
    EntryKind,
    Exempted,
    FileWhy,
    HeldWithMajor,
    InTheWay,
    Malformed,
    Needs,
    NotAFolder,
    UnknownMajor,
)
from syncbot.plan.reasons import BaseMerge, Limit, Quiet, Reason
from syncbot.plan.states import FileState, Gone
from syncbot.plan.why import (
    AskedAnew,
    BaseMoved,
    BaseSwitched,
    BotLoop,
    BranchBlocked,
    CheckFailed,
    CommandFlaw,
    Conflicts,
    Declined,
    Downgrade,
    DriftGone,
    Duplicate,
    FileRef,
    Files,
    Held,
    HeldBack,
    HoldRefused,
    LeftFleet,
    LimitReached,
    LosesUnseen,
    NotBrought,
    Plain,
    ProposedElsewhere,
    Reopened,
    Retargeted,
    StaysOpen,
    StaysQuiet,
    Superseded,
    TeamConflict,
    Unread,
    UnverifiedCommand,
    Why,
    Withdrawn,
)
from syncbot.report.reasons import QUIET
from syncbot.tables import total

_CONFLICTS = "it conflicts with its base"
_CONFLICT_ENDS = total(
    BaseMerge,
    {
        BaseMerge.MERGED: ": the base is merged into it",
        BaseMerge.REBASE_ONLY: ", and the repo allows rebasing only",
        BaseMerge.REBASE_ONLY_SHARED: ", the repo allows rebasing only, and {who} committed",
        BaseMerge.LINEAR: ", and its branch takes no merge commit",
        BaseMerge.LINEAR_SHARED: ", its branch takes no merge commit, and {who} committed",
        BaseMerge.UNLISTED: "; GitHub could not list the files",
    },
)
_MOVED_ENDS = total(
    BaseMerge,
    {
        BaseMerge.MERGED: ": the base is merged into it",
        BaseMerge.REBASE_ONLY: "; the repo allows rebasing only",
        BaseMerge.REBASE_ONLY_SHARED: "; the repo allows rebasing only, and {who} committed",
        BaseMerge.LINEAR: "; its branch takes no merge commit",
        BaseMerge.LINEAR_SHARED: "; its branch takes no merge commit, and {who} committed",
        BaseMerge.UNLISTED: "; GitHub could not list the files",
    },
)
_HELD_TO = total(
    CommandFlaw,
    {
        CommandFlaw.UNREADABLE: "in words that syncbot cannot follow",
        CommandFlaw.PAST: "until a day that was past already",
        CommandFlaw.TOO_FAR: "until a day more than a year away",
    },
)
_GONE = total(
    Gone,
    {
        Gone.AS_DESIRED: "the default branch is as desired",
        Gone.EXEMPT: "the platform team's config exempts the files",
        Gone.DECLINED: "people said no to it",
    },
)
_ENTRIES = total(
    EntryKind,
    {
        EntryKind.FILE: "a file",
        EntryKind.SYMLINK: "a symlink",
        EntryKind.SUBMODULE: "a submodule",
        EntryKind.FOLDER: "a folder",
    },
)
_LIMITS = total(
    Limit,
    {
        Limit.OPEN: "limits.open_pull_requests is reached",
        Limit.PER_HOUR: "limits.pull_requests_per_hour is reached",
        Limit.PER_RUN: "--max-prs is reached",
        Limit.PLANNED: "the plan of this run is reached",
    },
)
_BLOCKERS = total(
    Blocker,
    {
        Blocker.NO_WORKFLOW_PERMISSION: "the identity lacks the permission to write workflow files",
        Blocker.UNREADABLE: "it is binary, too large, or not UTF-8 text",
        Blocker.LFS_POINTER: "it is a Git LFS pointer",
        Blocker.CRLF: "it has CRLF line ends; owned files have LF",
        Blocker.EDITED_AND_RETIRED: "no longer owned, but edited since it was delivered: it is the team's now",
    },
)


def who(other_bots: Sequence[str]) -> str:
    """Who committed beside syncbot: `people`, or the other bots by their logins where nobody else did."""
    return " and ".join(other_bots) or "people"


def file_why_words(why: FileWhy | None) -> str:
    """Why a file is not to be written; empty for None."""
    match why:
        case None:
            return ""
        case Blocker():
            return _BLOCKERS[why]
        case InTheWay() | NotAFolder() | Beside():
            return _in_the_way(why)
        case Malformed(detail=detail):
            return detail
        case Exempted(exemption=exemption):
            return f"until {exemption.until} ({exemption.owner}): {exemption.reason}"
        case UnknownMajor():
            return _unknown_major(why)
        case HeldWithMajor() | Needs():
            return _held_with(why)
        case ByHand(label=label, value=value):
            set_here = f"{label} {value} was set here by hand"
            return set_here if value else f"which {label or 'version'} it has cannot be told"
    assert_never(why)


def _held_with(why: HeldWithMajor | Needs) -> str:
    if isinstance(why, HeldWithMajor):
        return f"it belongs to the Postgres of {why.path}, and nobody can tell which that is"
    if why.brought_by:
        return f"it needs {why.path}, which {why.brought_by} brings: it is proposed once that is merged"
    reason = "people said no to it" if why.is_refused else f"that is {why.state}" if why.state else ""
    return f"it needs {why.path}, which is not there and is not proposed" + (f": {reason}" if reason else "")


def _in_the_way(why: InTheWay | NotAFolder | Beside) -> str:
    match why:
        case InTheWay(kind=kind):
            return f"{_ENTRIES[kind]} is in the way"
        case NotAFolder(path=path, kind=kind):
            return f"{path} is {_ENTRIES[kind]}, so nothing can be put below it"
        case Beside(path=path, location=location):
            return (
                f"{path} is there, which tools and file systems that ignore case take for {location}: "
                f"rename it to {location} or remove it"
            )
    assert_never(why)


def _unknown_major(unknown: UnknownMajor) -> str:
    where = "the template would run" if unknown.is_proposed else "is here"
    return (
        f"cannot tell which Postgres {where}: {f'{unknown.service}: ' if unknown.service else ''}{unknown.why}; "
        "name the major in the image's tag, put the platform's file here by hand, or exempt the file"
    )


def why_words(why: Why) -> str:
    """Why this is done about a changeset."""
    match why:
        case Plain():
            return _plain(why)
        case Files():
            return _files(why)
        case NotBrought(paths=paths, by=by):
            stays = f"the version of {who(by)} stays on the branch" if by else "people's version stays on the branch"
            return f"{stays}: merging it would not bring what is wanted in {', '.join(paths)}"
        case DriftGone() | Withdrawn() | ProposedElsewhere() | Downgrade() | LeftFleet() | StaysOpen():
            return _ending(why)
        case Conflicts() | BaseMoved() | TeamConflict() | LosesUnseen() | Unread():
            return _base(why)
        case AskedAnew() | Declined() | Held() | HoldRefused() | UnverifiedCommand() | StaysQuiet():
            return _said(why)
        case Retargeted() | BaseSwitched() | Reopened():
            return _set(why)
        case HeldBack() | BranchBlocked() | BotLoop() | Duplicate() | Superseded() | LimitReached() | CheckFailed():
            return _other(why)
    assert_never(why)


def _plain(why: Plain) -> str:
    match why.reason:
        case Reason.UP_TO_DATE:
            return "the open pull request proposes just this"
        case Reason.UNLABELLED:
            return "its label is missing"
        case Reason.TITLE_PREFIX:
            return "its title has another prefix than the config asks for"
        case Reason.QUEUED:
            return "it is in the merge queue; a push would take it out"
        case Reason.AUTO_MERGE:
            return "it merges by itself once its checks pass; a push would start them anew"
        case Reason.APPROVED:
            return "it is approved; a push could dismiss the approval"
        case Reason.REWRITTEN:
            return "no commit of the bot is left on its branch: it is the team's now"
        case Reason.NEEDS_MOVE:
            return "it does not render without another move, which people said no to or which has no way back"
    assert_never(why.reason)


def _files(why: Files) -> str:
    match why.reason:
        case Reason.DRIFT | Reason.UNMANAGED | Reason.POSTGRES_MAJOR | Reason.MOVE:
            return _by_state(why.files)
        case Reason.DESIRED_CHANGED:
            return f"the desired content changed: {_by_state(why.files)}"
        case Reason.REPLACED:
            return f"its branch does not hold what syncbot put there: {_by_state(why.files)}"
        case Reason.NOT_NOW:
            return f"what it proposed cannot be proposed now: {_by_state(why.files)}"
    assert_never(why.reason)


def _ending(why: DriftGone | Withdrawn | ProposedElsewhere | Downgrade | LeftFleet | StaysOpen) -> str:
    match why:
        case DriftGone(gone=gone):
            words = ", or ".join(_GONE[each] for each in gone) or "the template does not own the files now"
            return f"nothing is left to change: {words}"
        case Withdrawn(move=move):
            return f"the move `{move}` is not what the platform team's config asks for now, or is made already"
        case ProposedElsewhere(paths=paths):
            return f"what it proposed is part of another pull request now: {', '.join(paths)}"
        case Downgrade(label=label, answer=answer, before=old, after=new):
            return (
                f"{label} {new} cannot read the data of {label} {old}, which is here now: "
                f"set {answer} to {old}, or restore a snapshot from before the move"
            )
        case LeftFleet():
            return "the repo is no longer in the platform team's config"
        case StaysOpen(ending=ending, by=by):
            return f"{why_words(ending)}; {who(by)} committed to it, so it stays open"
    assert_never(why)


def _base(why: Conflicts | BaseMoved | TeamConflict | LosesUnseen | Unread) -> str:
    match why:
        case Conflicts(outcome=outcome, by=by):
            return f"{_CONFLICTS}{_CONFLICT_ENDS[outcome].format(who=who(by))}"
        case BaseMoved(paths=paths, outcome=outcome, by=by):
            changed = f"the default branch changed {', '.join(paths)} since it was opened"
            return f"the desired content changed, and {changed}{_MOVED_ENDS[outcome].format(who=who(by))}"
        case TeamConflict(paths=paths):
            return f"{_CONFLICTS} in files that are the team's to resolve: {', '.join(paths)}"
        case LosesUnseen(paths=paths, accepted=accepted):
            lost = f"what came there since would be lost unseen: {why_words(accepted)}"
            return f"{_CONFLICTS} in {', '.join(paths)}, and {lost}"
        case Unread(paths=paths):
            return f"the default branch moved while this was read: {', '.join(paths)}"
    assert_never(why)


def _said(why: AskedAnew | Declined | Held | HoldRefused | UnverifiedCommand | StaysQuiet) -> str:
    match why:
        case AskedAnew(author=author, is_empty=is_empty):
            return f"@{author} asked for a new one{', and nothing is to be proposed now' if is_empty else ''}"
        case Declined(author=author, until=until):
            return f"@{author} declined it until {until}"
        case Held(author=author, until=until, beside=beside):
            return f"@{author} asked to hold it{f' until {until}' if until else ''}{_beside(beside)}"
        case HoldRefused(author=author, flaw=flaw):
            return f"@{author} asked to hold it {_HELD_TO[flaw]}"
        case UnverifiedCommand(author=author, beside=beside):
            return (
                f"@{author} gave it a command, and GitHub does not say whether they may: whoever has write access says "
                f"again what is wanted{_beside(beside)}"
            )
        case StaysQuiet(answers=answers):
            return "; ".join(QUIET[each] if isinstance(each, Quiet) else why_words(each) for each in answers)
    assert_never(why)


def _set(why: Retargeted | BaseSwitched | Reopened) -> str:
    match why:
        case Retargeted(base=base):
            return f"it points at {base}, which is not the default branch: left to people"
        case BaseSwitched(base=base, default=default, is_wanted=is_wanted):
            switched = f"the default branch is {default} now, and it points at {base}"
            way_out = f", where people want it: point it at {default}, or say `/syncbot recreate`"
            return f"{switched}{way_out if is_wanted else ''}"
        case Reopened(left_fleet=left_fleet):
            though = why_words(LeftFleet()) if left_fleet else "nothing is left to change"
            return f"a person reopened it, though {though}"
    assert_never(why)


def _other(
    why: HeldBack | BranchBlocked | BotLoop | Duplicate | Superseded | LimitReached | CheckFailed,
) -> str:
    match why:
        case HeldBack(label=label, after=after, files=files):
            held = "; ".join(_held(file) for file in files)
            return f"half a move to {label} {after} would not work, and {held}"
        case BotLoop(commits=commits):
            return f"{commits} bot commits in a row: somebody has to look at it"
        case BranchBlocked(branch=branch):
            return f"a branch named `{branch}` stands in the way of `{branch}/…`: rename or delete it"
        case Duplicate(of=number, is_theirs=is_theirs, by=by):
            worked = f", and {who(by)} worked on this one" if is_theirs else ""
            return f"#{number} is open for the same files{worked}"
        case Superseded(because=because, by=number):
            return f"{why_words(because)}; #{number} is open for the same files, and goes on"
        case LimitReached(limit=limit):
            return f"waits for a later run: {_LIMITS[limit]}"
        case CheckFailed(errors=errors):
            more = f" (and {len(errors) - 1} more: syncbot check)" if len(errors) > 1 else ""
            return f"not proposed: {_error(errors[0])}{more}"
    assert_never(why)


def _beside(number: int | None) -> str:
    return f"; #{number} is open for the same files" if number else ""


def _held(file: FileRef) -> str:
    return f"{file.path} is {file.state}" + (f" ({file_why_words(file.why)})" if file.why else "")


def _by_state(files: Iterable[FileRef]) -> str:
    """`behind: Dockerfile, docker-compose.yml; missing: .github/CODEOWNERS`."""
    paths: dict[FileState, list[str]] = {}
    for file in files:
        paths.setdefault(file.state, []).append(file.path)
    return "; ".join(f"{state}: {', '.join(names)}" for state, names in paths.items())


def _error(found: Diagnostic) -> str:
    """Where, what, and by which rule of which tool."""
    return f"{found} ({found.code})" if found.tool == SYNCBOT else f"{found} ({found.tool} {found.code})"

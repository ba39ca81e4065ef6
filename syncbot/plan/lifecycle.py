"""Life cycle: what is done about an open pull request. Pure: rules in order, the first that speaks decides.

People come first: a command, another target, a reopening. Then the content. A push is withheld where it would undo what
somebody did, and nothing is ever forced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from syncbot.model import (
    LABEL,
    LOCK_PATH,
    Decline,
    FileId,
    Hold,
    Mergeable,
    Observation,
    PullRequest,
    Recreate,
    ReviewDecision,
)
from syncbot.plan.branch import branch_writes, is_new_and_moved, unread_paths, unreadable_on_base
from syncbot.plan.commands import Unverified, standing_command
from syncbot.plan.compare import EarlierRenderings
from syncbot.plan.endings import close_or_tell, gone_in_words, unverified
from syncbot.plan.merge_trees import Merged, lost_paths, merge_trees, picked
from syncbot.plan.postgres_major import PREFIX as POSTGRES
from syncbot.plan.postgres_major import is_withdrawn
from syncbot.plan.said import is_said
from syncbot.plan.states import FileState
from syncbot.plan.trailers import digest
from syncbot.plan.values import (
    Action,
    ClosePullRequest,
    FileStatus,
    FileWrite,
    LabelPullRequest,
    LeaveAlone,
    TellPeople,
    TreeChange,
    UpdatePullRequest,
)

MAX_BOT_STREAK = 5
"""Bot commits in a row on one branch after which it is left alone: somebody has to look."""

LABELLED_WITHIN = timedelta(days=7)
"""How long a missing label is tried again: one that GitHub refuses is not asked for each night for ever."""

CONFLICTS = "it conflicts with its base"
REWRITTEN = "no commit of the bot is left on its branch: it is the team's now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An open pull request and all that bears on it; `wanted` is what it should propose now.

    `held_back` and `refused` say why it should not propose a Postgres major, for now or at all.
    """

    wanted: tuple[FileStatus, ...]
    statuses: Sequence[FileStatus]
    opened: PullRequest
    observation: Observation
    lock_writes: tuple[FileWrite, ...]
    earlier: EarlierRenderings
    today: date
    held_back: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceWithNew:
    """Close it and open a new one from scratch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An action with its stable code and its reason in words."""

    action: Action | ReplaceWithNew
    code: str
    reason: str


def decide(case: Case) -> Decision:
    """What to do about the open pull request."""
    rules = (_commanded, _elsewhere, _nothing_left, _conflicting, _unchanged, _withheld, _looping)
    decisions = (rule(case) for rule in rules)
    return next((decision for decision in decisions if decision), None) or _update(case)


def proposed_by(wanted: Sequence[FileStatus]) -> Mapping[str, FileId | None]:
    """The desired content of a changeset, by path."""
    return {status.path: status.desired for status in wanted}


def states_in_words(statuses: Sequence[FileStatus]) -> str:
    """`behind: Dockerfile, docker-compose.yml; missing: .github/CODEOWNERS`."""
    paths: dict[FileState, list[str]] = {}
    for status in statuses:
        paths.setdefault(status.state, []).append(status.path)
    return "; ".join(f"{state}: {', '.join(names)}" for state, names in paths.items())


def _commanded(case: Case) -> Decision | None:
    said = standing_command(case.opened.comments)
    match said:
        case (Hold(), author):
            return _leave("held", f"@{author} asked to hold it")
        case (Unverified(), author):
            return _leave("unverified-command", unverified(author))
        case (Recreate(), author) if case.wanted:
            return Decision(action=ReplaceWithNew(), code="recreate", reason=f"@{author} asked for a new one")
        case (Recreate(), author):
            return _close(case, "recreate", f"@{author} asked for a new one, and nothing is to be proposed now")
        case (Decline(until=until), author) if case.today <= until:
            return _close(case, "declined", f"@{author} declined it until {until}")
    return None


def _elsewhere(case: Case) -> Decision | None:
    """It points at another branch than the default one: because a person chose that, or the default was switched."""
    opened, default = case.opened, case.observation.default_branch
    if opened.base == default:
        return None
    if opened.retargeted:
        return _leave("retargeted", f"it points at {opened.base}, which is not the default branch: left to people")
    switched = f"the default branch is {default} now, and it points at {opened.base}"
    if opened.reopened or opened.people_committed or opened.queued or opened.auto_merge:
        reason = f"{switched}, where people want it: point it at {default}, or say `/syncbot recreate`"
        return _leave("base-switched", reason)
    if not case.wanted:
        return None
    return Decision(action=ReplaceWithNew(), code="base-switched", reason=switched)


def _nothing_left(case: Case) -> Decision | None:
    if case.wanted:
        return None
    if case.refused and not case.opened.reopened:
        return _end(case, "postgres-downgrade", case.refused)
    if case.opened.reopened:
        return _leave("reopened", "a person reopened it, though nothing is left to change")
    if case.held_back:
        return _leave("postgres-held-back", case.held_back)
    if not case.opened.commits:
        return _leave("rewritten", REWRITTEN)
    return _ended(case)


def _ended(case: Case) -> Decision:
    """What becomes of it by what became of the files that it proposed last."""
    ours = [status for status in case.statuses if status.path in case.opened.proposed]
    left = [status for status in ours if status.treatment.drift and not status.quiet]
    if not left:
        return _end(case, "drift-gone", f"nothing is left to change: {gone_in_words(ours)}")
    if is_withdrawn(case.opened.changeset, case.statuses) and not any(s.treatment.unknown for s in left):
        major = case.opened.changeset.removeprefix(POSTGRES)
        reason = f"a move to Postgres {major} is not what the platform team's config asks for now, or is made already"
        return _end(case, "postgres-withdrawn", reason)
    if all(status.proposal for status in left):
        # Wanted, and not here: adopted, or part of a move to another Postgres major.
        paths = ", ".join(status.path for status in left)
        return _end(case, "proposed-elsewhere", f"what it proposed is part of another pull request now: {paths}")
    return _leave("not-now", f"what it proposed cannot be proposed now: {states_in_words(left)}")


def _end(case: Case, code: str, reason: str) -> Decision:
    action, reason = close_or_tell(case.opened, code, reason)
    return Decision(action=action, code=code, reason=reason)


def _conflicting(case: Case) -> Decision | None:
    opened = case.opened
    if opened.mergeable is not Mergeable.CONFLICTING:
        return None
    if not case.observation.merge_commits_allowed:
        if opened.people_committed:
            return _leave("conflict", f"{CONFLICTS}, the repo allows rebasing only, and people committed")
        reason = f"{CONFLICTS}, and the repo allows rebasing only"
        return Decision(action=ReplaceWithNew(), code="conflict", reason=reason)
    if opened.trees is None:
        return _leave("conflict", f"{CONFLICTS}; GitHub could not list the files")
    return _looping(case) or _unread(case) or _loses_unseen(case) or _merge_base(case, "conflict", CONFLICTS)


def _loses_unseen(case: Case) -> Decision | None:
    """People let it merge as it is: what the base got since would go, and nobody would look any more."""
    opened, let = case.opened, _withheld(case)
    lost = lost_paths(opened.trees, case.wanted) if opened.trees and let else ()
    if not lost or let is None:
        return None
    reason = f"{CONFLICTS} in {', '.join(lost)}, and what came there since would be lost unseen: {let.reason}"
    if is_said("loss", lost, opened.comments):
        return _leave("conflict", reason)
    action = TellPeople(number=opened.number, paths=lost, loses=True)
    return Decision(action=action, code="conflict", reason=reason)


def _unread(case: Case) -> Decision | None:
    """What it is unknown whether to take back: the base moved while it was read."""
    unread = unread_paths(case.opened, case.observation)
    if not unread:
        return None
    return _leave("not-now", f"the default branch moved while this was read: {', '.join(sorted(unread))}")


def _unchanged(case: Case) -> Decision | None:
    opened = case.opened
    if not opened.commits:
        return _leave("rewritten", REWRITTEN)
    if opened.commits[-1].digest != digest(proposed_by(case.wanted)):
        return None
    if LABEL not in opened.labels and not opened.unlabelled and case.today <= _opened_on(opened) + LABELLED_WITHIN:
        return Decision(action=LabelPullRequest(number=opened.number), code="unlabelled", reason="its label is missing")
    return _leave("up-to-date", "the open pull request proposes just this")


def _opened_on(opened: PullRequest) -> date:
    return opened.created_at.astimezone(UTC).date()


def _withheld(case: Case) -> Decision | None:
    """A push would dismiss an approval or eject the pull request from a queue."""
    opened = case.opened
    if opened.queued:
        return _leave("queued", "it is in the merge queue; a push would take it out")
    if opened.auto_merge:
        return _leave("auto-merge", "it merges by itself once its checks pass; a push would start them anew")
    if opened.review_decision is ReviewDecision.APPROVED:
        return _leave("approved", "it is approved; a push could dismiss the approval")
    return None


def _looping(case: Case) -> Decision | None:
    if case.opened.bot_streak < MAX_BOT_STREAK:
        return None
    return _leave("bot-loop", f"{case.opened.bot_streak} bot commits in a row: somebody has to look at it")


def _update(case: Case) -> Decision:
    moved = [s.path for s in case.wanted if is_new_and_moved(s.path, case.opened, case.observation)]
    return _unread(case) or (_catch_up(case, moved) if moved else _commit_on_top(case))


def _catch_up(case: Case, moved: Sequence[str]) -> Decision:
    """Files are wanted that the base changed since the branch left it: only with the base merged in do they change."""
    opened = case.opened
    words = f"the desired content changed, and the default branch changed {', '.join(moved)} since it was opened"
    if not case.observation.merge_commits_allowed:
        if opened.people_committed:
            return _leave("not-now", f"{words}; the repo allows rebasing only, and people committed")
        reason = f"{words}; the repo allows rebasing only"
        return Decision(action=ReplaceWithNew(), code="desired-changed", reason=reason)
    if opened.people_committed and opened.trees is None:
        return _leave("not-now", f"{words}; GitHub could not list the files")
    return _merge_base(case, "desired-changed", words)


def _commit_on_top(case: Case) -> Decision:
    writes, kept = branch_writes(case.statuses, case.wanted, case.opened, case.observation, case.earlier)
    action = UpdatePullRequest(
        number=case.opened.number,
        parents=(case.opened.head,),
        tree=case.opened.head_tree or "",
        writes=(*writes, *case.lock_writes),
        kept=kept,
        signed=case.observation.signatures_required,
    )
    reason = f"the desired content changed: {states_in_words(case.wanted)}"
    return Decision(action=action, code="desired-changed", reason=reason)


def _merge_base(case: Case, code: str, words: str) -> Decision:
    """A merge commit made by path: the base's tree with the branch's changes on it, ours as desired now."""
    opened, observation = case.opened, case.observation
    writes, kept = branch_writes(case.statuses, case.wanted, opened, observation, case.earlier)
    # A person's version is merged with the base like any file of the team's: it must not undo what the base gained.
    ours = frozenset({*opened.proposed, *proposed_by(case.wanted)} & opened.files.keys()) - set(kept)
    unreadable = unreadable_on_base(case.wanted, opened, observation)
    if opened.people_committed:
        ours -= {path for path, is_as_proposed in unreadable.items() if not is_as_proposed}
    # Without trees nobody but the bot committed: then there are no other changes on the branch.
    merged = merge_trees(opened.trees, ours | {LOCK_PATH}, observation.blobs) if opened.trees else Merged()
    if merged.conflicts:
        names = ", ".join(merged.conflicts)
        reason = f"{CONFLICTS} in files that are the team's to resolve: {names}"
        if is_said("conflict", merged.conflicts, opened.comments):
            return _leave("conflict", reason)
        return Decision(action=TellPeople(number=opened.number, paths=merged.conflicts), code="conflict", reason=reason)
    action = UpdatePullRequest(
        number=opened.number,
        parents=(opened.head, observation.head),
        tree=observation.tree,
        writes=(*merged.changes, *_on_base(case, ours - unreadable.keys(), writes), *case.lock_writes),
        kept=kept,
        signed=observation.signatures_required,
    )
    return Decision(action=action, code=code, reason=f"{words}: the base is merged into it")


def _on_base(case: Case, ours: frozenset[str], writes: Sequence[FileWrite]) -> tuple[TreeChange, ...]:
    """Our paths as they shall stand on the branch, as changes of the base's tree."""
    written = {write.path: write for write in writes}
    changes: list[TreeChange] = []
    for path in sorted(ours):
        entry = case.opened.files.get(path)
        if path in written:
            changes.append(written[path])
        elif entry != case.observation.files.get(path):
            changes.append(picked(path, entry))
    # GitHub refuses to remove what is not there.
    return tuple(change for change in changes if not _removes_nothing(change, case.observation))


def _removes_nothing(change: TreeChange, observation: Observation) -> bool:
    return isinstance(change, FileWrite) and change.content is None and not observation.files.get(change.path)


def _close(case: Case, code: str, reason: str) -> Decision:
    return Decision(action=ClosePullRequest(number=case.opened.number), code=code, reason=reason)


def _leave(code: str, reason: str) -> Decision:
    return Decision(action=LeaveAlone(), code=code, reason=reason)

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
    CommitRules,
    Decline,
    FileId,
    Mergeable,
    Observation,
    PullRequest,
    Recreate,
    ReviewDecision,
    text_of,
)
from syncbot.plan.branch import (
    branch_writes,
    is_held_and_lost,
    is_new_and_moved,
    not_brought,
    unread_paths,
    unreadable_on_base,
)
from syncbot.plan.commands import on_hold, refused_hold, standing_command
from syncbot.plan.compare import EarlierRenderings
from syncbot.plan.endings import close_or_tell, drift_gone
from syncbot.plan.lock import read_lock
from syncbot.plan.merge_trees import Merged, lost_paths, merge_trees, picked
from syncbot.plan.obstacles import in_the_way
from syncbot.plan.reasons import BaseMerge, Reason
from syncbot.plan.said import is_said
from syncbot.plan.states import KINDS
from syncbot.plan.values import (
    Action,
    ClosePullRequest,
    FileStatus,
    FileWrite,
    LabelPullRequest,
    LeaveAlone,
    RetitlePullRequest,
    TellPeople,
    TreeChange,
    UpdatePullRequest,
)
from syncbot.plan.why import (
    AskedAnew,
    BaseMoved,
    BaseSwitched,
    BotLoop,
    Conflicts,
    Declined,
    Downgrade,
    Ending,
    FileRef,
    Files,
    Held,
    HoldRefused,
    LosesUnseen,
    NotBrought,
    Plain,
    ProposedElsewhere,
    Reopened,
    Retargeted,
    TeamConflict,
    Unread,
    Why,
    Withdrawn,
)

MAX_BOT_STREAK = 5
"""So many bot commits in a row that bring back what was on the branch before, and it is left alone: somebody must look.

One that is open for long and gets what is new each week is no loop.
"""

LABELLED_WITHIN = timedelta(days=7)
"""How long a missing label is tried again: one that GitHub refuses is not asked for each night for ever."""

REWRITTEN = Plain(reason=Reason.REWRITTEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An open pull request and all that bears on it; `wanted` is what it should propose now.

    `is_pending`: something would be proposed under its name, if people had not answered. `held_back` and `refused` are
    why it should not, for now or at all.
    """

    name: str
    wanted: tuple[FileStatus, ...]
    statuses: Sequence[FileStatus]
    opened: PullRequest
    observation: Observation
    lock_writes: tuple[FileWrite, ...]
    earlier: EarlierRenderings
    today: date
    rules: CommitRules
    is_pending: bool = True
    held_back: Why | None = None
    refused: Downgrade | None = None

    @property
    def lock_on_branch(self) -> tuple[FileWrite, ...]:
        """The lock as the branch gets it: not over a submodule or a symlink that somebody put there."""
        return () if in_the_way(LOCK_PATH, self.opened.files) else self.lock_writes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceWithNew:
    """Close it and open a new one from scratch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An action, and why."""

    action: Action | ReplaceWithNew
    why: Why


def decide(case: Case) -> Decision:
    """What to do about the open pull request."""
    rules = (_commanded, _elsewhere, _nothing_left, _conflicting, _unchanged, _withheld, _looping)
    decisions = (rule(case) for rule in rules)
    return next((decision for decision in decisions if decision), None) or _update(case)


def proposed_by(wanted: Sequence[FileStatus]) -> Mapping[str, FileId | None]:
    """The desired content of a changeset, by path."""
    return {status.path: status.desired for status in wanted}


def refs(statuses: Sequence[FileStatus]) -> tuple[FileRef, ...]:
    """The files as a reason names them."""
    return tuple(status.ref for status in statuses)


def _commanded(case: Case) -> Decision | None:
    if answer := _answered(case):
        return answer
    if held := on_hold(case.opened.comments, case.today):
        return _leave(held)
    match standing_command(case.opened.comments):
        case (Recreate(), author) if case.wanted:
            return Decision(action=ReplaceWithNew(), why=AskedAnew(author=author, is_empty=False))
        case (Recreate(), author):
            return _close(case, AskedAnew(author=author, is_empty=True))
        case (Decline(until=until), author) if case.today <= until:
            return _close(case, Declined(author=author, until=until))
    return None


def _answered(case: Case) -> Decision | None:
    """A hold with a day is answered once, and one that cannot be followed: nothing else is done before that is read."""
    opened = case.opened
    said = refused_hold(opened.comments) or on_hold(opened.comments, case.today)
    match said:
        case HoldRefused(line=about) | Held(until=date() as about):
            if not is_said(said.reason, (str(about),), opened.comments):
                return Decision(action=TellPeople(number=opened.number, paths=(str(about),)), why=said)
    return None


def _elsewhere(case: Case) -> Decision | None:
    """It points at another branch than the default one: because a person chose that, or the default was switched."""
    opened, default = case.opened, case.observation.default_branch
    if opened.base == default:
        return None
    if opened.retargeted:
        return _leave(Retargeted(base=opened.base))
    is_wanted = opened.reopened or opened.people_committed or opened.queued or opened.auto_merge
    why = BaseSwitched(base=opened.base, default=default, is_wanted=is_wanted)
    if is_wanted:
        return _leave(why)
    return Decision(action=ReplaceWithNew(), why=why) if case.wanted else None


def _nothing_left(case: Case) -> Decision | None:
    if case.wanted:
        return None
    if case.refused and not case.opened.reopened:
        return _end(case, case.refused)
    if case.opened.reopened:
        return _leave(Reopened())
    if case.held_back:
        return _leave(case.held_back)
    if not case.opened.commits:
        return _leave(REWRITTEN)
    return _ended(case)


def _ended(case: Case) -> Decision:
    """What becomes of it by what became of the files that it proposed last."""
    ours = [status for status in case.statuses if status.path in case.opened.offered]
    left = [status for status in ours if status.treatment.drift and not status.quiet]
    if not left:
        return _end(case, drift_gone(ours))
    is_move = case.name not in KINDS
    if is_move and not case.is_pending and not any(s.treatment.unknown for s in left):
        return _end(case, Withdrawn(move=case.name))
    if all(status.proposal for status in left):
        # Wanted, and not here: adopted, or part of a move to another Postgres major.
        return _end(case, ProposedElsewhere(paths=tuple(status.path for status in left)))
    return _leave(Files(reason=Reason.NOT_NOW, files=refs(left)))


def _end(case: Case, ending: Ending) -> Decision:
    action, why = close_or_tell(case.opened, ending)
    return Decision(action=action, why=why)


def _conflicting(case: Case) -> Decision | None:
    opened = case.opened
    if opened.mergeable is not Mergeable.CONFLICTING:
        return None
    if forbidden := _merge_forbidden(case):
        why = Conflicts(outcome=forbidden, by=opened.other_bots)
        return _leave(why) if opened.people_committed else Decision(action=ReplaceWithNew(), why=why)
    if opened.trees is None:
        return _leave(Conflicts(outcome=BaseMerge.UNLISTED))
    merged = Conflicts(outcome=BaseMerge.MERGED)
    return _looping(case) or _unread(case) or _loses_unseen(case) or _merge_base(case, merged)


def _loses_unseen(case: Case) -> Decision | None:
    """People let it merge as it is: what the base got since would go, and nobody would look any more."""
    opened, accepted = case.opened, _accepted(case.opened)
    lost = lost_paths(opened.trees, case.wanted) if opened.trees and accepted else ()
    if not lost or accepted is None:
        return None
    why = LosesUnseen(paths=lost, accepted=accepted)
    if is_said("loss", lost, opened.comments):
        return _leave(why)
    return Decision(action=TellPeople(number=opened.number, paths=lost, loses=True), why=why)


def _unread(case: Case) -> Decision | None:
    """What it is unknown whether to take back: the base moved while it was read."""
    unread = unread_paths(case.opened, case.observation)
    if not unread:
        return None
    return _leave(Unread(paths=tuple(sorted(unread))))


def _unchanged(case: Case) -> Decision | None:
    opened = case.opened
    if not opened.commits:
        return _leave(REWRITTEN)
    if opened.offered != proposed_by(case.wanted):
        return None
    missing = _missing(case)
    if missing and not opened.people_committed:
        # What its commits say is no evidence.
        return None
    if LABEL not in opened.labels and not opened.unlabelled and case.today <= _opened_on(opened) + LABELLED_WITHIN:
        return Decision(action=LabelPullRequest(number=opened.number), why=Plain(reason=Reason.UNLABELLED))
    if missing:
        return _leave(NotBrought(paths=missing, by=opened.other_bots))
    title = _title_by_rule(case)
    if title != opened.title:
        action = RetitlePullRequest(number=opened.number, title=title)
        return Decision(action=action, why=Plain(reason=Reason.TITLE_PREFIX))
    return _leave(Plain(reason=Reason.UP_TO_DATE))


def _title_by_rule(case: Case) -> str:
    """The bot's own title with the prefix that is asked for now; any other title as it is."""
    opened = case.opened
    plain = opened.commits[-1].plain_title
    differs_in_prefix = plain and opened.title.lower().endswith(plain.lower())
    return case.rules.titled(plain) if opened.own_title and differs_in_prefix else opened.title


def _missing(case: Case) -> tuple[str, ...]:
    """Paths that a merge would not bring as desired or, where the bot worked alone, not record as they should be.

    A move records nothing of the files that it alone alters: what the lock should hold is what would be written.
    """
    opened, observation = case.opened, case.observation
    missing = not_brought(case.wanted, opened, observation, case.earlier)
    if opened.people_committed or not case.lock_writes or LOCK_PATH not in opened.files:
        return missing
    recorded = _recorded(text_of(observation.blobs, opened.files[LOCK_PATH]))
    should_be = _recorded(case.lock_writes[0].content)
    return tuple(s.path for s in case.wanted if s.path in missing or recorded.get(s.path) != should_be.get(s.path))


def _recorded(lock: bytes | None) -> Mapping[str, FileId]:
    return {path: stanza.file for path, stanza in read_lock(lock).items()}


def _opened_on(opened: PullRequest) -> date:
    return opened.created_at.astimezone(UTC).date()


def _withheld(case: Case) -> Decision | None:
    """A push would dismiss an approval or eject the pull request from a queue."""
    accepted = _accepted(case.opened)
    return _leave(accepted) if accepted else None


def _accepted(opened: PullRequest) -> Plain | None:
    """How people let it merge as it is, if they do."""
    if opened.queued:
        return Plain(reason=Reason.QUEUED)
    if opened.auto_merge:
        return Plain(reason=Reason.AUTO_MERGE)
    return Plain(reason=Reason.APPROVED) if opened.review_decision is ReviewDecision.APPROVED else None


def _looping(case: Case) -> Decision | None:
    if case.opened.bot_streak < MAX_BOT_STREAK:
        return None
    return _leave(BotLoop(commits=case.opened.bot_streak))


def _update(case: Case) -> Decision:
    moved = [s.path for s in case.wanted if _needs_base(s, case)]
    return _unread(case) or (_catch_up(case, moved) if moved else _commit_on_top(case))


def _needs_base(status: FileStatus, case: Case) -> bool:
    opened, observation = case.opened, case.observation
    if is_new_and_moved(status.path, opened, observation):
        return True
    known = case.earlier.get(status.path, {})
    return not opened.people_committed and is_held_and_lost(status, opened, observation, known)


def _catch_up(case: Case, moved: Sequence[str]) -> Decision:
    """Files are wanted that the base changed since the branch left it: only with the base merged in do they change."""
    opened = case.opened
    paths = tuple(moved)
    if forbidden := _merge_forbidden(case):
        why = BaseMoved(paths=paths, outcome=forbidden, by=opened.other_bots)
        return _leave(why) if opened.people_committed else Decision(action=ReplaceWithNew(), why=why)
    if opened.people_committed and opened.trees is None:
        return _leave(BaseMoved(paths=paths, outcome=BaseMerge.UNLISTED))
    return _merge_base(case, BaseMoved(paths=paths, outcome=BaseMerge.MERGED))


def _merge_forbidden(case: Case) -> BaseMerge | None:
    """Why the base cannot be merged into the branch: it could not be merged any more, or GitHub refuses the push."""
    shared = case.opened.people_committed
    if not case.observation.merge_commits_allowed:
        return BaseMerge.REBASE_ONLY_SHARED if shared else BaseMerge.REBASE_ONLY
    if case.opened.linear_history:
        return BaseMerge.LINEAR_SHARED if shared else BaseMerge.LINEAR
    return None


def _commit_on_top(case: Case) -> Decision:
    writes, kept = branch_writes(case.statuses, case.wanted, case.opened, case.observation, case.earlier)
    action = UpdatePullRequest(
        number=case.opened.number,
        parents=(case.opened.head,),
        tree=case.opened.head_tree or "",
        writes=(*writes, *case.lock_on_branch),
        kept=kept,
        signed=case.observation.signatures_required,
    )
    return Decision(action=action, why=_why_commit(case))


def _why_commit(case: Case) -> Files:
    if case.opened.offered != proposed_by(case.wanted):
        return Files(reason=Reason.DESIRED_CHANGED, files=refs(case.wanted))
    missing = _missing(case)
    return Files(reason=Reason.REPLACED, files=refs([status for status in case.wanted if status.path in missing]))


def _merge_base(case: Case, why: Conflicts | BaseMoved) -> Decision:
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
        theirs = TeamConflict(paths=merged.conflicts)
        if is_said("conflict", merged.conflicts, opened.comments):
            return _leave(theirs)
        return Decision(action=TellPeople(number=opened.number, paths=merged.conflicts), why=theirs)
    action = UpdatePullRequest(
        number=opened.number,
        parents=(opened.head, observation.head),
        tree=observation.tree,
        writes=(*merged.changes, *_on_base(case, ours - unreadable.keys(), writes), *case.lock_on_branch),
        kept=kept,
        signed=observation.signatures_required,
    )
    return Decision(action=action, why=why)


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


def _close(case: Case, why: Why) -> Decision:
    return Decision(action=ClosePullRequest(number=case.opened.number), why=why)


def _leave(why: Why) -> Decision:
    return Decision(action=LeaveAlone(), why=why)

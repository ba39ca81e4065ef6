"""Updates: what is committed on an open pull request's branch, on top of it or with its base merged in. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from syncbot.model.files import LOCK_PATH
from syncbot.model.observation import Observation
from syncbot.plan.actions import CommentOnce, FileWrite, TreeChange, UpdatePullRequest
from syncbot.plan.file_status import FileStatus
from syncbot.plan.pulls.branch_content import (
    branch_writes,
    is_held_and_lost,
    is_new_and_moved,
    unread_paths,
    unreadable_on_base,
)
from syncbot.plan.pulls.case import Case, Decision, ReplacePullRequest, leave, proposed_by, refs
from syncbot.plan.pulls.markers import has_marker
from syncbot.plan.pulls.merge_trees import Merged, merge_trees, picked
from syncbot.plan.reasons import BaseMerge, Reason
from syncbot.plan.why import (
    BaseMoved,
    Conflicts,
    Files,
    TeamConflict,
    Unread,
)


def base_unread(case: Case) -> Decision | None:
    """What it is unknown whether to take back: the base moved while it was read."""
    unread = unread_paths(case.opened, case.observation)
    if not unread:
        return None
    return leave(Unread(paths=tuple(sorted(unread))))


def _needs_base(status: FileStatus, case: Case) -> bool:
    opened, observation = case.opened, case.observation
    if is_new_and_moved(status.path, opened, observation):
        return True
    known = case.earlier.get(status.path, {})
    return not opened.people_committed and is_held_and_lost(status, opened, observation, known)


def catch_up(case: Case) -> Decision | None:
    """Files are wanted that the base changed since the branch left it: only with the base merged in do they change."""
    opened = case.opened
    paths = tuple(status.path for status in case.wanted if _needs_base(status, case))
    if not paths:
        return None
    if forbidden := merge_forbidden(case):
        why = BaseMoved(paths=paths, outcome=forbidden, by=opened.other_bots)
        return leave(why) if opened.people_committed else Decision(action=ReplacePullRequest(), why=why)
    if opened.people_committed and opened.trees is None:
        return leave(BaseMoved(paths=paths, outcome=BaseMerge.UNLISTED))
    return merge_base(case, BaseMoved(paths=paths, outcome=BaseMerge.MERGED))


def merge_forbidden(case: Case) -> BaseMerge | None:
    """Why the base cannot be merged into the branch: it could not be merged any more, or GitHub refuses the push."""
    shared = case.opened.people_committed
    if not case.observation.merge_commits_allowed:
        return BaseMerge.REBASE_ONLY_SHARED if shared else BaseMerge.REBASE_ONLY
    if case.opened.linear_history:
        return BaseMerge.LINEAR_SHARED if shared else BaseMerge.LINEAR
    return None


def commit_on_top(case: Case) -> Decision:
    """What is wanted, on top of the branch."""
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
    return Files(reason=Reason.REPLACED, files=refs([status for status in case.wanted if status.path in case.missing]))


def merge_base(case: Case, why: Conflicts | BaseMoved) -> Decision:
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
        if has_marker("conflict", merged.conflicts, opened.comments):
            return leave(theirs)
        return Decision(action=CommentOnce(number=opened.number, paths=merged.conflicts), why=theirs)
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

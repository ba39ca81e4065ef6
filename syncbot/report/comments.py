"""What the bot says in comments on its own pull requests, for a developer who never heard of it.

Values in, Markdown out. Each says what happens next, and carries a mark where it must not be said twice.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from syncbot.model.pull_request import PullRequest
from syncbot.model.templates import event
from syncbot.plan.actions import OpenPullRequest, UpdatePullRequest
from syncbot.plan.pulls.markers import marker
from syncbot.plan.reasons import Reason
from syncbot.plan.repo_plan import Changeset
from syncbot.report.markdown_escape import code
from syncbot.report.moves import moved_phrase
from syncbot.report.reasons import REASONS
from syncbot.report.why import who, why_words
from syncbot.report.wording import listed

_REPLACED = (
    "A new pull request takes its place, from the default branch as it is now. What people committed on this branch is "
    "not in it, and stays on this branch."
)


def close_comment(changeset: Changeset) -> str:
    """The comment with which the bot closes its own pull request: why, and what happens next."""
    is_replaced = isinstance(changeset.action, OpenPullRequest)
    after = _REPLACED if is_replaced else REASONS[changeset.reason_code].after_closing
    return f"Closed by syncbot: {why_words(changeset.why)}.\n\n{after}\n"


def tell_comment(changeset: Changeset, paths: Sequence[str]) -> str:
    """The comment that says, once, what is people's to decide: a conflict in `paths`, or a pull request left open."""
    about = changeset.reason_code
    if about is Reason.CONFLICT:
        return _conflict_comment(paths)
    words = why_words(changeset.why)
    return f"{words[:1].upper()}{words[1:]}. {REASONS[about].after_telling}\n\n{marker(about, paths)}\n"


def update_comment(changeset: Changeset) -> str:
    """The comment on an update that changes what the pull request is about, or leaves somebody's version; else empty.

    Another target of a move, or another file in it: whoever has looked at it looks again. All else is in its text.
    """
    opened, action = changeset.pull_request, changeset.action
    if opened is None or not isinstance(action, UpdatePullRequest):
        return ""
    said = [*_another_target(changeset, opened), *_more_files(changeset, opened)]
    if action.kept:
        said.append(kept_comment(action.kept, opened.other_bots))
    return "\n".join(said)


def _another_target(changeset: Changeset, opened: PullRequest) -> Iterator[str]:
    before = opened.moves
    moved = [
        each
        for each in changeset.moves
        if before and event(each.spec, before.get(each.spec.answer, ("", ""))[1]) != each.event
    ]
    if moved:
        yield f"This pull request asks for something else now: {listed([moved_phrase(each) for each in moved])}.\n"


def _more_files(changeset: Changeset, opened: PullRequest) -> Iterator[str]:
    carried = {*changeset.proposed, *changeset.kept}
    # A file that the repo has come to keep in another folder is none more.
    elsewhere = {posixpath.basename(path) for path in opened.offered.keys() - carried}
    more = sorted(path for path in carried - opened.offered.keys() if posixpath.basename(path) not in elsewhere)
    if more and opened.offered:
        yield f"This pull request changes more than before: {listed([code(path) for path in more])}.\n"


def kept_comment(paths: Sequence[str], other_bots: Sequence[str] = ()) -> str:
    """The comment that says, once, that somebody's version stays where both changed the same lines.

    `other_bots` are the logins of who committed, where no person did.
    """
    names = listed([code(path) for path in paths])
    is_one = len(paths) == 1
    stays = f"Your version of {names} stays as you committed it"
    if other_bots:
        stay, them = ("stays", "it") if is_one else ("stay", "them")
        stays = f"{names} {stay} as {code(who(other_bots))} committed {them}"
    return (
        f"{stays} on this branch. syncbot would have to change the same "
        f"lines now, and it does not overwrite what others wrote: {'that file' if is_one else 'those files'} did not "
        f"get the change. To take it after all, edit {'it' if is_one else 'them'} here, or close this pull request.\n"
    )


def loss_comment(paths: Sequence[str]) -> str:
    """The comment that says, once, why an approved pull request that conflicts is left as it is."""
    names = listed([code(path) for path in paths])
    them = "it" if len(paths) == 1 else "them"
    return (
        f"This branch conflicts with its base in {names}: somebody changed {them} on the base "
        "since this was opened, and the platform's version would take the place of that. This pull request is "
        "approved, queued or set to merge by itself, so syncbot does not resolve it: nobody would see what goes. "
        "Please merge the base branch into this one and keep what must stay, or say `/syncbot recreate` for a new pull "
        f"request that shows the loss.\n\n{marker('loss', paths)}\n"
    )


def _conflict_comment(paths: Sequence[str]) -> str:
    names = listed([code(path) for path in paths])
    return (
        f"This branch conflicts with its base in {names}. syncbot resolves conflicts in the files it owns, but not in "
        "yours: please merge the base branch into this one, or say `/syncbot recreate` for a new pull request without "
        f"what was committed here.\n\n{marker('conflict', paths)}\n"
    )

"""What a pull request is about, in its first lines: what merging does, and why it is asked. Values in, words out."""

from __future__ import annotations

from syncbot.model.fleet import Source
from syncbot.plan.causes import AnswerCause, ranked
from syncbot.plan.file_status import FileStatus
from syncbot.plan.repo_plan import Changeset, Moved
from syncbot.plan.states import ADOPT, KINDS, TAKEOVER, Novelty
from syncbot.report.causes import cause_markdown, first_causes, subject_of
from syncbot.report.markdown_escape import cell, code, commit_link
from syncbot.report.moves import moved_phrase, moved_words
from syncbot.report.title import leading, postgres_move, title, version_moves
from syncbot.report.wording import listed

_IN_STEP = "The platform team keeps these files in step across all services, and they differ here."
_PUT_BACK = "These files differ from what the platform team delivered; this puts them back."
_NOT_YOURS = (
    "These files were not managed by the platform team in this repo so far. The platform's own versions would take "
    "their place; decide with the diff whether anything of yours must stay."
)
_OFFER = (
    "The platform team offers to own these files here, as it does in the other services. Where the repo has one of "
    "them, the platform's own would take its place: decide with the diff whether anything must stay."
)


def what(changeset: Changeset) -> str:
    """What merging does, as Markdown: for a move from what to what, and what comes along."""
    if changeset.moves:
        heads = listed([f"**{moved_phrase(moved)}**" for moved in leading(changeset.moves)])
        along = [moved_phrase(moved) for moved in _along(changeset)]
        return f"{heads}{f', and with it {listed(along)}' if along else ''}. {_major(changeset)}".rstrip()
    moves = version_moves(changeset)
    if moves and changeset.name not in (ADOPT, TAKEOVER):
        return "".join(f"**{name} {old} → {new}**. " for name, old, new in moves).rstrip()
    return reason(changeset)


def why(changeset: Changeset, source: Source, owners: str) -> str:
    """Why it is asked: the commits of the platform team's repo, where they are known, and who owns the files."""
    found = ranked([status.causes for status in changeset.written])
    commits = {cause.commit.id: cause.commit for cause in found if isinstance(cause, AnswerCause) and cause.commit}
    if changeset.moves and commits:
        asked = "; ".join(
            f"{code(subject_of(commit))} ({_link(commit.id, source)})" for commit in list(commits.values())[:3]
        )
        because = f"**Why:** {asked}. "
    elif changeset.moves:
        because = "**Why:** the platform team's config asks for it. "
    else:
        said = first_causes(found, lambda cause: cause_markdown(cause, source.repository))
        because = f"**Why:** {said}. " if said else ""
    return f"{because}Only the files below change: {code(owners)} owns them, and renders them from one template."


def why_file(changeset: Changeset, status: FileStatus, source: Source) -> str:
    """Why one file changes, for a cell of the table."""
    proposing = status.treatment.proposing
    if proposing is None:
        return ""
    said = first_causes(status.causes, lambda cause: cause_markdown(cause, source.repository, cell))
    if changeset.moves and not said:
        said = listed([moved_phrase(moved) for moved in changeset.moves])
    also = "; and this repo changed it" if proposing.merges else ""
    return f"{said}{also}" if said else proposing.why


def reason(changeset: Changeset) -> str:
    """Why there is a pull request, in one or two sentences of plain text, for its commit."""
    if changeset.name in (ADOPT, TAKEOVER):
        return _OFFER if changeset.name == ADOPT else _NOT_YOURS
    if changeset.moves:
        along = [_spoken(moved) for moved in _along(changeset)]
        with_it = f" With it comes {listed(along)}." if along else ""
        asked = f"{title(changeset)}: the platform team's config asks for it.{with_it}"
        return f"{asked} {_major(changeset)}".rstrip()
    major = postgres_move(changeset)
    if major and changeset.name not in KINDS:
        return f"The platform moves Postgres from {major.from_major} to {major.to_major}. {_major(changeset)}"
    moves = version_moves(changeset)
    if moves:
        return " ".join(f"The platform moves {name} from {old} to {new}." for name, old, new in moves)
    return _PUT_BACK if all(is_restored(status) for status in changeset.written) else _IN_STEP


def after_a_no(changeset: Changeset) -> str:
    """What closing it means, for as long as what it refuses stays the same."""
    if changeset.name == ADOPT:
        return "Close this pull request: it is a no to all of it, and stays one until the platform team asks anew."
    if changeset.moves:
        targets = listed([f"{moved.spec.label} {moved.event}" for moved in leading(changeset.moves)])
        return f"Close this pull request: nobody asks for {targets} here again."
    return "Close this pull request: nothing comes back until the template's content for these files changes."


def is_restored(status: FileStatus) -> bool:
    """Whether merging puts back what was delivered before."""
    proposing = status.treatment.proposing
    return proposing is not None and proposing.novelty is Novelty.RESTORE


def _along(changeset: Changeset) -> list[Moved]:
    """What comes along with the moves that the title names."""
    heads = leading(changeset.moves)
    return [moved for moved in changeset.moves if moved not in heads]


def _major(changeset: Changeset) -> str:
    if not postgres_move(changeset):
        return ""
    return (
        "A major version is a pull request of its own: what it means for this service and for your local data is below."
    )


def _spoken(moved: Moved) -> str:
    words = moved_words(moved)
    return f"{words[0].lower()}{words[1:]}".removeprefix("move ")


def _link(commit: str, source: Source) -> str:
    return commit_link(source.repository, commit) or code(commit[:7])

"""The words of a pull request, for a developer who never heard of syncbot: body and commit message.

Values in, Markdown out. Text from the repo appears as code only, so that it can neither break out nor ping anybody.
"""

from __future__ import annotations

import json
from textwrap import fill

from syncbot.model import LOCK_PATH, Checks, CommitRules, Source
from syncbot.plan.states import ADOPT, Novelty
from syncbot.plan.trailers import format_trailers
from syncbot.plan.values import Changeset, FileStatus, OpenPullRequest, RepoPlan
from syncbot.report.causes import cause_markdown, first_causes
from syncbot.report.diffs import file_diff
from syncbot.report.owners import owners_section
from syncbot.report.safe import cell, code, commit_link, cut, details, fence
from syncbot.report.title import postgres_move, title, version_moves
from syncbot.report.wording import count
from syncbot.tables import total

__all__ = ["body", "commit_message", "postgres_move", "title"]

# GitHub takes 65,536 characters of a body; the bot's own mark, and the record of what it proposes, are put below it.
_BODY_LIMIT = 65_000
# So much at most of what grows with the number of files; the diffs get what is left.
_TABLE_LIMIT = 14_000
_UPGRADE_LIMIT = 20_000
_SNIPPET_LIMIT = 8_000
_DIFFS_LIMIT = 40_000
_DIFF_AT_LEAST = 400

_COMMANDS = """\
- `/syncbot decline until YYYY-MM-DD because …`: not before the day after that, and the reason is on record
- `/syncbot hold until YYYY-MM-DD`: syncbot neither updates nor closes this pull request up to and including that day; \
without a day, until it gets another command
- `/syncbot recreate`: a new pull request from scratch; what was committed on this branch is left behind on it"""
_RED_BEFORE = total(
    Checks,
    {
        Checks.SUCCESS: "was green before this pull request, so a failure here most likely comes from it",
        Checks.FAILURE: "was already red before this pull request",
        Checks.ERROR: "was already red before this pull request",
        Checks.PENDING: "was still running when this pull request was written",
        Checks.EXPECTED: "was still running when this pull request was written",
        Checks.UNKNOWN: "has no result to compare with",
    },
)


def body(
    plan: RepoPlan,
    changeset: Changeset,
    *,
    source: Source,
    owners: str,
    config_path: str,
    upgrade: str = "",
) -> str:
    """The pull request's text. `owners` is the platform team, `config_path` its file with the repo's answers.

    `upgrade` is what a move to another Postgres major means, as Markdown.
    """
    before = (
        _why(changeset, owners),
        cut(_table(changeset, source), _TABLE_LIMIT),
        owners_section(changeset),
        cut(upgrade, _UPGRADE_LIMIT).rstrip(),
    )
    after = (
        _if_red(changeset, plan.base_checks),
        _not_now(plan, changeset, source, config_path),
        _origin(plan, source, owners, config_path),
    )
    record = len(format_trailers(changeset.name, changeset.proposed, changeset.kept))
    needed = record + sum(len(part) + 2 for part in (*before, *after))
    parts = (*before, _losses(changeset, min(_DIFFS_LIMIT, _BODY_LIMIT - needed)), *after)
    return "\n\n".join(part for part in parts if part) + "\n"


def commit_message(changeset: Changeset, rules: CommitRules) -> str:
    """Title, reason, the trailers by which the bot knows the commit again, and those that the repo asks for."""
    why = fill(_reason(changeset), 72, break_long_words=False, break_on_hyphens=False)
    subject = rules.titled(title(changeset))
    # So that the next run can give it another prefix.
    plain = title(changeset).removeprefix(rules.title_prefix) if rules.title_prefix else ""
    own = format_trailers(changeset.name, changeset.proposed, changeset.kept, plain)
    trailers = "\n".join((own, *(f"{name}: {value}" for name, value in rules.trailers.items())))
    return f"{subject}\n\n{why}\n\n{trailers}\n"


def _reason(changeset: Changeset) -> str:
    """Why there is a pull request, in one or two sentences of plain text."""
    if changeset.name == ADOPT:
        return (
            "These files were not managed by the platform team in this repo so far. The platform's own versions "
            "would take their place; decide with the diff whether anything of yours must stay."
        )
    major = postgres_move(changeset)
    if major:
        return (
            f"The platform moves Postgres from {major.from_major} to {major.to_major}. A major version is a pull "
            "request of its own: what it means for this service and for your local data is below."
        )
    moves = version_moves(changeset)
    if moves:
        return " ".join(f"The platform moves {name} from {old} to {new}." for name, old, new in moves)
    if all(_is_restored(status) for status in changeset.written):
        return "These files differ from what the platform team delivered; this puts them back."
    return "The platform team keeps these files in step across all services, and they differ here."


def _why(changeset: Changeset, owners: str) -> str:
    return (
        f"{_reason(changeset)} Only the files below change: {code(owners)} owns them, and renders them from one "
        "template for every service. There is no deadline; merge when it suits you."
    )


def _table(changeset: Changeset, source: Source) -> str:
    rows = [
        f"| {cell(status.path)} | {_change(status)} | {_why_file(status, source)} |" for status in changeset.written
    ]
    kept = [f"| {cell(path)} | stays as committed | somebody's version is on this branch |" for path in changeset.kept]
    lock = f"| {code(LOCK_PATH)} | kept up to date | syncbot's record of what it delivered |"
    return "\n".join(("| File | Change | Why |", "|---|---|---|", *rows, *kept, *([lock] if rows else [])))


def _why_file(status: FileStatus, source: Source) -> str:
    proposing = status.treatment.proposing
    if proposing is None:
        return ""
    causes = first_causes(status.causes, lambda cause: cause_markdown(cause, source.repository, cell))
    also = "; and this repo changed it" if proposing.merges else ""
    return f"{causes}{also}" if causes else proposing.why


def _is_restored(status: FileStatus) -> bool:
    proposing = status.treatment.proposing
    return proposing is not None and proposing.novelty is Novelty.RESTORE


def _change(status: FileStatus) -> str:
    proposal = status.proposal
    if proposal is None or proposal.content is None:
        return "removed"
    if proposal.merged:
        return "merged with your edits"
    if proposal.before is None:
        return "restored" if _is_restored(status) else "created"
    return "replaces your edits" if proposal.loses else "updated"


def _losses(changeset: Changeset, room: int) -> str:
    """The edits of people that would go, each as a diff: as many of them, and as much of each, as there is room for."""
    losing = [status for status in changeset.written if status.proposal and status.proposal.loses]
    if not losing:
        return ""
    intro = (
        f"**This would replace edits in {count(len(losing), 'file')}.** Lines with `-` are on the default branch now "
        "and would go; put back on this branch what must stay."
    )
    room -= len(intro) + 200
    blocks: list[str] = []
    for number, status in enumerate(losing):
        around = len(details(status.path, fence("", "diff"))) + 40
        each = room // (len(losing) - number) - around
        each = each if each >= _DIFF_AT_LEAST else min(_DIFF_AT_LEAST, room - around)
        if each < _DIFF_AT_LEAST:
            break
        blocks.append(details(status.path, fence(cut(file_diff(status), each), "diff")))
        room -= len(blocks[-1]) + 2
    left_out = len(losing) - len(blocks)
    note = [f"There is no room here for {count(left_out, 'more diff')}: see them under *Files changed*."]
    return "\n\n".join((intro, *blocks, *(note if left_out else ())))


def _if_red(changeset: Changeset, base_checks: Checks | None) -> str:
    base = _base(changeset)
    switch = fence(f"git fetch origin && git switch {changeset.branch}", "sh")
    before = _RED_BEFORE[base_checks or Checks.UNKNOWN]
    return (
        "### If the pipeline is red\n\n"
        f"The last pipeline on {base} {before}.\n\n"
        "Fix it here, on this branch, with whatever change it takes:\n\n"
        f"{switch}\n\n"
        "Commit and push as usual. syncbot keeps your commits and never force-pushes; a fix in one of the files above "
        "is kept too, once it is merged here."
    )


def _base(changeset: Changeset) -> str:
    if isinstance(changeset.action, OpenPullRequest):
        return code(changeset.action.base)
    return code(changeset.pull_request.base) if changeset.pull_request else "the default branch"


def _not_now(plan: RepoPlan, changeset: Changeset, source: Source, config_path: str) -> str:
    name = plan.repo.rpartition("/")[2]
    where = f" of {code(source.repository)}" if source.repository else ""
    snippet = fence(_exemptions(changeset), "yaml")
    return (
        "### Not now?\n\n"
        "Close this pull request: nothing comes back until the template's content for these files changes. Or, with "
        "write access, say in a comment, on a line of its own:\n\n"
        f"{_COMMANDS}\n\n"
        f"To keep a file as it is until a certain day, propose this for the entry {code(name)} in "
        f"{code(config_path)}{where}:\n\n{snippet}"
    )


def _exemptions(changeset: Changeset) -> str:
    """The entry for the config, with as many files as there is room for."""
    entries = ["exemptions:\n"]
    for number, status in enumerate(changeset.files):
        # A JSON string is a YAML string, whatever is in the path.
        entry = (
            f"  - path: {json.dumps(status.path)}\n"
            "    until: YYYY-MM-DD\n"
            '    owner: "@your-org/your-team"\n'
            "    reason: what stands in the way\n"
        )
        if sum(map(len, entries)) + len(entry) > _SNIPPET_LIMIT:
            return "".join((*entries, f"  # and so on for the other {count(len(changeset.files) - number, 'file')}\n"))
        entries.append(entry)
    return "".join(entries)


def _origin(plan: RepoPlan, source: Source, owners: str, config_path: str) -> str:
    name = plan.repo.rpartition("/")[2]
    where = f" of {code(source.repository)}" if source.repository else ""
    return (
        "### Where these files come from\n\n"
        f"From the platform's template and the answers for {code(name)} in {code(config_path)}{where}, "
        f"{_commit(source)}. A later pull request would undo a change made only in this repo. To change them for good, "
        f"ask {code(owners)}, or open a pull request there."
    )


def _commit(source: Source) -> str:
    if source.commit is None:
        return "outside version control"
    dirty = " with uncommitted changes" if source.dirty else ""
    link = commit_link(source.repository, source.commit)
    return f"at {link or f'commit {code(source.commit)}'}{dirty}"

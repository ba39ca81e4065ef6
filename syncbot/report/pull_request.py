"""The words of a pull request, for a developer who never heard of syncbot: body and commit message.

Values in, Markdown out. Text from the repo appears as code only, so that it can neither break out nor ping anybody.
"""

from __future__ import annotations

import json
from textwrap import fill

from syncbot.model.files import LOCK_PATH
from syncbot.model.fleet import CommitRules, Source
from syncbot.model.pull_request import Checks
from syncbot.plan.actions import OpenPullRequest
from syncbot.plan.file_status import FileStatus
from syncbot.plan.pulls.trailers import trailers_of
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.states import ADOPT, TAKEOVER
from syncbot.report import summary
from syncbot.report.diffs import file_diff
from syncbot.report.local_data import local_data_section
from syncbot.report.markdown_escape import cell, code, commit_link, cut, details, fence, folded
from syncbot.report.owners import owners_section
from syncbot.report.title import leading, postgres_move, title
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
    local = "" if upgrade and changeset.name not in (ADOPT, TAKEOVER) else local_data_section(plan, changeset)
    before = (
        f"{summary.what(changeset)}{' What becomes of the data in your local Postgres is below.' if local else ''}",
        summary.why(changeset, source, owners),
        _to_do(changeset, plan.base_checks),
        cut(_table(changeset, source), _TABLE_LIMIT),
        owners_section(changeset),
        local,
        cut(upgrade, _UPGRADE_LIMIT).rstrip(),
    )
    after = (
        _if_red(changeset),
        _not_now(plan, changeset, source, config_path),
        _origin(plan, source, owners, config_path),
    )
    record = len(trailers_of(changeset))
    needed = record + sum(len(part) + 2 for part in (*before, *after))
    parts = (*before, _losses(changeset, min(_DIFFS_LIMIT, _BODY_LIMIT - needed)), *after)
    return "\n\n".join(part for part in parts if part) + "\n"


def commit_message(changeset: Changeset, rules: CommitRules) -> str:
    """Title, reason, the trailers by which the bot knows the commit again, and those that the repo asks for."""
    why = fill(summary.reason(changeset), 72, break_long_words=False, break_on_hyphens=False)
    subject = rules.titled(title(changeset))
    # So that the next run can give it another prefix.
    plain = title(changeset).removeprefix(rules.title_prefix) if rules.title_prefix else ""
    own = trailers_of(changeset, plain)
    trailers = "\n".join((own, *(f"{name}: {value}" for name, value in rules.trailers.items())))
    return f"{subject}\n\n{why}\n\n{trailers}\n"


def _table(changeset: Changeset, source: Source) -> str:
    whys = [summary.why_file(changeset, status, source) for status in changeset.written]
    changes = zip(changeset.written, whys, strict=True)
    rows = [f"| {cell(status.path)} | {_change(status)} | {why} |" for status, why in changes]
    kept = [f"| {cell(path)} | stays as committed | somebody's version is on this branch |" for path in changeset.kept]
    lock = f"| {code(LOCK_PATH)} | kept up to date | syncbot's record of what it delivered |"
    records = rows and not changeset.moves
    return "\n".join(("| File | Change | Why |", "|---|---|---|", *rows, *kept, *([lock] if records else [])))


def _change(status: FileStatus) -> str:
    proposal = status.proposal
    if proposal is None or proposal.content is None:
        return "removed"
    if proposal.merged:
        return "merged with your edits"
    if proposal.before is None:
        return "restored" if summary.is_restored(status) else "created"
    return "replaces your edits" if proposal.overwrites_edits else "updated"


def _losses(changeset: Changeset, room: int) -> str:
    """The edits of people that would go, each as a diff: as many of them, and as much of each, as there is room for."""
    losing = [status for status in changeset.written if status.proposal and status.proposal.overwrites_edits]
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


def _to_do(changeset: Changeset, base_checks: Checks | None) -> str:
    before = _RED_BEFORE[base_checks or Checks.UNKNOWN]
    return (
        "**What to do:** if the pipeline is green, merge it when it suits you: there is no deadline. If it is red, "
        f"please fix it on this branch and merge. The last pipeline on {_base(changeset)} {before}."
    )


def _if_red(changeset: Changeset) -> str:
    switch = fence(f"git fetch origin && git switch {changeset.branch}", "sh")
    return (
        "### If the pipeline is red\n\n"
        f"Fix it here, on this branch, with whatever change it takes:\n\n{switch}\n\n"
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
    return folded(
        "Not now?",
        f"{summary.after_a_no(changeset)} Or, with write access, say in a comment, on a line of its own:\n\n"
        f"{_COMMANDS}\n\n"
        f"To keep {'it' if changeset.moves else 'a file'} as it is until a certain day, propose this for the entry "
        f"{code(name)} in {code(config_path)}{where}:\n\n{snippet}",
    )


def _exemptions(changeset: Changeset) -> str:
    """The entry for the config, with as many files as there is room for."""
    entries = ["exemptions:\n"]
    # A JSON string is a YAML string, whatever is in it.
    about = [
        f"  - answer: {moved.spec.answer}\n    keep: {json.dumps(moved.before, default=str)}\n"
        for moved in leading(changeset.moves)
    ] or [f"  - path: {json.dumps(status.path)}\n" for status in changeset.files]
    for number, what in enumerate(about):
        entry = f'{what}    until: YYYY-MM-DD\n    owner: "@your-org/your-team"\n    reason: what stands in the way\n'
        if sum(map(len, entries)) + len(entry) > _SNIPPET_LIMIT:
            return "".join((*entries, f"  # and so on for the other {count(len(about) - number, 'file')}\n"))
        entries.append(entry)
    return "".join(entries)


def _origin(plan: RepoPlan, source: Source, owners: str, config_path: str) -> str:
    name = plan.repo.rpartition("/")[2]
    where = f" of {code(source.repository)}" if source.repository else ""
    return folded(
        "Where these files come from",
        f"From the platform's template and the answers for {code(name)} in {code(config_path)}{where}, "
        f"{_commit(source)}. A later pull request would undo a change made only in this repo. To change them for good, "
        f"ask {code(owners)}, or open a pull request there.",
    )


def _commit(source: Source) -> str:
    if source.commit is None:
        return "outside version control"
    dirty = " with uncommitted changes" if source.dirty else ""
    link = commit_link(source.repository, source.commit)
    return f"at {link or f'commit {code(source.commit)}'}{dirty}"

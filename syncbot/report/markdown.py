"""The plan, the status and the outcome of an apply as Markdown, for a job summary. Strings out, nothing printed.

Text from repos appears as code only, so that it can neither break out nor ping anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from syncbot.plan.file_status import FileStatus
from syncbot.plan.repo_plan import RepoPlan, RepoState
from syncbot.report.causes import cause_lines
from syncbot.report.diffs import file_diff
from syncbot.report.markdown_escape import cell, code, cut, details, fence
from syncbot.report.status import NOT_PROPOSED, age, in_words, open_pull_requests, standing, standstills, stopped
from syncbot.report.values import Outcome, PlanReport
from syncbot.report.wording import (
    LEGEND,
    action_words,
    count,
    notes,
    outcome_line,
    remark,
    sign,
    source_lines,
    summary_line,
    version_line,
)

# GitHub takes 1 MiB a job summary.
_DIFFS_LIMIT = 600_000
_DIFF_LIMIT = 20_000


def plan_markdown(report: PlanReport, *, diffs: bool = False) -> str:
    """Summary, what would change, failures, open pull requests and, folded away, the diffs."""
    return _document(
        f"## syncbot plan\n\n{summary_line(report)}",
        _warnings(report),
        _changes(report.plans),
        _failures(report.plans),
        _open(report.plans),
        *(_diffs(report.plans) if diffs else ()),
    )


def apply_markdown(report: PlanReport, outcomes: Sequence[Outcome], *, diffs: bool = False) -> str:
    """Summary, what became of each pull request, and failures."""
    rows = ((o.action, _link(o.repo, o.number, o.url), cell(o.changeset), cell(o.head[:12])) for o in outcomes)
    return _document(
        f"## syncbot apply\n\n{outcome_line(report, outcomes)}",
        "\n".join(f"- {line}" for line in source_lines(report.source)),
        _table(("Action", "Pull request", "Changeset", "Head"), rows),
        _stopped(report.plans),
        _failures(report.plans),
        *(_diffs(report.plans) if diffs else ()),
    )


def status_markdown(report: PlanReport, now: datetime, *, diffs: bool = False) -> str:
    """Summary, open pull requests with their ages, files left alone, and failures."""
    sections = (
        f"### {heading}\n\n" + _table(("Repo", "File", "Why"), (tuple(map(cell, row)) for row in rows))
        for heading, rows in standing(report.plans).items()
    )
    return _document(
        f"## syncbot status\n\n{summary_line(report)}",
        _warnings(report),
        _open(report.plans, now),
        "\n".join(_why(report.plans)),
        *sections,
        _stopped(report.plans),
        _failures(report.plans),
        *(_diffs(report.plans) if diffs else ()),
    )


def _warnings(report: PlanReport) -> str:
    lines = [f"- apply will stop: {code(brake)}" for brake in report.brakes]
    lines += [f"- {code(line)}" for line in (*report.notices, *map(version_line, report.warnings))]
    return "\n".join(lines)


def _document(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join((f"| {' | '.join(headings)} |", "|---" * len(headings) + "|", *lines))


def _changes(plans: Iterable[RepoPlan]) -> str:
    drifted = [plan for plan in plans if not plan.failure and (plan.changesets or plan.state is RepoState.DRIFTED)]
    rows = [(cell(plan.repo), _files(plan.files), _actions(plan)) for plan in drifted]
    if not rows:
        return ""
    reasons = [f"- {code(name)}: {code(reason)}" for name, reason in notes(drifted)]
    reasons += _why(drifted)
    table = _table(("Repo", "Files", "Pull request"), rows)
    return _document(table, "\n".join(reasons), code(LEGEND)).rstrip("\n")


def _why(plans: Iterable[RepoPlan]) -> list[str]:
    return [f"- why: {code(line)}" for line in cause_lines(plans)]


def _files(statuses: Iterable[FileStatus]) -> str:
    return "<br>".join(_file(status) for status in statuses if not status.treatment.as_desired)


def _file(status: FileStatus) -> str:
    word = remark(status)
    return cell(f"{sign(status)} {status.path}") + (f" {word}" if word else "")


def _actions(plan: RepoPlan) -> str:
    return "<br>".join(cell(action_words(changeset)) for changeset in plan.changesets)


def _stopped(plans: Iterable[RepoPlan]) -> str:
    table = _table(("Repo", "Changeset", "Why"), (tuple(map(cell, row)) for row in stopped(plans)))
    return f"### {NOT_PROPOSED}\n\n{table}" if table else ""


def _failures(plans: Iterable[RepoPlan]) -> str:
    rows = [(cell(p.repo), cell(p.failure.code), cell(p.failure.reason)) for p in plans if p.failure]
    return f"### Failed\n\n{_table(('Repo', 'Code', 'Why'), rows)}" if rows else ""


def _open(plans: Sequence[RepoPlan], now: datetime | None = None) -> str:
    rows = [
        (
            _link(repo, pr.number, pr.url),
            cell(pr.changeset),
            age(pr, now) if now else pr.created_at.date().isoformat(),
            cell(in_words(pr.checks)),
            cell(in_words(pr.review_decision)),
            words,
        )
        for repo, pr, words in open_pull_requests(plans)
    ]
    headings = ("Pull request", "Changeset", "Age" if now else "Opened", "Checks", "Review", "")
    if not rows:
        return ""
    # The plan's own list of reasons stands above; the status has none but this.
    reasons = "\n".join(f"- {code(name)}: {code(reason)}" for name, reason in standstills(plans)) if now else ""
    return _document("### Open pull requests", _table(headings, rows), reasons).rstrip("\n")


def _link(repo: str, number: int, url: str) -> str:
    # Pointed brackets end a link's address at no space or parenthesis; what could end them is left out of the link.
    name = cell(f"{repo}#{number}")
    return f"{name} {cell(url)}" if set(url) & set("<>|\\\n\r `") else f"[{name}](<{url}>)"


def _diffs(plans: Iterable[RepoPlan]) -> list[str]:
    """The folded diffs, as many as a job summary holds, and the number of those left out."""
    blocks, size, left_out = [], 0, 0
    for plan in plans:
        for status in plan.files:
            if status.proposal is None:
                continue
            block = "" if size > _DIFFS_LIMIT else _diff(plan.repo, status)
            size += len(block)
            left_out += not block
            blocks += [block] if block else []
    note = [f"{count(left_out, 'more diff')}: see `syncbot plan --diff`."] if left_out else []
    return [*(["### Diffs"] if blocks else []), *blocks, *note]


def _diff(repo: str, status: FileStatus) -> str:
    return details(f"{repo} {sign(status)} {status.path}", fence(cut(file_diff(status), _DIFF_LIMIT), "diff"))

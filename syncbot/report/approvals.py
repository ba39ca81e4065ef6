"""What `approve` did, as text and as the JSON that `docs/approve.md` describes. Values in, strings out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Group, RenderableType
from rich.text import Text

from syncbot.plan.repo_plan import RepoPlan
from syncbot.report.status import failures
from syncbot.report.wording import count, one_line

Verdict = Literal["approved", "not-approved", "failed"]
VERSION = 1
_STYLES = {"approved": "green", "not-approved": "yellow", "failed": "bold red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One open pull request of the bot; `code` and `reason` say why it was not approved, else they are empty."""

    repo: str
    changeset: str
    number: int
    url: str
    head: str
    verdict: Verdict
    code: str = ""
    reason: str = ""


def approvals_text(identity: str, reviews: Sequence[Review], plans: Sequence[RepoPlan]) -> RenderableType:
    """One pull request a line, repos that failed, and the counts."""
    names = {plan.repo: plan.repo for plan in plans}
    return Group(*map(_line, reviews), *failures(plans, names), Text(), Text(_summary(identity, reviews), style="bold"))


def approvals_json(identity: str, reviews: Sequence[Review], plans: Sequence[RepoPlan]) -> str:
    """The same for scripts."""
    document = {
        "version": VERSION,
        "identity": identity,
        "pull_requests": [
            {
                "repo": review.repo,
                "changeset": review.changeset,
                "number": review.number,
                "url": review.url,
                "head": review.head,
                "verdict": review.verdict,
                "reason_code": review.code,
                "reason": review.reason,
            }
            for review in reviews
        ],
        "errors": list(_errors(plans)),
    }
    return json.dumps(document, indent=1)


def _errors(plans: Sequence[RepoPlan]) -> Iterator[dict[str, str]]:
    for plan in plans:
        if plan.failure:
            yield {"repo": plan.repo, "code": plan.failure.code, "reason": plan.failure.reason}


def _line(review: Review) -> Text:
    why = f"{review.code}: {review.reason}" if review.code else review.url
    return Text.assemble(
        (f"{review.verdict:<12}", _STYLES[review.verdict]),
        f" {review.repo}#{review.number} {one_line(review.changeset)}  {one_line(why)}",
    )


def _summary(identity: str, reviews: Sequence[Review]) -> str:
    verdicts = Counter(review.verdict for review in reviews)
    parts = [f"{verdicts['approved']} approved by {one_line(identity)}", f"{verdicts['not-approved']} not"]
    parts += [f"{verdicts['failed']} failed"] if verdicts["failed"] else []
    return f"{count(len(reviews), 'open pull request')}: {', '.join(parts)}"

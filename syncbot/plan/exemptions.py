"""Exemptions: which are about to end, or have ended, so that nobody is surprised. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from syncbot.model import Exemption, Repo

NOTICE = timedelta(days=14)
"""How long before its last day an exemption is said to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One exemption that ends soon (`has_ended` false) or no longer holds."""

    repo: str
    exemption: Exemption
    has_ended: bool

    def __str__(self) -> str:
        exemption = self.exemption
        what = exemption.path or (f"{exemption.answer} {exemption.keep}" if exemption.answer else "the whole repo")
        when = f"ended on {exemption.until}" if self.has_ended else f"ends on {exemption.until}"
        return f"{self.repo}: the exemption for {what} ({exemption.owner}) {when}"


def notices(repos: Iterable[Repo], today: date) -> tuple[Notice, ...]:
    """Those that end within a fortnight and those that have ended, the earliest first."""
    found = (
        Notice(repo=repo.name, exemption=exemption, has_ended=not exemption.holds(today))
        for repo in repos
        for exemption in repo.exemptions
        if exemption.until - today <= NOTICE
    )
    return tuple(sorted(found, key=lambda notice: (notice.exemption.until, notice.repo)))

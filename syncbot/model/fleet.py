"""The fleet as the config describes it, and the commit that it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from syncbot.model.files import Ownership

BRANCH_PREFIX = "syncbot/"
"""What branches begin with where the config says nothing else; it ends with a slash, as every prefix."""

_NUMBERED = re.compile(r"[a-z0-9][a-z0-9._+-]*-[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """'Not this file' (`path`), 'not this version' (`answer` stays at `keep`), or, with neither, 'not this repo'.

    Holds up to and including the day `until`.
    """

    path: str | None = None
    answer: str | None = None
    keep: object = None
    until: date
    owner: str
    reason: str

    def holds(self, today: date) -> bool:
        return today <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRules:
    """What the bot's commits and titles bear in a repo whose own rules ask for it: a `Signed-off-by` of their author,
    `title_prefix` before title and subject, and `trailers` beside the bot's own; and what new branches are called."""

    sign_off: bool = False
    title_prefix: str = ""
    trailers: Mapping[str, str] = field(default_factory=dict)
    branch_prefix: str = BRANCH_PREFIX

    def titled(self, title: str) -> str:
        """The title behind the prefix, once; after a type (`chore: `) in lower case, as Conventional Commits are
        commonly checked."""
        if title.startswith(self.title_prefix):
            return title
        is_type = self.title_prefix.endswith(": ") and title[1:2].islower()
        return self.title_prefix + (title[:1].lower() + title[1:] if is_type else title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repo:
    """One entry of the fleet, with the fleet's defaults already folded into its answers.

    `own_parts` are the mappings among them to which defaults added keys, as the repo itself has them: before mappings
    merged, that was all of the answer. A no to adoption that was said before `adoption_asked` is void.
    """

    name: str  # owner/name
    template: str
    answers: Mapping[str, object]
    own_parts: Mapping[str, object] = field(default_factory=dict)
    ownership: Mapping[str, Ownership] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    adoption_asked: date | None = None
    commits: CommitRules = field(default_factory=CommitRules)

    def answers_on(self, today: date) -> Mapping[str, object]:
        """The answers to render with: exempt answers keep their exempt value while the exemption holds."""
        kept = {e.answer: e.keep for e in self.exemptions if e.answer and e.holds(today)}
        return {**self.answers, **kept} if kept else self.answers

    def answers_once(self, today: date) -> Iterator[Mapping[str, object]]:
        """Those that a delivery by this entry may have been rendered with, as they count on `today` first.

        Exemptions may have held that have ended since, or will have; and before mappings merged, the repo's own part
        was all of them.
        """
        days = [today, *sorted({each.until for each in self.exemptions if each.answer})]
        unmerged = [replace(self, answers={**self.answers, **self.own_parts})] if self.own_parts else []
        for repo in (self, *unmerged):
            yield from map(repo.answers_on, days)
            if len(days) > 1:
                yield repo.answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ceilings for a run. `seconds_between_writes` is GitHub's advice of at least 1 s; 0 suits only a sandbox."""

    open_pull_requests: int = 50
    pull_requests_per_hour: int = 60
    max_fleet_share: float = 0.25
    seconds_between_writes: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """By what the bot's own is known: the logins that it has or had, and the prefixes of its branches."""

    identities: tuple[str, ...]
    prefixes: tuple[str, ...] = (BRANCH_PREFIX,)

    @property
    def logins(self) -> frozenset[str]:
        """As they can be compared."""
        return frozenset(name.lower() for name in self.identities)

    def names(self, branch: str) -> bool:
        """Whether a branch has a name that the bot gives: a prefix and `<changeset>-<n>`."""
        prefix, slash, rest = branch.rpartition("/")
        return prefix + slash in self.prefixes and _NUMBERED.fullmatch(rest) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All repos listed in `config/repos.yaml`, in its order. `branch_prefixes` are those that are or were in use."""

    organization: str
    identities: tuple[str, ...]
    owners: str
    limits: Limits
    repos: tuple[Repo, ...]
    branch_prefixes: tuple[str, ...] = (BRANCH_PREFIX,)

    @property
    def bot(self) -> Bot:
        return Bot(identities=self.identities, prefixes=self.branch_prefixes)


class Merged(StrEnum):
    """Whether the commit that config and templates come from is on its remote's default branch."""

    YES = "yes"
    NO = "no"
    NO_REMOTE = "no-remote"
    """There is no remote: the commit is all there is."""
    NOT_FETCHED = "not-fetched"
    """The default branch is known, and not fetched."""
    UNKNOWN = "unknown"
    """Which branch is the default one is not known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the desired state comes from: a commit of the platform team's own repo.

    `commit` is 40 hex digits, or None where there is none. `differing` are the paths that were read and differ from
    that commit, or that it has and were not there to read. `merged` says whether the default branch, `branch` of
    `remote` where they are known, holds the commit. `repository` is `owner/name` where it is known.
    """

    commit: str | None = None
    differing: tuple[str, ...] = ()
    merged: Merged = Merged.UNKNOWN
    remote: str = ""
    branch: str = ""
    repository: str | None = None

    @property
    def dirty(self) -> bool:
        """Whether what was read is not what the commit holds."""
        return bool(self.differing)

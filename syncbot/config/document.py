"""The shape of `config/repos.yaml`: its keys, their types, limits and meanings.

In: plain Python values. Out: validated models, and the JSON Schema made from them. What depends on more than one
key, or on a template, is not judged here but in `syncbot.config.checks`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from syncbot.formats.yaml.scalars import as_date
from syncbot.model.fleet import Limits

ORGANIZATION = r"^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}$"
IDENTITY = r"^[A-Za-z0-9][A-Za-z0-9_-]*(\[bot\])?$"
REPO_NAME = r"^[A-Za-z0-9._-]{1,100}$"
OWNER = (
    r"^(@[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9._-]+)?"
    r"|[A-Za-z0-9.!%+_'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)$"
)
SOMETHING = r"\S"

TITLE_PREFIX = r"^([^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,26} )?$"
"""With a title's 72 characters it comes to 100, the most that commitlint takes by default."""
TRAILER = r"^[A-Za-z0-9][A-Za-z0-9-]{0,49}$"
"""What git reads as a trailer's name: letters, digits and hyphens (git-interpret-trailers)."""
TRAILER_VALUE = r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]{0,198}[^\x00-\x20\x7f])?$"
PREFIX_MOST = 50
BRANCHES = r"^([A-Za-z0-9_][A-Za-z0-9_.-]*/)+$"
"""Of what git allows (git-check-ref-format), what needs no quoting in a shell, a URL or a rule's pattern."""

# What a pattern asks for, in words.
EXPECTED = {
    ORGANIZATION: "the login of one organization or user, such as acme",
    IDENTITY: 'a login, such as "acme-syncbot[bot]"',
    REPO_NAME: "a repository's bare name (letters, digits, '.', '-', '_'; at most 100)",
    OWNER: 'a team, a login or an e-mail address, such as "@acme/payments"',
    SOMETHING: "a sentence",
    TITLE_PREFIX: 'one line of at most 28 characters that ends with a space, such as "chore: "',
    BRANCHES: "a prefix that ends with '/', such as platform/ (letters, digits, '.', '_' and '-' between slashes)",
    TRAILER: "a trailer's name: letters, digits and '-', at most 50",
    TRAILER_VALUE: "one line of at most 200 characters, without spaces around it",
}

Owner = Annotated[str, Field(pattern=OWNER)]
RepoName = Annotated[str, Field(pattern=REPO_NAME)]
Text = Annotated[str, Field(pattern=SOMETHING)]
BranchPrefix = Annotated[str, Field(pattern=BRANCHES, json_schema_extra={"maxLength": PREFIX_MOST})]


def _day(value: object) -> object:
    return as_date(value) or value if isinstance(value, str) else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class ExemptionEntry(_Part):
    """'Not this file', 'not this version' or 'not this repo', with owner, reason and last day."""

    path: Text | None = Field(default=None)
    """An owned or retired path that the bot leaves alone; without `path` and `answer`, the whole repo is exempt."""
    answer: Text | None = Field(default=None)
    """An answer that stays at `keep`, whatever defaults and rollouts say."""
    keep: Any = Field(default=None)
    """The whole value that `answer` keeps, also of a mapping; required with `answer`, refused without."""
    until: Annotated[date, BeforeValidator(_day)]
    """The last day on which the exemption holds, such as 2027-01-31."""
    owner: Owner
    """Who answers for the exemption."""
    reason: Text
    """Why, in a sentence; shown in plan and status."""


class CommitsEntry(_Part):
    """What a repo's own rules ask of commits and pull requests."""

    sign_off: bool | None = Field(default=None)
    """Whether each commit of the bot ends with a Signed-off-by line that names its author, as DCO checks want it."""
    title_prefix: Annotated[str, Field(pattern=TITLE_PREFIX)] | None = Field(default=None)
    """What titles and the subjects of commits begin with, such as "chore: " or "[PLAT-123] "; "" for nothing."""
    trailers: Annotated[
        dict[str, Any],
        WithJsonSchema(
            {
                "type": "object",
                "propertyNames": {"pattern": TRAILER},
                "additionalProperties": {"type": ["string", "null"], "pattern": TRAILER_VALUE},
            }
        ),
    ] = Field(default={})
    """Trailers of each commit beside the bot's own, such as {Ticket: PLAT-1}; null takes one of the fleet's out."""

    branch_prefix: BranchPrefix | None = Field(default=None)
    """What the names of new branches begin with; open pull requests go on under theirs."""


class FleetCommitsEntry(CommitsEntry):
    """The same for the whole fleet."""

    earlier_branch_prefixes: list[BranchPrefix] = Field(default=[])
    """Prefixes that were in use once, by which pull requests are known; syncbot/ and those in this file are anyway."""


class AdoptEntry(_Part):
    """When teams were asked to adopt the platform's files."""

    asked: Annotated[date, BeforeValidator(_day)] | None = Field(default=None)
    """The day from which on a closed `adopt` counts as a no: what was closed before it is asked once more."""


class RepoEntry(_Part):
    """One service repo."""

    name: RepoName
    """The repo's bare name; the organization is the fleet's."""
    team: Owner | None = Field(default=None)
    """The team that owns the service; required here or under defaults."""
    template: Text | None = Field(default=None)
    """The template that renders the owned files; required here or under defaults."""
    answers: dict[str, Any] = Field(default={})
    """The repo's own answers; each wins over the default of that name, mappings key by key, and null takes one out."""
    ownership: dict[str, Literal["file", "block"]] = Field(default={})
    """For owned paths that are owned otherwise in this repo than the template says: path to `file` or `block`."""
    exemptions: list[ExemptionEntry] = Field(default=[])
    """What the bot leaves alone for a while in this repo."""
    commits: CommitsEntry = Field(default_factory=CommitsEntry)
    """What this repo's own rules ask of commits and pull requests; each key and trailer wins over the fleet's."""
    adopt: AdoptEntry = Field(default_factory=AdoptEntry)
    """When this repo's team was asked to adopt the platform's files; the default's day, where it says none."""


class Defaults(_Part):
    """What holds for each repo that says nothing else."""

    template: Text | None = Field(default=None)
    """The template of repos that name none."""
    team: Owner | None = Field(default=None)
    """The team of repos that name none."""
    answers: dict[str, Any] = Field(default={})
    """Answers of every repo whose template asks for them."""
    adopt: AdoptEntry = Field(default_factory=AdoptEntry)
    """When the teams of all repos were asked to adopt the platform's files."""


_LIMITS = Limits()


class LimitsEntry(_Part):
    """Ceilings for a run."""

    open_pull_requests: int = Field(default=_LIMITS.open_pull_requests, ge=0)
    """Most pull requests of the bot that may be open at once over the fleet."""
    pull_requests_per_hour: int = Field(default=_LIMITS.pull_requests_per_hour, ge=1)
    """Most pull requests that a run opens in an hour."""
    max_fleet_share: float = Field(default=_LIMITS.max_fleet_share, gt=0, le=1)
    """Largest share of the fleet that one run may touch with a new kind of change."""
    seconds_between_writes: float = Field(default=_LIMITS.seconds_between_writes, ge=0, le=3600)
    """Least time between two writes to GitHub, in seconds; GitHub asks for 1."""


class Document(_Part):
    """The fleet: every repo that syncbot keeps in step, and how."""

    model_config = ConfigDict(title="config/repos.yaml")

    organization: Annotated[str, Field(pattern=ORGANIZATION)]
    """The organization or user that all repos of this file belong to."""
    identities: list[Annotated[str, Field(pattern=IDENTITY)]] = Field(min_length=1)
    """Logins whose pull requests and commits count as the bot's own."""
    owners: Owner
    """The platform team, which owns the owned files."""
    defaults: Defaults = Field(default_factory=Defaults)
    """What holds for each repo that says nothing else."""
    commits: FleetCommitsEntry = Field(default_factory=FleetCommitsEntry)
    """What commits and pull requests bear in every repo that says nothing else."""
    limits: LimitsEntry = Field(default=LimitsEntry())
    """Ceilings for a run."""
    repos: list[RepoEntry]
    """The service repos; their order here is their order in every report."""

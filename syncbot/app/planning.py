"""Planning: render, observe, compare and plan for a fleet, a batch of repos at a time.

Ties the steps together and decides nothing itself. Each batch is let go before the next is read, so that memory
does not grow with repos that are in sync.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, partial
from itertools import chain
from typing import assert_never

from syncbot.app.cause_finder import CauseFinder
from syncbot.app.config_history import ConfigHistory
from syncbot.app.config_values import organization_unknown
from syncbot.app.containment import contained, contained_each, failure
from syncbot.app.deliveries import delivery_of
from syncbot.app.earlier_configs import EarlierConfigs
from syncbot.app.postgres_fleet import refusal as postgres_refusal
from syncbot.app.renderings import RendererOfRepos
from syncbot.app.versions_in_use import VersionsInUse
from syncbot.app.workspace import Workspace
from syncbot.check.unique_names import UniqueName, shared_names, unique_names_of
from syncbot.errors import FailureCode, RenderError
from syncbot.github.batches import BATCH
from syncbot.github.connection import Connection
from syncbot.github.decode import UnreadError
from syncbot.github.observe import survey, with_blobs, with_history, with_pulls_from
from syncbot.github.owners import is_unknown
from syncbot.github.rest_reads import Authorities, open_pull_requests, with_ancestors, with_merged_bases, with_trees
from syncbot.model.blobs import text_in
from syncbot.model.files import LOCK_PATH
from syncbot.model.fleet import Repo
from syncbot.model.observation import Failure, Observation
from syncbot.model.pull_request import PullRequest
from syncbot.model.templates import UNCLAIMED
from syncbot.plan.files.compare import differing
from syncbot.plan.files.desired import (
    desired_files,
    locations_in,
    partly_owned_paths,
    relocated,
    watched_paths,
    with_locations,
)
from syncbot.plan.files.lock import read_lock
from syncbot.plan.fleet.removed_repos import plan_removed_repos
from syncbot.plan.pulls.code_owners import code_owners, unclaimed
from syncbot.plan.pulls.data_needs import Need, Reading, needs, needs_before_opening
from syncbot.plan.pulls.plan_repo import RepoFacts, plan_repo
from syncbot.plan.repo_plan import RepoPlan


class Planner:
    """Plans for repos of one fleet on one day.

    `versions` collects which versions the repos use.
    """

    def __init__(self, workspace: Workspace, connection: Connection, today: date) -> None:
        self._workspace = workspace
        self._connection = connection
        self._today = today
        history = ConfigHistory(workspace)
        self._earlier = EarlierConfigs(history, today)
        self._renderings = RendererOfRepos(workspace, history, today)
        self._causes = CauseFinder(history, today)
        self._authority = Authorities(connection)
        self._bot = workspace.fleet.bot
        self._taken: dict[str, str] = {}
        self._opened_at: dict[str, tuple[datetime, ...]] = {}
        self._names: dict[str, frozenset[UniqueName]] = {}
        self._made: dict[str, tuple[RepoFacts, RepoPlan]] = {}
        self.versions = VersionsInUse()

    @property
    def opened_at(self) -> tuple[datetime, ...]:
        """When the open pull requests were created, in each repo as it was read last."""
        return tuple(chain.from_iterable(self._opened_at.values()))

    def plans(self, repos: Sequence[Repo]) -> Iterator[RepoPlan]:
        """One plan a repo, in order. Raises ForgeError where GitHub can't be read at all.

        Raises ConfigError where nothing is found and GitHub does not know the organization either.
        """
        for start in range(0, len(repos), BATCH):
            plans = tuple(self._plan_batch(repos[start : start + BATCH]))
            if all(plan.failure and plan.failure.code == "not-found" for plan in plans) and self._nobody_there:
                raise organization_unknown(self._workspace)
            yield from plans

    @cached_property
    def _nobody_there(self) -> bool:
        return is_unknown(self._connection, self._workspace.fleet.organization)

    def told_apart(self, plans: Sequence[RepoPlan]) -> tuple[RepoPlan, ...]:
        """The plans, a failure for each repo that would share a name with another of those that were planned."""
        refused = {repo: str(shared) for shared in shared_names(self._names) for repo in shared.repos}
        return tuple(
            RepoPlan(
                repo=plan.repo,
                listed_as=plan.listed_as,
                failure=Failure(code=FailureCode.IDENTITY, reason=refused[plan.listed_as]),
            )
            if plan.listed_as in refused and not plan.failure
            else plan
            for plan in plans
        )

    def removed_repos(self) -> tuple[RepoPlan, ...]:
        """Plans for repos that left the fleet with pull requests of the bot open. Raises ForgeError."""
        listed = frozenset(self._taken) | {repo.name.lower() for repo in self._workspace.fleet.repos}
        try:
            found = [(repo, pull) for repo, pull in self._open_anywhere() if repo.lower() not in listed]
        except UnreadError as error:
            organization = self._workspace.fleet.organization
            return (
                RepoPlan(
                    repo=organization, listed_as="", failure=Failure(code=FailureCode.UNREADABLE, reason=str(error))
                ),
            )
        seen = self._read_removed_repos(sorted({repo for repo, _ in found}))
        failures = {repo: outcome for repo, outcome in seen.items() if isinstance(outcome, Failure)}
        in_full = {
            (repo, pull.number): pull
            for repo, outcome in seen.items()
            if isinstance(outcome, Observation)
            for pull in outcome.pull_requests
        }
        return plan_removed_repos(
            ((repo, in_full.get((repo, pull.number), pull)) for repo, pull in found), failures, self._today
        )

    def _read_removed_repos(self, repos: Sequence[str]) -> Mapping[str, Observation | Failure]:
        """What a search does not tell: who committed to the pull requests, and what people said there."""

        def read(names: Sequence[str]) -> Mapping[str, Observation | Failure]:
            seen = survey(self._connection, names, (LOCK_PATH,), (LOCK_PATH,), self._bot)
            observations = [outcome for outcome in seen.values() if isinstance(outcome, Observation)]
            return {**seen, **with_history(self._connection, observations, (LOCK_PATH,), self._bot)}

        return {
            name: outcome
            if isinstance(outcome, Failure)
            else contained(name, partial(self._authority.vouched, outcome))
            for name, outcome in contained_each(repos, read).items()
        }

    def count_all_open(self) -> None:
        """Take `opened_at` from the whole organisation: the limits are the fleet's, however few repos are read.

        Raises UnreadError and ForgeError.
        """
        times: dict[str, tuple[datetime, ...]] = {}
        for repo, pull_request in self._open_anywhere():
            times[repo.lower()] = (*times.get(repo.lower(), ()), pull_request.created_at)
        self._opened_at = times

    def _open_anywhere(self) -> tuple[tuple[str, PullRequest], ...]:
        return open_pull_requests(self._connection, self._workspace.fleet.organization, self._bot)

    def _plan_batch(self, repos: Sequence[Repo]) -> Iterator[RepoPlan]:
        self._made.clear()
        by_name = {repo.name: repo for repo in repos}
        seen = contained_each(list(by_name), lambda names: self._survey([by_name[name] for name in names]))
        facts: dict[str, RepoFacts] = {}
        failures: dict[str, Failure] = {}
        for repo in repos:
            outcome = contained(repo.name, partial(self._facts, repo, seen[repo.name]))
            if isinstance(outcome, Failure):
                failures[repo.name] = outcome
            else:
                facts[repo.name] = outcome
        failures |= self._read_on(facts)
        for repo in repos:
            yield self._planned(repo, failures.get(repo.name) or facts[repo.name])

    def _planned(self, repo: Repo, facts: RepoFacts | Failure) -> RepoPlan:
        if isinstance(facts, RepoFacts):
            self._opened_at[facts.observation.name.lower()] = tuple(facts.observation.opened_at)
        plan = facts if isinstance(facts, Failure) else contained(repo.name, partial(self._explained, facts))
        if isinstance(plan, Failure):
            return RepoPlan(repo=repo.name, listed_as=repo.name, failure=plan)
        return plan

    def _survey(self, repos: Sequence[Repo]) -> Mapping[str, Observation | Failure]:
        specs = self._workspace.templates.specs
        paths = sorted({path for repo in repos for path in watched_paths(specs[repo.template])})
        texts = {path for repo in repos for path in partly_owned_paths(specs[repo.template], repo)}
        return survey(
            self._connection,
            [repo.name for repo in repos],
            paths,
            sorted(texts | {LOCK_PATH}),
            self._bot,
        )

    def _facts(self, repo: Repo, seen: Observation | Failure) -> RepoFacts | Failure:
        if isinstance(seen, Failure):
            return seen
        other = self._taken.setdefault(seen.name.lower(), repo.name)
        if other != repo.name:
            return Failure(
                code=FailureCode.LISTED_TWICE, reason=f"{repo.name} and {other} are the same repo, {seen.name}"
            )
        seen = replace(seen, may_write_workflows=self._connection.may_write_workflows)
        lock_file = seen.files.get(LOCK_PATH)
        lock = read_lock(text_in(seen.blobs, lock_file.id) if lock_file else None)
        templates = self._workspace.templates
        spec = templates.specs[repo.template]
        locations = locations_in(spec, seen.files, lock)
        lock = relocated(spec, repo, lock, seen.files)
        answers = with_locations(spec, repo.answers_on(self._today), locations)
        try:
            resolved = templates.resolved(repo.template, answers)
            rendered = templates.owned_files(repo.template, resolved)
            desired = desired_files(spec, repo, rendered, seen.files, lock)
            left = unclaimed(desired, seen, lock) if UNCLAIMED in spec.questions else None
            if left and (owners := code_owners(desired)):
                path = owners.listed_as or owners.path
                claiming = templates.render_file(repo.template, path, with_locations(spec, answers, locations, left))
                rendered = {**rendered, **({path: claiming} if claiming else {})}
                desired = desired_files(spec, repo, rendered, seen.files, lock)
        except RenderError as error:
            return Failure(code=FailureCode.RENDER, reason=str(error))
        self.versions.add(repo.name, resolved)
        self._names[repo.name] = unique_names_of(rendered)
        refused = postgres_refusal(rendered, resolved)
        if refused:
            return refused
        return RepoFacts(
            repo=repo,
            desired=desired,
            differing=differing(desired, seen),
            observation=seen,
            lock=lock,
            locations=locations,
            unclaimed=left,
        )

    def _read_on(self, facts: dict[str, RepoFacts]) -> dict[str, Failure]:
        """Read into `facts` whatever they need, a kind at a time for all repos; what failed is returned."""
        failures: dict[str, Failure] = {}
        asked: dict[str, frozenset[Need]] = dict.fromkeys(facts, frozenset())
        rounds = Counter[str]()
        while wanting := self._needed(facts, asked, failures):
            reading = min(need.reading for new in wanting.values() for need in new)
            named = {
                name: frozenset(need.name for need in found)
                for name, new in wanting.items()
                if (found := [need for need in new if need.reading is reading])
            }
            rounds.update(named.keys())
            if endless := [name for name in named if rounds[name] > _ROUNDS]:
                for name in endless:
                    failures[name] = failure(name, RuntimeError("it needs more to be read, without end"))
                    del facts[name]
                continue
            seen = contained_each(list(named), partial(self._read_listed, reading, facts, named))
            for name, names in named.items():
                asked[name] |= {Need(reading, each) for each in names}
                match seen.get(name):
                    case Failure() as failed:
                        failures[name] = failed
                        del facts[name]
                    case Observation() as observation if observation is not facts[name].observation:
                        facts[name] = replace(facts[name], observation=observation)
        return failures

    def _needed(
        self, facts: dict[str, RepoFacts], asked: Mapping[str, frozenset[Need]], failures: dict[str, Failure]
    ) -> dict[str, frozenset[Need]]:
        """What was not asked for yet, by repo; a repo of which that cannot be told goes over to `failures`."""
        wanting: dict[str, frozenset[Need]] = {}
        for name, fact in list(facts.items()):
            new = contained(name, partial(self._needs, fact, asked[name]))
            if isinstance(new, Failure):
                failures[name] = new
                del facts[name]
            elif new:
                wanting[name] = new
        return wanting

    def _needs(self, facts: RepoFacts, asked: frozenset[Need]) -> frozenset[Need]:
        """What was not asked for yet; once all else is read, what is to be known before what it leads to is done."""
        if new := needs(facts) - asked:
            return new
        return needs_before_opening(self._plan(facts), facts.observation, asked) - asked if facts.differing else new

    def _read_listed(
        self,
        reading: Reading,
        facts: Mapping[str, RepoFacts],
        named: Mapping[str, frozenset[str]],
        listed: Sequence[str],
    ) -> Mapping[str, Observation | Failure]:
        """What is read of these repos, by the names under which the fleet lists them."""
        seen = self._read(reading, [(facts[name], named[name]) for name in listed])
        return {name: seen[present] for name in listed if (present := facts[name].observation.name) in seen}

    def _read(
        self, reading: Reading, wanted: Sequence[tuple[RepoFacts, frozenset[str]]]
    ) -> Mapping[str, Observation | Failure]:
        """By the present name of each repo."""
        match reading:
            case Reading.HISTORY:
                return self._history([fact for fact, _ in wanted])
            case Reading.PATHS:
                return self._disowned(wanted)
            case Reading.AUTHORITY:
                return {fact.observation.name: self._authority.vouched(fact.observation) for fact, _ in wanted}
            case Reading.TREES | Reading.ANCESTOR | Reading.MERGES:
                read = _OF_PULL_REQUESTS[reading]
                numbered = [(fact.observation, set(map(int, names))) for fact, names in wanted]
                return {seen.name: read(self._connection, seen, numbers) for seen, numbers in numbered}
            case Reading.GONE:
                return self._gone(wanted)
            case Reading.TEXTS:
                return with_blobs(self._connection, [(fact.observation, names) for fact, names in wanted])
        assert_never(reading)

    def _gone(self, wanted: Sequence[tuple[RepoFacts, frozenset[str]]]) -> Mapping[str, Observation | Failure]:
        specs = self._workspace.templates.specs
        paths = frozenset[str]().union(*(watched_paths(specs[fact.repo.template]) for fact, _ in wanted))
        named = [(fact.observation, names) for fact, names in wanted]
        return with_pulls_from(self._connection, named, sorted(paths), self._bot)

    def _history(
        self, facts: Sequence[RepoFacts], also: frozenset[str] = frozenset()
    ) -> Mapping[str, Observation | Failure]:
        specs = self._workspace.templates.specs
        paths = also.union(*(watched_paths(specs[fact.repo.template]) for fact in facts))
        observations = [fact.observation for fact in facts]
        return with_history(self._connection, observations, sorted(paths), self._bot)

    def _disowned(self, wanted: Sequence[tuple[RepoFacts, frozenset[str]]]) -> Mapping[str, Observation | Failure]:
        """Base and branches once more, with these paths."""
        paths = frozenset[str]().union(*(names for _, names in wanted))
        names = [fact.observation.name for fact, _ in wanted]
        bases = survey(self._connection, names, sorted(paths), (), self._bot)
        seen = self._history([fact for fact, _ in wanted], paths)
        return {name: _with_files(outcome, bases[name]) for name, outcome in seen.items()}

    def _plan(self, facts: RepoFacts) -> RepoPlan:
        """Made once for what is known of a repo: what else must be read before it is carried out is told by it."""
        known, plan = self._made.get(facts.repo.name, (None, None))
        if known is not facts or plan is None:
            plan = self._plan_anew(facts)
            self._made[facts.repo.name] = facts, plan
        return plan

    def _plan_anew(self, facts: RepoFacts) -> RepoPlan:
        facts = replace(facts, earlier=self._earlier.renderings(facts), renderings=self._renderings.of(facts))
        delivery = delivery_of(self._workspace, facts.repo.template)
        return plan_repo(facts, identities=self._bot.logins, delivery=delivery, today=self._today)

    def _explained(self, facts: RepoFacts) -> RepoPlan:
        """The plan with its causes, which nothing that is read depends on."""
        return self._causes.explained(self._plan(facts), facts.repo, facts.lock)


_ROUNDS = 100
"""Ten are many. A repo that still needs more fails alone, and the night goes on."""

_OF_PULL_REQUESTS = {
    Reading.TREES: with_trees,
    Reading.ANCESTOR: with_ancestors,
    Reading.MERGES: with_merged_bases,
}


def _with_files(seen: Observation | Failure, base: Observation | Failure) -> Observation | Failure:
    """The observation with more files of its base; without them where the base has moved on since."""
    if isinstance(seen, Failure) or isinstance(base, Failure) or base.head != seen.head:
        return seen
    return replace(seen, files={**base.files, **seen.files})

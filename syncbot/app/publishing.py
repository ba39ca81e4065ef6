"""Publishing: planned actions in, pull requests out, one repo after another; one that fails does not stop the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from syncbot.app.checking import rendering_with
from syncbot.app.containment import contained
from syncbot.app.fleet_run import FleetRun
from syncbot.app.owners import with_owner_changes
from syncbot.app.postgres_fleet import upgrade_of
from syncbot.errors import FailureCode, Refusal, RepoError
from syncbot.formats.compose import is_compose, project_name
from syncbot.github.connection import UncertainError
from syncbot.github.publish import Texts, publish
from syncbot.model.fleet import CommitRules
from syncbot.model.observation import Failure
from syncbot.plan.actions import ClosePullRequest, CommentOnce, NoOp, OpenPullRequest, UpdatePullRequest
from syncbot.plan.pulls.checked import published
from syncbot.plan.pulls.markers import with_markers
from syncbot.plan.pulls.trailers import trailers_of
from syncbot.plan.reasons import Limit
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.states import ADOPT, TAKEOVER
from syncbot.render.copier_run import CopierRender, verify
from syncbot.report import comments, pull_request
from syncbot.report.values import Outcome, OutcomeAction

FRESH_FOR = 60.0
"""Seconds after which a repo is read again before anything is done to a pull request that is open there."""

_OVERTAKEN = frozenset(
    {
        Refusal.NOT_FOUND,
        Refusal.REDIRECTED,
        Refusal.STALE,
        Refusal.ALREADY_EXISTS,
        Refusal.SIGNATURE_REQUIRED,
        Refusal.VALIDATION,
    }
)
"""What GitHub refuses where a repo is no longer as it was read."""


class Publisher:
    """Carries out the plans of a run. What it publishes is proved against Copier's rendering first: see `_prove`."""

    def __init__(self, run: FleetRun, copier: CopierRender) -> None:
        self._run = run
        self._copier = copier
        self._opened: list[tuple[str, datetime]] = []
        self._repos = {repo.name: repo for repo in run.workspace.fleet.repos}

    def publish(self, plan: RepoPlan, outcomes: list[Outcome]) -> RepoPlan:
        """The plan, with its failure if a changeset failed; what is done goes into `outcomes` at once.

        Raises ForgeError and OutOfTime.
        """
        done = contained(plan.repo, lambda: self._publish_once(plan, outcomes))
        return replace(plan, failure=done) if isinstance(done, Failure) else done

    def _publish_once(self, plan: RepoPlan, outcomes: list[Outcome]) -> RepoPlan:
        if self._is_stale(plan):
            return self._publish_afresh(plan, outcomes)
        try:
            return self._publish_all(plan, outcomes)
        except RepoError as error:
            if not _is_worth_another_look(error):
                raise
            return self._publish_afresh(plan, outcomes)

    def _is_stale(self, plan: RepoPlan) -> bool:
        """Whether people may have approved, held or merged since it was read: a run takes hours under the limits."""
        touches = any(c.pull_request and not isinstance(c.action, NoOp) for c in plan.changesets)
        return touches and self._run.clock.now() - self._run.now.timestamp() > FRESH_FOR

    def _publish_afresh(self, plan: RepoPlan, outcomes: list[Outcome]) -> RepoPlan:
        """Once more from a fresh read: somebody else was quicker, or nobody knows whether a write was done."""
        openings = sum(isinstance(changeset.action, OpenPullRequest) for changeset in plan.changesets)
        fresh = self._read_again(plan)
        # By the clock as it is now: midnight may have passed, or the hour that was full.
        left = self._run.openings_left([at for repo, at in self._opened if repo != plan.repo])
        (fresh,) = self._run.checker.within_limits((fresh,), {**left, Limit.PLANNED: openings})
        if fresh.failure:
            return fresh
        done = contained(fresh.repo, lambda: self._publish_all(fresh, outcomes))
        return replace(fresh, failure=done) if isinstance(done, Failure) else done

    def _read_again(self, plan: RepoPlan) -> RepoPlan:
        repo = self._repos.get(plan.listed_as)
        if repo:
            return next(self._run.planner.plans((repo,)))
        left = (removed for removed in self._run.planner.removed_repos() if removed.repo == plan.repo)
        return next(left, replace(plan, changesets=()))

    def _publish_all(self, plan: RepoPlan, outcomes: list[Outcome]) -> RepoPlan:
        """The plan, with what its pull requests change about owners."""
        if not plan.may_write and any(not isinstance(c.action, NoOp) for c in plan.changesets):
            raise RepoError(FailureCode.NOT_PERMITTED, f"the token may not write to {plan.repo}")
        self._prove(plan)
        plan = with_owner_changes(self._run.connection, plan)
        for changeset in plan.changesets:
            known = {(outcome.repo, outcome.changeset, outcome.number) for outcome in outcomes}
            done = self._publish(plan, changeset)
            outcomes += (outcome for outcome in done if (outcome.repo, outcome.changeset, outcome.number) not in known)
        return plan

    def _publish(self, plan: RepoPlan, changeset: Changeset) -> Iterator[Outcome]:
        done = publish(self._run.connection, plan.repo, changeset, self._texts(plan, changeset))
        if done:
            if done.action == "opened":
                self._opened.append((plan.repo, self._run.clock.moment()))
            yield Outcome(
                repo=plan.repo,
                changeset=changeset.name,
                number=done.number,
                url=done.url,
                action=OutcomeAction(done.action),
                head=done.head,
            )

    def _prove(self, plan: RepoPlan) -> None:
        """Raise RenderError unless Copier renders this repo just as we do, with each of its changesets merged alone.

        By the templates of today, and CODEOWNERS with every claim.
        """
        for changeset in published(plan):
            repo = self._repos[plan.listed_as]
            answers, ours = rendering_with(self._run.workspace, repo, self._run.now.date(), plan, changeset)
            verify(ours.files, self._copier.render(repo.template, answers))

    def _texts(self, plan: RepoPlan, changeset: Changeset) -> Texts:
        workspace = self._run.workspace
        repo = self._repos.get(plan.listed_as)
        rules = repo.commits if repo else CommitRules()
        return Texts(
            title=rules.titled(pull_request.title(changeset)),
            body=with_markers(
                pull_request.body(
                    plan,
                    changeset,
                    source=workspace.source,
                    owners=workspace.fleet.owners,
                    config_path=workspace.config_path,
                    upgrade=self._upgrade(plan, changeset),
                ),
                trailers_of(changeset),
            ),
            commit_message=pull_request.commit_message(changeset, rules),
            sign_off=rules.sign_off,
            comment=_comment(changeset),
        )

    def _upgrade(self, plan: RepoPlan, changeset: Changeset) -> str:
        """What a move to another Postgres major means for this service, where the changeset is one."""
        major = pull_request.postgres_move(changeset)
        repo = self._repos.get(plan.listed_as)
        if major is None or repo is None:
            return ""
        composed = (s.proposal.content for s in changeset.written if s.proposal and is_compose(s.path))
        return upgrade_of(
            self._run.workspace,
            repo,
            self._run.now.date(),
            major.from_major,
            major.to_major,
            project=next((project_name(content) for content in composed if content), ""),
            # There the file of before is the team's own, with other names.
            developers=changeset.name not in (ADOPT, TAKEOVER),
        )


def _is_worth_another_look(error: RepoError) -> bool:
    """Whether the repo may have changed since it was read, or a write may have been done."""
    return isinstance(error, UncertainError) or error.refusal in _OVERTAKEN


def _comment(changeset: Changeset) -> str:
    match changeset.action:
        case UpdatePullRequest():
            return comments.update_comment(changeset)
        case CommentOnce(paths=paths, overwrites_edits=True):
            return comments.loss_comment(paths)
        case CommentOnce(paths=paths):
            return comments.tell_comment(changeset, paths)
        case ClosePullRequest() | OpenPullRequest(replaces=int()):
            return comments.close_comment(changeset)
    return ""

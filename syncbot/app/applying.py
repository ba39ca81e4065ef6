"""Applying: what has to hold before a run writes, and its plans carried out one after another."""

from __future__ import annotations

from collections.abc import Collection

from syncbot.app.fleet_run import FleetRun, Progress, unseen
from syncbot.app.publishing import Publisher
from syncbot.errors import SyncbotError
from syncbot.github.parse import login
from syncbot.github.reviews import viewer
from syncbot.plan.actions import NoOp
from syncbot.plan.repo_plan import RepoPlan
from syncbot.render.copier_run import CopierRender
from syncbot.report.values import Outcome
from syncbot.report.words import brake_words


def check_brakes(run: FleetRun, allowed: Collection[str]) -> None:
    """Raise SyncbotError where a brake stops the run, before anything is written."""
    lines = [f"{brake_words(brake)}; or --allow {brake.kind}" for brake in run.brakes if brake.kind not in allowed]
    if lines:
        raise SyncbotError("\n".join(lines))


def check_identity(run: FleetRun) -> None:
    """Raise SyncbotError where the bot would write, and not know its own pull requests again."""
    identities = run.workspace.fleet.identities
    changesets = (changeset for plan in run.plans for changeset in plan.changesets)
    if all(isinstance(changeset.action, NoOp) for changeset in changesets):
        return
    who = viewer(run.connection)
    if login(who) not in map(login, identities):
        raise SyncbotError(
            f"this is the identity {who}, and the config's `identities` are {', '.join(identities)}: each run would "
            f"open its pull requests anew; add {who} there, or use another identity"
        )


def publish_all(
    run: FleetRun, progress: Progress = unseen
) -> tuple[list[RepoPlan], list[Outcome], BaseException | None]:
    """The plans as they turned out and what was done; what ended the run early comes last, an interruption included."""
    plans = list(run.plans)
    outcomes: list[Outcome] = []
    with CopierRender(run.workspace.templates.sources) as copier:
        publisher = Publisher(run, copier)
        try:
            for index, plan in enumerate(progress(iter(run.plans), "Opening pull requests", len(plans))):
                plans[index] = publisher.publish(plan, outcomes)
        except BaseException as error:
            return plans, outcomes, error
    return plans, outcomes, None

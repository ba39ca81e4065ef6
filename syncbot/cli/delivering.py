"""What a lock records of a delivery from this workspace: to a repo that the bot keeps, and to one that is born."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from syncbot import __version__
from syncbot.cli.workspace import Workspace
from syncbot.model import LOCK_PATH, File, Repo
from syncbot.plan.changesets import Delivery
from syncbot.plan.desired import ownable_paths
from syncbot.plan.lock import format_lock
from syncbot.plan.points import Point
from syncbot.plan.values import Desired
from syncbot.render import Templates


def delivery_of(workspace: Workspace, template: str) -> Delivery:
    """How files of this template are recorded."""
    return Delivery(
        template=template,
        source=workspace.source,
        tool=__version__,
        slots=ownable_paths(workspace.templates.specs[template]) - {LOCK_PATH},
        given=partial(_given, workspace.templates, template),
    )


def first_lock(
    workspace: Workspace, repo: Repo, wanted: Iterable[Desired], answers: Mapping[str, object]
) -> Mapping[str, File]:
    """The lock of a repo that begins with just these files."""
    delivery = delivery_of(workspace, repo.template)
    point = Point(tree=workspace.templates.tree, answers=answers, config=workspace.source.commit)
    stanzas = {each.path: delivery.stanza(each.path, each.file_id, point) for each in wanted if each.file_id}
    return {LOCK_PATH: File(content=format_lock(stanzas, delivery.slots).encode())}


def _given(templates: Templates, template: str, point: Point, path: str) -> Mapping[str, object]:
    """The answers at a point that bear on a file."""
    read = templates.answers_read(template, path)
    return {name: value for name, value in point.answers.items() if name in read}

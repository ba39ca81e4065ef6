"""What a lock records of a delivery from this workspace: to a repo that the bot keeps, and to one that is born."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from syncbot import __version__
from syncbot.app.workspace import Workspace
from syncbot.model.files import LOCK_PATH, File
from syncbot.model.fleet import Repo
from syncbot.plan.file_status import Desired
from syncbot.plan.files.desired import ownable_paths
from syncbot.plan.files.lock import format_lock
from syncbot.plan.files.points import Point
from syncbot.plan.pulls.facts import Delivery
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

"""The smallest histories that broke simpler rules. What is proposed where is written down here by hand.

Each is told to the model and to syncbot's planner.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.oracle import adapter, model
from tests.oracle.git import Git
from tests.oracle.history import History, Planner
from tests.oracle.model import Plan
from tests.oracle.template import CODEOWNERS, COMPOSE, DOCKERFILE, NODE_VERSION, POSTGRES
from tests.oracle.world import Exemption, State

NODE = "debian+node"
"""Debian follows Node in the template's defaults."""

Begin = Callable[..., History]


@pytest.fixture(params=[model.plan, adapter.plan], ids=["model", "syncbot"])
def begin(request: pytest.FixtureRequest, git: Git) -> Begin:
    planner: Planner = request.param
    return lambda old=0, pg=16: History(1, planner, git, old=old, pg=pg)


def _files(plan: Plan) -> dict[str, list[str]]:
    return {name: sorted(changeset.writes) for name, changeset in plan.changesets.items()}


def _write(history: History, path: str, line: int, text: str) -> None:
    """A person's line on the default branch, before the line of that number."""
    lines = history.repo.live()[path].split("\n")
    history.repo.write({path: "\n".join([*lines[:line], text, *lines[line:]])})


def _commit(history: History, path: str, old: str, new: str) -> None:
    """A person's commit on the branch of the one open pull request."""
    (pull,) = history.repo.open()
    files = history.repo.git.files(pull.branch)
    assert old in files[path]
    pull.branch = history.repo.git.commit({**files, path: files[path].replace(old, new)}, pull.branch)
    pull.people = True


def _merge_all(history: History) -> None:
    for pull in history.repo.open():
        assert history.merge(pull)


@pytest.mark.parametrize("old", [0, 1], ids=["lock of today", "lock of an earlier syncbot"])
def test_two_moves_are_two_changesets_without_the_lock(begin: Begin, old: int) -> None:
    """Two moves share no file, and neither writes the lock: they never conflict there."""
    history = begin(old)
    history.world.change(answers={"node": 22})
    history.night()
    history.world.change(answers={"pg": 17})
    plan = history.night()
    assert _files(plan) == {NODE: [DOCKERFILE], "pg": [COMPOSE, POSTGRES]}
    assert [changeset.lock for changeset in plan.changesets.values()] == [None, None]
    _merge_all(history)
    assert not history.night().changesets
    assert not history.violations


def test_a_file_left_behind_keeps_its_own_point(begin: Begin) -> None:
    """A file that is exempt while `sync` goes on is proved when the exemption ends, though a person wrote in it."""
    history = begin()
    history.world.exemptions.append(Exemption(path=DOCKERFILE, until=2))
    _write(history, DOCKERFILE, 9, "# person 1")
    history.world.change(tree={"header": 1, "app": 1})
    assert _files(history.night()) == {"sync": [COMPOSE]}
    _merge_all(history)
    assert not history.night().changesets
    history.world.today = 3
    history.world.change(tree={"install": 1})
    plan = history.night()
    assert _files(plan) == {"sync": [DOCKERFILE]}
    assert DOCKERFILE in plan.proved
    _merge_all(history)
    text = history.repo.live()[DOCKERFILE]
    assert "# person 1" in text
    assert "# Owned by platform 1\n" in text
    assert "RUN npm ci --v1\n" in text


def test_a_conflict_holds_the_move_and_leaves_sync_going(begin: Begin) -> None:
    """The move takes the Dockerfile with it, which conflicts with a person's line: `sync` goes on without the file."""
    history = begin()
    history.world.change(tree={"stage": 1, "app": 1, "shm": 1, "install": 1}, answers={"node": 22})
    _write(history, DOCKERFILE, 6, "RUN echo # person 1")
    plan = history.night()
    assert _files(plan) == {"sync": [COMPOSE]}
    assert plan.status == {DOCKERFILE: "conflict", NODE: "held: conflict in Dockerfile"}


def test_a_move_without_the_file_that_shows_it_is_held(begin: Begin) -> None:
    """A file that a move adds is not proposed while the Dockerfile is exempt: it would say 22 beside Node 18."""
    history = begin()
    history.world.change(tree={"nvmrc": 1}, answers={"node": 22})
    history.world.exemptions.append(Exemption(path=DOCKERFILE, until=3))
    for _ in range(3):
        plan = history.night()
        assert not plan.changesets
        assert NODE in plan.status
    assert _files(history.night()) == {NODE: [DOCKERFILE, NODE_VERSION]}
    _merge_all(history)
    assert _files(history.night()) == {"sync": [CODEOWNERS]}, "what lists the files was rendered before there was one"


def test_a_persons_version_on_the_branch_keeps_its_stanza(begin: Begin) -> None:
    """A person's line that conflicts with what came later stays; after the merge the file is no clean rendering."""
    history = begin()
    history.world.change(answers={"port": 8081})
    history.night()
    _commit(history, DOCKERFILE, "ENV PORT=8081", "ENV PORT=8081 X=1 # person 1")
    history.world.change(answers={"port": 8082})
    history.night()
    _merge_all(history)
    plan = history.night()
    assert not plan.changesets
    assert plan.status == {DOCKERFILE: "conflict"}
    assert "ENV PORT=8081 X=1 # person 1\n" in history.repo.live()[DOCKERFILE]
    assert "    ports: 8082\n" in history.repo.live()[COMPOSE]


def test_a_pull_request_of_people_takes_over_what_joins(begin: Begin) -> None:
    """What the template changes beside a move goes on in the pull request in which a person has worked."""
    history = begin()
    history.world.change(answers={"node": 22})
    history.night()
    _commit(history, "app.js", "x\n", "x\n# person 1\n")
    history.world.change(tree={"stage": 1})
    assert _files(history.night()) == {NODE: [DOCKERFILE]}
    assert [(pull.name, pull.state, pull.people) for pull in history.repo.pulls] == [(NODE, State.OPEN, True)]
    _merge_all(history)
    assert "FROM node:22-trixie-slim AS deps1\n" in history.repo.live()[DOCKERFILE]
    assert "# person 1" in history.repo.live()["app.js"]
    assert not history.violations


def test_a_line_that_shows_the_move_goes_with_it(begin: Begin) -> None:
    """A label of the Node major that the template adds: apart, a merge of both on one day would leave it at 18."""
    history = begin()
    history.world.change(tree={"label": 1}, answers={"node": 22})
    assert _files(history.night()) == {NODE: [DOCKERFILE]}
    _merge_all(history)
    assert not history.night().changesets
    assert "LABEL runtime=node22\n" in history.repo.live()[DOCKERFILE]


def test_a_database_does_not_come_without_its_file(begin: Begin) -> None:
    """A Postgres major is all its files or none, also where one of them would be new."""
    history = begin(pg=0)
    history.world.change(answers={"pg": 17})
    history.world.exemptions.append(Exemption(path=POSTGRES, until=1))
    plan = history.night()
    assert not plan.changesets
    assert plan.status.keys() == {"pg"}
    assert _files(history.night()) == {"pg": [CODEOWNERS, COMPOSE, POSTGRES]}


def test_a_file_of_another_move_does_not_hold_a_database(begin: Begin) -> None:
    """Two moves that only go together, and an exempt file that just one alters, of which not all is needed."""
    history = begin(pg=0)
    history.world.change(tree={"nvmrc": 1, "knows24": 1}, answers={"node": 24, "pg": 17})
    history.world.change(tree={"knows24": 1, "shm": 1, "conf": 1})
    history.world.exemptions.append(Exemption(path=NODE_VERSION, until=99))
    names = set(history.night().changesets)
    assert any("pg" in name.split("+") for name in names)
    assert any("node" in name.split("+") for name in names)

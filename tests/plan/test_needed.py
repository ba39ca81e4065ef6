"""A file that comes to refer to another goes with it or after it; once the reference stands, nothing is held back."""

from __future__ import annotations

from datetime import date

import pytest

from syncbot.model.fleet import Exemption
from syncbot.model.templates import OwnedFile, TemplateSpec
from syncbot.plan.actions import OpenPullRequest
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.lock import Stanza
from syncbot.plan.pulls.needed import refers
from syncbot.plan.repo_plan import RepoPlan
from syncbot.plan.states import FileState
from syncbot.report.why import file_why_words
from tests.plan.builders import file_id, observation, plan, pull_request, stanza

COMPOSE, CONF, KEYS = "compose.yaml", "pg/postgresql.conf", "pg/keys"
SPEC = TemplateSpec(
    name="service",
    questions={},
    owned=(
        OwnedFile(path=COMPOSE, needs=(CONF,)),
        OwnedFile(path=CONF, needs=(KEYS,)),
        OwnedFile(path=KEYS),
        OwnedFile(path="Dockerfile"),
    ),
)
PLAIN = "services: {}\n"
MOUNTING = "services: {db: {volumes: ['./pg/postgresql.conf:/etc/pg.conf:ro']}}\n"
WANTED = {COMPOSE: MOUNTING, CONF: "a = 1\n", "Dockerfile": "FROM x:2\n"}
DELIVERED = {"Dockerfile": stanza("FROM x:1\n"), COMPOSE: stanza(PLAIN)}


def exempt(path: str) -> tuple[Exemption, ...]:
    return (Exemption(path=path, until=date(2027, 1, 1), owner="@acme/shop", reason="ours"),)


def proposed(made: RepoPlan) -> dict[str, set[str]]:
    """What the plan would open: the files by changeset."""
    return {
        each.name: {file.path for file in each.files}
        for each in made.changesets
        if isinstance(each.action, OpenPullRequest)
    }


def status(made: RepoPlan, path: str = COMPOSE) -> FileStatus:
    return next(file for file in made.files if file.path == path)


def test_both_go_in_one() -> None:
    """Where the same changeset brings the file, nothing is held back; so at first contact and later."""
    seen = observation({COMPOSE: PLAIN, CONF: None, "Dockerfile": "FROM x:1\n"})
    assert proposed(plan(WANTED, seen, spec=SPEC)) == {"adopt": {COMPOSE, CONF, "Dockerfile"}}
    assert proposed(plan(WANTED, seen, DELIVERED, spec=SPEC)) == {"sync": {COMPOSE, CONF, "Dockerfile"}}


@pytest.mark.parametrize("lock", [{}, DELIVERED], ids=["first contact", "later"])
def test_an_exempt_file_holds_back_what_newly_needs_it(lock: dict[str, Stanza]) -> None:
    """And that alone: the Dockerfile goes. The reason names what is needed, and why it is not there."""
    seen = observation({COMPOSE: PLAIN, CONF: None, "Dockerfile": "FROM x:1\n"})
    made = plan(WANTED, seen, lock, spec=SPEC, exemptions=exempt(CONF))
    assert proposed(made) == {"sync" if lock else "adopt": {"Dockerfile"}}
    assert status(made).state is FileState.BLOCKED
    assert (
        file_why_words(status(made).why) == f"it needs {CONF}, which is not there and is not proposed: that is exempt"
    )


@pytest.mark.parametrize("live", [{COMPOSE: MOUNTING.replace("ro", "rw"), CONF: None}, {COMPOSE: PLAIN, CONF: "own\n"}])
def test_a_reference_that_stands_or_a_file_that_is_there_holds_nothing(live: dict[str, str | None]) -> None:
    """A later change of the needing file arrives, though the needed one is exempt."""
    seen = observation({**live, "Dockerfile": WANTED["Dockerfile"]})
    lock = {COMPOSE: stanza(live[COMPOSE] or "")}
    assert proposed(plan(WANTED, seen, lock, spec=SPEC, exemptions=exempt(CONF))) == {"sync": {COMPOSE}}


def test_what_another_pull_request_brings_is_waited_for() -> None:
    """The team's own Compose file is a question of its own: it comes once the file that it mounts is merged."""
    files = {COMPOSE: PLAIN, CONF: None, "Dockerfile": WANTED["Dockerfile"]}
    lock = {"Dockerfile": stanza(WANTED["Dockerfile"])}
    made = plan(WANTED, observation(files), lock, spec=SPEC)
    assert proposed(made) == {"sync": {CONF}}
    assert file_why_words(status(made).why) == f"it needs {CONF}, which sync brings: it is proposed once that is merged"
    merged = observation({**files, CONF: WANTED[CONF]})
    assert proposed(plan(WANTED, merged, lock | {CONF: stanza(WANTED[CONF])}, spec=SPEC)) == {"takeover": {COMPOSE}}


def test_a_refused_file_holds_back_what_newly_needs_it() -> None:
    """A no to the needed file is a no to what makes no sense without."""
    files = {COMPOSE: PLAIN, CONF: None, "Dockerfile": "FROM x:1\n"}
    no = pull_request(1, "CLOSED", {CONF: file_id(WANTED[CONF])})
    made = plan(WANTED, observation(files, pull_requests=(no,)), DELIVERED, spec=SPEC)
    assert proposed(made) == {"sync": {"Dockerfile"}}
    assert "people said no to it" in file_why_words(status(made).why)


def test_a_folder_is_no_such_file() -> None:
    """What Docker leaves where the file was missing is in the way, and does not count as there."""
    seen = observation({COMPOSE: PLAIN, CONF: "x", "Dockerfile": "FROM x:1\n"}, modes={CONF: "040000"})
    made = plan(WANTED, seen, DELIVERED, spec=SPEC)
    assert proposed(made) == {"sync": {"Dockerfile"}}
    assert (status(made).state, status(made, CONF).state) == (FileState.BLOCKED, FileState.BLOCKED)


def test_what_waits_holds_back_what_needs_it() -> None:
    """Compose needs the settings, which need an exempt file: neither goes."""
    wanted = {**WANTED, CONF: "include = pg/keys\n", KEYS: "k\n"}
    seen = observation({COMPOSE: PLAIN, CONF: None, KEYS: None, "Dockerfile": "FROM x:1\n"})
    made = plan(wanted, seen, DELIVERED, spec=SPEC, exemptions=exempt(KEYS))
    assert proposed(made) == {"sync": {"Dockerfile"}}
    assert file_why_words(status(made, CONF).why) == (
        f"it needs {KEYS}, which is not there and is not proposed: that is exempt"
    )
    assert (
        file_why_words(status(made).why) == f"it needs {CONF}, which is not there and is not proposed: that is blocked"
    )


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("- ./pg/postgresql.conf:/etc/x:ro", True),
        ("source: pg/postgresql.conf", True),
        ('file: "pg/postgresql.conf"', True),
        ("  # mounts ./pg/postgresql.conf", False),
        ("- ./other/pg/postgresql.conf:/x", False),
        ("- ../pg/postgresql.conf:/x", False),
        ("- ./pg/postgresql.conf.bak:/x", False),
        ("- ./pg/postgresql.conf/sub:/x", False),
        ("", False),
    ],
)
def test_what_refers_to_a_path(text: str, right: bool) -> None:
    """A line that is no comment and names the path itself, from the repo's root."""
    assert refers(text.encode(), CONF) is right

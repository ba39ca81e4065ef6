"""One clock: nothing else reads the time, SYNCBOT_NOW sets it for every command, and no result depends on the day."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from syncbot.clock import clock_of
from syncbot.errors import SyncbotError
from tests.test_layers import PACKAGE, ROOT

CLOCKS = {"clock.py", "sandbox/clock.py"}
READS_THE_TIME = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime", "clock_gettime"},
}
"""What tells the day, by class or module. `time.monotonic` tells none, and may measure how long something takes."""


def readings(text: str) -> Iterator[str]:
    """The names in a module that read the time, called or handed on, however they were imported."""
    tree = ast.parse(text)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{alias.name}" for alias in node.names if alias.name in READS_THE_TIME["time"])
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            origin = names.get(name, name)
            if node.attr in READS_THE_TIME.get(origin, ()):
                yield f"{origin}.{node.attr}"


def test_nothing_else_reads_the_time() -> None:
    """In the whole package, but for the two clocks."""
    found = {
        path.relative_to(PACKAGE).as_posix(): list(readings(path.read_text()))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).as_posix() not in CLOCKS
    }
    # The kernel's clock of processor time, which has no name in Python and tells no day.
    assert {path: names for path, names in found.items() if names} == {"render/budget.py": ["time.clock_gettime"]}


PLANTED = [
    "from datetime import date\n\ntoday = date.today()\n",
    "from datetime import datetime as moment\n\nnow = moment.now()\n",
    "import datetime\n\nnow = datetime.datetime.utcnow()\n",
    "import datetime as d\n\nday = d.date.today()\n",
    "import time\n\nnow = time.time\n",
    "import time as t\n\nnow = t.localtime()\n",
    "from time import time\n\nnow = time()\n",
]


@pytest.mark.parametrize("text", PLANTED)
def test_a_planted_reading_is_found(text: str) -> None:
    """By the test above, in each spelling."""
    assert list(readings(text))


@pytest.mark.parametrize("text", PLANTED)
def test_lint_finds_it_too(text: str) -> None:
    """`ruff check` says so while the file is written, in a package that is not pure."""
    planted = PACKAGE / "cli" / "planted.py"
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--stdin-filename", str(planted), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, "TID251" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2028-02-29T23:59:00Z", datetime(2028, 2, 29, 23, 59, tzinfo=UTC)),
        ("2026-12-31T23:59", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)),
        ("2026-12-31T23:59-05:00", datetime(2027, 1, 1, 4, 59, tzinfo=UTC)),
        ("2026-11-27", datetime(2026, 11, 27, tzinfo=UTC)),
    ],
)
def test_where_it_starts(text: str, moment: datetime) -> None:
    """At the moment that is given, in UTC where it names no zone; from there it runs on."""
    clock = clock_of({"SYNCBOT_NOW": text})
    assert moment <= clock.moment() < moment + timedelta(minutes=1)
    assert clock.today() == moment.date()
    first = clock.now()
    assert clock.now() >= first


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-02-29", "25:00", "1", "0001-01-01T00:00+14:00", "1969-12-31", "9999-12-31T23:59-01:00"]
)
def test_what_is_no_time(text: str) -> None:
    """A user's mistake, in one line with an example."""
    with pytest.raises(SyncbotError, match=r"^SYNCBOT_NOW: '.*' is no time: expected ISO 8601, such as \S+$") as raised:
        clock_of({"SYNCBOT_NOW": text})
    assert raised.value.exit_code == 2


def test_without_it_the_computers() -> None:
    """Unset or empty: the computer's own."""
    for environment in ({}, {"SYNCBOT_NOW": ""}):
        clock = clock_of(environment)
        assert abs(clock.now() - clock.computer()) < 60

"""A rule on openings is a member of `Limit`, a row of `RULES` and its words: no pull request is opened on a Friday.

The rule is planted in a copy of the tree, with its two tests, which run there.
"""

from __future__ import annotations

from pathlib import Path

from tests.planting import copy_parts, run_pytest

PARTS = (
    "syncbot",
    "scripts",
    "templates",
    "copier.yml",
    *(f"tests/{name}.py" for name in ("__init__", "conftest", "clock", "sandbox_support", "sweeps")),
    *(f"tests/cli/{name}.py" for name in ("__init__", "conftest", "harness")),
)
RULE = {
    "syncbot/plan/reasons.py": ("    PER_RUN = ", '    FRIDAY = "friday"\n'),
    "syncbot/plan/fleet/opening_limits.py": (
        "    Limit.OPEN: ",
        "    Limit.FRIDAY: lambda limits, opened_at, now: 0 if now.isoweekday() == 5 else UNBOUNDED,\n",
    ),
    "syncbot/report/why.py": (
        "        Limit.PER_RUN: ",
        '        Limit.FRIDAY: "no pull request is opened on a Friday",\n',
    ),
}
"""For each file the line before which the rule's own line goes."""
TESTS = """
from datetime import datetime
from tests.sandbox_support import make_repo

def applied(platform, day):
    platform.fleet("orders")
    make_repo(platform.sandbox, "acme/orders", {"README.md": "hello"})
    platform.sandbox.forge.clock.run_from(datetime.fromisoformat(day))
    return platform.apply()

def test_nothing_is_opened_on_a_friday(platform):
    result = applied(platform, "2026-11-27T00:00:30Z")
    waiting = result.changesets("acme/orders")["adopt"]
    assert (result.pulls(), result.writes, waiting["action"], waiting["reason_code"]) == ([], 0, "none", "limit")
    assert waiting["reason"] == "waits for a later run: no pull request is opened on a Friday"
    assert waiting["reason"] in platform.run("plan").stdout.replace("\\n", " ")

def test_on_a_thursday_it_is(platform):
    assert applied(platform, "2026-11-26T23:00:00Z").pulls() == [("acme/orders", "opened")]
"""


def test_a_rule_about_weekdays_is_one_row(tmp_path: Path) -> None:
    """A line in three places; on a Friday nothing is opened and it is said, on a Thursday it is opened."""
    copy_parts(PARTS, tmp_path)
    for path, (before, line) in RULE.items():
        text = (tmp_path / path).read_text(encoding="utf-8")
        assert text.count(before) == 1, path
        (tmp_path / path).write_text(text.replace(before, line + before), encoding="utf-8")
    (tmp_path / "tests/cli/test_friday.py").write_text(TESTS, encoding="utf-8")
    done = run_pytest(tmp_path, "tests/cli/test_friday.py")
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout + done.stderr

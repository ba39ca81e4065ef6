"""Checked before it is proposed: what `syncbot check` calls an error reaches no repo, and stops no other one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from syncbot.check import fleet as checks
from syncbot.check import linters
from syncbot.formats.diagnostics import Diagnostic
from tests.cli.harness import Platform
from tests.sandbox_support import merge_pull

DOCKERFILE = "templates/service/files/{% if has.node %}Dockerfile{% endif %}.jinja"
IGNORED = "templates/service/files/.dockerignore.jinja"
BROKEN = "{% if service_name == 'orders' %}COPYY a b\n{% endif %}"
"""An instruction that Docker does not have, for one repo."""


def break_orders(platform: Platform) -> None:
    text = (platform.root / DOCKERFILE).read_text()
    line = next(line for line in text.splitlines(keepends=True) if line.startswith("WORKDIR"))
    platform.edit(DOCKERFILE, line, BROKEN + line)


def mend(platform: Platform) -> None:
    platform.edit(DOCKERFILE, BROKEN, "")


def test_a_dockerfile_that_hadolint_rejects_is_not_proposed(fleet: Platform) -> None:
    """Its repo gets nothing, with the finding as reason, in plan, apply and status; the other repo gets its pull
    request; exit code 1. Once the template is mended, it goes on."""
    break_orders(fleet)
    planned = fleet.plan()
    (changeset,) = planned.changesets("acme/orders").values()
    assert (planned.exit_code, changeset["action"], changeset["reason_code"]) == (1, "none", "check-failed")
    assert "not proposed: Dockerfile:" in changeset["reason"] and "(hadolint DL1000)" in changeset["reason"]
    applied = fleet.apply("--max-prs", "1")
    assert (applied.exit_code, applied.pulls()) == (1, [("acme/search", "opened")])
    assert applied.repo("acme/orders") == planned.repo("acme/orders")
    for command in ("apply", "status"):
        told = fleet.run(command)
        assert told.exit_code == 1
        assert "Not proposed\n" in told.stdout and "orders  adopt      not proposed: Dockerfile:" in told.stdout
        page = fleet.run(command, "--format", "markdown").stdout
        assert "### Not proposed\n" in page and "| `acme/orders` | `adopt` | `not proposed: Dockerfile:" in page
    mend(fleet)
    assert ("acme/orders", "opened") in fleet.apply().pulls()


def test_an_open_pull_request_is_not_given_an_error(fleet: Platform) -> None:
    """It stays as it is, and says why it stands still; what was merged already is no obstacle to closing."""
    assert fleet.apply().exit_code == 0
    head = fleet.pull("acme/orders").head.sha
    break_orders(fleet)
    applied = fleet.apply()
    assert (applied.exit_code, dict(applied.pulls())["acme/orders"]) == (1, "unchanged")
    assert applied.changesets("acme/orders")["adopt"]["reason_code"] == "check-failed"
    assert fleet.pull("acme/orders").head.sha == head
    assert "#1 check-failed" in fleet.run("plan").stdout
    fleet.fleet("search")
    assert dict(fleet.apply().pulls()) == {"acme/orders": "closed", "acme/search": "unchanged"}


def adopt_with_node(platform: Platform) -> None:
    """Both repos as they were delivered with Node 18."""
    platform.fleet("orders", "search", answers={"node_version": "18"})
    assert platform.apply().exit_code == 0
    for name in ("orders", "search"):
        merge_pull(platform.sandbox, f"acme/{name}", 1)


def test_an_error_of_a_move_does_not_hold_sync(fleet: Platform) -> None:
    """What the move alone brings is held back alone; the change of the templates goes out beside it."""
    fleet.edit(DOCKERFILE, "WORKDIR", "{% if node_version == '22' %}COPYY a b\n{% endif %}WORKDIR")
    adopt_with_node(fleet)
    fleet.edit(IGNORED, "**/*.log\n", "**/*.log\n**/*.tmp\n")
    fleet.fleet("orders", answers={"node_version": "22"})
    applied = fleet.apply("orders")
    assert applied.exit_code == 1
    reasons = {name: row["reason_code"] for name, row in applied.changesets("acme/orders").items()}
    assert reasons == {"debian+node": "check-failed", "sync": "drift"}
    assert applied.pulls() == [("acme/orders", "opened")]
    assert "**/*.tmp" in str(fleet.read("acme/orders", ".dockerignore", "syncbot/sync-1"))
    assert fleet.read("acme/orders", "Dockerfile", "syncbot/sync-1") == fleet.read("acme/orders", "Dockerfile")


def test_an_error_of_sync_does_not_hold_a_move(fleet: Platform) -> None:
    """The move is a rendering of what was delivered, without the templates' error; so is what is refused of `sync`."""
    adopt_with_node(fleet)
    text = (fleet.root / DOCKERFILE).read_text()
    last = text.rstrip("\n").split("\n")[-1]
    fleet.edit(DOCKERFILE, last, f"COPYY a b\n{last}")
    fleet.fleet("orders", answers={"node_version": "22"})
    applied = fleet.apply("orders")
    reasons = {name: row["reason_code"] for name, row in applied.changesets("acme/orders").items()}
    assert (applied.exit_code, reasons) == (1, {"debian+node": "move", "sync": "check-failed"})
    moved = str(fleet.read("acme/orders", "Dockerfile", "syncbot/debian+node-1"))
    assert "node:22" in moved and "COPYY" not in moved


def test_an_error_that_was_delivered_is_not_brought(fleet: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A linter that learns more says so of what stands there already: that holds up no other file."""
    adopt_with_node(fleet)
    finding = Diagnostic(path="Dockerfile", code="new", message="not so")
    rule = lambda path, content: [finding]  # noqa: E731
    monkeypatch.setattr(checks, "CONTENT_CHECKS", ((checks.is_dockerfile, rule),))
    fleet.edit(IGNORED, "**/*.log\n", "**/*.log\n**/*.tmp\n")
    applied = fleet.apply("orders")
    assert (applied.exit_code, applied.pulls()) == (0, [("acme/orders", "opened")])


def test_an_exemption_lets_the_rest_go_on(fleet: Platform) -> None:
    """A file that is exempt is not brought: the error in it stops nothing."""
    exemption = {"path": "Dockerfile", "until": "2099-01-31", "owner": "@acme/orders", "reason": "their own"}
    fleet.fleet({"name": "orders", "exemptions": [exemption]}, "search")
    break_orders(fleet)
    applied = fleet.apply("orders")
    assert (applied.exit_code, applied.pulls()) == (0, [("acme/orders", "opened")])


def test_what_people_wrote_is_not_the_templates_error(fleet: Platform) -> None:
    """A line of a team's own that hadolint rejects is merged with a change of the template: theirs to see to."""
    assert fleet.apply("orders").exit_code == 0
    merge_pull(fleet.sandbox, "acme/orders", 1)
    clone = fleet.clone("acme/orders")
    text = (clone / "Dockerfile").read_text()
    (clone / "Dockerfile").write_text(text + "COPYY a b\n")
    fleet.push(clone)
    fleet.edit(DOCKERFILE, "# Owned by", "# Still owned by")
    applied = fleet.apply("orders")
    assert (applied.exit_code, applied.pulls()) == (0, [("acme/orders", "opened")])
    branch = applied.changesets("acme/orders")["sync"]["branch"]
    merged = str(fleet.read("acme/orders", "Dockerfile", branch))
    assert "# Still owned by" in merged and "COPYY a b" in merged


def counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """hadolint, which notes each start in the file that is returned."""
    log, real = folder / "started", linters.find_tool("hadolint")
    program = folder / "hadolint"
    program.write_text(f'#!/bin/sh\necho "$#" >> {log}\nexec {real} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(
        checks, "find_tool", lambda name: str(program) if name == "hadolint" else linters.find_tool(name)
    )
    log.touch()
    return log


def test_it_costs_a_fleet_in_sync_nothing(fleet: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what would be written now is looked at, all of it by one start of the linter."""
    log = counted(tmp_path, monkeypatch)
    assert fleet.apply().exit_code == 0
    assert len(log.read_text().splitlines()) == 1
    assert fleet.apply().writes == 0
    for name in ("orders", "search"):
        merge_pull(fleet.sandbox, f"acme/{name}", 1)
    assert {repo["state"] for repo in fleet.plan().json["repos"]} == {"in-sync"}
    assert len(log.read_text().splitlines()) == 1


def test_without_its_tools_it_goes_on(fleet: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A linter that is not installed here is an error of `check`, where somebody asked for it, and stops nobody."""
    monkeypatch.setattr(checks, "find_tool", lambda name: None)
    assert fleet.run("check").exit_code == 1
    assert fleet.apply().exit_code == 0

"""The demo, as somebody runs it who has just cloned the repo: in a process of its own, with an empty home."""

from __future__ import annotations

from pathlib import Path

from tests.cli.harness import PROJECT, run_script


def test_the_demo_tells_the_whole_story(tmp_path: Path) -> None:
    """It ends with exit code 0 and a second run of 0 writes, says nothing on stderr, and leaves nothing behind."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    result = run_script("demo", environment={"HOME": str(home), "TMPDIR": str(temporary)}, cwd=PROJECT)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "sent 0 writes" in result.stdout
    assert "Branches forced in all this: 0" in result.stdout
    assert "opened    acme/invoices#1" in result.stdout
    assert "acme/notifications is in sync now" in result.stdout
    for code in ("archived", "not-found"):
        assert code in result.stdout
    assert list(temporary.iterdir()) == []
    assert list(home.iterdir()) == []

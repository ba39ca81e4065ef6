"""What is wrong with a rendered CODEOWNERS: lines that GitHub skips, ownership that is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from syncbot.check.types import Rendering, finding
from syncbot.formats.codeowners import LOCATIONS, Codeowners, read_codeowners
from syncbot.formats.diagnostics import Diagnostic, Severity
from syncbot.formats.owner_changes import owner_changes
from syncbot.model.files import Ownership
from syncbot.ownership import MalformedBlock, owned_part


def check_codeowners(path: str, content: bytes) -> Iterator[Diagnostic]:
    """Lines that GitHub would skip, owners of the wrong form, and a managed block that is not the file's end."""
    codeowners = read_codeowners(content, path)
    yield from codeowners.diagnostics
    yield from _block(path, content, codeowners)
    seen: dict[str, int] = {}
    for rule in codeowners.rules:
        if rule.pattern in seen:
            yield finding(
                path,
                "owners-twice",
                f"{rule.pattern} stands on line {seen[rule.pattern]} already, which this line overrides",
                line=rule.line,
                severity=Severity.WARNING,
            )
        seen[rule.pattern] = rule.line


def check_ownership(rendering: Rendering) -> Iterator[Diagnostic]:
    """One file, where GitHub looks; and the platform team really is the owner of each path that it owns."""
    present = [path for path in LOCATIONS if path in rendering.files]
    for path in rendering.files:
        if path.rpartition("/")[2].upper() == "CODEOWNERS" and path not in LOCATIONS:
            yield finding(path, "owners-place", f"GitHub looks for it at {', '.join(LOCATIONS)} only")
    for path in present[1:]:
        yield finding(path, "owners-place", f"GitHub reads {present[0]} and never this one")
    if not present:
        if any(entry.path in LOCATIONS for entry in rendering.owned):
            yield finding(LOCATIONS[0], "owners-missing", "owned, and not rendered")
        return
    content = rendering.files[present[0]].content
    codeowners, wanted = read_codeowners(content), set(rendering.owners.split())
    for path in rendering.owned_paths:
        rule = codeowners.deciding_rule(path)
        if rule is None:
            yield finding(present[0], "owners-lost", f"{path} is owned by nobody")
        elif not wanted <= set(rule.owners):
            yield finding(
                present[0],
                "owners-lost",
                f"{path} belongs to {' '.join(rule.owners) or 'nobody'} by this line, not to {rendering.owners}",
                line=rule.line,
            )
    part = _part(content)
    if part is not None:
        begin = content[: len(content) - len(part)].count(b"\n")
        yield from _useless(present[0], begin, codeowners, rendering)
        yield from _taken(present[0], begin, codeowners, rendering)


def _taken(path: str, begin: int, codeowners: Codeowners, rendering: Rendering) -> Iterator[Diagnostic]:
    """Lines of the managed block that change the owners of what is not owned: in a repo they take the team's files."""
    above = replace(codeowners, rules=tuple(rule for rule in codeowners.rules if rule.line <= begin))
    theirs = rendering.files.keys() - {*rendering.owned_paths, *LOCATIONS}
    for move in owner_changes(above, codeowners, kept=theirs).moved:
        first = move.paths[0]
        rule = codeowners.deciding_rule(first)
        more = f" and {move.count - 1} more" if move.count > 1 else ""
        yield finding(
            path,
            "owners-taken",
            f"{first}{more}, which the platform does not own, would go to {' '.join(move.after or ()) or 'nobody'}",
            line=rule.line if rule else 0,
            severity=Severity.WARNING,
        )


def _useless(path: str, begin: int, codeowners: Codeowners, rendering: Rendering) -> Iterator[Diagnostic]:
    """Lines of the managed block that match nothing which is owned: a misspelt path reads like protection."""
    managed = [rule for rule in codeowners.rules if rule.line > begin]
    for rule in managed:
        if not any(rule.matches(owned) for owned in (*rendering.owned_paths, *LOCATIONS)):
            yield finding(
                path,
                "owners-useless",
                f"{rule.pattern} matches no owned file",
                line=rule.line,
                severity=Severity.WARNING,
            )


def _part(content: bytes) -> bytes | None:
    try:
        return owned_part(Ownership.BLOCK, content)
    except MalformedBlock:
        return None


def _block(path: str, content: bytes, codeowners: Codeowners) -> Iterator[Diagnostic]:
    try:
        part = owned_part(Ownership.BLOCK, content)
    except MalformedBlock as error:
        yield finding(path, "owners-block", str(error))
        return
    if part is None:
        yield finding(path, "owners-block", "the managed block is missing")
        return
    lines = part.rstrip(b"\n").split(b"\n")
    if not lines[-1].startswith(b"# END syncbot"):
        line = content.count(b"\n")
        yield finding(path, "owners-block", "a line below the managed block overrides it", line=line)
    begin = content[: len(content) - len(part)].count(b"\n")
    for rule in codeowners.rules:
        if rule.line > begin and not rule.owners:
            yield finding(path, "owners-none", f"{rule.pattern} has no owner, which makes it anybody's", line=rule.line)

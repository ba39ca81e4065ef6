"""CODEOWNERS as GitHub reads it: which owners a path has, and what is wrong with the file. Pure.

Source: GitHub's "About code owners": the last matching line wins; patterns are gitignore's without `!`, `[ ]` and an
escaped `#`; `docs/*` reaches one level down; a line that cannot be parsed is skipped; case matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from syncbot.check.values import Finding, Rendering, Severity, lines_of
from syncbot.model import Ownership
from syncbot.ownership import MalformedBlock, owned_part

LOCATIONS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in its order; the first that exists is the only one that counts."""
MAX_BYTES = 3 * 1024 * 1024
_OWNER = re.compile(
    r"@[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?(?:/[A-Za-z0-9_.-]+)?|[^@\s]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_WORDS = re.compile(r"(?:\\.|[^\s\\])+|\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line that GitHub takes: `owners` empty means that nobody owns what it matches."""

    line: int
    pattern: str
    owners: tuple[str, ...]

    def matches(self, path: str) -> bool:
        compiled = _compiled(self.pattern)
        return bool(compiled and compiled.fullmatch(path))


def effective_owners(content: bytes, path: str) -> tuple[str, ...] | None:
    """Who owns `path`: the owners on the last line that matches it, None where none does."""
    rule = deciding_rule(rules(content), path)
    return rule.owners if rule else None


def deciding_rule(lines: Iterable[Rule], path: str) -> Rule | None:
    """The last rule that matches `path`."""
    return next((rule for rule in reversed(tuple(lines)) if rule.matches(path)), None)


def rules(content: bytes) -> tuple[Rule, ...]:
    """The lines that GitHub takes, in order."""
    return tuple(found for found in _parsed("", content) if isinstance(found, Rule))


def check_codeowners(path: str, content: bytes) -> Iterator[Finding]:
    """Lines that GitHub would skip, owners of the wrong form, and a managed block that is not the file's end."""
    if len(content) > MAX_BYTES:
        yield Finding(path=path, code="owners-size", message="larger than 3 MB, so GitHub ignores the whole file")
    yield from (found for found in _parsed(path, content) if isinstance(found, Finding))
    yield from _block(path, content)
    seen: dict[str, int] = {}
    for rule in rules(content):
        if rule.pattern in seen:
            said = f"{rule.pattern} stands on line {seen[rule.pattern]} already, which this line overrides"
            yield Finding(path=path, line=rule.line, code="owners-twice", severity=Severity.WARNING, message=said)
        seen[rule.pattern] = rule.line


def check_ownership(rendering: Rendering) -> Iterator[Finding]:
    """One file, where GitHub looks; and the platform team really is the owner of each path that it owns."""
    present = [path for path in LOCATIONS if path in rendering.files]
    for path in rendering.files:
        if path.rpartition("/")[2].upper() == "CODEOWNERS" and path not in LOCATIONS:
            said = f"GitHub looks for it at {', '.join(LOCATIONS)} only"
            yield Finding(path=path, code="owners-place", message=said)
    for path in present[1:]:
        yield Finding(path=path, code="owners-place", message=f"GitHub reads {present[0]} and never this one")
    if not present:
        if any(entry.path in LOCATIONS for entry in rendering.owned):
            yield Finding(path=LOCATIONS[0], code="owners-missing", message="owned, and not rendered")
        return
    content = rendering.files[present[0]].content
    lines, wanted = rules(content), set(rendering.owners.split())
    for path in rendering.owned_paths:
        rule = deciding_rule(lines, path)
        if rule is None:
            yield Finding(path=present[0], code="owners-lost", message=f"{path} is owned by nobody")
        elif not wanted <= set(rule.owners):
            said = f"{path} belongs to {' '.join(rule.owners) or 'nobody'} by this line, not to {rendering.owners}"
            yield Finding(path=present[0], line=rule.line, code="owners-lost", message=said)
    yield from _useless(present[0], content, rendering)


def _useless(path: str, content: bytes, rendering: Rendering) -> Iterator[Finding]:
    """Lines of the managed block that match nothing which is owned: a misspelt path reads like protection."""
    part = _part(content)
    if part is None:
        return
    begin = content[: len(content) - len(part)].count(b"\n")
    managed = [rule for rule in rules(content) if rule.line > begin]
    for rule in managed:
        if not any(rule.matches(owned) for owned in (*rendering.owned_paths, *LOCATIONS)):
            said = f"{rule.pattern} matches no owned file"
            yield Finding(path=path, line=rule.line, code="owners-useless", severity=Severity.WARNING, message=said)


def _part(content: bytes) -> bytes | None:
    try:
        return owned_part(Ownership.BLOCK, content)
    except MalformedBlock:
        return None


def _block(path: str, content: bytes) -> Iterator[Finding]:
    try:
        part = owned_part(Ownership.BLOCK, content)
    except MalformedBlock as error:
        yield Finding(path=path, code="owners-block", message=str(error))
        return
    if part is None:
        yield Finding(path=path, code="owners-block", message="the managed block is missing")
        return
    lines = part.rstrip(b"\n").split(b"\n")
    if not lines[-1].startswith(b"# END syncbot"):
        line = content.count(b"\n")
        yield Finding(path=path, line=line, code="owners-block", message="a line below the managed block overrides it")
    begin = content[: len(content) - len(part)].count(b"\n")
    for rule in rules(content):
        if rule.line > begin and not rule.owners:
            said = f"{rule.pattern} has no owner, which makes it anybody's"
            yield Finding(path=path, line=rule.line, code="owners-none", message=said)


def _parsed(path: str, content: bytes) -> Iterator[Rule | Finding]:
    for number, line in enumerate(lines_of(content), start=1):
        text = line.rstrip("\r")
        words = _words(text)
        if not words:
            continue
        pattern, *owners = words
        wrong = _wrong_pattern(pattern)
        bad = next((owner for owner in owners if not _OWNER.fullmatch(owner)), None)
        if wrong:
            yield Finding(path=path, line=number, column=1, code="owners-pattern", message=f"{pattern}: {wrong}")
        elif bad:
            said = f"{bad} is no owner: write @user, @organisation/team or an address"
            yield Finding(path=path, line=number, column=text.find(bad) + 1, code="owners-form", message=said)
        else:
            yield Rule(line=number, pattern=pattern, owners=tuple(owners))


def _words(line: str) -> list[str]:
    """The words before a comment: one that begins the line, or follows a blank."""
    words = _WORDS.findall(line)
    comment = next((index for index, word in enumerate(words) if word.startswith("#")), len(words))
    return words[:comment]


def _wrong_pattern(pattern: str) -> str:
    if pattern.startswith("!"):
        return "GitHub has no negation here"
    if set(pattern) & set("[]"):
        return "GitHub has no character ranges here"
    if pattern.startswith("\\#"):
        return "GitHub does not take an escaped #"
    if "//" in pattern or pattern.endswith("\\") or pattern.startswith("./"):
        return "matches nothing"
    if _OWNER.fullmatch(pattern) and pattern.startswith("@"):
        return "an owner stands where a path belongs"
    return "" if _compiled(pattern) else "is not a pattern"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern as a regular expression over whole paths; None where it has none."""
    body = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in body
    if not body:
        return re.compile(".*") if pattern == "/" else None
    expression = "" if anchored else "(?:.*/)?"
    rest = body
    while rest:
        token = re.match(r"/\*\*/|\*\*/|/\*\*\Z|\*+|\?|\\.|[^\\]", rest)
        if token is None:
            return None
        rest = rest[token.end() :]
        expression += _expression(token[0])
    if pattern.endswith("/"):
        return re.compile(f"{expression}/.*")
    # `docs/*` means the files in docs; any other pattern means also everything below what it matches.
    below = "" if body.endswith("/*") else "(?:/.*)?"
    return re.compile(expression + below)


def _expression(token: str) -> str:
    known = {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*", "?": "[^/]"}
    if token in known:
        return known[token]
    if token.startswith("*"):
        return "[^/]*"
    return re.escape(token[-1])

"""CODEOWNERS as GitHub reads it: text in; the rules that count, who owns a path, and the lines that are skipped out.

Source: GitHub's "About code owners". Patterns are gitignore's without `!`, `[ ]` and an escaped `#`; `docs/*` reaches
one level down; the last line that matches wins; a line without owners takes ownership away; a line that cannot be
parsed is skipped; a file of 3 MB is not loaded; case matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from syncbot.formats.diagnostics import Diagnostic, Place

LOCATIONS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in its order; the first that exists is the only one that counts."""
MAX_BYTES = 3 * 1024 * 1024
"""From this size on GitHub does not load the file."""
_OWNER = re.compile(
    r"@[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?(?:/[A-Za-z0-9_.-]+)?|[^@\s]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_WORD = re.compile(r"(?:\\.|[^\s\\])+|\\")
_TOKEN = re.compile(r"\*+|\?|\\.|[^\\]")
_FOLDERS = "(?:[^/]+/)*?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line that GitHub takes, counted from 1: `owners` empty means that nobody owns what it matches."""

    line: int
    pattern: str
    owners: tuple[str, ...]

    def matches(self, path: str) -> bool:
        compiled = _compiled(self.pattern)
        return bool(compiled and compiled.fullmatch(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Codeowners:
    """What one file says. `diagnostics` are the lines that GitHub skips, or why it does not load the file."""

    rules: tuple[Rule, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def deciding_rule(self, path: str) -> Rule | None:
        """The last rule that matches `path`."""
        return next((rule for rule in reversed(self.rules) if rule.matches(path)), None)

    def owners(self, path: str) -> tuple[str, ...] | None:
        """The owners on the last line that matches `path`, empty where it names none; None where no line matches."""
        rule = self.deciding_rule(path)
        return rule.owners if rule else None

    @property
    def ownerships(self) -> frozenset[tuple[str, str]]:
        """(pattern, owner) of each pattern's last line, the only one of them that can count."""
        last = {rule.pattern: rule for rule in self.rules}
        return frozenset((rule.pattern, owner) for rule in last.values() for owner in rule.owners)


def read_codeowners(content: bytes, path: str = "") -> Codeowners:
    """The file's rules in order; `path` is the file's own, for the diagnostics. Any bytes can be read."""
    if len(content) >= MAX_BYTES:
        message = "3 MB or larger, so GitHub ignores the whole file"
        return Codeowners(diagnostics=(Diagnostic(path=path, code="owners-size", message=message),))
    entries = tuple(_entries(content.decode("utf-8", "replace"), path))
    return Codeowners(
        rules=tuple(entry for entry in entries if isinstance(entry, Rule)),
        diagnostics=tuple(entry for entry in entries if isinstance(entry, Diagnostic)),
    )


def meaning(content: bytes) -> tuple[object, ...] | None:
    """What the file says, in its order and without its layout, comments included; None where it is not UTF-8.

    Layout are the spaces between words. What GitHub skips is somebody's line as well.
    """
    try:
        lines = content.decode().split("\n")
    except UnicodeDecodeError:
        return None
    said = ((tuple(words), _comment(line)) for line in lines if (words := _words(line)) or _comment(line) is not None)
    return tuple(said)


def is_address(owner: str) -> bool:
    """Whether the owner is an e-mail address, and neither a user nor a team."""
    return not owner.startswith("@")


def _entries(text: str, path: str) -> Iterator[Rule | Diagnostic]:
    for number, line in enumerate(text.split("\n"), start=1):
        words = _words(line)
        if not words:
            continue
        pattern, *owners = words
        bad = next((owner for owner in owners if not _OWNER.fullmatch(owner)), None)
        if wrong := _wrong_pattern(pattern):
            place = Place(number, 1)
            yield Diagnostic(path=path, place=place, code="owners-pattern", message=f"{pattern}: {wrong}")
        elif bad:
            message = f"{bad} is no owner: write @user, @organisation/team or an address"
            place = Place(number, line.find(bad) + 1)
            yield Diagnostic(path=path, place=place, code="owners-form", message=message)
        else:
            yield Rule(line=number, pattern=pattern, owners=tuple(owners))


def _words(line: str) -> list[str]:
    """The words before a comment, which begins the line or follows a blank; an escaped blank divides nothing."""
    words = _WORD.findall(line)
    comment = next((index for index, word in enumerate(words) if word.startswith("#")), len(words))
    return words[:comment]


def _comment(line: str) -> str | None:
    """What stands behind the `#` of a comment; None without one."""
    marks = (match for match in _WORD.finditer(line) if match[0].startswith("#"))
    first = next(marks, None)
    return None if first is None else line[first.start() + 1 :].strip()


def _wrong_pattern(pattern: str) -> str:
    """Why GitHub skips a line with this pattern, as a phrase; empty where it takes it."""
    if pattern.startswith("!"):
        return "GitHub has no negation here"
    if set(pattern) & set("[]"):
        return "GitHub has no character ranges here"
    if pattern.startswith("\\#"):
        return "GitHub does not take an escaped #"
    if pattern == "/" or "//" in pattern or pattern.endswith("\\") or pattern.startswith("./"):
        return "matches nothing"
    if _OWNER.fullmatch(pattern) and pattern.startswith("@"):
        return "an owner stands where a path belongs"
    return "" if _compiled(pattern) else "is not a pattern"


@lru_cache(maxsize=20_000)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern as a regular expression over whole paths; None where it has none.

    It takes no longer than the lengths of pattern and path multiplied, whatever they hold: what stands between two
    asterisks, or between two `**`, is put where it fits first and never moved again, which finds a match if any is.
    """
    segments = pattern.strip("/").split("/")
    if not pattern.startswith("/") and len(segments) == 1:
        segments = ["**", *segments]
    *folders, last = segments
    above = [folder if folder == "**" else _segment(folder) for folder in folders]
    end = ".+" if last == "**" else _segment(last)
    if end is None or None in above:
        return None
    start, *runs = "".join(f"{folder}/" for folder in above).split("**/")
    settled = "".join(f"(?>{_FOLDERS}{run})" for run in runs[:-1] if run)
    anywhere = settled + "".join(f"{_FOLDERS}{run}" for run in runs[-1:])
    return re.compile(start + anywhere + end + _below(pattern, last), re.DOTALL)


def _below(pattern: str, last: str) -> str:
    """What may follow a match: all that lies in the folder, but for `docs/*`, which means the files right in docs."""
    if pattern.endswith("/"):
        return "/.*"
    return "" if last == "*" else "(?:/.*)?"


def _segment(text: str) -> str | None:
    """One name of a path as a regular expression; None where a backslash escapes nothing."""
    pieces, position = [""], 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        position = token.end()
        if token[0].startswith("*"):
            pieces.append("")
        else:
            pieces[-1] += "[^/]" if token[0] == "?" else re.escape(token[0][-1])
    start, *others = pieces
    between = "".join(f"(?>[^/]*?{piece})" for piece in others[:-1])
    return start + between + "".join(f"[^/]*{piece}" for piece in others[-1:])

"""What this tree prints, and writes to GitHub, otherwise than an earlier commit does: `make compare BASE=<commit>`.

Both trees live through the same story (scripts/compare_story.py), each with its own code and templates. Every
difference has to be allowed by a row of scripts/compare.yaml, which says what defect it mends; else the exit code is 1.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import BytesIO
from itertools import zip_longest
from pathlib import Path

import yaml

from scripts.compare_story import tell

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = ROOT / "scripts" / "compare.yaml"
_NAMES = (("repo", "path"), ("repo", "changeset"), ("repo",), ("name",), ("path",), ("number",), ("code",), ("kind",))
_ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value, by the command that printed it and where it stands there (`repos[acme/a].files[Dockerfile].state`)."""

    command: str
    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of difference that is meant: `command` and `path` are patterns of fnmatch, where `[` stands for itself."""

    command: str
    path: str
    defect: str

    def allows(self, difference: Difference) -> bool:
        return all(
            fnmatchcase(value, pattern.replace("[", "[[]"))
            for value, pattern in ((difference.command, self.command), (difference.path, self.path))
        )


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: make compare BASE=<commit>", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="syncbot-compare-") as folder:
        base = Path(folder, "base")
        extract(sys.argv[1], base)
        print(f"telling the story with {sys.argv[1]}, then with this tree")
        before, after = (tell(tree, Path(folder, name)) for tree, name in ((base, "before"), (ROOT, "after")))
    rows = tuple(Row(**row) for row in yaml.safe_load(ALLOWED.read_text()) or ())
    found = tuple(differences(before, after))
    unexplained = [each for each in found if not any(row.allows(each) for row in rows)]
    for row in rows:
        count = sum(row.allows(each) for each in found)
        print(f"allowed {count:4} x {row.command} {row.path}: {row.defect}")
    for each in unexplained:
        print(f"{each.command}: {each.path}\n  before: {each.before}\n  after:  {each.after}")
    print(f"{len(after)} outputs compared: {len(found)} differences, {len(unexplained)} of them not allowed")
    return 1 if unexplained else 0


def extract(commit: str, folder: Path) -> None:
    """The commit's files in a folder of their own."""
    done = subprocess.run(["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=True)
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    """By command, whatever stands otherwise in its output, once all that differs from run to run is named alike."""
    for command in sorted(before.keys() | after.keys()):
        old, new = (plain(outputs.get(command, "")) for outputs in (before, after))
        for path, one, other in unequal(_parsed(old), _parsed(new), ""):
            yield Difference(command, path, one, other)


def plain(text: str) -> str:
    """The text with commits named by their order of appearance, without times, ports and temporary folders, and without
    digests of texts that name a commit."""
    seen: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        kind = next(kind for kind, value in found.groupdict().items() if value)
        if kind in ("time", "port", "folder", "digest"):
            return f"<{kind}>"
        return seen.setdefault(found[0][:7], f"<commit {len(seen)}>")

    return re.sub(
        r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)"
        r"|(?P<port>(?<=127\.0\.0\.1:)\d+)"
        r"|(?P<folder>/tmp/[\w./-]+)"
        r"|(?P<digest>(?<=syncbot:body )[0-9a-f]{16})"
        r"|(?P<commit>\b(?=[0-9a-f]*\d)(?:[0-9a-f]{40}|[0-9a-f]{7})\b|(?<=@)[0-9a-f]{7,40}\b)",
        name,
        text,
    )


def unequal(before: object, after: object, path: str) -> Iterator[tuple[str, str, str]]:
    """(place, before, after) of each leaf that differs; members of lists are told by their names, not their order."""
    match before, after:
        case dict(), dict():
            for key in dict.fromkeys([*before, *after]):
                yield from unequal(before.get(key, _ABSENT), after.get(key, _ABSENT), f"{path}.{key}".lstrip("."))
        case list(), list():
            one, other = _named(before), _named(after)
            for key in dict.fromkeys([*one, *other]):
                yield from unequal(one.get(key, _ABSENT), other.get(key, _ABSENT), f"{path}[{key}]")
        case str(), str() if "\n" in before or "\n" in after:
            for number, (line, other_line) in enumerate(zip_longest(before.split("\n"), after.split("\n")), 1):
                if line != other_line:
                    yield f"{path}:{number}", repr(line), repr(other_line)
        case _ if before != after or type(before) is not type(after):
            yield path, _short(before), _short(after)


def _named(members: list[object]) -> dict[str, object]:
    """By what names each of them and no other, else by number."""
    for keys in _NAMES:
        named = {
            " ".join(str(m.get(k)) for k in keys): m for m in members if isinstance(m, dict) and m.keys() >= {*keys}
        }
        if len(named) == len(members):
            return named
    return {str(number): member for number, member in enumerate(members)}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"


if __name__ == "__main__":
    sys.exit(main())

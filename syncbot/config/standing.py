"""Where the values of a valid `config/repos.yaml` stand: with the repo itself, or under what holds for all.

In: the file's text. Out: key paths, and diagnostics that name their places.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from syncbot.config.fleet import placed
from syncbot.config.messages import mistake
from syncbot.formats import yaml
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.yaml.nodes import Path, at, plain
from syncbot.formats.yaml.reader import OURS, read_yaml
from syncbot.model.fleet import Repo

_REPO_KEYS = {"service_name": "name", "team": "team", "template": "template"}
_TOP_KEYS = {"organization": "organization", "owners": "owners"}


class Standing:
    """The places of one file; `file` is its name in messages."""

    def __init__(self, text: str, file: str) -> None:
        root = read_yaml(text, dialect=OURS).root
        assert isinstance(root, yaml.Mapping)
        self._root, self._file = root, file

    def own(self, index: int, repo: Repo, name: str, today: date) -> Path | None:
        """The repo's own value for a question that day, its exemption's before its answer; `index` as in the file."""
        kept = [n for n, each in enumerate(repo.exemptions) if each.answer == name and each.holds(today)]
        entry: Path = ("repos", index)
        if kept:
            return (*entry, "exemptions", kept[-1], "keep")
        return self.key((*entry, _REPO_KEYS[name]) if name in _REPO_KEYS else (*entry, "answers", name))

    def default(self, name: str) -> Path | None:
        """The value that holds for every repo without one of its own."""
        if name in _TOP_KEYS:
            return (_TOP_KEYS[name],)
        return self.key(("defaults", name) if name in _REPO_KEYS else ("defaults", "answers", name))

    def key(self, path: Path) -> Path | None:
        """The path where something stands at it, else None."""
        parent = at(self._root, path[:-1])
        whole = all(isinstance(at(self._root, path[:n]), yaml.Mapping | yaml.Sequence) for n in range(len(path)))
        return path if whole and isinstance(parent, yaml.Mapping) and str(path[-1]) in parent.by_key else None

    def value(self, path: Path) -> object:
        """What stands at a path, as Python values."""
        return plain(at(self._root, path))

    def keys(self, path: Path) -> Mapping[object, object]:
        """The mapping at a path; empty where something else stands there."""
        value = self.value(path)
        return value if isinstance(value, Mapping) else {}

    def diagnostic(self, path: Path, message: str) -> Diagnostic:
        """What is wrong with the value at a path."""
        return placed(self._file, self._root, mistake(path, at(self._root, path).place, message))

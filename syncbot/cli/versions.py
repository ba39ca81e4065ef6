"""The versions that a run's repos use: their answers in, warnings with the repos that they concern out.

Nothing is looked up here: what is known of versions is in `syncbot.check.versions`, and each distinct set of answers
is judged once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from syncbot.check.versions import ANSWERS, RUNTIME, answer_notes
from syncbot.formats.diagnostics import Diagnostic
from syncbot.report.values import VersionWarning

_TELLING = (RUNTIME, *ANSWERS)


class VersionsInUse:
    """Which repos use which versions, collected repo by repo."""

    def __init__(self) -> None:
        self._repos: dict[tuple[tuple[str, str], ...], dict[str, None]] = defaultdict(dict)

    def add(self, repo: str, answers: Mapping[str, object]) -> None:
        """`answers` are complete, defaults included; a repo that is read again counts once."""
        given = ((name, answers.get(name)) for name in _TELLING)
        self._repos[tuple((name, str(answer)) for name, answer in given if answer is not None)][repo] = None

    def warnings(self, today: date) -> tuple[VersionWarning, ...]:
        """What to warn of on that day, what concerns most repos first."""
        found: dict[Diagnostic, dict[str, None]] = defaultdict(dict)
        for answers, repos in self._repos.items():
            for note in answer_notes(dict(answers), today):
                found[note] |= repos
        ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0].message))
        return tuple(
            VersionWarning(code=note.code, message=note.message, answer=note.subject, repos=tuple(repos))
            for note, repos in ranked
        )

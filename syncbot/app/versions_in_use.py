"""The versions that a run's repos use, and those that it would bring: warnings, and what is to stop it.

Nothing is looked up here: what is known of versions is in `syncbot.check.versions`, and each distinct set of answers
is judged once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from syncbot.app.config_values import AnswerLines
from syncbot.app.workspace import Workspace
from syncbot.check.versions import ANSWERS, RUNTIME, answer_notes, not_to_be_new
from syncbot.formats.diagnostics import Diagnostic
from syncbot.report.values import VersionWarning

_ANSWERS_OF = {product: tuple(name for name, of in ANSWERS.items() if of == product) for product in ANSWERS.values()}
_ANSWERS_OF["rds-postgres"] += _ANSWERS_OF["postgres"]  # which RDS follows where it is not told otherwise
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


class NewVersions:
    """Judges the versions that a run would bring to repos: a `plan.fleet.brakes.VersionJudge` for one day."""

    def __init__(self, workspace: Workspace, today: date) -> None:
        self._today = today
        self._lines = AnswerLines(workspace, today)

    def __call__(self, repo: str, product: str, version: str) -> str:
        """What is wrong with it, after the line of the config that asks for it; empty where nothing is."""
        wrong = not_to_be_new(product, version, self._today)
        return self._lines.saying(repo, _ANSWERS_OF[product], wrong) if wrong else ""

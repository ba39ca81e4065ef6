"""The owners that a rendered CODEOWNERS names: whom to look up on GitHub, and what to say of those not there. Pure.

The looking up is done elsewhere: its answers come in as data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from syncbot.check.types import Rendering, finding
from syncbot.errors import FailureCode
from syncbot.formats.codeowners import LOCATIONS, is_address, read_codeowners
from syncbot.formats.diagnostics import Diagnostic, Severity
from syncbot.model.observation import Failure


def owners_to_look_up(renderings: Iterable[Rendering]) -> tuple[str, ...]:
    """The different users and teams that all repos name, sorted; e-mail addresses cannot be looked up."""
    named = {owner for rendering in renderings for owner in _named(rendering)}
    return tuple(sorted(owner for owner in named if not is_address(owner)))


def check_existence(rendering: Rendering, unseen: Mapping[str, Failure] | None) -> Iterator[Diagnostic]:
    """Owners that are `not-found` among those looked up; where GitHub did not say, once and without a line.

    None where nobody looked.
    """
    if unseen is None:
        return
    path = _place(rendering)
    for owner, line in _named(rendering).items():
        failure = unseen.get(owner)
        if is_address(owner):
            yield finding(
                path,
                "owners-address",
                f"{owner} is an address, which cannot be looked up",
                line=line,
                severity=Severity.NOTE,
            )
        elif failure and failure.code is FailureCode.NOT_FOUND:
            yield finding(path, "owners-unknown", failure.reason, line=line)
        elif failure:
            yield finding(path, "not-checked", f"not checked: {failure.reason}")


def check_organization(rendering: Rendering) -> Iterator[Diagnostic]:
    """Teams of another organization: GitHub takes none but those of the repo's own."""
    home = rendering.repo.partition("/")[0]
    for owner, line in _named(rendering).items():
        organization, slash, _ = owner.removeprefix("@").partition("/")
        if slash and not is_address(owner) and organization.lower() != home.lower():
            yield finding(
                _place(rendering),
                "owners-elsewhere",
                f"{owner} owns nothing here: a team of {organization} has no say in a repo of {home}",
                line=line,
            )


def _named(rendering: Rendering) -> Mapping[str, int]:
    """Each owner, addresses too, with the first line that names it."""
    place = _place(rendering)
    found: dict[str, int] = {}
    for rule in read_codeowners(rendering.files[place].content).rules if place else ():
        for owner in rule.owners:
            found.setdefault(owner, rule.line)
    return found


def _place(rendering: Rendering) -> str:
    """The CODEOWNERS that GitHub reads, empty without one."""
    return next((path for path in LOCATIONS if path in rendering.files), "")

"""What moving a service from one major to another means for its parameters, its developers and its database on RDS.

In: two majors and the parameters as people wrote them. Out: data; `upgrade_text` puts it in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from syncbot.formats.diagnostics import Diagnostic
from syncbot.postgres.catalogue import Parameter, load
from syncbot.postgres.check import check_parameters
from syncbot.postgres.facts import EndOfSupport, end_of_support
from syncbot.postgres.rds import family
from syncbot.postgres.renames import RENAMED, current, instead

# Defaults whose change people do not notice in a service's behaviour, or that the packaging decides.
_NOT_BEHAVIOUR = ("Preset Options", "Developer Options")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A parameter that is set and that the target major does not know; `advice` may be empty."""

    name: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A parameter that is set under its old name; `still_starts` says that the target takes that name too."""

    name: str
    new_name: str
    still_starts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A fact of one parameter, before and after, in words: a default, a range, a type."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Where the official image of a major keeps its data: the name we give the volume, and its mount path."""

    name: str
    mount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """Everything a person should know before the move. It must not be made while `blocking` holds anything.

    `changed_defaults` are those of parameters that the service leaves to the server. `restart_needed` are set
    parameters that hold only after a restart in one of the two majors but not in the other.
    """

    from_major: int
    to_major: int
    blocking: tuple[Diagnostic, ...]
    removed: tuple[Gone, ...]
    renamed: tuple[Renamed, ...]
    changed_defaults: tuple[Change, ...]
    ranges: tuple[Change, ...]
    types: tuple[Change, ...]
    restart_needed: tuple[Change, ...]
    volumes: tuple[Volume, Volume]
    families: tuple[str, str]
    support: tuple[EndOfSupport, EndOfSupport]


def upgrade(from_major: int, to_major: int, parameters: Mapping[str, str]) -> Upgrade:
    """Compare the two catalogues under these parameters. ValueError for a move that is not upwards."""
    if to_major <= from_major:
        raise ValueError(f"Postgres {to_major} cannot read the data of Postgres {from_major}: a move goes upwards only")
    had = [name for name in parameters if current(from_major, name)]
    known = {current(from_major, name) or name for name in had}
    kept = [(load(from_major).parameters[name], new) for name in sorted(known) if (new := _now(to_major, name))]
    return Upgrade(
        from_major=from_major,
        to_major=to_major,
        blocking=_blocking(from_major, to_major, parameters),
        removed=tuple(Gone(name=name, advice=instead(name)) for name in _lost(to_major, had)),
        renamed=_renamed(to_major, had),
        changed_defaults=_changed_defaults(from_major, to_major, known),
        ranges=tuple(_changes(kept, _range)),
        types=tuple(_changes(kept, _type)),
        restart_needed=tuple(_changes(kept, _when)),
        volumes=(volume(from_major), volume(to_major)),
        families=(family(from_major), family(to_major)),
        support=(end_of_support(from_major), end_of_support(to_major)),
    )


def volume(major: int) -> Volume:
    """From 18 on, the official image keeps each major in a folder of its own below the mount."""
    mount = "/var/lib/postgresql" if major >= 18 else "/var/lib/postgresql/data"
    return Volume(name=f"pgdata{major}", mount=mount)


def _blocking(from_major: int, to_major: int, parameters: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """What the target refuses and the present major does not: the rest is no matter of the move."""
    before = {finding.subject for finding in check_parameters(from_major, parameters).findings if finding.is_error}
    after = check_parameters(to_major, parameters).findings
    return tuple(finding for finding in after if finding.is_error and finding.subject not in before)


def _lost(major: int, had: Iterable[str]) -> list[str]:
    return [name for name in had if not current(major, name) and not _new_name(major, name)]


def _renamed(major: int, had: Iterable[str]) -> tuple[Renamed, ...]:
    found = []
    for name in had:
        new = _new_name(major, name)
        if new and new.lower() != name.lower():
            found.append(Renamed(name=name, new_name=new, still_starts=current(major, name) is not None))
    return tuple(found)


def _new_name(major: int, name: str) -> str | None:
    renamed = RENAMED.get(name.lower())
    return renamed.name if renamed and load(major).find(renamed.name) else None


def _now(major: int, name: str) -> Parameter | None:
    return load(major).parameters.get(current(major, name) or _new_name(major, name) or "")


def _changed_defaults(from_major: int, to_major: int, known: set[str]) -> tuple[Change, ...]:
    found = []
    for name, old in load(from_major).parameters.items():
        new = load(to_major).parameters.get(name)
        ignored = name in known or old.context == "internal" or old.category in _NOT_BEHAVIOUR or old.library
        if new and not ignored and old.type == new.type and _default(old) != _default(new):
            found.append(Change(name=name, before=_default(old), after=_default(new)))
    return tuple(found)


def _changes(kept: list[tuple[Parameter, Parameter]], aspect: Callable[[Parameter], str]) -> list[Change]:
    pairs = [(old.name, aspect(old), aspect(new)) for old, new in kept]
    return [Change(name=name, before=before, after=after) for name, before, after in pairs if before != after]


def _default(parameter: Parameter) -> str:
    return with_unit(parameter.default or "", parameter.unit) or "empty"


def with_unit(value: str, unit: str) -> str:
    """`1024 x 8kB` where the unit has a number of its own, `4096kB` where it has none."""
    return f"{value} x {unit}" if unit[:1].isdigit() else f"{value}{unit}"


def _range(parameter: Parameter) -> str:
    if parameter.type == "enum":
        return ", ".join(sorted(parameter.labels))
    if parameter.min is None or parameter.max is None:
        return ""
    return f"{parameter.min} to {parameter.max}{' ' + parameter.unit if parameter.unit else ''}"


def _type(parameter: Parameter) -> str:
    return parameter.type


def _when(parameter: Parameter) -> str:
    return "after a restart" if parameter.needs_restart else "at once"

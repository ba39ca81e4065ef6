"""What people wrote by hand, as an entry of `postgres_parameters`: settings in, entries and remarks out.

Nothing is dropped: each setting of the input is in an entry or in a remark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncbot.formats.diagnostics import Diagnostic, Place, Severity
from syncbot.formats.parameter_group import ParameterGroup
from syncbot.formats.postgres_conf import Setting, read_conf
from syncbot.postgres.catalogue import MAJORS, Parameter, load
from syncbot.postgres.check import why_unread
from syncbot.postgres.comparison import PLACES
from syncbot.postgres.declared import DeclaredParameter, computed
from syncbot.postgres.facts import not_modifiable
from syncbot.postgres.rds import parameter_group
from syncbot.postgres.renames import current, why_unknown
from syncbot.postgres.units import NumberError, parse_int, unit_names
from syncbot.postgres.values import Refused, check_value

_BY_CLASS = "sized by the instance class; a laptop has its own size"
_FIXED = "RDS lets nobody change it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The entries in the order of the input, read as of one major, and what else there is to say.

    A remark's `subject` is what of the input is in no entry, or is there with a word to add.
    """

    major: int
    entries: tuple[DeclaredParameter, ...]
    remarks: tuple[Diagnostic, ...]


def import_conf(content: bytes, major: int | None = None) -> Imported:
    """A postgresql.conf. Without a major, the newest one that refuses the fewest of its settings."""
    lines = read_conf(content)
    settings = [line for line in lines if isinstance(line, Setting)]
    chosen = major or _likeliest([(each.name, each.value) for each in settings])
    last = {_key(chosen, each.name): each for each in settings}
    unread = (line for line in lines if not isinstance(line, Setting))
    remarks = [_remark(each.text, why_unread(each), each.line) for each in unread]
    entries: list[DeclaredParameter] = []
    for each in settings:
        holds = last[_key(chosen, each.name)]
        if holds is not each:
            remarks.append(_of_line(each, f"line {holds.line} sets it again, and the last one holds"))
            continue
        match _from_conf(chosen, each):
            case Diagnostic() as remark:
                remarks.append(remark)
            case entry:
                entries.append(entry)
    return Imported(major=chosen, entries=tuple(entries), remarks=tuple(sorted(remarks, key=lambda each: each.line)))


def import_group(group: ParameterGroup, major: int | None = None) -> Imported:
    """A parameter group, whose family names the major unless one is given."""
    known = group.major if group.major in MAJORS else None
    chosen = major or known or _likeliest([(each.name, each.value) for each in group.parameters])
    last = {_key(chosen, each.name): each.value for each in group.parameters}
    remarks = list(group.diagnostics)
    entries: dict[str, DeclaredParameter] = {}
    for each in group.parameters:
        key = _key(chosen, each.name)
        if key in entries or last[key] != each.value:
            remarks.append(_remark(f"{each.name} = {each.value}", "is set more than once"))
            continue
        found = _from_group(chosen, each.name, each.value)
        match found:
            case Diagnostic():
                remarks.append(found)
            case (DeclaredParameter() as entry, said):
                entries[key] = entry
                remarks += [said] if said else []
    return Imported(major=chosen, entries=tuple(entries.values()), remarks=tuple(remarks))


def readable(parameter: Parameter, value: str) -> str:
    """A base-unit integer in the largest unit that holds it whole: 65536 kB is 64MB."""
    if parameter.type != "integer" or not parameter.unit or not value.isdecimal() or int(value) == 0:
        return value
    for unit in reversed(unit_names(parameter.unit)):
        one = _in_base(f"1{unit}", parameter.unit)
        amount = int(value) // one if one else 0
        if amount and _in_base(f"{amount}{unit}", parameter.unit) == int(value):
            return f"{amount}{unit}"
    return value


def _in_base(text: str, base: str) -> int:
    try:
        return parse_int(text, base)
    except NumberError:
        return 0


def _from_conf(major: int, entry: Setting) -> DeclaredParameter | Diagnostic:
    name = current(major, entry.name)
    if (name or entry.name.lower()) in PLACES:
        return _of_line(entry, "says where a server lies, not how it behaves: the template and RDS decide it")
    if problem := _refused(major, entry.name, entry.value):
        return _of_line(entry, problem)
    assert name
    if name in not_modifiable():
        return DeclaredParameter(name=name, local=entry.value, rds=None, reason=_FIXED)
    if findings := parameter_group(major, {name: entry.value}).diagnostics:
        return DeclaredParameter(name=name, local=entry.value, rds=None, reason=f"RDS: {findings[0].message}")
    return DeclaredParameter(name=name, local=entry.value, rds=entry.value)


def _from_group(major: int, name: str, value: str) -> Diagnostic | tuple[DeclaredParameter, Diagnostic | None]:
    shown = f"{name} = {value}"
    if findings := [each for each in parameter_group(major, {name: value}).diagnostics if each.is_error]:
        return _remark(shown, findings[0].message)
    known = current(major, name)
    if known is None:
        reason = "" if name.lower().startswith("rds.") else "belongs to an extension that the official image lacks"
        return DeclaredParameter(name=name, local=None, rds=value, reason=reason), None
    parameter = load(major).parameters[known]
    if computed(known, value):
        local = readable(parameter, parameter.default or "")
        remark = _remark(shown, f"depends on the instance: local is Postgres' default, {local}")
        return DeclaredParameter(name=known, local=local, rds=value, reason=_BY_CLASS), remark
    if problem := _refused(major, known, value):
        return DeclaredParameter(name=known, local=None, rds=value, reason=problem), None
    text = {"1": "on", "0": "off"}.get(value, value) if parameter.type == "bool" else readable(parameter, value)
    return DeclaredParameter(name=known, local=text, rds=text), None


def _refused(major: int, name: str, value: str) -> str:
    """Why a server of that major would not take the setting; empty where it does. Rules over several come later."""
    known = current(major, name)
    if known is None:
        return why_unknown(major, name).reason
    match check_value(load(major).parameters[known], value):
        case Refused(reason=reason):
            return reason
    return ""


def _key(major: int, name: str) -> str:
    """What two settings of the same parameter have in common."""
    return current(major, name) or name.lower()


def _likeliest(settings: Sequence[tuple[str, str]]) -> int:
    """The newest major among those that refuse the fewest."""
    return min(reversed(MAJORS), key=lambda major: sum(bool(_refused(major, name, value)) for name, value in settings))


def _of_line(entry: Setting, reason: str) -> Diagnostic:
    return _remark(f"{entry.name} = {entry.value}", reason, entry.line)


def _remark(text: str, reason: str, line: int = 0) -> Diagnostic:
    place = Place(line=line, column=1) if line else None
    return Diagnostic(place=place, subject=text, severity=Severity.NOTE, message=reason)

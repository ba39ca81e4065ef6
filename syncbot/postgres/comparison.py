"""Comparison: what a service wants against what a server or a parameter group has, parameter by parameter.

In: desired values and what was read, all data. Out: rows, each with its state. Compares values, not spellings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from syncbot.formats.parameter_group import ApplyMethod, GroupParameter, ParameterGroup
from syncbot.postgres import formula
from syncbot.postgres.catalogue import load
from syncbot.postgres.check import DERIVED
from syncbot.postgres.declared import computed
from syncbot.postgres.facts import not_modifiable
from syncbot.postgres.rds import family, resolved
from syncbot.postgres.renames import current
from syncbot.postgres.service import Service
from syncbot.postgres.upgrade import with_unit
from syncbot.postgres.values import Checked, check_value

Side = Literal["local", "rds"]

# The template's own, for the other containers; and what says where a server lies, not how it behaves.
PLACES = frozenset(
    {"listen_addresses", "port", "data_directory", "config_file", "hba_file", "ident_file", "external_pid_file"}
    | {"unix_socket_directories", "unix_socket_group", "unix_socket_permissions"}
)
# What initdb writes into the file of every new data folder, by the machine's locale and time zone.
_INITDB = frozenset(
    {"DateStyle", "TimeZone", "default_text_search_config", "dynamic_shared_memory_type", "lc_messages"}
    | {"lc_monetary", "lc_numeric", "lc_time", "log_timezone"}
)
_NOT_SET = ("default", "override", "client", "session", "environment variable")


class State(StrEnum):
    """How one parameter stands."""

    EQUAL = "equal"
    DIFFERS = "differs"
    PENDING = "pending reboot"
    ONLY_HERE = "only here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One parameter; values are in base units, as the other side shows them. None: it is not set there."""

    name: str
    wanted: str | None
    here: str | None
    state: State
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of pg_settings."""

    name: str
    value: str
    source: str
    pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveServer:
    """A running server: its version as people say it, its major, and its pg_settings."""

    version: str
    major: int
    settings: Mapping[str, Setting]

    @property
    def is_rds(self) -> bool:
        return any(name.startswith("rds.") for name in self.settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveGroup:
    """A parameter group on RDS, and the instances that use it and wait for a reboot."""

    group: ParameterGroup
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """An instance's memory in bytes, and its virtual CPUs."""

    memory_bytes: int
    vcpu: int


def formulas(service: Service) -> tuple[str, ...]:
    """The parameters whose value on RDS depends on the size of the instance."""
    return tuple(
        each.name for each in service.source.parameters if each.rds is not None and computed(each.name, each.rds)
    )


def wanted_values(service: Service, side: Side, major: int, size: Size | None) -> dict[str, str]:
    """What pg_settings should show on a server of that side and major; formulas only where the size is known."""
    if side == "local":
        return {name: checked.value for name, checked in service.source.local(major).values.items()}
    group = service.source.rds(major)
    if size:
        return resolved(group, major=major, memory_bytes=size.memory_bytes, vcpu=size.vcpu)
    return resolved(_without_formulas(group), major=major, memory_bytes=0, vcpu=1)


def compare_server(service: Service, server: LiveServer, side: Side, size: Size | None) -> tuple[Row, ...]:
    """Every wanted parameter, and on a local server what only it sets. Raises FormulaError.

    On RDS nothing tells what people set from what Amazon sets: for that, compare the parameter group.
    """
    expected = service.major if side == "local" else service.rds_major
    wanted = wanted_values(service, side, server.major, size)
    rows = [_version("server_version", str(expected), str(server.major))]
    rows += [_row(server, name, value) for name, value in sorted(wanted.items())]
    if side == "local":
        rows += _only_here(server, wanted)
    return tuple(rows)


def compare_group(service: Service, live: LiveGroup, size: Size | None) -> tuple[Row, ...]:
    """Every parameter of the group that we would render for its family, and what only it sets. Raises FormulaError."""
    expected = [family(major) for major in service.rds_majors]
    major = live.group.major or service.rds_major
    desired = service.source.rds(major if family(major) in expected else service.rds_major)
    here = live.group.family or ""
    agreed = here if here in expected else expected[-1]
    rows = [_version("family", agreed, here)]
    rows += [_of_group(live, major, entry, size) for entry in desired.parameters]
    known = {entry.name for entry in desired.parameters}
    rows += [
        Row(name=name, wanted=None, here=value, state=State.ONLY_HERE)
        for name, value in sorted(live.group.values.items())
        if name not in known
    ]
    return tuple(rows)


def differing(rows: Iterable[Row]) -> bool:
    return any(row.state is not State.EQUAL for row in rows)


def local_value(major: int, name: str, value: str) -> str:
    """A base-unit value with its unit, for people: `65536kB`, `16384 x 8kB`."""
    known = current(major, name)
    return with_unit(value, load(major).parameters[known].unit) if known else value


def _version(name: str, wanted: str, here: str) -> Row:
    return Row(name=name, wanted=wanted, here=here, state=State.EQUAL if wanted == here else State.DIFFERS)


def _without_formulas(group: ParameterGroup) -> ParameterGroup:
    plain = (each for each in group.parameters if not computed(each.name, each.value))
    return replace(group, parameters=tuple(plain))


def _row(server: LiveServer, name: str, wanted: str) -> Row:
    found = server.settings.get(name)
    if found is None:
        return Row(name=name, wanted=wanted, here=None, state=State.DIFFERS, remark="the server does not know it")
    if found.pending:
        return Row(name=name, wanted=wanted, here=found.value, state=State.PENDING)
    # The server works such a value out by itself at its start, and shows the result.
    state = State.EQUAL if found.value == wanted or DERIVED.get(name) == wanted else State.DIFFERS
    return Row(
        name=name, wanted=wanted, here=found.value, state=state, remark="" if state is State.EQUAL else found.source
    )


def _only_here(server: LiveServer, wanted: Mapping[str, str]) -> list[Row]:
    defaults = load(server.major).parameters
    return [
        Row(name=found.name, wanted=None, here=found.value, state=State.ONLY_HERE, remark=found.source)
        for name, found in sorted(server.settings.items())
        if name not in wanted
        and name not in PLACES | _INITDB
        and found.source not in _NOT_SET
        and not (name in defaults and defaults[name].context == "internal")
        and not (name in defaults and defaults[name].default == found.value)
    ]


def _of_group(live: LiveGroup, major: int, entry: GroupParameter, size: Size | None) -> Row:
    here = live.group.values.get(entry.name)
    same = here is not None and _canonical(major, entry.name, here) == _canonical(major, entry.name, entry.value)
    waits = same and live.waiting and entry.apply_method is ApplyMethod.PENDING_REBOOT
    state = State.PENDING if waits else State.EQUAL if same else State.DIFFERS
    remark = f"waits for a reboot: {', '.join(live.waiting)}" if waits else _worked_out(major, entry, size)
    return Row(name=entry.name, wanted=entry.value, here=here, state=state, remark=remark)


def _worked_out(major: int, entry: GroupParameter, size: Size | None) -> str:
    if size is None or not computed(entry.name, entry.value):
        return ""
    value = formula.evaluate(entry.value, memory_bytes=size.memory_bytes, vcpu=size.vcpu)
    return f"is {local_value(major, entry.name, str(value))}"


def _canonical(major: int, name: str, text: str) -> str:
    if computed(name, text):
        return "".join(text.split())
    known = current(major, name)
    if known is None or known in not_modifiable():
        return {"on": "1", "off": "0"}.get(text, text)
    match check_value(load(major).parameters[known], text):
        case Checked(exact=exact):
            return exact
    return text

"""What RDS makes of the parameters: which it fixes, which are its own, how it wants values, and when they take hold.

In: a major and the texts people wrote. Out: a parameter group as data, or findings. Nothing here was checked against
AWS; facts.json says where each table comes from. Before trusting it to the letter, ask for a fresh one:
`aws rds describe-db-parameters --db-parameter-group-name default.postgres16`.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncbot.formats.diagnostics import Diagnostic, did_you_mean, nearest
from syncbot.formats.parameter_group import ApplyMethod, GroupParameter, ParameterGroup
from syncbot.postgres import formula
from syncbot.postgres.catalogue import Parameter, load
from syncbot.postgres.facts import not_modifiable, preloadable, provenance, rds_extensions, rds_parameters
from syncbot.postgres.renames import current, why_unknown
from syncbot.postgres.rules import PRELOADS, broken_rules, listed
from syncbot.postgres.values import Checked, Refused, check_value


def family(major: int) -> str:
    """A parameter group has exactly one family for its whole life."""
    return f"postgres{major}"


def parameter_group(major: int, parameters: Mapping[str, str]) -> ParameterGroup:
    """The group that holds these values, each checked as the server and as RDS would; it has no name yet."""
    entries: list[GroupParameter] = []
    findings: list[Diagnostic] = []
    values: dict[str, str] = {}
    for name, text in sorted(parameters.items()):
        match _entry(major, name, text, values):
            case Diagnostic() as finding:
                findings.append(finding)
            case entry:
                entries.append(entry)
    findings += [each for each in broken_rules(major, values) if each.subject in values and not _of_image(each)]
    return ParameterGroup(family=family(major), parameters=tuple(entries), diagnostics=tuple(findings))


def apply_method(parameter: Parameter) -> ApplyMethod:
    """RDS refuses `immediate` for what it calls static, which is what Postgres reads only at its start."""
    return ApplyMethod.PENDING_REBOOT if parameter.needs_restart else ApplyMethod.IMMEDIATE


def rds_value(parameter: Parameter, checked: Checked) -> str:
    """Base units as a string; a bool is 1 or 0, and so is an `on` and `off` of nothing else."""
    if parameter.type == "bool":
        return "1" if checked.value == "on" else "0"
    return checked.exact


def resolved(group: ParameterGroup, *, major: int, memory_bytes: int, vcpu: int) -> dict[str, str]:
    """What pg_settings shows on an instance of that size: formulas worked out. FormulaError for those it cannot."""
    shown = {}
    for entry in group.parameters:
        known = current(major, entry.name)
        if known is None:
            continue
        parameter = load(major).parameters[known]
        text = entry.value
        if _computed(parameter, text):
            text = str(formula.evaluate(text, memory_bytes=memory_bytes, vcpu=vcpu))
        match check_value(parameter, text):
            case Checked(value=value):
                shown[known] = value
    return shown


def _entry(major: int, name: str, text: str, values: dict[str, str]) -> GroupParameter | Diagnostic:
    known = current(major, name)
    if (known or name.lower()) in not_modifiable():
        return Diagnostic(
            subject=name, message=f"is fixed by RDS, which lets nobody modify it ({provenance('not_modifiable')})"
        )
    if name.lower().startswith("rds."):
        return _own(name, text)
    if known is None:
        return _foreign(major, name, text)
    parameter = load(major).parameters[known]
    # RDS keeps all names in lower case, those few that Postgres writes in mixed case included.
    found = _spelled(parameter, text)
    if isinstance(found, Diagnostic):
        return found
    if not _computed(parameter, found):
        values[known] = {"1": "on", "0": "off"}[found] if parameter.type == "bool" else found
    return GroupParameter(name=known.lower(), value=found, apply_method=apply_method(parameter))


def _computed(parameter: Parameter, text: str) -> bool:
    """A formula stands for a number; texts and labels may hold braces of their own."""
    return formula.is_formula(text) and parameter.type in ("integer", "bool", "real")


def _spelled(parameter: Parameter, text: str) -> str | Diagnostic:
    if _computed(parameter, text):
        problem = formula.check(text)
        return Diagnostic(subject=parameter.name, message=f"formula: {problem}") if problem else text.strip()
    match check_value(parameter, text):
        case Refused() as refused:
            return refused.of(parameter.name)
        case checked:
            pass
    if parameter.name == "shared_preload_libraries" and (other := set(listed(text)) - preloadable()):
        return Diagnostic(subject=parameter.name, message=f"RDS cannot load {', '.join(sorted(other))}")
    return rds_value(parameter, checked)


def _own(name: str, text: str) -> GroupParameter | Diagnostic:
    lowered = name.lower()
    method = rds_parameters().get(lowered)
    if method is None:
        near = nearest(lowered, rds_parameters())
        return Diagnostic(subject=name, message=f"is no RDS parameter known here{did_you_mean(near)}", suggestion=near)
    value = {"on": "1", "off": "0"}.get(text.lower(), text)
    return GroupParameter(name=lowered, value=value, apply_method=ApplyMethod(method))


def _foreign(major: int, name: str, text: str) -> GroupParameter | Diagnostic:
    """A parameter of an extension that RDS has and the official image lacks: passed on as it stands."""
    if name.partition(".")[0].lower() in rds_extensions() and "." in name:
        return GroupParameter(name=name.lower(), value=text, apply_method=ApplyMethod.PENDING_REBOOT)
    return why_unknown(major, name).of(name)


def _of_image(finding: Diagnostic) -> bool:
    """Rules about the container's image, which RDS does not run."""
    return finding.subject in ("ssl", *PRELOADS)

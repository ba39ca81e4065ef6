"""One parameter's value: the text a person writes in, the value that `pg_settings.setting` shows out, or a refusal.

The verdict and the value are the server's own (guc.c and the check hooks), which a test holds against real servers.
What the verdict would need from a machine (files, locales, memory, compiled-in libraries) is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncbot.formats.diagnostics import Diagnostic, did_you_mean, nearest
from syncbot.postgres import strings
from syncbot.postgres.catalogue import Parameter
from syncbot.postgres.units import NumberError, parse_int, parse_real

# Settable by `-c`, and taken without a word, but a configuration file cannot make them hold.
NO_EFFECT = {
    "config_file": "a configuration file cannot say where it is itself",
    "transaction_deferrable": "it holds for one transaction; use default_transaction_deferrable",
    "transaction_isolation": "it holds for one transaction; use default_transaction_isolation",
    "transaction_read_only": "it holds for one transaction; use default_transaction_read_only",
    "seed": "it is a command to one session, not a setting",
}
_OCTAL = ("data_directory_mode", "log_file_mode", "unix_socket_permissions")
_BANKED = (
    *("commit_timestamp_buffers", "multixact_member_buffers", "multixact_offset_buffers", "notify_buffers"),
    *("serializable_buffers", "subtransaction_buffers", "transaction_buffers"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A value as `pg_settings.setting` shows it: base units, `on` and `off`, listed labels.

    `exact` differs only for reals of more than six digits, which Postgres shows rounded but keeps.
    """

    value: str
    exact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why the server would refuse the name or value, or, for a parameter in a file, why it would not hold.

    `suggestion` is the name or the label to write instead, where there is a likely one.
    """

    reason: str
    suggestion: str = ""

    def of(self, name: str) -> Diagnostic:
        """The refusal of the parameter of that name."""
        return Diagnostic(subject=name, message=self.reason, suggestion=self.suggestion)


def check_value(parameter: Parameter, text: str) -> Checked | Refused:
    """The server's verdict on `name = text` in postgresql.conf, quoted as it needs to be."""
    if parameter.context == "internal":
        return Refused(reason="is read-only")
    if parameter.name in NO_EFFECT:
        return Refused(reason=f"has no effect in a configuration file: {NO_EFFECT[parameter.name]}")
    if "\0" in text or any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        return Refused(reason="must be text without NUL")
    return parse_value(parameter, text)


def parse_value(parameter: Parameter, text: str) -> Checked | Refused:
    """As `check_value`, for a session or the command line, where every settable parameter has its effect."""
    match parameter.type:
        case "bool":
            return _bool(parameter, text)
        case "enum":
            return _enum(parameter, text)
        case "integer":
            return _integer(parameter, text)
        case "real":
            return _real(parameter, text)
        case "string":
            return _string(parameter, text)


def as_bool(text: str) -> bool | None:
    """What Postgres' parse_bool makes of it: unique prefixes of true, false, yes, no, on, off, and 1 and 0."""
    folded = text.lower()
    if not folded or not folded.isascii():
        return None
    if folded in ("1", "0"):
        return folded == "1"
    for word, value in (("true", True), ("false", False), ("yes", True), ("no", False)):
        if word.startswith(folded):
            return value
    return {"on": True, "of": False, "off": False}.get(folded)


def _bool(parameter: Parameter, text: str) -> Checked | Refused:
    value = as_bool(text)
    if value is None:
        return Refused(reason=f"{text!r} is not on or off")
    if value and parameter.name in strings.NOT_IN_THIS_BUILD:
        return Refused(reason=strings.NOT_IN_THIS_BUILD[parameter.name])
    return _checked("on" if value else "off")


def _enum(parameter: Parameter, text: str) -> Checked | Refused:
    for label in (*parameter.labels, *parameter.hidden):
        if strings.ascii_lower(label) == strings.ascii_lower(text):
            return _checked(parameter.hidden.get(label, _shown(parameter, label)))
    near = nearest(text.lower(), parameter.labels)
    return Refused(
        reason=f"{text!r} is not one of {', '.join(filter(None, parameter.labels))}{did_you_mean(near)}",
        suggestion=near,
    )


def _shown(parameter: Parameter, label: str) -> str:
    """Two labels may mean the same, and the server shows the first."""
    return "pglz" if parameter.name == "wal_compression" and label == "on" else label


def _integer(parameter: Parameter, text: str) -> Checked | Refused:
    try:
        value = parse_int(text, parameter.unit)
    except NumberError as refusal:
        return Refused(reason=f"{text!r} {refusal}")
    if problem := _outside(parameter, value) or _hooked(parameter, value):
        return Refused(reason=f"{text!r} {problem}")
    return _checked(f"{value:04o}" if parameter.name in _OCTAL else str(_raised(parameter, value)))


def _real(parameter: Parameter, text: str) -> Checked | Refused:
    try:
        value = parse_real(text, parameter.unit)
    except NumberError as problem:
        return Refused(reason=f"{text!r} {problem}")
    if outside := _outside(parameter, value):
        return Refused(reason=f"{text!r} {outside}")
    return Checked(value=f"{value:g}", exact=_decimal(value))


def _decimal(value: float) -> str:
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else repr(value)


def _string(parameter: Parameter, text: str) -> Checked | Refused:
    try:
        return _checked(strings.check(parameter.name, text, parameter.major))
    except strings.TextError as problem:
        return Refused(reason=f"{text!r} {problem}")


def _outside(parameter: Parameter, value: float) -> str:
    least, most = parameter.min, parameter.max
    if least is None or most is None or least <= value <= most:
        return ""
    unit = f" {parameter.unit}" if parameter.unit else ""
    return f"is outside {_decimal(least)} to {_decimal(most)}{unit}"


def _hooked(parameter: Parameter, value: int) -> str:
    """What the check hooks of single integers refuse."""
    if parameter.name == "vacuum_buffer_usage_limit" and 0 < value < 128:
        return "must be 0 or at least 128 kB"
    if parameter.name in _BANKED and value % 16:
        return "must be a multiple of 16"
    if parameter.name == "io_max_concurrency" and not value:
        return "must be -1 or above 0"
    return ""


def _raised(parameter: Parameter, value: int) -> int:
    """What the check hooks of single integers correct in silence."""
    match parameter.name:
        case "autovacuum_work_mem" if value != -1:
            return max(value, 64 if parameter.major >= 17 else 1024)
        case "wal_buffers" if value != -1:
            return max(value, 4)
    return value


def _checked(value: str) -> Checked:
    return Checked(value=value, exact=value)

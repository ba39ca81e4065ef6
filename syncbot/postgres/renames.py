"""What became of a parameter's name: renamed, removed, not there yet, or only ever a slip of the pen.

The catalogue knows the majors 13 to 18; what happened before, and what replaces what, comes from the release notes.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncbot.formats.diagnostics import did_you_mean, nearest
from syncbot.postgres.catalogue import first_and_last, load
from syncbot.postgres.values import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """`name` since major `since`; `taken` says that servers still take the old name for it."""

    name: str
    since: str
    taken: bool = False
    note: str = ""


RENAMED = {
    "ssl_ecdh_curve": Rename(name="ssl_groups", since="18", taken=True),
    "force_parallel_mode": Rename(name="debug_parallel_query", since="16"),
    "wal_keep_segments": Rename(name="wal_keep_size", since="13", note="in megabytes: 16 for each segment"),
    "trigger_file": Rename(name="promote_trigger_file", since="12", note="and that is gone since 16"),
    "min_parallel_relation_size": Rename(name="min_parallel_table_scan_size", since="10"),
    "checkpoint_segments": Rename(name="max_wal_size", since="9.5", note="in megabytes: about 3 times 16 for each"),
    "unix_socket_directory": Rename(name="unix_socket_directories", since="9.3"),
    "sort_mem": Rename(name="work_mem", since="8.0", taken=True),
    "vacuum_mem": Rename(name="maintenance_work_mem", since="8.0", taken=True),
}
# Names of before 13 that servers still take in silence, for values that change nothing.
WITHOUT_EFFECT = ("default_with_oids", "ssl_renegotiation_limit")
NOT_FOR_FILES = ("is_superuser", "role", "session_authorization")
_INSTEAD = {
    "db_user_namespace": "no replacement",
    "lc_collate": "it belongs to each database: CREATE DATABASE ... LC_COLLATE",
    "lc_ctype": "it belongs to each database: CREATE DATABASE ... LC_CTYPE",
    "old_snapshot_threshold": "no replacement; idle_in_transaction_session_timeout bounds long transactions",
    "operator_precedence_warning": "no replacement; it only warned about a change of 9.5",
    "promote_trigger_file": "use pg_ctl promote or pg_promote()",
    "stats_temp_directory": "no replacement; statistics are kept in shared memory",
    "trace_recovery_messages": "no replacement; use log_min_messages",
    "vacuum_cleanup_index_scale_factor": "no replacement; it had no effect any more",
    "vacuum_defer_cleanup_age": "use hot_standby_feedback or replication slots",
}


def current(major: int, name: str) -> str | None:
    """The name under which that major keeps the parameter: other case and still-taken old names included."""
    if parameter := load(major).find(name):
        return parameter.name
    renamed = RENAMED.get(name.lower())
    return renamed.name if renamed and renamed.taken and load(major).find(renamed.name) else None


def why_unknown(major: int, name: str) -> Refused:
    """Why that major has no such parameter, and what to write in its place."""
    lowered = name.lower()
    if lowered in NOT_FOR_FILES:
        return Refused(reason="belongs to a session, not to a configuration file")
    if lowered in WITHOUT_EFFECT:
        return Refused(reason="has had no effect since before Postgres 13")
    if (renamed := RENAMED.get(lowered)) and load(major).find(renamed.name):
        note = f" ({renamed.note})" if renamed.note else ""
        return Refused(reason=f"is called {renamed.name} since Postgres {renamed.since}{note}", suggestion=renamed.name)
    for old, rename in RENAMED.items():
        if rename.name == lowered and load(major).find(old):
            return Refused(reason=f"came with Postgres {rename.since}; Postgres {major} calls it {old}", suggestion=old)
    return _by_history(major, lowered)


def instead(name: str) -> str:
    """What to do without a removed parameter; empty where nothing is known."""
    return _INSTEAD.get(name, "")


def _by_history(major: int, name: str) -> Refused:
    known = first_and_last(name)
    if known and major < known[0]:
        return Refused(reason=f"came with Postgres {known[0]}, and Postgres {major} does not know it")
    if known:
        advice = f": {instead(name)}" if instead(name) else ""
        return Refused(reason=f"was removed in Postgres {known[1] + 1}{advice}")
    near = nearest(name, map(str.lower, load(major).parameters), likeness=0.75)
    meant = (current(major, near) or "") if near else ""
    prefix, dot, _ = name.partition(".")
    if dot and not near:
        return Refused(
            reason=f"belongs to no extension of the official image, and a server takes any {prefix}.* without a word"
        )
    return Refused(reason=f"is not a parameter of Postgres {major}{did_you_mean(meant)}", suggestion=meant)

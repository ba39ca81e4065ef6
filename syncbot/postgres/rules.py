"""What only a start reveals: rules over several parameters at once, each found on a real server and tested there.

In: a major and the values that would hold (those set, in base units, over the server's defaults). Out: what is wrong,
a warning where the server starts and the value holds all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from syncbot.formats.diagnostics import Diagnostic, Severity
from syncbot.postgres.catalogue import libraries, load

# The largest number of server processes (MAX_BACKENDS in Postgres' sources), and a WAL segment of the default size.
_MOST_BACKENDS = 2**18 - 1
_SEGMENT_MB = 16
# From 18 on two are set aside, for the launcher of autovacuum and the worker that keeps slots in step; before, one.
_SET_ASIDE = 2
_BY_PRELOAD = ("auth_delay", "auto_explain", "passwordcheck", "pg_prewarm", "pg_stat_statements")
PRELOADS = ("shared_preload_libraries", "session_preload_libraries", "local_preload_libraries")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values of one server: `given` over the defaults of `major`, all as pg_settings shows them."""

    major: int
    given: Mapping[str, str]

    def text(self, name: str) -> str:
        """Empty where this major does not know the parameter."""
        if name in self.given:
            return self.given[name]
        parameter = load(self.major).parameters.get(name)
        return (parameter.default or "") if parameter else ""

    def number(self, name: str) -> int:
        return int(self.text(name) or 0)

    def blame(self, *names: str) -> str:
        """The first of these that was set, for the finding to name."""
        return next((name for name in names if name in self.given), names[0])


def broken_rules(major: int, given: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Everything that would stop the start, or leave a value other than the one set."""
    settings = Settings(major=major, given=given)
    return tuple(finding for rule in _RULES for finding in rule(settings))


def _wal_level(settings: Settings) -> Iterator[Diagnostic]:
    if settings.text("wal_level") != "minimal":
        return
    if settings.number("max_wal_senders") > 0:
        yield Diagnostic(
            subject=settings.blame("wal_level", "max_wal_senders"),
            message='max_wal_senders above 0 (10 unless set) requires wal_level "replica" or "logical"',
        )
    if settings.text("archive_mode") in ("on", "always"):
        yield Diagnostic(subject="archive_mode", message='requires wal_level "replica" or "logical"')
    if settings.text("summarize_wal") == "on":
        yield Diagnostic(subject="summarize_wal", message='requires wal_level "replica" or "logical"')


def _reserved_connections(settings: Settings) -> Iterator[Diagnostic]:
    names = ("superuser_reserved_connections", "reserved_connections")
    reserved = sum(settings.number(name) for name in names)
    most = settings.number("max_connections")
    if reserved >= most:
        reason = f"{' plus '.join(names if settings.major >= 16 else names[:1])} ({reserved}) must be less than {most}"
        yield Diagnostic(subject=settings.blame("max_connections", *names), message=f"max_connections: {reason}")


def _backends(settings: Settings) -> Iterator[Diagnostic]:
    workers = "autovacuum_worker_slots" if settings.major >= 18 else "autovacuum_max_workers"
    names = ("max_connections", workers, "max_worker_processes", "max_wal_senders")
    total = sum(settings.number(name) for name in names) + (_SET_ASIDE if settings.major >= 18 else 1)
    if total > _MOST_BACKENDS:
        yield Diagnostic(
            subject=settings.blame(*names),
            message=f"{', '.join(names)} together ask for {total} processes; Postgres has at most {_MOST_BACKENDS}",
        )


def _wal_size(settings: Settings) -> Iterator[Diagnostic]:
    for name in ("min_wal_size", "max_wal_size"):
        if settings.number(name) < 2 * _SEGMENT_MB:
            yield Diagnostic(subject=name, message=f"must be at least {2 * _SEGMENT_MB}MB, two WAL segments")


def _statement_statistics(settings: Settings) -> Iterator[Diagnostic]:
    parts = ("log_parser_stats", "log_planner_stats", "log_executor_stats")
    both = [name for name in parts if settings.text(name) == "on"]
    if settings.text("log_statement_stats") == "on" and both:
        yield Diagnostic(subject="log_statement_stats", message=f"cannot be on together with {', '.join(both)}")


def _recovery_targets(settings: Settings) -> Iterator[Diagnostic]:
    names = [f"recovery_target{suffix}" for suffix in ("", "_lsn", "_name", "_time", "_xid")]
    asked = [name for name in names if settings.text(name)]
    if len(asked) > 1:
        yield Diagnostic(
            subject=asked[0], message=f"only one recovery target can be set, not also {', '.join(asked[1:])}"
        )


def _worker_slots(settings: Settings) -> Iterator[Diagnostic]:
    slots, workers = settings.number("autovacuum_worker_slots"), settings.number("autovacuum_max_workers")
    if settings.major >= 18 and workers > slots:
        yield Diagnostic(
            subject=settings.blame("autovacuum_max_workers", "autovacuum_worker_slots"),
            message=f"only autovacuum_worker_slots ({slots}) of the {workers} workers can run",
        )


def _autovacuum(settings: Settings) -> Iterator[Diagnostic]:
    if settings.text("track_counts") == "off" and settings.text("autovacuum") == "on":
        yield Diagnostic(
            subject="track_counts", message="autovacuum does not run without it", severity=Severity.WARNING
        )


def _huge_pages(settings: Settings) -> Iterator[Diagnostic]:
    if settings.text("huge_pages") == "on":
        yield Diagnostic(
            subject="huge_pages",
            message="a server starts only where the host has reserved huge pages; try does without",
            severity=Severity.WARNING,
        )


def _libraries(settings: Settings) -> Iterator[Diagnostic]:
    for name in PRELOADS:
        for library in listed(settings.given.get(name, "")):
            if library.rpartition("/")[2].removesuffix(".so") not in libraries(settings.major):
                yield Diagnostic(
                    subject=name,
                    message=f"{library!r} is not among the libraries of the official Postgres {settings.major} image",
                )


def _loaded(settings: Settings) -> Iterator[Diagnostic]:
    loaded = {each.rpartition("/")[2] for name in PRELOADS for each in listed(settings.text(name))}
    for name in settings.given:
        library = name.partition(".")[0]
        if library in _BY_PRELOAD and "." in name and library not in loaded:
            yield Diagnostic(subject=name, message=f"has no effect until shared_preload_libraries names {library}")


def _certificate(settings: Settings) -> Iterator[Diagnostic]:
    files = ("ssl_cert_file", "ssl_key_file")
    if settings.text("ssl") == "on" and not all(settings.text(name).startswith("/") for name in files):
        yield Diagnostic(
            subject="ssl", message=f"needs {' and '.join(files)} with full paths: a fresh data folder has none"
        )


def listed(text: str) -> list[str]:
    """The names in a list of libraries."""
    return [name.strip().strip('"') for name in text.split(",") if name.strip()]


_RULES: tuple[Callable[[Settings], Iterator[Diagnostic]], ...] = (
    *(_wal_level, _reserved_connections, _backends, _wal_size, _statement_statistics, _recovery_targets),
    *(_autovacuum, _huge_pages, _worker_slots, _libraries, _loaded, _certificate),
)

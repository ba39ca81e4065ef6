"""Under `/_sandbox/`: what the sandbox was asked, its clock, its limits and its faults. GitHub has none of this."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .faults import Fault
from .forge import Forge
from .limits import GITHUB, Limits
from .records import ForcedUpdateRow


def stats(forge: Forge) -> dict[str, object]:
    """Requests by kind, attempted writes, secondary limits that were hit, and every forced update of a branch."""
    rows = forge.store.all(ForcedUpdateRow, "SELECT * FROM forced_updates ORDER BY id")
    return {
        "requests": forge.counters.requests,
        "writes": forge.counters.writes,
        "limited": forge.meter.limited,
        "exhausted": forge.meter.exhausted,
        "forced_updates": [
            {
                "repo": row.repo,
                "ref": row.ref,
                "before": row.before_sha,
                "after": row.after_sha,
                "actor": row.actor,
                "at": row.created_at,
            }
            for row in rows
        ],
    }


def reset_stats(forge: Forge) -> None:
    """Counts from zero again, limits included, and empties the log of forced updates."""
    forge.counters.reset()
    forge.meter.reset()
    forge.store.execute("DELETE FROM forced_updates")


def control_routes(forge: Forge) -> list[Route]:
    """Every route under `/_sandbox/`."""

    def read(name: str, answer: Callable[[], object]) -> Route:
        return Route(f"/_sandbox/{name}", lambda _: JSONResponse(answer()), methods=["GET"])

    def write(name: str, act: Callable[[Mapping[str, Any]], object], method: str = "POST") -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                asked = json.loads(await request.body() or b"{}")
                return JSONResponse(act(asked))
            except (ValueError, TypeError) as error:
                return JSONResponse({"message": str(error)}, 422)

        return Route(f"/_sandbox/{name}", endpoint, methods=[method])

    def reset(_: Mapping[str, Any]) -> object:
        reset_stats(forge)
        return stats(forge)

    def clear(_: Mapping[str, Any]) -> object:
        forge.faults.clear()
        return _faults(forge)

    return [
        read("stats", lambda: stats(forge)),
        write("stats/reset", reset),
        read("log", lambda: list(forge.counters.log)),
        read("clock", lambda: _clock(forge)),
        write("clock", lambda asked: _set_clock(forge, asked)),
        read("limits", lambda: asdict(forge.limits)),
        write("limits", lambda asked: _set_limits(forge, asked)),
        read("faults", lambda: _faults(forge)),
        write("faults", lambda asked: _add_fault(forge, asked)),
        write("faults", clear, "DELETE"),
    ]


def _clock(forge: Forge) -> object:
    return {"now": forge.clock.stamp()}


def _set_clock(forge: Forge, asked: Mapping[str, Any]) -> object:
    """`{"now": "2026-11-23T12:00:00Z"}` or `{"advance": seconds}`. Raises ValueError."""
    if "now" in asked:
        forge.clock.set(datetime.fromisoformat(asked["now"]))
    if "advance" in asked:
        forge.clock.advance(float(asked["advance"]))
    return _clock(forge)


def _set_limits(forge: Forge, asked: Mapping[str, Any]) -> object:
    """`{"github": true}` for GitHub's own, fields of Limits for others, `{}` for none. Raises TypeError."""
    own = dict(asked)
    forge.limits = Limits(**{**(asdict(GITHUB) if own.pop("github", False) else {}), **own})
    return asdict(forge.limits)


def _add_fault(forge: Forge, asked: Mapping[str, Any]) -> object:
    """The fields of Fault. Raises TypeError, ValueError."""
    forge.faults.add(Fault(**{**asked, "aliases": tuple(asked.get("aliases", ()))}))
    return _faults(forge)


def _faults(forge: Forge) -> object:
    return {"rules": [asdict(rule) for rule in forge.faults.rules], "hits": forge.faults.hits}

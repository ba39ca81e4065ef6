"""From which Postgres major to which a proposal would take one file; or that this cannot be told. Pure.

A Compose file says it by its services' images, a Dockerfile by what it rests on, an RDS parameter group by its family,
another YAML file (a workflow's services) by the images it names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from syncbot.formats.compose import PostgresServer, is_compose, postgres_servers_in
from syncbot.formats.dockerfile import is_dockerfile, read_dockerfile
from syncbot.formats.images import parse_image, postgres_image
from syncbot.formats.used_images import used_images
from syncbot.plan.file_reasons import UnknownMajor

_FAMILY = re.compile(rb'"(?:family|Family|DBParameterGroupFamily)"\s*:\s*"postgres(\d{1,3})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class MajorStep:
    """The major now and the major proposed, which differ."""

    from_major: int
    to_major: int

    @property
    def is_back(self) -> bool:
        return self.to_major < self.from_major


def major_step(path: str, before: bytes | None, content: bytes | None) -> MajorStep | UnknownMajor | None:
    """What writing `content` in place of `before` does to the major; None where that stays, comes or goes."""
    if before is None or content is None:
        return None
    if is_compose(path):
        return _judged(_paired(postgres_servers_in(before), postgres_servers_in(content)))
    old, new = _majors(path, before), _majors(path, content)
    if len(old) != len(new):
        old, new = [max(old, default=0)], [max(new, default=0)]
    return _widest([pair for pair in zip(old, new, strict=True) if all(pair)])


def _majors(path: str, content: bytes) -> list[int]:
    """The majors that a file tells which is no Compose file: what is not told there is no data at stake."""
    built = (parse_image(read_dockerfile(content).final_image),) if is_dockerfile(path) else ()
    found = filter(None, map(postgres_image, built or used_images(path, content)))
    return [*(image.major for image in found if image.major is not None), *families(content)]


def families(content: bytes) -> tuple[int, ...]:
    """The majors of the RDS parameter groups in a file, by their families."""
    return tuple(int(found) for found in _FAMILY.findall(content))


_Pair = tuple[PostgresServer, PostgresServer]


def _judged(pairs: Sequence[_Pair]) -> MajorStep | UnknownMajor | None:
    """A step back that is known counts first, then what is not known, then a step ahead."""
    known = [(old.major, new.major) for old, new in pairs if old.major is not None and new.major is not None]
    step = _widest(known)
    unknown = next((pair for pair in pairs if None in (pair[0].major, pair[1].major) and not _is_same(*pair)), None)
    if unknown is None or (step and step.is_back):
        return step
    old, new = unknown
    unread = old if old.major is None else new
    return UnknownMajor(service=unread.service, why=unread.why, is_proposed=unread is new)


def _widest(pairs: Sequence[tuple[int, int]]) -> MajorStep | None:
    """The step back if there is one, the farthest; else the farthest ahead."""
    changed = sorted((pair for pair in pairs if pair[0] != pair[1]), key=lambda pair: pair[1] - pair[0])
    if not changed:
        return None
    old, new = changed[0] if changed[0][1] < changed[0][0] else changed[-1]
    return MajorStep(from_major=old, to_major=new)


def _paired(old: Sequence[PostgresServer], new: Sequence[PostgresServer]) -> list[_Pair]:
    """Each server with the one proposed in its place: that of its name, else by order, else the newest of each."""
    before, after = ({server.service: server for server in servers if server.service} for servers in (old, new))
    pairs = [(before[name], after[name]) for name in before if name in after]
    gone = [server for server in old if server.service not in after or not server.service]
    come = [server for server in new if server.service not in before or not server.service]
    if len(gone) == len(come):
        return [*pairs, *zip(gone, come, strict=True)]
    return [*pairs, (_hardest(gone), _hardest(come))] if gone and come else pairs


def _hardest(servers: Sequence[PostgresServer]) -> PostgresServer:
    """One of unknown major, else the newest."""
    return max(servers, key=lambda server: (server.major is None, server.major or 0))


def _is_same(old: PostgresServer, new: PostgresServer) -> bool:
    """Whether the proposal leaves the server as it is, whatever that may be."""
    return bool(old.service) and (old.service, old.source) == (new.service, new.source)

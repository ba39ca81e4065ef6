"""Meaning: whether two texts of one file say the same, so that only a formatter can tell them apart. Pure.

What a file means is the stream of what it says, in its order, comments among it: a comment is somebody's line. So equal
meaning holds only where nothing that a person would write differs: no value, key, comment or order, but spaces, line
breaks, and quotes that change nothing. A format without a reader means its bytes, and what a reader cannot tell is
equal to nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from syncbot.formats import codeowners, dockerfile, postgres_conf, yaml

Meaning = tuple[object, ...]
_Reader = Callable[[bytes], Meaning | None]


def means_the_same(path: str, one: bytes | None, other: bytes | None) -> bool:
    """Whether both texts of the file at `path` mean the same; None is no file."""
    if one is None or other is None or one == other:
        return one == other
    read = next((reader for is_kind, reader in _READERS if is_kind(path)), None)
    if read is None:
        return False
    meaning = read(one)
    return meaning is not None and meaning == read(other)


def _named(name: str) -> Callable[[str], bool]:
    return lambda path: path.rpartition("/")[2] == name


_READERS: tuple[tuple[Callable[[str], bool], _Reader], ...] = (
    (lambda path: path.endswith((".yml", ".yaml")), yaml.meaning),
    (dockerfile.is_dockerfile, dockerfile.meaning),
    (_named("postgresql.conf"), postgres_conf.meaning),
    (_named("CODEOWNERS"), codeowners.meaning),
)
"""By the path's name, the first that fits."""

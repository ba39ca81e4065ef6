"""copier.yml and templates/ as bytes, read once: what they hold reaches nothing else, and does not change meanwhile.

Never follows a link, and reads regular files alone: a template may come from a pull request whose author wants what
the machine that renders it knows.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from syncbot.formats.diagnostics import Diagnostic
from syncbot.model.files import EXECUTABLE, FILE_MODES, REGULAR, File, tree_id

CONFIG = "copier.yml"
FOLDER = "templates"
SECOND_CONFIG = "copier.yaml"
_MOST = 8 * 2**20
"""Bytes of the largest file that is read."""
_TOO_LARGE = f"a template is a file of at most {_MOST // 2**20} MB"
_SAFE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Regular files by their path, and what is none: links, pipes, devices."""

    files: Mapping[str, File]
    refused: tuple[Diagnostic, ...]

    @property
    def templates(self) -> tuple[str, ...]:
        """The names of the folders in templates/, sorted."""
        paths = (path.split("/") for path in self.below(FOLDER))
        return tuple(sorted({parts[1] for parts in paths if len(parts) > 2}))

    def below(self, folder: str) -> Iterator[str]:
        """The paths of the files under `folder`, sorted."""
        return (path for path in sorted(self.files) if path.startswith(f"{folder}/"))

    @property
    def tree(self) -> str:
        """The id of the git tree that holds copier.yml and templates/ as they are here, and nothing else."""
        return tree_id({path: self.files[path].file_id for path in (CONFIG, *self.below(FOLDER)) if path in self.files})

    def write(self, folder: Path) -> None:
        """Write every file under the new `folder`."""
        write_files(folder, self.files)


def write_files(folder: Path, files: Mapping[str, File]) -> None:
    """Write files below `folder` with their modes. Raises OSError."""
    for path, file in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
        target.chmod(0o755 if file.mode == EXECUTABLE else 0o644)


def read_sources(root: Path) -> Sources:
    """The sources under `root`, which may itself be reached by a link. What cannot be read is in `refused`."""
    found: dict[str, File] = {}
    refused: list[Diagnostic] = []
    try:
        top = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return Sources(files={}, refused=())
    try:
        for name in (CONFIG, SECOND_CONFIG, FOLDER):
            for item in _read(top, name, name):
                if isinstance(item, Diagnostic):
                    refused.append(item)
                else:
                    found.update([item])
    finally:
        os.close(top)
    return Sources(files=found, refused=tuple(sorted(refused)))


def sources_of(entries: Iterable[tuple[str, str, bytes]]) -> Sources:
    """The sources that git holds as path, mode and bytes. What is refused in a folder is refused here."""
    found: dict[str, File] = {}
    refused: list[Diagnostic] = []
    for path, mode, content in entries:
        if mode not in FILE_MODES:
            refused.append(Diagnostic(path=path, message=_unsupported("symlinks")))
        elif len(content) > _MOST:
            refused.append(Diagnostic(path=path, message=_TOO_LARGE))
        else:
            found[path] = File(content=content, mode=mode)
    return Sources(files=found, refused=tuple(sorted(refused)))


def _unsupported(kind: str) -> str:
    return f"{kind} are not supported in templates"


def _read(parent: int, name: str, path: str) -> Iterator[tuple[str, File] | Diagnostic]:
    """The file or folder `name` in the open folder `parent`; nothing where it is not there."""
    try:
        kind = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            yield Diagnostic(path=path, message=_unsupported(_KINDS.get(stat.S_IFMT(kind), "such files")))
            return
        opened = os.open(name, _SAFE, dir_fd=parent)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        yield Diagnostic(path=path, message=f"cannot be read: {getattr(error, 'strerror', error)}")
        return
    try:
        status = os.fstat(opened)
        if stat.S_ISDIR(status.st_mode):
            with os.scandir(opened) as entries:
                names = sorted(entry.name for entry in entries)
            for entry in names:
                yield from _read(opened, entry, f"{path}/{entry}")
        elif not stat.S_ISREG(status.st_mode) or status.st_size > _MOST:
            yield Diagnostic(path=path, message=_TOO_LARGE)
        else:
            mode = EXECUTABLE if status.st_mode & stat.S_IXUSR else REGULAR
            yield path, File(content=_bytes(opened), mode=mode)
    finally:
        os.close(opened)


def _bytes(opened: int) -> bytes:
    with open(opened, "rb", closefd=False) as file:
        return file.read(_MOST)


_KINDS = {
    stat.S_IFLNK: "symlinks",
    stat.S_IFIFO: "named pipes",
    stat.S_IFSOCK: "sockets",
    stat.S_IFBLK: "devices",
    stat.S_IFCHR: "devices",
}

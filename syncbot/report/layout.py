"""Building blocks of text reports on a rich console: renderables that read well on any width, without colour too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from syncbot.report.wording import one_line

_GAP = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Short texts side by side, broken between them and never inside one that fits a line."""

    items: tuple[Text, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text()
        for item in self.items:
            if line.cell_len and line.cell_len + len(_GAP) + item.cell_len > options.max_width:
                yield line
                line = Text()
            line = Text.assemble(line, _GAP, item) if line.cell_len else item.copy()
        yield line

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        widths = [item.cell_len for item in self.items] or [0]
        whole = sum(widths) + len(_GAP) * (len(widths) - 1)
        return Measurement(min(max(widths), options.max_width), min(whole, options.max_width))


def grid(headings: Sequence[str], *, elastic: int) -> Table:
    """A table without lines; the column numbered `elastic` alone gives way where the console is narrow."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", collapse_padding=True)
    for number, heading in enumerate(headings):
        table.add_column(heading, no_wrap=number != elastic, overflow="fold", ratio=1 if number == elastic else None)
    return table


def section(heading: str, rows: Iterable[Sequence[str]], columns: Sequence[str], style: str = "") -> list[Table | Text]:
    """A heading with the rows below it, the last column the elastic one; nothing where there are no rows."""
    table = grid(columns, elastic=len(columns) - 1)
    for row in rows:
        table.add_row(*(Text(one_line(value)) for value in row))
    return [Text(), Text(heading, style=f"bold {style}".strip()), table] if table.row_count else []

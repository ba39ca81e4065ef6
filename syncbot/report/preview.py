"""A preview as text, Markdown and JSON. Values in, strings and renderables out, nothing printed."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from syncbot.plan.fleet.impact import Preview, Shape
from syncbot.report.json_report import json_lines
from syncbot.report.markdown_escape import code, cut, details, fence
from syncbot.report.wording import count, named, one_line, printable

VERSION = 1
_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_SIDES = {"base": "does not render at the base", "head": "does not render any more"}
_DIFF_LIMIT = 20_000


def preview_text(preview: Preview) -> RenderableType:
    """Each shape with an example, repos that could not be compared, and a line that sums it up."""
    parts: list[RenderableType] = []
    for shape in preview.shapes:
        about = f"{headline(shape)}  ({named(shape.repos)})"
        parts += [Text(one_line(about), style="bold"), *_diff(shape), Text()]
    for heading, repos in _lists(preview):
        parts.append(Text(f"{heading}: {', '.join(repos)}"))
    for repo, side, reason in preview.failed:
        parts.append(Text(f"{repo} {_SIDES[side]}: {one_line(reason)}", style="red" if side == "head" else "dim"))
    return Group(*parts, Text(summary(preview), style="bold"))


def preview_markdown(preview: Preview) -> str:
    """The same for a pull request's comment or a job summary, the examples folded away."""
    parts = [f"## syncbot preview\n\nSince {code(preview.base)}: {summary(preview)}"]
    for shape in preview.shapes:
        example = fence(cut(shape.example, _DIFF_LIMIT), "diff")
        parts.append(details(headline(shape), f"{code(named(shape.repos))}; the diff of the first:\n\n{example}"))
    parts += [f"{heading}: {', '.join(map(code, repos))}" for heading, repos in _lists(preview)]
    failed = [f"- {code(repo)} {_SIDES[side]}: {code(reason)}" for repo, side, reason in preview.failed]
    return "\n\n".join([*parts, *(["\n".join(failed)] if failed else [])]) + "\n"


def preview_json(preview: Preview) -> str:
    """The document that `docs/preview.md` describes, one shape a line."""
    shapes = (
        {
            "path": shape.path,
            "kind": shape.kind,
            "lines_added": shape.plus,
            "lines_removed": shape.minus,
            "repos": list(shape.repos),
            "example": shape.example,
        }
        for shape in preview.shapes
    )
    failed = ({"repo": repo, "side": side, "reason": reason} for repo, side, reason in preview.failed)
    numbers = {"repos": preview.repos, "changed": preview.changed, "shapes": len(preview.shapes)}
    head = {"version": VERSION, "base": preview.base, "summary": numbers}
    return json_lines(head | {"added": preview.added, "removed": preview.removed}, shapes=shapes, failed=failed)


def headline(shape: Shape) -> str:
    """`118 repos: Dockerfile, 1 line changed`."""
    return f"{count(len(shape.repos), 'repo')}: {shape.path}, {_what(shape)}"


def summary(preview: Preview) -> str:
    """`1000 repos: 127 changed, in 3 shapes; 2 do not render`."""
    broken = len({repo for repo, side, _ in preview.failed if side == "head"})
    changed = f"{preview.changed} changed, in {count(len(preview.shapes), 'shape')}"
    parts = [f"{count(preview.repos, 'repo')}: {changed if preview.shapes else 'nothing changes'}"]
    parts += [
        f"{len(repos)} {word}" for word, repos in (("added", preview.added), ("removed", preview.removed)) if repos
    ]
    return "; ".join([*parts, *([f"{broken} {'does' if broken == 1 else 'do'} not render"] if broken else [])])


def _what(shape: Shape) -> str:
    if shape.kind != "changed":
        return "mode changed" if shape.kind == "mode" else shape.kind
    return (
        f"{count(shape.plus, 'line')} changed" if shape.plus == shape.minus else f"+{shape.plus} -{shape.minus} lines"
    )


def _lists(preview: Preview) -> list[tuple[str, tuple[str, ...]]]:
    lists = (("Added to the fleet", preview.added), ("Removed from the fleet", preview.removed))
    return [(heading, repos) for heading, repos in lists if repos]


def _diff(shape: Shape) -> Iterator[Text]:
    for line in printable(shape.example).splitlines():
        style = "bold" if line.startswith(("---", "+++")) else _STYLES.get(line[:1], "")
        yield Text(f"  {line}", style=style)

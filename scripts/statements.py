"""How much code there is: AST statements without docstrings, by package, here and in an earlier commit.

`python -m scripts.statements 11ab5e2` prints a table. Statements, because lines count comments and how code is wrapped.
"""

from __future__ import annotations

import ast
import sys
import tempfile
from collections import Counter
from pathlib import Path

from scripts.compare import ROOT, extract


def statements(source: str) -> int:
    """Every statement, nested ones too; the text under a definition or an attribute that only documents it is none."""
    return sum(
        isinstance(node, ast.stmt) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in ast.walk(ast.parse(source))
    )


def by_package(root: Path) -> Counter[str]:
    """Statements of syncbot/, by the folder below it."""
    count: Counter[str] = Counter()
    for file in sorted((root / "syncbot").rglob("*.py")):
        inside = file.relative_to(root / "syncbot").parts
        count[inside[0] if len(inside) > 1 else "(top)"] += statements(file.read_text())
    return count


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        extract(sys.argv[1], Path(folder))
        before, after = by_package(Path(folder)), by_package(ROOT)
    for name in sorted(before | after):
        print(f"{name:12} {before[name]:6} {after[name]:6} {after[name] - before[name]:+6}")
    one, other = (count.total() - count["sandbox"] for count in (before, after))
    print(f"all but sandbox {one:6} {other:6} {other - one:+6}")


if __name__ == "__main__":
    main()

"""Generated YAML as people and programs write it: every style, by a seed; words that schemas disagree on among them."""

from __future__ import annotations

from random import Random

WORDS = (
    *(
        "web",
        "node 22",
        "a-b",
        "x/y:z",
        "é ü",
        "𝒳",
        "it's",
        "a#b",
        "C:\\x",
        "-1",
        "0",
        "17",
        "010",
        "1e3",
        "1.50",
        ".5",
    ),
    *("on", "off", "NO", "yes", "True", "false", "null", "~", "12:30", "0o17", "0x10", "2027-01-31", ".inf", "-.INF"),
    *("1_000", "0b11", "+12", "1.", "1.50", "190:20:30", "=", "v1.2.3", "${X:-17}", "postgres:17-alpine", "@acme"),
)
UNQUOTABLE = ("@acme", "it's", "=")
FAR = " " * 40
"""Far enough to the right to go on with a value at any depth."""


class Text:
    """One document in the making; anchors are known once what they name is complete."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.anchors: list[str] = []
        self.mappings: list[str] = []
        self.names = 0

    def made(self) -> str:
        rng = self.rng
        lines = rng.choice((self.mapping, self.sequence))(0, 0)
        if rng.random() < 0.2:
            lines = ["# first", "---", *lines]
        line_end = rng.choice(("\n", "\n", "\n", "\r\n"))
        text = line_end.join(lines) + rng.choice(("", line_end, line_end * 2))
        return rng.choice(("", "", "", "\ufeff")) + text

    def mapping(self, indent: int, depth: int) -> list[str]:
        lines: list[str] = []
        keys = self.rng.sample(("a", "b-c", "'d e'", '"f"', "g_h", "é", "10", "on", "x.y"), self.rng.randint(1, 4))
        for key in keys:
            self.filler(lines, indent)
            self.value(lines, " " * indent + f"{key}:", indent, depth, in_mapping=True)
        if self.mappings and self.rng.random() < 0.3:
            lines.append(" " * indent + f"<<: *{self.rng.choice(self.mappings)}")
        return lines

    def sequence(self, indent: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.rng.randint(1, 4)):
            self.filler(lines, indent)
            if depth < 4 and self.rng.random() < 0.3:
                inner = self.rng.choice((self.mapping, self.sequence))(indent + 2, depth + 1)
                first = next(number for number, line in enumerate(inner) if line.strip() and line.strip()[0] != "#")
                inner[first] = " " * indent + "- " + inner[first][indent + 2 :]
                lines += inner[first:]
            else:
                self.value(lines, " " * indent + "-", indent, depth, in_mapping=False)
        return lines

    def filler(self, lines: list[str], indent: int) -> None:
        if lines and self.rng.random() < 0.2:
            lines += self.rng.choice(([""], [" " * indent + "# a remark"], ["", "# left: [out"]))

    def value(self, lines: list[str], head: str, indent: int, depth: int, *, in_mapping: bool) -> None:
        rng, kind = self.rng, self.rng.random()
        step = rng.choice((2, 2, 4))
        if kind < 0.12 and depth < 4:
            name, props = self.props(" ")
            lines.append(head + (f" {props}" if props else "").rstrip() + self.comment())
            lines += self.mapping(indent + step, depth + 1)
            self.complete(name, is_mapping=True)
        elif kind < 0.24 and depth < 4:
            name, props = self.props(" ")
            lines.append(head + (f" {props}" if props else "").rstrip() + self.comment())
            lines += self.sequence(indent + (rng.choice((0, step)) if in_mapping else step), depth + 1)
            self.complete(name)
        elif kind < 0.34:
            lines += self.block_scalar(head, indent)
        elif kind < 0.40 and self.anchors:
            lines.append(f"{head} *{rng.choice(self.anchors)}{self.comment()}")
        elif kind < 0.46:
            lines.append(head + self.comment())
        elif kind < 0.60:
            lines.append(f"{head} {self.flow(depth)}{self.comment()}")
        else:
            name, props = self.props(rng.choice((" ", "  ")))
            tagged = rng.choice((props, f"!!str {props}", f"{props}!!str ")) if rng.random() < 0.2 else props
            lines.append(f"{head} {tagged}{self.scalar(in_flow=False)}{self.comment()}")
            self.complete(name)

    def block_scalar(self, head: str, indent: int) -> list[str]:
        style = self.rng.choice(("|", "|-", "|+", ">", ">-"))
        inner = " " * (indent + 2)
        body = self.rng.choice((["text: # none"], ["a", "", "b"], ["a", "  deeper", "c"], ["- x", "- y"]))
        return [f"{head} {style}{self.comment()}", *(inner + line if line else "" for line in body)]

    def flow(self, depth: int) -> str:
        rng = self.rng
        if depth > 4:
            return self.scalar(in_flow=True)
        name, props = self.props(" ")
        inside = [
            self.flow(depth + 2) if rng.random() < 0.3 else self.scalar(in_flow=True) for _ in range(rng.randint(0, 3))
        ]
        pad, comma = rng.choice(("", " ")), rng.choice((", ", ",  ", f",\n{FAR}"))
        if rng.random() < 0.5:
            made = f"[{pad}{comma.join(inside)}{pad}]"
        else:
            pairs = (f"k{number}: {item}" for number, item in enumerate(inside))
            made = "{" + pad + comma.join(pairs) + pad + "}"
        self.complete(name, is_mapping=made[0] == "{")
        return props + made

    def scalar(self, *, in_flow: bool) -> str:
        word = self.rng.choice(WORDS)
        style = self.rng.random()
        if style < 0.2:
            return "'" + word.replace("'", "''") + "'"
        if style < 0.4:
            escaped = word.replace("\\", "\\\\").replace("é", "\\xe9")
            return self.rng.choice((f'"{escaped}"', f'"{escaped}\\n\\t"', f'"{escaped}\n\n{FAR}more"'))
        if word in UNQUOTABLE or (in_flow and (set(word) & set("{}[],") or ":" in word)):
            return "plain"
        return word if style < 0.9 or in_flow else f"{word} and\n{FAR}more of it"

    def props(self, behind: str) -> tuple[str, str]:
        """An anchor's name, and what is written for it."""
        if self.rng.random() < 0.8:
            return "", ""
        self.names += 1
        name = f"n{self.names}"
        return name, f"&{name}{behind}"

    def comment(self) -> str:
        return self.rng.choice(("", "", "", "  # why: not", " #"))

    def complete(self, name: str, *, is_mapping: bool = False) -> None:
        if name:
            self.anchors.append(name)
            self.mappings += [name] * is_mapping


def yaml_text(seed: int) -> str:
    """The document of this seed; flow and quotes run over several lines, indented enough for any place."""
    return Text(seed).made()

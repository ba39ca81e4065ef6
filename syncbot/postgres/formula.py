"""RDS parameter formulas: `{DBInstanceClassMemory/32768}`, `LEAST({DBInstanceClassMemory/9531392},5000)` and the like.

In: the text, and what its variables stand for on one instance. Out: the integer that RDS would set. The rules are
Amazon's ("Specifying DB parameters" in the RDS user guide): names are case-sensitive, products and quotients are cut
to integers, `log` is to base 2 (of the exact quotient), and a comparison is 1 or 0. Braces are the formula's, and may
stand around any part of it. Memory is what RDS leaves to the database, somewhat less than the class has.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

VARIABLES = ("AllocatedStorage", "DBInstanceClassMemory", "DBInstanceVCPU", "EndPointPort", "TrueIfReplica")
FUNCTIONS = ("GREATEST", "IF", "LEAST", "SUM", "log")
_COMPARISONS = ("<=", ">=", "!=", "==", "=", "<", ">")
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+)|(?P<name>[A-Za-z]\w*)|(?P<sign><=|>=|!=|==|[-{}()<>=*/,]))", re.ASCII)
_DEEPEST = 50
Number = int | float


class FormulaError(ValueError):
    """What is wrong, and where: `position` counts characters from 1."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"{reason}, at character {position}")
        self.position = position
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: str
    text: str
    position: int


def is_formula(text: str) -> bool:
    """Whether RDS would compute this value rather than take it as it stands."""
    return "{" in text or bool(re.match(rf"\s*({'|'.join(FUNCTIONS)})\s*\(", text))


def evaluate(text: str, *, memory_bytes: int, vcpu: int, storage_bytes: int | None = None) -> int:
    """The formula's value; comparisons give 1 or 0. FormulaError where it makes no sense.

    `memory_bytes` stands for DBInstanceClassMemory. AllocatedStorage is unknown unless given.
    """
    known: dict[str, int] = {
        "DBInstanceClassMemory": memory_bytes,
        "DBInstanceVCPU": vcpu,
        "EndPointPort": 5432,
        "TrueIfReplica": 0,
    }
    if storage_bytes is not None:
        known["AllocatedStorage"] = storage_bytes
    return _Reader(text, known).read()


def check(text: str) -> FormulaError | None:
    """What is wrong with the formula whatever the instance, or None."""
    try:
        evaluate(text, memory_bytes=2**33, vcpu=2, storage_bytes=2**36)
    except FormulaError as problem:
        return problem
    return None


def _tokens(text: str) -> list[_Token]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if not match:
            at = place + len(text[place:]) - len(text[place:].lstrip())
            raise FormulaError(at + 1, f"{text[at]!r} has no meaning in a formula")
        kind = str(match.lastgroup)
        found.append(_Token(kind=kind, text=match[kind], position=match.start(kind) + 1))
        place = match.end()
    return [*found, _Token(kind="end", text="", position=len(text) + 1)]


class _Reader:
    """Recursive descent: comparison, product, atom."""

    def __init__(self, text: str, known: Mapping[str, int]) -> None:
        self._tokens = _tokens(text)
        self._place = 0
        self._known = known
        self._depth = 0

    def read(self) -> int:
        value = self._comparison()
        if self._next.kind != "end":
            raise FormulaError(self._next.position, f"did not expect {self._next.text!r}")
        return math.trunc(value)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        self._place += 1
        return self._tokens[self._place - 1]

    def _expect(self, text: str) -> None:
        token = self._take()
        if token.text != text:
            raise FormulaError(token.position, f"expected {text!r}")

    def _comparison(self) -> Number:
        left = self._product()
        if self._next.text not in _COMPARISONS:
            return left
        sign = self._take().text
        right = self._product()
        holds = {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right, "!=": left != right}
        return int(holds.get(sign, left == right))

    def _product(self, *, exact: bool = False) -> Number:
        value = self._atom()
        while self._next.text in ("*", "/"):
            sign = self._take()
            other = self._atom()
            if sign.text == "/" and other == 0:
                raise FormulaError(sign.position, "divides by zero")
            value = _combined(value, sign.text, other, exact=exact)
        return value

    def _atom(self) -> Number:
        token = self._take()
        if token.kind == "number":
            return int(token.text)
        if token.text == "-":
            self._deeper(token.position)
            value = -self._atom()
            self._depth -= 1
            return value
        if token.text in ("{", "("):
            return self._enclosed({"{": "}", "(": ")"}[token.text], token.position)
        if token.kind == "name":
            return self._call(token) if token.text in FUNCTIONS else self._variable(token)
        raise FormulaError(token.position, "expected a number, a variable or a function")

    def _enclosed(self, end: str, position: int) -> Number:
        self._deeper(position)
        value = self._comparison()
        self._expect(end)
        self._depth -= 1
        return value

    def _deeper(self, position: int) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FormulaError(position, "is nested too deeply")

    def _variable(self, token: _Token) -> int:
        if token.text in self._known:
            return self._known[token.text]
        if token.text in VARIABLES:
            raise FormulaError(token.position, f"{token.text} is not known here")
        raise FormulaError(token.position, f"{token.text!r} is none of {', '.join((*VARIABLES, *FUNCTIONS))}")

    def _call(self, token: _Token) -> Number:
        self._deeper(token.position)
        self._expect("(")
        if token.text == "log":
            value: Number = self._logarithm(token.position)
        else:
            value = self._chosen(token)
        self._depth -= 1
        return value

    def _logarithm(self, position: int) -> float:
        value = self._product(exact=True)
        self._expect(")")
        if value <= 0:
            raise FormulaError(position, "takes the log of what is not positive")
        return math.log2(value)

    def _chosen(self, token: _Token) -> Number:
        values = [self._comparison()]
        while self._next.text == ",":
            self._take()
            values.append(self._comparison())
        self._expect(")")
        match token.text:
            case "IF" if len(values) == 3:
                return values[1] if values[0] else values[2]
            case "IF":
                raise FormulaError(token.position, "IF takes three arguments")
            case "LEAST":
                return min(math.trunc(value) for value in values)
            case "GREATEST":
                return max(math.trunc(value) for value in values)
        return sum(math.trunc(value) for value in values)


def _combined(left: Number, sign: str, right: Number, *, exact: bool) -> Number:
    if exact:
        return left * right if sign == "*" else left / right
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right) if sign == "/" else 0
        return left * right if sign == "*" else quotient if (left < 0) == (right < 0) else -quotient
    return math.trunc(left * right if sign == "*" else left / right)

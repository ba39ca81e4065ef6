"""RDS formulas: Amazon's own defaults worked out, and mistakes placed to the character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.postgres.formula import FormulaError, check, evaluate, is_formula
from syncbot.postgres.instances import CLASSES

GIB = 1024**3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{DBInstanceClassMemory/32768}", 524288),
        ("{DBInstanceClassMemory/16384}", 1048576),
        ("LEAST({DBInstanceClassMemory/9531392},5000)", 1802),
        ("GREATEST({DBInstanceClassMemory*1024/63963136},65536)", 275036),
        ("GREATEST({DBInstanceClassMemory/64371566592},3)", 3),
        ("GREATEST({log(DBInstanceClassMemory/21474836480)*600},200)", 200),
        ("{log(DBInstanceClassMemory/8589934592)*1000}", 1000),
        ("SUM({DBInstanceClassMemory/12038},-50003)", 1377133),
        ("{DBInstanceVCPU*2}", 8),
        ("DBInstanceVCPU > 2", 1),
        ("{DBInstanceClassMemory} <= 1024", 0),
        ("IF({DBInstanceVCPU >= 4}, 10, 20)", 10),
        ("{TrueIfReplica}", 0),
        ("{ ( 7 / 2 ) * 2 }", 6),
    ],
)
def test_values(text: str, value: int) -> None:
    """On 16 GiB and 4 virtual CPUs; quotients are cut to integers, logs are to base 2."""
    assert evaluate(text, memory_bytes=16 * GIB, vcpu=4) == value


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("{DBInstanceMemory/2}", 2, "'DBInstanceMemory' is none of"),
        ("{DBInstanceClassMemory/0}", 23, "divides by zero"),
        ("{DBInstanceClassMemory", 23, "expected '}'"),
        ("LEAST(1,)", 9, "expected a number"),
        ("1 $ 2", 3, "'$' has no meaning"),
        ("1 2", 3, "did not expect '2'"),
        ("least(1,2)", 1, "'least' is none of"),
        ("IF(1,2)", 1, "IF takes three"),
        ("{AllocatedStorage}", 2, "AllocatedStorage is not known here"),
        ("{log(0)}", 2, "takes the log"),
        ("{" * 60 + "1" + "}" * 60, 51, "is nested too deeply"),
        ("-" * 2000 + "1", 51, "is nested too deeply"),
        ("", 1, "expected a number"),
    ],
)
def test_mistakes_have_a_place(text: str, position: int, reason: str) -> None:
    """The first character of what is wrong, counted from 1."""
    with pytest.raises(FormulaError) as mistake:
        evaluate(text, memory_bytes=GIB, vcpu=2)
    assert mistake.value.position == position
    assert mistake.value.reason.startswith(reason)


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet="{}()*/,<>=!- 0123456789DBInstanceVCPULEASTlogSUMIF", max_size=60))
def test_any_text_ends(text: str) -> None:
    """Whatever is written, there is a value or a FormulaError."""
    try:
        assert isinstance(evaluate(text, memory_bytes=GIB, vcpu=2), int)
    except FormulaError as mistake:
        assert 1 <= mistake.position <= len(text) + 1


def test_what_is_a_formula() -> None:
    """Braces or a function make one; a plain value is none."""
    assert all(map(is_formula, ("{DBInstanceVCPU}", "LEAST(1,2)", " GREATEST (1)")))
    assert not any(map(is_formula, ("64MB", "100", "least", "log", "on")))
    assert check("{DBInstanceClassMemory/32768}") is None


def test_instance_classes() -> None:
    """Sizes double, and the burstable ones are Amazon's own."""
    assert CLASSES["db.t4g.micro"].memory_bytes == GIB
    assert CLASSES["db.r6g.16xlarge"].memory_bytes == 512 * GIB
    assert CLASSES["db.m7i.48xlarge"].vcpu == 192
    assert "db.m7i.32xlarge" not in CLASSES

"""Generated postgresql.conf files: whole and broken lines of every token that the server's reader knows."""

from __future__ import annotations

import random
from collections.abc import Iterator

NAMES = (
    *("work_mem", "jit", "DateStyle", "pg_stat_statements.max", "x.y", "X.Y", "é.ü", "_a$b", "a", "A1.b2", "work_mem"),
    *("include_if_exists", "Include_Dir", "1a", "a.b.c", "a-b", "a.", ".a", "a.1", "\ufeffjit", "'jit'", "a\0b", ""),
)
VALUES = (
    *("on", "off", "64MB", "64 MB", "-1", "+5", ".5", "5.", ".", "-.e3", "1.5", "1.5GB", "1e3", "1.5e-3", "0x10"),
    *("0x10MB", "0xfg", "0X1f", "010", "1_000", "2h", "replica", "a.b", "a.b.c", "a:b", "a/b-c", "/tmp", "C:/x"),
    *(
        "Europe/Berlin",
        "é",
        "a$b",
        "a,b",
        "''",
        "'x'",
        "'it''s'",
        r"'it\'s'",
        r"'\t%m'",
        r"'\101\60\7'",
        r"'\1234'",
        "+64MB",
        "pg.log",
        r"'\400'",
    ),
    *(r"'a\000b'", r"'\303\251'", r"'\x41'", r"'\\'", r"'\'", "'open", "open'", "'a' 'b'", "'a''b'", "'#'", "'a\tb'"),
    *("'é'", r"'\é'", r"'a\\''b'", "'''", "''''", '"a"', "x y", "=", "= on", "on;", "*", "'*'", "(a)", "on\f", "\von"),
    *("", "on # why", "on#why", "5#", "'a'#'b'", "'a'b", "5a5", "0x", "--5", "+-5", "5-", "%m", "'%m %u'", "\0"),
)
SIGNS = ("=", " = ", " ", "\t", "  =  ", "=\t", " == ", "", "\r=", " \r ", ":")
STARTS = ("", "", "", " ", "\t", "\r", "# ", "#", "\0", "= ")
ENDS = ("\n", "\n", "\n", "\r\n", " \n", " # end\n", "#\n", "# \0 ' =\n", "\r \t\n", ";\n", "\n\n", "\f\n")
WHOLE = (
    *(
        "\n",
        "# only\n",
        "   \n",
        "\r\n",
        "include 'other.conf'\n",
        "INCLUDE = 'other.conf'\n",
        "include_dir 'conf.d'\n",
    ),
    *("include_if_exists 'none'\n", "include_if_exists = none\n", "include 'a' 'b'\n", "include\n", "include_dir =\n"),
)


def conf_files(seed: int, count: int) -> Iterator[bytes]:
    """The same for the same seed: 1 to 12 lines each, a third without a last newline."""
    chance = random.Random(seed)
    for _ in range(count):
        text = "".join(_line(chance) for _ in range(chance.randint(1, 12)))
        yield (text.removesuffix("\n") if chance.random() < 0.3 else text).encode()


def _line(chance: random.Random) -> str:
    if chance.random() < 0.15:
        return chance.choice(WHOLE)
    start = chance.choice(STARTS) if chance.random() < 0.3 else ""
    end = chance.choice(ENDS) if chance.random() < 0.5 else "\n"
    sign = chance.choice(SIGNS) if chance.random() < 0.4 else " = "
    name = chance.choice(NAMES) if chance.random() < 0.5 else "x.y"
    # What these name would have to be there: the server has it for the whole lines above alone.
    value = "'conf.d'" if name.lower().startswith("include") else chance.choice(VALUES)
    return f"{start}{name}{sign}{value}{end}"

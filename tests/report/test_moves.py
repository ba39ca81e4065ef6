"""What moves, in words: as a person would title it, within the limit, and safe in a body."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.formats.move_reader import MoveReader
from syncbot.model.templates import MoveSpec
from syncbot.plan.repo_plan import Moved
from syncbot.report.moves import Step, moved_phrase, moved_words, moves_title, step
from syncbot.report.title import LIMIT


def moved(label: str, before: str, after: str) -> Moved:
    absent = "none" if "Postgres" in label else None
    spec = MoveSpec(answer="any", label=label, path="Dockerfile", reader=MoveReader.BASE_SUITE, absent=absent)
    return Moved(spec=spec, before=before, after=after)


NODE = moved("Node", "18", "22")
DEBIAN = moved("Debian", "bookworm", "trixie")
PYTHON = moved("Python", "3.12.4", "3.14.1")
POSTGRES = moved("Postgres", "16", "17")
NEW = moved("Postgres", "none", "17")
GONE = moved("RDS Postgres", "16", "none")
LONG = moved("L" * 30, "1.0.0-with-a-long-variant", "2.0.0-with-a-long-variant")


@pytest.mark.parametrize(
    ("move", "title", "phrase"),
    [
        (NODE, "Move Node 18 to 22", "Node 18 → 22"),
        (DEBIAN, "Move Debian bookworm to trixie", "Debian bookworm → trixie"),
        (moved("Node", "24", "22"), "Move Node 24 to 22", "Node 24 → 22"),
        (NEW, "Add Postgres 17", "Postgres 17 (new)"),
        (GONE, "Remove RDS Postgres 16", "RDS Postgres 16 (removed)"),
        (moved("Cache", "none", "redis"), "Move Cache none to redis", "Cache none → redis"),
        (moved("C++", "17", "20"), "Move C++ 17 to 20", "C++ 17 → 20"),
        (moved("Thing", "@acme", "#12"), "Move Thing @acme to #12", "Thing `@acme` → `#12`"),
        (moved("Thing", "a\nb", "{label}"), "Move Thing a b to {label}", "Thing `a b` → `{label}`"),
    ],
)
def test_one_move(move: Moved, title: str, phrase: str) -> None:
    """The title in the imperative, and the phrase for a body, in which no value pings or closes anything."""
    assert moved_words(move) == title == moves_title([move], LIMIT)
    assert moved_phrase(move) == phrase


@pytest.mark.parametrize(
    ("moves", "title"),
    [
        ([NODE, DEBIAN], "Move Node 18 to 22 and Debian bookworm to trixie"),
        ([NODE, DEBIAN, POSTGRES], "Move Node 18 to 22, Debian bookworm to trixie and Postgres 16 to 17"),
        ([NODE, DEBIAN, PYTHON], "Move Node 18 to 22, Debian bookworm to trixie and 1 more"),
        ([NODE, DEBIAN, PYTHON, POSTGRES], "Move Node 18 to 22, Debian bookworm to trixie and 2 more"),
        ([NODE, LONG, PYTHON, POSTGRES], "Move Node 18 to 22 and 3 more"),
        ([NODE, NEW], "Move Node 18 to 22, add Postgres 17"),
        ([NODE, NEW, DEBIAN], "Move Node 18 to 22 and Debian bookworm to trixie, add Postgres 17"),
        ([GONE, NODE], "Remove RDS Postgres 16, move Node 18 to 22"),
        ([NODE, NEW, PYTHON, DEBIAN, GONE], "Move Node 18 to 22, add Postgres 17 and 3 more"),
        ([LONG], f"Move {'L' * 30} to 2.0.0-with-a-long-variant"),
        ([LONG, NODE], f"Move {'L' * 30} to 2.0.0-with-a-long-vari and 1 more"),
        ([moved("L" * 30, "1", "2" * 60)], f"Move {'L' * 30} to {'2' * 33}"),
    ],
)
def test_several_moves(moves: list[Moved], title: str) -> None:
    """As many as have room, in their order, and how many more; each verb once."""
    assert moves_title(moves, LIMIT) == title
    assert len(title) <= LIMIT


TEXTS = st.text(min_size=1, max_size=40)
SPECS = st.builds(
    MoveSpec, answer=TEXTS, label=TEXTS, path=TEXTS, reader=st.sampled_from(MoveReader), absent=st.none() | TEXTS
)
MOVES = st.builds(Moved, spec=SPECS, before=TEXTS, after=TEXTS, follows=st.booleans())


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(MOVES, min_size=1, max_size=6))
def test_any_values(moves: list[Moved]) -> None:
    """Whatever the values are: one printable line within the limit that begins with what is done to the first."""
    title = moves_title(moves, LIMIT)
    assert len(title) <= LIMIT
    assert title.isprintable()
    assert title.startswith(tuple(Step))
    assert title.partition(" ")[0] == step(moves[0])

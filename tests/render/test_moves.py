"""`moves` in ownership.yaml: what is declared is what is known, and every mistake is said at its place."""

from __future__ import annotations

import pytest

from syncbot.errors import ConfigError
from syncbot.formats.move_reader import MoveReader
from syncbot.model.templates import MoveBy, MoveSpec
from syncbot.render import load_templates

from .conftest import MINIMAL, ROOT, Tree

OWNERSHIP = "templates/tool/ownership.yaml"
OWNED = "owned:\n  - path: owned.txt\n  - path: other.txt\n"
QUESTIONS = """\
version: {type: str, default: "1"}
choice: {type: int, choices: [1, 2], default: 1}
follows: {type: str, default: x, when: false}
free: {type: yaml, default: {}}
flag: {type: bool, default: false}
"""
AT = "path: owned.txt, reader: base-suite"


def platform(tree: Tree, moves: str, questions: str = QUESTIONS) -> object:
    return tree(
        {
            "copier.yml": MINIMAL["copier.yml"] + questions,
            OWNERSHIP: f"{OWNED}moves:{moves}\n",
            "templates/tool/files/other.txt": "x\n",
        }
    )


def complaint(root: object) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load_templates(root)  # type: ignore[arg-type]
    return [str(problem) for problem in raised.value.problems]


def test_what_is_declared(tree: Tree) -> None:
    """Every key reaches the move; those that are not given have their defaults; without `moves` there are none."""
    declared = """
  - answer: version
    label: Thing
    path: owned.txt
    other_paths: [other.txt]
    reader: base-version
    image: acme-thing
    by: minor
    whole: true
    back: false
    absent: none
  - {answer: word, label: C++ 11, path: other.txt, reader: base-suite}"""
    first, second = load_templates(platform(tree, declared)).specs["tool"].moves  # type: ignore[arg-type]
    assert first == MoveSpec(
        answer="version",
        label="Thing",
        path="owned.txt",
        other_paths=("other.txt",),
        reader=MoveReader.BASE_VERSION,
        image="acme-thing",
        by=MoveBy.MINOR,
        whole=True,
        back=False,
        absent="none",
    )
    assert first.paths == ("owned.txt", "other.txt")
    assert second == MoveSpec(answer="word", label="C++ 11", path="other.txt", reader=MoveReader.BASE_SUITE)
    assert (second.paths, second.by, second.back, second.absent) == (("other.txt",), MoveBy.VALUE, True, None)
    assert load_templates(tree({OWNERSHIP: OWNED, "copier.yml": MINIMAL["copier.yml"]})).specs["tool"].moves == ()


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        (" x", f"{OWNERSHIP}:4:1: moves: expected a list of moves"),
        (" [version]", "moves[0]: expected a mapping with answer, label, path, reader"),
        (" [{}]", "moves[0].answer: required, but missing"),
        (f" [{{answer: version, {AT}}}]", "moves[0].label: required, but missing"),
        (" [{answer: version, label: A, path: owned.txt}]", "moves[0].reader: required, but missing"),
        (
            f" [{{answer: version, label: A, {AT}, mode: x}}]",
            "moves[0].mode: unknown key; expected one of",
        ),
        (f" [{{answer: gone, label: A, {AT}}}]", "moves[0].answer: 'gone' is not a question"),
        (f" [{{answer: template, label: A, {AT}}}]", "moves[0].answer: 'template' is not a question"),
        (f" [{{answer: follows, label: A, {AT}}}]", "'follows' follows from other answers"),
        (
            f" [{{answer: free, label: A, {AT}}}]",
            "'free' is of type yaml: expected one of float, int, str",
        ),
        (f" [{{answer: flag, label: A, {AT}}}]", "'flag' is of type bool"),
        (f" [{{answer: 7, label: A, {AT}}}]", "moves[0].answer: expected the name of a question"),
        (f" [{{answer: version, label: '', {AT}}}]", "moves[0].label: expected what people call it"),
        (f" [{{answer: version, label: '@acme', {AT}}}]", "moves[0].label: expected what people call it"),
        (
            f" [{{answer: version, label: {'a' * 31}, {AT}}}]",
            "moves[0].label: expected what people call it",
        ),
        (" [{answer: version, label: A, path: x, reader: base-suite}]", "moves[0].path: 'x' is none of the owned"),
        (
            " [{answer: version, label: A, path: [x], reader: base-suite}]",
            "moves[0].path: expected the path of an owned",
        ),
        (
            f" [{{answer: version, label: A, {AT}, other_paths: x}}]",
            "other_paths: expected a list of paths",
        ),
        (
            f" [{{answer: version, label: A, {AT}, other_paths: [other.txt, x]}}]",
            "moves[0].other_paths[1]: 'x' is none of the owned files",
        ),
        (
            f" [{{answer: version, label: A, {AT}, other_paths: [owned.txt]}}]",
            "moves[0].other_paths[0]: 'owned.txt' is listed twice",
        ),
        (
            " [{answer: version, label: A, path: owned.txt, reader: nose}]",
            "moves[0].reader: expected one of base-version, base-suite, compose-postgres, parameter-group",
        ),
        (
            " [{answer: version, label: A, path: owned.txt, reader: base-version}]",
            "moves[0].image: required with base-version, but missing",
        ),
        (
            " [{answer: version, label: A, path: owned.txt, reader: base-version, image: 'acme/node:22'}]",
            "moves[0].image: expected the last part of an image's name",
        ),
        (
            f" [{{answer: version, label: A, {AT}, image: node}}]",
            "moves[0].image: only base-version looks for an image",
        ),
        (f" [{{answer: version, label: A, {AT}, by: patch}}]", "by: expected one of value, major, minor"),
        (f" [{{answer: version, label: A, {AT}, whole: yes}}]", "moves[0].whole: expected true or false"),
        (f" [{{answer: version, label: A, {AT}, back: 0}}]", "moves[0].back: expected true or false"),
        (f" [{{answer: version, label: A, {AT}, absent: null}}]", "moves[0].absent: expected the answer"),
        (f" [{{answer: choice, label: A, {AT}, absent: none}}]", "absent: 'none' is not one of 1, 2"),
        (
            f" [{{answer: version, label: A, {AT}}}, {{answer: version, label: B, {AT}}}]",
            "moves[1].answer: 'version' is a move already",
        ),
        (
            f" [{{answer: version, label: A, {AT}}}, {{answer: word, label: A, {AT}}}]",
            "moves[1].label: 'A' is a move already",
        ),
    ],
)
def test_moves_are_strict(tree: Tree, moves: str, said: str) -> None:
    """Every mistake in a move is refused, with the key that it is about."""
    assert any(said in problem for problem in complaint(platform(tree, moves)))


def test_all_mistakes_at_once_with_their_places(tree: Tree) -> None:
    """One run names every mistake of every move beside those of the owned files, each with its line and column."""
    moves = """
  - answer: gone
    label: A
    path: x
    reader: base-version
    by: patch
  - label: A
    whole: 1"""
    root = platform(tree, moves)
    file = root / OWNERSHIP  # type: ignore[operator]
    file.write_text(file.read_text() + "retired: x\n")
    assert [problem.removeprefix(f"{OWNERSHIP}:") for problem in complaint(root)] == [
        "5:5: moves[0].answer: 'gone' is not a question of the template",
        "5:5: moves[0].image: required with base-version, but missing",
        "7:5: moves[0].path: 'x' is none of the owned files",
        "9:5: moves[0].by: expected one of value, major, minor",
        "10:5: moves[1].answer: required, but missing",
        "10:5: moves[1].label: 'A' is a move already",
        "10:5: moves[1].path: required, but missing",
        "10:5: moves[1].reader: required, but missing",
        "11:5: moves[1].whole: expected true or false",
        "12:1: retired: expected a list of paths",
    ]


def test_a_question_that_cannot_be_read_is_not_missed_twice(tree: Tree) -> None:
    """Where copier.yml is wrong, no move is blamed for it."""
    moves = f" [{{answer: version, label: A, {AT}}}]"
    (problem,) = complaint(platform(tree, moves, "version: {type: string}\n"))
    assert problem.startswith("copier.yml:5:11: version.type")


def test_the_docs_name_every_key_and_reader() -> None:
    """docs/templates.md has a row for each key of a move, each reader and each part of a value."""
    text = (ROOT / "docs" / "templates.md").read_text("utf-8").split("## Moves")[1].split("\n## ")[0]
    rows = " ".join(line for line in text.splitlines() if line.startswith("|"))
    keys = MoveSpec.__dataclass_fields__.keys()
    assert [name for name in (*keys, *MoveReader, *MoveBy) if f"`{name}`" not in rows] == []

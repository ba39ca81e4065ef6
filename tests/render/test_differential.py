"""The fast path against `copier.run_copy`: the same files, modes and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from syncbot.errors import RenderError
from syncbot.model.files import EXECUTABLE, File
from syncbot.render import Templates, load_templates
from syncbot.render.copier_run import CopierRender, verify
from tests.render.answers import generate
from tests.render.copied import render_with_copier
from tests.sweeps import FULL

CHUNKS = 40 if FULL else 3
CHUNK = 32


def outcome(render: CopierRender | Templates, answers: Mapping[str, object]) -> Mapping[str, File] | None:
    """The files, or None for a refusal."""
    try:
        return render.render("service", answers)
    except RenderError:
        return None


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_fast_path_equals_copier(templates: Templates, copier: CopierRender, chunk: int) -> None:
    """96 generated answer sets (1,280 in full), hostile ones among them: no difference in bytes, modes, refusals."""
    accepted = 0
    for answers in generate(seed=chunk, count=CHUNK):
        fast, copied = outcome(templates, answers), outcome(copier, answers)
        assert (fast is None) == (copied is None), f"only one refuses {answers!r}"
        if fast is not None and copied is not None:
            verify(fast, copied)
            accepted += 1
    assert accepted >= CHUNK // 4, "too few accepted sets to prove anything"


def test_owned_files_are_the_same_files(templates: Templates) -> None:
    """render_owned gives exactly the owned paths of render, with the same content."""
    owned = {entry.path for entry in templates.specs["service"].owned}
    for answers in generate(seed=1000, count=200):
        full = outcome(templates, answers)
        if full is None:
            with pytest.raises(RenderError):
                templates.render_owned("service", answers)
        else:
            expected = {path: file for path, file in full.items() if path in owned}
            assert templates.render_owned("service", answers) == expected


def test_executable_files_stay_executable(tree, tmp_path: Path) -> None:
    """A template file with the executable bit gives mode 100755, both ways, rendered or copied as it stands."""
    root = tree(
        {
            "templates/tool/files/bin/run.jinja": "#!/bin/sh\necho {{ word }}\n",
            "templates/tool/files/bin/raw": "#!/bin/sh\n",
            "templates/tool/ownership.yaml": "owned:\n  - path: owned.txt\n  - path: bin/run\n",
        }
    )
    for name in ("run.jinja", "raw"):
        (root / "templates/tool/files/bin" / name).chmod(0o755)
    fast = load_templates(root).render("tool", {})
    verify(fast, render_with_copier(root, "tool", {}))
    assert fast["bin/run"] == File(content=b"#!/bin/sh\necho hello\n", mode=EXECUTABLE)
    assert fast["bin/raw"].mode == EXECUTABLE
    assert fast["owned.txt"].mode == "100644"


def test_conditions_lists_and_dependent_choices_agree(tree) -> None:
    """Questions with `when`, templated defaults and templated choices resolve as in Copier."""
    root = tree(
        {
            "copier.yml": """\
_subdirectory: "templates/{{ template }}/files"
_envops: {undefined: jinja2.StrictUndefined}
template: {type: str, choices: [tool], default: tool}
kind: {type: str, choices: [a, b], default: a}
manager:
  type: str
  choices: "{{ ['x', 'y'] if kind == 'a' else ['z'] }}"
  default: "{{ 'x' if kind == 'a' else 'z' }}"
only_b: {type: int, when: "{{ kind == 'b' }}", default: 7}
flag: {type: bool, default: "yes"}
ratio: {type: float, default: 0.5}
data: {type: json, default: '{"a": [1]}'}
items: {type: yaml, default: "[1, two]"}
place: {type: path, default: a/b}
""",
            "templates/tool/files/owned.txt.jinja": (
                "{{ kind }} {{ manager }} {{ only_b }} {{ flag }} {{ ratio }} {{ data }} {{ items }} {{ place }}\n"
            ),
        }
    )
    fast = load_templates(root)
    for answers in (
        {},
        {"kind": "b"},
        {"kind": "b", "manager": "x"},
        {"manager": "y", "only_b": "3"},
        {"flag": "zz", "ratio": "1_0.5"},
        {"flag": None},
        {"only_b": "x"},
        {"data": "{bad", "items": "a: b"},
        {"items": "a: b: c"},
        {"items": {"k": None}, "data": None},
    ):
        try:
            copied: object = render_with_copier(root, "tool", answers)
        except RenderError:
            copied = None
        try:
            ours: object = fast.render("tool", answers)
        except RenderError:
            ours = None
        assert ours == copied, answers


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ({}, "a: rendered only by syncbot"),
        ({"a": File(content=b"2")}, "a: syncbot and copier render another content"),
        ({"a": File(content=b"1", mode=EXECUTABLE)}, "a: syncbot and copier render another mode"),
        ({"a": File(content=b"1"), "b": File(content=b"")}, "b: rendered only by copier"),
    ],
)
def test_a_difference_is_named(theirs: dict[str, File], said: str) -> None:
    """verify names the first path that differs, and how."""
    with pytest.raises(RenderError, match=said):
        verify({"a": File(content=b"1")}, theirs)

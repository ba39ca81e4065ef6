"""Templates that want out: of their folder by links and names, or of reason by what they ask for."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from syncbot.errors import SyncbotError
from syncbot.model.files import File
from syncbot.render import Templates, compile_templates, load_templates
from syncbot.render.budget import BUDGET
from syncbot.render.copier_run import CopierRender
from syncbot.render.sources import read_sources
from tests.render.conftest import MINIMAL, ROOT

CONFIG = MINIMAL["copier.yml"]
OWNED = "templates/tool/files/owned.txt.jinja"
SECRET = "planted-a3f1"


def complaint(root: Path, **answers: object) -> str:
    """What is said of templates that do not load, or do not render; one line."""
    with pytest.raises(SyncbotError) as caught:
        load_templates(root).render("tool", answers)
    assert len(str(caught.value).splitlines()) == 1, caught.value
    return str(caught.value)


@pytest.mark.parametrize(
    "where", ["templates/tool/self", "templates/tool/files/self", "templates/self", "templates/tool/a.jinja"]
)
@pytest.mark.parametrize("target", ["/proc/self", "/proc/self/environ", "../../.git", "/etc/hostname", "nowhere", "."])
def test_a_link_is_refused(tree, where: str, target: str) -> None:
    """Wherever it stands and leads: to a folder, a file, nothing, or back."""
    root = tree({})
    (root / where).symlink_to(target)
    assert complaint(root) == f"{where}: symlinks are not supported in templates"


def test_what_is_no_file_is_refused(tree) -> None:
    """A pipe would be waited for without end; and copier.yml and templates/ themselves are no links either."""
    root = tree({})
    os.mkfifo(root / "templates/tool/pipe")
    assert complaint(root) == "templates/tool/pipe: named pipes are not supported in templates"
    (root / "templates/tool/pipe").unlink()
    (root / "templates/tool/big").touch()
    os.truncate(root / "templates/tool/big", 2**40)
    assert complaint(root) == "templates/tool/big: a template is a file of at most 8 MB"
    (root / "templates/tool/big").unlink()
    for name in ("templates", "copier.yml"):
        (root / name).rename(root / "elsewhere")
        (root / name).symlink_to("elsewhere")
        assert complaint(root) == f"{name}: symlinks are not supported in templates"
        (root / name).unlink()
        (root / "elsewhere").rename(root / name)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/hostname",
        "/proc/self/environ",
        "templates/../.git/config",
        "templates/tool/../../secret.txt",
        "templates//proc/self/environ",
        "templates/tool/self/environ",
        "secret.txt",
        "copier.yml",
        "templates/tool",
        "templates",
    ],
)
@pytest.mark.parametrize("tag", ["{{% include '{}' %}}", "{{% from '{}' import x %}}", "{{% import '{}' as x %}}"])
def test_no_name_leads_out(tree, path: str, tag: str) -> None:
    """An include and an import find what was read under templates/, and nothing by another spelling of a path."""
    root = tree({OWNED: tag.format(path), "secret.txt": SECRET, ".git/config": SECRET})
    assert complaint(root).startswith(f"{OWNED}:1:1: includes {path!r}, which ")


def test_a_file_that_changes_after_it_was_read_changes_nothing(tree) -> None:
    """The fast path and Copier render the same bytes: those that were read."""
    root = tree({OWNED: "{% include 'templates/tool/part.jinja' %}", "templates/tool/part.jinja": "first"})
    templates = load_templates(root)
    (root / "templates/tool/part.jinja").unlink()
    (root / "templates/tool/part.jinja").symlink_to("/etc/hostname")
    (root / OWNED).write_text("second")
    with CopierRender(templates.sources) as copier:
        assert copier.render("tool", {}) == templates.render("tool", {})
    assert templates.render("tool", {})["owned.txt"].content == b"first"


@pytest.mark.parametrize("name", ["expandvars", "expanduser", "fileglob", "realpath", "random"])
def test_a_filter_that_is_refused_has_no_other_way_in(tree, name: str) -> None:
    """`map` and its like take a filter by its name."""
    root = tree({OWNED: f"\n{{{{ ['$SECRET', '/etc/*'] | map('{name}') | list }}}}"})
    assert complaint(root) == f"{OWNED}:2: filter {name!r} gives another result on another machine or day"


LOOPS = "{% for i in range(99999) %}" * 4 + "{% endfor %}" * 4
TIME, LOAD_TIME, MEMORY, DEEP = (
    "takes more than 2 seconds of processor time",
    "takes more than 4 seconds of processor time",
    "takes more than 128 MB of memory",
    "is nested too deep",
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (LOOPS, TIME),
        ("{% macro m() %}" + LOOPS + "{% endmacro %}\n{{ m() }}", TIME),
        ("{{ range(10**9) | length }}", "Range too big"),
        ("{{ 10 ** (10 ** (10 ** (word | length))) }}", TIME),
        ("{{ ('a' * 40) | regex_replace('(a+)+$b', '') }}", LOAD_TIME),
        ("{{ (word * 10) | regex_search('([a-z]+)+1$') }}", TIME),
        ("{{ [word * 10, 'x'] | map('regex_search', '([a-z]?[a-z]+)+1$') | list }}", TIME),
        ("{{ 'x' * 10**9 }}", MEMORY),
        ("{{ word * 10**9 }}", MEMORY),
        ("{{ '%1000000000d' | format(word | length) }}", MEMORY),
        ("{{ '{:1000000000d}'.format(word | length) }}", MEMORY),
        ("{{ word | center(10**9) }}", MEMORY),
        ("{% set n = namespace(s=word) %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}", MEMORY),
        ("{{ word * 3000000 }}", "with this file, the repo's take more than 8 MB"),
        ("{% if word %}" * 300 + "{% endif %}" * 300, DEEP),
        ("{% for i in word %}" * 30 + "{% endfor %}" * 30, "too many statically nested blocks"),
        ("{{ " + "(" * 500 + "word" + ")" * 500 + " }}", DEEP),
        ("{{ " + "[" * 10_000 + "]" * 10_000 + " }}", DEEP),
        ("{{ " + "not " * 10_000 + "word }}", DEEP),
        ("{{ word" + " + word" * 10_000 + " }}", DEEP),
        ("{{ word | from_json }}", DEEP),
        ("{% include '" + OWNED + "' %}", DEEP),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", DEEP),
    ],
)
def test_a_template_without_measure_is_stopped(tree, body: str, said: str) -> None:
    """Time, memory, output and nesting end with the template's name in one line, found by loading or rendering."""
    word = "[" * 10_000 if "from_json" in body else "hello"
    found = complaint(tree({OWNED: body}), word=word)
    assert found.startswith(f"{OWNED}:")
    assert said in found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f'q: {{type: str, default: "{LOOPS}"}}', f"q: {TIME}"),
        ('q: {type: str, default: x, validator: "{{ word * 10**9 }}"}', f"q: {MEMORY}"),
        ('q: {type: str, default: "{{ ' + "(" * 500 + "1" + ")" * 500 + ' }}"}', f"copier.yml:5:16: q.default: {DEEP}"),
        ("q: {type: json, default: '" + "[" * 10_000 + "'}", f"q: {DEEP}"),
        ("q: " + "[" * 3_000 + "]" * 3_000, "copier.yml:5:53: nested more than 50 deep"),
        ("q: &q {type: str, default: *q}", "copier.yml"),
        ("\n".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" if n else "a0: &a0 [1]" for n in range(60)), "copier.yml"),
    ],
)
def test_a_question_without_measure_is_stopped(tree, line: str, said: str) -> None:
    """The same for what copier.yml computes, and for YAML that is deep, holds itself, or unfolds without end."""
    with pytest.raises(SyncbotError) as caught:
        load_templates(tree({"copier.yml": f"{CONFIG}{line}\n"})).render("tool", {})
    assert str(caught.value).startswith(said)


def test_a_file_name_without_measure_is_stopped(tree) -> None:
    """Whether a path can come out of it takes too long to find out."""
    root = tree({f"templates/tool/files/{'{{ word }}' * 20}x": "x"})
    (root / "templates/tool/ownership.yaml").write_text(f"owned:\n  - path: {'a' * 200}y\n")
    assert complaint(root) == f"templates/tool: {LOAD_TIME}"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Copier was listing a folder
def test_one_repo_takes_nothing_from_the_next(tree) -> None:
    """After a repo that was stopped, the limits are as before and the others render; Copier is stopped as well."""
    root = tree({OWNED: "{% if word == 'long' %}" + LOOPS + "{% endif %}{{ word * (9**9 if word == 'big' else 1) }}"})
    templates = load_templates(root)
    with CopierRender(templates.sources) as copier:
        for render in (templates.render, copier.render):
            for word in ("long", "big"):
                with pytest.raises(SyncbotError, match="takes more than"):
                    render("tool", {"word": word})
            assert render("tool", {"word": "good"})["owned.txt"].content == b"good"
    assert bytearray(300 * 2**20)
    with BUDGET:
        pass


def test_loading_all_templates_has_a_time_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many templates on a slow machine take longer than one repo may: they load within less than one repo's time."""
    monkeypatch.setattr("syncbot.render.budget.SECONDS", 0.01)
    sources = read_sources(ROOT)
    new_here = {"templates/service/includes/new_here.jinja": File(content=b"")}
    assert compile_templates(replace(sources, files={**sources.files, **new_here})).specs


def test_the_last_limit_is_counted_as_the_kernel_counts() -> None:
    """Four seconds by the clock of RLIMIT_CPU itself, however far the exact one is from it by now."""
    with BUDGET:
        soft, _ = resource.getrlimit(resource.RLIMIT_CPU)
        assert 3 <= soft - time.clock_gettime(-8) + 1e-6 <= 4 + 1e-6


def test_a_template_that_overruns_again_and_again_gets_little_time(tree) -> None:
    """After two repos the others are stopped forty times sooner, by one and the same line; one that is fine renders."""
    root = tree({OWNED: "{% if word != 'good' %}" + LOOPS + "{% endif %}{{ word }}"})
    templates = load_templates(root)
    found = []
    for word in ("a", "b", "c", "d"):
        with pytest.raises(SyncbotError) as caught:
            templates.render_owned("tool", {"word": word})
        found.append(str(caught.value))
        assert templates.render_owned("tool", {"word": "good"})["owned.txt"].content == b"good"
    assert found[:2] == [f"{OWNED}:1: {TIME}"] * 2
    little = "takes more than 0.05 seconds of processor time, all that is left after 2 repos took too long"
    assert found[2:] == [f"{OWNED}:1: {little}"] * 2
    with pytest.raises(SyncbotError, match="more than 2 seconds"):
        load_templates(root).render("tool", {"word": "a"})


def test_what_nothing_can_interrupt_ends_the_process(tree) -> None:
    """Lists that hold themselves 2^60 times over are compared in C: the traceback names the template's file."""
    doubled = "{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}"
    body = f"{{% set n = namespace(a=[], b=[]) %}}{{% for i in range(60) %}}{doubled}{{% endfor %}}{{{{ n.a == n.b }}}}"
    code = "import sys, pathlib, syncbot.render as r; r.load_templates(pathlib.Path(sys.argv[1])).render('tool', {})"
    root = tree({OWNED: body})
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True, check=False)
    assert done.returncode < 0
    assert f'File "{OWNED}"' in done.stderr


def test_a_folder_that_is_not_there_has_no_sources(tmp_path: Path) -> None:
    """It is said by who looks for copier.yml."""
    assert read_sources(tmp_path / "gone").files == {}
    assert isinstance(load_templates(Path(__file__).parents[2]), Templates)

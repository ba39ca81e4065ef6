"""Which answers an owned file reads: those suffice to render it again, and no others are recorded."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from syncbot.errors import ConfigError, RenderError
from syncbot.model.templates import LOCATIONS
from syncbot.plan.files.lock import Stanza, format_lock, parse_lock
from syncbot.render import Templates, load_templates
from tests.render.answers import believable
from tests.render.copied import render_with_copier

OWNERSHIP = "templates/tool/ownership.yaml"
OWNED = "templates/tool/files/owned.txt.jinja"
HEAD = """\
_subdirectory: "templates/{{ template }}/files"
_envops: {undefined: jinja2.StrictUndefined}
template: {type: str, choices: [tool], default: tool}
"""


def recorded(templates: Templates, path: str, given: Mapping[str, object]) -> Mapping[str, object]:
    """The answers as the lock holds them: those that the file reads, through TOML and JSON."""
    read = templates.answers_read("service", path)
    answers = {name: value for name, value in given.items() if name in read}
    file = templates.render_owned("service", given)[path].file_id
    stanza = Stanza(file=file, template="service", answers=answers)
    found = parse_lock(format_lock({path: stanza}))[path].answers
    assert found == answers
    return found or {}


@pytest.mark.parametrize("seed", range(4))
def test_what_is_recorded_renders_the_file_again(templates: Templates, seed: int) -> None:
    """Of 200 answer sets, every owned file comes out byte for byte from what its stanza holds, and no file beside."""
    rng = random.Random(seed)
    paths = [entry.path for entry in templates.specs["service"].owned]
    rendered = 0
    accepted = 0
    while accepted < 50:
        given = believable(rng)
        if accepted % 3 == 0:
            given[LOCATIONS] = {"docker-compose.yml": "compose.yaml"}
        try:
            full = templates.render_owned("service", given)
        except RenderError:
            continue
        accepted += 1
        for path in paths:
            again = templates.render_file("service", path, recorded(templates, path, given) if path in full else given)
            assert again == full.get(path), (path, given)
            rendered += again is not None
    assert rendered > 200


def test_what_files_of_the_shipped_template_read(templates: Templates) -> None:
    """By hand, for a usual service: the lock is in every repo, and stays short."""
    given = {
        "service_name": "orders-api",
        "organization": "acme",
        "team": "@acme/orders",
        "owners": "@acme/platform",
        "runtime": "node",
        "node_version": "22",
        "port": 8081,
        "postgres_version": "16",
        "postgres_parameters": {"work_mem": "64MB"},
    }
    common = {"service_name", "organization", "owners", "runtime"}
    read = {
        path: templates.answers_read("service", path) & given.keys()
        for path in ("Dockerfile", "postgres/postgresql.conf", "docker-compose.yml")
    }
    assert read["Dockerfile"] == {"organization", "owners", "runtime", "node_version", "port"}
    assert "node_version" not in read["postgres/postgresql.conf"] | read["docker-compose.yml"]
    assert read["docker-compose.yml"] - common == {"port", "postgres_version"}
    assert read["postgres/postgresql.conf"] - common == {"postgres_version", "postgres_parameters"}


def read_by(tree, questions: str, body: str, **files: str) -> frozenset[str]:
    """What owned.txt reads, in a template with these questions, this body, and these files in includes/."""
    includes = {f"templates/tool/includes/{name}.jinja": text for name, text in files.items()}
    return load_templates(tree({"copier.yml": HEAD + questions, OWNED: body, **includes})).answers_read(
        "tool", "owned.txt"
    )


A_TO_D = "".join(f"{name}: {{type: str, default: x}}\n" for name in "abcd")


@pytest.mark.parametrize(
    ("questions", "body", "files", "read"),
    [
        ("", "as it stands", {}, ""),
        ("", "{{ a }}{% if b %}{% set c = 1 %}{% endif %}{{ c }}", {}, "abc"),
        ("", "{% set c = 1 %}{{ c }}", {}, ""),
        ("", "{% include 'templates/tool/includes/x.jinja' %}", {"x": "{{ a }}"}, "a"),
        ("", "{% include 'templates/tool/includes/x.jinja' without context %}", {"x": "{{ a }}"}, ""),
        (
            "",
            "{% include 'templates/tool/includes/x.jinja' %}",
            {"x": "{% include 'templates/tool/includes/y.jinja' %}", "y": "{{ b }}"},
            "b",
        ),
        (
            "",
            "{% from 'templates/tool/includes/x.jinja' import f %}{{ f(a) }}",
            {"x": "{% macro f(c) %}{{ c }}{% endmacro %}{% macro g() %}{{ b }}{% endmacro %}"},
            "a",
        ),
        (
            "",
            "{% import 'templates/tool/includes/x.jinja' as x with context %}{{ x.g() }}",
            {"x": "{% macro g() %}{{ b }}{% endmacro %}"},
            "b",
        ),
        ("e: {type: str, default: '{{ a }}'}\nf: {type: str, default: '{{ e }}'}\n", "{{ f }}", {}, "aef"),
        ("e: {type: str, default: x, validator: '{% if a == e %}no{% endif %}'}\n", "{{ e }}", {}, "ae"),
        ("e: {type: str, default: x, when: '{{ a == b }}'}\n", "{{ e }}", {}, "abe"),
        ("e: {type: str, default: x, choices: \"{{ ['x', c] }}\"}\n", "{{ e }}", {}, "ce"),
        ("e: {type: str, default: x, validator: '{% if a == e %}no{% endif %}'}\n", "{{ a }}", {}, "a"),
        ("e: {type: str, default: x, secret: true}\n", "{{ e }}{{ a }}", {}, "a"),
    ],
)
def test_what_a_file_reads(tree, questions: str, body: str, files: Mapping[str, str], read: str) -> None:
    """Its text, its includes, and what bears on those answers; no local variable, no macro's own, and no secret."""
    assert read_by(tree, A_TO_D + questions, body, **files) == set(read)


def test_the_name_of_a_file_counts_wherever_it_is_kept(tree) -> None:
    """A path is an expression as well; another location is the same file, and any other path is none."""
    root = tree(
        {
            "copier.yml": HEAD + A_TO_D,
            "templates/tool/files/{% if a %}y.txt{% endif %}.jinja": "{{ b }}\n",
            "templates/tool/files/{{ d }}.md": "",
            OWNED: "{{ c }}\n",
            OWNERSHIP: "owned:\n  - path: owned.txt\n  - path: y.txt\n    locations: [docs/y.txt, y.txt]\n",
        }
    )
    templates = load_templates(root)
    assert templates.answers_read("tool", "y.txt") == templates.answers_read("tool", "docs/y.txt") == {"a", "b"}
    file = templates.render_file("tool", "docs/y.txt", {"b": "text", "c": 7, "unknown": 1})
    assert file is not None
    assert file.content == b"text\n"
    assert templates.render_file("tool", "y.txt", {"a": ""}) is None
    for call in (templates.answers_read, lambda *at: templates.render_file(*at, {})):
        with pytest.raises(RenderError, match=r"^x\.md: the template tool owns no such file"):
            call("tool", "x.md")


def test_a_file_named_by_an_answer_is_never_taken_for_an_owned_one(tree) -> None:
    """It would depend on answers that have nothing to do with the owned one. Elsewhere it goes where its name says."""
    named, owned = "templates/tool/files/{{ a }}.jinja", "templates/tool/files/{% if d %}y.txt{% endif %}.jinja"
    ownership = {OWNERSHIP: "owned:\n  - path: y.txt\n", OWNED: "x\n"}
    templates = load_templates(tree({"copier.yml": HEAD + A_TO_D, named: "{{ b }}\n", owned: "{{ c }}\n", **ownership}))
    assert templates.answers_read("tool", "y.txt") == {"c", "d"}
    assert templates.render("tool", {"a": "other.txt"}).keys() == {"other.txt", "owned.txt", "y.txt"}
    for render in (templates.render, templates.render_owned):
        with pytest.raises(RenderError, match=r"renders to 'y\.txt', an owned path that another file is for"):
            render("tool", {"a": "y.txt", "d": ""})


def test_an_answer_that_the_file_depends_on_is_checked(tree) -> None:
    """A value that its question refuses is refused here as well; one of another question is not looked at."""
    questions = "e: {type: str, default: x, choices: [x, y]}\n"
    templates = load_templates(tree({"copier.yml": HEAD + A_TO_D + questions, OWNED: "{{ e }}\n"}))
    with pytest.raises(RenderError, match="e: 'z' is not one of x, y"):
        templates.render_file("tool", "owned.txt", {"e": "z"})
    assert templates.render_file("tool", "owned.txt", {"a": object()}) is not None


def test_a_default_that_includes_a_file_follows_the_answers_that_the_file_reads(tree) -> None:
    """As in Copier, for each repo anew: it is remembered by all answers that it looks at."""
    included = "templates/tool/includes/x.jinja"
    root = tree(
        {
            "copier.yml": HEAD
            + A_TO_D
            + "e: {type: str, default: \"{% include 'templates/tool/includes/x.jinja' %}\"}\n",
            included: "{{ a }}",
            OWNED: "{{ e }}\n",
        }
    )
    templates = load_templates(root)
    for answers in ({"a": "1"}, {"a": "2"}):
        assert templates.render("tool", answers) == render_with_copier(root, "tool", answers)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("e: {type: str, secret: true}\n", "e.secret: a secret question needs a default"),
        ("e: {type: str, default: x, secret: 'yes'}\n", "e.secret: expected true or false"),
    ],
)
def test_secret_questions_are_as_copier_has_them(tree, question: str, said: str) -> None:
    """Copier asks for a default; what is neither true nor false is no answer to whether it is a secret."""
    with pytest.raises(ConfigError, match=said):
        load_templates(tree({"copier.yml": HEAD + question, OWNED: "x\n"}))


def test_a_secret_renders_as_copier_renders_it(tree) -> None:
    """It is an answer like any other but for the record."""
    root = tree({"copier.yml": HEAD + "e: {type: str, default: x, secret: true}\n", OWNED: "{{ e }}\n"})
    for answers in ({}, {"e": "hunter2"}):
        assert load_templates(root).render("tool", answers) == render_with_copier(root, "tool", answers)

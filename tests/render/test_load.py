"""Templates that are wrong, or use what syncbot does not implement, are refused when loaded, with the place."""

from __future__ import annotations

import posixpath
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.errors import ConfigError, RenderError
from syncbot.model.files import FileId, Ownership
from syncbot.model.templates import OwnedFile
from syncbot.plan.files.desired import ownable_paths
from syncbot.plan.files.lock import Stanza, format_lock, parse_lock
from syncbot.render import load_templates
from syncbot.render.tree import inside
from tests.render.conftest import MINIMAL

CONFIG = MINIMAL["copier.yml"]
OWNED = "templates/tool/files/owned.txt.jinja"
OWNERSHIP = "templates/tool/ownership.yaml"


def complaint(root: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_templates(root)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("_tasks: [make]", "copier.yml:5:1: _tasks: this setting of Copier is not supported"),
        ("_migrations: []", "_migrations: this setting"),
        ("_jinja_extensions: [jinja2.ext.do]", "_jinja_extensions: this setting"),
        ("_external_data: {x: y.yml}", "_external_data: this setting"),
        ("_secret_questions: [word]", "_secret_questions: this setting"),
        ("_exclude: ['*.md']", "_exclude: this setting"),
        ("_skip_if_exists: [README.md]", "_skip_if_exists: this setting"),
        ("_preserve_symlinks: true", "_preserve_symlinks: this setting"),
        ("_answers_file: .answers.yml", "_answers_file: this setting"),
        ("_templates_suffix: .tmpl", "_templates_suffix: syncbot supports only '.jinja'"),
        ("word: {type: str}", "copier.yml:5:1: word: the key is written twice; the first is on line 4"),
        ("many: {type: str, multiselect: true, choices: [a]}", "copier.yml:5:19: many.multiselect: not supported"),
        ("pin: {type: str, ask: true, default: x}", "pin.ask: not supported"),
        ("pin: {type: str, ask: false}", "pin.ask: not supported"),
        ("pin: {type: string}", "copier.yml:5:7: pin.type: expected one of bool, float, int"),
        ("pin: x", "pin: expected a mapping with at least `type`"),
        ("pin: {type: str, choices: {a: b}}", "pin.choices: expected a list of plain values"),
        ("pin: {type: str, when: [1]}", "pin.when: expected true, false or a template"),
        ("now: {type: str}", "now: not a name a question can have"),
        ("pin: {type: str, default: '{{ wrod }}'}", "copier.yml:5:18: pin.default: undefined variable 'wrod'"),
        ("pin: {type: str, validator: '{% if %}'}", "pin.validator: Expected an expression"),
        ("pin: {type: str, default: '{{ _copier_conf.os }}'}", "undefined variable '_copier_conf'"),
        ("--- [1]", "copier.yml:5:5: expected settings and questions"),
        ("a: [", "not valid YAML"),
        ("a: !!python/name:os.system x", "not valid YAML"),
        ("--- !include other.yml", "other.yml: cannot be read"),
        ("--- !include '*.yml'", "copier.yml:5:5: !include takes the path of one file"),
        ("--- !include ../x.yml", "!include ../x.yml: leaves the repository"),
        ("--- !include copier.yml", "!include copier.yml: includes itself"),
        ("---\n_min_copier_version: '9'\n---\n_min_copier_version: '9'", "_min_copier_version: set twice"),
        ("---\nword: {type: str}", "copier.yml:6:1: word: asked twice"),
    ],
)
def test_unsupported_or_wrong_config(tree, line: str, said: str) -> None:
    """Each feature that would make the fast path differ from Copier is named with its line."""
    assert said in complaint(tree({"copier.yml": f"{CONFIG}{line}\n"}))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (CONFIG.replace("StrictUndefined", "Undefined"), "_envops: syncbot supports only"),
        (CONFIG.replace("_envops", "_message_after_copy"), "copier.yml: _envops: missing; expected"),
        (CONFIG.replace("/files", ""), "_subdirectory: syncbot supports only"),
        (CONFIG.replace("[tool]", "[tool, gone]"), "template.choices: expected the folders of templates/: [tool]"),
    ],
)
def test_settings_have_one_value(tree, config: str, said: str) -> None:
    """What has to be set is set, to the value that syncbot implements."""
    assert said in complaint(tree({"copier.yml": config}))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("one\n{{ wrod }}\n", f"{OWNED}:2:1: undefined variable 'wrod': not a question"),
        ("{{ now() }}\n", "undefined variable 'now'"),
        ("{{ make_secret() }}\n", "undefined variable 'make_secret'"),
        ("{{ _folder_name }}\n", "undefined variable '_folder_name'"),
        ("{{ lipsum() }}\n", "undefined variable 'lipsum'"),
        ("{{ [1, 2] | random }}\n", "filter 'random' gives another result"),
        ("{{ '%Y' | strftime }}\n", "filter 'strftime' gives another result"),
        ("{{ '/etc/*' | fileglob }}\n", "filter 'fileglob' gives another result"),
        ("{{ word | nosuch }}\n", "No filter named 'nosuch'"),
        ("{% yield x from word %}{% endyield %}\n", "Encountered unknown tag 'yield'"),
        ("{% include word %}\n", "an include names its file as it stands"),
        ("{% include 'copier.yml' %}\n", "includes 'copier.yml', which is no file under templates/"),
        ("{% include 'templates/tool/gone.jinja' %}\n", "includes 'templates/tool/gone.jinja', which cannot be read"),
        ("{% extends 'templates/tool/a.jinja' %}\n", "template inheritance is not supported"),
        ("{% if word %}\n", f"{OWNED}:"),
    ],
)
def test_what_a_template_may_not_use(tree, source: str, said: str) -> None:
    """Undefined names, and names that depend on machine, clock or chance, are found without rendering."""
    assert said in complaint(tree({OWNED: source}))


def test_a_template_owns_no_more_than_a_lock_holds(tree) -> None:
    """The longest lock that syncbot would write is one that it reads: with one file more the template is refused."""

    def files(number: int) -> dict[str, str]:
        paths = [f"config/file-{each:04}.yml" for each in range(number)]
        listed = "".join(f"  - path: {path}\n" for path in paths)
        return {OWNERSHIP: f"owned:\n{listed}", **{f"templates/tool/files/{path}": "x" for path in paths}}

    most = 144
    templates = load_templates(tree(files(most)))
    stanza = Stanza(
        file=FileId(id="a" * 40, mode="100755"),
        template="tool",
        config="b" * 40,
        tree="c" * 40,
        tool="10.11.12.dev",
        answers={"word": "x" * 189},
    )
    lock = {entry.path: stanza for entry in templates.specs["tool"].owned}
    text = format_lock(lock, ownable_paths(templates.specs["tool"]))
    assert (len(lock), parse_lock(text)) == (most, lock)
    more = {f"config/file-{most:04}.yml": stanza, f"config/file-{most + 1:04}.yml": stanza}
    assert parse_lock(format_lock(lock | more)) != lock | more
    assert complaint(tree(files(most + 1))) == (
        f"{OWNERSHIP}: a repo's lock of 64 kB has no room for the record of so many files: "
        "own fewer, or split the template"
    )


@pytest.mark.parametrize(
    ("ownership", "said"),
    [
        ("owned:\n  - path: ../out\n", f"{OWNERSHIP}:2:5: owned[0].path: '../out' is no path inside the repository"),
        ("owned:\n  - path: /etc/passwd\n", "'/etc/passwd' is no path inside the repository"),
        ("owned:\n  - path: a/./b\n", "'a/./b' is no path inside the repository"),
        ("owned:\n  - path: .git/config\n", "'.git/config' is no path inside the repository"),
        ("owned:\n  - path: .github/syncbot.lock\n", "the lock is the bot's own"),
        (
            "owned:\n  - path: owned.txt\n  - path: owned.txt\n",
            f"{OWNERSHIP}:3:5: owned[1].path: 'owned.txt' is listed twice",
        ),
        ("owned:\n  - path: gone.txt\n", "the template never renders 'gone.txt'"),
        ("owned:\n  - path: 7\n", "expected a path, not 7"),
        ("owned:\n  - owned.txt\n", "owned[0]: expected a mapping with at least `path`"),
        ("owned:\n  - path: owned.txt\n    ownership: keys\n", "owned[0].ownership: expected one of file, block"),
        ("owned:\n  - path: owned.txt\n    mode: x\n", f"{OWNERSHIP}:3:5: owned[0].mode: unknown key"),
        ("owned:\n  - path: owned.txt\n    locations: [a]\n", "locations: expected a list of paths, `path` among them"),
        ("owned:\n  - path: owned.txt\n    locations: [owned.txt, ../a]\n", "locations[1]: '../a' is no path inside"),
        ("owned:\n  - path: owned.txt\n    renamed_from: owned.txt\n", "renamed_from: 'owned.txt' is listed twice"),
        (
            "owned:\n  - path: owned.txt\n    needs: [x/f.txt]\n",
            f"{OWNERSHIP}:3:13: owned[0].needs[0]: 'x/f.txt' is none of the owned files",
        ),
        ("owned:\n  - path: owned.txt\n    needs: x\n", "owned[0].needs: expected a list of paths of owned files"),
        ("owned:\n  - path: owned.txt\n    needs: [7]\n", "owned[0].needs[0]: 7 is none of the owned files"),
        ("owned:\n  - path: owned.txt\n    needs: [owned.txt]\n", "needs[0]: a file does not need itself"),
        ("owned:\n  - path: owned.txt\nretired: [../a]\n", "retired[0]: '../a' is no path inside"),
        ("owned:\n  - path: owned.txt\nretired: x\n", "retired: expected a list of paths"),
        ("owned:\n  - path: owned.txt\nstarters: []\n", f"{OWNERSHIP}:3:1: starters: unknown key"),
        ("owned: []\n", "owned: expected a list of owned files"),
        ("- owned.txt\n", "expected one mapping with `owned`"),
    ],
)
def test_ownership_file_is_strict(tree, ownership: str, said: str) -> None:
    """Every mistake in ownership.yaml is refused at its line."""
    assert said in complaint(tree({OWNERSHIP: ownership}))


def test_a_retired_path_is_not_rendered_any_more(tree) -> None:
    """A path cannot be retired and still come out of the template."""
    said = complaint(
        tree({OWNERSHIP: "owned:\n  - path: owned.txt\nretired: [old.txt]\n", "templates/tool/files/old.txt": "x\n"})
    )
    assert "'old.txt' is retired, but the template still renders it" in said


def test_all_problems_at_once(tree) -> None:
    """One run names the mistakes of every file, each once, in order."""
    said = complaint(
        tree({"copier.yml": f"{CONFIG}_tasks: []\n", OWNED: "{{ a }}{{ b }}\n", OWNERSHIP: "owned:\n  - path: ../x\n"})
    )
    assert [line.split(":")[0] for line in said.splitlines()] == ["copier.yml", OWNED, OWNED, OWNERSHIP]


def test_file_names_that_cannot_work(tree) -> None:
    """Quotes in a name, a file that Copier would ignore, a second configuration, bytes that are not UTF-8."""
    root = tree(
        {
            "templates/tool/files/{% if word == 'x' %}a{% endif %}": "x",
            "templates/tool/files/owned.txt": "ignored by Copier",
            "templates/tool/files/{{ gone }}.txt": "x",
            "copier.yaml": "",
        }
    )
    (root / "templates/tool/files/latin.jinja").write_bytes(b"\xe9")
    said = complaint(root)
    assert "use a computed question" in said
    assert "owned.txt: Copier ignores this file" in said
    assert "file name: undefined variable 'gone'" in said
    assert "copier.yaml: Copier refuses a second configuration" in said
    assert "latin.jinja: a .jinja file has to be UTF-8" in said


def test_missing_parts(tmp_path: Path, tree) -> None:
    """No copier.yml, no files/, no ownership.yaml: said, not crashed on."""
    assert complaint(tmp_path) == "copier.yml: cannot be read: No such file or directory"
    root = tree({"templates/tool/notes.txt": "all that is left"})
    (root / OWNERSHIP).unlink()
    (root / OWNED).unlink()
    said = complaint(root)
    assert "templates/tool/files: no such folder" in said
    assert f"{OWNERSHIP}: cannot be read" in said


def test_undefined_while_rendering(tree) -> None:
    """What only rendering shows (a missing key, a hidden question) gives the template's line, in an include as well."""
    root = tree(
        {
            "copier.yml": f"{CONFIG}hidden: {{type: str, when: false}}\nconf: {{type: yaml, default: {{}}}}\n",
            OWNED: "first\n{% include 'templates/tool/part.jinja' %}\n",
            "templates/tool/part.jinja": "\n\n{{ conf.absent }}\n",
            "templates/tool/files/other.txt.jinja": "{{ word }}\n{{ hidden }}\n",
        }
    )
    templates = load_templates(root)
    with pytest.raises(RenderError, match=r"^templates/tool/part\.jinja:3: .*no attribute 'absent'"):
        templates.render_owned("tool", {})
    with pytest.raises(RenderError, match=r"^templates/tool/files/other\.txt\.jinja:2: 'hidden' is undefined"):
        templates.render("tool", {"conf": {"absent": 1}})


@pytest.mark.parametrize("word", ["../out", "/out", "a/../../out", "a//b", ".git/x", "a\\b", "a\nb"])
def test_a_path_that_leaves_the_repo(tree, word: str) -> None:
    """An answer cannot lead a file out of the repo, into .git, or to a second spelling of a path."""
    templates = load_templates(tree({"templates/tool/files/{{ word }}.jinja": "x\n"}))
    with pytest.raises(RenderError, match=r"\{\{ word \}\}\.jinja: renders to .*no path inside the repository"):
        templates.render("tool", {"word": word})
    assert templates.render("tool", {"word": "a/b"}).keys() == {"owned.txt", "a/b"}


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet="ab./\\ \n\0~", max_size=12) | st.text(max_size=12))
def test_an_accepted_path_stays_inside(path: str) -> None:
    """Whatever `inside` accepts is one spelling of one file below the repo's top."""
    if inside(path):
        assert posixpath.normpath(posixpath.join("/repo", path)) == f"/repo/{path}"
        assert path != "." and not path.endswith("/")


def test_two_files_for_one_path(tree) -> None:
    """Where two files render to one path, neither wins."""
    templates = load_templates(tree({"templates/tool/files/{{ word }}.jinja": "x\n"}))
    with pytest.raises(RenderError, match=r"another file renders to 'owned\.txt' as well"):
        templates.render("tool", {"word": "owned.txt"})


def test_a_template_cannot_change_answers(tree) -> None:
    """What one repo's template does to an answer never reaches the next repo."""
    templates = load_templates(
        tree({"copier.yml": f"{CONFIG}conf: {{type: yaml, default: {{}}}}\n", OWNED: "{{ conf.update(a=1) }}\n"})
    )
    with pytest.raises(RenderError, match="'update' of 'dict' object is unsafe"):
        templates.render("tool", {})


def test_owned_paths_may_be_conditional(tree) -> None:
    """An owned path is accepted where some answers render it, and left out where the others do not."""
    root = tree(
        {
            "copier.yml": f"{CONFIG}extra: {{type: bool, default: false}}\n",
            "templates/tool/files/{% if extra %}x{% elif word %}y{% else %}z{% endif %}/f.txt": "f\n",
            OWNERSHIP: (
                "owned:\n  - {path: owned.txt, ownership: block, locations: [owned.txt, docs/owned.txt]}\n"
                "  - {path: x/f.txt, renamed_from: f.txt, needs: [owned.txt]}\nretired: [old.txt]\n"
            ),
        }
    )
    templates = load_templates(root)
    assert templates.render_owned("tool", {"extra": True}).keys() == {"owned.txt", "x/f.txt"}
    assert templates.render_owned("tool", {}).keys() == {"owned.txt"}
    assert templates.render("tool", {}).keys() == {"owned.txt", "y/f.txt"}
    assert templates.specs["tool"].owned == (
        OwnedFile(path="owned.txt", ownership=Ownership.BLOCK, locations=("owned.txt", "docs/owned.txt")),
        OwnedFile(path="x/f.txt", renamed_from="f.txt", needs=("owned.txt",)),
    )
    assert templates.specs["tool"].retired == ("old.txt",)


def test_loading_does_not_import_copier() -> None:
    """The fast path costs none of Copier's start-up time."""
    code = "import sys, syncbot.render; sys.exit('copier' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

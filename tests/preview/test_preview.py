"""`syncbot preview`: a change to templates or config, grouped by shape, from git alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.model.files import File
from syncbot.model.templates import Question
from syncbot.plan.fleet.impact import Rendered, answer_values, compare
from syncbot.report.preview import preview_markdown
from tests.preview.conftest import PROJECT, Platform


def repos(count: int, **answers: object) -> list[dict[str, Any]]:
    """Repos that differ in name, team and port."""
    return [
        {"name": f"svc-{n}", "team": f"@acme/team-{n % 7}", "answers": {"port": 3000 + n, **answers}}
        for n in range(count)
    ]


def test_three_shapes_over_a_thousand_repos_are_named_with_their_counts(platform: Platform) -> None:
    """Acceptance: a change that touches three shapes over 1,000 repos names exactly those, with the right repos."""
    fleet = repos(1000)
    for number, repo in enumerate(fleet):
        repo["answers"] |= {"version": ("20", "22")[number % 2], "kind": ("web", "worker")[number % 4 == 0]}
        repo["answers"]["database"] = number % 10 == 0
    platform.fleet(fleet)
    platform.commit()
    folder = "templates/tool/files"
    protocol = "EXPOSE {{ port }}{{ '/tcp' if kind == 'web' else '' }}"
    platform.edit(f"{folder}/Dockerfile.jinja", "EXPOSE {{ port }}", protocol)
    platform.edit(f"{folder}/Dockerfile.jinja", "-bookworm", "{{ '-trixie' if kind == 'worker' else '-bookworm' }}")
    compose = f"{folder}/{{% if database %}}compose.yaml{{% endif %}}.jinja"
    platform.edit(compose, "services:\n", "services:\n  # {{ service_name }} on {{ port }}\n")

    document = platform.json()

    web = [n for n in range(1000) if n % 4]
    worker = [n for n in range(1000) if n % 4 == 0]
    database = [n for n in range(1000) if n % 10 == 0]
    assert [(shape["path"], shape["repos"]) for shape in document["shapes"]] == [
        ("Dockerfile", [f"acme/svc-{n}" for n in web]),
        ("Dockerfile", [f"acme/svc-{n}" for n in worker]),
        ("compose.yaml", [f"acme/svc-{n}" for n in database]),
    ]
    assert document["summary"] == {"repos": 1000, "changed": 1000, "shapes": 3}
    assert "-EXPOSE 3001\n+EXPOSE 3001/tcp" in document["shapes"][0]["example"]


def test_three_shapes_of_the_projects_own_templates(product: Platform) -> None:
    """The same on the shipped template: who has a database shows in which shape a repo's compose file is."""
    fleet = repos(60)
    for number, repo in enumerate(fleet):
        repo["answers"]["postgres_version"] = "none" if number % 5 == 0 else ("15", "16")[number % 2]
    product.write("config/repos.yaml", "")
    product.fleet(fleet)
    product.edit("config/repos.yaml", "template: tool", "template: service")
    product.commit()
    ignore = product.root / "templates/service/files/.dockerignore"
    ignore = ignore if ignore.exists() else ignore.with_name(".dockerignore.jinja")
    ignore.write_text(ignore.read_text() + "*.tmp\n")
    product.edit("templates/service/files/docker-compose.yml.jinja", "pg_isready", "pg_isready-x")
    assert product.shapes() == [(".dockerignore", "changed", 60), ("docker-compose.yml", "changed", 48)]


def test_nothing_changed(platform: Platform) -> None:
    """Two equal renderings have no shapes, whatever else changed in the repo."""
    platform.fleet(repos(3))
    platform.commit()
    platform.write("README.md", "hello\n")
    platform.edit("templates/tool/files/CODEOWNERS.jinja", "* {{ team }}", "* {{ team }} # the team's own line")
    assert platform.shapes() == []
    assert platform.preview().output == "3 repos: nothing changes\n"


def test_an_answer_that_changed_is_the_change(platform: Platform) -> None:
    """18 to 22 and 20 to 22 are two shapes; the values that stayed are none."""
    fleet = repos(6)
    for number, repo in enumerate(fleet):
        repo["answers"]["version"] = ("18", "20")[number % 2]
    platform.fleet(fleet)
    platform.commit()
    platform.fleet(repos(6, version="22"))
    assert platform.shapes() == [("Dockerfile", "changed", 3), ("Dockerfile", "changed", 3)]


def test_defaults_count_as_a_repos_own_values(platform: Platform) -> None:
    """A repo that leaves the port to the default changes as those that name theirs."""
    platform.fleet([*repos(3), {"name": "quiet"}])
    platform.commit()
    platform.edit("templates/tool/files/Dockerfile.jinja", "EXPOSE {{ port }}", "EXPOSE {{ port }}/tcp")
    assert platform.shapes() == [("Dockerfile", "changed", 4)]


def test_a_name_that_is_a_word_of_the_template_splits_nothing(platform: Platform) -> None:
    """Services called `node` and `EXPOSE`, and a port that looks like the version, are in the same shape."""
    platform.fleet([*repos(4), {"name": "node"}, {"name": "EXPOSE"}, {"name": "bookworm", "answers": {"port": 22}}])
    platform.commit()
    platform.edit("templates/tool/files/Dockerfile.jinja", "-bookworm", "-trixie")
    platform.edit("templates/tool/files/Dockerfile.jinja", "EXPOSE {{ port }}", "EXPOSE {{ port }}/tcp")
    assert platform.shapes() == [("Dockerfile", "changed", 7)]


def test_files_that_come_and_go(platform: Platform) -> None:
    """A file that the answers no longer render is `removed`, a new one `added`, a repo's own values aside."""
    platform.fleet([*repos(2, database=True), *({**repo, "name": f"x{n}"} for n, repo in enumerate(repos(3)))])
    platform.commit()
    platform.fleet([*repos(2), *({**repo, "name": f"x{n}"} for n, repo in enumerate(repos(3, database=True)))])
    assert platform.shapes() == [("compose.yaml", "added", 3), ("compose.yaml", "removed", 2)]


def test_repos_added_removed_and_not_rendering_are_listed(platform: Platform) -> None:
    """A repo on one side only is named; one that does not render is an error at the head, and known at the base."""
    platform.edit("copier.yml", "port: {type: int, default: 8080}", "port: {type: int}")
    platform.fleet(
        [{"name": "old"}, {"name": "gone", "answers": {"port": 1}}, {"name": "kept", "answers": {"port": 2}}]
    )
    platform.commit()
    platform.fleet([{"name": "old"}, {"name": "kept"}, {"name": "new", "answers": {"port": 3}}])
    document = platform.json()
    assert document["added"] == ["acme/new"]
    assert document["removed"] == ["acme/gone"]
    assert [(failed["repo"], failed["side"]) for failed in document["failed"]] == [
        ("acme/old", "base"),
        ("acme/old", "head"),
        ("acme/kept", "head"),
    ]
    result = platform.preview()
    assert result.exit_code == 1
    assert "acme/kept does not render any more: port: required, and has no default" in result.output
    assert result.output.endswith("3 repos: nothing changes; 1 added; 1 removed; 2 do not render\n")


def test_a_base_that_cannot_be_used_is_said(platform: Platform) -> None:
    """An unknown revision, one without templates, one whose config is wrong: each in a line of its own."""
    platform.write("README.md", "hello\n")
    for path in (platform.root / "templates", platform.root / "copier.yml"):
        path.rename(path.with_name(f".{path.name}"))
    platform.commit()
    for path in (platform.root / ".templates", platform.root / ".copier.yml"):
        path.rename(path.with_name(path.name.removeprefix(".")))
    platform.fleet(repos(1))
    assert "there are no templates at that commit" in str(platform.preview().exception)
    assert "no such commit" in str(platform.preview("--base", "--all").exception)
    platform.write("config/repos.yaml", "repos: 3\n")
    platform.commit()
    platform.fleet(repos(1))
    assert "at HEAD: config/repos.yaml" in str(platform.preview().exception)


def test_one_repo_can_be_asked_for(platform: Platform) -> None:
    """REPO limits what is shown."""
    platform.fleet(repos(3))
    platform.commit()
    platform.edit("templates/tool/files/Dockerfile.jinja", "-bookworm", "-trixie")
    assert platform.json("svc-1")["shapes"][0]["repos"] == ["acme/svc-1"]


def test_markdown_holds_hostile_content_in_its_fence() -> None:
    """Backticks and tags in a diff, a path or a reason close nothing and ping nobody."""
    hostile = "```\n</details>\n@acme/everyone\n"
    side = {"acme/a": Rendered(files={"D</summary>": File(content=b"x\n")}, values={})}
    other = {
        "acme/a": Rendered(files={"D</summary>": File(content=hostile.encode())}, values={}),
        "acme/b": Rendered(files={}, values={}, failure="`@acme/all`\n<b>"),
    }
    text = preview_markdown(compare("main`@x", side, other))
    assert "````diff" in text
    assert "D&lt;/summary&gt;" in text
    outside = text.split("````diff")[0] + text.rsplit("````", 1)[1]
    assert "<b>" not in outside.replace("`` `@acme/all` <b> ``", "")


def test_choices_of_words_are_structure() -> None:
    """Numbers, names and paths are a repo's own; a choice of words, a flag, `none` and nothing at all are not."""
    questions = {
        "runtime": Question(name="runtime", type="str", choices=("node", "python")),
        "major": Question(name="major", type="str", choices=("15", "16", "none")),
        "port": Question(name="port", type="int"),
        "settings": Question(name="settings", type="yaml"),
        "flag": Question(name="flag", type="bool"),
    }
    answers = {"runtime": "node", "major": "15", "port": 80, "settings": {"a": "64MB", "b": ["x", None]}, "flag": True}
    assert answer_values({**answers, "template": "service"}, questions) == {
        "major": "15",
        "port": "80",
        "settings.a": "64MB",
        "settings.b.0": "x",
    }


texts = st.text(alphabet="ab1. \n-`$…@", max_size=30)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(texts, texts, st.text(alphabet="ab1.", max_size=4)), min_size=1, max_size=6))
def test_every_difference_is_in_exactly_one_shape(sides: list[tuple[str, str, str]]) -> None:
    """Whatever the files and the answers hold: each changed repo is counted once, and no unchanged one is."""
    before, after = {}, {}
    for number, (old, new, value) in enumerate(sides):
        values = {"name": value} if value else {}
        before[str(number)] = Rendered(files={"f": File(content=old.encode())}, values=values)
        after[str(number)] = Rendered(files={"f": File(content=new.encode())}, values=values)
    found = compare("base", before, after)
    counted = sorted(repo for shape in found.shapes for repo in shape.repos)
    assert counted == [str(number) for number, (old, new, _) in enumerate(sides) if old != new]


def test_every_field_of_the_json_is_documented(platform: Platform) -> None:
    """docs/preview.md names each key."""
    platform.edit("copier.yml", "port: {type: int, default: 8080}", "port: {type: int}")
    platform.fleet([*repos(2), {"name": "bad"}])
    platform.commit()
    platform.edit("templates/tool/files/Dockerfile.jinja", "-bookworm", "-trixie")
    document = platform.json()
    page = (PROJECT / "docs" / "preview.md").read_text()
    nested = {f"{key}[].{name}" for key in ("shapes", "failed") for name in document[key][0]}
    for key in nested | {f"summary.{name}" for name in document["summary"]} | {"version", "base", "added", "removed"}:
        assert f"`{key}`" in page

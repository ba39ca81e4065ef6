"""Edits of repos.yaml: the one thing is added, every other byte stays, and what cannot be done safely is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.config import parse_fleet
from syncbot.config.edit import add_exemptions, add_repo
from syncbot.errors import ConfigError
from syncbot.model.fleet import Exemption
from syncbot.render import load_templates

from .specs import HEAD, SPECS

ROOT = Path(__file__).parents[2]
DAY = date(2027, 1, 31)
EXEMPTION = Exemption(path="Dockerfile", until=DAY, owner="@acme/core", reason="the add-on (@ada, acme/a#12)")
PIECE = '{path: Dockerfile, until: 2027-01-31, owner: "@acme/core", reason: "the add-on (@ada, acme/a#12)"}'


def exempted(entries: str, repo: str = "acme/a", head: str = HEAD, exemption: Exemption = EXEMPTION) -> str:
    """What stands below the head once `repo` has the exemption."""
    edited = add_exemptions(head + entries, ((repo, exemption),), file="repos.yaml", specs=SPECS)
    assert edited.startswith(head)
    return edited.removeprefix(head)


def lines(indent: int, step: int = 2) -> str:
    """The exemption as indented lines, its dash at column `indent`."""
    fields = ("path: Dockerfile", "until: 2027-01-31", 'owner: "@acme/core"', 'reason: "the add-on (@ada, acme/a#12)"')
    first, *rest = (f"{' ' * (indent + step)}{field}\n" for field in fields)
    return f"{' ' * indent}-{first[indent + 1 :]}{''.join(rest)}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  - name: a\n", f"  - name: a\n    exemptions:\n{lines(6)}"),
        ("- name: a\n", f"- name: a\n  exemptions:\n{lines(2)}"),
        ("  -   name: a\n", f"  -   name: a\n      exemptions:\n{lines(8, 4)}"),
        ("  -\n    name: a\n", f"  -\n    name: a\n    exemptions:\n{lines(6)}"),
        (
            "  - name: a # why\n    # a remark\n\n  - name: b\n",
            f"  - name: a # why\n    exemptions:\n{lines(6)}    # a remark\n\n  - name: b\n",
        ),
        ("  - {name: a}\n", f"  - {{name: a, exemptions: [{PIECE}]}}\n"),
        ("  - {name: a, # why\n    }\n", f"  - {{name: a, exemptions: [{PIECE}], # why\n    }}\n"),
        ("  - name: a\n    exemptions: [ ] # none\n", f"  - name: a\n    exemptions: [{PIECE} ] # none\n"),
        (
            "  - name: a\n    exemptions: [{path: Makefile.old, until: 2027-01-01, owner: '@a', reason: x},]\n",
            "  - name: a\n    exemptions: [{path: Makefile.old, until: 2027-01-01, owner: '@a', reason: x}, "
            f"{PIECE},]\n",
        ),
        (
            "  - name: a\n    exemptions:\n    - {until: 2027-01-01, owner: '@a', reason: x}\n    team: '@b'\n",
            "  - name: a\n    exemptions:\n    - {until: 2027-01-01, owner: '@a', reason: x}\n"
            f"    - {PIECE}\n    team: '@b'\n",
        ),
        (
            "  - name: a\n    exemptions: &own\n    -  until: 2027-01-01\n       owner: '@a'\n       reason: |\n"
            "         x\n\n",
            "  - name: a\n    exemptions: &own\n    -  until: 2027-01-01\n       owner: '@a'\n       reason: |\n"
            f"         x\n\n{lines(4, 3)}",
        ),
        ("  - name: a", f"  - name: a\n    exemptions:\n{lines(6)}"[:-1]),
        (
            "  - name: a\n    answers: {runtime: &r node}\n  - name: b\n    answers: {runtime: *r}\n",
            f"  - name: a\n    answers: {{runtime: &r node}}\n    exemptions:\n{lines(6)}"
            "  - name: b\n    answers: {runtime: *r}\n",
        ),
    ],
)
def test_an_exemption_is_written_as_its_neighbours_are(before: str, after: str) -> None:
    """Each style gets its own: indentation, flow, comments that trail, a last line without its end, anchors."""
    assert exempted(before) == after


def test_json_stays_json() -> None:
    """A file in JSON's style gets an entry that JSON can hold."""
    head = (
        '{"organization": "acme", "identities": ["bot"], "owners": "@a", "defaults": {"template": "service"}, "repos": '
    )
    made = exempted('[{"name": "a", "team": "@b"}]}', head=head)
    assert '"exemptions": [{"path": "Dockerfile", "until": "2027-01-31", "owner": "@acme/core"' in made


def test_several_at_once() -> None:
    """Each repo's own come in the order given, and a repo's existing ones stay first."""
    other = replace(EXEMPTION, path=".github/CODEOWNERS")
    text = HEAD + "  - name: a\n  - name: b\n    exemptions: []\n"
    added = (("acme/b", EXEMPTION), ("acme/a", EXEMPTION), ("acme/b", other))
    fleet = parse_fleet(add_exemptions(text, added, file="repos.yaml", specs=SPECS), "repos.yaml", SPECS)
    assert [repo.exemptions for repo in fleet.repos] == [(EXEMPTION,), (EXEMPTION, other)]


def test_an_exempt_answer() -> None:
    """`answer` and `keep` are written in place of a path, the version in quotes."""
    kept = replace(EXEMPTION, path=None, answer="node_version", keep="18")
    text = add_exemptions(HEAD + "  - {name: a}\n", (("acme/a", kept),), file="repos.yaml", specs=SPECS)
    assert '[{answer: node_version, keep: "18", until: 2027-01-31,' in text
    assert parse_fleet(text, "repos.yaml", SPECS).repos[0].exemptions == (kept,)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (
            "  - name: a\n    exemptions: &x []\n  - name: b\n    exemptions: *x\n",
            "repos.yaml:8:1: cannot be edited here: this entry would change in another way; do it by hand",
        ),
        (
            "  - name: b\n    exemptions: &x []\n  - name: a\n    exemptions: *x\n",
            "repos.yaml:9:1: cannot be edited here: the exemptions are an alias; do it by hand",
        ),
        ("  - name: b\n", "repos.yaml: acme/a is not in the fleet"),
        (
            "  - name: a\n    answers:\n      entry: |\n        x",
            "repos.yaml:6:1: cannot be edited here: this entry would change in another way; do it by hand",
        ),
    ],
)
def test_what_is_not_safe_is_refused_with_its_line(entries: str, said: str) -> None:
    """Shared values, and a text that would grow a line end, are left to a person."""
    with pytest.raises(ConfigError) as caught:
        exempted(entries)
    assert str(caught.value) == said


def test_an_exemption_that_is_not_valid_is_refused() -> None:
    """A path that the template does not own is the mistake that reading the file again finds."""
    with pytest.raises(
        ConfigError, match=r"repos\.yaml:6:1: cannot be edited here: .*the template does not own README"
    ):
        exempted("  - name: a\n", exemption=replace(EXEMPTION, path="README"))


NEW = {"name": "new", "team": "@acme/new", "answers": {"node_version": "22", "postgres_parameters": {"a b": [1, True]}}}
NEW_FLOW = '{name: new, team: "@acme/new", answers: {node_version: "22", postgres_parameters: {a b: [1, true]}}}'
NEW_LINES = """\
  - name: new
    team: "@acme/new"
    answers:
      node_version: "22"
      postgres_parameters: {a b: [1, true]}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  - name: a\n", f"  - name: a\n{NEW_LINES}"),
        ("  - name: a\n\n  - name: b # last\n\n# end\n", f"  - name: a\n\n  - name: b # last\n\n{NEW_LINES}\n# end\n"),
        ("  - {name: a}\n", f"  - {{name: a}}\n  - {NEW_FLOW}\n"),
        ("  [{name: a}]\n", f"  [{{name: a}}, {NEW_FLOW}]\n"),
        ("  []\n", f"  [{NEW_FLOW}]\n"),
    ],
)
def test_a_repo_is_added_at_the_end(before: str, after: str) -> None:
    """In the style of the last one, with the blank line between entries that the file keeps."""
    assert add_repo(HEAD + before, NEW, file="repos.yaml", specs=SPECS) == HEAD + after


def test_a_repo_that_is_not_valid_is_refused() -> None:
    """What reading the file again finds is said, and nothing is answered."""
    with pytest.raises(ConfigError, match=r"repos\.yaml:6:1: cannot be edited here: .*listed twice"):
        add_repo(HEAD + "  - name: NEW\n", NEW, file="repos.yaml", specs=SPECS)


def test_the_demo_fleet() -> None:
    """The published config takes both edits, one hunk each."""
    text = (ROOT / "config" / "repos.yaml").read_text(encoding="utf-8")
    specs = load_templates(ROOT).specs
    edited = add_exemptions(text, (("acme/fraud-scoring", EXEMPTION),), file="repos.yaml", specs=specs)
    last = "        idle_in_transaction_session_timeout: null # a model is scored within one transaction\n"
    assert edited == text.replace(last, f"{last}    exemptions:\n{lines(6)}")
    added = add_repo(text, {"name": "new", "team": "@acme/new"}, file="repos.yaml", specs=specs)
    assert added == f'{text}\n  - name: new\n    team: "@acme/new"\n'


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(lambda text: bool(text.strip()))
COMMENTS = st.sampled_from(["", "", " # why", "  # é: [{", "\t#\u00a0'"])
NAMES = ("a", "b", "c")


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A repos.yaml as some person might keep it: many styles of entries, comments and blank lines anywhere."""
    dash = draw(st.sampled_from([0, 1, 2, 4]))
    step = draw(st.sampled_from([2, 3, 4]))
    written = [draw(entries(name, dash, step)) for name in NAMES[: draw(st.integers(1, 3))]]
    remarks = [draw(st.sampled_from(["", "", "\n", "# Payments\n", "\n    # [deep\n"])) for _ in written]
    text = HEAD + "".join(f"{remark}{entry}" for remark, entry in zip(remarks, written, strict=True))
    text += draw(st.sampled_from(["", "\n\n# end\n", "limits: {open_pull_requests: 5}\n"]))
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "\ufeff"])) + text


@st.composite
def entries(draw: st.DrawFn, name: str, dash: int, step: int) -> str:
    """One repo."""
    comment = draw(COMMENTS)
    if draw(st.integers(0, 3)) == 0:
        flows = ["", ", team: '@x'", ", answers: {port: 1}", ", exemptions: []", ",", ",\n         team: '@x'\n    "]
        return f"{' ' * dash}- {{name: {name}{draw(st.sampled_from(flows))}}}{comment}\n"
    inner = " " * (dash + step)
    rows = [
        f"{inner}team: '@x'{comment}\n",
        f"{inner}answers:{comment}\n{inner}  port: 1\n{inner}  entry: >\n{inner}    folded\n{inner}    text\n\n",
        f"{inner}ownership: &o{name} {{Dockerfile: file}}\n",
        draw(st.sampled_from(exemptions(inner))),
    ]
    chosen = draw(st.permutations(rows))[: draw(st.integers(0, len(rows)))]
    return f"{' ' * dash}-{' ' * (step - 1)}name: {name}{comment}\n{''.join(chosen)}"


def exemptions(inner: str) -> list[str]:
    fields = "until: 2027-01-01, owner: '@a', reason: x"
    return [
        f"{inner}exemptions: []\n",
        f"{inner}exemptions: [ # none\n{inner}  ]\n",
        f"{inner}exemptions: [{{{fields}}}]\n",
        f"{inner}exemptions:\n{inner}- {{{fields}}} # why\n\n",
        f"{inner}exemptions:\n{inner}  # first\n{inner}  - until: 2027-01-01\n{inner}    owner: '@a'\n"
        f"{inner}    reason: two\n{inner}      lines\n",
        f"{inner}exemptions: &e\n{inner}-   until: 2027-01-01\n{inner}    owner: '@a'\n{inner}    reason: |+\n"
        f"{inner}      kept\n\n",
    ]


def only_added(before: str, after: str) -> bool:
    """Whether `after` is `before` with one piece put in somewhere."""
    start = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    rest = len(before) - start
    return len(after) > len(before) and (rest == 0 or after.endswith(before[start:]))


fixed = settings(derandomize=True, deadline=None, max_examples=300)


@fixed
@given(documents(), st.data(), TEXTS)
def test_any_style_keeps_every_other_byte(text: str, data: st.DataObject, reason: str) -> None:
    """An exemption with any reason, for any repo, in any style: one piece is put in, and the fleet is the one meant."""
    before = parse_fleet(text.removeprefix("\ufeff"), "repos.yaml", SPECS)
    repo = data.draw(st.sampled_from(before.repos))
    added = replace(EXEMPTION, reason=reason.strip())
    after = add_exemptions(text, ((repo.name, added),), file="repos.yaml", specs=SPECS)
    assert only_added(text, after)
    fleet = parse_fleet(after.removeprefix("\ufeff"), "repos.yaml", SPECS)
    own = {one.name: one.exemptions for one in before.repos} | {repo.name: (*repo.exemptions, added)}
    assert fleet == replace(before, repos=tuple(replace(one, exemptions=own[one.name]) for one in before.repos))


@fixed
@given(documents(), st.dictionaries(st.sampled_from(["node_version", "entry"]), TEXTS, max_size=2))
def test_any_style_takes_another_repo(text: str, answers: dict[str, str]) -> None:
    """A repo with any answers is put in at the end, and all the others are as they were."""
    before = parse_fleet(text.removeprefix("\ufeff"), "repos.yaml", SPECS)
    entry = {"name": "new", "team": "@x", "answers": answers}
    after = add_repo(text, entry, file="repos.yaml", specs=SPECS)
    assert only_added(text, after)
    fleet = parse_fleet(after.removeprefix("\ufeff"), "repos.yaml", SPECS)
    assert fleet.repos[:-1] == before.repos
    assert {key: fleet.repos[-1].answers[key] for key in answers} == answers

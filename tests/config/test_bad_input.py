"""What a person sees for each mistake in repos.yaml: place, key and what was expected."""

import os
from pathlib import Path

import pytest

from syncbot.config import load_fleet
from syncbot.errors import ConfigError

from .specs import HEAD, SPECS, errors, errors_in_repos

ASKED = (
    "(templates/service/questions.yml asks entry, node_version, port, postgres_parameters, public, replicas, "
    "runtime, share)"
)
OWNED = "(templates/service/ownership.yaml lists Dockerfile, .github/CODEOWNERS)"
OWNER = 'expected a team, a login or an e-mail address, such as "@acme/payments"'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "1:1: the file is empty"),
        ("# nothing yet\n", "1:1: the file is empty"),
        ("- name: a\n", "1:1: expected keys such as organization and repos, but found a list"),
        ("hello", '1:1: expected keys such as organization and repos, but "hello" is a string'),
        ("a:\n\t- b\n", "2:1: not valid YAML: a tab cannot indent; use spaces"),
        ("a: @b\n", "1:4: not valid YAML: a value cannot start with @; quote it"),
        ("a: b: c\n", "1:5: not valid YAML: a second ':' on one line; quote the value if the ':' belongs to it"),
        ("a: {b: node:18}\n", "1:12: not valid YAML: inside {} and [] a value with ':' must be quoted"),
        (
            "a: [1\n",
            "2:1: not valid YAML: while parsing a flow sequence (begun on line 1): did not find expected ',' or ']'",
        ),
        (
            "a: 'b\n",
            "2:1: not valid YAML: while scanning a quoted scalar (begun on line 1): found unexpected end of stream",
        ),
        ("a: \x07\n", "1:4: the character U+0007 is not allowed in YAML"),
        ("a: \ud800\n", "1:4: the character U+D800 is not allowed in YAML"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins here; expected one document a file"),
        ("%YAML 1.1\n---\na: on\n", "1:1: this file is read by the rules of YAML 1.2; remove the %YAML line"),
        ("a: *b\n", "1:4: *b refers to an anchor that is not defined above"),
        ("a: &b [*b]\n", "1:8: *b stands inside what it refers to"),
        ("? [a]\n: b\n", "1:3: a list or a mapping cannot be a key; expected a string"),
        ("a: &b c\n*b : d\n", "2:1: an alias cannot be a key; expected a string"),
        ("[" * 100_000, "1:51: nested more than 50 deep"),
        ("- " * 100_000, "1:101: nested more than 50 deep"),
    ],
)
def test_unreadable_text_is_one_line(text: str, line: str) -> None:
    """What is not YAML, or no mapping, is said in one line with its place, however deep it is nested."""
    assert errors(text) == [f"repos.yaml:{line}"]


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        # names and required keys
        ("  - {}", "6:5: repos[0].name: required, but missing"),
        ("  - name: 12", '6:11: repos[0].name: expected a string, but 12 is read as a number; quote it: "12"'),
        (
            "  - name: acme/b",
            "6:11: repos[0] (acme/b).name: expected a repository's bare name (letters, digits, '.', '-', '_'; at most"
            ' 100), but found "acme/b"; all repos of this file belong to its organization',
        ),
        ("  - name: ..", "6:11: repos[0] (..).name: GitHub has no repository of the name .."),
        ("  - name: a.git", "6:11: repos[0] (a.git).name: GitHub has no repository of the name a.git"),
        (
            "  - name: a\n  - name: b\n  - name: A",
            "8:11: repos[2] (A).name: A is listed twice, on lines 6 and 8; case makes no difference",
        ),
        (
            "  - &one {name: a}\n  - *one",
            "6:17: repos[1] (a).name: a is listed twice, on lines 6 and 6; case makes no difference",
        ),
        ("  - name: a\n    team: payments", f'7:11: repos[0] (a).team: {OWNER}, but found "payments"'),
        ("  - name: a\n    team:", "7:10: repos[0] (a).team: expected a string, but nothing is written here"),
        ("  - name: a\n    name: b", "7:5: repos[0] (a).name: the key is written twice; the first is on line 6"),
        (
            "  - name: a\n    answer: {}",
            "7:5: repos[0] (a).answer: unknown key; did you mean answers?; expected one of name, team, template, "
            "answers, ownership, exemptions, commits, adopt",
        ),
        (
            "  - name: a\n    adopt: {ask: 2027-01-12}",
            "7:13: repos[0] (a).adopt.ask: unknown key; did you mean asked?; expected one of asked",
        ),
        (
            "  - name: a\n    adopt: {asked: 2027-02-30}",
            '7:20: repos[0] (a).adopt.asked: expected a date such as 2027-01-31, but "2027-02-30" is not a day',
        ),
        (
            "  - name: a\n    template: servce",
            '7:15: repos[0] (a).template: there is no template "servce"; did you mean service?; '
            "there are: bare, service",
        ),
        ("  - null", "6:5: repos[0]: expected a mapping, but null is read as no value"),
        # answers
        (
            '  - {name: a, answers: {nod_version: "1"}}',
            "6:25: repos[0] (a).answers.nod_version: the template does not ask for it; did you mean node_version? "
            f"{ASKED}",
        ),
        (
            "  - {name: a, answers: {postgres: true}}",
            "6:25: repos[0] (a).answers.postgres: the template computes it; it takes no answer",
        ),
        (
            "  - {name: a, answers: {team: x}}",
            "6:25: repos[0] (a).answers.team: not an answer: it is taken from the key team of the repo or of defaults",
        ),
        (
            "  - {name: a, answers: {service_name: x}}",
            "6:25: repos[0] (a).answers.service_name: not an answer: it is taken from the repo's name",
        ),
        (
            "  - {name: a, answers: {port: 1, port: 2}}",
            "6:34: repos[0] (a).answers.port: the key is written twice; the first is on line 6",
        ),
        (
            "  - {name: a, answers: {<<: {port: 1}}}",
            '6:25: repos[0] (a).answers["<<"]: merge keys are not supported; write the keys out, or put'
            " them under defaults",
        ),
        ("  - name: a\n    answers:", "7:13: repos[0] (a).answers: expected a mapping, but nothing is written here"),
        (
            "  - {name: a, answers: {runtime: pyton}}",
            '6:34: repos[0] (a).answers.runtime: expected one of node, python, but found "pyton"; did you mean python?',
        ),
        (
            "  - {name: a, answers: {replicas: 2}}",
            "6:35: repos[0] (a).answers.replicas: expected one of 1, 3, but found 2",
        ),
        # ownership
        (
            "  - {name: a, ownership: {Dockerfil: file}}",
            f"6:27: repos[0] (a).ownership.Dockerfil: the template does not own Dockerfil; "
            f"did you mean Dockerfile? {OWNED}",
        ),
        (
            "  - {name: a, ownership: {Dockerfile: keys}}",
            "6:39: repos[0] (a).ownership.Dockerfile: expected file or block; ownership of single keys is "
            "not supported yet",
        ),
        (
            "  - {name: a, ownership: {.github/CODEOWNERS: all}}",
            '6:47: repos[0] (a).ownership[".github/CODEOWNERS"]: expected file or block, but found "all"',
        ),
    ],
)
def test_a_mistake_in_a_repo(entries: str, line: str) -> None:
    """One mistake gives one line, with the repo's name in the key and what was expected."""
    assert errors_in_repos(entries) == [f"repos.yaml:{line}"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("node_version: 18.10", 'expected a string, but 18.10 is read as the number 18.1; quote it: "18.10"'),
        ("node_version: 18", 'expected a string, but 18 is read as a number; quote it: "18"'),
        ("node_version: 0o10", 'expected a string, but 0o10 is read as the number 8; quote it: "0o10"'),
        ("node_version: 1e3", 'expected a string, but 1e3 is read as the number 1000.0; quote it: "1e3"'),
        ("node_version: .inf", 'expected a string, but .inf is read as the number inf; quote it: ".inf"'),
        ("node_version: true", 'expected a string, but true is read as a truth value; quote it: "true"'),
        ("node_version: 2027-01-31", 'expected a string, but 2027-01-31 is read as a date; quote it: "2027-01-31"'),
        ("node_version: ~", "expected a string, but ~ is read as no value; leave the key out to take the default"),
        ("node_version:", "expected a string, but nothing is written here; leave the key out to take the default"),
        ("node_version: [18]", "expected a string, but found a list"),
        ("entry: {a: b}", "expected a string, but found a mapping"),
        ("port: true", "expected a whole number, but true is read as a truth value"),
        ("port: yes", 'expected a whole number, but "yes" is a string'),
        ("port: 80.0", "expected a whole number, but 80.0 is read as a number"),
        ('port: "8080"', 'expected a whole number, but "8080" is a string; remove the quotes'),
        ('share: "0.5"', 'expected a number, but "0.5" is a string; remove the quotes'),
        ("share: .nan", "expected a number, but .nan is read as the number nan"),
        ("public: on", 'expected true or false, but "on" is a string'),
        ('public: "true"', 'expected true or false, but "true" is a string; remove the quotes'),
        ("public: 1", "expected true or false, but 1 is read as a number"),
        (
            "postgres_parameters:",
            "expected a value, but nothing is written here; leave the key out to take the default",
        ),
    ],
)
def test_an_answer_of_the_wrong_type(answer: str, message: str) -> None:
    """A wrong type says what was read, as what, and how to write it instead."""
    name, _, value = answer.partition(":")
    column = 9 + len(name) + (2 if value else 1)
    expected = f"repos.yaml:8:{column - 2}: repos[0] (a).answers.{name}: {message}"
    assert errors_in_repos(f"  - name: a\n    answers:\n      {answer}\n") == [expected]


@pytest.mark.parametrize(
    "value", ["on", "yes", "12:30", "1_000", "18.10.0", "2027-13-01", "0b11", "'18.10'", "!!str 18"]
)
def test_strings_by_the_rules_of_yaml_1_2(value: str) -> None:
    """What YAML 1.1 reads as truth values, times and octal numbers are strings here."""
    assert errors_in_repos(f"  - name: a\n    answers:\n      node_version: {value}\n") == []


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (
            "{a: 2020-01-01}",
            '8:32: repos[0] (a).answers.postgres_parameters.a: 2020-01-01 is read as a date; quote it: "2020-01-01"',
        ),
        (
            "{a: [.inf]}",
            "8:33: repos[0] (a).answers.postgres_parameters.a[0]: expected a finite number, but found .inf",
        ),
        (
            "{8: a}",
            "8:29: repos[0] (a).answers.postgres_parameters.8: expected a string as key, but found a number; "
            'quote it: "8"',
        ),
        ("!foo 1", "8:28: repos[0] (a).answers.postgres_parameters: the tag !foo is not supported; remove it"),
    ],
)
def test_free_answers_hold_what_json_holds(value: str, error: str) -> None:
    """An answer of type yaml takes any value but those that have no JSON form."""
    text = f"  - name: a\n    answers:\n      postgres_parameters: {value}\n"
    assert errors_in_repos(text) == [f"repos.yaml:{error}"]
    assert errors_in_repos("  - name: a\n    answers:\n      postgres_parameters: {a: null, b: [1, {c: 0.5}]}\n") == []


FINE = {"until": "2027-01-31", "owner": '"@acme/core"', "reason": "waits"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": "Dockerfile", "answer": "port", "keep": "1"}, "answer: expected path or answer, not both"),
        ({"answer": "port"}, "keep: required with answer, but missing: the value that stays"),
        ({"keep": "1"}, "keep: expected only beside answer"),
        ({"answer": "port", "keep": '"80"'}, 'keep: expected a whole number, but "80" is a string; remove the quotes'),
        ({"answer": "prt", "keep": "80"}, f"answer: the template does not ask for it; did you mean port? {ASKED}"),
        (
            {"answer": "team", "keep": "80"},
            "answer: not an answer: it is taken from the key team of the repo or of defaults",
        ),
        (
            {"path": "Dockerfle"},
            "path: the template does not own Dockerfle; did you mean Dockerfile? "
            "(templates/service/ownership.yaml lists Dockerfile, .github/CODEOWNERS, Makefile.old)",
        ),
        ({"until": "2027-02-30"}, 'until: expected a date such as 2027-01-31, but "2027-02-30" is not a day'),
        ({"until": "soon"}, 'until: expected a date such as 2027-01-31, but "soon" is not a day'),
        ({"until": "2027"}, "until: expected a date such as 2027-01-31, but 2027 is read as a number"),
        ({"owner": "me"}, f'owner: {OWNER}, but found "me"'),
        ({"reason": '" "'}, 'reason: expected a sentence, but found " "'),
        ({"reason": "5"}, 'reason: expected a string, but 5 is read as a number; quote it: "5"'),
    ],
)
def test_a_mistake_in_an_exemption(change: dict[str, str], message: str) -> None:
    """An exemption names one path or one answer with its value, a real day, an owner and a reason."""
    body = "".join(f"        {key}: {value}\n" for key, value in {**FINE, **change}.items())
    lines = errors_in_repos("  - name: a\n    exemptions:\n      -\n" + body)
    assert [line.split(": ", 1)[1] for line in lines] == [f"repos[0] (a).exemptions[0].{message}"]


def test_an_exemption_may_name_a_file_a_retired_file_an_answer_or_nothing() -> None:
    """The right forms are accepted, a path where a repo may keep the file instead included; a quoted day is a day."""
    rest = 'until: "2027-01-31", owner: a@b.example, reason: waits'
    forms = ("path: Dockerfile, ", "path: CODEOWNERS, ", "path: Makefile.old, ", "answer: port, keep: 80, ", "")
    entries = "".join(f"      - {{{form}{rest}}}\n" for form in forms)
    assert errors_in_repos("  - name: a\n    exemptions:\n" + entries) == []


def test_everything_wrong_is_said_at_once_in_the_order_of_the_file() -> None:
    """Shape, limits, duplicates and answers are reported together, sorted by line and column."""
    text = """\
organization: acme inc
identities: []
owners: platform
repo: []
defaults: {answers: {portt: 1}, template: service, team: "@acme/core"}
limits: {open_pull_requests: -1, pull_requests_per_hour: 1.5, max_fleet_share: 0, seconds_between_writes: "1"}
repos:
  - name: a
    answers: {port: x}
    template: nope
  - name: b
    answers: {port: x}
organization: b
"""
    assert errors(text) == [
        "repos.yaml:1:15: organization: expected the login of one organization or user, such as acme, but "
        'found "acme inc"',
        "repos.yaml:2:13: identities: expected at least one entry, but it is empty",
        f'repos.yaml:3:9: owners: {OWNER}, but found "platform"',
        "repos.yaml:4:1: repo: unknown key; did you mean repos?; expected one of organization, identities, owners, "
        "defaults, commits, limits, repos",
        f"repos.yaml:5:22: defaults.answers.portt: the template does not ask for it; did you mean port? {ASKED}",
        "repos.yaml:6:30: limits.open_pull_requests: expected at least 0, but found -1",
        "repos.yaml:6:58: limits.pull_requests_per_hour: expected a whole number, but 1.5 is read as a number",
        "repos.yaml:6:80: limits.max_fleet_share: expected more than 0, but found 0",
        'repos.yaml:6:107: limits.seconds_between_writes: expected a number, but "1" is a string; remove the quotes',
        'repos.yaml:10:15: repos[0] (a).template: there is no template "nope"; there are: bare, service',
        'repos.yaml:12:21: repos[1] (b).answers.port: expected a whole number, but "x" is a string',
        "repos.yaml:13:1: organization: the key is written twice; the first is on line 1",
    ]


@pytest.mark.parametrize("key", ["max_fleet_share", "seconds_between_writes"])
@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1e999", "9" * 400])
def test_limits_are_finite(key: str, value: str) -> None:
    """No limit is switched off by a value that compares with nothing or exceeds everything."""
    (line,) = errors(f"{HEAD}  - name: a\nlimits: {{{key}: {value}}}\n")
    assert line.startswith(f"repos.yaml:7:{len(key) + 12}: limits.{key}: expected ")


def test_what_is_missing_at_the_top_and_in_a_repo_without_defaults() -> None:
    """Required keys are named, and those that defaults could give say so."""
    assert errors("{}") == [
        f"repos.yaml:1:1: {key}: required, but missing" for key in ("identities", "organization", "owners", "repos")
    ]
    no_defaults = HEAD.replace('defaults: {template: service, team: "@acme/core"}\n', "") + "  - name: a\n"
    assert errors(no_defaults) == [
        f"repos.yaml:5:5: repos[0] (a).{key}: required, but missing; set it here or under defaults"
        for key in ("team", "template")
    ]


def test_aliases_are_fine_and_bombs_are_not() -> None:
    """A shared value may be written once; a file that unfolds to millions of values is refused quickly."""
    shared = "  - {name: a, answers: &one {port: 1}}\n  - {name: b, answers: *one}\n"
    assert errors_in_repos(shared) == []
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 12):
        bomb += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    (line,) = errors(bomb)
    assert line.endswith("aliases repeat more than 1,000,000 values; write them out or use defaults")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe, a link wherever it leads, and bytes that are not UTF-8 are one line each.

    The name shown is the one asked for.
    """
    (tmp_path / "latin1.yaml").write_bytes(b"organization: acme\nowners: caf\xe9\n")
    os.mkfifo(tmp_path / "pipe.yaml")
    for name, target in (("environ.yaml", "/proc/self/environ"), ("link.yaml", "latin1.yaml"), ("gone.yaml", "gone")):
        (tmp_path / name).symlink_to(target)
    link = "shown.yaml: cannot be read: it is a symlink, and none is followed"
    expected = {
        "none.yaml": "shown.yaml: cannot be read: no such file or directory",
        ".": "shown.yaml: cannot be read: is a directory",
        "latin1.yaml": "shown.yaml:2:12: not UTF-8: the byte 0xe9",
        "pipe.yaml": "shown.yaml: cannot be read: it is no regular file",
        **dict.fromkeys(("environ.yaml", "link.yaml", "gone.yaml"), link),
    }
    for name, line in expected.items():
        with pytest.raises(ConfigError) as caught:
            load_fleet(tmp_path / name, SPECS, shown_as="shown.yaml")
        assert str(caught.value) == line


def test_the_path_is_shown_where_no_other_name_is_given(tmp_path: Path) -> None:
    """Messages name the file as it was asked for; a byte-order mark and CRLF do no harm."""
    path = tmp_path / "repos.yaml"
    path.write_bytes(b"\xef\xbb\xbforganization: acme inc\r\n" + HEAD.split("\n", 1)[1].encode() + b"  []\r\n")
    with pytest.raises(ConfigError) as caught:
        load_fleet(path, SPECS)
    (problem,) = caught.value.problems
    assert (problem.path, problem.line, problem.column) == (str(path), 1, 15)

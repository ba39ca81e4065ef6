"""`commits:` of repos.yaml: what a repo gets by it, and the line that each refused value leads to."""

from __future__ import annotations

import json
import subprocess

import pytest
from jsonschema import Draft202012Validator

from syncbot.config import parse_fleet
from syncbot.config.schema import schema_text
from syncbot.model.fleet import CommitRules

from .specs import HEAD, SPECS, errors

PREFIX = 'expected one line of at most 28 characters that ends with a space, such as "chore: "'
BRANCHES = "expected a prefix that ends with '/', such as platform/ (letters, digits, '.', '_' and '-' between slashes)"
NAME = "expected a trailer's name: letters, digits and '-', at most 50"
VALUE = "expected one line of at most 200 characters, without spaces around it"
AT_TOP = HEAD.replace("repos:\n", "commits: {}\nrepos:\n  - name: a\n")
IN_REPO = HEAD + "  - name: a\n    commits: {}\n"


def rules(fleet: str, own: str) -> CommitRules:
    text = HEAD.replace("repos:\n", f"commits: {fleet}\nrepos:\n") + f"  - {{name: a, commits: {own}}}\n"
    return parse_fleet(text, "f", SPECS).repos[0].commits


@pytest.mark.parametrize(
    ("fleet", "own", "expected"),
    [
        ("{}", "{}", CommitRules()),
        ("{sign_off: true}", "{}", CommitRules(sign_off=True)),
        ("{sign_off: true}", "{sign_off: false}", CommitRules()),
        ("{}", "{sign_off: true}", CommitRules(sign_off=True)),
        ('{title_prefix: "chore: "}', "{sign_off: true}", CommitRules(sign_off=True, title_prefix="chore: ")),
        ('{title_prefix: "chore: "}', '{title_prefix: "[A-1] "}', CommitRules(title_prefix="[A-1] ")),
        ('{title_prefix: "chore: "}', '{title_prefix: ""}', CommitRules()),
        ("{branch_prefix: a/}", "{}", CommitRules(branch_prefix="a/")),
        ("{branch_prefix: a/}", "{branch_prefix: b/c.d_e-f/}", CommitRules(branch_prefix="b/c.d_e-f/")),
        ("{trailers: {A: x, B: y}}", "{}", CommitRules(trailers={"A": "x", "B": "y"})),
        ("{trailers: {A: x, B: y}}", "{trailers: {B: z, C: w}}", CommitRules(trailers={"A": "x", "B": "z", "C": "w"})),
        ("{trailers: {A: x, B: y}}", "{trailers: {A: null}}", CommitRules(trailers={"B": "y"})),
    ],
)
def test_a_repos_own_go_over_the_fleets(fleet: str, own: str, expected: CommitRules) -> None:
    """Each key of the repo's wins, trailers go together by name, and null takes one out."""
    assert rules(fleet, own) == expected


@pytest.mark.parametrize(
    ("written", "column", "line"),
    [
        ("sign_off: yes", 10, 'sign_off: expected true or false, but "yes" is a string'),
        ("sign_off: ~", 10, "sign_off: expected true or false, but ~ is read as no value"),
        ("sign_of: true", 0, "sign_of: unknown key; did you mean sign_off?; expected one of sign_off, title_prefix, "),
        ("title_prefix: [PLAT-1]", 14, "title_prefix: expected a string, but found a list"),
        ("title_prefix: 12", 14, 'title_prefix: expected a string, but 12 is read as a number; quote it: "12"'),
        ('title_prefix: "chore:"', 14, f'title_prefix: {PREFIX}, but found "chore:"'),
        ('title_prefix: " x "', 14, f'title_prefix: {PREFIX}, but found " x "'),
        ('title_prefix: "a\\nb "', 14, f'title_prefix: {PREFIX}, but found "a\\nb "'),
        ('title_prefix: "{28} "', 14, f'title_prefix: {PREFIX}, but found "{"x" * 28} "'),
        ('title_prefix: "a\\u202e "', 14, 'title_prefix: expected text that can be printed, but found "a\\u202e "'),
        (
            'title_prefix: "Syncbot-Kept: removed "',
            14,
            'title_prefix: "Syncbot-Kept: removed " would be read as one of the bot\'s own trailers',
        ),
        ('branch_prefix: ""', 15, f'branch_prefix: {BRANCHES}, but found ""'),
        ("branch_prefix: platform", 15, f'branch_prefix: {BRANCHES}, but found "platform"'),
        ("branch_prefix: /a/", 15, f'branch_prefix: {BRANCHES}, but found "/a/"'),
        ("branch_prefix: a//b/", 15, f'branch_prefix: {BRANCHES}, but found "a//b/"'),
        ("branch_prefix: -a/", 15, f'branch_prefix: {BRANCHES}, but found "-a/"'),
        ('branch_prefix: "a b/"', 15, f'branch_prefix: {BRANCHES}, but found "a b/"'),
        ("branch_prefix: [a/]", 15, "branch_prefix: expected a string, but found a list"),
        ("branch_prefix: a..b/", 15, 'branch_prefix: git has no branch whose name begins with "a..b/"'),
        ("branch_prefix: a.lock/", 15, 'branch_prefix: git has no branch whose name begins with "a.lock/"'),
        ("branch_prefix: refs/heads/", 15, "branch_prefix: GitHub has no branch whose name begins with refs/"),
        ("branch_prefix: {50}/", 15, f'branch_prefix: expected at most 50 characters, but found "{"x" * 50}/"'),
        ("trailers: [a]", 10, "trailers: expected a mapping, but found a list"),
        ("trailers: ~", 10, "trailers: expected a mapping, but ~ is read as no value"),
        (
            "trailers: {Ticket: 12}",
            19,
            'trailers.Ticket: expected a string, but 12 is read as a number; quote it: "12"',
        ),
        ("trailers: {Ticket: [a]}", 19, "trailers.Ticket: expected a string, but found a list"),
        ('trailers: {Ticket: ""}', 19, f'trailers.Ticket: {VALUE}, but found ""'),
        ('trailers: {Ticket: "a\\nb"}', 19, f'trailers.Ticket: {VALUE}, but found "a\\nb"'),
        ('trailers: {Ticket: "a\\u2028b"}', 19, f'trailers.Ticket: {VALUE}, but found "a\\u2028b"'),
        ('trailers: {Ticket: " a"}', 19, f'trailers.Ticket: {VALUE}, but found " a"'),
        ("trailers: {Ticket no: a}", 11, f'trailers["Ticket no"]: {NAME}, but found "Ticket no"'),
        ("trailers: {-T: a}", 11, f'trailers.-T: {NAME}, but found "-T"'),
        ("trailers: {Tïcket: a}", 11, f'trailers["T\\u00efcket"]: {NAME}, but found "T\\u00efcket"'),
        ("trailers: {a: x, A: y}", 11, "trailers.a: git does not tell a from A: write it as there"),
        (
            "trailers: {Signed-Off-By: a}",
            11,
            "trailers.Signed-Off-By: a sign-off has to name the commit's author: set sign_off: true instead",
        ),
        (
            "trailers: {syncbot-digest: a}",
            11,
            "trailers.syncbot-digest: trailers that begin with Syncbot- are the bot's own record",
        ),
        (
            "trailers: {Ticket: null}",
            11,
            'trailers.Ticket: there is nothing to take out: commits at the top has no "Ticket"',
        ),
    ],
)
@pytest.mark.parametrize("text", [AT_TOP, IN_REPO], ids=["fleet", "repo"])
def test_a_refused_value_is_one_line_at_its_place(text: str, written: str, column: int, line: str) -> None:
    """The same for the fleet's and for a repo's own: file, line, column, key and what was expected."""
    written, line = written.replace("{28}", "x" * 28).replace("{50}", "x" * 50), line.replace("\\u00ef", "ï")
    lines = errors(text.replace("{}", f"{{{written}}}") if "{}" in text else text)
    before = "commits: {" if text is AT_TOP else "    commits: {"
    row, key = (5, "commits") if text is AT_TOP else (7, "repos[0] (a).commits")
    place = f"repos.yaml:{row}:{len(before) + 1 + column}: {key}."
    assert lines[0].startswith(place + line), lines
    assert len(lines) == (2 if "{a: x" in written else 1)


def test_a_repos_trailer_that_differs_in_case_from_the_fleets() -> None:
    """Both would stand in each commit, as two values of what git reads as one name."""
    text = HEAD.replace("repos:\n", "commits: {trailers: {Ticket: a}}\nrepos:\n")
    assert errors(f"{text}  - {{name: a, commits: {{trailers: {{ticket: b}}}}}}\n") == [
        "repos.yaml:7:36: repos[0] (a).commits.trailers.ticket: git does not tell ticket from Ticket: write it as there"
    ]


@pytest.mark.parametrize(
    ("commits", "is_valid"),
    [
        ({"sign_off": True, "title_prefix": "chore: ", "trailers": {"Ticket": "PLAT-1", "Team": None}}, True),
        ({"title_prefix": ""}, True),
        ({"title_prefix": "chore:"}, False),
        ({"trailers": {"Ticket no": "a"}}, False),
        ({"trailers": {"Ticket": ""}}, False),
        ({"trailers": {"Ticket": 1}}, False),
        ({"sign_off": None}, False),
        ({"branch": "x"}, False),
        ({"branch_prefix": "platform/"}, True),
        ({"branch_prefix": "platform"}, False),
        ({"branch_prefix": "x" * 50 + "/"}, False),
    ],
)
def test_an_editor_knows_the_key(commits: object, is_valid: bool) -> None:
    """The published schema takes what syncbot takes, for the fleet and for a repo."""
    validator = Draft202012Validator(json.loads(schema_text()))
    base = {"organization": "acme", "identities": ["b[bot]"], "owners": "@acme/p"}
    assert validator.is_valid({**base, "commits": commits, "repos": []}) == is_valid
    assert validator.is_valid({**base, "repos": [{"name": "a", "commits": commits}]}) == is_valid


# Of git-check-ref-format's rules each that a prefix can break, as (prefix, whether git has such branches).
RULES = [
    ("a/", True),
    ("A_1/b.c-d/", True),
    ("_a/", True),
    (".a/", False),
    ("a/.b/", False),
    ("a.lock/", False),
    ("a/b.lock/", False),
    ("a..b/", False),
    ("a b/", False),
    ("a~/", False),
    ("a^/", False),
    ("a:/", False),
    ("a?/", False),
    ("a*/", False),
    ("a[/", False),
    ("a\\\\/", False),
    ("a@{b/", False),
    ("/a/", False),
    ("a//", False),
    ("-a/", False),
    ("a\\x7f/", False),
]


@pytest.mark.parametrize(("prefix", "expected"), RULES)
def test_a_prefix_is_one_that_git_takes(prefix: str, expected: bool) -> None:
    """By git itself: what is refused there is refused here, and these names that it takes are taken."""
    prefix = prefix.encode().decode("unicode_escape")
    asked = subprocess.run(["git", "check-ref-format", "--branch", f"{prefix}sync-1"], capture_output=True, check=False)
    assert (asked.returncode == 0) == expected
    lines = errors(AT_TOP.replace("{}", json.dumps({"branch_prefix": prefix})))
    assert (lines == []) == expected


def test_a_fleet_has_few_prefixes() -> None:
    """Every one is read in each repo: five in all, syncbot/ among them, wherever they stand."""
    head = HEAD.replace("repos:\n", "commits: {branch_prefix: a/, earlier_branch_prefixes: [b/, c/, a/]}\nrepos:\n")
    repos = [f"  - {{name: r{n}, commits: {{branch_prefix: {p}/}}}}\n" for n, p in enumerate("abd")]
    assert errors(head + "".join(repos)) == []
    assert parse_fleet(head + "".join(repos), "f", SPECS).bot.prefixes == ("syncbot/", "a/", "b/", "d/", "c/")
    assert errors(head + "".join(repos) + "  - {name: e, commits: {branch_prefix: e/}}\n") == [
        "repos.yaml:10:40: repos[3] (e).commits.branch_prefix: expected at most 5 prefixes in all, syncbot/ among "
        "them: the branches under each are read in every repo"
    ]
    many = HEAD.replace("repos:\n", "commits: {earlier_branch_prefixes: [a/, b/, c/, d/, e/]}\nrepos:\n")
    assert errors(f"{many}  - name: a\n") == [
        "repos.yaml:5:53: commits.earlier_branch_prefixes[4]: expected at most 5 prefixes in all, syncbot/ among "
        "them: the branches under each are read in every repo"
    ]


def test_an_earlier_prefix_is_for_the_fleet_and_is_checked_too() -> None:
    """It stands at the top only, and is held to the same rules at its own place."""
    text = AT_TOP.replace("{}", "{earlier_branch_prefixes: [a/, b]}")
    assert errors(text) == [f'repos.yaml:5:41: commits.earlier_branch_prefixes[1]: {BRANCHES}, but found "b"']
    assert errors(AT_TOP.replace("{}", "{earlier_branch_prefixes: [a..b/]}")) == [
        'repos.yaml:5:37: commits.earlier_branch_prefixes[0]: git has no branch whose name begins with "a..b/"'
    ]
    (line,) = errors(IN_REPO.replace("{}", "{earlier_branch_prefixes: [a/]}"))
    assert line.startswith("repos.yaml:7:15: repos[0] (a).commits.earlier_branch_prefixes: unknown key; ")

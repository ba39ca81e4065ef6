"""The owners that a rendered CODEOWNERS names: who is looked up, and what is said of those that are not there."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.check.fleet import check_fleet
from syncbot.check.owners import check_existence, check_organization, owners_to_look_up
from syncbot.check.types import Rendering
from syncbot.errors import FailureCode
from syncbot.formats.diagnostics import Diagnostic, Place, Severity
from syncbot.model.observation import Failure
from tests.check.renderings import rendering, with_file

PATH = ".github/CODEOWNERS"
GONE = Failure(code=FailureCode.NOT_FOUND, reason="@acme/gone is not there, or the token may not see it")
CLOSED = Failure(code=FailureCode.NOT_PERMITTED, reason="the token may not see the teams of acme: no")


def owned_by(lines: str, repo: str = "acme/payments-api") -> Rendering:
    """A rendering whose team has written these lines above the block."""
    base = rendering(repo)
    return with_file(base, PATH, lines + base.files[PATH].content.decode(), repo)


def test_whom_to_look_up() -> None:
    """Users and teams of the whole fleet, each once; not addresses, and not who stands on a line that GitHub skips."""
    first = owned_by("/a @pat a@acme.example\n/b @acme/gone @pat\n/c @nobody oops\n# @comment\n")
    second = owned_by("/a @acme/other\n")
    assert owners_to_look_up([first, second, first]) == (
        "@acme/gone",
        "@acme/other",
        "@acme/payments",
        "@acme/platform",
        "@pat",
    )


def test_the_first_line_that_names_it() -> None:
    """One finding an owner, however many lines it stands on; who was found is not spoken of."""
    found = check_existence(owned_by("# ours\n/a @pat\n/b @acme/gone\n/c @acme/gone\n"), {"@acme/gone": GONE})
    assert list(found) == [Diagnostic(path=PATH, place=Place(3, 0), code="owners-unknown", message=GONE.reason)]


def test_the_same_in_many_repos_is_one() -> None:
    """With the repos that it was found in."""
    renderings = [owned_by("/a @acme/gone\n", f"acme/r{n}") for n in range(3)]
    unseen = {"@acme/gone": GONE}
    found = [entry for entry in check_fleet(renderings, unseen=unseen) if entry.finding.code == "owners-unknown"]
    assert [entry.repos for entry in found] == [("acme/r0", "acme/r1", "acme/r2")]


def test_what_nobody_could_say_is_not_missing() -> None:
    """One `not-checked` for all teams that the token may not see, without a line."""
    unseen = {"@acme/gone": CLOSED, "@acme/platform": CLOSED}
    found = check_fleet([owned_by("/a @acme/gone\n"), owned_by("/b @acme/gone\n", "acme/two")], unseen=unseen)
    assert [(entry.finding, len(entry.repos)) for entry in found] == [
        (Diagnostic(path=PATH, code="not-checked", message=f"not checked: {CLOSED.reason}"), 2)
    ]


def test_an_address_is_a_note() -> None:
    """It stands for whoever has it on GitHub, which nobody is told."""
    (found,) = check_existence(owned_by("/a pat@acme.example\n"), {})
    assert (found.code, found.severity, found.line) == ("owners-address", Severity.NOTE, 1)


def test_without_a_look_nothing_is_said() -> None:
    """Not even of addresses."""
    assert list(check_existence(owned_by("/a pat@acme.example @acme/gone\n"), None)) == []


def test_a_team_of_another_organization() -> None:
    """GitHub takes teams of the repo's own alone, in whatever case it is written; people may come from anywhere."""
    lines = "/a @ACME/web @stranger x@other.example\n/b @other/team\n/c @other/team\n"
    (found,) = check_organization(owned_by(lines))
    assert (found.path, found.line, found.code, found.severity) == (PATH, 2, "owners-elsewhere", Severity.ERROR)
    assert found.message == "@other/team owns nothing here: a team of other has no say in a repo of acme"
    assert "owners-elsewhere" in {entry.finding.code for entry in check_fleet([owned_by(lines)])}


def test_without_codeowners_there_is_nobody() -> None:
    """A repo that has none names none."""
    base = with_file(rendering(), PATH, None)
    assert owners_to_look_up([base]) == ()
    assert [*check_existence(base, {}), *check_organization(base)] == []


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.binary(max_size=60))
def test_any_bytes_are_read(content: bytes) -> None:
    """Whatever stands in the file: whom there is to look up has the form of an owner."""
    file = type(rendering().files[PATH])(content=b"/x @acme/a\n" + content)
    base = Rendering(repo="acme/x", files={PATH: file}, owned=(), owners="@acme/a")
    assert all(owner.startswith("@") and owner.count("/") <= 1 for owner in owners_to_look_up([base]))
    list(check_existence(base, dict.fromkeys(owners_to_look_up([base]), GONE)))

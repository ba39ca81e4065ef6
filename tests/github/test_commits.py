"""Commits that GitHub has to make itself: what it cannot make leaves nothing behind."""

from __future__ import annotations

import pytest

from syncbot.errors import RepoError
from syncbot.github.commits import NewCommit, place_new, place_on
from syncbot.model.files import EXECUTABLE
from syncbot.plan.actions import FileWrite
from tests.github.standin import Says, StandIn

REPO, BRANCH = "acme/orders", "syncbot/sync-1"
SCRIPT = NewCommit(
    tree="t" * 40,
    parents=("p" * 40,),
    writes=(FileWrite(path="run.sh", content=b"true\n", mode=EXECUTABLE),),
    message="Change it",
    signed=True,
)
REFUSED = Says(
    status=422, body={"message": "Repository rule violations found\n\nCommits must have verified signatures."}
)
TAKEN = Says(status=422, body={"message": "Reference already exists"})


@pytest.mark.parametrize("script", [(), (REFUSED,)], ids=["known beforehand", "refused"])
def test_no_branch_is_made_for_what_cannot_be_signed(standin: StandIn, script: tuple[Says, ...]) -> None:
    """An executable: said before the branch is there, which would be a new one each night."""
    standin.script[:] = script
    with standin.connected(spacing=0) as connection, pytest.raises(RepoError) as refused:
        place_new(connection, REPO, BRANCH, SCRIPT, "c" * 40 if script else None)
    assert refused.value.code == "unsigned"
    assert [asked.body["sha"] for asked in standin.asked] == ["c" * 40] * len(script)


@pytest.mark.parametrize("place", [place_new, place_on])
def test_other_refusals_are_no_question_of_signatures(standin: StandIn, place) -> None:
    """They are the repo's failure, after one request."""
    standin.script[:] = [TAKEN]
    with standin.connected(spacing=0) as connection, pytest.raises(RepoError) as refused:
        place(connection, REPO, BRANCH, SCRIPT, "c" * 40)
    assert (refused.value.code, len(standin.asked)) == ("http-422", 1)

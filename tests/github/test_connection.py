"""What the connection does when GitHub limits, fails or vanishes: on a simulated clock, so that nothing waits."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest

from syncbot.errors import ForgeError, Refusal, RepoError
from syncbot.github import client
from syncbot.github.bounded import MOST_BYTES, MOST_REQUESTS
from syncbot.github.client import MOST_REFUSALS
from syncbot.github.connection import Connection, Json, OutOfTime, TooHeavyError, UncertainError
from tests.github.standin import FOREVER, HEAD, START, TOKEN, Drip, Drop, Says, StandIn, stand_in

OK = Says(body={"data": {"a": 1}})
MADE = Says(status=201, body={"sha": "1" * 40})
SECONDARY = Says(status=403, body={"message": "You have exceeded a secondary rate limit. Please wait."})
TOO_MANY = Says(status=429)


def used_up(seconds: int, **more: object) -> Says:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START) + seconds)}
    return Says(headers=headers, **more)  # type: ignore[arg-type]


def ask(connection: Connection) -> object:
    return connection.query("query { a }", {})


def commit(connection: Connection) -> object:
    return connection.write("POST", "/repos/acme/a/git/commits", {}, lambda made: bool(made["sha"] == "1" * 40))


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("refusal", "waited"),
    [
        (Says(status=403, headers={"Retry-After": "30"}, body={"message": "secondary rate limit"}), 30),
        (Says(status=429, headers={"Retry-After": "7"}), 7),
        (Says(status=429), 60),
        (used_up(100, status=403, body={"message": "API rate limit exceeded"}), 101),
        (SECONDARY, 60),
        (Says(body={"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}), 60),
        (used_up(500, body={"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}), 501),
        (Says(body={"data": None, "errors": [{"message": "You have exceeded a secondary rate limit"}]}), 60),
        (
            Says(
                headers={"X-RateLimit-Remaining": "2", "X-RateLimit-Reset": str(int(START) + 70)},
                body={"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]},
            ),
            71,
        ),
    ],
)
def test_a_refusal_by_a_limit_is_waited_out(standin: StandIn, refusal: Says, waited: int) -> None:
    """Each form of it: sent again at the time it names, not a second sooner, and the wait is shown."""
    standin.script = [refusal, OK]
    with standin.connected() as connection:
        assert ask(connection) == ({"a": 1}, [])
    assert [asked.at for asked in standin.asked] == [0, waited]
    assert standin.waits == [(waited, "GitHub's limit")]


@pytest.mark.parametrize("refusal", [SECONDARY, TOO_MANY])
def test_a_write_that_a_limit_refused_is_sent_again(standin: StandIn, refusal: Says) -> None:
    """It was not carried out, so the same write goes out once more, after a minute, then two."""
    standin.script = [refusal, refusal, MADE]
    with standin.connected() as connection:
        assert commit(connection) == MADE.body
    assert [asked.at for asked in standin.asked] == [0, 60, 180]
    assert connection.writes == 3


@pytest.mark.parametrize(
    "refusal",
    [
        Says(status=429, headers={"Retry-After": "99999"}),
        used_up(99_999, status=403),
        used_up(99_999, body={"data": {}}),
    ],
)
def test_a_wait_beyond_every_limit_of_githubs(standin: StandIn, refusal: Says) -> None:
    """More than an hour is not waited for: an error with the day, at once. With a time limit it is over as planned."""
    standin.script = [refusal, OK]
    with standin.connected() as connection, pytest.raises(ForgeError, match="sent until 2027-01-16 11:46 UTC"):
        ask(connection)
        ask(connection)
    assert (standin.time, standin.waits, len(standin.asked)) == (START, [], 1)
    standin.script = [refusal, OK]
    with standin.connected(deadline=600) as connection, pytest.raises(OutOfTime):
        ask(connection)
        ask(connection)


def test_a_limit_that_never_lets_go(standin: StandIn) -> None:
    """In the end it is an error that names the limit."""
    standin.otherwise = SECONDARY
    with standin.connected() as connection, pytest.raises(ForgeError, match="keeps refusing by its rate limit"):
        commit(connection)
    assert len(standin.asked) == MOST_REFUSALS + 1


def test_nothing_left_is_waited_for(standin: StandIn) -> None:
    """After an answer with nothing remaining the next request of that kind waits; the other kind does not."""
    standin.script = [used_up(50, body={"data": {}})]
    with standin.connected() as connection:
        ask(connection)
        connection.read("/rate")
        ask(connection)
    assert [(asked.method, asked.at) for asked in standin.asked] == [("POST", 0), ("GET", 0), ("POST", 51)]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "Resource not accessible by integration"),
        (422, 'Required status check "rate limit tests" is expected.'),
        (422, "Validation Failed: was submitted too quickly"),
    ],
)
def test_a_refusal_that_is_no_limit(standin: StandIn, status: int, message: str) -> None:
    """For want of a permission, or by a rule whose name speaks of limits: the repo's failure, at once."""
    standin.script = [Says(status=status, body={"message": message})]
    with standin.connected() as connection, pytest.raises(RepoError, match=message) as caught:
        commit(connection)
    assert caught.value.code == f"http-{status}"
    assert standin.waits == []


def test_writes_are_a_second_apart_and_reads_are_not(standin: StandIn) -> None:
    """Serial, spaced, whatever comes between; and such a wait is not worth a line."""
    standin.otherwise = MADE
    with standin.connected() as connection:
        for _ in range(3):
            commit(connection)
            connection.read("/repos/acme/a")
    writes = [asked.at for asked in standin.asked if asked.method == "POST"]
    assert writes == [0, 1, 2]
    assert standin.waits == []


def test_eighty_a_minute(standin: StandIn) -> None:
    """With a shorter spacing the 81st commit waits for the first to leave the minute."""
    standin.otherwise = MADE
    with standin.connected(spacing=0.1) as connection:
        for _ in range(81):
            commit(connection)
    times = [asked.at for asked in standin.asked]
    assert times[80] == pytest.approx(60)
    assert all(later - earlier >= 0.0999 for earlier, later in pairwise(times))
    assert [why for _, why in standin.waits] == ["GitHub's limit"]


def test_reads_count_towards_the_minute(standin: StandIn) -> None:
    """900 REST reads are the points of a minute: the next one waits."""
    standin.otherwise = Says(body=[])
    with standin.connected() as connection:
        for _ in range(901):
            connection.read("/x")
    assert [asked.at for asked in standin.asked][899:] == [0, 60]


# ---------------------------------------------------------------- failures


def awake(standin: StandIn, connection: Connection) -> None:
    """One answer as GitHub gives it: from then on a failure is a failure, and no wrong address."""
    standin.script.insert(0, OK)
    ask(connection)
    standin.asked.clear()


@pytest.mark.parametrize(
    "fault",
    [Drop(), Says(body={"data": {"a": 1}}, cut=5), Says(body='{"data": {"a"'), Says(status=500, body={"message": "x"})],
)
def test_a_read_that_fails_is_tried_again(standin: StandIn, fault: Says | Drop) -> None:
    """A lost connection, half an answer and a 500, up to three times, each after a longer pause."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.script = [fault, fault, fault, OK]
        assert ask(connection) == ({"a": 1}, [])
    assert [asked.at for asked in standin.asked] == [0, 1, 5, 21]


@pytest.mark.parametrize("fault", [Drop(), Says(status=500, body={"message": "no"})])
def test_a_read_that_keeps_failing(standin: StandIn, fault: Says | Drop) -> None:
    """The fourth failure is an error in one line: GitHub's where it is gone, the repo's where only that path fails."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.script = [fault] * 4
        gone = isinstance(fault, Drop)
        says = r"http://127\.0\.0\.1" if gone else "/repos/acme/a keeps answering 500"
        with pytest.raises(ForgeError if gone else RepoError, match=says):
            connection.read("/repos/acme/a")
    assert len(standin.asked) == 4


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_query_too_heavy_is_not_repeated(standin: StandIn, status: int) -> None:
    """The caller asks for less at a time instead; a REST read is tried again."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.script = [Says(status=status, body="<h1>Bad gateway</h1>")]
        with pytest.raises(TooHeavyError):
            ask(connection)
        standin.script = [Says(status=status, body="<h1>Bad gateway</h1>"), Says(body=[1])]
        assert connection.read("/x") == [1]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Drop(), "lost"),
        (Says(status=201, body={"sha": "1" * 40}, cut=5), "lost"),
        (Says(status=201, body='{"sha": '), "lost"),
        (Says(status=500, body={"message": "no"}), "http-500"),
        (Says(status=502, body="<h1>Bad gateway</h1>"), "http-502"),
        (Says(status=503, body="", headers={"Retry-After": "1"}), "http-503"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
def test_a_write_that_may_have_been_done_is_never_repeated(
    standin: StandIn, fault: Says | Drop, code: str, method: str
) -> None:
    """One request, and an error that asks for a fresh read; other repos are not concerned."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.script = [fault, MADE]
        with pytest.raises(UncertainError, match="may have been done") as caught:
            connection.write(method, "/repos/acme/a/pulls", {}, lambda made: True)
    assert caught.value.code == code
    assert len(standin.asked) == 1


def test_a_write_that_was_never_sent_is_repeated(standin: StandIn) -> None:
    """A server that cannot be connected to has done nothing: a few attempts, then an error for the run."""
    standin.url = "http://127.0.0.1:1"
    with standin.connected() as connection:
        connection._client._reached = True
        with pytest.raises(ForgeError, match="cannot be reached"):
            commit(connection)
    assert standin.time - START == 21


def test_a_redirect_of_a_write_is_no_success(standin: StandIn) -> None:
    """After a rename GitHub answers a POST with 307 and does nothing."""
    standin.script = [Says(status=307, body={"message": "Moved Permanently"}, headers={"Location": "/x"})]
    with standin.connected() as connection, pytest.raises(RepoError, match="307"):
        commit(connection)


def test_a_wrong_address_is_said_at_once(standin: StandIn) -> None:
    """Before anything was answered as GitHub does, nothing is repeated."""
    standin.script = [Drop()]
    with standin.connected() as connection, pytest.raises(ForgeError, match="GITHUB_API_URL"):
        ask(connection)
    assert len(standin.asked) == 1
    assert standin.time == START


def test_a_token_refused_in_the_middle(standin: StandIn) -> None:
    """401 for a personal token ends the run; the token is named by its variable."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.script = [Says(status=401, body={"message": "Bad credentials"})]
        with pytest.raises(ForgeError, match="GITHUB_TOKEN: Bad credentials") as caught:
            commit(connection)
    assert TOKEN not in str(caught.value)
    assert not isinstance(caught.value, UncertainError)


FOREIGN: tuple[object, ...] = (
    "<html>hello</html>",
    "",
    [],
    None,
    "text",
    {},
    {"sha": None},
    {"sha": "2" * 40},
    [[]],
    7,
)


@pytest.mark.parametrize("body", FOREIGN)
@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_write_is_done_when_the_answer_proves_it(standin: StandIn, body: object, status: int) -> None:
    """Whatever else comes with a 2xx may be a proxy's: uncertain, and not sent again."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.script = [Says(status=status, body="" if status == 204 else body)]
        with pytest.raises(UncertainError, match="does not prove"):
            commit(connection)
    assert len(standin.asked) == 1


@pytest.mark.parametrize(
    "body", [*FOREIGN, {"data": None}, {"data": {}}, {"data": {"push": {"oid": "y"}}}, {"data": []}]
)
def test_a_mutation_is_done_when_its_payload_proves_it(standin: StandIn, body: object) -> None:
    """The same in GraphQL."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.script = [Says(body=body)]
        with pytest.raises(UncertainError, match="does not prove"):
            connection.mutate("mutation { push }", {}, is_pushed)
    assert len(standin.asked) == 1


@pytest.mark.parametrize("body", ["<html>hello</html>", "", None, "text", 7])
def test_a_read_that_is_not_answered_as_github_does(standin: StandIn, body: object) -> None:
    """That repo's failure in REST; in GraphQL less is asked for, until one repo is left that cannot be read."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.script = [Says(body=body), Says(body=body)]
        with pytest.raises(RepoError, match="not GitHub's") as caught:
            connection.read("/repos/acme/a")
        assert caught.value.code == "unreadable"
        with pytest.raises(TooHeavyError):
            ask(connection)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host(standin: StandIn, status: int) -> None:
    """Goes nowhere, and is said in our words: the repo's failure, or less is asked for."""
    with standin.connected() as connection, stand_in() as other:
        awake(standin, connection)
        away = Says(status=status, body="", headers={"Location": f"http://localhost:{other.url.rpartition(':')[2]}/x"})
        standin.script = [away] * 3
        for request in (commit, lambda connection: connection.read("/repos/acme/a")):
            with pytest.raises(
                RepoError, match=r"a redirect to http://localhost:\d+/x, which is not followed"
            ) as caught:
                request(connection)
            assert (caught.value.code, caught.value.refusal) == (f"http-{status}", Refusal.REDIRECTED)
        with pytest.raises(TooHeavyError, match="redirect"):
            ask(connection)
        assert other.asked == []


def test_a_redirect_without_end(standin: StandIn) -> None:
    """PyGithub follows a rename within the host; in a circle it would do so for ever."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.script = [
            Says(status=301, headers={"Location": f"{standin.url}/{place}"}) for place in ("a", "b") * MOST_REQUESTS
        ]
        with pytest.raises(RepoError, match="redirects again and again"):
            connection.read("/x")
    assert len(standin.asked) == MOST_REQUESTS


def test_answers_that_break_the_reader(standin: StandIn) -> None:
    """JSON nested without end, a number of 5,000 digits, limits that are no numbers: half answers, and no traceback."""
    limits = {"X-RateLimit-Remaining": "some", "X-RateLimit-Limit": "many"}
    for broken in (Says(body="[" * 100_000), Says(body='{"a": ' + "1" * 5000 + "}"), Says(headers=limits)):
        with standin.connected() as connection:
            awake(standin, connection)
            standin.script = [broken] * 5
            with pytest.raises(RepoError) as caught:
                connection.read("/x")
            assert caught.value.code == "unreadable"
            with pytest.raises(UncertainError):
                commit(connection)


# ---------------------------------------------------------------- answers without end


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers may take a third of a second."""
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.3)


@pytest.mark.parametrize("part", FOREVER)
def test_an_answer_that_drips_ends(standin: StandIn, impatient: None, part: str) -> None:
    """Whatever part of it never ends: one attempt, then the repo's failure, less to ask for, or an uncertain write."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.otherwise = FOREVER[part]
        with pytest.raises(RepoError, match="did not finish its answer within 0 s") as caught:
            connection.read("/repos/acme/a")
        assert caught.value.code == "unreadable"
        with pytest.raises(TooHeavyError):
            ask(connection)
        with pytest.raises(UncertainError):
            commit(connection)
        assert len(standin.asked) == 3
        standin.otherwise = MADE
        commit(connection)


def test_an_answer_that_drips_ends_with_the_time_limit(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the run's time is up, an answer has no more than the seconds of an idle one, and then the run is over."""
    monkeypatch.setattr(client, "IDLE_SECONDS", 0.3)
    with standin.connected(deadline=10) as connection:
        awake(standin, connection)
        standin.otherwise = FOREVER["a header"]
        standin.time += 10
        with pytest.raises(OutOfTime):
            connection.read("/repos/acme/a")


@pytest.mark.parametrize("start", [HEAD + b"Content-Length: 600000000\r\n\r\n", HEAD + b"Connection: close\r\n\r\n"])
def test_an_answer_of_600_megabytes_is_cut_off(standin: StandIn, start: bytes) -> None:
    """No more of it is held than an answer may have; the next request is answered."""
    with standin.connected() as connection:
        awake(standin, connection)
        standin.otherwise = Drip(start=start + b"{", piece=b" " * 2**20, pause=0, times=600)
        tracemalloc.start()
        try:
            with pytest.raises(RepoError, match="more than 32 MB"):
                connection.read("/repos/acme/a")
            with pytest.raises(UncertainError, match="more than 32 MB"):
                commit(connection)
            # The server's thread is in this process, and holds a piece.
            assert tracemalloc.get_traced_memory()[1] < 3 * MOST_BYTES
        finally:
            tracemalloc.stop()
        standin.otherwise = MADE
        commit(connection)


# ---------------------------------------------------------------- the time limit


def test_no_write_after_the_time_limit(standin: StandIn) -> None:
    """The write that would go out at the limit, or later, does not."""
    standin.otherwise = MADE
    with standin.connected(deadline=2.5) as connection:
        for _ in range(3):
            commit(connection)
        with pytest.raises(OutOfTime):
            commit(connection)
    assert [asked.at for asked in standin.asked] == [0, 1, 2]


def test_no_wait_beyond_the_time_limit(standin: StandIn) -> None:
    """A wait that would end after it is not begun, for a read either."""
    standin.script = [SECONDARY]
    with standin.connected(deadline=59) as connection, pytest.raises(OutOfTime):
        ask(connection)
    assert standin.time == START
    assert standin.waits == []


def test_a_pause(standin: StandIn) -> None:
    """Lets just that time pass, and is not begun where the limit comes first."""
    with standin.connected(deadline=3) as connection:
        connection.pause(2, "GitHub works it out")
        assert standin.time == START + 2
        with pytest.raises(OutOfTime):
            connection.pause(2, "GitHub works it out")
    assert standin.time == START + 2


# ---------------------------------------------------------------- GraphQL mutations, REST reads


def is_pushed(data: Json) -> bool:
    return bool(data["push"]["oid"] == "x")


def test_a_mutation(standin: StandIn) -> None:
    """Its data, paced as a write that creates content; an error with a type is the repo's, one without is unknown."""
    standin.script = [
        Says(body={"data": {"push": {"oid": "x"}}}),
        Says(body={"data": {"push": None}, "errors": [{"type": "STALE_DATA", "message": "moved", "path": ["push"]}]}),
        Says(body={"errors": [{"message": "Something went wrong while executing your query."}]}),
        Says(status=502, body=""),
    ]
    with standin.connected() as connection:
        assert connection.mutate("mutation { push }", {}, is_pushed) == {"push": {"oid": "x"}}
        with pytest.raises(RepoError, match="moved") as caught:
            connection.mutate("mutation { push }", {}, is_pushed)
        assert caught.value.code == "graphql-stale-data"
        for _ in range(2):
            with pytest.raises(UncertainError):
                connection.mutate("mutation { push }", {}, is_pushed)
    assert [asked.at for asked in standin.asked] == [0, 1, 2, 3]
    assert (connection.graphql, connection.rest, connection.writes) == (4, 0, 4)


def test_a_read(standin: StandIn) -> None:
    """What GET answers, a list as well; a refusal is the repo's, with its status; all is counted."""
    standin.script = [Says(body=[{"id": 1}]), Says(status=404, body={"message": "Not Found"})]
    with standin.connected() as connection:
        assert connection.read("/repos/acme/a/issues/1/comments?per_page=100") == [{"id": 1}]
        with pytest.raises(RepoError, match="Not Found") as caught:
            connection.read("/repos/acme/b")
    assert caught.value.code == "http-404"
    assert standin.asked[0].path == "/repos/acme/a/issues/1/comments?per_page=100"
    assert (connection.graphql, connection.rest, connection.writes) == (0, 2, 0)

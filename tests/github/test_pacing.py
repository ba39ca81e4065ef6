"""The write budget: as fast as GitHub's published limits allow, never faster."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.errors import Refusal
from syncbot.github.pacing import CONTENT_LIMITS, POINTS_LIMIT, Pacer, creates_content, limited_until

DATE, NOON = "Wed, 25 Nov 2026 12:00:00 GMT", 1_795_608_000
USED_UP = {"x-ratelimit-remaining": "0"}


def sent_times(kinds: list[bool], spacing: float = 1.0) -> list[tuple[float, bool]]:
    """When each write is sent if each goes out as soon as the pacer lets it."""
    pacer, now, times = Pacer(spacing), 1_000_000.0, []
    for content in kinds:
        now = pacer.write_at(now, creates_content=content)
        pacer.wrote(now, creates_content=content)
        times.append((now, content))
    return times


def most_within(times: list[float], seconds: float) -> int:
    return max((sum(start <= t < start + seconds for t in times) for start in times), default=0)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(st.booleans(), max_size=900))
def test_no_window_ever_holds_more_than_its_limit(kinds: list[bool]) -> None:
    """Over any mix of writes: 80 a minute and 500 an hour that create content, 900 points a minute, 1 s apart."""
    times = sent_times(kinds)
    content = [t for t, is_content in times if is_content]
    for limit in CONTENT_LIMITS:
        assert most_within(content, limit.seconds) <= limit.amount
    assert most_within([t for t, _ in times], POINTS_LIMIT.seconds) * 5 <= POINTS_LIMIT.amount
    assert all(later[0] - earlier[0] >= 1 for earlier, later in pairwise(times))


def test_nothing_waits_longer_than_it_must() -> None:
    """900 content writes take the hour that the limit asks for, and the seconds after it; no more."""
    times = [t for t, _ in sent_times([True] * 900)]
    assert times[-1] - times[0] == pytest.approx(3600 + 399, abs=1)


def test_a_sandbox_is_not_paced() -> None:
    """No spacing: nothing waits, however much is sent."""
    assert {t for t, _ in sent_times([True] * 600, spacing=0)} == {1_000_000.0}


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "/repos/a/b/git/commits", True),
        ("POST", "/repos/a/b/git/refs", True),
        ("POST", "/repos/a/b/pulls", True),
        ("POST", "/repos/a/b/issues/1/comments", True),
        ("POST", "/repos/a/b/pulls/1/reviews", True),
        ("POST", "/repos/a/b/merges", True),
        ("POST", "/repos/a/b/git/trees", False),
        ("POST", "/repos/a/b/issues/1/labels", False),
        ("PATCH", "/repos/a/b/git/refs/heads/x", False),
    ],
)
def test_what_counts_as_content(method: str, path: str, content: bool) -> None:
    """A POST that makes a commit, ref, pull request, comment or review counts."""
    assert creates_content(method, path) is content


@pytest.mark.parametrize(
    ("refusal", "headers", "until"),
    [
        (Refusal.SECONDARY_LIMIT, {"retry-after": "30"}, 1030),
        (Refusal.PRIMARY_LIMIT, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1500"}, 1501),
        (Refusal.PRIMARY_LIMIT, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900"}, 1001),
        (Refusal.PRIMARY_LIMIT, {"x-ratelimit-remaining": "2", "x-ratelimit-reset": "1500"}, 1501),
        (Refusal.SECONDARY_LIMIT, {"x-ratelimit-remaining": "2", "x-ratelimit-reset": "1500"}, 1120),
        (Refusal.SECONDARY_LIMIT, {}, 1120),
        (Refusal.SECONDARY_LIMIT, {"retry-after": "9" * 400}, 1120),
        (Refusal.SECONDARY_LIMIT, {"retry-after": "soon"}, 1120),
        (Refusal.SECONDARY_LIMIT, {"retry-after": "Thu, 01 Jan 1970 00:20:00 GMT"}, 1200),
        (Refusal.SECONDARY_LIMIT, {"retry-after": "Wed, 25 Nov 2026 12:00:30 GMT", "date": DATE}, 1030),
        (Refusal.SECONDARY_LIMIT, {"retry-after": "Wed, 25 Nov 2026 11:59:00 GMT", "date": DATE}, 1001),
        (Refusal.SECONDARY_LIMIT, {"retry-after": "30", "date": DATE}, 1030),
        (Refusal.SECONDARY_LIMIT, {"retry-after": "Wed, 99 Nov 2026 12:00:30 GMT", "date": DATE}, 1120),
        (Refusal.PRIMARY_LIMIT, {**USED_UP, "x-ratelimit-reset": str(NOON + 500), "date": DATE}, 1501),
        (Refusal.PRIMARY_LIMIT, {**USED_UP, "x-ratelimit-reset": str(NOON - 500), "date": DATE}, 1001),
        (Refusal.PRIMARY_LIMIT, {**USED_UP, "x-ratelimit-reset": "1500", "date": "noon"}, 1501),
        (Refusal.PRIMARY_LIMIT, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 400}, 1120),
    ],
)
def test_a_limit_names_its_end(refusal: Refusal, headers: dict[str, str], until: float) -> None:
    """Retry-After first, then the reset of a used-up hour, then a minute doubled each time; dates by the answer's."""
    assert limited_until(refusal, headers, now=1000, attempt=1) == until

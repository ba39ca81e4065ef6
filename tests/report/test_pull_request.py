"""The pull request's words: one body in full, and what each case adds to it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ruamel.yaml import YAML

from syncbot.formats.owner_changes import OwnerChanges, OwnersMoved
from syncbot.model.fleet import CommitRules, Source
from syncbot.model.pull_request import Checks, Comment
from syncbot.plan.actions import Action, ClosePullRequest, CommentOnce, NoOp, OpenPullRequest
from syncbot.plan.pulls.markers import has_marker, proposal_in, with_markers
from syncbot.plan.pulls.trailers import format_trailers, parse_trailers
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.states import FileState
from syncbot.plan.why import StaysOpen
from syncbot.report.comments import close_comment, kept_comment, tell_comment
from syncbot.report.pull_request import body, commit_message
from syncbot.report.why import why_words
from tests.plan.builders import TODAY
from tests.plan.reasons import example

from .samples import BEHIND, HAND_EDITED, MERGED, MOVED, OPEN_5, OWNERS, SOURCE, changeset, plan, status

BODY = """\
The platform team keeps these files in step across all services, and they differ here.

Only the files below change: `@acme/platform` owns them, and renders them from one template.

**What to do:** if the pipeline is green, merge it when it suits you: there is no deadline. If it is red, please fix \
it on this branch and merge. The last pipeline on `main` was already red before this pull request.

| File | Change | Why |
|---|---|---|
| `Dockerfile` | replaces your edits | the template changed, and so did this repo |
| `.github/CODEOWNERS` | restored | it was delivered before and is gone |
| `.github/syncbot.lock` | kept up to date | syncbot's record of what it delivered |

### Who owns what, before and after

| Before | After | Paths |
|---|---|---|
| not there yet | `@acme/platform` | `.github/CODEOWNERS` |
| `@acme/web @acme/ops` | nobody: by a line without owners | \
<code>a&#96;b&#124;c&#46;js</code>, `src/b.js` and 1,200 more |
| nobody: no line matches | `@acme/web` | `docs/a.md` |

**This would replace edits in 1 file.** Lines with `-` are on the default branch now and would go; put back on this \
branch what must stay.

<details><summary><code>Dockerfile</code></summary>

```diff
--- a/Dockerfile
+++ b/Dockerfile
@@ -1,6 +1,5 @@
-FROM node:18-bookworm-slim AS dependencies
-RUN apt-get install -y libvips
+FROM node:22-bookworm-slim AS dependencies
 RUN npm ci
\x20
-FROM node:18-bookworm-slim
+FROM node:22-bookworm-slim
 USER node
```

</details>

### If the pipeline is red

Fix it here, on this branch, with whatever change it takes:

```sh
git fetch origin && git switch syncbot/sync-1
```

Commit and push as usual. syncbot keeps your commits and never force-pushes; a fix in one of the files above is kept \
too, once it is merged here.

<details><summary>Not now?</summary>

Close this pull request: nothing comes back until the template's content for these files changes. Or, with write \
access, say in a comment, on a line of its own:

- `/syncbot decline until YYYY-MM-DD because …`: not before the day after that, and the reason is on record
- `/syncbot hold until YYYY-MM-DD`: syncbot neither updates nor closes this pull request up to and including that day; \
without a day, until it gets another command
- `/syncbot recreate`: a new pull request from scratch; what was committed on this branch is left behind on it

To keep a file as it is until a certain day, propose this for the entry `orders-api` in `config/repos.yaml` of \
`acme/platform-config`:

```yaml
exemptions:
  - path: "Dockerfile"
    until: YYYY-MM-DD
    owner: "@your-org/your-team"
    reason: what stands in the way
  - path: ".github/CODEOWNERS"
    until: YYYY-MM-DD
    owner: "@your-org/your-team"
    reason: what stands in the way
```

</details>

<details><summary>Where these files come from</summary>

From the platform's template and the answers for `orders-api` in `config/repos.yaml` of `acme/platform-config`, at \
acme/platform-config@0123456789abcdef0123456789abcdef01234567. A later pull request would undo a \
change made only in this repo. To change them for good, ask `@acme/platform`, or open a pull request there.

</details>
"""


def body_of(repo_plan: RepoPlan, source: Source = SOURCE) -> str:
    return body(
        repo_plan, repo_plan.changesets[0], source=source, owners="@acme/platform", config_path="config/repos.yaml"
    )


def test_body_in_full() -> None:
    """A hand-edited and a deleted file: the whole text, as a developer reads it."""
    repo_plan = plan("acme/orders-api", changeset(HAND_EDITED, OWNERS, owner_changes=MOVED))
    assert body_of(replace(repo_plan, base_checks=Checks.FAILURE)) == BODY


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (None, "Which paths change owner cannot be told"),
        (OwnerChanges(), "No path of this repo changes owner."),
        (replace(MOVED, further=7), "7 more paths of other owners change too."),
        (replace(MOVED, listed_in_full=False), "GitHub does not list all files of a repo as large as this one"),
        (replace(MOVED, left_out=2_000), "1,300 paths were, 2,000 were not."),
    ],
)
def test_what_is_not_said_of_owners_is_named(changes: OwnerChanges | None, sentence: str) -> None:
    """Whether nothing changes, it is not known, or there is too much of it: each in words of its own."""
    assert sentence in body_of(plan("acme/orders-api", changeset(OWNERS, owner_changes=changes)))


def test_owners_are_no_matter_of_other_files() -> None:
    """Without a CODEOWNERS in it, the text has no such section."""
    assert "Who owns what" not in body_of(plan("acme/orders-api", changeset(HAND_EDITED)))


def test_many_owners_leave_room_for_the_rest() -> None:
    """Names as long as they come, all of them escaped, are cut; the text stays within what GitHub takes."""
    moves = tuple(
        OwnersMoved(before=("|" * 4_000,), after=(f"@{number}",), count=9, paths=("|" * 4_000,) * 5)
        for number in range(50)
    )
    text = body_of(plan("acme/orders-api", changeset(OWNERS, owner_changes=OwnerChanges(moved=moves))))
    assert len(text) < 20_000
    assert "more lines" in text


@pytest.mark.parametrize(
    ("checks", "sentence"),
    [
        (Checks.SUCCESS, "The last pipeline on `main` was green before this pull request"),
        (Checks.ERROR, "The last pipeline on `main` was already red before this pull request."),
        (Checks.PENDING, "The last pipeline on `main` was still running"),
        (None, "The last pipeline on `main` has no result to compare with."),
        (Checks.UNKNOWN, "The last pipeline on `main` has no result to compare with."),
    ],
)
def test_was_it_red_before(checks: Checks | None, sentence: str) -> None:
    """A developer learns whether the default branch was red already."""
    assert sentence in body_of(replace(plan("acme/a", changeset(BEHIND)), base_checks=checks))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (changeset(BEHIND), "**Node 18 → 22**."),
        (changeset(OWNERS), "this puts them back"),
        (changeset(MERGED), "| `Dockerfile` | merged with your edits | the template changed, and so did this repo |"),
        (changeset(status(state=FileState.MISSING, before=None)), "| `Dockerfile` | created |"),
        (changeset(status(state=FileState.RETIRED, after=None)), "| `Dockerfile` | removed |"),
        (changeset(BEHIND), "| `Dockerfile` | updated | the template changed since it was last delivered here |"),
        (
            changeset(status(state=FileState.UNMANAGED, overwrites_edits=True), name="adopt"),
            "offers to own these files",
        ),
    ],
)
def test_what_and_why(change: Changeset, sentence: str) -> None:
    """Each kind of change is said in the words of somebody who reads them for the first time."""
    assert sentence in body_of(plan("acme/a", change))


def test_nothing_lost_nothing_shown() -> None:
    """Without hand edits to lose there is no diff in the body: GitHub shows it already."""
    assert "```diff" not in body_of(plan("acme/a", changeset(BEHIND)))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source(commit="a" * 40), f"at commit `{'a' * 40}`."),
        (Source(commit="a" * 40, differing=("copier.yml",)), f"at commit `{'a' * 40}` with uncommitted changes."),
        (Source(), "outside version control."),
        (Source(commit="a" * 40, repository="a b/@c"), f"of `a b/@c`, at commit `{'a' * 40}`."),
    ],
)
def test_where_it_comes_from(source: Source, words: str) -> None:
    """The config commit is named as exactly as it is known."""
    assert words in body_of(plan("acme/a", changeset(BEHIND)), source)


def test_exemption_is_yaml_for_any_path() -> None:
    """The snippet parses, and gives the path back, whatever is in it."""
    path = "odd: 'name' #1\t\"x\".yml"
    text = body_of(plan("acme/a", changeset(status(path))))
    snippet = text.split("```yaml\n", 1)[1].split("```", 1)[0]
    assert YAML(typ="safe").load(snippet)["exemptions"][0]["path"] == path


def test_body_fits_github() -> None:
    """Even with huge edits to lose, the body is below GitHub's 65,536 characters and says what is left out."""
    big = b"".join(b"line %d of a long file\n" % n for n in range(20_000))
    files = tuple(
        replace(HAND_EDITED, path=f"f{n}", proposal=status(before=big, overwrites_edits=True).proposal)
        for n in range(3)
    )
    text = body_of(plan("acme/a", changeset(*files)))
    assert len(text) < 65_536
    assert text.count("more lines\n```") == 3


def test_update_names_the_base_of_its_pull_request() -> None:
    """An update has no base of its own: the open pull request's is named."""
    change = changeset(BEHIND, action=NoOp(), pull_request=replace(OPEN_5, base="trunk"))
    assert "The last pipeline on `trunk` has" in body_of(plan("acme/a", change))


def test_commit_message() -> None:
    """Title, blank line, reason in 72 columns, and trailers that read back."""
    change = changeset(BEHIND, OWNERS)
    lines = commit_message(change, CommitRules()).splitlines()
    assert lines[:2] == ["Update Dockerfile, restore .github/CODEOWNERS", ""]
    assert all(len(line) <= 72 for line in lines if not line.startswith("Syncbot-"))
    trailers = parse_trailers(commit_message(change, CommitRules()))
    assert trailers is not None
    assert (trailers.changeset, trailers.proposed) == ("sync", change.proposed)


def test_body_of_many_files_fits_github() -> None:
    """150 files with edits to lose: the diffs give way first, and say so; what to do stays, and the YAML is YAML."""
    big = b"".join(b"line %d of the file\n" % n for n in range(60))
    files = tuple(
        replace(
            HAND_EDITED,
            path=f"config/{n:03}/{'x' * 60}.conf",
            proposal=status(before=big, overwrites_edits=True).proposal,
        )
        for n in range(150)
    )
    text = body_of(plan("acme/a", changeset(*files)))
    whole = with_markers(text, format_trailers("sync", changeset(*files).proposed))
    assert len(whole) <= 65_536 and proposal_in(whole)
    assert re.search(r"There is no room here for \d+ more diffs: see them under \*Files changed\*.", text)
    assert "<details>" in text and "more lines" in text
    assert all(command in text for command in ("/syncbot decline", "/syncbot hold", "/syncbot recreate", "git switch"))
    snippet = text.split("```yaml\n", 1)[1].split("```", 1)[0]
    assert 20 < len(YAML(typ="safe").load(snippet)["exemptions"]) < 150
    assert "# and so on for the other" in snippet


def test_kept() -> None:
    """Whose version stays, file by file."""
    assert kept_comment(["Dockerfile"]).startswith("Your version of `Dockerfile` stays as you committed it")
    assert "`a`, `b` and `c`" in kept_comment(["a", "b", "c"])


CLOSE = ClosePullRequest(number=5)
FRESH = OpenPullRequest(base="main", parent="a" * 40, tree="b" * 40, writes=(), replaces=5)
AGAIN = "does not count as a no"


@pytest.mark.parametrize(
    ("action", "code", "words", "is_asked_again"),
    [
        (CLOSE, "drift-gone", "if the files differ again", True),
        (CLOSE, "declined", "left alone up to and including that day", False),
        (CLOSE, "left-fleet", "no more pull requests here, unless that config lists the repo again", False),
        (CLOSE, "duplicate", "what this one proposed is proposed there", False),
        (CLOSE, "postgres-downgrade", "no pull request for this move while that is so", False),
        (CLOSE, "postgres-withdrawn", "If the config asks for that move again", False),
        (CLOSE, "proposed-elsewhere", "that one shows what it means for these files", False),
        (CLOSE, "recreate", "stays on it", False),
        (FRESH, "recreate", "A new pull request takes its place", False),
        (FRESH, "conflict", "A new pull request takes its place", False),
        (FRESH, "base-switched", "A new pull request takes its place", False),
    ],
)
def test_closing_says_what_happens_next(action: Action, code: str, words: str, is_asked_again: bool) -> None:
    """The reason, and what is true of that reason; only what is asked again says that it is."""
    text = close_comment(changeset(action=action, why=example(code)))
    assert text.startswith(f"Closed by syncbot: {why_words(example(code))}.\n\n")
    assert words in text and (AGAIN in text) == is_asked_again


@pytest.mark.parametrize("code", ["drift-gone", "left-fleet", "postgres-downgrade", "postgres-withdrawn"])
def test_telling_is_marked(code: str) -> None:
    """What is left open because people committed to it is told in words, with the mark by which that is known again."""
    told = changeset(action=CommentOnce(number=5, paths=()), why=StaysOpen(ending=example(code)))
    text = tell_comment(told, ())
    words = why_words(told.why)
    assert text.startswith(f"{words[0].upper()}{words[1:]}. ")
    assert has_marker(code, (), [Comment(author="bot", said_on=TODAY, body=text)])

"""`commits:` of repos.yaml, for the fleet and for one repo: what is wrong with it, and the rules that come of both.

In: the nodes, or the validated entries. Out: diagnostics, or `CommitRules`. Values in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from syncbot.config.document import (
    BRANCHES,
    EXPECTED,
    PREFIX_MOST,
    TITLE_PREFIX,
    TRAILER,
    TRAILER_VALUE,
    CommitsEntry,
    Document,
)
from syncbot.config.messages import STRING, mistake, shown, text_of, unlike, value_of, wrong_type
from syncbot.formats.diagnostics import Diagnostic, did_you_mean, nearest
from syncbot.formats.yaml.nodes import Content, Mapping, Pair, Path, Scalar, followed, items, quoted
from syncbot.model.fleet import BRANCH_PREFIX, CommitRules

_OWN = "syncbot-"
"""What the names of the bot's own trailers begin with."""

MOST_PREFIXES = 5
"""So many lists of branches are read of each repo."""


def check_commits(path: Path, node: Content | None, fleet: Content | None = None) -> Iterator[Diagnostic]:
    """Every breach of a rule that the shape does not hold; `fleet` is what a repo's own is laid over."""
    prefix = value_of(node, "title_prefix")
    text = text_of(prefix)
    if prefix is not None and text is not None:
        yield from _title_prefix((*path, "title_prefix"), prefix, text)
    for place, branch in [((*path, "branch_prefix"), value_of(node, "branch_prefix")), *_earlier(path, node)]:
        yield from _branch_prefix(place, branch)
    trailers, known = value_of(node, "trailers"), value_of(fleet, "trailers")
    if isinstance(trailers, Mapping):
        shared = known.by_key if isinstance(known, Mapping) else {}
        for name, pair in trailers.by_key.items():
            yield from _trailer((*path, "trailers", name), name, pair, [*trailers.by_key, *shared], name in shared)


def _title_prefix(path: Path, node: Content, text: str) -> Iterator[Diagnostic]:
    if text.lower().startswith(_OWN):
        yield mistake(path, node.place, f"{quoted(text)} would be read as one of the bot's own trailers")
    elif re.fullmatch(TITLE_PREFIX, text) and not text.isprintable():
        yield mistake(path, node.place, f"expected text that can be printed, but found {quoted(text)}")


def _branch_prefix(path: Path, node: Content | None) -> Iterator[Diagnostic]:
    """What git allows in no branch, and GitHub at its beginning."""
    text = text_of(node)
    if node is None or text is None or not re.fullmatch(BRANCHES, text):
        return
    if len(text) > PREFIX_MOST:
        yield mistake(path, node.place, f"expected at most {PREFIX_MOST} characters, but {shown(node)}")
    elif ".." in text or any(part.endswith(".lock") for part in text.split("/")):
        yield mistake(path, node.place, f"git has no branch whose name begins with {quoted(text)}")
    elif text.startswith("refs/"):
        yield mistake(path, node.place, "GitHub has no branch whose name begins with refs/")


def check_prefixes(fleet: Content | None, repos: Iterable[Content]) -> Iterator[Diagnostic]:
    """Whether there are so many that reading all of them would cost too much."""
    given: list[tuple[Path, Content | None]] = [(("commits", "branch_prefix"), value_of(fleet, "branch_prefix"))]
    given += _earlier(("commits",), fleet)
    for n, repo in enumerate(repos):
        commits = value_of(repo, "commits")
        given.append((("repos", n, "commits", "branch_prefix"), value_of(commits, "branch_prefix")))
    known = {BRANCH_PREFIX}
    for path, node in given:
        known.add(text_of(node) or BRANCH_PREFIX)
        if node is not None and len(known) > MOST_PREFIXES:
            said = f"expected at most {MOST_PREFIXES} prefixes in all, {BRANCH_PREFIX} among them"
            yield mistake(path, node.place, f"{said}: the branches under each are read in every repo")
            return


def _earlier(path: Path, node: Content | None) -> list[tuple[Path, Content | None]]:
    listed = items(value_of(node, "earlier_branch_prefixes"))
    return [((*path, "earlier_branch_prefixes", n), item) for n, item in enumerate(listed)]


def _trailer(path: Path, name: str, pair: Pair, names: list[str], is_known: bool) -> Iterator[Diagnostic]:
    place, value = pair.key.place, followed(pair.value)
    # To git they are the same.
    same = next((other for other in names if other != name and other.lower() == name.lower()), None)
    if not re.fullmatch(TRAILER, name):
        yield mistake(path, place, f"expected {EXPECTED[TRAILER]}, but found {quoted(name)}")
    elif name.lower() == "signed-off-by":
        yield mistake(path, place, "a sign-off has to name the commit's author: set sign_off: true instead")
    elif name.lower().startswith(_OWN):
        yield mistake(path, place, "trailers that begin with Syncbot- are the bot's own record")
    elif same:
        yield mistake(path, place, f"git does not tell {name} from {same}: write it as there")
    if not isinstance(value, Scalar) or (value.value is not None and not isinstance(value.value, str)):
        yield mistake(path, value.place, wrong_type(STRING, value))
    elif value.value is None:
        if not is_known:
            near = did_you_mean(nearest(name, [other for other in names if other != name]))
            yield mistake(path, place, f"there is nothing to take out: commits at the top has no {quoted(name)}{near}")
    elif not re.fullmatch(TRAILER_VALUE, value.text) or not value.text.isprintable():
        yield mistake(path, value.place, unlike(value, TRAILER_VALUE))


def branch_prefixes(document: Document) -> tuple[str, ...]:
    """Every prefix by which the bot's branches are known."""
    entries = (document.commits, *(repo.commits for repo in document.repos))
    used = (entry.branch_prefix for entry in entries if entry.branch_prefix)
    return tuple(dict.fromkeys((BRANCH_PREFIX, *used, *document.commits.earlier_branch_prefixes)))


def commit_rules(entry: CommitsEntry, fleet: CommitRules | None = None) -> CommitRules:
    """The rules of an entry, laid over the fleet's."""
    base = fleet or CommitRules()
    trailers = {**base.trailers, **entry.trailers}
    return CommitRules(
        sign_off=base.sign_off if entry.sign_off is None else entry.sign_off,
        title_prefix=base.title_prefix if entry.title_prefix is None else entry.title_prefix,
        branch_prefix=base.branch_prefix if entry.branch_prefix is None else entry.branch_prefix,
        trailers={name: value for name, value in trailers.items() if value is not None},
    )

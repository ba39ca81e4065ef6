"""Further: what did not fit into the first answer about a repo's pull requests, so that nothing people said is lost.

Answers in, the same answers completed out: older pull requests, those without the label, more than 100 comments or
commits, and whether one can be merged, which GitHub works out only once it is asked. Where all is there, nothing is
sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from syncbot.github import documents
from syncbot.github.batches import Query, batched, name_variables, path_variables
from syncbot.github.connection import Connection, Json
from syncbot.github.documents import Gap
from syncbot.github.parse import is_ours
from syncbot.model import LABEL, Failure

Node = Mapping[str, Any]
Answer = Node | Failure

PAGE = 25
"""Older pull requests a repo and query."""

MOST_PAGES = 20
"""Further answers of a kind for one repo, after which what is older is left unread."""

PAUSES = (1.0, 2.0, 4.0)
"""Seconds that GitHub is given to work out whether a pull request can be merged, before it is asked again."""

_GAPS: tuple[Gap, ...] = ("comments", "commits")


def completed(
    connection: Connection, answers: Mapping[str, Answer], paths: Sequence[str], identities: frozenset[str | None]
) -> dict[str, Answer]:
    """The answers to a history, by repo, with all that the bot's pull requests hold. Raises ForgeError, OutOfTime."""
    further = _Further(connection, answers, paths, identities)
    further.read_older()
    further.read_unlabelled()
    further.fill_gaps()
    further.read_mergeable()
    return further.answers


class _Further:
    """A repo that cannot be read on is a failure: half of what people said would be taken for all of it."""

    def __init__(
        self,
        connection: Connection,
        answers: Mapping[str, Answer],
        paths: Sequence[str],
        identities: frozenset[str | None],
    ) -> None:
        self.answers = dict(answers)
        self._connection = connection
        self._paths = paths
        self._identities = identities

    def read_older(self) -> None:
        for _ in range(MOST_PAGES):
            pages = {name: node["pullRequests"] for name, node in self._nodes()}
            wanted = {name: page for name, page in pages.items() if page["pageInfo"]["hasNextPage"]}
            if not wanted:
                return
            for name, node in self._older(wanted):
                page = node["pullRequests"]
                self._put(name, {**page, "nodes": [*wanted[name]["nodes"], *page["nodes"]]})

    def read_unlabelled(self) -> None:
        """Those known by their branch alone: the label was taken off, or went with a run that died."""
        known = dict(self._nodes())
        wanted = {name: numbers for name, node in known.items() if (numbers := self._unread(node))}
        for name, node in self._pulls(wanted):
            page = known[name]["pullRequests"]
            found = [pull for j in range(len(wanted[name])) if (pull := node[f"p{j}"])]
            self._put(name, {**page, "nodes": [*page["nodes"], *found]})

    def fill_gaps(self) -> None:
        for _ in range(MOST_PAGES):
            wanted = {name: gaps for name, node in self._nodes() if (gaps := self._gaps(node))}
            if not wanted:
                return
            for name, node in self._earlier(wanted):
                for j, (pull, gap) in enumerate(wanted[name]):
                    before = (node[f"p{j}"] or {}).get(gap) or {"pageInfo": {"hasPreviousPage": False}, "nodes": []}
                    filled = {**before, "nodes": [*before["nodes"], *pull[gap]["nodes"]]}
                    self._change(name, pull["number"], {gap: filled})

    def read_mergeable(self) -> None:
        for pause in PAUSES:
            wanted = {name: numbers for name, node in self._nodes() if (numbers := self._unknown(node))}
            if not wanted:
                return
            self._connection.pause(pause, "GitHub works out what can be merged")
            for name, node in self._mergeable(wanted):
                for j, number in enumerate(wanted[name]):
                    if pull := node[f"p{j}"]:
                        self._change(name, number, pull)

    # ------------------------------------------------------------ what is missing

    def _nodes(self) -> list[tuple[str, Node]]:
        return [(name, node) for name, node in self.answers.items() if not isinstance(node, Failure)]

    def _own(self, node: Node) -> Iterator[Node]:
        return (pull for pull in node["pullRequests"]["nodes"] if is_ours(pull, self._identities))

    def _unread(self, node: Node) -> list[int]:
        read = {pull["number"] for pull in node["pullRequests"]["nodes"]}
        pulls = [pull for ref in node["branches"]["nodes"] for pull in ref["associatedPullRequests"]["nodes"]]
        return sorted({pull["number"] for pull in pulls if is_ours(pull, self._identities)} - read)

    def _gaps(self, node: Node) -> list[tuple[Node, Gap]]:
        """What was said on a merged one is over; what was proposed in it is not."""
        return [
            (pull, gap)
            for pull in self._own(node)
            for gap in _GAPS
            if pull[gap]["pageInfo"]["hasPreviousPage"] and (gap == "commits" or pull["state"] != "MERGED")
        ]

    def _unknown(self, node: Node) -> list[int]:
        pulls = (pull for pull in self._own(node) if pull["state"] == "OPEN")
        return [pull["number"] for pull in pulls if pull["mergeable"] == "UNKNOWN"]

    # ------------------------------------------------------------ questions

    def _older(self, wanted: Mapping[str, Node]) -> Iterator[tuple[str, Node]]:
        def query(batch: Sequence[str]) -> tuple[str, Json]:
            variables: dict[str, Any] = {"label": LABEL} | name_variables(batch) | path_variables(self._paths)
            for i, name in enumerate(batch):
                left = wanted[name]["totalCount"] - len(wanted[name]["nodes"])
                # GitHub charges for what is asked, not for what is there.
                variables |= {f"c{i}": wanted[name]["pageInfo"]["endCursor"], f"s{i}": max(1, min(PAGE, left))}
            return documents.older(len(batch), len(self._paths)), variables

        return self._asked(wanted, query)

    def _pulls(self, wanted: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, Node]]:
        def query(batch: Sequence[str]) -> tuple[str, Json]:
            document = documents.pulls([len(wanted[name]) for name in batch], len(self._paths))
            numbers = _number_variables([wanted[name] for name in batch])
            return document, name_variables(batch) | path_variables(self._paths) | numbers

        return self._asked(wanted, query)

    def _earlier(self, wanted: Mapping[str, Sequence[tuple[Node, Gap]]]) -> Iterator[tuple[str, Node]]:
        def query(batch: Sequence[str]) -> tuple[str, Json]:
            gaps = [wanted[name] for name in batch]
            cursors = {
                f"c{i}_{j}": pull[gap]["pageInfo"]["startCursor"]
                for i, found in enumerate(gaps)
                for j, (pull, gap) in enumerate(found)
            }
            numbers = _number_variables([[pull["number"] for pull, _ in found] for found in gaps])
            document = documents.earlier([[gap for _, gap in found] for found in gaps])
            return document, name_variables(batch) | numbers | cursors

        return self._asked(wanted, query)

    def _mergeable(self, wanted: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, Node]]:
        def query(batch: Sequence[str]) -> tuple[str, Json]:
            numbers = [wanted[name] for name in batch]
            document = documents.mergeable([len(one) for one in numbers])
            return document, name_variables(batch) | _number_variables(numbers)

        return self._asked(wanted, query)

    def _asked(self, wanted: Iterable[str], query: Query) -> Iterator[tuple[str, Node]]:
        for name, node in batched(self._connection, list(wanted), query):
            if isinstance(node, Failure):
                self.answers[name] = node
            else:
                yield name, node

    # ------------------------------------------------------------ answers

    def _put(self, name: str, page: Node) -> None:
        node = self.answers[name]
        if not isinstance(node, Failure):
            self.answers[name] = {**node, "pullRequests": page}

    def _change(self, name: str, number: int, changes: Node) -> None:
        node = self.answers[name]
        if not isinstance(node, Failure):
            page = node["pullRequests"]
            pulls = [{**pull, **changes} if pull["number"] == number else pull for pull in page["nodes"]]
            self._put(name, {**page, "nodes": pulls})


def _number_variables(numbers: Sequence[Sequence[int]]) -> dict[str, int]:
    return {f"m{i}_{j}": number for i, found in enumerate(numbers) for j, number in enumerate(found)}

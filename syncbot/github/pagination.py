"""Pagination: what did not fit into the first answer about a repo's pull requests, so that nothing people said is lost.

Answers in, the same answers completed out: more than 100 branches, older pull requests, those without the label, more
than 100 comments or commits, and whether one can be merged, which GitHub works out only once it is asked. Where all is
there, nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from syncbot.github import queries
from syncbot.github.batches import Query, batched, name_variables, path_variables, prefix_variables, unread
from syncbot.github.connection import Connection, Json
from syncbot.github.decode import UnreadError, Value
from syncbot.github.nodes import (
    BranchNode,
    CommentNode,
    CommitNode,
    HistoryNode,
    Page,
    PullNode,
    branches_page,
    comment_node,
    commit_of,
    earlier_page,
    pull_node,
    pulls_page,
)
from syncbot.github.parse import is_ours
from syncbot.github.queries import Gap
from syncbot.model.fleet import Bot
from syncbot.model.observation import Failure
from syncbot.model.pull_request import LABEL, Mergeable, PullRequestState

Answer = HistoryNode | Failure
T = TypeVar("T")

PAGE = 25
"""Older pull requests a repo and query."""

MOST_PAGES = 20
"""Further answers of a kind for one repo, after which older pull requests, comments and commits are left unread."""

PAUSES = (1.0, 2.0, 4.0)
"""Seconds that GitHub is given to work out whether a pull request can be merged, before it is asked again."""

_GAPS: tuple[Gap, ...] = ("comments", "commits")


def completed(
    connection: Connection, answers: Mapping[str, Answer], paths: Sequence[str], bot: Bot
) -> dict[str, Answer]:
    """The answers to a history, by repo, with all that the bot's pull requests hold. Raises ForgeError, OutOfTime."""
    further = _Further(connection, answers, paths, bot)
    further.read_branches()
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
        bot: Bot,
    ) -> None:
        self.answers = dict(answers)
        self._connection = connection
        self._paths = paths
        self._bot = bot

    def read_branches(self) -> None:
        """All of them: a number is free that no branch has, and a pull request may be known by its branch alone."""
        for prefix in self._bot.prefixes:
            self._read_branches(prefix)

    def _read_branches(self, prefix: str) -> None:
        def page(_: str, value: Value) -> Page[BranchNode]:
            return branches_page(value["branches"], prefix)

        for wanted in self._rounds(lambda _, node: node.branches[prefix].further):
            for name, node, found in self._asked(wanted, self._branches(prefix, wanted), page):
                joined = _joined(node.branches[prefix], found)
                self.answers[name] = replace(node, branches={**node.branches, prefix: joined})
        for name, node in self._nodes():
            if node.branches[prefix].further:
                most = 100 * (MOST_PAGES + 1)
                self.answers[name] = unread(name, f"it has more than {most:,} branches under {prefix}: delete some")

    def read_older(self) -> None:
        for wanted in self._rounds(lambda _, node: node if node.pulls.further else None):
            for name, node, page in self._asked(wanted, self._older(wanted), self._pulls_page):
                self.answers[name] = replace(node, pulls=_joined(node.pulls, page))

    def read_unlabelled(self) -> None:
        """Those known by their branch alone: the label was taken off, or went with a run that died."""
        wanted = {name: numbers for name, node in self._nodes() if (numbers := self._ours(name, self._unread, node))}

        def pulls(name: str, value: Value) -> tuple[PullNode, ...]:
            return tuple(pull_node(value[f"p{j}"], self._paths) for j in range(len(wanted[name])))

        for name, node, found in self._asked(wanted, self._pulls(wanted), pulls):
            self.answers[name] = replace(node, pulls=replace(node.pulls, nodes=(*node.pulls.nodes, *found)))

    def fill_gaps(self) -> None:
        for wanted in self._rounds(lambda name, node: self._ours(name, self._gaps, node)):

            def filled(name: str, value: Value, gaps: Mapping[str, _Gaps] = wanted) -> tuple[PullNode, ...]:
                return tuple(_filled(pull, gap, value[f"p{j}"]) for j, (pull, gap) in enumerate(gaps[name]))

            for name, node, pulls in self._asked(wanted, self._earlier(wanted), filled):
                changed = node
                for (_, gap), pull in zip(wanted[name], pulls, strict=True):
                    changed = _changed(changed, pull, gap)
                self.answers[name] = changed

    def read_mergeable(self) -> None:
        for pause in PAUSES:
            wanted = {
                name: numbers for name, node in self._nodes() if (numbers := self._ours(name, self._unknown, node))
            }
            if not wanted:
                return
            self._connection.pause(pause, "GitHub works out what can be merged")

            def states(name: str, value: Value, numbers: Mapping[str, Sequence[int]] = wanted) -> list[Mergeable]:
                asked = (value[f"p{j}"] for j in range(len(numbers[name])))
                return [pull["mergeable"].word(Mergeable, Mergeable.UNKNOWN) for pull in asked]

            for name, node, found in self._asked(wanted, self._mergeable(wanted), states):
                known = dict(zip(wanted[name], found, strict=True))
                pulls = tuple(
                    replace(p, mergeable=known[p.number]) if p.number in known else p for p in node.pulls.nodes
                )
                self.answers[name] = replace(node, pulls=replace(node.pulls, nodes=pulls))

    # ------------------------------------------------------------ what is missing

    def _nodes(self) -> list[tuple[str, HistoryNode]]:
        return [(name, node) for name, node in self.answers.items() if not isinstance(node, Failure)]

    def _rounds(self, missing: Callable[[str, HistoryNode], T | None]) -> Iterator[dict[str, T]]:
        """What is missing by repo, anew after each answer, until nothing is or `MOST_PAGES` answers were read."""
        for _ in range(MOST_PAGES):
            wanted = {name: found for name, node in self._nodes() if (found := missing(name, node))}
            if not wanted:
                return
            yield wanted

    def _ours(self, name: str, missing: Callable[[HistoryNode], list[T]], node: HistoryNode) -> list[T]:
        """What is missing in one repo; where it is unknown whose a pull request is, the repo was not read."""
        try:
            return missing(node)
        except UnreadError as error:
            self.answers[name] = unread(name, str(error))
            return []

    def _own(self, node: HistoryNode) -> Iterator[PullNode]:
        return (pull for pull in node.pulls.nodes if is_ours(pull.opened, self._bot))

    def _unread(self, node: HistoryNode) -> list[int]:
        read = {pull.number for pull in node.pulls.nodes}
        pulls = [pull for page in node.branches.values() for branch in page.nodes for pull in branch.pulls]
        return sorted({pull.number for pull in (*pulls, *node.gone) if is_ours(pull, self._bot)} - read)

    def _gaps(self, node: HistoryNode) -> list[tuple[PullNode, Gap]]:
        """What was said on a merged one is over; what was proposed in it is not."""
        return [
            (pull, gap)
            for pull in self._own(node)
            for gap in _GAPS
            if _page(pull, gap).further and (gap == "commits" or pull.state is not PullRequestState.MERGED)
        ]

    def _unknown(self, node: HistoryNode) -> list[int]:
        pulls = (pull for pull in self._own(node) if pull.state is PullRequestState.OPEN)
        return [pull.number for pull in pulls if pull.mergeable is Mergeable.UNKNOWN]

    # ------------------------------------------------------------ questions

    def _branches(self, prefix: str, wanted: Mapping[str, str]) -> Query:
        def query(batch: Sequence[str]) -> tuple[str, Json]:
            cursors = {f"c{i}": wanted[name] for i, name in enumerate(batch)}
            variables = name_variables(batch) | cursors | prefix_variables([prefix] * len(batch))
            return queries.branches(len(batch)), variables

        return query

    def _older(self, wanted: Mapping[str, HistoryNode]) -> Query:
        def query(batch: Sequence[str]) -> tuple[str, Json]:
            variables: dict[str, Any] = {"label": LABEL} | name_variables(batch) | path_variables(self._paths)
            for i, name in enumerate(batch):
                node = wanted[name]
                left = node.pulls_in_all - len(node.pulls.nodes)
                # GitHub charges for what is asked, not for what is there.
                variables |= {f"c{i}": node.pulls.further, f"s{i}": max(1, min(PAGE, left))}
            return queries.older(len(batch), len(self._paths)), variables

        return query

    def _pulls(self, wanted: Mapping[str, Sequence[int]]) -> Query:
        def query(batch: Sequence[str]) -> tuple[str, Json]:
            document = queries.pulls([len(wanted[name]) for name in batch], len(self._paths))
            numbers = _number_variables([wanted[name] for name in batch])
            return document, name_variables(batch) | path_variables(self._paths) | numbers

        return query

    def _earlier(self, wanted: Mapping[str, _Gaps]) -> Query:
        def query(batch: Sequence[str]) -> tuple[str, Json]:
            gaps = [wanted[name] for name in batch]
            cursors = {
                f"c{i}_{j}": _page(pull, gap).further
                for i, found in enumerate(gaps)
                for j, (pull, gap) in enumerate(found)
            }
            numbers = _number_variables([[pull.number for pull, _ in found] for found in gaps])
            document = queries.earlier([[gap for _, gap in found] for found in gaps])
            return document, name_variables(batch) | numbers | cursors

        return query

    def _mergeable(self, wanted: Mapping[str, Sequence[int]]) -> Query:
        def query(batch: Sequence[str]) -> tuple[str, Json]:
            numbers = [wanted[name] for name in batch]
            document = queries.mergeable([len(one) for one in numbers])
            return document, name_variables(batch) | _number_variables(numbers)

        return query

    def _asked(
        self, wanted: Iterable[str], query: Query, decode: Callable[[str, Value], T]
    ) -> Iterator[tuple[str, HistoryNode, T]]:
        """Each repo that answered, with what is known of it and what it answered."""
        for name, found in batched(self._connection, list(wanted), query, decode).items():
            node = self.answers[name]
            if isinstance(found, Failure):
                self.answers[name] = found
            elif not isinstance(node, Failure):
                yield name, node, found

    # ------------------------------------------------------------ answers

    def _pulls_page(self, _: str, value: Value) -> Page[PullNode]:
        return pulls_page(value["pullRequests"], self._paths)


_Gaps = Sequence[tuple[PullNode, Gap]]


def _page(pull: PullNode, gap: Gap) -> Page[CommentNode] | Page[CommitNode]:
    return pull.comments if gap == "comments" else pull.commits


def _filled(pull: PullNode, gap: Gap, value: Value) -> PullNode:
    """The pull request with what was before its comments or commits. Raises UnreadError."""
    if value["number"].number != pull.number:
        raise UnreadError(f"{value} is #{value['number'].number} instead of #{pull.number}")
    if gap == "comments":
        return replace(pull, comments=_preceded(earlier_page(value["comments"], comment_node), pull.comments))
    return replace(pull, commits=_preceded(earlier_page(value["commits"], commit_of), pull.commits))


def _joined(page: Page[T], later: Page[T]) -> Page[T]:
    return Page(nodes=(*page.nodes, *later.nodes), further=later.further)


def _preceded(earlier: Page[T], page: Page[T]) -> Page[T]:
    return Page(nodes=(*earlier.nodes, *page.nodes), further=earlier.further)


def _changed(node: HistoryNode, pull: PullNode, gap: Gap) -> HistoryNode:
    """The answer with that part of the pull request."""

    def with_part(known: PullNode) -> PullNode:
        if known.number != pull.number:
            return known
        return replace(known, comments=pull.comments) if gap == "comments" else replace(known, commits=pull.commits)

    return replace(node, pulls=replace(node.pulls, nodes=tuple(map(with_part, node.pulls.nodes))))


def _number_variables(numbers: Sequence[Sequence[int]]) -> dict[str, int]:
    return {f"m{i}_{j}": number for i, found in enumerate(numbers) for j, number in enumerate(found)}

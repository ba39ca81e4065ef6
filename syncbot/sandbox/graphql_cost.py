"""In: a parsed GraphQL document and its variables. Out: what GitHub charges for it. Executes nothing.

GitHub counts, before it runs a query, each connection as filled to its `first` or `last`:
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

MAX_NODES = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """`nodes` the answer may hold at most, `requests` that would fetch the connections one by one."""

    nodes: int = 0
    requests: int = 0

    @property
    def points(self) -> int:
        """Points charged: a hundredth of the requests, at least one."""
        return max(1, (self.requests + 50) // 100)


def cost(document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, object]) -> Cost:
    """The cost of one operation of a valid document."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    walk = _Walk(fragments, variables)
    walk.selections(operation.selection_set, 1)
    return Cost(nodes=walk.nodes, requests=walk.requests)


class _Walk:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, object]) -> None:
        self._fragments = fragments
        self._variables = variables
        self.nodes = 0
        self.requests = 0

    def selections(self, selection_set: SelectionSetNode | None, parents: int) -> None:
        for selection in selection_set.selections if selection_set else ():
            match selection:
                case FieldNode():
                    self._field(selection, parents)
                case InlineFragmentNode():
                    self.selections(selection.selection_set, parents)
                case FragmentSpreadNode():
                    self.selections(self._fragments[selection.name.value].selection_set, parents)

    def _field(self, field: FieldNode, parents: int) -> None:
        if not field.selection_set:
            return
        size = self._page_size(field)
        if size is not None:
            self.requests += parents
            parents *= size
            self.nodes += parents
        self.selections(field.selection_set, parents)

    def _page_size(self, field: FieldNode) -> int | None:
        for argument in field.arguments or ():
            if argument.name.value in {"first", "last"}:
                match argument.value:
                    case IntValueNode(value=digits):
                        return int(digits)
                    case VariableNode(name=name):
                        value = self._variables.get(name.value)
                        return value if isinstance(value, int) else None
        return None

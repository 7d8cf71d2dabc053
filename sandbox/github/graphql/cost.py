"""What a query would take, told before it is run.

Source: docs.github.com, "Rate limits and query limits for the GraphQL API": every connection needs
``first`` or ``last`` from 1 to 100; 500,000 nodes in all; the points are the requests that the
connections take, divided by 100, at least one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)

from sandbox.github.graphql.connection import refusal

MAX_PAGE = 100
MAX_NODES = 500_000


@dataclass(slots=True)
class Cost:
    """``nodes`` it may return, ``requests`` its connections take."""

    nodes: int = 0
    requests: int = 0

    @property
    def points(self) -> int:
        return max(1, round(self.requests / 100))


@dataclass(slots=True)
class _Walk:
    schema: GraphQLSchema
    variables: Mapping[str, Any]
    fragments: dict[str, FragmentDefinitionNode]
    cost: Cost = field(default_factory=Cost)

    def selections(
        self, kind: GraphQLNamedType, chosen: SelectionSetNode | None, times: int
    ) -> None:
        for part in chosen.selections if chosen else ():
            if isinstance(part, FieldNode):
                self.field(kind, part, times)
            elif isinstance(part, InlineFragmentNode):
                inner = part.type_condition
                self.selections(
                    self.schema.type_map[inner.name.value] if inner else kind,
                    part.selection_set, times,
                )  # fmt: skip
            elif isinstance(part, FragmentSpreadNode):
                named = self.fragments[part.name.value]
                inner_kind = self.schema.type_map[named.type_condition.name.value]
                self.selections(inner_kind, named.selection_set, times)

    def field(self, kind: GraphQLNamedType, part: FieldNode, times: int) -> None:
        if not isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
            return
        found = kind.fields.get(part.name.value)
        if found is None:  # __typename
            return
        inner = get_named_type(found.type)
        if inner.name.endswith("Connection"):
            size = self._size(part)
            self.cost.requests += times
            times *= size
            self.cost.nodes += times
        self.selections(inner, part.selection_set, times)

    def _size(self, part: FieldNode) -> int:
        name = part.name.value
        given = {
            item.name.value: value_from_ast_untyped(item.value, dict(self.variables))
            for item in part.arguments or ()
        }
        for side in ("first", "last"):
            size = given.get(side)
            if size is None:
                continue
            if size > MAX_PAGE:
                raise refusal(
                    "EXCESSIVE_PAGINATION",
                    f"Requesting {size} records on the `{name}` connection exceeds the "
                    f"`{side}` limit of {MAX_PAGE} records.",
                )
            if size < 1:
                raise refusal("INVALID_PAGINATION", f"`{side}` on `{name}` must be at least 1.")
            return int(size)
        raise refusal(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the "
            f"`{name}` connection.",
        )


def measure(
    schema: GraphQLSchema, document: DocumentNode, wanted: str | None, variables: Mapping[str, Any]
) -> Cost:
    """What the chosen operation of a valid document takes; refuses what is over a bound."""
    parts = document.definitions
    fragments = {d.name.value: d for d in parts if isinstance(d, FragmentDefinitionNode)}
    walk = _Walk(schema, variables, fragments)
    for part in parts:
        chosen = isinstance(part, OperationDefinitionNode) and (
            wanted is None or (part.name is not None and part.name.value == wanted)
        )
        if chosen and isinstance(part, OperationDefinitionNode) and schema.query_type:
            defaults = {
                item.variable.name.value: value_from_ast_untyped(item.default_value)
                for item in part.variable_definitions or ()
                if item.default_value is not None
            }
            walk.variables = {**defaults, **variables}
            walk.selections(schema.query_type, part.selection_set, 1)
    if walk.cost.nodes > MAX_NODES:
        raise refusal(
            "MAX_NODE_LIMIT_EXCEEDED",
            f"This query requests up to {walk.cost.nodes:,} possible nodes which exceeds the "
            f"maximum limit of {MAX_NODES:,}.",
        )
    return walk.cost

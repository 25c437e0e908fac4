"""Mutation operators: the replacements for one place, each a small mistake of a programmer.

They change a sign, operator, order, comparison, axis, transposition, index, bound, constant,
function or argument, replace a condition by True or False, or delete a statement or a result.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

from mutants.contexts import called, is_a_factor, is_a_message, is_an_index, takes_a_sign
from mutants.places import Place
from mutants.swaps import ATTRIBUTES, COMMUTATIVE, COMPARISONS, NAMES, OPERATORS, ORDERED

DELETABLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Raise)


def replacements(place: Place) -> Iterator[ast.AST]:
    """All replacements for a place."""
    node = place.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_a_message(place):
        return
    for kind, change in CHANGES.items():
        if isinstance(node, kind):
            yield from change(node)
    if isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.Constant(None))
        if place.first:
            yield ast.Return(ast.Name(place.first, ast.Load()))
    if isinstance(node, ast.expr):
        if takes_a_sign(place):
            yield ast.UnaryOp(ast.USub(), node)
        if isinstance(place.owner, ast.If | ast.IfExp) and place.field == "test":
            yield from (ast.Constant(True), ast.Constant(False))
        if is_a_factor(place) and not (isinstance(node, ast.Attribute) and node.attr == "T"):
            yield ast.Attribute(node, "T", ast.Load())
        if isinstance(place.owner, ast.Slice) or is_an_index(place):
            yield from (_plus(node, 1), _plus(node, -1))


def _with(node: Any, **fields: Any) -> Any:
    """A copy of a node with some fields changed; the children are shared."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _plus(node: ast.expr, n: int) -> ast.expr:
    return ast.BinOp(node, ast.Add() if n > 0 else ast.Sub(), ast.Constant(abs(n)))


def _swapped(items: list[Any]) -> Iterator[list[Any]]:
    """The list with each pair of neighbours swapped in turn."""
    for i in range(len(items) - 1):
        if not any(isinstance(item, ast.Starred) for item in items[i : i + 2]):
            yield [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def _without_one(items: list[Any]) -> Iterator[list[Any]]:
    for i in range(len(items)):
        yield [*items[:i], *items[i + 1 :]]


def _deletions(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, DELETABLE) or (isinstance(node, ast.AnnAssign) and node.value):
        yield ast.Pass()


def _updates(node: ast.AugAssign) -> Iterator[ast.AST]:
    if type(node.op) in OPERATORS:
        yield _with(node, op=OPERATORS[type(node.op)]())
    result = ast.BinOp(_with(node.target, ctx=ast.Load()), node.op, node.value)
    yield ast.Assign([node.target], result)  # no longer in place


def _binary(node: ast.BinOp) -> Iterator[ast.AST]:
    if type(node.op) in OPERATORS:
        yield _with(node, op=OPERATORS[type(node.op)]())
    if isinstance(node.op, ORDERED):
        yield _with(node, left=node.right, right=node.left)


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    for i, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            yield _with(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]])


def _logic(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for values in _without_one(node.values):
        yield _with(node, values=values) if len(values) > 1 else values[0]


def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield from (ast.Constant(other) for other in (value + 1, value - 1, 2 * value))
    elif isinstance(value, str):
        yield ast.Constant(value + "_")


def _slices(node: ast.Slice) -> Iterator[ast.AST]:
    yield _with(node, lower=None if node.lower else ast.Constant(1))
    yield _with(node, upper=None if node.upper else ast.Constant(-1))


def _names(node: ast.Name) -> Iterator[ast.AST]:
    if node.id in NAMES:
        yield _with(node, id=NAMES[node.id])


def _attributes(node: ast.Attribute) -> Iterator[ast.AST]:
    if node.attr in ATTRIBUTES:
        yield _with(node, attr=ATTRIBUTES[node.attr])
    if node.attr in ("T", "real"):
        yield node.value


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    for keyword, keywords in zip(node.keywords, _without_one(node.keywords), strict=True):
        if not (isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool)):
            yield _with(node, keywords=keywords)  # deleting a boolean keyword equals flipping it
    if called(node) not in COMMUTATIVE:
        yield from (_with(node, args=args) for args in _swapped(node.args))


def _tuples(node: ast.Tuple) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        yield from (_with(node, elts=elts) for elts in _swapped(node.elts))


def _filters(node: ast.comprehension) -> Iterator[ast.AST]:
    yield from (_with(node, ifs=ifs) for ifs in _without_one(node.ifs))


CHANGES: dict[Any, Any] = {
    ast.stmt: _deletions,
    ast.AugAssign: _updates,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _comparisons,
    ast.BoolOp: _logic,
    ast.Constant: _constants,
    ast.Slice: _slices,
    ast.Name: _names,
    ast.Attribute: _attributes,
    ast.Call: _calls,
    ast.Tuple: _tuples,
    ast.comprehension: _filters,
}

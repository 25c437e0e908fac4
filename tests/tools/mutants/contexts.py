"""Predicates for a place: can take a sign, is a matrix factor, an index or an error message."""

from __future__ import annotations

import ast

from mutants.places import Place
from mutants.swaps import SIGNLESS, UNSIGNED

NUMERIC = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.BinOp)
HOLDERS = (ast.Return, ast.Assign, ast.AnnAssign, ast.Compare, ast.Tuple, ast.keyword)


def takes_a_sign(place: Place) -> bool:
    """Whether a minus here gives a new mutant; in a * b and a + b only one place does."""
    owner, field = place.owner, place.field
    if not isinstance(place.node, NUMERIC):
        return False
    if isinstance(getattr(place.node, "ctx", None), ast.Store):
        return False
    if isinstance(place.node, ast.Call) and called(place.node) in UNSIGNED:
        return False
    if isinstance(owner, ast.BinOp):
        return field == "left" or isinstance(owner.op, ast.Pow)
    if isinstance(owner, ast.AugAssign):
        return isinstance(owner.op, ast.Mult | ast.Div)
    if isinstance(owner, ast.Call):
        return field == "args" and called(owner) not in SIGNLESS
    if isinstance(owner, ast.IfExp):
        return field != "test"
    return isinstance(owner, HOLDERS)


def is_a_factor(place: Place) -> bool:
    """Whether this is a factor of a matrix product."""
    owner = place.owner
    if isinstance(owner, ast.BinOp):
        return isinstance(owner.op, ast.MatMult)
    return isinstance(owner, ast.Call) and place.field == "args" and called(owner) == "matmul"


def called(call: ast.Call) -> str:
    """The name of the called function, without its module or object."""
    return ast.unparse(call.func).rpartition(".")[2]


def is_a_message(place: Place) -> bool:
    """Whether this is an argument of a raised exception."""
    return isinstance(place.statement, ast.Raise) and isinstance(place.owner, ast.Call)


def is_an_index(place: Place) -> bool:
    """Whether this expression is in square brackets."""
    owner, node = place.owner, place.node
    return isinstance(owner, ast.Subscript) and place.field == "slice" and isinstance(node, NUMERIC)

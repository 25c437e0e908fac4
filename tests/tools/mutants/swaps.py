"""Tables of replacements for operators, comparisons and names."""

from __future__ import annotations

import ast
from typing import Any


def _both_ways(*pairs: tuple[Any, Any]) -> dict[Any, Any]:
    return {**dict(pairs), **{b: a for a, b in pairs}}


OPERATORS = {
    **_both_ways((ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.BitAnd, ast.BitOr)),
    ast.FloorDiv: ast.Div,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow, ast.Mod, ast.MatMult)

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.LtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}

NAMES = {
    **_both_ways(("max", "min"), ("any", "all"), ("ascend", "descend")),
    "reversed": "list",
    "round": "int",
}
ATTRIBUTES = {
    **_both_ways(("maximum", "minimum"), ("log1p", "log"), ("mean", "sum"), ("any", "all")),
    **_both_ways(("zeros", "ones"), ("zeros_like", "ones_like"), ("inputs", "outputs")),
    **_both_ways(("multiply", "divide"), ("add", "subtract"), ("ascend", "descend")),
    **_both_ways(("float32", "float64")),
    "exp": "expm1",
    "square": "abs",
    "real": "imag",
    "uint64": "int64",
}

# Functions whose result does not depend on the order of the arguments.
COMMUTATIVE = {"add", "multiply"}
# Functions whose result does not depend on the sign of an argument.
SIGNLESS = {
    *("array_module", "get_array_module", "isinstance", "type", "len", "empty_like", "zeros_like"),
    *("isfinite", "isnan"),
}
# Functions for whose result the sign has no meaning.
UNSIGNED = {"empty", "empty_like", "zeros", "zeros_like"}

"""The places of a syntax tree that mutants change: all statements and expressions.

Docstrings, imports, type annotations and aliases, base classes and the fixed text of f-strings are
left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SKIPPED_FIELDS = {"annotation", "returns", "bases", "type_params"}
SKIPPED_NODES = (ast.Import, ast.ImportFrom, ast.arg)
WALKED = (ast.stmt, ast.expr, ast.comprehension, ast.arguments, ast.keyword)


@dataclass(frozen=True)
class Place:
    """A node at `owner.field` or `owner.field[index]`, and its context.

    `function` is the qualified name of the enclosing function or class, or "<module>". `first` is
    the name of its first argument that is not self or cls.
    """

    node: Any
    owner: Any
    field: str
    index: int | None
    statement: Any
    function: str
    first: str | None

    def put(self, node: ast.AST) -> None:
        """Replace the node; `put(self.node)` restores the source."""
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node


def places(
    owner: ast.AST, statement: Any = None, function: str = "<module>", first: str | None = None
) -> Iterator[Place]:
    """All places below `owner`, in source order."""
    for field, value in ast.iter_fields(owner):
        if field in SKIPPED_FIELDS:
            continue
        nodes = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, node in nodes:
            if not isinstance(node, WALKED) or _left_out(owner, node):
                continue
            here = node if isinstance(node, ast.stmt) else statement
            yield Place(node, owner, field, index, here, function, first)
            inner, argument = function, first
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                inner = node.name if function == "<module>" else f"{function}.{node.name}"
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in node.args.args if a.arg not in ("self", "cls")]
                argument = names[0] if names else None
            yield from places(node, here, inner, argument)


def _left_out(owner: ast.AST, node: Any) -> bool:
    if isinstance(node, SKIPPED_NODES):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
        return True
    return isinstance(owner, ast.JoinedStr) and isinstance(node, ast.Constant)


def header(statement: Any) -> str:
    """The source of a statement in one line, without the statements inside it."""
    inside = {name: getattr(statement, name, None) for name in ("body", "orelse", "finalbody")}
    inside = {name: value for name, value in inside.items() if isinstance(value, list)}
    for name in inside:
        setattr(statement, name, [])
    try:
        return " ".join(ast.unparse(statement).split())
    finally:
        for name, value in inside.items():
            setattr(statement, name, value)

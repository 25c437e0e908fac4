"""The attributes and function results of a package that are annotated as arrays."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Known:
    """The names of attributes and functions that are annotated as arrays.

    A name that is an array in one class and something else in another is left out.
    """

    attributes: frozenset[str]
    functions: frozenset[str]

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Known:
        """The names that are annotated as arrays in these files."""
        attributes: list[tuple[str, bool]] = []
        functions: list[tuple[str, bool]] = []
        for path in paths:
            for node in nodes_of(path.read_text("utf-8")):
                if isinstance(node, ast.ClassDef):
                    for line in node.body:
                        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                            attributes.append((line.target.id, says_array(line.annotation)))
                elif isinstance(node, ast.FunctionDef):
                    functions.append((node.name, says_array(node.returns)))
        return cls(_always_true(attributes), _always_true(functions))


def _always_true(pairs: list[tuple[str, bool]]) -> frozenset[str]:
    arrays = {name for name, is_array in pairs if is_array}
    return frozenset(arrays - {name for name, is_array in pairs if not is_array})


def says_array(annotation: ast.expr | None) -> bool:
    """Whether an annotation is that of an array (or an optional one)."""
    return annotation is not None and ast.unparse(annotation) in ("Array", "Array | None")


@cache
def nodes_of(text: str) -> tuple[ast.AST, ...]:
    """All syntax nodes of a source text; the first is the module."""
    return tuple(ast.walk(ast.parse(text)))

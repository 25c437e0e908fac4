"""What the annotations of a package say is an array: attributes, and results of functions."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Known:
    """The attributes and functions of a package that its annotations say are arrays.

    A name that stands for an array in one class and for something else in another is left out.
    """

    attributes: frozenset[str]
    functions: frozenset[str]

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Known:
        """What the annotations in these files tell."""
        attributes: list[tuple[str, bool]] = []
        functions: list[tuple[str, bool]] = []
        for path in paths:
            for node in nodes_of(path.read_text("utf-8")):
                if isinstance(node, ast.ClassDef):
                    for said in node.body:
                        if isinstance(said, ast.AnnAssign) and isinstance(said.target, ast.Name):
                            attributes.append((said.target.id, says_array(said.annotation)))
                elif isinstance(node, ast.FunctionDef):
                    functions.append((node.name, says_array(node.returns)))
        return cls(_always_true(attributes), _always_true(functions))


def _always_true(said: list[tuple[str, bool]]) -> frozenset[str]:
    return frozenset({name for name, yes in said if yes} - {name for name, yes in said if not yes})


def says_array(annotation: ast.expr | None) -> bool:
    """Whether an annotation is that of an array."""
    return annotation is not None and ast.unparse(annotation) in ("Array", "Array | None")


@cache
def nodes_of(text: str) -> tuple[ast.AST, ...]:
    """All nodes of a source text; the first is the module."""
    return tuple(ast.walk(ast.parse(text)))

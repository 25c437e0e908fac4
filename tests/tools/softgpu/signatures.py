"""Check that every call of an array module in a source file binds to NumPy and to CuPy.

Three kinds of call are checked:

    xp.name(...), array_module(x).name(...), backend.xp.name(...)     by both libraries
    cupy.name(...), self.cupy.name(...)                               by CuPy
    x.name(...), where x is known to be an array                      by both libraries

An expression is known to be an array if it is annotated as `Array`, or if it is the result of such
a call, or of an operator, an index or a method of an array. The source is not imported or run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from softgpu.entries import Library
from softgpu.known_arrays import Known, nodes_of, says_array

ARRAY_MODULES = ("xp",)
VIEWS = {"T", "real", "imag", "mT"}
OF_PYTHON = {"__name__", "setter"}  # of every module; of a property that returns an array
NOT_ARRAYS = {"item", "tolist", "tobytes", "nonzero", "view"}  # the result may be something else


class Misfit(NamedTuple):
    """A name that a library does not have, or a call that does not bind."""

    path: Path
    line: int
    name: str
    library: str
    reason: str


def misfits(path: Path, libraries: Sequence[Library], known: Known | None = None) -> list[Misfit]:
    """The misfits of a source file with any of the libraries, in the order of the lines."""
    nodes = nodes_of(path.read_text("utf-8"))
    here = Known.of([path])
    reader = _Reader(known or here, here.attributes, _imported_from_elsewhere(nodes))
    found = []
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.Module):
            own = _own_nodes(node)
            reader.scope = _arrays_in(node, own, reader)
            for inner in own:
                if isinstance(inner, ast.expr):
                    for name, library, reason in reader.misfits_of(inner, libraries):
                        found.append(Misfit(path, inner.lineno, name, library, reason))
    return sorted(set(found), key=lambda misfit: misfit[1:])


class _Reader:
    """Determines whether an expression is an array module, CuPy, an array, or something else."""

    def __init__(self, known: Known, own: frozenset[str], imported: set[str]) -> None:
        self.known, self.own, self.imported = known, own, imported
        self.scope: set[str] = set()

    def misfits_of(
        self, node: ast.expr, libraries: Sequence[Library]
    ) -> Iterator[tuple[str, str, str]]:
        """(name, library, reason) of each misfit of one expression."""
        call = node if isinstance(node, ast.Call) else None
        target = call.func if call else node
        if not isinstance(target, ast.Attribute):
            return
        for library in libraries:
            entries, name = self._place(target, library)
            if not name or name in OF_PYTHON:
                continue
            entry = entries.get(name)
            if entry is None:
                yield name, library.name, "does not exist"
            elif call:
                count = sum(not isinstance(a, ast.Starred) for a in call.args)
                keywords = [k.arg for k in call.keywords if k.arg]
                complete = count == len(call.args) and len(keywords) == len(call.keywords)
                reason = library.misfit(entry, count, keywords) if complete else None
                if reason:
                    yield name, library.name, reason

    def _place(self, target: ast.Attribute, library: Library) -> tuple[Mapping[str, str], str]:
        """The (entries, name) to which an attribute refers; the name is "" if there is none."""
        module, names = self._dotted(target)
        if module == "xp" or (module == "cupy" and library.name == "cupy"):
            return library.functions, ".".join(names)
        if module is None and self.is_array(target.value):
            return library.methods, target.attr
        return {}, ""

    def _dotted(self, target: ast.expr) -> tuple[str | None, list[str]]:
        """("xp", ["linalg", "norm"]) for xp.linalg.norm; (None, ...) for anything else."""
        names: list[str] = []
        while isinstance(target, ast.Attribute):
            if names and target.attr in (*ARRAY_MODULES, "cupy"):
                return ("cupy" if target.attr == "cupy" else "xp"), names
            names.insert(0, target.attr)
            target = target.value
        if isinstance(target, ast.Name) and names and target.id not in self.imported:
            if target.id in ARRAY_MODULES:
                return "xp", names
            if target.id == "cupy":
                return "cupy", names
        if _is_call_of(target, "array_module"):
            return "xp", names
        return None, names

    def is_array(self, node: ast.expr) -> bool:
        """Whether an expression is known to be an array."""
        if isinstance(node, ast.Name):
            return node.id in self.scope
        if isinstance(node, ast.Subscript):
            return self.is_array(node.value)
        if isinstance(node, ast.UnaryOp):
            return self.is_array(node.operand)
        if isinstance(node, ast.BinOp):
            return self.is_array(node.left) or self.is_array(node.right)
        if isinstance(node, ast.Attribute):
            if node.attr in VIEWS:
                return self.is_array(node.value)
            of_self = isinstance(node.value, ast.Name) and node.value.id == "self"
            return node.attr in (self.own if of_self else self.known.attributes)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                return node.func.id in self.known.functions
            if isinstance(node.func, ast.Attribute):
                module, _ = self._dotted(node.func)
                method = self.is_array(node.func.value) and node.func.attr not in NOT_ARRAYS
                return module == "xp" or method or node.func.attr in self.known.functions
        return False


def _is_call_of(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _imported_from_elsewhere(nodes: Iterable[ast.AST]) -> set[str]:
    """Names such as `cupy` in `from minigan.backends import cupy`, which is not the library."""
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in froms for alias in node.names}


def _own_nodes(scope: ast.FunctionDef | ast.Module) -> list[ast.AST]:
    """The nodes of a function or module in source order, without those of inner functions."""
    found: list[ast.AST] = []
    waiting = [*ast.iter_child_nodes(scope)][::-1]
    while waiting:
        node = waiting.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef):
            waiting += [*ast.iter_child_nodes(node)][::-1]
    return found


def _arrays_in(
    scope: ast.FunctionDef | ast.Module, nodes: list[ast.AST], reader: _Reader
) -> set[str]:
    """The names in a scope that are annotated as arrays, or assigned from an array."""
    names: set[str] = set()
    if isinstance(scope, ast.FunctionDef):
        a = scope.args
        arguments = [*a.posonlyargs, *a.args, *a.kwonlyargs]
        names = {argument.arg for argument in arguments if says_array(argument.annotation)}
    reader.scope = names
    for node in nodes:
        if isinstance(node, ast.AnnAssign) and says_array(node.annotation):
            if isinstance(node.target, ast.Name):
                names.add(node.target.id)
        elif isinstance(node, ast.Assign) and reader.is_array(node.value):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names

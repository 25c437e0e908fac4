"""Generate all mutants of one file: every replacement at every place, without duplicates.

A mutant's name has its file, its function, and the statement before and after. It has no line
number, so an edit elsewhere does not change the name.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

from mutants.operators import replacements
from mutants.places import Place, header, places


class Name(NamedTuple):
    """The unique name of a mutant; `occurrence` counts equal statements, starting at 1."""

    file: str
    function: str
    before: str
    after: str
    occurrence: int = 1


@dataclass(frozen=True)
class Mutant:
    """One changed node in the syntax tree of one file."""

    name: Name
    line: int
    tree: ast.Module
    place: Place
    replacement: ast.AST

    def compiled(self, file: Path) -> CodeType:
        """Compile the changed module with the line numbers of `file`, for correct tracebacks."""
        self.place.put(self.replacement)
        try:
            return compile(self.tree, str(file), "exec")
        finally:
            self.place.put(self.place.node)


def of_file(root: Path, file: str) -> list[Mutant]:
    """The mutants of `root / file`, in source order."""
    return of_source((root / file).read_text(encoding="utf-8"), file)


def of_source(source: str, file: str) -> list[Mutant]:
    """The mutants of a source text; equal mutants occur once."""
    tree = ast.parse(source)
    seen: set[Any] = set()
    counts: Counter[tuple[str, str, str]] = Counter()
    found = []
    for place, replacement in _candidates(tree):
        before, after = header(place.statement), _after(place, replacement)
        if after == before or (place.statement, after) in seen:
            continue
        seen.add((place.statement, after))
        counts[place.function, before, after] += 1
        name = Name(file, place.function, before, after, counts[place.function, before, after])
        found.append(Mutant(name, place.statement.lineno, tree, place, replacement))
    return found


def _candidates(tree: ast.Module) -> Iterator[tuple[Place, ast.AST]]:
    for place in places(tree):
        for replacement in replacements(place):
            located = ast.copy_location(replacement, place.node)  # used by tracebacks and inspect
            yield place, ast.fix_missing_locations(located)


def _after(place: Place, replacement: Any) -> str:
    """The source of the changed statement."""
    if place.node is place.statement:
        return header(replacement)
    place.put(replacement)
    try:
        return header(place.statement)
    finally:
        place.put(place.node)

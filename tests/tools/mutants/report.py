"""The report of a run: a table by file, the survivors with reasons, and stale reasons."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutants.generate import Mutant, Name

LISTED = Path(__file__).resolve().parents[1] / "mutants_equivalent.toml"


def read_reasons(path: Path = LISTED) -> dict[Name, str]:
    """The mutants listed as equivalent, each with the reason of its group."""
    groups = tomllib.loads(path.read_text(encoding="utf-8"))["group"]
    return {Name(*name): group["reason"].strip() for group in groups for name in group["mutants"]}


@dataclass(frozen=True)
class Result:
    """The outcome of one run over some files, with all of their mutants or a sample of them."""

    mutants: Sequence[Mutant]
    survivors: Sequence[Mutant]
    reasons: dict[Name, str]
    complete: bool = True

    @property
    def unexplained(self) -> list[Mutant]:
        """Survivors without a listed reason."""
        return [mutant for mutant in self.survivors if mutant.name not in self.reasons]

    @property
    def stale(self) -> list[Name]:
        """Reasons for killed mutants and, in complete runs, for mutants that no longer exist."""
        tried = {mutant.name for mutant in self.mutants}
        files = {name.file for name in tried} if self.complete else set()
        alive = {mutant.name for mutant in self.survivors}
        asked = (name for name in self.reasons if name in tried or name.file in files)
        return [name for name in asked if name not in alive]

    def lines(self) -> Iterator[str]:
        """The lines of the report."""
        yield from self._table()
        for mutant in self.survivors:
            reason = self.reasons.get(mutant.name, "NOT LISTED in mutants_equivalent.toml")
            name = mutant.name
            again = f"  (occurrence {name.occurrence})" if name.occurrence > 1 else ""
            yield f"\n{name.file}:{mutant.line}  {name.function}{again}"
            yield f"    before   {name.before}"
            yield f"    after    {name.after}"
            yield f"    reason   {' '.join(reason.split())}"
        for name in self.stale:
            yield f"\nstale: listed as equivalent, but killed or gone: {list(name)}"

    def _table(self) -> Iterator[str]:
        yield f"{'file':32} {'generated':>9} {'killed':>7} {'equivalent':>10} {'surviving':>9}"
        explained = [mutant for mutant in self.survivors if mutant.name in self.reasons]
        files = dict.fromkeys(mutant.name.file for mutant in self.mutants)
        for title, among in [*((file, {file}) for file in files), ("all", set(files))]:
            generated, equivalent, surviving = (
                _count(some, among) for some in (self.mutants, explained, self.unexplained)
            )
            killed = generated - equivalent - surviving
            yield f"{title:32} {generated:9} {killed:7} {equivalent:10} {surviving:9}"


def _count(mutants: Sequence[Mutant], files: Collection[str]) -> int:
    return sum(mutant.name.file in files for mutant in mutants)

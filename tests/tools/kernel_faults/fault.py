"""A fault changes one place of one file: `before -> after`, as source text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mutants.generate import Name

KERNELS = "minigan/backends/cuda/kernels.cu"


@dataclass(frozen=True)
class Fault:
    """`replacement` replaces the text from `start` to `stop`; `words` describe the fault."""

    name: Name
    start: int
    stop: int
    replacement: str
    words: str
    planted: bool = False

    def applied(self, source: str) -> str:
        """The source text with the fault."""
        return source[: self.start] + self.replacement + source[self.stop :]


def planted(root: Path, listed: dict[str, list[dict[str, str]]]) -> Iterator[Fault]:
    """The faults of planted.toml. Raises ValueError unless `before` occurs once in its file."""
    for fault in listed["fault"]:
        file, before, after = fault["file"], fault["before"], fault["after"]
        source = (root / file).read_text(encoding="utf-8")
        if source.count(before) != 1:
            raise ValueError(f"{file} contains {source.count(before)} times, not once: {before}")
        start = source.index(before)
        function = fault["function"]
        name = Name(file, function, one_line(before), one_line(after))
        yield Fault(name, start, start + len(before), after, fault["words"], planted=True)


def one_line(text: str) -> str:
    """A text with every group of spaces and line breaks replaced by one space."""
    return " ".join(text.split())

"""A fault is one place of one file written otherwise: `before -> after`, in words of source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mutants.generate import Name

KERNELS = "minigan/backends/cuda/kernels.cu"


@dataclass(frozen=True)
class Fault:
    """`replacement` in the place of what stands at `start` to `stop`; `words` say what it is."""

    name: Name
    start: int
    stop: int
    replacement: str
    words: str
    planted: bool = False

    def applied(self, source: str) -> str:
        """The file with the fault."""
        return source[: self.start] + self.replacement + source[self.stop :]


def planted(root: Path, listed: dict[str, list[dict[str, str]]]) -> Iterator[Fault]:
    """The faults of planted.toml. Raises ValueError where `before` is not in its file just once."""
    for fault in listed["fault"]:
        file, before, after = fault["file"], fault["before"], fault["after"]
        source = (root / file).read_text(encoding="utf-8")
        if source.count(before) != 1:
            raise ValueError(f"{file} has {source.count(before)} times, not once: {before}")
        start = source.index(before)
        function = fault["function"]
        name = Name(file, function, one_line(before), one_line(after))
        yield Fault(name, start, start + len(before), after, fault["words"], planted=True)


def one_line(text: str) -> str:
    """The words of a text with single spaces between them."""
    return " ".join(text.split())

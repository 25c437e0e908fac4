"""All generated faults of the kernels: every slip at every place, each once."""

from __future__ import annotations

import zlib
from collections import Counter

from kernel_faults.fault import KERNELS, Fault, Name, one_line
from kernel_faults.operators import slips
from kernel_faults.source import lines

# Of slips that are many, one in twelve is tried, always the same ones, unless all are asked for.
MANY = frozenset({"name", "operator", "constant", "cast", "type"})
ONE_IN = 12


def of_source(source: str) -> list[Fault]:
    """The faults of CUDA source, in its order; of two with the same text, one."""
    found: dict[Name, Fault] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines(source):
        before = one_line(line.code)
        counts[line.function, before] += 1
        for slip in slips(line):
            after = line.code[: slip.start] + slip.text + line.code[slip.stop :]
            occurrence = counts[line.function, before]
            name = Name(KERNELS, line.function, before, one_line(after), occurrence)
            start, stop = line.start + slip.start, line.start + slip.stop
            found.setdefault(name, Fault(name, start, stop, slip.text, slip.words))
    return list(found.values())


def some(faults: list[Fault]) -> list[Fault]:
    """All guards, comparisons, signs, statements, ..., and some of the slips that are many."""
    return [f for f in faults if f.words not in MANY or _checksum(f) % ONE_IN == 0]


def _checksum(fault: Fault) -> int:
    return zlib.crc32(repr(fault.name).encode())

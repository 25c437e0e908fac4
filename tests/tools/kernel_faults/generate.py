"""Generate the faults of the kernels: every slip at every place, without duplicates."""

from __future__ import annotations

import zlib
from collections import Counter

from kernel_faults.fault import KERNELS, Fault, Name, one_line
from kernel_faults.operators import slips
from kernel_faults.source import lines

# These kinds of slip have many faults. Without --all, a fixed selection of one in twelve is run.
MANY = frozenset({"name", "operator", "constant", "cast", "type"})
ONE_IN = 12


def of_source(source: str) -> list[Fault]:
    """The faults of CUDA source in the order of the source, without duplicates."""
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
    """All faults of the rare kinds, and one in twelve of the frequent kinds."""
    return [f for f in faults if f.words not in MANY or _checksum(f) % ONE_IN == 0]


def _checksum(fault: Fault) -> int:
    return zlib.crc32(repr(fault.name).encode())

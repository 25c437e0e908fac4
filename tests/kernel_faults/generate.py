"""All generated faults of the kernels: every slip at every place, each once."""

from __future__ import annotations

from collections import Counter

from kernel_faults.fault import KERNELS, Fault, Name, one_line
from kernel_faults.operators import slips
from kernel_faults.source import lines


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

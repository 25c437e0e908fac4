"""Run the hostile trials: python tests/tools/hostile [TRIALS PER TARGET] [FIRST NUMBER]."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from hostile.campaign import attempt
from hostile.targets import TARGETS, prepare


def main(trials: int, first: int) -> int:
    """Print every fault; returns 1 if there is one."""
    faults = 0
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared"
        prepared.mkdir()
        prepare(prepared)
        for target in TARGETS:
            found = 0
            for number in range(first, first + trials):
                with tempfile.TemporaryDirectory(dir=scratch) as folder:
                    fault = attempt(prepared, Path(folder) / "trial", target, number)
                if fault:
                    found += 1
                    print(fault, flush=True)
            faults += found
            print(f"{target.name}: {found} faults in {trials} trials", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*numbers, *(100, 0)[len(numbers) :]))

"""What does `import minigan` cost beside `import numpy`? Paired, interleaved, medians of processes.

python benchmarks/import_time.py [REPEATS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

STATEMENTS = (
    "pass",
    "import numpy",
    "import minigan",
    "import minigan.algorithm1",
    "import minigan.gradcheck",
)


def seconds(statement: str) -> float:
    """Wall-clock seconds of one fresh interpreter that runs the statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main(repeats: int) -> None:
    """Print the median of each statement, its quartiles, and its ratio to `import numpy`."""
    for statement in STATEMENTS:
        seconds(statement)  # the first run compiles bytecode and fills the disk cache
    times: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    for _ in range(repeats):
        for statement in STATEMENTS:
            times[statement].append(seconds(statement))
    reference = statistics.median(times["import numpy"])
    print(f"{'statement':28} {'median ms':>9} {'quartiles ms':>15} {'/ import numpy':>15}")
    for statement, measured in times.items():
        low, middle, high = (1000 * q for q in statistics.quantiles(measured, n=4))
        ratio = middle / 1000 / reference
        print(f"{statement:28} {middle:9.1f} {f'{low:.1f} - {high:.1f}':>15} {ratio:15.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)

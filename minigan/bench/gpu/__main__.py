"""The short play that compute-sanitizer watches: python -m minigan.bench.gpu cuda:0

Every check of parity on tiny sizes, each array in memory of its own. The exit status is 1 where a
check fails, 2 where the device cannot be used.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from minigan.backends import open_backend
from minigan.backends.cupy import CuPyBackend
from minigan.bench.gpu.parity import parity
from minigan.bench.gpu.workload import QUICK
from minigan.errors import UserError


def main(arguments: Sequence[str]) -> int:
    """Play on the device that is named, the first GPU if none is; returns the exit status."""
    try:
        backend = open_backend(arguments[0] if arguments else "cuda")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    if not isinstance(backend, CuPyBackend):
        print("only a GPU can be played on: name cuda or cuda:1", file=sys.stderr)
        return 2
    cupy = backend.xp
    cupy.cuda.set_allocator(None)  # no pool
    failed = [outcome for outcome in parity(backend, QUICK) if not outcome.passed]
    for outcome in failed:
        print(f"{outcome.name}: {outcome.fault or outcome.error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

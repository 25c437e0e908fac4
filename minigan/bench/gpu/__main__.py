"""The short program that compute-sanitizer examines: python -m minigan.bench.gpu cuda:0

It runs every parity check on tiny sizes, with a separate allocation for each array. The exit status
is 1 if a check fails and 2 if the device cannot be used.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from minigan.backends import open_backend
from minigan.backends.cupy import CuPyBackend
from minigan.bench.gpu.parity import parity
from minigan.bench.gpu.workload import QUICK
from minigan.errors import UserError
from minigan.system.messages import say


def main(arguments: Sequence[str]) -> int:
    """Run the checks on the named device (default: the first GPU); return the exit status."""
    try:
        backend = open_backend(arguments[0] if arguments else "cuda")
    except UserError as error:
        say(error)
        return 2
    if not isinstance(backend, CuPyBackend):
        say("the device must be a GPU: cuda or cuda:1")
        return 2
    cupy = backend.xp
    cupy.cuda.set_allocator(None)  # no memory pool
    failed = [result for result in parity(backend, QUICK) if not result.passed]
    for result in failed:
        say(f"{result.name}: {result.fault or result.error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

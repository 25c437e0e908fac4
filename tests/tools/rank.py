"""The command minigan as one rank, which writes its process number to rank-NUMBER.pid.

MINIGAN_TEST_LIMIT: the rank that can write no file of more than 4,000 bytes, as on a full disk.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

from minigan.__main__ import main
from minigan.system import mpi
from minigan.system.launcher import launched_rank

number = str(launched_rank())
Path(f"rank-{number}.pid").write_text(str(os.getpid()))
limited = os.environ.get("MINIGAN_TEST_LIMIT")
if limited:
    mpi.world()  # the MPI library needs larger files in memory
if limited == number:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write then raises OSError
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
sys.exit(main())

"""The command minigan as one rank, which writes its process number to rank-NUMBER.pid."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from minigan.__main__ import main
from minigan.system.launcher import launched_rank

Path(f"rank-{launched_rank()}.pid").write_text(str(os.getpid()))
sys.exit(main())

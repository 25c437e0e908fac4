"""Work for processes side by side; it must be in a module that a new process can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

FOLDER = "MINIGAN_TEST_FOLDER"


def mark(seed: int, place: int) -> str | None:
    """Write a file of the seed. An odd seed fails; 4 is killed; 6 waits for an interrupt."""
    folder = Path(os.environ[FOLDER])
    (folder / f"{seed}-{place}").touch()
    if seed == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    if seed == 6:
        time.sleep(60)
    return f"{seed} is odd" if seed % 2 else None

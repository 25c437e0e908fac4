"""Work for processes side by side; it must be in a module that a new process can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

FOLDER = "MINIGAN_TEST_FOLDER"


def mark(name: str, place: int) -> str | None:
    """Write a file of the name. An odd number fails; 4 is killed; 6 waits for an interrupt."""
    folder = Path(os.environ[FOLDER])
    (folder / f"{name}-{place}").touch()
    if name == "4":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "6":
        time.sleep(60)
    return f"{name} is odd" if int(name) % 2 else None

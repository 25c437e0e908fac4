"""What happens in a run, for programs: one JSON object per line, on standard output.

    {"event": "begin", "run": ..., "iteration": 0, ...}        the folder is there
    {"event": "log", "iteration": ..., "V": ..., ...}          a line was added to log.jsonl
    {"event": "warning", "iteration": ..., "reason": ...}      G has begun to collapse
    {"event": "checkpoint", "iteration": ..., "path": ...}     checkpoint.npz is whole on the disk
    {"event": "stopped", "reason": ...}                        by NaN, a full disk, ...
    {"event": "end", "interrupted": ..., ...}                  nothing more will be written

A reader that leaves does not stop the run.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


class Events:
    """Tells events, or nothing where `wanted` is False."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted

    def emit(self, event: str, **facts: Any) -> None:
        """Print one event at once."""
        if not self.wanted:
            return
        try:
            # In one piece: after `print`, a Ctrl-C could find a line that lacks its newline.
            sys.stdout.write(json.dumps({"event": event, **facts}, allow_nan=False) + "\n")
            sys.stdout.flush()
        except OSError:
            self.wanted = False
            # Python flushes standard output once more at its exit, and must find nobody to blame.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

"""The events of a run for other programs: one JSON object per line on standard output.

    {"event": "begin", "run": ..., "iteration": 0, ...}        the run folder exists
    {"event": "log", "iteration": ..., "V": ..., ...}          a line was added to log.jsonl
    {"event": "warning", "iteration": ..., "reason": ...}      G has started to collapse
    {"event": "checkpoint", "iteration": ..., "path": ...}     checkpoint.npz is complete on disk
    {"event": "stopped", "reason": ...}                        an error or a Ctrl-C ended the run
    {"event": "end", "interrupted": ..., ...}                  the run has written all its files

If the reader closes the pipe, the run continues without events. If they cannot be written for
another reason, such as a full disk, the run continues, too, and `lost` is the reason.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


class Events:
    """Writes events to standard output if `enabled`, otherwise nothing."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self.lost: str | None = None

    def emit(self, event: str, **facts: Any) -> None:
        """Write one event and flush it. Raises ValueError for a number that is not finite."""
        if not self.enabled:
            return
        try:
            # One write: `print` writes the newline separately, and a Ctrl-C could come between.
            sys.stdout.write(json.dumps({"event": event, **facts}, allow_nan=False) + "\n")
            sys.stdout.flush()
        except OSError as error:
            self.enabled = False
            if not isinstance(error, BrokenPipeError):
                self.lost = error.strerror or str(error)
            # Python flushes standard output again at exit; to /dev/null, this raises no error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

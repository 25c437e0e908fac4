"""The commit of the clone that minigan is imported from; None where it is not in a clone."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import minigan

SECONDS = 20  # time limit of a program that prints a value
CHECKOUT = Path(minigan.__file__).parent.parent


def commit(checkout: Path = CHECKOUT) -> tuple[str | None, bool]:
    """The commit of a checkout, and whether minigan has changed since; None without git."""
    head = output_of(["git", "-C", str(checkout), "rev-parse", "HEAD"])
    top = output_of(["git", "-C", str(checkout), "rev-parse", "--show-toplevel"])
    if head is None or top is None or Path(top).resolve() != checkout.resolve():
        return None, False  # installed in a folder of another repository
    changes = output_of(["git", "-C", str(checkout), "status", "--porcelain", "--", "minigan"])
    return head, changes != ""


def commit_facts(checkout: Path = CHECKOUT) -> dict[str, str]:
    """The facts `commit` and `committed` (its date) of a report; empty outside a clone."""
    head, changed = commit(checkout)
    date = output_of(["git", "-C", str(checkout), "show", "-s", "--format=%cI", "HEAD"])
    if head is None or date is None:
        return {}
    return {"commit": head + (" with changes" if changed else ""), "committed": date}


def output_of(command: Sequence[str]) -> str | None:
    """The output of a program without the last newline; None if it fails or is not installed."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()

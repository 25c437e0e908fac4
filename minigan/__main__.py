"""`python -m minigan`, and the command `minigan`."""

from __future__ import annotations

import sys


def main() -> int:
    """The command line; a Ctrl-C while it is still being loaded is no traceback either."""
    try:
        from minigan.cli import main as command_line
    except KeyboardInterrupt:
        print("minigan: interrupted", file=sys.stderr)
        return 130
    return command_line()


if __name__ == "__main__":
    sys.exit(main())

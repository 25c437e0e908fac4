"""The entry point of the command `minigan` and of `python -m minigan`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns the exit status.

    A Ctrl-C during the import of the package prints one line and returns 130, without a traceback.
    """
    try:
        from minigan.cli import main as command_line
    except KeyboardInterrupt:
        print("minigan: interrupted", file=sys.stderr)
        return 130
    return command_line()


if __name__ == "__main__":
    sys.exit(main())

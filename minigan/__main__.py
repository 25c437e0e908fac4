"""The entry point of the command `minigan` and of `python -m minigan`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns the exit status.

    An interrupt at any moment, also during the import of the package, prints one line and returns
    130, without a traceback. Afterwards the signals are ignored, because the status is known.
    """
    try:
        from minigan.system import signals

        signals.raise_interrupts()
        from minigan.cli import main as command_line

        status = command_line()
        signals.ignore()
    except KeyboardInterrupt:
        from minigan.system import launcher, messages, signals

        signals.ignore()
        launcher.leave("minigan: interrupted", 130)
        if "--debug" in sys.argv:
            raise
        messages.say("minigan: interrupted")
        status = 130
    return status


if __name__ == "__main__":
    sys.exit(main())

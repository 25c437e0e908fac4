"""The command that installs an optional library, for messages about a missing one.

    install_command("plot")      /usr/bin/python3 -m pip install matplotlib

The command works in the environment in which it is printed, and whether minigan was installed
from a clone, from a wheel or from a package index: it names the libraries of an extra, not minigan.
"""

from __future__ import annotations

import re
import shlex
import sys
from importlib import metadata


def install_command(extra: str) -> str:
    """The command that installs the libraries of one of minigan's extras."""
    pattern = re.compile(rf"""(.+?)\s*;\s*extra\s*==\s*["']{re.escape(extra)}["']""")
    try:
        requirements = metadata.requires("minigan") or []
    except metadata.PackageNotFoundError:  # minigan is used from its folder, without installation
        requirements = []
    libraries = [match[1] for one in requirements if (match := pattern.fullmatch(one))]
    words = [sys.executable or "python3", "-m", "pip", "install"]
    return shlex.join([*words, *(libraries or [f"minigan[{extra}]"])])

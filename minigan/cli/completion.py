"""`minigan completion`: print a script that completes the commands of minigan in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from minigan.cli.arguments import Parser, add_debug, path
from minigan.errors import UserError

SHELLS = ("bash", "zsh", "tcsh")


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan completion`."""
    completion = commands.add_parser(
        "completion",
        help="print a script that completes commands, options, recipes and paths in a shell",
        description="Print a script that completes commands, options, recipes and paths. In bash: "
        'eval "$(minigan completion bash)", in a terminal or at the end of ~/.bashrc. In zsh: '
        "minigan completion zsh > ~/.zfunc/_minigan, with fpath+=~/.zfunc before compinit. Needs "
        "the library shtab.",
    )
    completion.add_argument(
        "shell", choices=SHELLS, metavar="SHELL", help=f"the shell: {', '.join(SHELLS)}"
    )
    add_debug(completion)


def run(options: Any) -> int:
    """Print the script; returns the exit status. Raises UserError without shtab."""
    from minigan.system.install import install_command
    from minigan.training import recipes

    try:
        import shtab
    except ImportError:
        raise UserError(f"completion needs shtab: {install_command('completion')}") from None
    for action in _actions(options.parser):
        if action.type is path:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.dest == "recipe":
            action.choices = recipes.names()
    print(shtab.complete(options.parser, options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a parser and of its subcommands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _actions(one)

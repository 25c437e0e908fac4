"""The parsers of all commands: help, defaults, and error messages of one line."""

from __future__ import annotations

import argparse
import re

import pytest

from minigan.cli import commands as commands_of

COMMANDS = [
    "train",
    "sample",
    "infer",
    "complete",
    "labels",
    "parzen",
    "quality",
    "figure",
    "report",
    "reproduce",
    "data",
    "gradcheck",
    "theory",
    "bench",
    "info",
    "completion",
]


def commands():
    """The main parser, and the parser of each command by name."""
    parser = commands_of.parser()
    return parser, next(
        action.choices
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_describes_a_command_and_every_argument(command, capsys):
    _, choices = commands()
    assert choices[command].description
    for action in choices[command]._actions:
        assert action.help, f"{command} {action.dest}"
    with pytest.raises(SystemExit) as stop:
        choices[command].parse_args(["--help"])
    assert stop.value.code == 0
    assert choices[command].description.split(".")[0] in " ".join(capsys.readouterr().out.split())


def test_the_defaults_match_the_help():
    parser, choices = commands()
    assert list(choices) == COMMANDS
    train = parser.parse_args(["train"])
    assert (train.recipe, train.out, train.seed, train.iterations) == (None, None, None, None)
    assert (train.set, train.resume, train.data_dir, train.device) == ([], None, None, None)
    flags = ("quiet", "json", "csv", "tensorboard", "debug")
    assert [getattr(train, flag) for flag in flags] == [False] * 5
    sample = parser.parse_args(["sample", "RUN"])
    assert (sample.count, sample.seed, sample.out, sample.device) == (100, 0, None, None)
    parzen = parser.parse_args(["parzen", "RUN"])
    assert (parzen.count, parzen.seed, parzen.checkpoint) == (None, None, None)
    for command in ("train", "sample", "parzen"):
        for action in choices[command]._actions:
            default = re.search(r"\(default: (\w+)\)$", action.help)
            if default and action.default is not None:
                assert str(action.default) == default[1], f"{command} {action.dest}"


@pytest.mark.parametrize("seed", ["0", "18446744073709551615", "007"])
def test_every_seed_of_64_bits_is_accepted(seed):
    assert commands()[0].parse_args(["train", "--seed", seed]).seed == int(seed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["train", "--seed", "x"],
            "minigan: argument --seed: 'x' is not a whole number ",
        ),
        (["train", "--nope"], "minigan: there is no argument --nope (see minigan train --help)"),
        (
            ["train", "--iters=100"],
            "minigan: there is no argument --iters=100; did you mean --iterations? (see minigan ",
        ),
        (
            ["train", "digits", "100"],
            "minigan: there is no argument 100; did you mean --iterations 100? (see minigan train ",
        ),
        (
            ["sample", "RUN", "50"],
            "minigan: there is no argument 50; did you mean --count 50? (see minigan sample ",
        ),
        (["train", "digits", "x"], "minigan: there is no argument x (see minigan train --help)"),
        (["trian"], "minigan: argument COMMAND: there is no 'trian'; did you mean train? (see "),
        (
            ["data", "fetsh"],
            "minigan: argument ACTION: there is no 'fetsh'; did you mean fetch? (see minigan data ",
        ),
        (["sample"], "minigan: the following arguments are required: RUN (see minigan sample "),
    ],
)
def test_an_error_message_is_one_line_with_the_help_command(capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        commands_of.parser().parse_args(arguments)
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(message)
    assert line.endswith("--help)")

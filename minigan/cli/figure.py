"""`minigan figure`: draw the figures of the paper, and other figures."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigan.cli.arguments import (
    D_steps,
    Parser,
    add_checkpoint,
    add_data_dir,
    add_debug,
    path,
    seed,
)
from minigan.errors import UserError

if TYPE_CHECKING:
    from minigan.data.images import Images

PRETRAINED = "mnist"  # the default generator of Figures 2 and 3

_RUN_ARGUMENTS = {
    "source": "a run folder", "data_dir": "--data-dir", "checkpoint": "--checkpoint"
}  # fmt: skip
_PAGE_ARGUMENTS = {"k": "--k", "objective": "--objective", "rate": "--rate"}
_FIGURE_1_ARGUMENTS = {"animation": "--animation", "html": "--html", **_PAGE_ARGUMENTS}
_NOT_ACCEPTED = {
    "1": _RUN_ARGUMENTS,
    "2": _FIGURE_1_ARGUMENTS,
    "2c": _FIGURE_1_ARGUMENTS,
    "2d": _FIGURE_1_ARGUMENTS,
    "3": {**_FIGURE_1_ARGUMENTS, "data_dir": "--data-dir"},
    "latent": {**_FIGURE_1_ARGUMENTS, "data_dir": "--data-dir"},
    "helvetica": {**_RUN_ARGUMENTS, **_FIGURE_1_ARGUMENTS},
    "wasserstein": {**_RUN_ARGUMENTS, **_FIGURE_1_ARGUMENTS},
    "relatives": {**_RUN_ARGUMENTS, **_FIGURE_1_ARGUMENTS},
}


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan figure`."""
    figure = commands.add_parser(
        "figure",
        help="draw Figure 1, 2 or 3 of the paper, or another figure",
        description="Draw a figure and print what it shows. 1: p_data, p_g and D of a "
        "GAN in one dimension, trained by this command. 2: random samples of G next to their "
        "nearest training examples, and a check whether G copies examples. 2c and 2d: 20 samples "
        "of a run on images with normalised contrast, such as cifar10-small. 3: samples on a path "
        "from one z to another, linear and spherical. latent: images for which one coordinate of z "
        "changes or, for a run on points, the mode to which G maps each z. helvetica: a GAN on "
        "points in the plane, trained by this command with one and with ten G steps per D step; "
        "the second collapses, and with a penalty on D it does not. wasserstein: JSD "
        "and the Wasserstein-1 distance of two point masses, and D* and a critic of the GAN in "
        "one dimension. relatives: other models of section 2, trained by this command on digits.",
    )
    figure.add_argument(
        "which",
        choices=list(_NOT_ACCEPTED),
        help=f"draw this figure: {', '.join(_NOT_ACCEPTED)}",
    )
    figure.add_argument(
        "source",
        nargs="?",
        type=path,
        metavar="RUN",
        help="Figures 2 and 3, latent: use the G of this run folder (default: mnist, the "
        "pretrained generator)",
    )
    figure.add_argument(
        "--out",
        type=path,
        metavar="FILE",
        help="write the figure to this .png file; Figure 1, wasserstein and relatives also .svg or "
        ".pdf (default: figureN.png, or for example latent.png; in RUN if given)",
    )
    figure.add_argument(
        "--seed", type=seed, default=0, help="set the seed of all random numbers (default: 0)"
    )
    figure.add_argument(
        "--animation",
        type=path,
        metavar="FILE",
        help="Figure 1: also write the whole training as an animated .png file",
    )
    figure.add_argument(
        "--html",
        type=path,
        metavar="FILE",
        help="Figure 1: write an interactive .html page instead, with one recorded game for each "
        "combination of --k, --objective and --rate",
    )
    figure.add_argument(
        "--k", type=D_steps, nargs="+", help="with --html: D steps per iteration (default: 5 1)"
    )
    figure.add_argument(
        "--objective",
        nargs="+",
        choices=("non_saturating", "minimax"),
        metavar="NAME",
        help="with --html: objectives of G, non_saturating or minimax (default: both)",
    )
    figure.add_argument(
        "--rate",
        type=_factor,
        nargs="+",
        help="with --html: factors for the learning rates of Figure 1 (default: 1 0.25)",
    )
    add_data_dir(
        figure, "Figure 2: load the data set from this folder (default: the folder of the run)"
    )
    add_checkpoint(figure)
    figure.add_argument("--json", action="store_true", help="print the results as JSON")
    figure.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(figure)


def run(options: Any) -> int:
    """Draw the figure; print its path and what it shows; returns the exit status."""
    for name, argument in _NOT_ACCEPTED[options.which].items():
        if getattr(options, name) is not None:
            raise UserError(
                f"minigan figure {options.which} does not accept {argument}: leave it out"
            )
    if options.html:
        return _page_of_figure1(options)
    for name, argument in _PAGE_ARGUMENTS.items():
        if getattr(options, name) is not None:
            raise UserError(f"{argument} needs --html FILE")
    name = f"figure{options.which}" if options.which[0].isdigit() else options.which
    out = options.out or _default_path(options.source, f"{name}.png")
    from minigan.system.files import require_writable

    for file in filter(None, (options.out if options.source else out, options.animation)):
        require_writable(file)
    result = _DRAW[options.which](options, out)
    if options.json:
        print(json.dumps({"file": str(out), "seed": options.seed, **result.to_json()}))
    else:
        print(f"{out}\n{result}")
    return 0


def _default_path(source: Path | None, file: str) -> Path:
    from minigan.training.runs import pretrained

    return pretrained.output_path(source, file) if source else Path(file)


def _figure1(options: Any, out: Path) -> Any:
    from minigan.reports.figures import figure1

    return figure1.draw(options.seed, out, options.animation, options.quiet)


def _page_of_figure1(options: Any) -> int:
    """Write the interactive page of Figure 1; print its path and the last numbers of each game."""
    from minigan.objectives import OBJECTIVES
    from minigan.reports.figures.interactive.line_page import write_page

    for name in ("out", "animation"):
        if getattr(options, name) is not None:
            raise UserError(f"--html writes a page instead of a picture: leave out --{name}")
    games = write_page(
        options.html,
        options.seed,
        options.k or (5, 1),
        [OBJECTIVES[name] for name in options.objective or ("non_saturating", "minimax")],
        options.rate or (1.0, 0.25),
        options.quiet,
    )
    if options.json:
        print(json.dumps({"file": str(options.html), "seed": options.seed, **games.to_json()}))
    else:
        print(f"{options.html}\n{games}")
    return 0


def _factor(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and at most 100")
    return value


def _helvetica(options: Any, out: Path) -> Any:
    from minigan.reports.figures import helvetica

    return helvetica.draw(out, options.seed, options.quiet)


def _wasserstein(options: Any, out: Path) -> Any:
    from minigan.reports.figures import wasserstein

    return wasserstein.draw(out, options.seed)


def _relatives(options: Any, out: Path) -> Any:
    from minigan.reports.figures import relatives

    return relatives.draw(out, options.seed)


def _figure2_or_3(options: Any, out: Path) -> Any:
    from minigan.data.contrast import NormalisedImages
    from minigan.reports.figures import figure2, figure2_colour, figure3
    from minigan.system.files import replacing
    from minigan.system.messages import step_log
    from minigan.system.text import command
    from minigan.training import pictures, sampling
    from minigan.training.runs import pretrained

    if out.suffix.lower() != ".png":
        raise UserError(f"{out} must end in .png")
    if options.which in ("2c", "2d") and options.source is None:
        raise UserError(
            f"minigan figure {options.which} needs the folder of a run on colour images, for "
            "example one of the recipe cifar10-small"
        )
    source = options.source or pretrained.MODELS / PRETRAINED
    sampler = sampling.load_sampler(source, options.checkpoint or "last")
    shape = _shape(source)
    result: Any
    with replacing(out) as file:  # opened first, so that an invalid path raises an error at once
        if options.which == "2":
            train, test = _examples(source, options.data_dir)
            report = step_log("searching for", options.quiet)
            picture, result = figure2.draw(sampler, train, test, options.seed, report)
        elif options.which == "3":
            picture, result = figure3.draw(sampler, shape, options.seed, _is_normalised(source))
        else:
            train, _ = _examples(source, options.data_dir)
            if not isinstance(train, NormalisedImages):
                raise UserError(
                    f"{source} was trained on images without normalised contrast: draw its samples "
                    f"with {command('figure', '2', source)}"
                )
            picture, result = figure2_colour.draw(sampler, train, options.seed)
        file.write(pictures.png(picture))
    return result


def _latent(options: Any, out: Path) -> Any:
    from minigan.reports.figures import latent
    from minigan.training.runs import pretrained

    source = options.source or pretrained.MODELS / PRETRAINED
    return latent.draw(out, source, options.checkpoint or "last", options.seed)


_DRAW = {
    "1": _figure1,
    "2": _figure2_or_3,
    "2c": _figure2_or_3,
    "2d": _figure2_or_3,
    "3": _figure2_or_3,
    "latent": _latent,
    "helvetica": _helvetica,
    "wasserstein": _wasserstein,
    "relatives": _relatives,
}


def _shape(source: Path) -> tuple[int, int, int]:
    """(height, width, channels) of the images of G. Raises UserError for a G of points."""
    from minigan.system.text import command
    from minigan.training.runs.directory import RunDirectory

    shape = RunDirectory.open(source).read_environment()["data"]["shape"]
    if len(shape) == 1:
        raise UserError(
            f"{source} was trained on points, but Figures 2 and 3 show images: draw its samples "
            f"with {command('sample', source)}"
        )
    height, width, channels = shape
    return height, width, channels


def _is_normalised(source: Path) -> bool:
    """Whether the run was trained on images with normalised contrast."""
    from minigan.training.runs.directory import RunDirectory

    return RunDirectory.open(source).read_recipe().data.contrast > 0


def _examples(source: Path, data_dir: Path | None) -> tuple[Images, Images]:
    """The training images and the held-out images of the run's data set."""
    from minigan.data.images import Images
    from minigan.reports.run_data import data_of_run

    data = data_of_run(source, data_dir)
    assert isinstance(data.train, Images)
    assert isinstance(data.held_out, Images)
    return data.train, data.held_out

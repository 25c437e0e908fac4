"""`minigan figure`: the figures of the paper."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigan.cli.arguments import Parser, add_checkpoint, add_data_dir, add_debug, path, seed
from minigan.errors import UserError

if TYPE_CHECKING:
    from minigan.data.images import Images

SHIPPED = "mnist"  # the generator that comes with minigan

_PLAYED = {"source": "run folder", "data_dir": "--data-dir", "checkpoint": "--checkpoint"}
_NOT_FOR = {
    "1": _PLAYED,
    "2": {"animation": "--animation"},
    "3": {"animation": "--animation", "data_dir": "--data-dir"},
    "helvetica": {**_PLAYED, "animation": "--animation"},
}


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan figure`."""
    figure = commands.add_parser(
        "figure",
        help="draw Figure 1, 2 or 3 of the paper, or the Helvetica scenario",
        description="Figure 1: p_data, p_g and D of a game in one dimension, trained here. "
        "Figure 2: random samples of a G beside their nearest training examples, and whether G "
        "repeats those. Figure 3: from one z to another, on linear and on spherical paths. "
        "helvetica: a game on points, and how it collapses with ten steps on G per step on D.",
    )
    figure.add_argument("which", choices=list(_NOT_FOR), help="1, 2, 3 or helvetica")
    figure.add_argument(
        "source",
        nargs="?",
        type=path,
        metavar="RUN",
        help="Figures 2 and 3: a run folder (default: the MNIST generator that comes with minigan)",
    )
    figure.add_argument(
        "--out",
        type=path,
        metavar="FILE",
        help="a .png file, of Figure 1 also .svg or .pdf (default: figureN.png or helvetica.png)",
    )
    figure.add_argument("--seed", type=seed, default=0, help="of every draw (default: 0)")
    figure.add_argument(
        "--animation", type=path, metavar="FILE", help="Figure 1: the whole game too, as a .png"
    )
    add_data_dir(figure, "Figure 2: where the data set is (default: where the run had it from)")
    add_checkpoint(figure)
    figure.add_argument("--json", action="store_true", help="what is printed, as JSON")
    figure.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(figure)


def run(options: Any) -> int:
    """Draw the figure; print where it is and what it shows; returns the exit status."""
    for name, words in _NOT_FOR[options.which].items():
        if getattr(options, name) is not None:
            raise UserError(f"Figure {options.which} takes no {words}: leave it out")
    name = options.which if options.which == "helvetica" else f"figure{options.which}"
    out = options.out or _beside(options.source, f"{name}.png")
    told = _DRAWN[options.which](options, out)
    if options.json:
        print(json.dumps({"file": str(out), "seed": options.seed, **told.to_json()}))
    else:
        print(f"{out}\n{told}")
    return 0


def _beside(source: Path | None, file: str) -> Path:
    from minigan.training.runs import pretrained

    return pretrained.output_path(source, file) if source else Path(file)


def _figure1(options: Any, out: Path) -> Any:
    from minigan.reports.figures import figure1

    return figure1.draw(options.seed, out, options.animation, options.quiet)


def _helvetica(options: Any, out: Path) -> Any:
    from minigan.reports.figures import helvetica

    return helvetica.draw(out, options.seed, options.quiet)


def _figure2_or_3(options: Any, out: Path) -> Any:
    from minigan.reports.figures import figure2, figure3
    from minigan.system.files import replacing
    from minigan.training import pictures, sampling
    from minigan.training.runs import pretrained

    if out.suffix.lower() != ".png":
        raise UserError(f"{out} must end in .png")
    source = options.source or pretrained.MODELS / SHIPPED
    sampler = sampling.load_sampler(source, options.checkpoint or "last")
    shape = _shape(source)
    told: Any
    with replacing(out) as file:  # first, so that a wrong folder is told at once
        if options.which == "2":
            train, test = _examples(source, options.data_dir)
            tell = _teller(options.quiet)
            picture, told = figure2.draw(sampler, train, test, options.seed, tell)
        else:
            picture, told = figure3.draw(sampler, shape, options.seed)
        file.write(pictures.png(picture))
    return told


_DRAWN = {
    "1": _figure1,
    "2": _figure2_or_3,
    "3": _figure2_or_3,
    "helvetica": _helvetica,
}


def _shape(source: Path) -> tuple[int, int, int]:
    """(height, width, channels) of what G makes. Raises UserError where it makes points."""
    from minigan.training.runs.directory import RunDirectory

    shape = RunDirectory.open(source).read_environment()["data"]["shape"]
    if len(shape) == 1:
        raise UserError(
            f"{source} was trained on points, and Figures 2 and 3 show images: draw its points "
            f"with minigan sample {source}"
        )
    height, width, channels = shape
    return height, width, channels


def _examples(source: Path, data_dir: Path | None) -> tuple[Images, Images]:
    """The training and the test images of what G was trained on."""
    from minigan.data.images import Images
    from minigan.reports import likelihood

    data = likelihood.data_of_run(source, data_dir)
    assert isinstance(data.train, Images)
    assert isinstance(data.test, Images)
    return data.train, data.test


def _teller(quiet: bool) -> Callable[[str], None]:
    def tell(words: str) -> None:
        if not quiet and sys.stderr.isatty():
            print(f"looking for {words}", file=sys.stderr)

    return tell

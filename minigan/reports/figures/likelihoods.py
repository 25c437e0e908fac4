"""Plots of the Parzen log-likelihood: against sigma, and against the number of samples.

    left      mean LL of the validation images at each sigma tried; the chosen one ringed
    right     LL of the test images by the first n samples, with the sigma chosen for each n,
              and its standard error; the scores of as many training images beside it

The left curve says whether the grid holds the best sigma and how sharp the choice is; the right one
whether more samples would still raise the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from minigan.data.sets import DataSet
from minigan.evaluation import likelihood_curves
from minigan.evaluation.baselines import Baseline
from minigan.evaluation.parzen import SampleRows
from minigan.evaluation.protocol import SAMPLES, Choice, Score, validation_images
from minigan.reports.figures import plots
from minigan.reports.figures.plots import BLUE, GREEN, ORANGE
from minigan.system.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 5.2, 4.2  # inches, of one plot


def write(
    out: Path,
    samples: SampleRows,
    data: DataSet,
    score: Score,
    refined: Score | None = None,
    baselines: Sequence[Baseline] = (),
) -> None:
    """Plot into `out` (.png, .svg or .pdf) how the samples (N, d) came to their score.

    The scores of fewer samples are computed here, on the validation and test images of the data.
    Raises UserError where `plots.check` does, OSError where the file cannot be written.
    """
    plots.require_matplotlib(out)
    validation = validation_images(data.validation)
    scores = likelihood_curves.against_n(samples, validation, data.test.all(), score)
    write_atomically(out, draw(scores, refined, baselines, out.suffix))


def draw(
    scores: Sequence[Score], refined: Score | None, baselines: Sequence[Baseline], suffix: str
) -> bytes:
    """The two plots as a file: the scores by n (`curves.against_n`), the last being the score.

    `refined` is the score with a finer grid; it and `baselines` are left out where there are none.
    """
    figure, (left, right) = plots.empty(2, WIDTH, HEIGHT)
    against_sigma(left, scores[-1].choice, refined.choice if refined else None)
    draw_against_n(right, scores, baselines)
    return plots.encoded(figure, suffix)


def against_sigma(axes: Axes, choice: Choice, finer: Choice | None = None) -> None:
    """The validation means of a choice, and those of a finer grid."""
    _grid(axes, choice, BLUE, "o-", "grid of the paper")
    if finer:
        _grid(axes, finer, ORANGE, "-", "finer grid")
    axes.set_xscale("log")
    ticks = [0.1, 0.2, 0.3, 0.5, 1.0]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("sigma, for pixels in [0, 1]")
    axes.set_ylabel("LL of the validation images, nats")
    plots.name_lines(axes)


def _grid(axes: Axes, choice: Choice, colour: str, style: str, name: str) -> None:
    label = f"{name}: {choice.LL:.1f} at sigma = {choice.sigma:.4f}"
    axes.plot(choice.sigmas, choice.means, style, color=colour, markersize=4, label=label)
    axes.scatter([choice.sigma], [choice.LL], 110, facecolors="none", edgecolors=colour, zorder=3)


def draw_against_n(axes: Axes, scores: Sequence[Score], baselines: Sequence[Baseline] = ()) -> None:
    """LL with its standard error by n, and what as many training images score."""
    n, LL = [score.N for score in scores], [score.LL for score in scores]
    errors = [score.error for score in scores]
    label = f"samples: {LL[-1]:.1f} with all {n[-1]:,}"
    axes.errorbar(n, LL, errors, fmt="o-", color=BLUE, markersize=4, capsize=3, label=label)
    images = [baseline for baseline in baselines if baseline.name.endswith("training images")]
    if images:
        most = images[-1]
        perfect = " (perfect model)" if most.centres == SAMPLES else ""
        axes.axhline(most.LL, color=GREEN, linestyle="--", linewidth=1.2)
        axes.plot(
            [baseline.centres for baseline in images],
            [baseline.LL for baseline in images],
            "D--",
            linewidth=0,
            color=GREEN,
            markersize=5,
            label=f"training images: {most.LL:.1f} with {most.centres:,}{perfect}",
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("n, the number of samples")
    axes.set_ylabel("LL of the test images, nats")
    plots.name_lines(axes)

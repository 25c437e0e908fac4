"""Plots of the Parzen log-likelihood against sigma and against the number of samples.

    left      mean LL of the validation images at each sigma, with a ring at the chosen sigma
    right     LL of the test images under the first n samples, with its standard error; sigma is
              chosen for each n; the scores of training images for comparison

The left plot shows whether the best sigma is inside the grid and how strongly LL depends on it. The
right plot shows whether more samples would still increase the score.
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
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 5.2, 4.2  # inches, of one plot


def write(
    out: Path,
    samples: SampleRows,
    data: DataSet,
    score: Score,
    refined: Score | None = None,
    baselines: Sequence[Baseline] = (),
) -> None:
    """Writes both plots for the samples (N, d) to `out`, a .png, .svg or .pdf file.

    `score` is the score of all samples. The scores of fewer samples are computed here, on the
    validation and test images of `data`. Raises the errors of `plots.require_matplotlib`, and
    OSError if the file cannot be written.
    """
    plots.require_matplotlib(out)
    validation = validation_images(data.validation)
    scores = likelihood_curves.against_n(samples, validation, data.require_test().all(), score)
    write_atomically(out, draw(scores, refined, baselines, out.suffix))


def draw(
    scores: Sequence[Score], refined: Score | None, baselines: Sequence[Baseline], suffix: str
) -> bytes:
    """Returns the content of a file with both plots.

    `scores` are the results of `likelihood_curves.against_n`. `refined` is the score with the finer
    grid, or None. `baselines` may be empty.
    """

    def fill(figure: Figure) -> None:
        left, right = plots.row_of_axes(figure, 2)
        against_sigma(left, scores[-1].choice, refined.choice if refined else None)
        draw_against_n(right, scores, baselines)

    return plots.drawn(fill, suffix, figsize=(2 * WIDTH, HEIGHT), layout="constrained")


def against_sigma(axes: Axes, choice: Choice, finer: Choice | None = None) -> None:
    """Plots the mean LL of the validation images against sigma, for one or two grids."""
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
    """Plots LL with its standard error against n, and the scores of n training images."""
    n, LL = [score.N for score in scores], [score.LL for score in scores]
    errors = [score.error for score in scores]
    label = f"samples: {LL[-1]:.1f} with all {n[-1]:,}"
    axes.errorbar(n, LL, errors, fmt="o-", color=BLUE, markersize=4, capsize=3, label=label)
    images = [baseline for baseline in baselines if baseline.name.endswith("training images")]
    if images:
        largest = images[-1]
        perfect = " (perfect model)" if largest.centres == SAMPLES else ""
        axes.axhline(largest.LL, color=GREEN, linestyle="--", linewidth=1.2)
        axes.plot(
            [baseline.centres for baseline in images],
            [baseline.LL for baseline in images],
            "D--",
            linewidth=0,
            color=GREEN,
            markersize=5,
            label=f"training images: {largest.LL:.1f} with {largest.centres:,}{perfect}",
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("n, the number of samples")
    axes.set_ylabel("LL of the test images, nats")
    plots.name_lines(axes)

"""The figure of few labels: the error on test images against the number of labels.

Each point is the mean over the subsets, with its standard error. Both axes are logarithmic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minigan.reports.few_labels import (
    INFERRED,
    PIXELS,
    TRAINED,
    UNTRAINED,
    FewLabels,
    mean_and_error,
)
from minigan.reports.figures import plots
from minigan.reports.figures.plots import BLUE, GREEN, ORANGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLES = {
    PIXELS: (ORANGE, "s--"),
    UNTRAINED: ("#7f7f7f", "^:"),
    TRAINED: (BLUE, "o-"),
    INFERRED: (GREEN, "D-."),
}
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def draw_label_curves(found: FewLabels, suffix: str) -> bytes:
    """The content of a .png, .svg or .pdf file."""

    def fill(figure: Figure) -> None:
        (axes,) = plots.row_of_axes(figure, 1)
        for name, errors in found.errors.items():
            heights, bars = zip(*map(mean_and_error, errors), strict=True)
            colour, style = STYLES[name]
            axes.errorbar(
                found.labels,
                [100 * height for height in heights],
                [100 * bar for bar in bars],
                fmt=style,
                color=colour,
                markersize=4,
                capsize=3,
                label=f"{name}: {100 * heights[-1]:.2f} % with {found.labels[-1]:,} labels",
            )
        axes.set_xscale("log")
        axes.set_xticks(found.labels, [f"{N:,}" for N in found.labels])
        axes.set_xticks([], minor=True)
        means = [100 * mean_and_error(one)[0] for curve in found.errors.values() for one in curve]
        if max(means):  # without any error, there is no logarithm
            axes.set_yscale("log")
        near = [tick for tick in TICKS if min(means) / 2 <= tick <= 2 * max(means)]
        axes.set_yticks(near, [f"{tick:g}" for tick in near])
        axes.set_yticks([], minor=True)
        axes.set_xlabel("labels")
        axes.set_ylabel(f"wrong {found.images}, %")
        plots.name_lines(axes)

    return plots.drawn(fill, suffix, figsize=(5.6, 4.6), layout="constrained")
